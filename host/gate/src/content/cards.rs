//! Places and people's cards.

use model::{Card, Location};

use super::{at_most_of, line, line_if_any, one_to};
use crate::limits;

pub(super) fn location(place: &Location) -> Result<(), String> {
    degrees("the latitude", place.latitude, 90.0)?;
    degrees("the longitude", place.longitude, 180.0)?;
    line_if_any(
        "the place's name",
        place.name.as_deref(),
        limits::PLACE_CHARS,
    )?;
    line_if_any(
        "the place's address",
        place.address.as_deref(),
        limits::PLACE_CHARS,
    )
}

fn degrees(what: &str, value: f64, most: f64) -> Result<(), String> {
    // Neither infinity nor what is no number lies within.
    if (-most..=most).contains(&value) {
        Ok(())
    } else {
        Err(format!(
            "{what} is {value}, and -{most} to {most} are allowed"
        ))
    }
}

pub(super) fn contacts(cards: &[Card]) -> Result<(), String> {
    one_to(limits::CARDS, cards.len(), "cards")?;
    cards.iter().try_for_each(card)?;
    let count: usize = cards.iter().map(characters).sum();
    at_most_of("the message with its cards", count, limits::CARDS_CHARS)
}

fn characters(card: &Card) -> usize {
    let lines = card.phones.iter().chain(&card.emails);
    lines
        .chain(&card.organization)
        .chain([&card.name])
        .map(|line| line.chars().count())
        .sum()
}

fn card(card: &Card) -> Result<(), String> {
    let most = limits::CARD_CHARS;
    line("a card's name", &card.name, most)?;
    line_if_any("a card's organization", card.organization.as_deref(), most)?;
    for (what, kind, found) in [
        ("a card's phone", "phones", &card.phones),
        ("a card's e-mail address", "e-mail addresses", &card.emails),
    ] {
        if found.len() > limits::CARD_ENTRIES {
            return Err(format!(
                "{} {kind} on a card, and {} are allowed",
                found.len(),
                limits::CARD_ENTRIES
            ));
        }
        found.iter().try_for_each(|text| line(what, text, most))?;
    }
    Ok(())
}
