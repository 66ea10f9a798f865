//! Rules that are never reached, because what stands above answers whenever they would, and words that are never heard.

use std::collections::{BTreeMap, BTreeSet};

use crate::bound::Stage;
use crate::condition::Condition;
use crate::findings::{Findings, Site};
use crate::review::quoted;
use crate::rule::Draught;
use crate::{codes, contradiction};

/// Reports every rule that rules above it always answer for, and every word that they do.
pub(crate) fn check(
    rules: &[&Draught],
    place: impl Fn(&Site) -> String + Copy,
    findings: &mut Findings,
) {
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
        // What never holds is never reached either, and has been told.
        .filter(|rule| contradiction::find(rule).is_none())
    {
        match above.reach(rule) {
            Reach::Never(firsts)
                if !turned_to.contains(rule.called()) && !is_copy(rule, &firsts) =>
            {
                never(rule, &firsts, place, findings);
                continue;
            }
            // Turned to by name; or a copy, and that two bear one name is told already.
            Reach::Never(_) => continue,
            Reach::Deaf(words) => deaf(rule, &words, place, findings),
            Reach::Free => {}
        }
        if ends_every_search(rule) {
            above.insert(rule);
        }
    }
}

/// It bears the name of the one above that holds whenever it does.
fn is_copy(rule: &Draught, firsts: &[&Draught]) -> bool {
    rule.name.is_some() && firsts.iter().all(|first| first.called() == rule.called())
}

/// Where it holds, nothing after it is looked at, every time.
fn ends_every_search(rule: &Draught) -> bool {
    !rule.also
        && rule.once_per.is_none()
        && rule.limits.is_empty()
        && rule.stage == Stage::Live
        && rule.ends_search
}

fn never(
    rule: &Draught,
    firsts: &[&Draught],
    place: impl Fn(&Site) -> String,
    findings: &mut Findings,
) {
    let (shown, rest) = firsts.split_at(firsts.len().min(3));
    let names: Vec<_> = shown
        .iter()
        .map(|first| format!("{}, {}", quoted(first), place(first.pointer())))
        .collect();
    let message = match firsts {
        [_] => format!(
            "this rule is never reached: {}, holds whenever it would",
            names.concat()
        ),
        _ => format!(
            "this rule is never reached: whenever it would hold, one above holds: {}{}",
            names.join("; "),
            if rest.is_empty() { "" } else { "; and more" }
        ),
    };
    let help = match firsts {
        [_] => "move it above that rule, narrow that rule, or give that rule also = true",
        _ => "move it above them, or take out what they answer already",
    };
    findings
        .error(rule.pointer(), codes::SHADOWED, message)
        .help(help);
}

/// One warning for each rule above that answers for some of its words.
fn deaf(
    rule: &Draught,
    words: &[(&str, &Draught)],
    place: impl Fn(&Site) -> String,
    findings: &mut Findings,
) {
    let mut by_first: BTreeMap<(usize, usize), (&Draught, Vec<&str>)> = BTreeMap::new();
    for (word, first) in words {
        let at = first.pointer();
        let (_, words) = by_first
            .entry((at.file, at.span.start))
            .or_insert_with(|| (first, Vec::new()));
        words.push(word);
    }
    for (first, words) in by_first.into_values() {
        let is_one = |(phrase, _): &&(crate::fold::Folded, Site)| {
            words.iter().any(|word| *word == phrase.as_str())
        };
        let at = rule
            .heard
            .iter()
            .find(is_one)
            .map_or_else(|| rule.pointer(), |(_, at)| at);
        let named: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
        let message = format!(
            "{} never gets here: {}, {}, answers it first",
            named.join(", "),
            quoted(first),
            place(first.pointer())
        );
        findings
            .warning(at, codes::DEAD_WORD, message)
            .help("take it out here or there, or move this rule above that one");
    }
}

/// What of a rule is left for it to answer.
enum Reach<'a> {
    /// Nothing: these answer before.
    Never(Vec<&'a Draught>),
    /// All but messages with these words, each with the rule that answers them.
    Deaf(Vec<(&'a str, &'a Draught)>),
    /// All, as far as can be proven.
    Free,
}

/// The rules above that end a search. Most name something that a message must have, and are found by it, so that ten thousand
/// rules do not have to be compared each with each.
#[derive(Default)]
struct Above<'a> {
    broad: Vec<&'a Draught>,
    by_key: BTreeMap<(&'static str, String), Vec<&'a Draught>>,
}

impl<'a> Above<'a> {
    fn insert(&mut self, rule: &'a Draught) {
        let narrow = rule
            .conditions
            .iter()
            .map(|condition| (condition, entries(condition)))
            .find(|(_, entries)| !entries.is_empty());
        match narrow {
            Some((condition, entries)) => {
                for entry in entries {
                    let key = (family(condition), entry.to_owned());
                    self.by_key.entry(key).or_default().push(rule);
                }
            }
            None => self.broad.push(rule),
        }
    }

    fn reach(&self, rule: &'a Draught) -> Reach<'a> {
        if let Some(first) = self.find(&rule.conditions) {
            return Reach::Never(vec![first]);
        }
        let mut deaf = Vec::new();
        for (index, condition) in rule.conditions.iter().enumerate() {
            let parts = condition.parts();
            if parts.len() < 2 {
                continue;
            }
            let mut variant = rule.conditions.clone();
            let mut firsts: Vec<&Draught> = Vec::new();
            let mut covered = 0;
            for (place, part) in parts.into_iter().enumerate() {
                if let Some(slot) = variant.get_mut(index) {
                    *slot = part;
                }
                let Some(first) = self.find(&variant) else {
                    continue;
                };
                covered += 1;
                if let Some(phrase) = condition.phrases().get(place) {
                    deaf.push((phrase.as_str(), first));
                }
                if !firsts.iter().any(|known| std::ptr::eq(*known, first)) {
                    firsts.push(first);
                }
            }
            if covered == condition.parts().len() {
                return Reach::Never(firsts);
            }
        }
        if deaf.is_empty() {
            Reach::Free
        } else {
            Reach::Deaf(deaf)
        }
    }

    /// A rule that holds whenever all these do.
    fn find(&self, conditions: &[Condition]) -> Option<&'a Draught> {
        let by_key = conditions
            .iter()
            .flat_map(looked_up)
            .filter_map(|key| self.by_key.get(&key))
            .flatten();
        self.broad
            .iter()
            .chain(by_key)
            .copied()
            .find(|first| holds_whenever(first, conditions))
    }
}

/// What a condition demands by name. Words, whole texts and beginnings follow from each other, and are one family.
fn entries(condition: &Condition) -> Vec<&str> {
    match condition {
        Condition::Words(phrases) | Condition::Says(phrases) | Condition::Starts(phrases) => {
            phrases.iter().map(|phrase| phrase.as_str()).collect()
        }
        Condition::Option(names) | Condition::Tags(names) | Condition::Country(names) => {
            names.iter().map(String::as_str).collect()
        }
        Condition::After(rules, _) => rules.iter().map(model::RuleName::as_str).collect(),
        Condition::Pattern(patterns) => patterns.iter().map(|pattern| pattern.as_str()).collect(),
        _ => Vec::new(),
    }
}

fn family(condition: &Condition) -> &'static str {
    if condition.phrases().is_empty() {
        condition.key()
    } else {
        "words"
    }
}

/// The keys under which a rule that covers this condition would stand: by its first entry, since such a rule covers them all.
fn looked_up(condition: &Condition) -> Vec<(&'static str, String)> {
    let family = family(condition);
    match condition.phrases().first() {
        Some(phrase) => phrase
            .phrases()
            .map(|part| (family, part.to_owned()))
            .collect(),
        None => entries(condition)
            .first()
            .map(|entry| (family, (*entry).to_owned()))
            .into_iter()
            .collect(),
    }
}

fn holds_whenever(first: &Draught, conditions: &[Condition]) -> bool {
    let follows =
        |condition: &Condition| conditions.iter().any(|other| condition.follows_from(other));
    first.conditions.iter().all(follows)
}
