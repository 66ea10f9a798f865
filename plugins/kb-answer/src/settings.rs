//! What a rule may say of an answer from a knowledge base.

use std::collections::BTreeMap;

use sdk::limits::{self, Limit};
use sdk::{Known, Problems, Texts, check_among};
use serde::Deserialize;

/// The words above, and those beneath: they frame an answer.
pub(crate) const FRAME: Limit = Limit {
    chars: 400,
    what: "an intro or outro",
    one_line: false,
};

/// What may be said of an answer's length: less says nothing, more is no chat, and sources go beneath it.
const MAX_CHARS: std::ops::RangeInclusive<usize> = 100..=3000;

/// The settings.
#[derive(Debug, Deserialize)]
pub struct Settings {
    /// Which knowledge base, by the operator's name for it.
    pub(crate) base: String,
    /// Marks that documents must bear.
    #[serde(default)]
    pub(crate) filters: BTreeMap<String, String>,
    /// Whether an answer has to rest on a document.
    #[serde(default)]
    pub(crate) citations: Citations,
    /// What is said of the documents.
    #[serde(default)]
    pub(crate) sources: Sources,
    /// The most characters of the answer.
    #[serde(default = "max_chars")]
    pub(crate) max_chars: usize,
    /// The most passages to rest it on.
    #[serde(default = "passages")]
    pub(crate) passages: u8,
    /// How well a passage has to fit, in thousandths.
    pub(crate) least_score: Option<u16>,
    /// Words above.
    #[serde(default)]
    pub(crate) intro: Texts,
    /// Words beneath.
    #[serde(default)]
    pub(crate) outro: Texts,
}

/// Whether an answer has to rest on a document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Citations {
    #[default]
    Required,
    Optional,
}

/// What is said of the documents beneath an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Sources {
    #[default]
    Links,
    Titles,
    Off,
}

/// About what fits on a phone without scrolling.
fn max_chars() -> usize {
    900
}

fn passages() -> u8 {
    5
}

impl Settings {
    pub(crate) fn check(&self, known: &Known, problems: &mut Problems) {
        let bases = known.knowledge.iter().map(String::as_str);
        check_among(&self.base, bases, "knowledge base", "base", problems);
        if self.filters.len() > limits::QUESTION_FILTERS {
            let message = format!("there are {} filters", self.filters.len());
            let help = format!("a question takes at most {}", limits::QUESTION_FILTERS);
            problems.add_with_help("filters", message, help);
        }
        for (key, value) in &self.filters {
            if key.trim().is_empty() || value.trim().is_empty() {
                problems.add(format!("filters.{key}"), "the filter is empty");
            }
        }
        if !MAX_CHARS.contains(&self.max_chars) {
            let help = format!(
                "write a number from {} to {}",
                MAX_CHARS.start(),
                MAX_CHARS.end()
            );
            let message = format!("an answer of {} characters is not possible", self.max_chars);
            problems.add_with_help("max_chars", message, help);
        }
        if !(1..=10).contains(&self.passages) {
            let message = format!("{} passages are not possible", self.passages);
            problems.add_with_help("passages", message, "write a number from 1 to 10");
        }
        if self.least_score.is_some_and(|score| score > 1000) {
            let help = "a score is counted in thousandths: write a number from 0 to 1000";
            problems.add_with_help("least_score", "no passage fits so well", help);
        }
        if self.citations == Citations::Optional && self.least_score.is_some() {
            problems.add_with_help(
                "least_score",
                "an answer may rest on nothing, so it does not matter how well a passage fits",
                "take it out, or take `citations` out",
            );
        }
        self.intro.check_all("intro", FRAME, known, problems);
        self.outro.check_all("outro", FRAME, known, problems);
    }
}
