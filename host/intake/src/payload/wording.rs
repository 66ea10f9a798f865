//! Texts of others that end up in names, records and pages: bounded, and without what a terminal would obey.

use std::borrow::Cow;

use crate::limits;

/// A name that becomes a kind: in records and in metrics.
pub(super) fn kind(name: &str) -> Cow<'_, str> {
    match line(name, limits::KIND_CHARS) {
        name if name.is_empty() => Cow::Borrowed("unknown"),
        name => name,
    }
}

/// The text on one line of so many characters.
pub(super) fn line(text: &str, most: usize) -> Cow<'_, str> {
    let text = text.trim();
    if text.len() <= most && !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let shown = text.chars().filter(|c| !c.is_control()).take(most);
    Cow::Owned(shown.collect::<String>().trim_end().to_owned())
}

/// The same, to keep; nothing if nothing is left of it.
pub(super) fn own_line(text: Option<&str>, most: usize) -> Option<String> {
    text.map(|text| line(text, most).into_owned())
        .filter(|text| !text.is_empty())
}
