//! Files and addresses.

use sdk::{Known, Problems, placeholder};

use crate::settings::{File, Kind};

pub(super) fn check_file(file: &File, has_caption: bool, problems: &mut Problems) {
    check_source(file.id.as_ref(), file.link.as_ref(), "media", problems);
    if has_caption && !file.kind.is_shown() {
        let message = format!(
            "WhatsApp shows no words beneath a file of kind {}",
            file.kind.word()
        );
        problems.add_with_help(
            "reply",
            message,
            "take the reply out, or let a rule with `also = true` say it",
        );
    }
    if let Some(name) = &file.filename {
        if file.kind != Kind::Document {
            let help = "take it out, or send the file as a document";
            problems.add_with_help("media.filename", "only a document has a name", help);
        }
        if name.trim().is_empty() || name.contains(char::is_control) {
            problems.add(
                "media.filename",
                "the name is empty or holds a control character",
            );
        }
    }
}

/// Exactly one of id and link.
pub(super) fn check_source(
    id: Option<&String>,
    link: Option<&String>,
    path: &str,
    problems: &mut Problems,
) {
    match (id, link) {
        (None, None) => problems.add_with_help(
            path,
            "it does not say where the file is",
            "add `id`, of an uploaded file, or `link`, where WhatsApp fetches it",
        ),
        (Some(_), Some(_)) => {
            problems.add_with_help(path, "it has both `id` and `link`", "keep one");
        }
        (Some(id), None) => {
            if id.is_empty() || id.contains(|c: char| c.is_whitespace() || c.is_control()) {
                problems.add(format!("{path}.id"), "the id is empty or holds a blank");
            }
        }
        (None, Some(link)) => check_https(link, &format!("{path}.link"), problems),
    }
}

/// An address that a contact opens: placeholders are allowed behind its host.
pub(super) fn check_address(url: &str, path: &str, known: &Known, problems: &mut Problems) {
    check_https(url, path, problems);
    placeholder::check(url, path, known, problems);
    let host = url.get(8..).unwrap_or_default();
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('{') {
        let help = "write the host out; placeholders may stand behind it";
        problems.add_with_help(path, "a contact's words would choose the host", help);
    }
}

fn check_https(url: &str, path: &str, problems: &mut Problems) {
    let is_https = url
        .get(..8)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"));
    let rest = url.get(8..).unwrap_or_default();
    let host = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    if !is_https {
        let help = "WhatsApp takes addresses that begin with https://";
        problems.add_with_help(path, format!("`{url}` does not begin with https://"), help);
    } else if host.is_empty() {
        problems.add(path, "the address has no host");
    } else if host.contains('@') {
        problems.add(path, "the address has a name or password before its host");
    }
    // Placeholders may have blanks in their defaults; what they stand for is escaped.
    let mut depth = 0_usize;
    let is_outside = |c: &char| {
        depth = match c {
            '{' => depth + 1,
            '}' => depth.saturating_sub(1),
            _ => depth,
        };
        depth == 0
    };
    if url
        .chars()
        .filter(is_outside)
        .any(|c| c.is_whitespace() || c.is_control())
    {
        problems.add_with_help(path, "the address holds a blank", "write %20 for a blank");
    }
}
