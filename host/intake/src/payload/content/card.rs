//! People's cards.

use model::{Card, Content};

use super::super::part::Part;

/// The cards of a message, each as far as it goes.
pub(super) fn read(part: Part<'_>) -> Option<Content> {
    let cards: Vec<Card> = part.elements().filter_map(card).collect();
    (!cards.is_empty()).then_some(Content::Contacts { cards })
}

/// A card with anything on it: in members, or in the text that phones exchange.
fn card(part: Part<'_>) -> Option<Card> {
    let written = part.at("vcard").text().map(vcard).unwrap_or_default();
    let each = |list: &str, keys: &[&str]| -> Vec<String> {
        let entry = |entry: Part<'_>| keys.iter().find_map(|key| entry.at(key).own_label());
        part.at(list).elements().filter_map(entry).collect()
    };
    let or = |own: Vec<String>, written: Vec<String>| if own.is_empty() { written } else { own };
    let phones = or(each("phones", &["phone", "wa_id"]), written.phones);
    let emails = or(each("emails", &["email"]), written.emails);
    let organization = part
        .at("org")
        .at("company")
        .own_words()
        .or(written.organization);
    let name = part.at("name");
    let parts = ["first_name", "middle_name", "last_name"].map(|key| name.at(key).words());
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    // What else it says stands for a name that it lacks.
    let name = name
        .at("formatted_name")
        .own_words()
        .or_else(|| (!parts.is_empty()).then(|| parts.join(" ")))
        .or_else(|| (!written.name.is_empty()).then_some(written.name))
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

/// What a vCard says, line by line: `TEL;type=CELL:+15550100002`.
fn vcard(text: &str) -> Card {
    let mut card = Card::default();
    for line in text.lines() {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim().to_owned();
        if value.is_empty() {
            continue;
        }
        // Groups (`item1.TEL`) and parameters stand around the name.
        let name = name.split(';').next().unwrap_or_default();
        match name
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_uppercase()
            .as_str()
        {
            "FN" => card.name = value,
            "TEL" => card.phones.push(value),
            "EMAIL" => card.emails.push(value),
            "ORG" => card.organization = Some(value.trim_end_matches(';').to_owned()),
            _ => {}
        }
    }
    card
}
