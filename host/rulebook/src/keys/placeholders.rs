//! What can stand in braces.

use model::ValuePresence::{self, Always, Sometimes};

/// One placeholder, for the reader and the page.
pub(crate) struct Placeholder {
    pub(crate) name: &'static str,
    pub(crate) presence: ValuePresence,
    /// What it stands for.
    pub(crate) means: &'static str,
}

/// What can be named wherever placeholders stand.
pub(crate) const EVERYWHERE: &[Placeholder] = &[
    placeholder(
        "contact.name",
        Sometimes,
        "the name, as the person gave it to WhatsApp",
    ),
    placeholder("contact.first_name", Sometimes, "its first word"),
    placeholder("contact.phone", Sometimes, "the phone number"),
    placeholder(
        "message.text",
        Sometimes,
        "what was written, tapped or put beneath a picture",
    ),
    placeholder(
        "number.name",
        Always,
        "the title of your number, from `tollgate.toml`",
    ),
    placeholder("today", Always, "today's date, in the file's timezone"),
    placeholder("now", Always, "the time of day, likewise, as 14:05"),
];

const fn placeholder(
    name: &'static str,
    presence: ValuePresence,
    means: &'static str,
) -> Placeholder {
    Placeholder {
        name,
        presence,
        means,
    }
}

/// Those whose names or presence rest on hours or patterns: as written, what it stands for, when it is missing.
pub(crate) const RESTING: &[(&str, &str, &str)] = &[
    (
        "{hours.opens_next}",
        "when the hours of this rule's `when.hours` or `when.outside` open next",
        "only if they never open, or never close",
    ),
    (
        "{hours.closes_at}",
        "when they close",
        "not under `when.hours`, unless they never close",
    ),
    (
        "{hours.NAME.open}",
        "whether these hours are open now: `yes` or `no`",
        "no",
    ),
    (
        "{hours.NAME.opens_next}",
        "when these open next",
        "only if they never open, or never close",
    ),
    (
        "{hours.NAME.closes_at|…}",
        "when these close",
        "when they are closed",
    ),
    (
        "{match.1|…}",
        "what the first bracket of this rule's `when.pattern` caught, and so on; `{match.0}` is all that it found",
        "if the bracket need not catch anything",
    ),
    (
        "{match.NAME|…}",
        "what a bracket with a name caught, `(?<NAME>…)`",
        "likewise",
    ),
];
