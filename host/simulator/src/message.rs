//! Meta's rules for a message object that a business sends, whichever way it came.

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
        "interactive" => interactive(message)?,
        // Taken without a closer look: the object of that name must be there.
        kind @ ("image" | "video" | "audio" | "document" | "sticker" | "location" | "reaction"
        | "template") => {
            message
                .get(kind)
                .and_then(Value::as_object)
                .ok_or_else(|| format!("{kind} is missing"))?;
        }
        "contacts" => {
            message
                .get("contacts")
                .and_then(Value::as_array)
                .ok_or("contacts is missing")?;
        }
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

fn interactive(message: &Value) -> Result<(), String> {
    for part in ["header", "footer"] {
        let frame = message
            .pointer(&format!("/interactive/{part}/text"))
            .and_then(Value::as_str);
        frame.map_or(Ok(()), |frame| {
            at_most(
                &format!("interactive.{part}.text"),
                frame,
                limits::FRAME_CHARS,
            )
        })?;
    }
    match message.pointer("/interactive/type").and_then(Value::as_str) {
        Some("button") => {
            within(
                message,
                "interactive.body.text",
                limits::INTERACTIVE_BODY_CHARS,
            )?;
            let buttons = list(message, "interactive.action.buttons", limits::BUTTONS)?;
            let mut seen: Vec<(&str, &str)> = Vec::new();
            for button in buttons {
                if text(button, "type") != Some("reply") {
                    return Err("interactive.action.buttons: type is \"reply\"".to_owned());
                }
                within(button, "reply.id", limits::BUTTON_ID_CHARS)?;
                within(button, "reply.title", limits::BUTTON_TITLE_CHARS)?;
                let reply = button.get("reply").unwrap_or(&Value::Null);
                let (id, title) = (
                    text(reply, "id").unwrap_or_default(),
                    text(reply, "title").unwrap_or_default(),
                );
                if seen
                    .iter()
                    .any(|(seen_id, seen_title)| *seen_id == id || *seen_title == title)
                {
                    return Err(
                        "interactive.action.buttons: an id or a title stands twice".to_owned()
                    );
                }
                seen.push((id, title));
            }
            Ok(())
        }
        Some("list") => {
            within(message, "interactive.body.text", limits::LIST_BODY_CHARS)?;
            within(
                message,
                "interactive.action.button",
                limits::BUTTON_TITLE_CHARS,
            )?;
            let mut rows = 0;
            for section in list(message, "interactive.action.sections", limits::LIST_ROWS)? {
                if section.get("title").is_some() {
                    within(section, "title", limits::ROW_TITLE_CHARS)?;
                }
                for row in list(section, "rows", limits::LIST_ROWS)? {
                    rows += 1;
                    within(row, "id", limits::ROW_ID_CHARS)?;
                    within(row, "title", limits::ROW_TITLE_CHARS)?;
                    if let Some(description) = text(row, "description") {
                        at_most("description", description, limits::ROW_DESCRIPTION_CHARS)?;
                    }
                }
            }
            if rows > limits::LIST_ROWS {
                Err(format!("{rows} rows, at most {}", limits::LIST_ROWS))
            } else {
                Ok(())
            }
        }
        Some("cta_url") => {
            within(
                message,
                "interactive.body.text",
                limits::INTERACTIVE_BODY_CHARS,
            )?;
            within(
                message,
                "interactive.action.parameters.display_text",
                limits::BUTTON_TITLE_CHARS,
            )?;
            within(
                message,
                "interactive.action.parameters.url",
                limits::TEXT_CHARS,
            )
        }
        Some(kind) => Err(format!("interactive.type {kind:?} is unknown")),
        None => Err("interactive.type is missing".to_owned()),
    }
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
mod tests {
    use serde_json::json;

    use super::*;

    fn with(change: impl FnOnce(&mut Value)) -> Value {
        let mut message = json!({ "messaging_product": "whatsapp", "to": "+5511900000001", "type": "text", "text": { "body": "oi" } });
        change(&mut message);
        message
    }

    fn buttons(count: usize) -> Value {
        let button = |n| json!({ "type": "reply", "reply": { "id": format!("b{n}"), "title": format!("Button {n}") } });
        with(|message| {
            message["type"] = json!("interactive");
            message["interactive"] = json!({
                "type": "button", "body": { "text": "?" },
                "action": { "buttons": (0..count).map(button).collect::<Vec<_>>() },
            });
        })
    }

    #[test]
    fn what_meta_takes_is_taken() {
        let phone = Checked {
            to: "5511900000001".to_owned(),
            to_user: false,
        };
        assert_eq!(check(&with(|_| {})), Ok(phone.clone()));
        assert_eq!(
            check(&with(|m| m["text"]["body"] = json!("é".repeat(4096)))),
            Ok(phone.clone()),
            "characters, not bytes"
        );
        assert_eq!(check(&buttons(3)), Ok(phone));
        let user = with(|message| {
            message.as_object_mut().unwrap().remove("to");
            message["recipient"] = json!("BR.abc");
        });
        assert_eq!(
            check(&user),
            Ok(Checked {
                to: "BR.abc".to_owned(),
                to_user: true
            })
        );
    }

    #[test]
    fn what_meta_refuses_is_refused_with_the_reason() {
        let mut twins = buttons(2);
        twins["interactive"]["action"]["buttons"][1]["reply"]["id"] = json!("b0");
        let cases = [
            (
                with(|m| m["messaging_product"] = json!("sms")),
                "messaging_product",
            ),
            (with(|m| m["to"] = json!("Ana")), "no phone number"),
            (with(|m| m["to"] = Value::Null), "to is a string"),
            (
                with(|m| drop(m.as_object_mut().unwrap().remove("to"))),
                "to is missing",
            ),
            (
                with(|m| m["text"]["body"] = json!(" ")),
                "text.body is empty",
            ),
            (
                with(|m| m["text"]["body"] = json!("x".repeat(4097))),
                "4097 characters",
            ),
            (
                with(|m| drop(m.as_object_mut().unwrap().remove("text"))),
                "text.body is missing",
            ),
            (with(|m| m["type"] = json!("telegram")), "is unknown"),
            (with(|m| m["context"] = json!({})), "context.message_id"),
            (
                with(|m| m["biz_opaque_callback_data"] = json!("x".repeat(513))),
                "513 characters",
            ),
            (buttons(0), "has 0"),
            (buttons(4), "has 4, at most 3"),
            (twins, "stands twice"),
            (json!("hello"), "messaging_product"),
        ];
        for (message, expected) in cases {
            let problem = check(&message).unwrap_err();
            assert!(problem.contains(expected), "{message}: {problem}");
        }
    }

    #[test]
    fn a_read_mark_is_no_message() {
        assert_eq!(read_mark(&with(|_| {})), None);
        let mark = json!({
            "messaging_product": "whatsapp", "status": "read", "message_id": "wamid.A", "typing_indicator": { "type": "text" },
        });
        assert_eq!(
            read_mark(&mark),
            Some(Ok(ReadMark {
                message_id: "wamid.A".to_owned(),
                typing: true
            }))
        );
        assert!(
            read_mark(&json!({ "messaging_product": "whatsapp", "status": "read" }))
                .unwrap()
                .is_err()
        );
    }
}
