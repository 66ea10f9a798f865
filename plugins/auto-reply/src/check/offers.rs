//! Buttons and menus.

use sdk::limits::{self, Limit};
use sdk::{Known, Problems, Texts};

use crate::settings::{Choices, Offer};

pub(super) fn check_buttons(buttons: &[Offer], known: &Known, problems: &mut Problems) {
    if buttons.len() > limits::BUTTONS {
        let message = format!(
            "there are {} buttons; WhatsApp shows at most {}",
            buttons.len(),
            limits::BUTTONS
        );
        problems.add_with_help("buttons", message, "keep three, or use a menu");
    }
    let mut ids = Vec::new();
    for (index, offer) in buttons.iter().enumerate() {
        let path = format!("buttons.{index}");
        check_id(
            &offer.id,
            &path,
            "button",
            limits::BUTTON_ID,
            &mut ids,
            problems,
        );
        let title = format!("{path}.title");
        offer.title.check_needed(
            &title,
            "title for the button",
            limits::BUTTON_TITLE,
            known,
            problems,
        );
    }
    let titles: Vec<_> = buttons.iter().map(|offer| &offer.title).collect();
    check_titles(&titles, known, problems);
}

pub(super) fn check_menu(choices: &Choices, known: &Known, problems: &mut Problems) {
    choices.label.check_needed(
        "menu.label",
        "label for the menu",
        limits::MENU_LABEL,
        known,
        problems,
    );
    let rows = choices.rows.len();
    if rows == 0 {
        problems.add_with_help("menu.rows", "the menu has no rows", "add one to ten");
    }
    if rows > limits::MENU_ROWS {
        let message = format!(
            "there are {rows} rows; WhatsApp shows at most {}",
            limits::MENU_ROWS
        );
        let help = format!(
            "take {} out, or let a row lead to a second menu",
            rows - limits::MENU_ROWS
        );
        problems.add_with_help("menu.rows", message, help);
    }
    let mut ids = Vec::new();
    for (index, row) in choices.rows.iter().enumerate() {
        let path = format!("menu.rows.{index}");
        check_id(&row.id, &path, "row", limits::ROW_ID, &mut ids, problems);
        let title = format!("{path}.title");
        row.title.check_needed(
            &title,
            "title for the row",
            limits::ROW_TITLE,
            known,
            problems,
        );
        let description = format!("{path}.description");
        row.description
            .check_all(&description, limits::ROW_DESCRIPTION, known, problems);
    }
}

fn check_id<'a>(
    id: &'a str,
    path: &str,
    what: &str,
    limit: Limit,
    ids: &mut Vec<&'a str>,
    problems: &mut Problems,
) {
    let path = format!("{path}.id");
    if id.trim().is_empty() {
        problems.add(&path, "the id is empty");
    } else if ids.contains(&id) {
        let message = format!("`{id}` is the id of an earlier {what}");
        problems.add_with_help(
            &path,
            message,
            "a tap is told apart by the id: choose another",
        );
    } else {
        ids.push(id);
    }
    let count = id.chars().count();
    if count > limit.chars {
        let help = format!(
            "{} holds at most {}: shorten it by {}",
            limit.what,
            limit.chars,
            count - limit.chars
        );
        problems.add_with_help(&path, format!("it has {count} characters"), help);
    }
    if id.contains(char::is_control) {
        problems.add(&path, "it holds a control character");
    }
}

/// Two buttons that look the same cannot be told apart, and WhatsApp does not take them.
fn check_titles(titles: &[&Texts], known: &Known, problems: &mut Problems) {
    let whatever = [String::new()];
    let languages = if known.languages.is_empty() {
        &whatever[..]
    } else {
        &known.languages
    };
    let mut reported = Vec::new();
    for language in languages {
        let mut seen = Vec::new();
        for (index, title) in titles.iter().enumerate() {
            let Some((written, text)) = title.choice(language, languages) else {
                continue;
            };
            if !seen.contains(&text) {
                seen.push(text);
                continue;
            }
            if reported.contains(&index) {
                continue;
            }
            reported.push(index);
            let path = match written {
                Some(written) => format!("buttons.{index}.title.{written}"),
                None => format!("buttons.{index}.title"),
            };
            let message = format!("`{text}` is the title of an earlier button");
            problems.add_with_help(
                path,
                message,
                "people cannot tell them apart: word it otherwise",
            );
        }
    }
}
