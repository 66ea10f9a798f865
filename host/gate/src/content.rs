//! Whether a message is well formed and within WhatsApp's limits. Characters are counted, not bytes.

use std::collections::BTreeSet;

use model::{Button, Outgoing};

use crate::limits;

/// What is wrong with a message, with the count; nothing if it is well formed.
pub(crate) fn fault(message: &Outgoing) -> Option<String> {
    let checked = match message {
        Outgoing::Text { body } => lines("the text", body, limits::TEXT_CHARS),
        Outgoing::Buttons { body, buttons } => lines(
            "the text above the buttons",
            body,
            limits::BUTTONS_BODY_CHARS,
        )
        .and_then(|()| row(buttons)),
    };
    checked.err()
}

fn row(buttons: &[Button]) -> Result<(), String> {
    if buttons.is_empty() || buttons.len() > limits::BUTTONS {
        return Err(format!(
            "{} buttons, and 1 to {} are allowed",
            buttons.len(),
            limits::BUTTONS
        ));
    }
    let mut ids = BTreeSet::new();
    for button in buttons {
        line("a button's id", &button.id, limits::BUTTON_ID_CHARS)?;
        line(
            "a button's title",
            &button.title,
            limits::BUTTON_TITLE_CHARS,
        )?;
        if !ids.insert(&button.id) {
            return Err(format!("two buttons with the id {:?}", button.id));
        }
    }
    Ok(())
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

fn filled(what: &str, text: &str, most: usize) -> Result<(), String> {
    let count = text.chars().count();
    if text.trim().is_empty() {
        Err(format!("{what} is blank"))
    } else if count > most {
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
