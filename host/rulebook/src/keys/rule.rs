//! What a rule says beside its conditions: its name, what it does, and how.

use super::shape::{self, Form, Name, Shape, many};
use super::when::WHEN;
use super::words::{Files, ONLY};
use super::{Key, Keys, key};
use crate::limits;

static LIMIT: Shape = Shape::Form(Form::Limit);
static NOTE: [Shape; 2] = [Shape::Words(None), Shape::ByLanguage(&shape::WORDS)];

/// `[[rule]]`.
pub(crate) static RULE: Keys = Keys {
    table: "a rule",
    prefix: "",
    lead: "",
    groups: &[WHO, DOES, HOW],
};

const WHO: &[Key] = &[
    key("name", Shape::Name(Name::Rule), "how the rule is called in the console, in the log and by `tollgate why`; no two rules share one", r#""parking""#).needed(),
    key("when", Shape::Table(&WHEN), "the conditions: all must hold; without any the rule holds for every message", r#".words = "parking""#),
];

/// What it does.
pub(super) const DOES: &[Key] = &[
    key(
        "reply",
        Shape::ByLanguage(&shape::WORDS),
        "this text is sent, in the contact's language",
        r#".en = "Yes, customers park for free.""#,
    ),
    key(
        "buttons",
        Shape::OneOrMany(&shape::OPTION, 1, limits::BUTTONS),
        "up to three buttons beneath the reply, each an `[option.NAME]`",
        r#"["hours", "person"]"#,
    ),
    key(
        "menu",
        Shape::OneOrMany(&shape::OPTION, 1, limits::MENU_ROWS),
        "up to ten options in a menu that a tap opens, each an `[option.NAME]`",
        r#"["sales", "repairs"]"#,
    ),
    key(
        "menu_label",
        Shape::ByLanguage(&shape::WORDS),
        "what stands on the button that opens the menu, at most 20 characters",
        r#".en = "Choose""#,
    ),
    key(
        "media",
        Shape::Table(&FILE_TO_SEND),
        "a file, with the reply as the text beneath it",
        r#"{ kind = "image", link = "https://example.com/map.png" }"#,
    ),
    key(
        "react",
        Shape::Form(Form::Emoji),
        "an emoji on the contact's message",
        r#""👍""#,
    ),
    key(
        "template",
        Shape::Name(Name::Template),
        "an approved template, a `[template.NAME]`: by itself, or beside a reply for when the 24-hour window is closed",
        r#""back_in_stock""#,
    ),
    key(
        "quoting",
        Shape::Truth,
        "the reply shows the contact's message above it",
        "true",
    ),
    key(
        "hand_to",
        Shape::Name(Name::Desk),
        "the conversation is put on this desk; desks stand in `tollgate.toml`",
        r#""support""#,
    ),
    key(
        "sticky",
        Shape::Truth,
        "rather on the desk that had it last; needs `hand_to`",
        "true",
    ),
    key(
        "note",
        Shape::Either(&NOTE),
        "what people read about it at the desk; one text, or one for each language",
        r#""Complaint: {message.text|no text}""#,
    ),
    key(
        "pause_bot",
        Shape::Form(Form::Pause),
        "no automatic send to this contact for so long, so that nobody talks into a person's conversation; or until people close it, and no longer than so long",
        r#""until closed, max 12h""#,
    ),
    key(
        "tag",
        many(&shape::TAG),
        "puts tags on the contact; one or a list",
        r#""complaint""#,
    ),
    key(
        "untag",
        many(&shape::TAG),
        "takes tags off the contact; one or a list",
        r#"["complaint", "new"]"#,
    ),
    key(
        "use",
        Shape::Name(Name::Plugin),
        "this plugin takes the turn, instead of everything above",
        r#""greeter""#,
    ),
    key(
        "with",
        Shape::AnyTable,
        "the plugin's settings",
        r#".greeting = "Hello!""#,
    ),
    key(
        "call",
        Shape::Name(Name::Rule),
        "this rule goes on once this one has acted",
        r#""ask-for-rating""#,
    ),
    key(
        "draft_to",
        Shape::Name(Name::Desk),
        "what the rule would send becomes a draft at this desk, for a person to send, change or drop",
        r#""support""#,
    ),
];

/// How it does it.
pub(super) const HOW: &[Key] = &[
    key(
        "once_per",
        Shape::Form(Form::Span),
        "for one contact, the rule holds once in so long",
        r#""12h""#,
    ),
    key(
        "limit",
        many(&LIMIT),
        "the rule holds at most so often by the minute, hour, day or week of the calendar: for each contact, or for all together; one or a list",
        r#"["5 per contact per hour", "200 per day"]"#,
    ),
    key(
        "stage",
        Shape::Form(Form::Stage),
        "`\"shadow\"`: the rule runs and is recorded, sends nothing and never ends the search; `\"canary 10%\"`: it holds for that share of contacts only, always the same ones",
        r#""canary 10%""#,
    ),
    key(
        "also",
        Shape::Truth,
        "the search goes on with the next rule after this one has acted",
        "true",
    ),
    key(
        "if_no_answer",
        Shape::Name(Name::Rule),
        "this rule takes over if the plugin knows no answer",
        r#""ask-a-person""#,
    ),
    key(
        "if_blocked",
        Shape::Name(Name::Rule),
        "this rule takes over if a guardrail stepped in",
        r#""ask-a-person""#,
    ),
    key(
        "if_slow",
        Shape::Name(Name::Rule),
        "this rule takes over if the plugin took too long",
        r#""ask-a-person""#,
    ),
    key(
        "if_refused",
        Shape::Name(Name::Rule),
        "this rule takes over if the gate refused what the plugin wanted to send",
        r#""ask-a-person""#,
    ),
    key(
        "if_fails",
        Shape::Name(Name::Rule),
        "this rule takes over if the plugin fails; without it the message becomes a dead letter, which people see in the console",
        r#""fallback""#,
    ),
    key(
        "only",
        Shape::OneOf(&ONLY),
        "`\"called\"`: the rule never holds by itself, other rules name it in `call` or `if_…`",
        r#""called""#,
    ),
    key(
        "off",
        Shape::Truth,
        "the rule is checked and never holds",
        "true",
    ),
];

/// Keys of a rule that name another rule, each with when that one follows.
pub(crate) const LEADS: &[&str] = &[
    "call",
    "if_no_answer",
    "if_blocked",
    "if_slow",
    "if_fails",
    "if_refused",
];

/// `media = { … }`.
pub(crate) static FILE_TO_SEND: Keys = Keys {
    table: "a file to send",
    prefix: "",
    lead: "",
    groups: &[&[
        key(
            "kind",
            Shape::OneOf(&Files),
            "what kind of file it is",
            r#""image""#,
        )
        .needed(),
        key(
            "link",
            Shape::Form(Form::Https),
            "where WhatsApp fetches it; this or `id`",
            r#""https://example.com/map.png""#,
        ),
        key(
            "id",
            Shape::Words(Some(limits::FILE_ADDRESS_CHARS)),
            "of a file that was uploaded to WhatsApp before; this or `link`",
            r#""1234567890""#,
        ),
        key(
            "filename",
            Shape::Words(Some(limits::FILENAME_CHARS)),
            "what a document is called",
            r#""prices.pdf""#,
        ),
    ]],
};
