//! What tests reach: the rules that ran in one, the languages they answered in, and where they turned to.

use std::collections::{BTreeMap, BTreeSet};

use model::{Language, Outcome, RuleName, RunResult, Step, StepResult, TenantId, Unanswered};
use rulebook::{Draft, Rule};
use serde_json::Value;

use super::Rehearsed;
use crate::Edition;

/// What the tests of a tenant reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// Whose.
    pub tenant: TenantId,
    /// Its rules in order, without those that are off.
    pub rules: Vec<Covered>,
}

/// What tests reach of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// Which.
    pub rule: RuleName,
    /// Where it stands.
    pub file: String,
    /// In which line, from 1.
    pub line: usize,
    /// In how many tests it ran.
    pub tests: usize,
    /// The languages it has words in.
    pub languages: Vec<Language>,
    /// Those in which no test saw it answer.
    pub unheard: Vec<Language>,
    /// Where it would turn to and never did: the key, and the rule that it names.
    pub untaken: Vec<(&'static str, RuleName)>,
}

impl Coverage {
    /// The rules that ran in no test.
    pub fn unreached(&self) -> impl Iterator<Item = &Covered> {
        self.rules.iter().filter(|rule| rule.tests == 0)
    }

    /// For each language how many rules have words in it, and how many of those a test saw answer in it.
    #[must_use]
    pub fn by_language(&self) -> BTreeMap<&Language, (usize, usize)> {
        let mut all: BTreeMap<_, (usize, usize)> = BTreeMap::new();
        for rule in &self.rules {
            for language in &rule.languages {
                let (heard, of) = all.entry(language).or_default();
                *of += 1;
                *heard += usize::from(!rule.unheard.contains(language));
            }
        }
        all
    }
}

/// What these tests reach of each tenant's rules.
#[must_use]
pub fn coverage(edition: &Edition, tests: &[Rehearsed]) -> Vec<Coverage> {
    let tenants = edition.rulebooks();
    tenants
        .map(|(tenant, draft)| {
            let tests = tests.iter().filter(|test| test.tenant == *tenant);
            of_tenant(tenant, draft, tests)
        })
        .collect()
}

#[derive(Default)]
struct Reached<'a> {
    tests: usize,
    languages: BTreeSet<&'a Language>,
    taken: BTreeSet<&'static str>,
}

fn of_tenant<'a>(
    tenant: &TenantId,
    draft: &Draft,
    tests: impl Iterator<Item = &'a Rehearsed>,
) -> Coverage {
    let mut reached: BTreeMap<&RuleName, Reached<'_>> = BTreeMap::new();
    for test in tests {
        let mut here = BTreeSet::new();
        for decision in test.turns.iter().map(|turn| &turn.decision) {
            for step in &decision.steps {
                let reached = reached.entry(&step.rule).or_default();
                if here.insert(&step.rule) {
                    reached.tests += 1;
                }
                if matches!(step.result, StepResult::Stands | StepResult::Shadow) {
                    reached.languages.insert(&decision.language);
                }
            }
            // What a shadow would turn to is not run.
            let live = decision.steps.iter();
            let live: Vec<_> = live
                .filter(|step| step.result != StepResult::Shadow)
                .collect();
            for (step, next) in live.iter().zip(live.iter().skip(1)) {
                let rule = draft.rule_index(&step.rule);
                let rule = rule.and_then(|index| draft.rules().get(index));
                let lead = rule.and_then(|rule| lead(rule, step, &next.rule));
                reached.entry(&step.rule).or_default().taken.extend(lead);
            }
        }
    }
    let covered = |rule: &Rule| {
        let nothing = Reached::default();
        let reached = reached.get(&rule.name).unwrap_or(&nothing);
        let languages = languages(rule);
        let mut unheard = languages.clone();
        unheard.retain(|language| !reached.languages.contains(language));
        let leads = leads(rule).filter_map(|(key, to)| Some((key, to?.clone())));
        Covered {
            rule: rule.name.clone(),
            file: rule.file.clone(),
            line: rule.line,
            tests: reached.tests,
            unheard,
            languages,
            untaken: leads
                .filter(|(key, _)| !reached.taken.contains(key))
                .collect(),
        }
    };
    Coverage {
        tenant: tenant.clone(),
        rules: draft.rules().iter().map(covered).collect(),
    }
}

fn leads(rule: &Rule) -> impl Iterator<Item = (&'static str, Option<&RuleName>)> {
    [
        ("call", rule.call.as_ref()),
        ("if_no_answer", rule.if_no_answer.as_ref()),
        ("if_blocked", rule.if_blocked.as_ref()),
        ("if_slow", rule.if_slow.as_ref()),
        ("if_fails", rule.if_fails.as_ref()),
        ("if_refused", rule.if_refused.as_ref()),
    ]
    .into_iter()
}

/// The key by which a step led to the next, if it did.
fn lead(rule: &Rule, step: &Step, next: &RuleName) -> Option<&'static str> {
    let by_end = match step.runs.last().map(|run| &run.result) {
        Some(RunResult::Failed(_)) => "if_fails",
        Some(RunResult::Ended(Outcome::Unanswered(why))) => match why {
            Unanswered::NoAnswer => "if_no_answer",
            Unanswered::Blocked => "if_blocked",
            Unanswered::Slow => "if_slow",
            Unanswered::Refused => "if_refused",
        },
        _ => "call",
    };
    let names = |key: &str| leads(rule).any(|(lead, to)| lead == key && to == Some(next));
    // Where the key for this end names nothing, an answer withheld is followed by `call` all the same.
    [by_end, "call"].into_iter().find(|key| names(key))
}

/// The languages of its file that its settings have words in: `reply.pt` and its like.
fn languages(rule: &Rule) -> Vec<Language> {
    let mut languages = rule.languages.clone();
    languages.retain(|language| {
        let settings = rule.actions.iter().map(|action| &action.settings);
        settings.into_iter().any(|value| speaks(value, language))
    });
    languages
}

fn speaks(value: &Value, language: &Language) -> bool {
    match value {
        Value::Object(parts) => {
            parts.get(language.as_str()).is_some_and(Value::is_string)
                || parts.values().any(|part| speaks(part, language))
        }
        Value::Array(parts) => parts.iter().any(|part| speaks(part, language)),
        _ => false,
    }
}
