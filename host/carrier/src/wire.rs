//! Meta's JSON for what leaves: the Graph API takes it as it is, AWS takes it in base64.

mod cards;
mod files;
mod interactive;
mod template;

use model::{Outbound, Outgoing, Wamid};
use serde_json::{Map, Value, json};

/// The message object for a send. Its token travels in `biz_opaque_callback_data`, which every status echoes (I11).
#[must_use]
pub fn message(outbound: &Outbound) -> Value {
    let (kind, content) = content(&outbound.message);
    let to = match (outbound.to.phone(), outbound.to.user()) {
        // With its plus: without it, Meta puts the business's own country code before the number. The phone goes first
        // where both are known, because some sends are not supported for user ids (131062).
        (Some(phone), _) => Some(("to", json!(format!("+{phone}")))),
        (None, Some(user)) => Some(("recipient", json!(user.as_str()))),
        // A `ContactKey` holds one or the other; a message to nobody would be refused on the other side.
        (None, None) => None,
    };
    // A reaction names its message itself: it quotes nothing.
    let quoted = outbound.quoting.as_ref().filter(|_| kind != "reaction");
    members(
        [
            ("messaging_product", Some(json!("whatsapp"))),
            ("recipient_type", Some(json!("individual"))),
            ("type", Some(json!(kind))),
            (kind, Some(content)),
            (
                "biz_opaque_callback_data",
                Some(json!(outbound.token.as_str())),
            ),
            (
                "context",
                quoted.map(|quoted| json!({ "message_id": quoted.as_str() })),
            ),
        ]
        .into_iter()
        .chain(to.map(|(key, value)| (key, Some(value)))),
    )
}

/// WhatsApp's name of the kind, and the object of that name.
fn content(message: &Outgoing) -> (&'static str, Value) {
    match message {
        Outgoing::Text { body } => ("text", json!({ "preview_url": false, "body": body })),
        Outgoing::Buttons {
            body,
            buttons,
            frame,
        } => ("interactive", interactive::buttons(body, buttons, frame)),
        Outgoing::Menu(menu) => ("interactive", interactive::menu(menu)),
        Outgoing::Link(link) => ("interactive", interactive::link(link)),
        Outgoing::Media(media) => files::media(media),
        Outgoing::Template(filled) => ("template", template::template(filled)),
        Outgoing::Location(place) => ("location", cards::location(place)),
        Outgoing::Contacts { cards } => ("contacts", cards::contacts(cards)),
        Outgoing::Reaction { message, emoji } => (
            "reaction",
            json!({ "message_id": message.as_str(), "emoji": emoji }),
        ),
    }
}

/// Marks a message as read, and shows that an answer is being written.
#[must_use]
pub fn read_mark(message: &Wamid) -> Value {
    json!({
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": message.as_str(),
        "typing_indicator": { "type": "text" },
    })
}

/// An object of the members that are there: WhatsApp takes no nulls.
fn members(all: impl IntoIterator<Item = (&'static str, Option<Value>)>) -> Value {
    let there = all
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(there.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests;
