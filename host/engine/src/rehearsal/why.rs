//! Why a turn of a red test went as it did: what kept the expected rule from answering, and the rules before the one that did.

use std::fmt;

use model::{
    Decision, Failure, Look, LookResult, Outcome, RuleName, RunResult, StepResult, Unanswered,
};
use rulebook::{Draft, RuleTest};

use super::Mismatch;
use super::play::Turn;
use crate::limits;

/// Why a turn went as it did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Why {
    /// The rules that were expected and did not answer, each with what kept it.
    pub absent: Vec<(RuleName, Hindrance)>,
    /// The rule that ended the search, if one did.
    pub ended_by: Option<RuleName>,
    /// The rules before that one, in order, that did not hold. All rules, if none ended it.
    pub before: Vec<Look>,
    /// Further ones of those.
    pub left_out: usize,
}

/// What kept a rule from answering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hindrance {
    /// A condition of it: the first that did not hold, and what was seen instead.
    Missed {
        /// The condition's key.
        condition: String,
        /// What was seen.
        seen: String,
    },
    /// It holds, and this rule, which stands before it, ended the search.
    Outranked {
        /// Which.
        by: RuleName,
    },
    /// It was run, and that came to no answer.
    Ran {
        /// To what, as the end of a sentence.
        to: String,
    },
    /// It holds, and another rule turned to a third.
    LedAway,
    /// What was said is taken as an opt-out or an opt-in before any rule is looked at.
    Section {
        /// `opt_out` or `opt_in`.
        section: RuleName,
    },
    /// `opt_out` was expected, and what was said is no word for it.
    NoStop,
    /// `opt_in` was expected, and what was said is no word for it, or there was nothing to undo.
    NoReturn,
}

impl fmt::Display for Hindrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missed { condition, .. } if condition == "only" => {
                f.write_str("acts only when another rule calls it, and none did")
            }
            Self::Missed { condition, seen } => write!(f, "did not hold: {condition}, {seen}"),
            Self::Outranked { by } => write!(
                f,
                "holds, too, but {by} stands before it and ends the search: move it up, or narrow {by}"
            ),
            Self::Ran { to } => write!(f, "ran, and {to}"),
            Self::LedAway => f.write_str("holds, and nothing led to it"),
            Self::Section { section } => write!(
                f,
                "was not looked at: {section} takes these words before any rule"
            ),
            Self::NoStop => f.write_str("did not act: the whole message must be one of its words"),
            Self::NoReturn => f.write_str(
                "did not act: the whole message must be one of its words, and the contact opted out",
            ),
        }
    }
}

/// The turns in which the rules are to be looked at: those whose rules were not the expected ones. If a test names no rules, the
/// one in which something else differed, else those that no rule answered, else the last.
pub(super) fn at_fault(test: &RuleTest, turns: &[Turn], mismatches: &[Mismatch]) -> Vec<usize> {
    if mismatches.is_empty() {
        return Vec::new();
    }
    let differing = mismatches
        .iter()
        .filter(|mismatch| test.expect.rules.is_none() || mismatch.key.starts_with("expect.rules"));
    let mut named: Vec<usize> = differing.filter_map(|mismatch| mismatch.turn).collect();
    if named.is_empty() && test.expect.rules.is_none() {
        let silent =
            |(index, turn): (usize, &Turn)| turn.heard.answered.is_empty().then_some(index);
        named = turns.iter().enumerate().filter_map(silent).collect();
        if named.is_empty() {
            named.extend(turns.len().checked_sub(1));
        }
    }
    named.dedup();
    named
}

/// Why this turn went as it did.
pub(super) fn why(draft: &Draft, test: &RuleTest, turn: &Turn, index: usize) -> Why {
    let decision = &turn.heard.decision;
    let mut looks = turn.looks(draft);
    // What the decision saw counts: how often a rule has answered everybody, say, it alone was told.
    for look in &mut looks {
        let mut taken = decision.looks.iter();
        if let Some(taken) = taken.find(|taken| taken.rule == look.rule) {
            look.result.clone_from(&taken.result);
        }
    }
    let expected = test.expect.rules.as_ref();
    let expected = expected.and_then(|rules| rules.get(index));
    let absent = expected.into_iter().flatten();
    let absent: Vec<_> = absent
        .filter(|rule| !turn.heard.answered.contains(rule))
        .map(|rule| (rule.clone(), hindrance(rule, decision, &looks)))
        .collect();
    // A section comes before any rule; and where all that were expected answered, no other is missed.
    if section(decision).is_some() || (expected.is_some() && absent.is_empty()) {
        return Why {
            absent,
            ..Why::default()
        };
    }
    let ended_by = found_last(decision).cloned();
    let end = ended_by.as_ref().and_then(|rule| draft.rule_index(rule));
    let mut before: Vec<_> = looks
        .into_iter()
        .take(end.unwrap_or(usize::MAX))
        .filter(|look| {
            // A rule that never holds by itself did not stand in anybody's way.
            matches!(&look.result, LookResult::Missed { condition, .. } if condition != "only")
        })
        .filter(|look| absent.iter().all(|(rule, _)| *rule != look.rule))
        .collect();
    let left_out = before.len().saturating_sub(limits::LOOKS_TOLD);
    before.truncate(limits::LOOKS_TOLD);
    Why {
        absent,
        ended_by,
        before,
        left_out,
    }
}

fn hindrance(rule: &RuleName, decision: &Decision, looks: &[Look]) -> Hindrance {
    if let Some(step) = decision.steps.iter().find(|step| step.rule == *rule) {
        let last = step.runs.last().map(|run| &run.result);
        return Hindrance::Ran {
            to: match (step.result, last) {
                (StepResult::Shadow, _) => "it is a shadow: nothing of it takes effect".to_owned(),
                (_, Some(RunResult::Ended(Outcome::Unanswered(why)))) => {
                    unanswered(*why).to_owned()
                }
                (_, Some(RunResult::Failed(failure))) => failed(failure),
                (StepResult::Passed, _) => "its plugin passed: this was not for it".to_owned(),
                _ => "it came to no answer".to_owned(),
            },
        };
    }
    if let Some(section) = section(decision) {
        let section = section.clone();
        return Hindrance::Section { section };
    }
    match looks.iter().find(|look| look.rule == *rule) {
        None if rule.as_str() == "opt_in" => Hindrance::NoReturn,
        None => Hindrance::NoStop,
        Some(look) => match &look.result {
            LookResult::Missed { condition, seen } => Hindrance::Missed {
                condition: condition.clone(),
                seen: seen.clone(),
            },
            LookResult::Matched => found_last(decision).map_or(Hindrance::LedAway, |by| {
                Hindrance::Outranked { by: by.clone() }
            }),
        },
    }
}

fn unanswered(why: Unanswered) -> &'static str {
    match why {
        Unanswered::NoAnswer => "its plugin knew no answer",
        Unanswered::Blocked => "a guardrail stepped in",
        Unanswered::Slow => "it took too long",
        Unanswered::Refused => "the gate refused what it would send",
    }
}

fn failed(failure: &Failure) -> String {
    failure.to_string()
}

/// The section that took the message.
fn section(decision: &Decision) -> Option<&RuleName> {
    let acted = decision.steps.first().map(|step| &step.rule);
    let acted = acted.or_else(|| decision.answered_by());
    acted.filter(|rule| matches!(rule.as_str(), "opt_out" | "opt_in"))
}

/// The rule that the search found last: where it ended.
fn found_last(decision: &Decision) -> Option<&RuleName> {
    let mut looks = decision.looks.iter().rev();
    let found = looks.find(|look| look.result == LookResult::Matched);
    let found = found.map(|look| &look.rule);
    // Of a search that went through: only rules that let it go on, or passed, were found.
    found.or_else(|| decision.steps.first().map(|step| &step.rule))
}
