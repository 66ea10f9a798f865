//! Meta's payloads: one body becomes the notices in it.
//!
//! Every array and member may be missing, null or empty; unknown fields are ignored and unknown kinds kept raw. A part that
//! cannot be read becomes a notice of its own with the cause, and its neighbours go on.

mod content;
mod lenient;
mod message;
mod status;

use std::collections::HashMap;

use model::{NoticeBody, NoticeKey, NumberId};
use serde::Deserialize;
use serde::de::Deserializer;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::limits;

/// One notice as parsed: whose number it came in on is known, whose tenant that is not yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The business number, if the payload named one.
    pub number: Option<NumberId>,
    /// By what a second copy is known.
    pub key: NoticeKey,
    /// What it is.
    pub body: NoticeBody,
}

/// Why a whole body could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is no JSON object.
    #[error("the body is no JSON object: {0}")]
    NotAnObject(String),
    /// It holds more than it ever should.
    #[error("the body holds more than {} updates", limits::NOTICES_PER_BODY)]
    TooMany,
}

/// Takes a body apart.
pub fn parse(body: &[u8]) -> Result<Vec<Parsed>, Unreadable> {
    let whole: &RawValue =
        serde_json::from_slice(body).map_err(|error| Unreadable::NotAnObject(error.to_string()))?;
    let envelope: Envelope<'_> = object(whole).map_err(Unreadable::NotAnObject)?;
    let mut found = Vec::new();
    if envelope
        .object
        .as_deref()
        .is_some_and(|object| object != "whatsapp_business_account")
    {
        // Another of Meta's products on the same webhook: kept, and answered 200.
        found.push(kept(
            None,
            envelope.object.as_deref().unwrap_or("unknown"),
            whole,
        ));
        return Ok(found);
    }
    for entry in envelope.entry.iter().copied() {
        match object::<Entry<'_>>(entry) {
            Ok(entry) => entry
                .changes
                .iter()
                .for_each(|change| read_change(change, &mut found)),
            Err(error) => found.push(unreadable(None, &error, entry)),
        }
        if found.len() > limits::NOTICES_PER_BODY {
            return Err(Unreadable::TooMany);
        }
    }
    Ok(found)
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default, deserialize_with = "word")]
    object: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "list")]
    entry: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow, default, deserialize_with = "list")]
    changes: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Change<'a> {
    #[serde(borrow, default, deserialize_with = "word")]
    field: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Value<'a> {
    #[serde(borrow, default)]
    metadata: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "list")]
    contacts: Vec<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "list")]
    messages: Vec<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "list")]
    statuses: Vec<&'a RawValue>,
}

/// A person as the payload introduces them beside the messages.
struct Introduction {
    phone: Option<String>,
    user: Option<String>,
    name: Option<String>,
}

fn read_change(raw: &RawValue, found: &mut Vec<Parsed>) {
    let change: Change<'_> = match object(raw) {
        Ok(change) => change,
        Err(error) => return found.push(unreadable(None, &error, raw)),
    };
    let field = change.field.as_deref().unwrap_or("messages");
    let Some(inner) = change.value else {
        return found.push(kept(None, field, raw));
    };
    let value: Value<'_> = match object(inner) {
        Ok(value) => value,
        Err(error) => return found.push(unreadable(None, &error, raw)),
    };
    let number = value
        .metadata
        .and_then(|metadata| lenient::value(metadata).ok())
        .and_then(|metadata| message::number_or_words(&metadata, &["phone_number_id"]))
        .and_then(|number| NumberId::new(number).ok());
    if field != "messages" || (value.messages.is_empty() && value.statuses.is_empty()) {
        return found.push(kept(number, field, raw));
    }
    let people = People::read(&value.contacts);
    for raw in value.messages.iter().copied() {
        found.push(match message::read(raw, &people) {
            Ok(message) => Parsed {
                number: number.clone(),
                key: NoticeKey::message(&message.id),
                body: NoticeBody::Message(message),
            },
            Err(cause) => unreadable(number.clone(), &cause, raw),
        });
    }
    for raw in value.statuses.iter().copied() {
        found.push(match status::read(raw) {
            Ok(status) => Parsed {
                number: number.clone(),
                key: NoticeKey::status(&status),
                body: NoticeBody::Status(status),
            },
            Err(cause) => unreadable(number.clone(), &cause, raw),
        });
    }
}

/// The names and user ids that stand beside the messages, by phone and by user id.
struct People {
    by_id: HashMap<String, (Option<String>, Option<String>)>,
    only: Option<(Option<String>, Option<String>)>,
}

impl People {
    fn read(raw: &[&RawValue]) -> Self {
        let mut by_id = HashMap::new();
        let introductions: Vec<Introduction> = raw
            .iter()
            .filter_map(|contact| lenient::value(contact).ok())
            .map(|contact| Introduction::read(&contact))
            .collect();
        let only = match introductions.as_slice() {
            [one] => Some((one.name.clone(), one.user.clone())),
            _ => None,
        };
        for person in introductions {
            let known = (person.name, person.user.clone());
            if let Some(user) = person.user {
                by_id.insert(user, known.clone());
            }
            if let Some(phone) = person.phone {
                by_id.insert(phone, known);
            }
        }
        Self { by_id, only }
    }

    /// Name and user id of a sender; a lone introduction is the lone sender's, whatever it is keyed by.
    fn of(&self, id: Option<&str>) -> (Option<String>, Option<String>) {
        match id {
            Some(id) => self.by_id.get(id).cloned().unwrap_or_default(),
            None => self.only.clone().unwrap_or_default(),
        }
    }
}

impl Introduction {
    fn read(contact: &serde_json::Value) -> Self {
        let name: String = message::words(contact, &["profile", "name"])
            .unwrap_or_default()
            .trim()
            .chars()
            .filter(|c| !c.is_control())
            .take(limits::DISPLAY_NAME_CHARS)
            .collect();
        Self {
            phone: message::number_or_words(contact, &["wa_id"]),
            user: message::text(contact, &["user_id"]),
            name: (!name.is_empty()).then_some(name),
        }
    }
}

fn kept(number: Option<NumberId>, name: &str, raw: &RawValue) -> Parsed {
    let value =
        lenient::value(raw).unwrap_or_else(|_| serde_json::Value::String(raw.get().to_owned()));
    let body = NoticeBody::Other {
        name: name.chars().take(100).collect(),
        raw: value,
    };
    Parsed {
        number,
        key: NoticeKey::digest(&hex::encode(Sha256::digest(raw.get().as_bytes()))),
        body,
    }
}

fn unreadable(number: Option<NumberId>, cause: &dyn std::fmt::Display, raw: &RawValue) -> Parsed {
    kept(number, &format!("unreadable: {cause}"), raw)
}

/// Reads an object. Derived readers would take a list for one too, by position.
fn object<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, String> {
    if raw.get().starts_with('{') {
        serde_json::from_str(raw.get()).map_err(|error| error.to_string())
    } else {
        Err("it is no object".to_owned())
    }
}

/// A list that may be missing, null, or something else altogether: then it is empty.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<&'de RawValue>, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str::<Vec<&'de RawValue>>(raw.get()).unwrap_or_default())
}

/// A word that may be missing, null, or something else altogether: then there is none.
fn word<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<std::borrow::Cow<'de, str>>, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str(raw.get()).ok())
}

#[cfg(test)]
mod tests;
