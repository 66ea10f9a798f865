//! What a person does in WhatsApp that is no writing: taking back, changing, moving, opening the chat, letting be called.

use serde_json::{Value, json};

use super::{Who, text_message};
use crate::fields::{Fields, is_phone, object};
use crate::message::is_id;
use crate::network::now_ms;

/// The keys of `say` that are one of these each.
pub(super) const KINDS: [&str; 5] = ["edit", "revoke", "moved_to", "call_permission", "welcome"];

/// A permission to call ends after a week, unless it is for ever.
const PERMISSION_SECONDS: u64 = 7 * 24 * 60 * 60;

/// The message that a key and its value stand for.
pub(super) fn message(kind: &str, value: &Value, who: &Who) -> Result<Value, String> {
    match kind {
        "edit" => edit(kind, value),
        "revoke" => revoke(kind, value),
        "moved_to" => moved_to(value, who),
        "call_permission" => call_permission(value),
        "welcome" if *value == Value::Bool(true) => Ok(json!({ "type": "request_welcome" })),
        "welcome" => Err("welcome is true".to_owned()),
        _ => Err(format!("{kind} is no kind of message")),
    }
}

/// Other words for an earlier message.
pub(crate) fn edit(what: &str, value: &Value) -> Result<Value, String> {
    let fields = Fields::of(what, value, &["message", "text"])?;
    fields.needed("message")?;
    let original = fields.id("message")?;
    let text = fields
        .map
        .get("text")
        .ok_or_else(|| format!("{what}.text is missing"))?;
    let message = text_message(&format!("{what}.text"), text)?;
    Ok(json!({ "type": "edit", "edit": { "original_message_id": original, "message": message } }))
}

/// An earlier message is taken back.
pub(crate) fn revoke(what: &str, value: &Value) -> Result<Value, String> {
    match value.as_str() {
        Some(id) if is_id(id) => {
            Ok(json!({ "type": "revoke", "revoke": { "original_message_id": id } }))
        }
        _ => Err(format!("{what} is the id of a message")),
    }
}

/// WhatsApp's own notice that a person has another phone number, or another user id.
fn moved_to(value: &Value, who: &Who) -> Result<Value, String> {
    let wrong = || {
        "moved_to is a phone number, digits without +, or a user id, like \"BR.abc123\"".to_owned()
    };
    let new = value.as_str().ok_or_else(wrong)?;
    let (old, key) = if is_phone(new) {
        (&who.phone, "from")
    } else if is_id(new) && !new.starts_with('+') {
        (&who.user_id, "user_id")
    } else {
        return Err(wrong());
    };
    let old = old
        .as_deref()
        .ok_or_else(|| format!("{key} is missing: what it was before {new:?}"))?;
    if old == new {
        return Err(format!("moved_to is what {key} is already: {new:?}"));
    }
    let name = who.name.as_deref().unwrap_or(old);
    let body = format!("User {name} changed from {old} to {new}");
    let system = if key == "from" {
        json!({ "type": "user_changed_number", "body": body, "wa_id": new })
    } else {
        object([
            ("type", Some(json!("user_changed_user_id"))),
            ("body", Some(json!(body))),
            ("user_id", Some(json!(new))),
            ("wa_id", who.phone.as_ref().map(|phone| json!(phone))),
        ])
    };
    Ok(json!({ "type": "system", "system": system }))
}

/// Whether the business may call.
fn call_permission(value: &Value) -> Result<Value, String> {
    let wrong = || "call_permission is \"accept\", \"always\" or \"reject\"".to_owned();
    let until = now_ms() / 1000 + PERMISSION_SECONDS;
    let (response, is_permanent, until) = match value.as_str().ok_or_else(wrong)? {
        "accept" => ("accept", Some(false), Some(until)),
        "always" => ("accept", Some(true), None),
        "reject" => ("reject", None, None),
        _ => return Err(wrong()),
    };
    let reply = object([
        ("response", Some(json!(response))),
        (
            "is_permanent",
            is_permanent.map(|permanent| json!(permanent)),
        ),
        ("expiration_timestamp", until.map(|until| json!(until))),
        ("response_source", Some(json!("user_action"))),
    ]);
    let interactive = json!({ "type": "call_permission_reply", "call_permission_reply": reply });
    Ok(json!({ "type": "interactive", "interactive": interactive }))
}
