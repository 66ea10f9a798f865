//! What each rule had to say to a message, those included that nobody looked at because the message alone ruled them out: told
//! afterwards, for people.

use std::collections::BTreeMap;

use model::{Decision, Ending, LookResult, Message, RuleName};
use serde::{Deserialize, Serialize};

use crate::condition::Seen;
use crate::condition::{Condition, QUIET};
use crate::fold::fold;
use crate::index::handle;
use crate::why_not::demand::Teller;
use crate::{Draft, Facts, Rule, limits};

/// The rules that a decision came by, as far as they are told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// Each, in order.
    pub rules: Vec<PassedRule>,
    /// So many more were ruled out.
    pub more: usize,
}

/// One rule that a decision came by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedRule {
    /// Its name.
    pub rule: RuleName,
    /// The file it stands in.
    pub file: String,
    /// The line it begins in, from 1.
    pub line: usize,
    /// It was looked at. If not, it listens for something that was not there.
    pub looked: bool,
    /// What came of it.
    pub result: LookResult,
    /// Of a rule that does not hold: what it wants and did not get, in words.
    pub wants: Option<String>,
    /// Of a rule that holds: what held, in words; nothing of one that holds for every message.
    pub because: Vec<String>,
}

impl Draft {
    /// What each rule that this decision came by had to say, in order. Only true of the edition that it was decided on.
    #[must_use]
    pub fn passed(&self, message: &Message, decision: &Decision) -> Passed {
        let looks: BTreeMap<&RuleName, &LookResult> = decision
            .looks
            .iter()
            .map(|look| (&look.rule, &look.result))
            .collect();
        let counted = decision.looks.len() + decision.looks_left_out + decision.ruled_out;
        let last = decision
            .looks
            .last()
            .and_then(|look| self.rule_index(&look.rule));
        let end = match decision.ending {
            _ if counted == 0 => 0,
            Ending::NoRule => self.rules.len(),
            _ => counted.max(last.map_or(0, |last| last + 1)),
        };
        let mut passed = Passed::default();
        let mut unlooked = 0;
        for rule in self.rules.iter().take(end) {
            let teller = Teller {
                draft: self,
                rule,
                message,
                language: &decision.language,
            };
            let looked = looks.get(&rule.name);
            let result = match looked {
                Some(result) => (*result).clone(),
                None => {
                    // Not ruled out by the message: by what was known of the contact, as which rule answered them last. Or it was
                    // looked at, and is beyond those that are listed.
                    let of_contact = || {
                        let found_by = handle(&rule.conditions).map(|(_, condition)| condition);
                        found_by
                            .filter(|condition| {
                                decision.looks_left_out == 0
                                    && holds_for(condition, message).is_none()
                            })
                            .map(Condition::key)
                    };
                    let Some(condition) = missed(rule, message).or_else(of_contact) else {
                        continue;
                    };
                    unlooked += 1;
                    if unlooked > limits::RULED_OUT_TOLD {
                        passed.more += 1;
                        continue;
                    }
                    LookResult::Missed {
                        condition: condition.to_owned(),
                        seen: "nothing of it".to_owned(),
                    }
                }
            };
            let because = match result {
                LookResult::Matched => teller.held_then(),
                LookResult::Missed { .. } => Vec::new(),
            };
            passed
                .rules
                .push(told(&teller, looked.is_some(), result, because));
        }
        passed
    }

    /// What each rule has to say to this message, in order, whether or not an earlier one holds.
    #[must_use]
    pub fn told(&self, facts: &Facts<'_>) -> Vec<PassedRule> {
        let seen = Seen::new(facts);
        let looks = self.looks(facts);
        self.rules
            .iter()
            .zip(looks)
            .map(|(rule, look)| {
                let teller = Teller {
                    draft: self,
                    rule,
                    message: facts.message,
                    language: facts.language,
                };
                let because = match look.result {
                    LookResult::Matched => teller.holding(&seen),
                    LookResult::Missed { .. } => Vec::new(),
                };
                told(&teller, true, look.result, because)
            })
            .collect()
    }
}

fn told(teller: &Teller<'_>, looked: bool, result: LookResult, because: Vec<String>) -> PassedRule {
    let rule = teller.rule;
    let wants = match &result {
        LookResult::Missed { condition, .. } => rule
            .conditions
            .iter()
            .find(|wanted| wanted.key() == condition)
            .map(|wanted| teller.demand_in_a_line(wanted)),
        LookResult::Matched => None,
    };
    PassedRule {
        rule: rule.name.clone(),
        file: rule.file.clone(),
        line: rule.line,
        looked,
        result,
        wants,
        because,
    }
}

/// The key of the first condition that the message alone fails.
fn missed(rule: &Rule, message: &Message) -> Option<&'static str> {
    if rule.only_called {
        return Some("only");
    }
    rule.conditions
        .iter()
        .find(|condition| holds_for(condition, message) == Some(false))
        .map(Condition::key)
}

/// Whether a condition holds for a message, as far as the message alone tells.
pub(super) fn holds_for(condition: &Condition, message: &Message) -> Option<bool> {
    let words = message.content.words().unwrap_or_default();
    let kind = message.content.kind();
    match condition {
        Condition::Words(_) | Condition::Says(_) | Condition::Starts(_) => {
            Some(condition.hears(&fold(words)))
        }
        Condition::Pattern(patterns) => Some(patterns.iter().any(|pattern| pattern.finds(words))),
        Condition::Kind(kinds) => Some(kinds.iter().any(|wanted| wanted == kind)),
        Condition::Loud => Some(!QUIET.contains(&kind)),
        Condition::Option(options) => Some(Condition::taps(options, &message.content)),
        Condition::MinWords(least) => Some(fold(words).words() >= *least),
        Condition::MaxWords(most) => Some(fold(words).words() <= *most),
        Condition::Quoting(wanted) => Some(message.quoting.is_some() == *wanted),
        _ => None,
    }
}
