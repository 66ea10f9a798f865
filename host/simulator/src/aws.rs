//! AWS's face: SendWhatsAppMessage of End User Messaging Social. Signatures are not checked, as in every emulator.

use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::line::Line;
use crate::message::{check, read_mark};
use crate::network::{Network, Outcome, Via, bare};

/// Bytes of a message before base64, as AWS's model has it.
const MESSAGE_BYTES: usize = 2_048_000;
/// Characters of a number's id or ARN, as AWS's model has it.
const ORIGINATION_CHARS: usize = 115;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Call {
    origination_phone_number_id: Option<String>,
    message: Option<String>,
    meta_api_version: Option<String>,
}

pub(crate) async fn send(
    State(network): State<Arc<Network>>,
    ConnectInfo(line): ConnectInfo<Line>,
    body: Bytes,
) -> Response {
    let (number, message) = match read(&network, &body) {
        Ok(read) => read,
        Err(refusal) => {
            network.refuse(
                &refusal.number,
                refusal.message,
                Outcome::Refused,
                Via::Aws,
                &refusal.cause,
            );
            return error(refusal.status, refusal.exception, &refusal.cause);
        }
    };
    match read_mark(&message) {
        Some(Ok(mark)) => {
            network.mark(&number, mark, Via::Aws);
            return accepted(&network.new_id());
        }
        Some(Err(cause)) => return invalid(&network, &number, message, &cause),
        None => {}
    }
    let checked = match check(&message) {
        Ok(checked) => checked,
        Err(cause) => return invalid(&network, &number, message, &cause),
    };

    let reply = network.take(&number, message, &checked, Via::Aws);
    tokio::time::sleep(reply.late).await;
    match reply.outcome {
        Outcome::Throttled => error(
            StatusCode::TOO_MANY_REQUESTS,
            "ThrottledRequestException",
            "too many requests",
        ),
        Outcome::Overloaded => error(
            StatusCode::SERVICE_UNAVAILABLE,
            "ServiceUnavailableException",
            "too many webhooks wait for the host",
        ),
        Outcome::Accepted => accepted(reply.wamid.as_deref().unwrap_or_default()),
        Outcome::DroppedReply | Outcome::Lost => {
            line.cut();
            accepted("")
        }
        Outcome::Failed | Outcome::Refused | Outcome::Unauthorized => error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalServiceException",
            "something went wrong",
        ),
    }
}

/// Why a call could not be read, with as much of it as could be.
struct Refusal {
    number: String,
    message: Value,
    status: StatusCode,
    exception: &'static str,
    cause: String,
}

/// The number as Meta knows it, and the message.
fn read(network: &Network, body: &[u8]) -> Result<(String, Value), Refusal> {
    let refusal = |number: &str, cause: String| Refusal {
        number: number.to_owned(),
        message: Value::Null,
        status: StatusCode::BAD_REQUEST,
        exception: "ValidationException",
        cause,
    };
    let call: Call = serde_json::from_slice(body)
        .map_err(|wrong| refusal("", format!("the body cannot be read: {wrong}")))?;
    let Some(origination) = call.origination_phone_number_id else {
        return Err(refusal(
            "",
            "originationPhoneNumberId is missing".to_owned(),
        ));
    };
    if !is_origination(&origination) {
        return Err(refusal(
            "",
            "originationPhoneNumberId is phone-number-id-… with 32 hex digits, or its ARN"
                .to_owned(),
        ));
    }
    let decoded = match call.message {
        None => Err("message is missing".to_owned()),
        Some(message) => STANDARD
            .decode(message)
            .map_err(|wrong| format!("message is no base64: {wrong}")),
    };
    let decoded = decoded.map_err(|cause| refusal(&origination, cause))?;
    if decoded.is_empty() || decoded.len() > MESSAGE_BYTES {
        return Err(refusal(
            &origination,
            format!(
                "message has {} bytes, 1 to {MESSAGE_BYTES} are allowed",
                decoded.len()
            ),
        ));
    }
    let message = serde_json::from_slice::<Value>(&decoded)
        .ok()
        .filter(Value::is_object);
    let message =
        message.ok_or_else(|| refusal(&origination, "message is no JSON object".to_owned()))?;
    if !call.meta_api_version.as_deref().is_some_and(is_version) {
        return Err(Refusal {
            message,
            ..refusal(&origination, "metaApiVersion is v20.0 to v24.0".to_owned())
        });
    }
    match network.numbers.get(bare(&origination)) {
        Some(number) => Ok((number.clone(), message)),
        // Told of no numbers, it takes them all for its own.
        None if network.numbers.is_empty() => Ok((network.number.clone(), message)),
        None => Err(Refusal {
            message,
            status: StatusCode::NOT_FOUND,
            exception: "ResourceNotFoundException",
            ..refusal(&origination, "no such phone number".to_owned())
        }),
    }
}

fn invalid(network: &Network, number: &str, message: Value, cause: &str) -> Response {
    network.refuse(number, message, Outcome::Refused, Via::Aws, cause);
    error(StatusCode::BAD_REQUEST, "InvalidParametersException", cause)
}

/// AWS's own id, which is not WhatsApp's: callers must not take one for the other.
fn accepted(wamid: &str) -> Response {
    let digits: String = wamid
        .bytes()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>()
        .chars()
        .rev()
        .take(32)
        .collect();
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or("0");
    let id = format!(
        "{}-{}-{}-{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32)
    );
    with_id(Json(json!({ "messageId": id })).into_response())
}

fn error(status: StatusCode, exception: &'static str, cause: &str) -> Response {
    let body = Json(json!({ "__type": exception, "message": cause }));
    with_id((status, [("x-amzn-errortype", exception)], body).into_response())
}

fn with_id(mut response: Response) -> Response {
    let id = HeaderValue::from_static("00000000-0000-4000-8000-000000000000");
    response
        .headers_mut()
        .insert(HeaderName::from_static("x-amzn-requestid"), id);
    response
}

fn is_origination(id: &str) -> bool {
    if id.is_empty() || id.len() > ORIGINATION_CHARS {
        return false;
    }
    let name = if id.starts_with("arn:") {
        id.split_once(":phone-number-id/").map(|(_, name)| name)
    } else {
        Some(id)
    };
    let bears_prefix = id.starts_with("arn:") || id.starts_with("phone-number-id-");
    bears_prefix
        && name
            .map(bare)
            .is_some_and(|hex| hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_version(text: &str) -> bool {
    matches!(text, "v20.0" | "v21.0" | "v22.0" | "v23.0" | "v24.0")
}
