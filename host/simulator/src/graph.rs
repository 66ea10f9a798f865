//! Meta's face: `POST /{version}/{phone_number_id}/messages`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::line::Line;
use crate::message::{check, is_id, read_mark};
use crate::network::{Network, Outcome, Via};

pub(crate) async fn messages(
    State(network): State<Arc<Network>>,
    ConnectInfo(line): ConnectInfo<Line>,
    Path((version, number)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let message: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    if !bears_token(&headers) {
        network.refuse(
            &number,
            message,
            Outcome::Unauthorized,
            Via::Graph,
            "no bearer token",
        );
        return error(
            StatusCode::UNAUTHORIZED,
            190,
            "Invalid OAuth access token - Cannot parse access token",
            "",
        );
    }
    let refuse = |message, code, details: &str| {
        network.refuse(&number, message, Outcome::Refused, Via::Graph, details);
        error(
            StatusCode::BAD_REQUEST,
            code,
            "(#100) Invalid parameter",
            details,
        )
    };
    if !is_version(&version) {
        return refuse(
            message,
            2500,
            "the version in the path is written like v24.0",
        );
    }
    if !is_id(&number) {
        return refuse(message, 100, "the phone number id in the path is none");
    }
    if !message.is_object() {
        return refuse(message, 100, "the body is no JSON object");
    }
    match read_mark(&message) {
        Some(Ok(mark)) => {
            network.mark(&number, mark, Via::Graph);
            return Json(json!({ "success": true })).into_response();
        }
        Some(Err(details)) => return refuse(message, 100, &details),
        None => {}
    }
    let checked = match check(&message) {
        Ok(checked) => checked,
        Err(details) => return refuse(message, 100, &details),
    };

    let contact =
        json!({ "input": message.get("to").or(message.get("recipient")), "wa_id": checked.to });
    let reply = network.take(&number, message, &checked, Via::Graph);
    tokio::time::sleep(reply.late).await;
    match reply.outcome {
        Outcome::Throttled => {
            let details = "Message failed to send because there were too many messages sent from this phone number";
            error(
                StatusCode::TOO_MANY_REQUESTS,
                130_429,
                "(#130429) Rate limit hit",
                details,
            )
        }
        Outcome::Overloaded => error(
            StatusCode::SERVICE_UNAVAILABLE,
            131_016,
            "(#131016) Service unavailable",
            "too many webhooks wait for the host",
        ),
        Outcome::Accepted | Outcome::DroppedReply | Outcome::Lost => {
            if reply.outcome != Outcome::Accepted {
                line.cut();
            }
            let body = json!({
                "messaging_product": "whatsapp",
                "contacts": [contact],
                "messages": [{ "id": reply.wamid }],
            });
            Json(body).into_response()
        }
        Outcome::Failed | Outcome::Refused | Outcome::Unauthorized => error(
            StatusCode::INTERNAL_SERVER_ERROR,
            131_000,
            "(#131000) Something went wrong",
            "",
        ),
    }
}

/// Meta's shape of an error.
fn error(status: StatusCode, code: i64, message: &str, details: &str) -> Response {
    let error = json!({
        "message": message,
        "type": "OAuthException",
        "code": code,
        "error_data": { "messaging_product": "whatsapp", "details": details },
        "fbtrace_id": "A0000000000000000000000",
    });
    (status, Json(json!({ "error": error }))).into_response()
}

fn bears_token(headers: &HeaderMap) -> bool {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    token
        .and_then(|value| value.split_once(' '))
        .is_some_and(|(scheme, token)| {
            scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty()
        })
}

fn is_version(text: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.strip_prefix('v')
        .and_then(|rest| rest.split_once('.'))
        .is_some_and(|(major, minor)| number(major) && number(minor))
}
