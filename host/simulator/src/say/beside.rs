//! What stands beside a message: the group it was written in, the ad it came through, what it replies to, whether it was
//! passed on.

use serde_json::{Map, Value, json};

use crate::fields::{Fields, is_phone, object};
use crate::message::is_id;
use crate::network::Network;
use crate::webhook::DISPLAY_NUMBER;

/// The keys of `say` that may stand beside what is said.
pub(super) const KEYS: [&str; 4] = ["group", "ad", "quoting", "forwarded"];

/// Puts them into the message, where WhatsApp has them for that kind.
pub(super) fn add(
    message: &mut Map<String, Value>,
    kind: &str,
    asked: &Map<String, Value>,
) -> Result<(), String> {
    for key in KEYS {
        let Some(value) = asked.get(key) else {
            continue;
        };
        if kind == "message" {
            return Err(format!("message bears its own {key}: write it there"));
        }
        if !goes_beside(key, kind) {
            return Err(format!("{key} does not go with {kind}"));
        }
        match key {
            "group" => {
                let group = value.as_str().filter(|group| is_id(group));
                let group = group.ok_or("group is the id of a group: ASCII without blanks")?;
                message.insert("group_id".to_owned(), json!(group));
            }
            "ad" => {
                message.insert("referral".to_owned(), referral(value)?);
            }
            "quoting" => {
                let id = value.as_str().filter(|id| is_id(id));
                let id = id.ok_or("quoting is the id of a message")?;
                context(message, "id", json!(id));
            }
            _ => context(message, passed_on(value)?, json!(true)),
        }
    }
    Ok(())
}

/// Says whose message is quoted, if they have a phone.
pub(super) fn quote(message: &mut Map<String, Value>, network: &Network) {
    let Some(Value::Object(context)) = message.get_mut("context") else {
        return;
    };
    let Some(id) = context.get("id").and_then(Value::as_str) else {
        return;
    };
    // What no person said, the business did.
    let from = network
        .who_said(id)
        .unwrap_or_else(|| DISPLAY_NUMBER.to_owned());
    if is_phone(&from) {
        context.insert("from".to_owned(), Value::String(from));
    }
}

fn goes_beside(key: &str, kind: &str) -> bool {
    match key {
        "group" => !matches!(kind, "moved_to" | "call_permission" | "welcome"),
        "ad" => matches!(kind, "text" | "media" | "welcome"),
        "quoting" => !matches!(
            kind,
            "edit" | "revoke" | "moved_to" | "welcome" | "reaction"
        ),
        _ => matches!(kind, "text" | "media" | "location" | "contacts"),
    }
}

fn context(message: &mut Map<String, Value>, key: &str, value: Value) {
    let context = message.entry("context").or_insert_with(|| json!({}));
    if let Some(context) = context.as_object_mut() {
        context.insert(key.to_owned(), value);
    }
}

fn passed_on(value: &Value) -> Result<&'static str, String> {
    match value {
        Value::Bool(true) => Ok("forwarded"),
        Value::String(often) if often == "often" => Ok("frequently_forwarded"),
        _ => Err("forwarded is true, or \"often\"".to_owned()),
    }
}

/// The ad or post that led here.
fn referral(value: &Value) -> Result<Value, String> {
    let known = [
        "id", "url", "type", "headline", "body", "media", "click", "welcome",
    ];
    let fields = Fields::of("ad", value, &known)?;
    let or = |key: &str, other: &str| -> Result<Value, String> {
        Ok(json!(fields.words(key)?.unwrap_or(other)))
    };
    let kind = fields.words("type")?.unwrap_or("ad");
    if !matches!(kind, "ad" | "post") {
        return Err(format!("ad.type is \"ad\" or \"post\", not {kind:?}"));
    }
    let media = fields.words("media")?.unwrap_or("image");
    let file = match media {
        "image" => "image_url",
        "video" => "video_url",
        _ => return Err(format!("ad.media is \"image\" or \"video\", not {media:?}")),
    };
    let welcome = fields.words("welcome")?.map(|text| json!({ "text": text }));
    Ok(object([
        ("source_url", Some(or("url", "https://shop.example/ad")?)),
        ("source_id", Some(or("id", "100000000000001")?)),
        ("source_type", Some(json!(kind))),
        ("headline", Some(or("headline", "The shop")?)),
        ("body", Some(or("body", "Write to us")?)),
        ("media_type", Some(json!(media))),
        (file, Some(json!(format!("https://shop.example/{media}")))),
        // A post was not clicked as an ad.
        (
            "ctwa_clid",
            (kind == "ad").then(|| or("click", "click-1")).transpose()?,
        ),
        ("welcome_message", welcome),
    ]))
}
