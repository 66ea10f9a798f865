//! The top of a file, and what is defined there beside rules and tests.

use super::rule::{FILE_TO_SEND, RULE};
use super::shape::{self, Form, Name, Shape, many};
use super::test::TEST;
use super::words::{CATEGORIES, COVERS};
use super::{Key, Keys, key};
use crate::{head, limits};

static TITLE: Shape = Shape::Words(Some(limits::ROW_TITLE_CHARS));
static DESCRIPTION: Shape = Shape::Words(Some(limits::ROW_DESCRIPTION_CHARS));
static INTERVALS: Shape = Shape::Form(Form::Hours);
static PHRASES: Shape = many(&shape::PHRASE);
static HOURS_OF_A_WEEK: Shape = Shape::Table(&HOURS);
static TITLES: Shape = Shape::Table(&OPTION);
static A_TEMPLATE: Shape = Shape::Table(&TEMPLATE);
static LISTENED_FOR: [Shape; 2] = [many(&shape::PHRASE), Shape::ByLanguage(&PHRASES)];
static CODES: [Shape; 2] = [many(&shape::LANGUAGE), Shape::ByLanguage(&shape::LANGUAGE)];
static LOOSE: [Shape; 2] = [Shape::Words(None), Shape::ByLanguage(&shape::WORDS)];
static PARAMETER: Shape = Shape::Either(&[
    Shape::Words(None),
    Shape::ByLanguage(&shape::WORDS),
    Shape::Table(&NAMED_PARAMETER),
]);
static HEADER: [Shape; 2] = [Shape::Table(&HEADER_TEXT), Shape::Table(&FILE_TO_SEND)];
static FILLED_BUTTON: Shape = Shape::Table(&TEMPLATE_BUTTON);

/// The top of a file.
pub(crate) static FILE: Keys = Keys {
    table: "a file",
    prefix: "",
    lead: "",
    groups: &[HEAD, SECTIONS],
};

/// What holds for all of it.
pub(super) const HEAD: &[Key] = &[
    key(
        "rules_version",
        Shape::Exactly(head::RULES_VERSION),
        "the version of the rule language",
        "1",
    )
    .needed(),
    key(
        "owner",
        shape::Shape::Text(None),
        "who to ask about this file",
        r#""store-support""#,
    ),
    key(
        "timezone",
        Shape::Form(Form::Timezone),
        "where the file's times and dates are; needed for hours, dates, `{today}`, `{now}` and `when.first = \"today\"`",
        r#""America/Sao_Paulo""#,
    ),
    key(
        "languages",
        Shape::List(&shape::LANGUAGE, 1, limits::LIST_ENTRIES),
        "the languages that the file answers in; the first is the fallback",
        r#"["pt", "en"]"#,
    )
    .needed(),
];

/// What is defined in it.
pub(super) const SECTIONS: &[Key] = &[
    key(
        "rule",
        Shape::Tables(&RULE),
        "a rule; the first one whose conditions all hold answers",
        "",
    ),
    key(
        "hours",
        Shape::ByName("NAME", Name::Hours, &HOURS_OF_A_WEEK),
        "opening hours, for `when.hours`, `when.outside` and `{hours.NAME.…}`",
        r#".shop.mon-fri = "09:00-18:00""#,
    ),
    key(
        "option",
        Shape::ByName("NAME", Name::Option, &TITLES),
        "what can be tapped: a button, or a row of a menu",
        r#".person.en = "Talk to a person""#,
    ),
    key(
        "template",
        Shape::ByName("NAME", Name::Template, &A_TEMPLATE),
        "a message that WhatsApp approved, and what fills it",
        "",
    ),
    key(
        "opt_out",
        Shape::Table(&SECTION),
        "the words that opt a contact out, and what is said then",
        r#".words = "parar""#,
    ),
    key(
        "opt_in",
        Shape::Table(&SECTION),
        "the words that take an opt-out back, and what is said then",
        r#".words = "voltar""#,
    ),
    key(
        "test",
        Shape::Tables(&TEST),
        "a test: what a contact does, and what is to come of it",
        "",
    ),
];

/// `[opt_out]` and `[opt_in]`.
pub(crate) static SECTION: Keys = Keys {
    table: "an opt-out or opt-in section",
    prefix: "",
    lead: "",
    groups: &[&[
        key(
            "words",
            Shape::Either(&LISTENED_FOR),
            "words that count beside the built-in ones, if they are the whole message; one list, or one for each language",
            r#"["parar", "sair"]"#,
        ),
        key(
            "except",
            many(&shape::PHRASE),
            "built-in words that shall not count",
            r#""cancel""#,
        ),
        key(
            "covers",
            Shape::OneOf(&COVERS),
            "what an opt-out refuses; `\"everything\"` if you leave it out",
            r#""marketing""#,
        ),
        key(
            "reply",
            Shape::ByLanguage(&shape::WORDS),
            "the one confirmation, in the contact's language; a built-in sentence if you leave it out",
            r#".en = "Done, you will get no more messages from us.""#,
        ),
    ]],
};

/// The days of the week, from Monday on.
pub(crate) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// `[hours.NAME]`.
pub(crate) static HOURS: Keys = Keys {
    table: "hours",
    prefix: "",
    lead: "",
    groups: &[&[
        day("mon", "open on Mondays"),
        day("tue", "open on Tuesdays"),
        day("wed", "open on Wednesdays"),
        day("thu", "open on Thursdays"),
        day("fri", "open on Fridays"),
        day("sat", "open on Saturdays"),
        day("sun", "open on Sundays"),
        key(
            "closed",
            many(&shape::DATE),
            "holidays: closed all day, whatever the day of the week",
            r#"["2026-12-25", "2027-01-01"]"#,
        ),
    ]],
};

const fn day(name: &'static str, means: &'static str) -> Key {
    key(
        name,
        many(&INTERVALS),
        means,
        r#""09:00-12:00, 13:00-18:00""#,
    )
}

/// Ranges of days that an editor offers; any other will do as well.
pub(crate) const RANGES: &[(&str, &str)] = &[
    ("mon-fri", "open from Monday to Friday"),
    ("mon-sat", "open from Monday to Saturday"),
    ("mon-sun", "open every day"),
    ("sat-sun", "open at the weekend"),
];

/// What a day or a range of days holds.
pub(crate) static OF_DAYS: Shape = many(&INTERVALS);

/// `[option.NAME]`, beside a title for each language.
pub(crate) static OPTION: Keys = Keys {
    table: "an option",
    prefix: "",
    lead: "",
    groups: &[&[key(
        "description",
        Shape::ByLanguage(&DESCRIPTION),
        "what stands beneath the title in a menu, at most 72 characters",
        r#".en = "Prices, stock, wholesale""#,
    )]],
};

/// What stands in an option under a language.
pub(crate) static TITLE_OF_OPTION: &Shape = &TITLE;

/// `[template.NAME]`.
pub(crate) static TEMPLATE: Keys = Keys {
    table: "a template",
    prefix: "",
    lead: "",
    groups: &[&[
        key("name", Shape::Name(Name::TemplateThere), "its name with WhatsApp; that of the header if you leave it out", r#""back_in_stock_2""#),
        key("category", Shape::OneOf(&CATEGORIES), "what WhatsApp approved it as", r#""utility""#).needed(),
        key("languages", Shape::Either(&CODES), "your languages, each with the code that WhatsApp approved; a list where both are the same", r#".en = "en_US""#).needed(),
        key("params", Shape::List(&PARAMETER, 0, limits::PARAMETERS), "what fills its places, in order; where those have names, `{ name = \"code\", text = \"…\" }`", r#"["{contact.first_name|there}", { en = "the blue one" }]"#),
        key("header", Shape::Either(&HEADER), "what stands above it: a text, or an image, a video or a document", r#".text = "Good news""#),
        key("buttons", Shape::List(&FILLED_BUTTON, 0, limits::TEMPLATE_BUTTONS), "what fills its buttons, each by its place from 0 on", r#"[{ index = 0, payload = "sales" }]"#),
    ]],
};

/// `{ name = "code", text = "…" }` among `params`.
pub(crate) static NAMED_PARAMETER: Keys = Keys {
    table: "a param",
    prefix: "",
    lead: "",
    groups: &[&[
        key(
            "name",
            Shape::Text(None),
            "how WhatsApp calls the place",
            r#""code""#,
        )
        .needed(),
        key(
            "text",
            Shape::Either(&LOOSE),
            "what fills it; one text, or one for each language",
            r#""1234""#,
        )
        .needed(),
    ]],
};

static HEADER_TEXT: Keys = Keys {
    table: "a template's header",
    prefix: "",
    lead: "",
    groups: &[&[key(
        "text",
        Shape::Either(&LOOSE),
        "what fills the header's place; one text, or one for each language",
        r#""Good news""#,
    )
    .needed()]],
};

static TEMPLATE_BUTTON: Keys = Keys {
    table: "a template's button",
    prefix: "",
    lead: "",
    groups: &[&[
        key(
            "index",
            Shape::Count(0, limits::TEMPLATE_BUTTONS - 1),
            "which button, from 0 on",
            "0",
        )
        .needed(),
        key(
            "payload",
            Shape::Text(None),
            "what comes back when it is tapped; this or `url_suffix`",
            r#""sales""#,
        ),
        key(
            "url_suffix",
            Shape::Text(None),
            "the end of its address; this or `payload`",
            r#""blue""#,
        ),
    ]],
};
