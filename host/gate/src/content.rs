//! Whether a message is well formed and within WhatsApp's limits. Characters are counted, not bytes.

mod cards;
mod emoji;
mod files;
mod interactive;
mod template;

use std::collections::BTreeSet;

use model::{DeskName, Outgoing, Span};

use crate::limits;

/// What is wrong with a message, with the count; nothing if it is well formed.
pub(crate) fn fault(message: &Outgoing) -> Option<String> {
    let checked = match message {
        Outgoing::Text { body } => lines("the text", body, limits::TEXT_CHARS),
        Outgoing::Buttons {
            body,
            buttons,
            frame,
        } => interactive::buttons(body, buttons, frame),
        Outgoing::Menu(menu) => interactive::menu(menu),
        Outgoing::Link(link) => interactive::link(link),
        Outgoing::Media(media) => files::media(media),
        Outgoing::Template(filled) => template::template(filled),
        Outgoing::Location(place) => cards::location(place),
        Outgoing::Contacts { cards } => cards::contacts(cards),
        Outgoing::Reaction { emoji, .. } => emoji::one_or_none(emoji),
    };
    checked.err()
}

/// What is wrong with a note for the people at a desk.
pub(crate) fn note_fault(note: &str) -> Option<String> {
    filled("the note", note, limits::NOTE_CHARS).err()
}

/// What is wrong with a desk: it is none of the tenant's.
pub(crate) fn desk_fault(desk: &DeskName, desks: &BTreeSet<DeskName>) -> Option<String> {
    if desks.contains(desk) {
        return None;
    }
    let known: Vec<&str> = desks.iter().map(DeskName::as_str).collect();
    Some(match known.as_slice() {
        [] => format!("there is no desk {desk}: this business has none"),
        known => format!("there is no desk {desk}: there are {}", known.join(", ")),
    })
}

/// What is wrong with a pause: nobody is away for that long, and it would never end.
pub(crate) fn pause_fault(span: Span) -> Option<String> {
    (span > limits::LONGEST_PAUSE)
        .then(|| format!("a pause of {span}; at most {} fit", limits::LONGEST_PAUSE))
}

/// What is wrong with the words of a hand-over; none at all are fine.
pub(crate) fn hand_over_fault(note: &str) -> Option<String> {
    at_most("the note", note, limits::NOTE_CHARS).err()
}

/// What is wrong with a tag.
pub(crate) fn tag_fault(tag: &str) -> Option<String> {
    line("the tag", tag, limits::TAG_CHARS).err()
}

/// Text that may go over several lines.
fn lines(what: &str, text: &str, most: usize) -> Result<(), String> {
    filled(what, text, most)?;
    no_control(what, text, &['\n', '\t'])
}

/// Text on one line.
fn line(what: &str, text: &str, most: usize) -> Result<(), String> {
    filled(what, text, most)?;
    no_control(what, text, &[])
}

/// Text on one line, if there is any: what is there is not blank.
fn line_if_any(what: &str, text: Option<&str>, most: usize) -> Result<(), String> {
    text.map_or(Ok(()), |text| line(what, text, most))
}

/// An id that others gave out: opaque, without blanks.
fn opaque(what: &str, text: &str, most: usize) -> Result<(), String> {
    line(what, text, most)?;
    match text.find(char::is_whitespace) {
        Some(_) => Err(format!("{what} holds a blank")),
        None => Ok(()),
    }
}

/// At least one, and not too many.
fn one_to(most: usize, count: usize, what: &str) -> Result<(), String> {
    if (1..=most).contains(&count) {
        Ok(())
    } else {
        Err(format!("{count} {what}, and 1 to {most} are allowed"))
    }
}

fn filled(what: &str, text: &str, most: usize) -> Result<(), String> {
    if text.trim().is_empty() {
        Err(format!("{what} is blank"))
    } else {
        at_most(what, text, most)
    }
}

fn at_most(what: &str, text: &str, most: usize) -> Result<(), String> {
    at_most_of(what, text.chars().count(), most)
}

/// So many characters, counted already, are not too many.
fn at_most_of(what: &str, count: usize, most: usize) -> Result<(), String> {
    if count > most {
        Err(format!(
            "{what} has {count} characters, and {most} are allowed"
        ))
    } else {
        Ok(())
    }
}

fn no_control(what: &str, text: &str, allowed: &[char]) -> Result<(), String> {
    match text
        .chars()
        .find(|character| character.is_control() && !allowed.contains(character))
    {
        Some(control) => Err(format!(
            "{what} holds the control character U+{:04X}",
            u32::from(control)
        )),
        None => Ok(()),
    }
}
