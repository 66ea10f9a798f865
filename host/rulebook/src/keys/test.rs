//! Tests.

use super::shape::{self, Form, Name, Shape, any_number, many};
use super::words::{BOTS, KNOWLEDGE, LOOKUPS, OPTED, Played, REFUSALS};
use super::{Key, Keys, key};
use crate::limits;

static TURN_OR_TEXT: Shape = Shape::Either(&[Shape::Text(None), Shape::Table(&TURN)]);
static PAUSED: [Shape; 2] = [Shape::Truth, Shape::Form(Form::Span)];
static ANSWER_OF_AN_ENDPOINT: Shape =
    Shape::Either(&[Shape::OneOf(&LOOKUPS), Shape::Table(&ANSWER)]);
static REFUSAL: Shape = Shape::OneOf(&REFUSALS);
static RULES_OF_A_TURN: Shape = many(&shape::RULE);
static PART: Shape = Shape::Text(None);

/// `[[test]]`.
pub(crate) static TEST: Keys = Keys {
    table: "a test",
    prefix: "",
    lead: "",
    groups: &[&[
        key(
            "name",
            Shape::Words(Some(limits::PHRASE_CHARS)),
            "what is to be, as a sentence; no two tests share one",
            r#""on Sunday nobody is promised an answer""#,
        )
        .needed(),
        key(
            "at",
            Shape::Form(Form::Moment),
            "when the first message arrives, local time; noon of a Wednesday if you leave it out",
            r#""Sun 15:00""#,
        ),
        key(
            "lang",
            Shape::Form(Form::Language),
            "the language the contact last used",
            r#""en""#,
        ),
        key(
            "from",
            Shape::Form(Form::Phone),
            "the contact's phone",
            r#""+55 11 90000 0001""#,
        ),
        key(
            "number",
            Shape::Words(None),
            "the number of yours that is written to, by its name in `tollgate.toml`",
            r#""store""#,
        ),
        key(
            "says",
            Shape::OneOrMany(&TURN_OR_TEXT, 1, limits::TURNS),
            "what the contact does: one thing, or a list",
            r#"["hello", { wait = "5m" }, "anybody there?"]"#,
        )
        .needed(),
        key(
            "given",
            Shape::Table(&GIVEN),
            "what holds before",
            r#".tags = "vip""#,
        ),
        key(
            "expect",
            Shape::Table(&EXPECT),
            "what is to come of it",
            r#".rules = "parking""#,
        )
        .needed(),
    ]],
};

/// One thing that a contact does, if it is more than a text.
pub(crate) static TURN: Keys = Keys {
    table: "a turn",
    prefix: "",
    lead: "",
    groups: &[&[
        key(
            "text",
            Shape::Text(None),
            "a text, where something stands beside it; beside `kind`, its words",
            r#""hello""#,
        ),
        key(
            "option",
            Shape::Name(Name::Option),
            "a tap on this button or row",
            r#""hours""#,
        ),
        key(
            "quick_reply",
            Shape::Text(None),
            "a tap on a button of a template, by what stands on it",
            r#""Yes, please""#,
        ),
        file("image", "a picture, with what stands beneath it"),
        file("video", "a film, likewise"),
        file("audio", "a sound file"),
        file("voice", "a voice message"),
        file("document", "a document, with what stands beneath it"),
        file("sticker", "a sticker"),
        key(
            "kind",
            Shape::OneOf(&Played),
            "another kind of message",
            r#""location""#,
        ),
        key(
            "form",
            Shape::AnyTable,
            "a form that was filled in, with its answers",
            r#"{ size = "38" }"#,
        ),
        key(
            "wait",
            Shape::Form(Form::Span),
            "time that passes; it stands alone",
            r#""3h""#,
        ),
        key(
            "quoting",
            Shape::Truth,
            "beside any of these: it replies to our last message",
            "true",
        ),
        key(
            "ad",
            Shape::Text(None),
            "beside any of these: it came from this ad",
            r#""123""#,
        ),
        key(
            "payload",
            Shape::Text(None),
            "beside `quick_reply`: what the button stands for; what stands on it if you leave it out",
            r#""sales""#,
        ),
    ]],
};

const fn file(name: &'static str, means: &'static str) -> Key {
    key(name, Shape::Text(None), means, r#""""#)
}

/// `given.…` of a test.
pub(crate) static GIVEN: Keys = Keys {
    table: "`given`",
    prefix: "given.",
    lead: "",
    groups: &[&[
        key(
            "name",
            Shape::Text(None),
            "what the contact calls themselves",
            r#""Ana Souza""#,
        ),
        key(
            "tags",
            any_number(&shape::TAG),
            "the contact's tags",
            r#"["vip"]"#,
        ),
        key(
            "opted",
            Shape::OneOf(&OPTED),
            "what the contact allowed",
            r#""out""#,
        ),
        key(
            "paused",
            Shape::Either(&PAUSED),
            "a person has the conversation: `true` for an hour, or so long",
            r#""2h""#,
        ),
        key(
            "last_seen",
            Shape::Form(Form::Span),
            "how long ago the contact wrote before; never, if you leave it out",
            r#""3d""#,
        ),
        key(
            "knowledge",
            Shape::Offered(&KNOWLEDGE),
            "what knowledge bases answer: a text, or one of these words",
            r#""no-answer""#,
        ),
        key(
            "lookup",
            Shape::ByName("ENDPOINT", Name::Thing, &ANSWER_OF_AN_ENDPOINT),
            "what an endpoint answers",
            r#".orders = { status = 200, body = { state = "sent" } }"#,
        ),
        key(
            "memory",
            Shape::ByName("KEY", Name::Thing, &PART),
            "what plugins remember of the contact",
            r#".greeted = "yes""#,
        ),
    ]],
};

/// What an endpoint answers: `{ status = 200, body = "…" }`.
pub(crate) static ANSWER: Keys = Keys {
    table: "an answer",
    prefix: "",
    lead: "",
    groups: &[&[
        key(
            "status",
            Shape::Count(100, 599),
            "the status of HTTP; 200 if you leave it out",
            "200",
        ),
        key(
            "body",
            Shape::Anything,
            "a text, or a table, which is handed over as JSON",
            r#""sent""#,
        ),
    ]],
};

/// `expect.…` of a test.
pub(crate) static EXPECT: Keys = Keys {
    table: "`expect`",
    prefix: "expect.",
    lead: "",
    groups: &[&[
        key(
            "rules",
            many(&RULES_OF_A_TURN),
            "for each message the rule that answers, `\"none\"`, or a list where several do; `opt_out` and `opt_in` for those sections",
            r#"["parking", "none"]"#,
        ),
        key(
            "reply",
            many(&PART),
            "the whole text of each send, in order",
            r#""Yes, customers park for free.""#,
        ),
        key(
            "reply_has",
            many(&PART),
            "this stands in some send",
            r#""park for free""#,
        ),
        key(
            "reply_lacks",
            many(&PART),
            "this stands in no send",
            r#"["sorry", "unfortunately"]"#,
        ),
        key(
            "sends",
            Shape::Count(0, usize::MAX),
            "how many messages were let out",
            "1",
        ),
        key(
            "refused",
            any_number(&REFUSAL),
            "the gate's refusals, in order; `[]` for none",
            r#"["window-closed"]"#,
        ),
        key(
            "opted",
            Shape::OneOf(&OPTED),
            "what the contact allows in the end",
            r#""out-of-marketing""#,
        ),
        key(
            "handed_to",
            Shape::Name(Name::Desk),
            "the desk that has the conversation in the end, or `\"none\"`",
            r#""support""#,
        ),
        key(
            "drafted_to",
            Shape::Name(Name::Desk),
            "the desk where the last draft waits for a person, or `\"none\"`; drafts are no sends",
            r#""support""#,
        ),
        key(
            "draft_has",
            many(&PART),
            "this stands in some draft",
            r#""your refund""#,
        ),
        key(
            "bot",
            Shape::OneOf(&BOTS),
            "whether the bot speaks in the end",
            r#""paused""#,
        ),
        key(
            "tags",
            any_number(&shape::TAG),
            "all tags of the contact in the end; `[]` for none",
            r#"["vip"]"#,
        ),
    ]],
};
