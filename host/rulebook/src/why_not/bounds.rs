//! All that has to hold for a rule to apply, and what of it does not.

use model::{Moment, RuleCount};

use crate::bound::{Limit, Stage};
use crate::condition::{Condition, Seen, rounded};
use crate::why_not::Change;
use crate::{Facts, Rule};

/// Something that has to hold.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part<'a> {
    /// `when.…`
    Condition(&'a Condition),
    /// `once_per`: silent until then.
    OncePer(Moment),
    /// `limit`.
    Limit(Limit),
    /// `stage`: not among the share, in hundredths of a per cent.
    Share(u32),
    /// `only = "called"`.
    OnlyCalled,
    /// `off = true`.
    Off,
}

impl Part<'_> {
    pub(super) fn key(&self) -> &'static str {
        match self {
            Self::Condition(condition) => condition.key(),
            Self::OncePer(_) => "once_per",
            Self::Limit(_) => "limit",
            Self::Share(_) => "stage",
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
    let facts = seen.facts;
    if let Some(until) = silent_until(rule, facts).filter(|until| facts.now < *until) {
        let ago = rule.once_per.map_or(facts.now, |span| until.minus(span));
        failing.push((
            Part::OncePer(until),
            format!("answered {} ago", rounded(facts.now.since(ago))),
        ));
    }
    for (limit, times) in used_up(rule, facts) {
        failing.push((Part::Limit(limit), limit.used_up(times)));
    }
    if let Stage::Canary(share) = rule.stage
        && !rule.stage.takes(&rule.name, facts.contact.id)
    {
        failing.push((
            Part::Share(share),
            "this contact is not among the canary's share".to_owned(),
        ));
    }
    failing
}

/// Until when `once_per` keeps it silent to this contact, if it ever answered them.
pub(super) fn silent_until(rule: &Rule, facts: &Facts<'_>) -> Option<Moment> {
    let last = facts.contact.fired.get(&rule.name)?;
    Some(last.plus(rule.once_per?))
}

/// Limits that are used up, with how often it answered.
pub(super) fn used_up(rule: &Rule, facts: &Facts<'_>) -> Vec<(Limit, u32)> {
    let times = |limit: &Limit, begun: &RuleCount| {
        let counts = if limit.per_contact {
            facts.contact.counts.as_slice()
        } else {
            facts.counts
        };
        let same = |other: &&RuleCount| {
            (&other.rule, other.per, other.since) == (&begun.rule, begun.per, begun.since)
        };
        counts.iter().find(same).map_or(0, |count| count.times)
    };
    rule.counts(facts.now)
        .map(|(limit, begun)| (limit, times(&limit, &begun)))
        .filter(|(limit, times)| *times >= limit.times)
        .collect()
}
