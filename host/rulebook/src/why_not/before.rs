//! What stands before a rule: those above it that apply and end the search.

use serde::{Deserialize, Serialize};

use model::RuleName;

use crate::bound::Stage;
use crate::condition::Seen;
use crate::why_not::Circumstances;
use crate::why_not::demand::Teller;
use crate::{Draft, Facts, Rule};

/// A rule above that answers instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// Its name.
    pub rule: RuleName,
    /// The file it stands in.
    pub file: String,
    /// The line it begins in, from 1.
    pub line: usize,
    /// It applies as things are.
    pub now: bool,
    /// It applies once the changes are made.
    pub then: bool,
    /// Which of its conditions hold, in words; none if it applies to every message.
    pub because: Vec<String>,
    /// It uses a plugin that may pass: then the search goes on.
    pub may_pass: bool,
    /// What can be done about it.
    pub ways_out: Vec<String>,
}

impl Draft {
    /// All rules above this one that apply and end the search, in order.
    pub(super) fn before(
        &self,
        rule: &Rule,
        facts: &Facts<'_>,
        changed: &Circumstances,
    ) -> Vec<Before> {
        let then = changed.facts();
        let (seen_now, seen_then) = (Seen::new(facts), Seen::new(&then));
        let place = |rule: &Rule| (rule.at.file, rule.at.span.start);
        // A rule that others call comes to its turn by them, wherever it stands.
        let above = self
            .rules
            .iter()
            .filter(|other| place(other) < place(rule) && !rule.only_called);
        above
            .filter(|other| !other.also && other.stage != Stage::Shadow)
            .filter_map(|other| {
                let now = other.holds(&seen_now);
                let applies_then = other.holds(&seen_then);
                if !now && !applies_then {
                    return None;
                }
                let facts = if now { facts } else { &then };
                let seen = if now { &seen_now } else { &seen_then };
                let teller = Teller {
                    draft: self,
                    rule: other,
                    message: facts.message,
                    language: facts.language,
                };
                Some(Before {
                    rule: other.name.clone(),
                    file: other.file.clone(),
                    line: other.line,
                    now,
                    then: applies_then,
                    because: teller.holding(seen),
                    may_pass: !other.ends_search,
                    ways_out: ways_out(rule, other),
                })
            })
            .collect()
    }
}

fn ways_out(rule: &Rule, before: &Rule) -> Vec<String> {
    let place = format!("{}:{}", before.file, before.line);
    vec![
        format!("move {} above {}, to {place}", rule.name, before.name),
        format!(
            "narrow {} ({place}), so that it lets such messages through",
            before.name
        ),
        format!(
            "write also = true in {} ({place}), if both are to answer",
            before.name
        ),
    ]
}
