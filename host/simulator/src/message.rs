//! Meta's rules for a message object that a business sends, whichever way it came.

mod cards;
mod files;
mod interactive;
mod template;

use serde_json::Value;

use crate::limits;

/// A message that WhatsApp would take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checked {
    /// Digits of a phone, or a user id.
    pub(crate) to: String,
    /// Whether `to` is a user id.
    pub(crate) to_user: bool,
}

/// A read mark, which may show that an answer is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReadMark {
    pub(crate) message_id: String,
    pub(crate) typing: bool,
}

/// A read mark, if the object is one; it is told from a message by its `status`.
pub(crate) fn read_mark(message: &Value) -> Option<Result<ReadMark, String>> {
    message.get("status")?;
    Some((|| {
        product(message)?;
        if text(message, "status") != Some("read") {
            return Err("status is \"read\" or absent".to_owned());
        }
        let message_id = text(message, "message_id").ok_or("message_id is missing")?;
        let typing = match message.get("typing_indicator") {
            None | Some(Value::Null) => false,
            Some(typing) if text(typing, "type") == Some("text") => true,
            Some(_) => return Err("typing_indicator.type is \"text\"".to_owned()),
        };
        Ok(ReadMark {
            message_id: message_id.to_owned(),
            typing,
        })
    })())
}

/// Checks a message as Meta does; says what is wrong in terms of its JSON.
pub(crate) fn check(message: &Value) -> Result<Checked, String> {
    product(message)?;
    let (to, to_user) = recipient(message)?;
    if let Some(kind) = message
        .get("recipient_type")
        .and_then(Value::as_str)
        .filter(|kind| *kind != "individual")
    {
        return Err(format!("recipient_type {kind:?} is not \"individual\""));
    }
    match message.get("biz_opaque_callback_data") {
        None | Some(Value::Null) => {}
        Some(Value::String(token)) => {
            at_most("biz_opaque_callback_data", token, limits::CALLBACK_CHARS)?;
        }
        Some(_) => return Err("biz_opaque_callback_data is a string".to_owned()),
    }
    if message
        .get("context")
        .is_some_and(|context| text(context, "message_id").is_none())
    {
        return Err("context.message_id is missing".to_owned());
    }
    match text(message, "type").unwrap_or("text") {
        "text" => within(message, "text.body", limits::TEXT_CHARS)?,
        "interactive" => interactive::check(message)?,
        kind @ ("image" | "video" | "audio" | "document" | "sticker") => {
            files::check(kind, object(message, kind)?)?;
        }
        "template" => template::check(object(message, "template")?)?,
        "location" => cards::location(object(message, "location")?)?,
        "contacts" => cards::contacts(message)?,
        "reaction" => cards::reaction(object(message, "reaction")?)?,
        kind => return Err(format!("type {kind:?} is unknown")),
    }
    Ok(Checked { to, to_user })
}

fn product(message: &Value) -> Result<(), String> {
    match text(message, "messaging_product") {
        Some("whatsapp") => Ok(()),
        _ => Err("messaging_product is \"whatsapp\"".to_owned()),
    }
}

fn recipient(message: &Value) -> Result<(String, bool), String> {
    match (message.get("to"), message.get("recipient")) {
        (Some(to), _) => {
            let to = to.as_str().ok_or("to is a string")?;
            let digits = to.strip_prefix('+').unwrap_or(to);
            let is_phone = digits.bytes().all(|byte| byte.is_ascii_digit());
            if digits.is_empty() || !is_phone || digits.len() > limits::PHONE_DIGITS {
                return Err("to is no phone number".to_owned());
            }
            Ok((digits.to_owned(), false))
        }
        (None, Some(user)) => match user.as_str() {
            Some(user) if is_id(user) => Ok((user.to_owned(), true)),
            _ => Err("recipient is no user id".to_owned()),
        },
        (None, None) => Err("to is missing".to_owned()),
    }
}

/// The object of a kind, which stands in a member of its name.
fn object<'a>(message: &'a Value, kind: &str) -> Result<&'a Value, String> {
    message
        .get(kind)
        .filter(|object| object.is_object())
        .ok_or_else(|| format!("{kind} is missing"))
}

/// A text at a dotted path that must be there, not blank, and not too long. Characters, not bytes.
fn within(message: &Value, path: &str, most: usize) -> Result<(), String> {
    let pointer = format!("/{}", path.replace('.', "/"));
    match message.pointer(&pointer).and_then(Value::as_str) {
        None => Err(format!("{path} is missing")),
        Some(found) if found.trim().is_empty() => Err(format!("{path} is empty")),
        Some(found) => at_most(path, found, most),
    }
}

/// The same, if there is anything at the path.
fn within_if_any(message: &Value, path: &str, most: usize) -> Result<(), String> {
    let pointer = format!("/{}", path.replace('.', "/"));
    match message.pointer(&pointer) {
        None => Ok(()),
        Some(Value::String(_)) => within(message, path, most),
        Some(_) => Err(format!("{path} is a string")),
    }
}

fn at_most(path: &str, found: &str, most: usize) -> Result<(), String> {
    let count = found.chars().count();
    if count > most {
        Err(format!("{path} has {count} characters, at most {most}"))
    } else {
        Ok(())
    }
}

fn list<'a>(message: &'a Value, path: &str, most: usize) -> Result<&'a [Value], String> {
    let pointer = format!("/{}", path.replace('.', "/"));
    match message.pointer(&pointer).and_then(Value::as_array) {
        None => Err(format!("{path} is missing")),
        Some(found) if found.is_empty() || found.len() > most => {
            Err(format!("{path} has {}, at most {most}", found.len()))
        }
        Some(found) => Ok(found),
    }
}

/// An id as it may stand in a path, a header or a log.
pub(crate) fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= limits::ID_CHARS
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn text<'a>(message: &'a Value, key: &str) -> Option<&'a str> {
    message.get(key).and_then(Value::as_str)
}

#[cfg(test)]
mod tests;
