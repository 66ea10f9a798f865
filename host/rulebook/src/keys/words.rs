//! The words among which a key lets people choose: each once, for the reader, the schema and the page alike.

use model::{ConsentScope, MediaKind};

use crate::bound::Stage;
use crate::condition::First;
use crate::keys::suggestion;
use crate::rule_test::{Bot, GivenKnowledge, GivenLookup, Opted};

/// A few words, each with what it is to the reader and to people.
pub(crate) struct Words<T: 'static>(&'static [(&'static str, T, &'static str)]);

impl<T> Words<T> {
    /// What a word is to the reader.
    pub(crate) fn parse(&self, word: &str) -> Option<&T> {
        let known = self.0.iter().find(|(known, ..)| *known == word);
        known.map(|(_, meaning, _)| meaning)
    }

    /// The words alone.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.0.iter().map(|(word, ..)| *word)
    }

    /// The nearest one, or all.
    pub(crate) fn suggestion(&self, word: &str) -> String {
        suggestion(word, self.all())
    }
}

/// Words with what they mean to people, whatever they are to the reader.
pub(crate) trait Choice: Sync {
    fn choices(&self) -> Vec<(&'static str, &'static str)>;
}

impl<T: Sync> Choice for Words<T> {
    fn choices(&self) -> Vec<(&'static str, &'static str)> {
        self.0
            .iter()
            .map(|(word, _, means)| (*word, *means))
            .collect()
    }
}

/// `when.kind`.
pub(crate) static KINDS: Words<()> = Words(&[
    ("text", (), "something written"),
    ("image", (), "a picture"),
    ("video", (), "a film"),
    ("audio", (), "a sound file"),
    ("voice", (), "a voice message"),
    ("document", (), "a document"),
    ("sticker", (), "a sticker"),
    ("location", (), "a place on the map"),
    ("contacts", (), "somebody's contact card"),
    ("button", (), "a tap on a button"),
    ("menu", (), "a tap on a row of a menu"),
    ("form", (), "a form that was filled in"),
    (
        "reaction",
        (),
        "an emoji on one of the messages; only a rule that names this kind looks at it",
    ),
    ("order", (), "an order from the catalogue"),
    (
        "edit",
        (),
        "a message that was changed; only a rule that names this kind looks at it",
    ),
    (
        "revoke",
        (),
        "a message that was taken back; only a rule that names this kind looks at it",
    ),
    (
        "welcome",
        (),
        "a chat that was opened for the first time, before anything is written",
    ),
    ("unsupported", (), "what WhatsApp does not hand over"),
]);

/// `when.channel`: the networks whose messages are answered.
pub(crate) static CHANNELS: Words<()> = Words(&[("whatsapp", (), "WhatsApp")]);

/// `when.first`, beside spans of time.
pub(crate) static FIRST: Words<First> = Words(&[
    ("ever", First::Ever, "the contact's first message of all"),
    (
        "today",
        First::Today,
        "the contact's first message of the day, in the file's timezone",
    ),
]);

/// `only`.
pub(crate) static ONLY: Words<()> =
    Words(&[("called", (), "the rule waits to be named by another one")]);

/// `covers` of `[opt_out]`.
pub(crate) static COVERS: Words<ConsentScope> = Words(&[
    (
        "everything",
        ConsentScope::Everything,
        "nothing is sent any more",
    ),
    (
        "marketing",
        ConsentScope::Marketing,
        "questions are still answered, and nothing advertises",
    ),
]);

/// `category` of a template.
pub(crate) static CATEGORIES: Words<()> = Words(&[
    (
        "marketing",
        (),
        "it advertises: whoever opted out of marketing does not get it",
    ),
    (
        "utility",
        (),
        "it is about something the contact did or bought",
    ),
    ("authentication", (), "it carries a code"),
]);

/// `stage`, beside `canary 10%`.
pub(crate) static STAGES: Words<Stage> = Words(&[
    (
        "shadow",
        Stage::Shadow,
        "it runs and is recorded, and sends nothing",
    ),
    (
        "live",
        Stage::Live,
        "it is for everybody, as without this key",
    ),
]);

/// Kinds of file.
pub(crate) struct Files;

impl Choice for Files {
    fn choices(&self) -> Vec<(&'static str, &'static str)> {
        let means = |kind| match kind {
            MediaKind::Image => "a picture",
            MediaKind::Video => "a film",
            MediaKind::Audio => "a sound file; no text goes beneath it",
            MediaKind::Voice => "a voice message; no text goes beneath it",
            MediaKind::Document => "a document, which may have a `filename`",
            MediaKind::Sticker => "a sticker; no text goes beneath it",
        };
        MediaKind::ALL.map(|kind| (kind.word(), means(kind))).into()
    }
}

/// `{ kind = "…" }` among what a contact does in a test: those of which no more needs to be said.
pub(crate) struct Played;

impl Choice for Played {
    fn choices(&self) -> Vec<(&'static str, &'static str)> {
        let needs_more = |word| matches!(word, "text" | "button" | "menu");
        let mut kinds = KINDS.choices();
        kinds.retain(|(word, _)| !needs_more(*word));
        kinds
    }
}

/// `given.opted` and `expect.opted`.
pub(crate) static OPTED: Words<Opted> = Words(&[
    ("in", Opted::In, "everything"),
    ("out", Opted::Out, "nothing"),
    (
        "out-of-marketing",
        Opted::OutOfMarketing,
        "everything but what advertises",
    ),
]);

/// `given.knowledge`, beside the text of an answer.
pub(crate) static KNOWLEDGE: Words<GivenKnowledge> = Words(&[
    ("no-answer", GivenKnowledge::NoAnswer, "nothing is found"),
    ("blocked", GivenKnowledge::Blocked, "a guardrail steps in"),
    ("slow", GivenKnowledge::Slow, "it takes too long"),
]);

/// `given.lookup.…`, beside an answer.
pub(crate) static LOOKUPS: Words<GivenLookup> = Words(&[
    ("slow", GivenLookup::Slow, "it takes too long"),
    (
        "unreachable",
        GivenLookup::Unreachable,
        "nobody answers there",
    ),
]);

/// `expect.bot`.
pub(crate) static BOTS: Words<Bot> = Words(&[
    ("speaks", Bot::Speaks, "it answers"),
    ("paused", Bot::Paused, "it keeps silent"),
]);

/// `expect.refused`: as [`model::Refusal::word`] has them.
pub(crate) static REFUSALS: Words<()> = Words(&[
    ("not-granted", (), "the plugin may not do that"),
    ("not-allowlisted", (), "the number may not send"),
    ("stopped", (), "an operator stopped all sending"),
    ("invalid", (), "WhatsApp would not take it"),
    ("opted-out", (), "the contact opted out"),
    (
        "not-opted-in",
        (),
        "the contact has not opted in, and this business demands it",
    ),
    ("paused", (), "a person has the conversation"),
    (
        "window-closed",
        (),
        "the contact last wrote more than 24 hours ago",
    ),
    ("loop-suspected", (), "two bots seem to talk to each other"),
    ("quota-exceeded", (), "a limit of the account is reached"),
    ("rate-limited", (), "too much in too short a time"),
]);
