//! Places, people's cards, reactions.

use serde_json::Value;

use super::{is_id, list, text, within};
use crate::limits;

pub(super) fn location(place: &Value) -> Result<(), String> {
    for (key, most) in [("latitude", 90.0), ("longitude", 180.0)] {
        let degrees = place.get(key).ok_or(format!("location.{key} is missing"))?;
        degrees
            .as_f64()
            .or_else(|| degrees.as_str()?.parse().ok())
            .filter(|degrees| (-most..=most).contains(degrees))
            .ok_or_else(|| format!("location.{key} {degrees} is not -{most} to {most}"))?;
    }
    for key in ["name", "address"] {
        if place.get(key).is_some_and(|words| !words.is_string()) {
            return Err(format!("location.{key} is a string"));
        }
    }
    Ok(())
}

pub(super) fn contacts(message: &Value) -> Result<(), String> {
    /// A card has one of these beside its name as shown.
    const PARTS: [&str; 5] = ["first_name", "last_name", "middle_name", "suffix", "prefix"];

    for card in list(message, "contacts", limits::CARDS)? {
        within(card, "name.formatted_name", limits::TEXT_CHARS)
            .map_err(|wrong| format!("contacts: {wrong}"))?;
        let name = card.get("name").unwrap_or(&Value::Null);
        if !PARTS.iter().any(|part| text(name, part).is_some()) {
            return Err("contacts: name has no part beside formatted_name".to_owned());
        }
        for (entries, key) in [("phones", "phone"), ("emails", "email")] {
            match card.get(entries) {
                None => {}
                Some(Value::Array(found))
                    if found.iter().all(|entry| text(entry, key).is_some()) => {}
                Some(_) => {
                    return Err(format!(
                        "contacts: {entries} is a list of {{ \"{key}\": … }}"
                    ));
                }
            }
        }
    }
    Ok(())
}

pub(super) fn reaction(reaction: &Value) -> Result<(), String> {
    if !text(reaction, "message_id").is_some_and(is_id) {
        return Err("reaction.message_id is missing".to_owned());
    }
    let emoji = text(reaction, "emoji").ok_or("reaction.emoji is missing")?;
    // Which characters are emoji changes every year; words are told from them all the same.
    let is_words = emoji.is_ascii()
        || emoji
            .chars()
            .any(|c| c.is_alphabetic() || c.is_whitespace());
    if !emoji.is_empty() && (is_words || emoji.chars().count() > limits::EMOJI_CHARS) {
        return Err(format!("reaction.emoji {emoji:?} is no emoji"));
    }
    Ok(())
}
