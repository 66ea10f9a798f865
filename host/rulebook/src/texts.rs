//! Texts for contacts, by language.

use std::collections::BTreeMap;

use model::Language;

use crate::codes;
use crate::findings::{Findings, Site};
use crate::head;
use crate::keys::Keys;
use crate::placeholder::{self, Nameable};
use crate::value::{Entry, Text, Value, misplaced};

/// A text in several languages.
#[derive(Debug, Clone, Default)]
pub(crate) struct Texts {
    pub(crate) by_language: BTreeMap<Language, (String, Site)>,
}

impl Texts {
    /// As plugins take it: a table of texts by language.
    pub(crate) fn json(&self) -> serde_json::Value {
        self.by_language
            .iter()
            .map(|(language, (text, _))| (language.to_string(), text.as_str().into()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }

    /// Likewise, without the languages that the file does not speak: options and templates are the tenant's.
    pub(crate) fn json_in(&self, languages: &[Language]) -> serde_json::Value {
        let spoken = self
            .by_language
            .iter()
            .filter(|(language, _)| languages.contains(language))
            .map(|(language, text)| (language.clone(), text.clone()));
        Self {
            by_language: spoken.collect(),
        }
        .json()
    }
}

/// Where texts are read: what they are called, how long they may be.
pub(crate) struct Reader<'a> {
    /// The key, `reply`.
    pub(crate) key: &'a str,
    /// The table it stands in, as a header would name it.
    pub(crate) table: &'a str,
    /// The keys of that table: under a header they are a sign of TOML's trap.
    pub(crate) above: &'a Keys,
    pub(crate) nameable: &'a Nameable<'a>,
    pub(crate) most_chars: usize,
    /// What makes that the limit.
    pub(crate) because: &'a str,
}

impl Reader<'_> {
    pub(crate) fn read(&self, value: Value<'_>, findings: &mut Findings) -> Option<Texts> {
        let key = self.key;
        if value.as_text().is_some() {
            let first = self
                .nameable
                .head
                .languages
                .first()
                .map_or("en", Language::as_str);
            let message = format!("`{key}` takes a text for each language");
            findings
                .error(&value.at(), codes::WRONG_TYPE, message)
                .help(format!("write {key}.{first} = {}", value.raw()));
            return None;
        }
        let mut texts = Texts::default();
        for entry in value.table(findings)? {
            if let Some((language, text)) = self.entry(&entry, value.is_under_header(), findings) {
                texts
                    .by_language
                    .insert(language, (text.text.to_owned(), text.at));
            }
        }
        Some(texts)
    }

    fn entry<'a>(
        &self,
        entry: &Entry<'a>,
        under_header: bool,
        findings: &mut Findings,
    ) -> Option<(Language, Text<'a>)> {
        if self.above.has(entry.key) {
            let header = format!("{}.{}", self.table, self.key);
            if under_header {
                misplaced(entry, &header, self.above.table, findings);
            } else {
                let message = format!(
                    "`{}` is a key of {}, not a language of `{}`",
                    entry.key, self.above.table, self.key
                );
                findings
                    .error(&entry.at(), codes::MISPLACED, message)
                    .help(format!("write it without `{}.` in front", self.key));
            }
            return None;
        }
        let code = Text {
            text: entry.key,
            at: entry.at(),
        };
        let language = head::parse_among(
            &code,
            &self.nameable.head.languages,
            "the file's languages",
            findings,
        );
        let text = entry.value.text(findings)?;
        if text.text.trim().is_empty() {
            findings
                .error(&text.at, codes::BAD_VALUE, "the text is empty")
                .help("write one, or leave the language out");
            return None;
        }
        let literal = placeholder::check(&text, entry.value.raw(), self.nameable, findings);
        too_long(&text.at, literal, self.most_chars, self.because, findings);
        Some((language?, text))
    }
}

/// Reports a text past its limit.
pub(crate) fn too_long(
    at: &Site,
    chars: usize,
    most: usize,
    because: &str,
    findings: &mut Findings,
) {
    if chars > most {
        let message = format!("{chars} characters, and {because} has at most {most}");
        findings
            .error(at, codes::TOO_LONG, message)
            .help(format!("shorten it by {}", chars - most));
    }
}

/// Which texts are missing, of those that people will want.
pub(crate) fn missing(
    texts: &Texts,
    wanted: &[Language],
    what: &str,
    at: &Site,
    findings: &mut Findings,
) {
    let Some((first, others)) = wanted.split_first() else {
        return;
    };
    // What bears a name lacks a text once, in however many places it is offered.
    let is_named = what.contains('`');
    if !texts.by_language.contains_key(first) {
        let message = format!("{what} has no text in `{first}`, the fallback");
        findings
            .error(at, codes::MISSING, message)
            .help(format!(
                "add one: {first} is what is sent where a language has no text of its own"
            ))
            .absence_of_text()
            .once_if(is_named);
    }
    for language in others
        .iter()
        .filter(|language| !texts.by_language.contains_key(language))
    {
        let message = format!("{what} has no text in `{language}`");
        findings
            .warning(at, codes::NO_TEXT, message)
            .help(format!(
                "people who write in `{language}` will get the text in `{first}`"
            ))
            .absence_of_text()
            .once_if(is_named);
    }
}
