//! Everything that can be known to be wrong when a rule is saved.

mod files;
mod offers;
mod template;

use sdk::{Known, Problems, is_emoji, limits};

use crate::settings::{Settings, When};

pub(crate) fn check(settings: &Settings, known: &Known, problems: &mut Problems) {
    check_reply(settings, known, problems);
    check_together(settings, problems);
    check_frame(settings, known, problems);
    offers::check_buttons(&settings.buttons, known, problems);
    if let Some(choices) = &settings.menu {
        offers::check_menu(choices, known, problems);
    }
    if let Some(page) = &settings.link {
        let label = (limits::LINK_LABEL, "label for the link");
        page.label
            .check_needed("link.label", label.1, label.0, known, problems);
        files::check_address(&page.url, "link.url", known, problems);
    }
    if let Some(file) = &settings.media {
        files::check_file(file, !settings.reply.is_empty(), problems);
    }
    if let Some(emoji) = &settings.react
        && !is_emoji(emoji)
    {
        let help = "write one emoji, such as \"👍\"";
        problems.add_with_help("react", format!("`{emoji}` is not one emoji"), help);
    }
    if let Some(form) = &settings.template {
        template::check(form, known, problems);
        check_when(settings, problems);
    }
}

fn check_reply(settings: &Settings, known: &Known, problems: &mut Problems) {
    let needs_words =
        !settings.buttons.is_empty() || settings.menu.is_some() || settings.link.is_some();
    let says_something =
        settings.media.is_some() || settings.react.is_some() || settings.template.is_some();
    let limit = settings.body_limit();
    if needs_words || !says_something {
        settings
            .reply
            .check_needed("reply", "text to reply with", limit, known, problems);
    } else {
        settings.reply.check_all("reply", limit, known, problems);
    }
}

/// One thing stands beneath a text.
fn check_together(settings: &Settings, problems: &mut Problems) {
    let there = [
        ("buttons", !settings.buttons.is_empty()),
        ("menu", settings.menu.is_some()),
        ("link", settings.link.is_some()),
        ("media", settings.media.is_some()),
    ];
    let mut there = there.into_iter().filter(|(_, is_there)| *is_there);
    let Some((first, _)) = there.next() else {
        return;
    };
    for (key, _) in there {
        let message = format!("`{key}` and `{first}` do not go into one message");
        problems.add_with_help(
            key,
            message,
            "keep one, or answer with two rules (`also = true`)",
        );
    }
}

fn check_frame(settings: &Settings, known: &Known, problems: &mut Problems) {
    let frame = [
        ("header", &settings.header, limits::HEADER),
        ("footer", &settings.footer, limits::FOOTER),
    ];
    for (key, texts, limit) in frame {
        texts.check_all(key, limit, known, problems);
        let has_frame =
            !settings.buttons.is_empty() || settings.menu.is_some() || settings.link.is_some();
        if !texts.is_empty() && !has_frame {
            let message = format!("a {key} goes with buttons, a menu or a link");
            problems.add_with_help(key, message, "put the line into the text, or take it out");
        }
    }
}

fn check_when(settings: &Settings, problems: &mut Problems) {
    let has_answer = !settings.reply.is_empty() || settings.media.is_some();
    match settings.template.as_ref().map(|form| settings.when(form)) {
        Some(When::Always) if has_answer => problems.add_with_help(
            "template.when",
            "the template would go out instead of the reply, always",
            "write `when = \"window-closed\"`, or take the reply out",
        ),
        Some(When::WindowClosed) if !has_answer => problems.add_with_help(
            "template.when",
            "there is no reply for as long as the window is open",
            "add `reply`, or write `when = \"always\"`",
        ),
        _ => {}
    }
}
