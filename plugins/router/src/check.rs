//! Everything that can be known to be wrong when a rule is saved.

use sdk::{Known, Problems, check_among, limits};

use crate::settings::Settings;

pub(crate) fn check(settings: &Settings, known: &Known, problems: &mut Problems) {
    check_that_it_acts(settings, problems);
    check_desks(settings, known, problems);
    check_menu(settings, known, problems);
    check_pause(settings, problems);
    check_tags(settings, problems);
    settings
        .note
        .check_all("note", limits::NOTE, known, problems);
}

fn check_that_it_acts(settings: &Settings, problems: &mut Problems) {
    let is_idle = !settings.hands_over()
        && settings.pause_bot.is_none()
        && !settings.resume
        && settings.note.is_empty()
        && settings.tag.is_empty()
        && settings.untag.is_empty();
    if is_idle {
        problems.add_with_help(
            "",
            "there is nothing to do",
            "set one of hand_to, desks, menu, note, pause_bot, resume, tag, untag",
        );
    }
    if settings.sticky && !settings.hands_over() {
        problems.add_with_help(
            "sticky",
            "it prefers the desk that last had the contact, and nothing is handed over",
            "add `hand_to`, or take it out",
        );
    }
}

fn check_desks(settings: &Settings, known: &Known, problems: &mut Problems) {
    if let Some(desk) = &settings.hand_to {
        check_desk(desk, "hand_to", known, problems);
        if !settings.desks.is_empty() {
            problems.add_with_help(
                "desks",
                "`hand_to` and `desks` both say which desk takes over",
                "keep one; a last entry of `desks` without hours is the fallback",
            );
        }
    }
    let mut always: Option<&str> = None;
    for (index, shift) in settings.desks.iter().enumerate() {
        check_desk(&shift.desk, &format!("desks.{index}.desk"), known, problems);
        if let Some(hours) = &shift.hours {
            let path = format!("desks.{index}.hours");
            let named = known.hours.iter().map(String::as_str);
            check_among(hours, named, "[hours.…] with the name", &path, problems);
        }
        if let Some(always) = always {
            let message = format!("it is never reached: `{always}` above is there at any hour");
            let help = "a desk without hours comes last";
            problems.add_with_help(format!("desks.{index}"), message, help);
        } else if settings
            .desks
            .iter()
            .take(index)
            .any(|earlier| earlier == shift)
        {
            let message = "the same desk with the same hours stands above";
            problems.add_with_help(format!("desks.{index}"), message, "take it out");
        }
        if shift.hours.is_none() {
            always.get_or_insert(&shift.desk);
        }
    }
}

fn check_menu(settings: &Settings, known: &Known, problems: &mut Problems) {
    for (option, desk) in &settings.menu {
        let path = format!("menu.{option}");
        if option.trim().is_empty() || option.contains(char::is_control) {
            let help = "write the id of a button or of a row of a menu";
            problems.add_with_help(&path, "the option is empty", help);
        } else if option.chars().count() > limits::BUTTON_ID.chars {
            let help = format!("an option's id has at most {}", limits::BUTTON_ID.chars);
            let message = format!("it has {} characters", option.chars().count());
            problems.add_with_help(&path, message, help);
        }
        check_desk(desk, &path, known, problems);
    }
}

fn check_desk(desk: &str, path: &str, known: &Known, problems: &mut Problems) {
    let desks = known.desks.iter().map(String::as_str);
    check_among(desk, desks, "desk", path, problems);
}

fn check_pause(settings: &Settings, problems: &mut Problems) {
    match settings.pause_ms() {
        Err(message) => problems.add_with_help(
            "pause_bot",
            message,
            "write it like \"90s\", \"15m\", \"2h\", \"7d\" or \"until closed, max 12h\"",
        ),
        Ok(Some(_)) if settings.resume => problems.add_with_help(
            "resume",
            "the bot cannot pause and resume at once",
            "take one of them out",
        ),
        Ok(_) => {}
    }
}

fn check_tags(settings: &Settings, problems: &mut Problems) {
    for (key, tags) in [("tag", &settings.tag), ("untag", &settings.untag)] {
        for (index, tag) in tags.iter().enumerate() {
            let path = format!("{key}.{index}");
            if tag.trim().is_empty() || tag.contains(char::is_control) {
                problems.add(&path, "the tag is empty");
            } else if tag.chars().count() > limits::TAG.chars {
                let help = format!("a tag holds at most {}", limits::TAG.chars);
                let message = format!("it has {} characters", tag.chars().count());
                problems.add_with_help(&path, message, help);
            } else if tags.iter().take(index).any(|earlier| earlier == tag) {
                problems.add_with_help(&path, format!("`{tag}` stands above"), "take it out");
            }
        }
    }
    for (index, tag) in settings.untag.iter().enumerate() {
        if settings.tag.contains(tag) {
            let message = format!("`{tag}` is put on and taken off at once");
            problems.add_with_help(format!("untag.{index}"), message, "take one of them out");
        }
    }
}
