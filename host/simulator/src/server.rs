//! The routes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use serde_json::json;

use crate::faults::Faults;
use crate::fields::nearest;
use crate::network::Network;
use crate::say::say;
use crate::tell::tell;
use crate::{aws, graph, limits, page};

pub(crate) fn router(network: Arc<Network>) -> Router {
    Router::new()
        .route("/", get(page::phone))
        .route("/_sim/say", post(say))
        .route("/_sim/tell", post(tell))
        .route("/_sim/record", get(record).delete(clear_record))
        .route("/_sim/faults", get(faults).put(put_faults))
        .route("/_sim/talk", get(talk))
        .route("/_sim/marks", get(marks))
        .route("/_sim/state", get(state))
        .route("/{version}/{number}/messages", post(graph::messages))
        .route("/v1/whatsapp/send", post(aws::send))
        .fallback(unknown)
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES))
        .layer(from_fn(from_here_alone))
        .with_state(network)
}

/// An error of the simulator's own interface.
pub(crate) fn problem(status: StatusCode, words: &str) -> Response {
    (status, Json(json!({ "error": words }))).into_response()
}

async fn record(
    State(network): State<Arc<Network>>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let place = match Place::parse(&query, &[]) {
        Ok(place) => place,
        Err(wrong) => return problem(StatusCode::BAD_REQUEST, &wrong),
    };
    let page = network
        .record
        .follow(place.after, place.wait, &network.stop, |_| true)
        .await;
    Json(json!({ "sends": page.entries, "next": page.next, "dropped": page.dropped }))
        .into_response()
}

async fn clear_record(State(network): State<Arc<Network>>) -> Response {
    let (cleared, next) = network.record.clear();
    Json(json!({ "cleared": cleared, "next": next })).into_response()
}

async fn talk(
    State(network): State<Arc<Network>>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let place = match Place::parse(&query, &["phone"]) {
        Ok(place) => place,
        Err(wrong) => return problem(StatusCode::BAD_REQUEST, &wrong),
    };
    let phone = query.get("phone");
    let wanted = |talk: &crate::network::Talk| phone.is_none_or(|phone| *phone == talk.phone);
    let page = network
        .talk
        .follow(place.after, place.wait, &network.stop, wanted)
        .await;
    Json(json!({ "talk": page.entries, "next": page.next, "dropped": page.dropped }))
        .into_response()
}

async fn marks(
    State(network): State<Arc<Network>>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let place = match Place::parse(&query, &[]) {
        Ok(place) => place,
        Err(wrong) => return problem(StatusCode::BAD_REQUEST, &wrong),
    };
    let page = network
        .marks
        .follow(place.after, place.wait, &network.stop, |_| true)
        .await;
    Json(json!({ "marks": page.entries, "next": page.next, "dropped": page.dropped }))
        .into_response()
}

async fn faults(State(network): State<Arc<Network>>) -> Response {
    Json(network.faults()).into_response()
}

async fn put_faults(State(network): State<Arc<Network>>, body: Bytes) -> Response {
    match Faults::parse(&body) {
        Ok(faults) => {
            network.put_faults(faults.clone());
            Json(faults).into_response()
        }
        Err(wrong) => problem(StatusCode::BAD_REQUEST, &wrong),
    }
}

async fn state(State(network): State<Arc<Network>>) -> Response {
    let body = json!({
        "number": network.number,
        "pending": network.postman.pending(),
        "given_up": network.postman.given_up(),
        "recorded": network.record.len(),
    });
    Json(body).into_response()
}

async fn unknown(uri: Uri) -> Response {
    const PATHS: [&str; 9] = [
        "/_sim/say",
        "/_sim/tell",
        "/_sim/record",
        "/_sim/faults",
        "/_sim/talk",
        "/_sim/marks",
        "/_sim/state",
        "/v24.0/PHONE_NUMBER_ID/messages",
        "/v1/whatsapp/send",
    ];
    let path: String = uri.path().chars().take(limits::ID_CHARS).collect();
    problem(
        StatusCode::NOT_FOUND,
        &format!(
            "there is nothing at {path:?}: did you mean {:?}?",
            nearest(&path, &PATHS)
        ),
    )
}

/// A page of some other site that a browser on this machine happens to show must not write to the host.
async fn from_here_alone(request: Request, next: Next) -> Response {
    if is_foreign(request.headers()) {
        return problem(
            StatusCode::FORBIDDEN,
            "a page of another origin may not use the simulator",
        );
    }
    next.run(request).await
}

fn is_foreign(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return false;
    };
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let is_own = origin
        .to_str()
        .is_ok_and(|origin| origin == format!("http://{host}"));
    // A name that someone else's DNS points at this machine is foreign too.
    let url = reqwest::Url::parse(&format!("http://{host}"));
    !(is_own && url.is_ok_and(|url| crate::is_loopback(&url)))
}

/// Where a reader is, and how long it waits for more.
struct Place {
    after: u64,
    wait: Duration,
}

impl Place {
    fn parse(query: &HashMap<String, String>, others: &[&str]) -> Result<Self, String> {
        let known: Vec<&str> = ["after", "wait_ms"].iter().chain(others).copied().collect();
        if let Some(unknown) = query.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(format!(
                "unknown parameter {unknown:?}: did you mean {:?}?",
                nearest(unknown, &known)
            ));
        }
        let number = |key: &str| match query.get(key) {
            None => Ok(0),
            Some(text) => text
                .parse::<u64>()
                .map_err(|_| format!("{key} is a whole number, not {text:?}")),
        };
        Ok(Self {
            after: number("after")?,
            wait: Duration::from_millis(number("wait_ms")?).min(limits::POLL_WAIT),
        })
    }
}
