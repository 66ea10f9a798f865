//! Places and people's cards.

use model::{Card, Location};
use serde_json::{Value, json};

use super::members;

pub(super) fn location(place: &Location) -> Value {
    members([
        ("latitude", Some(json!(place.latitude))),
        ("longitude", Some(json!(place.longitude))),
        ("name", place.name.as_ref().map(|name| json!(name))),
        (
            "address",
            place.address.as_ref().map(|address| json!(address)),
        ),
    ])
}

pub(super) fn contacts(cards: &[Card]) -> Value {
    cards.iter().map(card).collect()
}

fn card(card: &Card) -> Value {
    let each = |key: &str, found: &[String]| {
        let found: Vec<Value> = found.iter().map(|text| json!({ key: text })).collect();
        (!found.is_empty()).then_some(Value::Array(found))
    };
    members([
        // Beside the name as shown, WhatsApp wants a part of it; which part a name's words are, nobody here knows.
        (
            "name",
            Some(json!({ "formatted_name": card.name, "first_name": card.name })),
        ),
        ("phones", each("phone", &card.phones)),
        ("emails", each("email", &card.emails)),
        (
            "org",
            card.organization
                .as_ref()
                .map(|company| json!({ "company": company })),
        ),
    ])
}
