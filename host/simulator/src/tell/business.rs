//! What concerns the business: its sends, its templates, its numbers, its account.

use serde_json::{Value, json};

use super::{Scene, Told};
use crate::delivery::{Content, Sight};
use crate::fields::{Fields, object};
use crate::limits;
use crate::network::TOKEN;
use crate::status::{UNDELIVERABLE, error as meta_error, pricing};
use crate::webhook::{Change, DISPLAY_NUMBER};

/// What happened to a send that this network need not know.
pub(super) fn status(value: &Value, scene: &Scene<'_>) -> Result<Told, String> {
    let known = [
        "message", "status", "to", "user_id", "group", "token", "code",
    ];
    let fields = Fields::of("status", value, &known)?;
    let id = fields.id("message")?;
    let id = id.map_or_else(|| scene.network.new_id(), str::to_owned);
    let word = fields.words("status")?.unwrap_or("delivered");
    let (to, user_id, group) = (
        fields.phone("to")?,
        fields.id("user_id")?,
        fields.id("group")?,
    );
    let code = fields.count("code")?;
    if code.is_some() && word != "failed" {
        return Err("status.code goes with the status \"failed\"".to_owned());
    }
    let errors = (word == "failed").then(|| json!([meta_error(code.unwrap_or(UNDELIVERABLE))]));
    let priced = matches!(word, "sent" | "delivered" | "read").then(|| pricing(false));
    let recipient = group.or(to).map(|recipient| json!(recipient));
    let participant = |key, id: Option<&str>| {
        let key = if group.is_some() { key } else { return None };
        id.map(|id| (key, Some(json!(id))))
    };
    let mut members = vec![
        ("id", Some(json!(id))),
        ("status", Some(json!(word))),
        ("timestamp", Some(json!(scene.now.to_string()))),
        ("recipient_id", recipient),
        ("recipient_type", group.map(|_| json!("group"))),
        ("pricing", priced),
        ("errors", errors),
        (TOKEN, fields.value("token")?),
    ];
    // Of a group's message, each member has statuses.
    members.extend(participant("recipient_participant_id", to));
    members.extend(participant("recipient_participant_user_id", user_id));
    if group.is_none() {
        members.push(("recipient_user_id", user_id.map(|id| json!(id))));
    }
    let change = Change::status(scene.number, &object(members));
    let sight = Sight {
        id,
        ..Sight::default()
    };
    Ok(Told {
        content: Content::Change(change),
        sight,
    })
}

/// What became of a template.
pub(super) fn template(value: &Value) -> Result<Told, String> {
    let known = ["name", "event", "language", "reason", "id", "category"];
    let fields = Fields::of("template", value, &known)?;
    Ok(told(
        "message_template_status_update",
        object([
            ("event", Some(json!(word(&fields, "event", "APPROVED")?))),
            (
                "message_template_id",
                Some(json!(fields.count("id")?.unwrap_or(1_000_000_000_000_001))),
            ),
            ("message_template_name", Some(json!(fields.needed("name")?))),
            (
                "message_template_language",
                Some(json!(word(&fields, "language", "en_US")?)),
            ),
            ("message_template_category", fields.value("category")?),
            ("reason", Some(json!(word(&fields, "reason", "NONE")?))),
        ]),
    ))
}

/// What Meta thinks of the number.
pub(super) fn quality(value: &Value) -> Result<Told, String> {
    let fields = Fields::of("quality", value, &["event", "limit", "old_limit"])?;
    Ok(told(
        "phone_number_quality_update",
        object([
            ("display_phone_number", Some(json!(DISPLAY_NUMBER))),
            ("event", Some(json!(word(&fields, "event", "DOWNGRADE")?))),
            (
                "current_limit",
                Some(json!(word(&fields, "limit", "TIER_1K")?)),
            ),
            ("old_limit", fields.value("old_limit")?),
        ]),
    ))
}

/// Something went wrong, and it concerns no message.
pub(super) fn error(value: &Value, scene: &Scene<'_>) -> Result<Told, String> {
    let fields = Fields::of("error", value, &["code"])?;
    let code = fields
        .count("code")?
        .filter(|code| *code < limits::ERROR_CODE)
        .ok_or("error.code is one of Meta's error codes, like 130429")?;
    let content = json!({ "errors": [meta_error(code)] });
    let change = Change::on_number("messages", scene.number, content);
    Ok(Told::unseen(Content::Change(change)))
}

/// Any field, with a value that says everything itself.
pub(super) fn update(value: &Value) -> Result<Told, String> {
    let fields = Fields::of("update", value, &["field", "value"])?;
    let field = fields.needed("field")?;
    let value = fields.map.get("value").filter(|value| value.is_object());
    let value = value.ok_or("update.value is an object, as Meta sends it")?;
    Ok(told(field, value.clone()))
}

fn told(field: &str, value: Value) -> Told {
    Told::unseen(Content::Change(Change::new(field, value)))
}

fn word<'a>(fields: &Fields<'a>, key: &str, other: &'a str) -> Result<&'a str, String> {
    Ok(fields
        .words(key)?
        .filter(|word| !word.is_empty())
        .unwrap_or(other))
}
