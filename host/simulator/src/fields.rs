//! The members of a JSON object that somebody wrote by hand, and what is wrong with them in terms of that object.

use serde_json::{Map, Value, json};

use crate::limits;
use crate::message::is_id;

/// The members of one object, with its name for what is wrong.
pub(crate) struct Fields<'a> {
    pub(crate) what: String,
    pub(crate) map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(what: &str, value: &'a Value, known: &[&str]) -> Result<Self, String> {
        let map = value
            .as_object()
            .ok_or_else(|| format!("{what} is an object with {}", known.join(", ")))?;
        match map.keys().find(|key| !known.contains(&key.as_str())) {
            Some(unknown) => Err(format!(
                "unknown key {what}.{unknown}: did you mean {:?}?",
                nearest(unknown, known)
            )),
            None => Ok(Self {
                what: what.to_owned(),
                map,
            }),
        }
    }

    pub(crate) fn words(&self, key: &str) -> Result<Option<&'a str>, String> {
        match self.map.get(key) {
            None => Ok(None),
            Some(Value::String(words)) => Ok(Some(words)),
            Some(other) => Err(format!("{}.{key} is a string, not {other}", self.what)),
        }
    }

    pub(crate) fn value(&self, key: &str) -> Result<Option<Value>, String> {
        Ok(self.words(key)?.map(|words| json!(words)))
    }

    pub(crate) fn needed(&self, key: &str) -> Result<&'a str, String> {
        self.words(key)?
            .filter(|words| !words.is_empty())
            .ok_or_else(|| format!("{}.{key} is missing", self.what))
    }

    /// A member that is the id of a message, a person, a group.
    pub(crate) fn id(&self, key: &str) -> Result<Option<&'a str>, String> {
        match self.words(key)? {
            Some(id) if !is_id(id) => Err(format!(
                "{}.{key} is no id: ASCII without blanks",
                self.what
            )),
            id => Ok(id),
        }
    }

    /// A member that is a phone number.
    pub(crate) fn phone(&self, key: &str) -> Result<Option<&'a str>, String> {
        match self.words(key)? {
            Some(phone) if !is_phone(phone) => {
                Err(no_phone(&format!("{}.{key}", self.what), phone))
            }
            phone => Ok(phone),
        }
    }

    pub(crate) fn count(&self, key: &str) -> Result<Option<u64>, String> {
        match self.map.get(key) {
            None => Ok(None),
            Some(value) => value
                .as_u64()
                .map(Some)
                .ok_or_else(|| format!("{}.{key} is a whole number, 0 or more", self.what)),
        }
    }
}

pub(crate) fn some_of<'a>(what: &str, value: &'a Value) -> Result<&'a [Value], String> {
    match value.as_array().map(Vec::as_slice) {
        Some(found) if !found.is_empty() => Ok(found),
        _ => Err(format!("{what} is a list of one or more")),
    }
}

pub(crate) fn object(members: impl IntoIterator<Item = (&'static str, Option<Value>)>) -> Value {
    let there = members
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(there.collect())
}

/// Digits without `+`.
pub(crate) fn is_phone(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= limits::PHONE_DIGITS
        && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The known word that is spelt most like the given one.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> &'a str {
    let likeness = |known: &str| strsim::jaro_winkler(word, known);
    known
        .iter()
        .copied()
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)))
        .unwrap_or_default()
}

pub(crate) fn no_phone(what: &str, found: &str) -> String {
    format!("{what} {found:?} is no phone number: digits without +, like \"5511900000001\"")
}
