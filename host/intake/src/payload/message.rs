//! One inbound message: who, when, and what stands around its content.

use model::{Ad, ContactKey, Message, Moment, Phone, UserId, Wamid};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{People, content, lenient, status::seconds};

/// Reads one message, or says why it cannot be read.
pub(super) fn read(raw: &RawValue, people: &People) -> Result<Message, String> {
    let message = lenient::value(raw)?;
    if !message.is_object() {
        return Err("it is no object".to_owned());
    }
    let id = words(&message, &["id"]).ok_or("it has no id")?;
    let id = Wamid::new(id).map_err(|error| error.to_string())?;
    let (from, name) = sender(&message, people).ok_or("it names no sender")?;
    let sent_at = message
        .get("timestamp")
        .and_then(seconds)
        .map(Moment::from_seconds)
        .ok_or("its timestamp is no number of seconds")?;
    Ok(Message {
        id,
        from,
        name,
        sent_at,
        quoting: wamid(&message, &["context", "id"]),
        forwarded: ["forwarded", "frequently_forwarded"]
            .iter()
            .any(|mark| at(&message, &["context", mark]) == Some(&Value::Bool(true))),
        ad: ad(&message),
        content: content::read(message),
    })
}

/// Who sent it. A user id may stand in either place, and some providers put it into `from`.
fn sender(message: &Value, people: &People) -> Option<(ContactKey, Option<String>)> {
    let from = number_or_words(message, &["from"]);
    let user = words(message, &["from_user_id"]);
    let (name, introduced) = people.of(from.as_deref().or(user));
    let phone = from
        .as_deref()
        .and_then(|from| Phone::new(from.trim_start_matches('+')).ok());
    let misplaced = from.as_deref().filter(|_| phone.is_none());
    let user = user.or(introduced.as_deref()).or(misplaced);
    let user = user.and_then(|user| UserId::new(user).ok());
    Some((ContactKey::new(phone, user)?, name))
}

/// The advertisement that led into the chat.
fn ad(message: &Value) -> Option<Ad> {
    let referral = message.get("referral")?;
    Some(Ad {
        id: number_or_words(referral, &["source_id"])?,
        url: words(referral, &["source_url"]).map(str::to_owned),
        headline: words(referral, &["headline"]).map(str::to_owned),
    })
}

/// What stands at a path.
pub(super) fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, key| value.get(key))
}

/// The text at a path, if there is one that is not empty.
pub(super) fn words<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
    at(value, path)?.as_str().filter(|text| !text.is_empty())
}

/// The same, as text of one's own.
pub(super) fn text(value: &Value, path: &[&str]) -> Option<String> {
    words(value, path).map(str::to_owned)
}

/// The text at a path, or the number that some senders write without quotes.
pub(super) fn number_or_words(value: &Value, path: &[&str]) -> Option<String> {
    match at(value, path)? {
        Value::Number(number) => Some(number.to_string()),
        _ => text(value, path),
    }
}

/// The id of a message at a path.
pub(super) fn wamid(value: &Value, path: &[&str]) -> Option<Wamid> {
    Wamid::new(words(value, path)?).ok()
}
