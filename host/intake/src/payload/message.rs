//! One inbound message.

use model::{ContactKey, Content, Message, Moment, Phone, TapOrigin, UserId, Wamid};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{People, object, status::seconds};

/// The members that every kind shares.
#[derive(Deserialize)]
struct Shared {
    id: String,
    from: Option<String>,
    from_user_id: Option<String>,
    timestamp: Value,
    #[serde(rename = "type")]
    kind: Option<String>,
    context: Option<Value>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// Reads one message, or says why it cannot be read.
pub(super) fn read(raw: &RawValue, people: &People) -> Result<Message, String> {
    let shared: Shared = object(raw)?;
    let id = Wamid::new(shared.id.as_str()).map_err(|error| error.to_string())?;
    let (from, name) = sender(&shared, people).ok_or("it names no sender")?;
    let sent_at = seconds(&shared.timestamp)
        .map(Moment::from_seconds)
        .ok_or("its timestamp is no number of seconds")?;
    let quoting = shared
        .context
        .as_ref()
        .and_then(|context| text(context, &["id"]))
        .and_then(|id| Wamid::new(id).ok());
    let content = content(&shared, raw);
    Ok(Message {
        id,
        from,
        name,
        sent_at,
        content,
        quoting,
    })
}

/// Who sent it. A user id may stand in either place, and some providers put it into `from`.
fn sender(shared: &Shared, people: &People) -> Option<(ContactKey, Option<String>)> {
    let (name, introduced) = people.of(shared.from.as_deref().or(shared.from_user_id.as_deref()));
    let phone = shared
        .from
        .as_deref()
        .and_then(|from| Phone::new(from.trim_start_matches('+')).ok());
    let misplaced = shared.from.as_deref().filter(|_| phone.is_none());
    let user = shared
        .from_user_id
        .as_deref()
        .or(introduced.as_deref())
        .or(misplaced);
    let user = user.and_then(|user| UserId::new(user).ok());
    Some((ContactKey::new(phone, user)?, name))
}

/// What it carries; a kind that is not understood, or that lacks what makes it that kind, is kept raw.
fn content(shared: &Shared, raw: &RawValue) -> Content {
    let kind = shared.kind.as_deref().unwrap_or("unknown");
    let part = shared.rest.get(kind).unwrap_or(&Value::Null);
    let understood = match kind {
        "text" => text(part, &["body"]).map(|body| Content::Text { body }),
        "button" => {
            let title = text(part, &["text"]);
            let id = text(part, &["payload"]).or_else(|| title.clone());
            id.map(|id| Content::Tap {
                title: title.unwrap_or_else(|| id.clone()),
                id,
                origin: TapOrigin::Template,
            })
        }
        "interactive" => tap(part, "button_reply", TapOrigin::Button)
            .or_else(|| tap(part, "list_reply", TapOrigin::Menu)),
        "image" | "video" | "audio" | "document" | "sticker" => {
            let is_voice =
                kind == "audio" && part.get("voice").and_then(Value::as_bool).unwrap_or(false);
            part.is_object().then(|| Content::Media {
                media: if is_voice { "voice" } else { kind }.to_owned(),
                id: text(part, &["id"]),
                caption: text(part, &["caption"]),
            })
        }
        _ => None,
    };
    understood.unwrap_or_else(|| {
        let raw =
            serde_json::from_str(raw.get()).unwrap_or_else(|_| Value::String(raw.get().to_owned()));
        Content::Other {
            name: kind.chars().take(64).collect(),
            raw,
        }
    })
}

fn tap(part: &Value, reply: &str, origin: TapOrigin) -> Option<Content> {
    let id = text(part, &[reply, "id"])?;
    let title = text(part, &[reply, "title"]).unwrap_or_else(|| id.clone());
    Some(Content::Tap { id, title, origin })
}

fn text(value: &Value, path: &[&str]) -> Option<String> {
    let leaf = path.iter().try_fold(value, |value, key| value.get(key))?;
    leaf.as_str().map(str::to_owned)
}
