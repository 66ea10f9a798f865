//! What a message carries. A kind that is not understood, or that lacks what makes it that kind, is kept raw.

use model::{Card, Content, Form, Location, Media, MediaKind, Order, OrderItem, TapOrigin};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::message::{at, number_or_words, text, wamid, words};
use crate::limits;

/// Reads the content of a message, which is an object.
pub(super) fn read(message: Value) -> Content {
    let kind = words(&message, &["type"]);
    // Each kind stands in a member of its name.
    let part = kind
        .and_then(|kind| message.get(kind))
        .unwrap_or(&Value::Null);
    let understood = match kind {
        Some("text") => body(part),
        Some("button") => quick_reply(part),
        Some("interactive") => tap(part, "button_reply", TapOrigin::Button)
            .or_else(|| tap(part, "list_reply", TapOrigin::Menu))
            .or_else(|| form(part.get("nfm_reply")?)),
        Some("location") => location(part).map(Content::Location),
        Some("contacts") => contacts(part),
        Some("reaction") => reaction(part),
        Some("order") => order(part).map(Content::Order),
        Some("edit") => edit(part),
        Some("revoke") => {
            wamid(part, &["original_message_id"]).map(|original| Content::Revoke { original })
        }
        Some("request_welcome") => Some(Content::Welcome),
        Some("unsupported" | "unknown") => Some(Content::Unsupported {
            what: words(&message, &["unsupported", "type"]).map(short),
        }),
        Some(kind) => MediaKind::parse(kind).and_then(|kind| media(kind, part)),
        None => None,
    };
    if let Some(content) = understood {
        return content;
    }
    let name = short(kind.unwrap_or("unknown"));
    Content::Other { name, raw: message }
}

fn body(part: &Value) -> Option<Content> {
    // Nothing typed is still a text.
    let body = at(part, &["body"])?.as_str()?.to_owned();
    Some(Content::Text { body })
}

fn quick_reply(part: &Value) -> Option<Content> {
    let (id, title) = (text(part, &["payload"]), text(part, &["text"]));
    Some(Content::Tap {
        id: id.clone().or_else(|| title.clone())?,
        title: title.or(id)?,
        origin: TapOrigin::Template,
    })
}

fn tap(part: &Value, reply: &str, origin: TapOrigin) -> Option<Content> {
    let (id, title) = (text(part, &[reply, "id"]), text(part, &[reply, "title"]));
    let id = id?;
    let title = title.unwrap_or_else(|| id.clone());
    Some(Content::Tap { id, title, origin })
}

fn form(reply: &Value) -> Option<Content> {
    let answers = match reply.get("response_json")? {
        // JSON within a string of JSON, as Meta sends it.
        Value::String(answers) => serde_json::from_str::<IgnoredAny>(answers)
            .is_ok()
            .then(|| answers.clone())?,
        answers @ Value::Object(_) => answers.to_string(),
        _ => return None,
    };
    Some(Content::Form(Form {
        name: text(reply, &["name"]).unwrap_or_else(|| "flow".to_owned()),
        body: text(reply, &["body"]),
        answers,
    }))
}

fn media(kind: MediaKind, part: &Value) -> Option<Content> {
    if !part.is_object() {
        return None;
    }
    let is_voice = kind == MediaKind::Audio && part.get("voice") == Some(&Value::Bool(true));
    Some(Content::Media(Media {
        media: if is_voice { MediaKind::Voice } else { kind },
        id: number_or_words(part, &["id"]),
        caption: text(part, &["caption"]),
        mime_type: text(part, &["mime_type"]),
        filename: text(part, &["filename"]),
        sha256: text(part, &["sha256"]),
    }))
}

fn location(part: &Value) -> Option<Location> {
    Some(Location {
        latitude: degrees(part, "latitude", 90.0)?,
        longitude: degrees(part, "longitude", 180.0)?,
        name: text(part, &["name"]),
        address: text(part, &["address"]),
    })
}

fn degrees(part: &Value, key: &str, most: f64) -> Option<f64> {
    let value = part.get(key)?;
    let value = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
    (-most..=most).contains(&value).then_some(value)
}

fn contacts(part: &Value) -> Option<Content> {
    let cards: Vec<Card> = part.as_array()?.iter().filter_map(card).collect();
    (!cards.is_empty()).then_some(Content::Contacts { cards })
}

/// A card with anything on it.
fn card(card: &Value) -> Option<Card> {
    let each = |list: &str, keys: &[&str]| -> Vec<String> {
        let found = card.get(list).and_then(Value::as_array);
        let entry = |entry: &Value| keys.iter().find_map(|key| text(entry, &[key]));
        found.into_iter().flatten().filter_map(entry).collect()
    };
    let phones = each("phones", &["phone", "wa_id"]);
    let emails = each("emails", &["email"]);
    let organization = text(card, &["org", "company"]);
    let parts = ["first_name", "last_name"].map(|key| words(card, &["name", key]));
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    // What else it says stands for a name that it lacks.
    let name = text(card, &["name", "formatted_name"])
        .or_else(|| (!parts.is_empty()).then(|| parts.join(" ")))
        .or_else(|| organization.clone())
        .or_else(|| phones.first().cloned())
        .or_else(|| emails.first().cloned())?;
    Some(Card {
        name,
        phones,
        emails,
        organization,
    })
}

fn reaction(part: &Value) -> Option<Content> {
    Some(Content::Reaction {
        message: wamid(part, &["message_id"])?,
        emoji: text(part, &["emoji"]),
    })
}

/// A basket is read whole or kept raw: one that lost an article on the way would be believed.
fn order(part: &Value) -> Option<Order> {
    let items = match part.get("product_items") {
        None | Some(Value::Null) => Vec::new(),
        Some(items) => {
            let items = items.as_array()?.iter().map(order_item);
            items.collect::<Option<_>>()?
        }
    };
    Some(Order {
        catalog: number_or_words(part, &["catalog_id"])?,
        text: text(part, &["text"]),
        items,
    })
}

fn order_item(item: &Value) -> Option<OrderItem> {
    Some(OrderItem {
        product: number_or_words(item, &["product_retailer_id"])?,
        quantity: number_or_words(item, &["quantity"])?.parse().ok()?,
        price: number_or_words(item, &["item_price"]),
        currency: text(item, &["currency"]),
    })
}

fn edit(part: &Value) -> Option<Content> {
    let message = part.get("message").unwrap_or(&Value::Null);
    let kind = words(message, &["type"]).unwrap_or("text");
    Some(Content::Edit {
        original: wamid(part, &["original_message_id"])?,
        text: text(message, &[kind, "body"]).or_else(|| text(message, &[kind, "caption"])),
    })
}

fn short(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_control())
        .take(limits::KIND_CHARS)
        .collect()
}

#[cfg(test)]
mod tests;
