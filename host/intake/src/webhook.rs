//! `GET` and `POST /webhooks/whatsapp`: Meta's handshake and its deliveries.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use model::{Notice, NumberId};
use serde::Deserialize;

use crate::numbers::Claim;
use crate::payload::{self, Parsed};
use crate::signature::{App, voucher};
use crate::{Accept, AppName, NotAccepted, Numbers, limits};

/// The path that Meta is told.
pub const PATH: &str = "/webhooks/whatsapp";

/// What the webhook needs to know.
pub struct Webhook {
    /// The Meta apps whose signatures count.
    pub apps: Vec<App>,
    /// The tokens that Meta may show in its handshake.
    pub verify_tokens: Vec<String>,
    /// Whose number is whose.
    pub numbers: Numbers,
    /// The number that a notice without one is kept under.
    pub no_number: NumberId,
    /// Who takes the notices in.
    pub accept: Arc<dyn Accept>,
}

/// The webhook's routes.
pub fn router(webhook: Webhook) -> Router {
    Router::new()
        .route(PATH, get(handshake).post(deliver))
        .with_state(Arc::new(webhook))
}

#[derive(Deserialize)]
struct Handshake {
    #[serde(rename = "hub.mode")]
    mode: Option<String>,
    #[serde(rename = "hub.verify_token")]
    verify_token: Option<String>,
    #[serde(rename = "hub.challenge")]
    challenge: Option<String>,
}

async fn handshake(
    State(webhook): State<Arc<Webhook>>,
    Query(handshake): Query<Handshake>,
) -> Response {
    let shown = handshake.verify_token.as_deref().unwrap_or_default();
    let fits = webhook.verify_tokens.iter().fold(false, |fits, token| {
        alike(token.as_bytes(), shown.as_bytes()) | fits
    });
    match (handshake.mode.as_deref(), fits, handshake.challenge) {
        (Some("subscribe"), true, Some(challenge)) => {
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], challenge).into_response()
        }
        (Some("subscribe"), false, _) => {
            (StatusCode::FORBIDDEN, "the verify token is not the one this host was given\n").into_response()
        }
        _ => (StatusCode::BAD_REQUEST, "this is Meta's webhook: it expects hub.mode=subscribe, hub.verify_token and hub.challenge\n")
            .into_response(),
    }
}

async fn deliver(State(webhook): State<Arc<Webhook>>, headers: HeaderMap, body: Body) -> Response {
    let Some(signature) = headers
        .get("x-hub-signature-256")
        .and_then(|value| value.to_str().ok())
    else {
        return refuse(
            StatusCode::UNAUTHORIZED,
            "the header X-Hub-Signature-256 is missing",
        );
    };
    let reading = axum::body::to_bytes(body, limits::BODY_BYTES);
    let body = match tokio::time::timeout(limits::BODY_WAIT, reading).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => {
            return refuse(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the body is larger than 3 MB, or it broke off",
            );
        }
        Err(_) => return refuse(StatusCode::REQUEST_TIMEOUT, "the body took too long"),
    };
    let Some(app) = voucher(&webhook.apps, signature, &body) else {
        return refuse(
            StatusCode::UNAUTHORIZED,
            "the signature fits none of this host's app secrets",
        );
    };
    let parsed = match payload::parse(&body) {
        Ok(parsed) => parsed,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let had_any = !parsed.is_empty();
    let notices: Vec<Notice> = parsed
        .into_iter()
        .filter_map(|parsed| webhook.claim(parsed, app))
        .collect();
    if notices.is_empty() {
        return match had_any {
            true => refuse(
                StatusCode::FORBIDDEN,
                "every notice is for a number of another Meta app",
            ),
            false => StatusCode::OK.into_response(),
        };
    }
    // I1: the 200 is said only when the ledger has it all.
    match webhook.accept.accept(notices).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(NotAccepted::Full { retry_after }) => {
            let seconds = retry_after.duration().as_secs().max(1).to_string();
            (
                StatusCode::SERVICE_UNAVAILABLE,
                [(header::RETRY_AFTER, seconds)],
                "the backlog is full\n",
            )
                .into_response()
        }
        Err(NotAccepted::Ledger { cause }) => {
            tracing::error!(%cause, "a delivery could not be stored; Meta will send it again");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "not stored: send it again\n",
            )
                .into_response()
        }
    }
}

impl Webhook {
    /// Whose a notice is. One that another app should have signed is dropped here (I13).
    fn claim(&self, parsed: Parsed, voucher: &AppName) -> Option<Notice> {
        let number = parsed.number.unwrap_or_else(|| self.no_number.clone());
        let tenant = match self.numbers.claim(&number, voucher) {
            Claim::Tenant(tenant) => tenant.clone(),
            Claim::Unclaimed(tenant) => {
                tracing::warn!(%number, "a notice for a number that no tenant owns: kept aside");
                tenant.clone()
            }
            Claim::Foreign => {
                tracing::warn!(%number, app = voucher.0, "refused: signed by an app that this number is not bound to");
                return None;
            }
        };
        Some(Notice {
            tenant,
            number,
            key: parsed.key,
            body: parsed.body,
        })
    }
}

fn refuse(status: StatusCode, why: &str) -> Response {
    tracing::warn!(status = status.as_u16(), why, "a delivery was refused");
    (status, format!("{why}\n")).into_response()
}

/// Equality whose time does not tell how much of it fitted.
fn alike(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left
            .iter()
            .zip(right)
            .fold(0, |differing, (a, b)| differing | (a ^ b))
            == 0
}
