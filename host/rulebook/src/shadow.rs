//! Rules that are never reached, because one above holds whenever they would.

use std::collections::{BTreeMap, BTreeSet};

use crate::bound::Stage;
use crate::codes;
use crate::condition::Condition;
use crate::findings::{Findings, Site};
use crate::review::quoted;
use crate::rule::Draught;

/// Reports every rule that a rule above it always answers for.
pub(crate) fn check(rules: &[&Draught], place: impl Fn(&Site) -> String, findings: &mut Findings) {
    let mut above = Above::default();
    // Where a rule is turned to by name it is reached, whatever stands above it.
    let turned_to: BTreeSet<&str> = rules
        .iter()
        .flat_map(|rule| rule.leads.values())
        .map(|(name, _)| name.as_str())
        .collect();
    for rule in rules
        .iter()
        .filter(|rule| !rule.off && rule.is_whole && !rule.only_called)
    {
        if let Some(first) = above
            .find(rule)
            .filter(|_| !turned_to.contains(rule.called()))
        {
            let message = format!(
                "this rule is never reached: {}, {}, holds whenever it would",
                quoted(first),
                place(first.pointer())
            );
            findings
                .error(rule.pointer(), codes::SHADOWED, message)
                .help("move it above that rule, narrow that rule, or give that rule also = true");
        } else if ends_every_search(rule) {
            above.insert(rule);
        }
    }
}

/// Where it holds, nothing after it is looked at, every time.
fn ends_every_search(rule: &Draught) -> bool {
    !rule.also
        && rule.once_per.is_none()
        && rule.limits.is_empty()
        && rule.stage == Stage::Live
        && rule.ends_search
}

/// The rules above that end a search. Those that listen for words are found by their words, so that ten thousand rules do not
/// have to be compared each with each.
#[derive(Default)]
struct Above<'a> {
    wordless: Vec<&'a Draught>,
    by_phrase: BTreeMap<&'a str, Vec<&'a Draught>>,
}

impl<'a> Above<'a> {
    fn insert(&mut self, rule: &'a Draught) {
        let mut heard = rule
            .conditions
            .iter()
            .filter(|condition| !condition.phrases().is_empty());
        match heard.next() {
            Some(condition) => {
                for phrase in condition.phrases() {
                    self.by_phrase
                        .entry(phrase.as_str())
                        .or_default()
                        .push(rule);
                }
            }
            None => self.wordless.push(rule),
        }
    }

    fn find(&self, rule: &Draught) -> Option<&'a Draught> {
        let phrases = rule
            .conditions
            .iter()
            .filter_map(|condition| condition.phrases().first())
            .flat_map(|phrase| phrase.phrases());
        let by_phrase = phrases
            .filter_map(|phrase| self.by_phrase.get(phrase))
            .flatten();
        self.wordless
            .iter()
            .chain(by_phrase)
            .copied()
            .find(|first| holds_whenever(first, rule))
    }
}

fn holds_whenever(first: &Draught, rule: &Draught) -> bool {
    let follows = |condition: &Condition| {
        rule.conditions
            .iter()
            .any(|other| condition.follows_from(other))
    };
    first.conditions.iter().all(follows)
}
