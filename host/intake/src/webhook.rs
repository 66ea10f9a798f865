//! `GET` and `POST /webhooks/whatsapp`: Meta's handshake and its deliveries.

use std::sync::Arc;

use axum::Router;
use axum::body::HttpBody;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use crate::answer::{Answer, Door};
use crate::entrance::{Entrance, Source, source};
use crate::limits;
use crate::payload::{self, Unreadable};
use crate::signature::{App, Signature, voucher};

/// The path that Meta is told.
pub const PATH: &str = "/webhooks/whatsapp";

/// What the webhook needs to know.
pub struct Webhook {
    /// The Meta apps whose signatures count.
    pub apps: Vec<App>,
    /// The tokens that Meta may show in its handshake.
    pub verify_tokens: Vec<String>,
    /// What it shares with the other doors.
    pub entrance: Arc<Entrance>,
}

/// The webhook's routes. Serve them with `into_make_service_with_connect_info::<SocketAddr>()`: without it all senders count as one.
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
    // A token that was left empty is none.
    let fits = fits && !shown.is_empty();
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

/// Cheap checks first, and nothing is parsed before the signature held.
async fn deliver(State(webhook): State<Arc<Webhook>>, request: Request) -> Response {
    let entrance = &webhook.entrance;
    let (head, body) = request.into_parts();
    let source = source(&head.extensions);
    let refuse = |answer, source| entrance.refuse(Door::Meta, answer, source);

    let looked = match signature(&head.headers) {
        None if entrance.is_spent(source) => Err(Answer::Limited),
        _ if !is_json(&head.headers) => Err(Answer::WrongType),
        _ if body.size_hint().lower() > limits::BODY_BYTES as u64 => Err(Answer::TooLarge),
        None => Err(Answer::Unsigned),
        Some(signature) => Ok(signature),
    };
    let signature = match looked {
        Ok(signature) => signature,
        Err(answer) => {
            entrance.linger(body);
            return refuse(answer, source);
        }
    };
    let body = match entrance.read(body, limits::BODY_BYTES, source).await {
        Ok(body) => body,
        Err(answer) => return refuse(answer, source),
    };
    let Some(voucher) = voucher(&webhook.apps, &signature, &body.bytes) else {
        return refuse(Answer::BadlySigned, source);
    };
    match payload::parse(&body.bytes, entrance.accept().now()) {
        Ok(parsed) => {
            let taking = entrance.take_and_answer(Door::Meta, parsed, voucher, Answer::Accepted);
            taking.await
        }
        Err(unreadable) => {
            let answer = match unreadable {
                Unreadable::NotAnObject(_) => Answer::NotAnObject,
                Unreadable::TooMany => Answer::TooMany,
                Unreadable::TooDeep => Answer::TooDeep,
            };
            refuse(answer, Source::Vouched)
        }
    }
}

fn signature(headers: &HeaderMap) -> Option<Signature> {
    Signature::parse(headers.get("x-hub-signature-256")?.to_str().ok()?)
}

/// JSON, or nothing that says otherwise.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else {
        return true;
    };
    let kind = kind.to_str().unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    kind == "application/json" || (kind.contains('/') && kind.ends_with("+json"))
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
