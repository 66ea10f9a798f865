//! What reached the customer's phone: Meta's JSON, as the simulator recorded it, read back into a message.

use model::{
    Button, Card, Frame, Link, Location, MediaKind, MediaSource, Menu, MenuRow, MenuSection,
    Outgoing, OutgoingMedia, Template, TemplateButton, TemplateButtonFill, TemplateCategory,
    TemplateHeader, TemplateParameter, Wamid,
};
use serde_json::Value;

/// The message, or nothing if it is of a kind or shape that this host does not send.
pub(super) fn message(wire: &Value) -> Option<Outgoing> {
    let kind = text(wire, "type").unwrap_or("text");
    let part = wire.get(kind)?;
    Some(match kind {
        "text" => Outgoing::Text {
            body: owned(part, "body")?,
        },
        "interactive" => interactive(part)?,
        "template" => Outgoing::Template(template(part)?),
        "location" => Outgoing::Location(Location {
            latitude: part.get("latitude")?.as_f64()?,
            longitude: part.get("longitude")?.as_f64()?,
            name: owned(part, "name"),
            address: owned(part, "address"),
        }),
        "contacts" => Outgoing::Contacts {
            cards: part.as_array()?.iter().map(card).collect::<Option<_>>()?,
        },
        "reaction" => Outgoing::Reaction {
            message: Wamid::new(text(part, "message_id")?).ok()?,
            emoji: owned(part, "emoji")?,
        },
        _ => Outgoing::Media(OutgoingMedia {
            media: MediaKind::parse(kind)?,
            source: source(part)?,
            caption: owned(part, "caption"),
            filename: owned(part, "filename"),
        }),
    })
}

fn interactive(part: &Value) -> Option<Outgoing> {
    let below = |pointer: &str| {
        part.pointer(pointer)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let body = below("/body/text")?;
    let frame = Frame {
        header: below("/header/text"),
        footer: below("/footer/text"),
    };
    match text(part, "type")? {
        "button" => {
            let button = |button: &Value| {
                let reply = button.get("reply")?;
                Some(Button {
                    id: owned(reply, "id")?,
                    title: owned(reply, "title")?,
                })
            };
            let buttons = all(part.pointer("/action/buttons"), button)?;
            Some(Outgoing::Buttons {
                body,
                buttons,
                frame,
            })
        }
        "list" => {
            let label = below("/action/button")?;
            let sections = all(part.pointer("/action/sections"), section)?;
            Some(Outgoing::Menu(Menu {
                body,
                label,
                sections,
                frame,
            }))
        }
        "cta_url" => {
            let label = below("/action/parameters/display_text")?;
            let url = below("/action/parameters/url")?;
            Some(Outgoing::Link(Link {
                body,
                label,
                url,
                frame,
            }))
        }
        _ => None,
    }
}

fn section(section: &Value) -> Option<MenuSection> {
    let row = |row: &Value| {
        Some(MenuRow {
            id: owned(row, "id")?,
            title: owned(row, "title")?,
            description: owned(row, "description"),
        })
    };
    Some(MenuSection {
        title: owned(section, "title"),
        rows: all(section.get("rows"), row)?,
    })
}

fn template(part: &Value) -> Option<Template> {
    let mut template = Template {
        name: owned(part, "name")?,
        language: part.pointer("/language/code")?.as_str()?.to_owned(),
        // The phone is not told, and nothing here shows it.
        category: TemplateCategory::Utility,
        header: None,
        parameters: Vec::new(),
        buttons: Vec::new(),
    };
    for component in part
        .get("components")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let first = component.pointer("/parameters/0");
        match text(component, "type")? {
            "header" => template.header = Some(header(first?)?),
            "body" => template.parameters = all(component.get("parameters"), parameter)?,
            _ => template.buttons.push(TemplateButton {
                index: index(component.get("index")?)?,
                fill: match text(component, "sub_type")? {
                    "quick_reply" => TemplateButtonFill::Payload(owned(first?, "payload")?),
                    _ => TemplateButtonFill::UrlSuffix(owned(first?, "text")?),
                },
            }),
        }
    }
    Some(template)
}

fn header(parameter: &Value) -> Option<TemplateHeader> {
    match text(parameter, "type")? {
        "text" => Some(TemplateHeader::Text(owned(parameter, "text")?)),
        kind => Some(TemplateHeader::Media(
            MediaKind::parse(kind)?,
            source(parameter.get(kind)?)?,
        )),
    }
}

fn parameter(parameter: &Value) -> Option<TemplateParameter> {
    Some(TemplateParameter {
        name: owned(parameter, "parameter_name"),
        text: owned(parameter, "text")?,
    })
}

fn index(index: &Value) -> Option<u8> {
    match index {
        Value::String(digits) => digits.parse().ok(),
        other => u8::try_from(other.as_u64()?).ok(),
    }
}

fn source(file: &Value) -> Option<MediaSource> {
    owned(file, "id")
        .map(MediaSource::Id)
        .or_else(|| owned(file, "link").map(MediaSource::Link))
}

fn card(card: &Value) -> Option<Card> {
    let each = |list: &str, key: &str| {
        let found = card
            .get(list)
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        found.filter_map(|entry| owned(entry, key)).collect()
    };
    Some(Card {
        name: card.pointer("/name/formatted_name")?.as_str()?.to_owned(),
        phones: each("phones", "phone"),
        emails: each("emails", "email"),
        organization: card
            .get("org")
            .and_then(|organization| owned(organization, "company")),
    })
}

fn all<T>(list: Option<&Value>, one: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    list?.as_array()?.iter().map(one).collect()
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

fn owned(value: &Value, key: &str) -> Option<String> {
    text(value, key).map(str::to_owned)
}

#[cfg(test)]
mod tests;
