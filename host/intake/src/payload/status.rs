//! One status of something we sent.

use model::{Delivery, DeliveryError, Moment, SendToken, Status, Wamid};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::object;

#[derive(Deserialize)]
struct Raw {
    id: String,
    status: String,
    timestamp: Value,
    biz_opaque_callback_data: Option<Value>,
    errors: Option<Value>,
}

/// Reads one status, or says why it cannot be read.
pub(super) fn read(raw: &RawValue) -> Result<Status, String> {
    let raw: Raw = object(raw)?;
    let wamid = Wamid::new(raw.id).map_err(|error| error.to_string())?;
    let delivery = Delivery::parse(&raw.status)
        .ok_or_else(|| format!("its status {:?} is not known", raw.status))?;
    let at = seconds(&raw.timestamp)
        .map(Moment::from_seconds)
        .ok_or("its timestamp is no number of seconds")?;
    // Somebody else's sends on the same number carry whatever they like here: no token of ours, no error either.
    let token = raw
        .biz_opaque_callback_data
        .and_then(|token| SendToken::new(token.as_str()?).ok());
    Ok(Status {
        wamid,
        delivery,
        at,
        token,
        error: raw.errors.as_ref().and_then(first_error),
    })
}

fn first_error(errors: &Value) -> Option<DeliveryError> {
    let error = errors.get(0)?;
    let code = error
        .get("code")
        .and_then(|code| code.as_i64().or_else(|| code.as_str()?.parse().ok()))?;
    let title = error
        .get("title")
        .or_else(|| error.get("message"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    Some(DeliveryError {
        code,
        title: title.chars().take(300).collect(),
    })
}

/// WhatsApp writes seconds as a string; some senders as a number.
pub(super) fn seconds(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_str()?.parse().ok())
        .filter(|seconds| *seconds >= 0)
}
