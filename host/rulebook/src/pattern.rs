//! `when.pattern`: regular expressions that take time in proportion to the text and no more.

use std::collections::BTreeSet;

use regex::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind};

use crate::findings::Findings;
use crate::value::Text;
use crate::{codes, limits};

/// One pattern, as it was written and as it is looked for.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Pattern {
    /// Capitals do not count, as everywhere in rules; `(?-i)` in the pattern makes them count.
    fn new(text: &str) -> Result<Self, regex::Error> {
        RegexBuilder::new(text)
            .case_insensitive(true)
            .size_limit(limits::PATTERN_BYTES)
            .build()
            .map(Self)
    }

    /// As it was written.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it finds something.
    pub(crate) fn finds(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// What it catches, by the name of the placeholder: `match.1`, `match.code`, and `match.0` for all that it found.
    pub(crate) fn captures(&self, text: &str) -> Option<Vec<(String, String)>> {
        let caught = self.0.captures(text)?;
        let names = self.0.capture_names().enumerate();
        let values = names.filter_map(|(index, name)| {
            let value = caught.get(index)?.as_str();
            let numbered = (format!("match.{index}"), value.to_owned());
            let named = name.map(|name| (format!("match.{name}"), value.to_owned()));
            Some([Some(numbered), named].into_iter().flatten())
        });
        Some(values.flatten().collect())
    }

    /// The placeholders that it fills.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        let names = self.0.capture_names().enumerate();
        names.flat_map(|(index, name)| {
            let numbered = format!("match.{index}");
            let named = name.map(|name| format!("match.{name}"));
            [Some(numbered), named].into_iter().flatten()
        })
    }

    /// The placeholders that it fills with something whenever it finds anything.
    pub(crate) fn always_caught(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        // The same syntax by the same library: it was read before.
        if let Ok(hir) = ParserBuilder::new().build().parse(self.as_str()) {
            if demands_something(&hir) {
                names.insert("match.0".to_owned());
            }
            always_caught(&hir, &mut names);
        }
        names
    }
}

fn always_caught(hir: &Hir, names: &mut BTreeSet<String>) {
    match hir.kind() {
        HirKind::Capture(group) => {
            if demands_something(&group.sub) {
                names.insert(format!("match.{}", group.index));
                names.extend(group.name.as_ref().map(|name| format!("match.{name}")));
            }
            always_caught(&group.sub, names);
        }
        HirKind::Concat(parts) => parts.iter().for_each(|part| always_caught(part, names)),
        HirKind::Repetition(repetition) if repetition.min > 0 => {
            always_caught(&repetition.sub, names);
        }
        // Of several ways one alone is gone.
        _ => {}
    }
}

/// Whether it finds no empty text.
fn demands_something(hir: &Hir) -> bool {
    hir.properties()
        .minimum_len()
        .is_some_and(|least| least > 0)
}

/// One pattern, or why it is none.
pub(crate) fn read(text: &Text<'_>, findings: &mut Findings) -> Option<Pattern> {
    let chars = text.text.chars().count();
    if chars > limits::PATTERN_CHARS {
        let message = format!(
            "{chars} characters, and a pattern has at most {}",
            limits::PATTERN_CHARS
        );
        findings
            .error(&text.at, codes::TOO_LONG, message)
            .help("split it into several: when.pattern = [\"…\", \"…\"]");
        return None;
    }
    let pattern = match Pattern::new(text.text) {
        Ok(pattern) => pattern,
        Err(error) => {
            let (message, help) = in_words(text.text, &error);
            findings.error(&text.at, codes::PATTERN, message).help(help);
            return None;
        }
    };
    if pattern.finds("") {
        findings
            .error(
                &text.at,
                codes::PATTERN,
                "this pattern finds something in every text, also in none at all",
            )
            .help("let it demand something: + in place of *, or no ? behind the last part");
        return None;
    }
    Some(pattern)
}

/// What is wrong with a pattern, and what to write instead.
fn in_words(pattern: &str, error: &regex::Error) -> (String, String) {
    if matches!(error, regex::Error::CompiledTooBig(_)) {
        return (
            "this pattern is too large: it would take more memory than all other rules together"
                .to_owned(),
            "repeat less: \\d{1,20} rather than \\d{1,2000}, and [0-9a-z] rather than \\w"
                .to_owned(),
        );
    }
    let looks_around = ["(?=", "(?!", "(?<=", "(?<!"]
        .into_iter()
        .find(|part| pattern.contains(part));
    if let Some(part) = looks_around {
        return (
            format!("`{part}` looks ahead or back, and such a pattern may take for ever"),
            "take it out: what must stand before or after can be part of the pattern, and a group ( ) catches what you want of it".to_owned(),
        );
    }
    let text = error.to_string();
    // The library's last line says what; the lines before draw the pattern, which is shown above already.
    let what = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("error: "))
        .next_back()
        .unwrap_or("it cannot be read");
    if what.contains("backreferences") {
        return (
            "`\\1` looks for what was caught before, and such a pattern may take for ever"
                .to_owned(),
            "take it out: a pattern cannot compare two parts of a text".to_owned(),
        );
    }
    (
        format!("this is no pattern: {what}"),
        "a sign that is meant as such has a \\ before it: \\. \\? \\+ \\( \\); write patterns in '…', where \\ needs no second one".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_catch_nothing_is_not_always_there() {
        for (pattern, caught) in [
            (r"order (\d{4,})", "match.0 match.1"),
            (r"(?<code>[a-z]\d+)(-\d)?", "match.0 match.1 match.code"),
            (r"<(.*)>", "match.0"),
            (r"(\b)at (\d{1,2}(:\d\d)?)", "match.0 match.2"),
            (r"table (\d)|(\d) people", "match.0"),
            (r"(?:(\d)x){2}(?:(\d)y){0,2}", "match.0 match.1"),
            (r"\b", ""),
        ] {
            let pattern = Pattern::new(pattern).unwrap();
            let names: Vec<_> = pattern.always_caught().into_iter().collect();
            assert_eq!(names.join(" "), caught, "{}", pattern.as_str());
        }
    }
}
