//! All that has to hold for a rule to apply, and what of it does not.

use crate::Rule;
use crate::bound::Bound;
use crate::condition::{Condition, Seen};
use crate::why_not::Change;

/// Something that has to hold.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part<'a> {
    /// `when.…`
    Condition(&'a Condition),
    /// `once_per`, `limit`, `stage`.
    Bound(Bound),
    /// `only = "called"`.
    OnlyCalled,
    /// `off = true`.
    Off,
}

impl Part<'_> {
    pub(super) fn key(&self) -> &'static str {
        match self {
            Self::Condition(condition) => condition.key(),
            Self::Bound(bound) => bound.key(),
            Self::OnlyCalled => "only",
            Self::Off => "off",
        }
    }

    /// Whether it was named already. A rule has each key once; limits are told together by theirs.
    pub(super) fn is_of(&self, change: &Change) -> bool {
        self.key() == change.key
    }
}

/// The order in which people are told: what was written before who wrote it, that before when.
const ORDER: [&str; 22] = [
    "when.words",
    "when.says",
    "when.starts",
    "when.pattern",
    "when.min_words",
    "when.max_words",
    "when.option",
    "when.kind",
    "when.quoting",
    "when.after",
    "when.language",
    "when.country",
    "when.tags",
    "when.not_tags",
    "when.number",
    "when.ad",
    "when.channel",
    "when.first",
    "when.hours",
    "when.outside",
    "when.from",
    "when.until",
];

/// A rule's conditions in the order in which people are told of them; it keeps them in another, the cheapest first.
pub(super) fn in_order(rule: &Rule) -> Vec<&Condition> {
    let mut conditions: Vec<&Condition> = rule.conditions.iter().collect();
    conditions.sort_by_key(|condition| ORDER.iter().position(|key| *key == condition.key()));
    conditions
}

/// What does not hold, in the order for people, each with what was seen instead.
pub(super) fn failing<'a>(
    rule: &'a Rule,
    is_off: bool,
    seen: &Seen<'_>,
) -> Vec<(Part<'a>, String)> {
    let mut failing = Vec::new();
    if is_off {
        failing.push((Part::Off, "off = true".to_owned()));
    }
    if rule.only_called {
        failing.push((Part::OnlyCalled, "not called".to_owned()));
    }
    for condition in in_order(rule) {
        if !condition.holds(seen, &rule.timezone) {
            let saw = condition.saw(seen, &rule.timezone);
            failing.push((Part::Condition(condition), saw));
        }
    }
    let bounds = rule.bounds(seen.facts);
    failing.extend(bounds.map(|bound| (Part::Bound(bound), bound.saw(seen.facts.now))));
    failing
}
