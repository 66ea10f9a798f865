//! The conditions.

use super::shape::{self, Form, Shape, many};
use super::words::{CHANNELS, FIRST, KINDS};
use super::{Key, Keys, key};
use crate::limits;

static KIND: Shape = Shape::OneOf(&KINDS);
static CHANNEL: Shape = Shape::OneOf(&CHANNELS);
static COUNTRY: Shape = Shape::Form(Form::Country);
static PATTERN: Shape = Shape::Text(Some(limits::PATTERN_CHARS));
static AD: [Shape; 2] = [Shape::Truth, many(&shape::WORDS)];
static SINCE: [Shape; 2] = [Shape::OneOf(&FIRST), Shape::Form(Form::Span)];

/// `when.…`
pub(crate) static WHEN: Keys = Keys {
    table: "`when`",
    prefix: "when.",
    lead: "Holds when ",
    groups: &[CONDITIONS],
};

const CONDITIONS: &[Key] = &[
    key(
        "words",
        many(&shape::PHRASE),
        "one of these words or phrases stands in the message, as whole words",
        r#"["parking", "opening hours"]"#,
    ),
    key(
        "says",
        many(&shape::PHRASE),
        "the whole message is one of these",
        r#"["yes", "ok"]"#,
    ),
    key(
        "starts",
        many(&shape::PHRASE),
        "the message begins with one of these",
        r#""good morning""#,
    ),
    key(
        "pattern",
        many(&PATTERN),
        "one of these regular expressions finds something; what they catch is `{match.1}` or `{match.NAME}`",
        r"'order (\d{6,})'",
    ),
    key(
        "min_words",
        Shape::Count(0, limits::WORDS_ASKED),
        "the message has at least so many words",
        "4",
    ),
    key(
        "max_words",
        Shape::Count(0, usize::MAX),
        "the message has at most so many words",
        "5",
    ),
    key(
        "kind",
        many(&KIND),
        "the message is of one of these kinds",
        r#"["image", "video"]"#,
    ),
    key(
        "option",
        many(&shape::OPTION),
        "one of these buttons or rows of a menu was tapped; each is an `[option.NAME]`",
        r#""hours""#,
    ),
    key(
        "quoting",
        Shape::Truth,
        "the message replies to an earlier one (`true`), or does not (`false`)",
        "true",
    ),
    key(
        "after",
        many(&shape::RULE),
        "the last rule that answered this contact was one of these, no longer ago than `when.within`",
        r#""which-order""#,
    ),
    key(
        "within",
        Shape::Form(Form::Span),
        "that rule answered no longer ago than this; `\"30m\"` if you leave it out",
        r#""15m""#,
    ),
    key(
        "first",
        Shape::Either(&SINCE),
        "it is the contact's first message: of all (`\"ever\"`), of the day (`\"today\"`), or after so long a silence (`\"30d\"`)",
        r#""today""#,
    ),
    key(
        "hours",
        many(&shape::HOURS),
        "one of these hours is open; each is an `[hours.NAME]`",
        r#""shop""#,
    ),
    key(
        "outside",
        many(&shape::HOURS),
        "one of these hours is closed",
        r#""shop""#,
    ),
    key(
        "from",
        Shape::Form(Form::Date),
        "this day has begun, in the file's timezone: the first day of a campaign",
        r#""2026-11-23""#,
    ),
    key(
        "until",
        Shape::Form(Form::Date),
        "this day is not over yet: the last day of a campaign",
        r#""2026-11-30""#,
    ),
    key(
        "language",
        many(&shape::LANGUAGE),
        "the contact is answered in one of these languages",
        r#""pt""#,
    ),
    key(
        "country",
        many(&COUNTRY),
        "the phone is of one of these countries, by their two-letter codes; never if no phone is known",
        r#"["BR", "PT"]"#,
    ),
    key(
        "tags",
        many(&shape::TAG),
        "the contact bears one of these tags",
        r#""vip""#,
    ),
    key(
        "not_tags",
        many(&shape::TAG),
        "the contact bears none of these tags",
        r#"["complaint", "blocked"]"#,
    ),
    key(
        "number",
        many(&shape::WORDS),
        "the message came in on one of these numbers of yours, by their names in `tollgate.toml`",
        r#""store""#,
    ),
    key(
        "ad",
        Shape::Either(&AD),
        "the message came from an ad that leads to WhatsApp: from any (`true`), from none (`false`), or from one of these by their ids",
        "true",
    ),
    key(
        "channel",
        many(&CHANNEL),
        "the message came over one of these networks",
        r#""whatsapp""#,
    ),
];
