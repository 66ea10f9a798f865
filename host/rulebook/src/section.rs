//! `[opt_out]` and `[opt_in]`: no rules, always first.

use std::collections::BTreeMap;

use model::ConsentScope;

use crate::findings::{Findings, Site};
use crate::fold::{Folded, fold};
use crate::head::{self, Head};
use crate::keys::words::COVERS;
use crate::keys::{SECTION, suggestion};
use crate::placeholder::Nameable;
use crate::texts::{self, Reader, Texts};
use crate::value::{Entry, Text, Value, refuse};
use crate::when;
use crate::{codes, limits};

/// Words that mean stop, in every rulebook.
const STOP: &[&str] = &[
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "OPTOUT",
    "OPT-OUT",
    "REMOVE",
    "ARRET",
];
/// Words that let a contact back in, in every rulebook.
const START: &[&str] = &["START", "UNSTOP"];

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Out,
    In,
}

impl Way {
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Out => "opt_out",
            Self::In => "opt_in",
        }
    }

    fn built_in(self) -> &'static [&'static str] {
        match self {
            Self::Out => STOP,
            Self::In => START,
        }
    }
}

/// Where a word comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Built in, by its spelling.
    BuiltIn(&'static str),
    /// The tenant's file.
    File(Site),
}

/// One of the two sections as read, or as it is if no file has it.
#[derive(Debug, Clone)]
pub(crate) struct Sectional {
    /// Folded.
    pub(crate) words: BTreeMap<Folded, Origin>,
    pub(crate) covers: ConsentScope,
    pub(crate) reply: Texts,
    /// Where its header stands, if a file has it.
    pub(crate) at: Option<Site>,
    /// Its file's own settings.
    pub(crate) head: Head,
}

impl Sectional {
    /// Built-in words, everything, no text.
    pub(crate) fn built_in(way: Way) -> Self {
        let words = way
            .built_in()
            .iter()
            .map(|word| (fold(word), Origin::BuiltIn(word)))
            .collect();
        Self {
            words,
            covers: ConsentScope::Everything,
            reply: Texts::default(),
            at: None,
            head: Head::default(),
        }
    }

    /// Whether the whole message is one of its words. An emoji beside the word does not turn it into a sentence.
    pub(crate) fn hears(&self, text: &Folded) -> bool {
        self.words.contains_key(text)
            || text
                .without_symbols()
                .is_some_and(|bare| self.words.contains_key(&bare))
    }
}

/// Reads a section from one file, if the file has it.
pub(crate) fn read(
    way: Way,
    top: &[Entry<'_>],
    nameable: &Nameable<'_>,
    into: &mut Sectional,
    place: impl Fn(&Site) -> String,
    findings: &mut Findings,
) {
    let Some(section) = top.iter().find(|entry| entry.key == way.key()) else {
        return;
    };
    let (name, head) = (way.key(), nameable.head);
    if let Some(earlier) = &into.at {
        let message = format!("[{name}] stands in {} already", place(earlier));
        findings
            .error(&section.at(), codes::DUPLICATE, message)
            .help("put all of it into one file");
        return;
    }
    into.at = Some(section.at());
    into.head = head.clone();
    let Some(entries) = section.value.table(findings) else {
        return;
    };
    let mut added = Vec::new();
    for entry in &entries {
        let value = entry.value;
        match entry.key {
            "words" => {
                for text in words(value, findings) {
                    added.extend(when::phrase(&text, findings).map(|word| (word, text.at)));
                }
            }
            "except" => except(way, entry, into, findings),
            "covers" => {
                if let Some(text) = value.text(findings) {
                    match COVERS.parse(text.text) {
                        Some(covers) => into.covers = *covers,
                        None => refuse_covers(&text, findings),
                    }
                }
            }
            "reply" => {
                let reader = Reader {
                    key: "reply",
                    table: name,
                    above: &SECTION,
                    nameable,
                    most_chars: limits::TEXT_CHARS,
                    because: "a text",
                };
                let before = findings.errors();
                if let Some(reply) = reader.read(value, findings) {
                    if findings.errors() == before {
                        texts::missing(
                            &reply,
                            &head.languages,
                            &format!("the reply of [{name}]"),
                            &entry.at(),
                            findings,
                        );
                    }
                    into.reply = reply;
                }
            }
            _ => refuse(entry, &SECTION, None, findings),
        }
    }
    // After `except`, whatever the order of the lines: a word that is put back in counts.
    for (word, at) in added {
        into.words.insert(word, Origin::File(at));
    }
}

fn refuse_covers(text: &Text<'_>, findings: &mut Findings) {
    let message = format!(
        "`covers` is \"everything\" or \"marketing\", not \"{}\"",
        text.text
    );
    findings
        .error(&text.at, codes::BAD_VALUE, message)
        .help(COVERS.suggestion(text.text));
}

/// One list of words, or one for each language: which language a word is of does not matter to what it does.
fn words<'a>(value: Value<'a>, findings: &mut Findings) -> Vec<Text<'a>> {
    let Some(entries) = value.as_table() else {
        return value.texts(findings).unwrap_or_default();
    };
    let mut words = Vec::new();
    for entry in entries {
        if SECTION.has(entry.key) {
            let message = format!(
                "`{}` is a key of the section, not a language of `words`",
                entry.key
            );
            findings
                .error(&entry.at(), codes::MISPLACED, message)
                .help("write it above, or without `words.` in front");
            continue;
        }
        let code = Text {
            text: entry.key,
            at: entry.at(),
        };
        // People may stop in a language that nobody answers in.
        head::parse(&code, findings);
        words.extend(entry.value.texts(findings).unwrap_or_default());
    }
    words
}

fn except(way: Way, entry: &Entry<'_>, into: &mut Sectional, findings: &mut Findings) {
    for text in entry.value.texts(findings).unwrap_or_default() {
        let word = fold(text.text);
        if way.built_in().iter().any(|built_in| fold(built_in) == word) {
            into.words.remove(&word);
        } else {
            let message = format!(
                "\"{}\" is no built-in word, so there is nothing to take out",
                text.text
            );
            findings
                .error(&text.at, codes::UNKNOWN_NAME, message)
                .help(suggestion(text.text, way.built_in().iter().copied()));
        }
    }
}

/// A word cannot mean both.
pub(crate) fn check_both_ways(out: &Sectional, back: &Sectional, findings: &mut Findings) {
    for (word, origin) in &out.words {
        let Some(other) = back.words.get(word) else {
            continue;
        };
        // Where the people's own file says it; both built in cannot be.
        let ((Origin::File(at), _) | (_, Origin::File(at))) = (other, origin) else {
            continue;
        };
        let message = format!(
            "\"{}\" means stop in [opt_out] and start in [opt_in]",
            word.as_str()
        );
        findings
            .error(at, codes::BOTH_WAYS, message)
            .help("take it out of one of the two; `except` takes a built-in word out");
    }
}
