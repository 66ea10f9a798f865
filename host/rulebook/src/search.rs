//! The search for the first rule that holds.

use std::collections::BTreeMap;

use model::{Look, LookResult, RuleCount};

use crate::condition::{Condition, Seen, rounded};
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
        for (index, rule) in self.rules.iter().enumerate().skip(from) {
            let look = |result| Look {
                rule: rule.name.clone(),
                result,
            };
            match rule.holds(&seen) {
                Ok(()) => {
                    search.looks.push(look(LookResult::Matched));
                    search.hit = Some(Hit {
                        rule: index,
                        captures: rule.captures(facts.message.content.words().unwrap_or_default()),
                    });
                    break;
                }
                // One place is kept for the rule that holds.
                Err(_) if search.looks.len() + 1 >= model::limits::LOOKS_PER_DECISION => {
                    search.looks_left_out += 1;
                }
                Err((condition, seen)) => search.looks.push(look(LookResult::Missed {
                    condition: condition.to_owned(),
                    seen,
                })),
            }
        }
        search
    }
}

impl Rule {
    /// Whether all its conditions hold; if not, the first that does not, and what was seen instead.
    pub(crate) fn holds(&self, seen: &Seen<'_>) -> Result<(), (&'static str, String)> {
        if self.only_called {
            return Err(("only", "not called".to_owned()));
        }
        for condition in &self.conditions {
            condition
                .holds(seen, &self.timezone)
                .map_err(|saw| (condition.key(), saw))?;
        }
        if let Some(span) = self.once_per
            && let Some(last) = seen.facts.contact.fired.get(&self.name)
            && seen.facts.now < last.plus(span)
        {
            return Err((
                "once_per",
                format!("answered {} ago", rounded(seen.facts.now.since(*last))),
            ));
        }
        for (limit, count) in self.counts(seen.facts.now) {
            let counts = if limit.per_contact {
                seen.facts.contact.counts.as_slice()
            } else {
                seen.facts.counts
            };
            let same = |other: &&RuleCount| {
                (&other.rule, other.per, other.since) == (&count.rule, count.per, count.since)
            };
            let times = counts.iter().find(same).map_or(0, |count| count.times);
            if times >= limit.times {
                return Err((
                    "limit",
                    format!("answered {times} times this {}", limit.per),
                ));
            }
        }
        if !self.stage.takes(&self.name, seen.facts.contact.id) {
            return Err((
                "stage",
                "this contact is not among the canary's share".to_owned(),
            ));
        }
        Ok(())
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
