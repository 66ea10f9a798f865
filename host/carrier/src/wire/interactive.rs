//! Words with something to tap beneath.

use model::{Button, Frame, Link, Menu, MenuSection};
use serde_json::{Value, json};

use super::members;

pub(super) fn buttons(body: &str, buttons: &[Button], frame: &Frame) -> Value {
    let reply = |button: &Button| json!({ "type": "reply", "reply": { "id": button.id, "title": button.title } });
    let buttons: Vec<Value> = buttons.iter().map(reply).collect();
    framed("button", body, frame, json!({ "buttons": buttons }))
}

pub(super) fn menu(menu: &Menu) -> Value {
    let sections: Vec<Value> = menu.sections.iter().map(section).collect();
    let action = json!({ "button": menu.label, "sections": sections });
    framed("list", &menu.body, &menu.frame, action)
}

fn section(section: &MenuSection) -> Value {
    let row = |row: &model::MenuRow| {
        members([
            ("id", Some(json!(row.id))),
            ("title", Some(json!(row.title))),
            (
                "description",
                row.description.as_ref().map(|text| json!(text)),
            ),
        ])
    };
    let rows: Vec<Value> = section.rows.iter().map(row).collect();
    members([
        ("title", section.title.as_ref().map(|title| json!(title))),
        ("rows", Some(json!(rows))),
    ])
}

pub(super) fn link(link: &Link) -> Value {
    let action = json!({
        "name": "cta_url",
        "parameters": { "display_text": link.label, "url": link.url },
    });
    framed("cta_url", &link.body, &link.frame, action)
}

fn framed(kind: &str, body: &str, frame: &Frame, action: Value) -> Value {
    let header = frame.header.as_ref();
    let footer = frame.footer.as_ref();
    members([
        ("type", Some(json!(kind))),
        (
            "header",
            header.map(|text| json!({ "type": "text", "text": text })),
        ),
        ("body", Some(json!({ "text": body }))),
        ("footer", footer.map(|text| json!({ "text": text }))),
        ("action", Some(action)),
    ])
}
