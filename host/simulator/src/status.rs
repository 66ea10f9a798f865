//! What becomes of a send, as Meta's statuses tell it.

use serde_json::{Value, json};

use crate::fields::object;
use crate::message::Checked;
use crate::network::{TOKEN, now_ms};

/// Meta's code of a message that could not be delivered, and nobody says why.
pub(crate) const UNDELIVERABLE: u64 = 131_026;

/// What happened to a message that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Sent,
    Delivered,
    Read,
    /// With Meta's code.
    Failed(u64),
}

impl Step {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed(_) => "failed",
        }
    }
}

/// A status of a send that this network took.
pub(crate) fn of_send(step: Step, wamid: &str, checked: &Checked, message: &Value) -> Value {
    let to = Some(json!(checked.to));
    let (phone, user) = if checked.to_user {
        (None, to)
    } else {
        (to, None)
    };
    let is_template = message.get("type").and_then(Value::as_str) == Some("template");
    let (pricing, errors) = match step {
        Step::Failed(code) => (None, Some(json!([error(code)]))),
        Step::Sent | Step::Delivered | Step::Read => (Some(pricing(is_template)), None),
    };
    object([
        ("id", Some(json!(wamid))),
        ("status", Some(json!(step.word()))),
        ("timestamp", Some(json!((now_ms() / 1000).to_string()))),
        ("recipient_id", phone),
        ("recipient_user_id", user),
        ("pricing", pricing),
        ("errors", errors),
        (
            TOKEN,
            message
                .get(TOKEN)
                .filter(|token| token.is_string())
                .cloned(),
        ),
    ])
}

/// Prices are by the message. What answers a customer is free; of a template nobody here knows the category, and it counts
/// as the dearest.
pub(crate) fn pricing(is_template: bool) -> Value {
    let (kind, category) = if is_template {
        ("regular", "marketing")
    } else {
        ("free_customer_service", "service")
    };
    json!({ "billable": is_template, "pricing_model": "PMP", "type": kind, "category": category })
}

/// An error as it stands in a status, and beside no message at all.
pub(crate) fn error(code: u64) -> Value {
    let (title, details) = match code {
        130_429 => (
            "Rate limit hit",
            "Too many messages were sent from this number in a short time.",
        ),
        UNDELIVERABLE => ("Message undeliverable", "Message Undeliverable."),
        131_047 => (
            "Re-engagement message",
            "More than 24 hours have passed since the customer last wrote.",
        ),
        131_049 => (
            "Not delivered, for a healthy ecosystem",
            "The customer has had enough marketing messages for today.",
        ),
        131_050 => (
            "Recipient stopped marketing messages",
            "The customer has stopped marketing messages.",
        ),
        131_056 => (
            "(Business Account, Consumer Account) pair rate limit hit",
            "Too many messages were sent to this customer in a short time.",
        ),
        _ => ("Message failed to send", "Something went wrong."),
    };
    json!({ "code": code, "title": title, "message": title, "error_data": { "details": details } })
}
