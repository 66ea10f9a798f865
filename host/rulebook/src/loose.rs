//! Texts where a single one will do: `"…"` for all languages, or `{ pt = "…", en = "…" }`.

use model::Language;
use serde_json::Value as Json;

use crate::codes;
use crate::findings::{Findings, Site};
use crate::head;
use crate::placeholder::{self, Nameable};
use crate::texts::too_long;
use crate::value::{Entry, Text, Value};

/// How such texts are read.
pub(crate) struct Loose<'a> {
    /// The languages it may be in, and what people call these.
    pub(crate) languages: &'a [Language],
    pub(crate) whose: &'a str,
    pub(crate) nameable: &'a Nameable<'a>,
    pub(crate) most_chars: usize,
    /// What makes that the limit.
    pub(crate) because: &'a str,
}

impl Loose<'_> {
    /// As plugins take it, with the place of each part.
    pub(crate) fn read(
        &self,
        value: Value<'_>,
        path: &str,
        sites: &mut Vec<(String, Site)>,
        findings: &mut Findings,
    ) -> Option<Json> {
        sites.push((path.to_owned(), value.at()));
        if value.as_text().is_some() {
            return self.one(value, findings).map(Json::from);
        }
        let Some(entries) = value.as_table() else {
            return value.wrong("a text in quotes, or one for each language", findings);
        };
        if entries.is_empty() {
            findings.error(&value.at(), codes::BAD_VALUE, "there is no text");
            return None;
        }
        let texts: Vec<_> = entries
            .iter()
            .map(|entry| self.entry(entry, path, sites, findings))
            .collect();
        let texts: Option<serde_json::Map<_, _>> = texts.into_iter().collect();
        texts.map(Json::Object)
    }

    fn entry(
        &self,
        entry: &Entry<'_>,
        path: &str,
        sites: &mut Vec<(String, Site)>,
        findings: &mut Findings,
    ) -> Option<(String, Json)> {
        let code = Text {
            text: entry.key,
            at: entry.at(),
        };
        let language = head::parse_among(&code, self.languages, self.whose, findings);
        let text = self.one(entry.value, findings);
        let language = language?.to_string();
        sites.push((format!("{path}.{language}"), entry.value.at()));
        Some((language, text?.into()))
    }

    fn one<'v>(&self, value: Value<'v>, findings: &mut Findings) -> Option<&'v str> {
        let text = value.text(findings)?;
        if text.text.trim().is_empty() {
            findings.error(&text.at, codes::BAD_VALUE, "the text is empty");
            return None;
        }
        let literal = placeholder::check(&text, value.raw(), self.nameable, findings);
        too_long(&text.at, literal, self.most_chars, self.because, findings);
        Some(text.text)
    }
}
