//! Words with something to tap beneath: buttons, a menu, a link.

use std::collections::BTreeSet;

use model::{Button, Frame, Link, Menu, MenuSection};

use super::{files, line, line_if_any, lines, one_to};
use crate::limits;

pub(super) fn buttons(body: &str, buttons: &[Button], frame: &Frame) -> Result<(), String> {
    lines(
        "the text above the buttons",
        body,
        limits::BUTTONS_BODY_CHARS,
    )?;
    framed(frame)?;
    one_to(limits::BUTTONS, buttons.len(), "buttons")?;
    let (mut ids, mut titles) = (BTreeSet::new(), BTreeSet::new());
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
        // Nobody could tell them apart, and WhatsApp does not take them.
        if !titles.insert(&button.title) {
            return Err(format!("two buttons with the title {:?}", button.title));
        }
    }
    Ok(())
}

pub(super) fn menu(menu: &Menu) -> Result<(), String> {
    lines(
        "the text above the menu",
        &menu.body,
        limits::MENU_BODY_CHARS,
    )?;
    framed(&menu.frame)?;
    line("the menu's label", &menu.label, limits::MENU_LABEL_CHARS)?;
    one_to(limits::MENU_SECTIONS, menu.sections.len(), "menu sections")?;
    let rows = menu.sections.iter().map(|section| section.rows.len()).sum();
    one_to(limits::MENU_ROWS, rows, "menu rows in all")?;
    let mut ids = BTreeSet::new();
    let several = menu.sections.len() > 1;
    for (place, found) in menu.sections.iter().enumerate() {
        section(place + 1, found, several, &mut ids)?;
    }
    Ok(())
}

fn section<'a>(
    place: usize,
    section: &'a MenuSection,
    several: bool,
    ids: &mut BTreeSet<&'a str>,
) -> Result<(), String> {
    line_if_any(
        "a menu section's title",
        section.title.as_deref(),
        limits::SECTION_TITLE_CHARS,
    )?;
    if several && section.title.is_none() {
        return Err(format!(
            "menu section {place} has no title, and each needs one where there are several"
        ));
    }
    if section.rows.is_empty() {
        return Err(format!("menu section {place} has no rows"));
    }
    for row in &section.rows {
        line("a menu row's id", &row.id, limits::ROW_ID_CHARS)?;
        line("a menu row's title", &row.title, limits::ROW_TITLE_CHARS)?;
        line_if_any(
            "a menu row's description",
            row.description.as_deref(),
            limits::ROW_DESCRIPTION_CHARS,
        )?;
        if !ids.insert(&row.id) {
            return Err(format!("two menu rows with the id {:?}", row.id));
        }
    }
    Ok(())
}

pub(super) fn link(link: &Link) -> Result<(), String> {
    lines(
        "the text above the link",
        &link.body,
        limits::LINK_BODY_CHARS,
    )?;
    framed(&link.frame)?;
    line("the link's label", &link.label, limits::LINK_LABEL_CHARS)?;
    files::address("the link", &link.url)
}

fn framed(frame: &Frame) -> Result<(), String> {
    line_if_any("the header", frame.header.as_deref(), limits::FRAME_CHARS)?;
    line_if_any("the footer", frame.footer.as_deref(), limits::FRAME_CHARS)
}
