//! The keys of the language: what each means, what its value looks like, an example; and what was probably meant by a slip.
//!
//! Nothing else lists them: the reader refuses what is not here, the editor's schema and the tables of docs/rules.md are made of it.

mod file;
mod otherwise;
mod page;
pub(crate) mod placeholders;
mod rule;
pub(crate) mod shape;
mod test;
mod when;
pub(crate) mod words;

pub(crate) use file::{
    DAYS, FILE, HOURS, NAMED_PARAMETER, OF_DAYS, OPTION, RANGES, SECTION, TEMPLATE, TITLE_OF_OPTION,
};
pub use page::{Described, described, tables};
pub(crate) use rule::{FILE_TO_SEND, LEADS, RULE};
pub(crate) use test::{ANSWER, EXPECT, GIVEN, TEST, TURN};
pub(crate) use when::WHEN;

use crate::codes;
use crate::findings::{Findings, Site};
use shape::Shape;

/// The keys of one kind of table.
pub(crate) struct Keys {
    /// How people call the table.
    pub(crate) table: &'static str,
    /// What stands before each key where it is written in a line of the table above: `when.`
    pub(crate) prefix: &'static str,
    /// With what a sentence about a key begins.
    pub(crate) lead: &'static str,
    /// The keys, those together that a page shows together.
    pub(crate) groups: &'static [&'static [Key]],
}

/// One key.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    /// What it means, in plain words, as they go on after `lead`.
    pub(crate) means: &'static str,
    /// What may stand behind it: a value, or `.part = value`. Empty where only many lines would be one.
    pub(crate) example: &'static str,
    /// Without it the table is none.
    pub(crate) is_needed: bool,
}

const fn key(name: &'static str, shape: Shape, means: &'static str, example: &'static str) -> Key {
    Key {
        name,
        shape,
        means,
        example,
        is_needed: false,
    }
}

impl Key {
    const fn needed(mut self) -> Self {
        self.is_needed = true;
        self
    }

    /// The example as a line of a file.
    pub(crate) fn line(&self, prefix: &str) -> String {
        let (name, example) = (self.name, self.example);
        if example.starts_with('.') {
            format!("{prefix}{name}{example}")
        } else {
            format!("{prefix}{name} = {example}")
        }
    }
}

impl Keys {
    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static Key> + Clone + use<> {
        self.groups.iter().copied().flatten()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> + Clone + use<> {
        self.all().map(|key| key.name)
    }

    /// Whether one of these keys was probably meant for this one.
    pub(crate) fn meant<'a>(&self, key: &str, written: impl IntoIterator<Item = &'a str>) -> bool {
        written
            .into_iter()
            .any(|slip| !self.has(slip) && nearest(slip, self.names()) == Some(key))
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.names().any(|name| name == key)
    }

    /// Says of a key that it is none.
    pub(crate) fn refuse(&self, key: &str, at: &Site, findings: &mut Findings) {
        let (code, message) = if self.table == WHEN.table {
            (codes::CONDITION, format!("unknown condition `{key}`"))
        } else {
            (
                codes::UNKNOWN_KEY,
                format!("unknown key `{key}` in {}", self.table),
            )
        };
        findings
            .error(at, code, message)
            .help(otherwise::meant(key, self).map_or_else(
                || suggestion(key, self.names()),
                |meant| format!("did you mean `{meant}`?"),
            ));
    }
}

/// The most similar of some names, if it is similar enough to have been meant: with a letter or so amiss; or the beginning of it, as
/// `once` of `once_per`, or with more behind it.
#[must_use]
pub fn nearest<'a>(name: &str, among: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// What is shorter begins too much.
    const BEGINS: usize = 4;
    let lower = name.to_lowercase();
    among
        .into_iter()
        .filter_map(|candidate| {
            let other = candidate.to_lowercase();
            let distance = strsim::damerau_levenshtein(&lower, &other);
            let shorter = lower.chars().count().min(other.chars().count());
            let begins_alike = shorter >= BEGINS
                && (begins_with_word(&lower, &other) || begins_with_word(&other, &lower));
            let is_near = distance <= shorter.div_ceil(3);
            (begins_alike || is_near).then_some((
                distance > 1 && !begins_alike,
                distance,
                candidate,
            ))
        })
        .min_by_key(|(is_far, distance, _)| (*is_far, *distance))
        .map(|(_, _, candidate)| candidate)
}

/// Whether one name begins another, to the end of a word.
fn begins_with_word(name: &str, other: &str) -> bool {
    name.strip_prefix(other)
        .is_some_and(|rest| rest.starts_with(['_', '-', ' ', '.']))
}

/// Names in a sentence: `a`, `b` and `c`; a long list is cut.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 20;
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => "none".to_owned(),
        [one] => one.clone(),
        many if many.len() > SHOWN => format!(
            "{} and {} more",
            many.iter()
                .take(SHOWN)
                .cloned()
                .collect::<Vec<_>>()
                .join(", "),
            many.len() - SHOWN
        ),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `did you mean …`, or what there is.
pub(crate) fn suggestion<'a>(
    name: &str,
    among: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    nearest(name, among.clone()).map_or_else(
        || format!("there is {}", listed(among)),
        |near| format!("did you mean `{near}`?"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_probably_meant() {
        assert_eq!(nearest("nmae", RULE.names()), Some("name"));
        assert_eq!(nearest("once-per", RULE.names()), Some("once_per"));
        assert_eq!(nearest("xyz", RULE.names()), None);
        // `note` has two letters amiss, too.
        assert_eq!(nearest("once", RULE.names()), Some("once_per"));
        assert_eq!(nearest("draft", RULE.names()), Some("draft_to"));
        assert_eq!(nearest("pause", RULE.names()), Some("pause_bot"));
        assert_eq!(nearest("word", WHEN.names()), Some("words"));
    }

    #[test]
    fn a_list_reads_as_a_sentence() {
        assert_eq!(listed(["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(listed([]), "none");
    }
}
