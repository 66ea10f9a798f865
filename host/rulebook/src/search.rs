//! The search for the first rule that holds.

use std::collections::BTreeMap;

use model::{Look, LookResult};

use crate::bound::Bound;
use crate::condition::{Condition, Seen};
use crate::{Draft, Facts, Hit, Rule, Search};

impl Draft {
    /// The first rule at or after `from` that holds.
    #[must_use]
    pub fn search(&self, facts: &Facts<'_>, from: usize) -> Search {
        let seen = Seen::new(facts);
        let mut search = Search {
            looks: Vec::new(),
            looks_left_out: 0,
            ruled_out: 0,
            hit: None,
        };
        // As many as there could be: no rule has a number past `limits::RULES`.
        let first = u32::try_from(from).unwrap_or(u32::MAX);
        for candidate in self.index.candidates(&seen, first) {
            let Ok(index) = usize::try_from(candidate) else {
                break;
            };
            let Some(rule) = self.rules.get(index) else {
                break;
            };
            match rule.missed(&seen, self.index.proved(candidate)) {
                None => {
                    search.looks.push(rule.looked(LookResult::Matched));
                    search.hit = Some(Hit {
                        rule: index,
                        captures: rule.captures(facts.message.content.words().unwrap_or_default()),
                    });
                    break;
                }
                // One place is kept for the rule that holds.
                Some(_) if search.looks.len() + 1 >= model::limits::LOOKS_PER_DECISION => {
                    search.looks_left_out += 1;
                }
                Some(missed) => search.looks.push(rule.looked(missed.result(&seen, rule))),
            }
        }
        let end = search
            .hit
            .as_ref()
            .map_or(self.rules.len(), |hit| hit.rule + 1);
        let looked_at = search.looks.len() + search.looks_left_out;
        search.ruled_out = end.saturating_sub(from).saturating_sub(looked_at);
        search
    }
}

/// Why a rule does not hold.
pub(crate) enum Missed<'a> {
    /// It waits to be called.
    Called,
    /// This does not hold.
    Condition(&'a Condition),
    /// It is bounded for now, or for this contact.
    Bound(Bound),
}

impl Missed<'_> {
    /// As it is told.
    pub(crate) fn result(&self, seen: &Seen<'_>, rule: &Rule) -> LookResult {
        let (condition, seen) = match self {
            Self::Called => ("only", "not called".to_owned()),
            Self::Condition(condition) => (condition.key(), condition.saw(seen, &rule.timezone)),
            Self::Bound(bound) => (bound.key(), bound.saw(seen.facts.now)),
        };
        LookResult::Missed {
            condition: condition.to_owned(),
            seen,
        }
    }
}

impl Rule {
    /// The first of what it demands that does not hold, if any. One of its conditions may be known to hold, by its place.
    pub(crate) fn missed(&self, seen: &Seen<'_>, proved: Option<usize>) -> Option<Missed<'_>> {
        if self.only_called {
            return Some(Missed::Called);
        }
        let missed = self
            .conditions
            .iter()
            .enumerate()
            .find(|(place, condition)| {
                proved != Some(*place) && !condition.holds(seen, &self.timezone)
            });
        if let Some((_, condition)) = missed {
            return Some(Missed::Condition(condition));
        }
        self.bound(seen.facts).map(Missed::Bound)
    }

    /// Whether all that it demands holds.
    pub(crate) fn holds(&self, seen: &Seen<'_>) -> bool {
        self.missed(seen, None).is_none()
    }

    /// That it was looked at.
    pub(crate) fn looked(&self, result: LookResult) -> Look {
        Look {
            rule: self.name.clone(),
            result,
        }
    }

    /// What its patterns catch: those of the first that finds something.
    fn captures(&self, text: &str) -> BTreeMap<String, String> {
        let patterns = self
            .conditions
            .iter()
            .filter_map(|condition| match condition {
                Condition::Pattern(patterns) => Some(patterns),
                _ => None,
            });
        patterns
            .flatten()
            .find_map(|pattern| pattern.captures(text))
            .map(|captures| captures.into_iter().collect())
            .unwrap_or_default()
    }
}
