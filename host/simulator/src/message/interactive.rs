//! Words with something to tap beneath.

use serde_json::Value;

use super::{files, list, text, within, within_if_any};
use crate::limits;

pub(super) fn check(message: &Value) -> Result<(), String> {
    header(message)?;
    within_if_any(message, "interactive.footer.text", limits::FRAME_CHARS)?;
    match message.pointer("/interactive/type").and_then(Value::as_str) {
        Some("button") => buttons(message),
        Some("list") => menu(message),
        Some("cta_url") => link(message),
        Some(kind) => Err(format!("interactive.type {kind:?} is unknown")),
        None => Err("interactive.type is missing".to_owned()),
    }
}

fn header(message: &Value) -> Result<(), String> {
    let Some(header) = message.pointer("/interactive/header") else {
        return Ok(());
    };
    match text(header, "type") {
        Some("text") => within(message, "interactive.header.text", limits::FRAME_CHARS),
        Some(kind @ ("image" | "video" | "document")) => header
            .get(kind)
            .filter(|file| file.is_object())
            .ok_or_else(|| format!("interactive.header.{kind} is missing"))
            .and_then(files::source),
        Some(kind) => Err(format!("interactive.header.type {kind:?} is unknown")),
        None => Err("interactive.header.type is missing".to_owned()),
    }
}

fn buttons(message: &Value) -> Result<(), String> {
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
            return Err("interactive.action.buttons: an id or a title stands twice".to_owned());
        }
        seen.push((id, title));
    }
    Ok(())
}

fn menu(message: &Value) -> Result<(), String> {
    within(message, "interactive.body.text", limits::LIST_BODY_CHARS)?;
    within(
        message,
        "interactive.action.button",
        limits::BUTTON_TITLE_CHARS,
    )?;
    let sections = list(
        message,
        "interactive.action.sections",
        limits::LIST_SECTIONS,
    )?;
    let mut ids: Vec<&str> = Vec::new();
    for section in sections {
        if sections.len() > 1 && text(section, "title").is_none() {
            return Err(
                "interactive.action.sections: title is missing, and each needs one where there are several"
                    .to_owned(),
            );
        }
        within_if_any(section, "title", limits::SECTION_TITLE_CHARS)?;
        for row in list(section, "rows", limits::LIST_ROWS)? {
            within(row, "id", limits::ROW_ID_CHARS)?;
            within(row, "title", limits::ROW_TITLE_CHARS)?;
            if row.get("description").is_some() {
                within_if_any(row, "description", limits::ROW_DESCRIPTION_CHARS)?;
            }
            let id = text(row, "id").unwrap_or_default();
            if ids.contains(&id) {
                return Err(format!(
                    "interactive.action.sections: the row id {id:?} stands twice"
                ));
            }
            ids.push(id);
        }
    }
    if ids.len() > limits::LIST_ROWS {
        return Err(format!("{} rows, at most {}", ids.len(), limits::LIST_ROWS));
    }
    Ok(())
}

fn link(message: &Value) -> Result<(), String> {
    within(
        message,
        "interactive.body.text",
        limits::INTERACTIVE_BODY_CHARS,
    )?;
    if message
        .pointer("/interactive/action/name")
        .and_then(Value::as_str)
        != Some("cta_url")
    {
        return Err("interactive.action.name is \"cta_url\"".to_owned());
    }
    let parameters = "interactive.action.parameters";
    within(
        message,
        &format!("{parameters}.display_text"),
        limits::BUTTON_TITLE_CHARS,
    )?;
    files::address(message, &format!("{parameters}.url"))
}
