//! What only shows when all rules are seen together.

use std::collections::BTreeMap;

use model::RuleName;

use crate::condition::Condition;
use crate::findings::{Findings, Site};
use crate::fold::{Folded, fold};
use crate::head::Head;
use crate::keys::suggestion;
use crate::options::Choices;
use crate::rule::Draught;
use crate::section::{Origin, Sectional};
use crate::{codes, promise, shadow};

/// All checks over all rules.
pub(crate) fn review(
    rules: &[(Draught, Head)],
    choices: &Choices,
    out: &Sectional,
    back: &Sectional,
    place: impl Fn(&Site) -> String + Copy,
    findings: &mut Findings,
) {
    let broken = findings.any_syntax();
    let drafts: Vec<&Draught> = rules.iter().map(|(rule, _)| rule).collect();
    let by_name = names(&drafts, place, findings);
    turns(&drafts, &by_name, findings);
    options_that_stop(choices, out, findings);
    for rule in drafts.iter().filter(|rule| !rule.off) {
        words_that_stop(rule, out, findings);
    }
    // What could not be read in full says less than it means: nothing is concluded from it.
    if broken {
        return;
    }
    for rule in drafts.iter().filter(|rule| !rule.off && rule.is_whole) {
        catch_all(rule, findings);
    }
    shadow::check(&drafts, place, findings);
    promise::check(&drafts, out, back, findings);
}

/// Rules by name; two of the same are an error.
fn names<'a>(
    rules: &[&'a Draught],
    place: impl Fn(&Site) -> String,
    findings: &mut Findings,
) -> BTreeMap<&'a RuleName, &'a Draught> {
    let mut by_name: BTreeMap<&RuleName, &Draught> = BTreeMap::new();
    for rule in rules {
        let Some((name, at)) = &rule.name else {
            continue;
        };
        match by_name.get(name) {
            Some(first) => {
                let message = format!(
                    "a rule named \"{name}\" stands in {} already",
                    place(first.pointer())
                );
                findings.error(at, codes::DUPLICATE, message).help(
                    "names of rules are the tenant's, over all its files: give this one another",
                );
            }
            None => {
                by_name.insert(name, rule);
            }
        }
    }
    by_name
}

/// `if_fails` leads somewhere, and not in a circle.
fn turns(rules: &[&Draught], by_name: &BTreeMap<&RuleName, &Draught>, findings: &mut Findings) {
    let next = |rule: &Draught| {
        rule.if_fails
            .as_ref()
            .and_then(|(name, _)| RuleName::new(name.as_str()).ok())
            .and_then(|name| by_name.get(&name).copied())
    };
    let mut circling: Vec<&str> = Vec::new();
    for rule in rules {
        let Some((wanted, at)) = &rule.if_fails else {
            continue;
        };
        let Some(target) = next(rule) else {
            let finding = findings
                .error(
                    at,
                    codes::UNKNOWN_NAME,
                    format!("unknown rule \"{wanted}\""),
                )
                .absence();
            finding.help(suggestion(wanted, by_name.keys().map(|name| name.as_str())));
            continue;
        };
        if target.off {
            findings
                .warning(
                    at,
                    codes::TURNED_OFF,
                    format!("the rule \"{wanted}\" is off: nothing will follow"),
                )
                .help("take `off` away there, or name another rule");
        }
        // No more steps than there are rules: a longer way has been somewhere twice.
        let mut way = vec![rule.called()];
        let mut here = target;
        while here.called() != rule.called() && way.len() <= by_name.len() {
            way.push(here.called());
            let Some(further) = next(here) else { break };
            here = further;
        }
        if here.called() == rule.called() && !circling.contains(&rule.called()) {
            circling.extend(&way);
            way.push(rule.called());
            findings
                .error(
                    at,
                    codes::CIRCLE,
                    format!(
                        "if they fail, these rules turn in a circle: {}",
                        way.join(" -> ")
                    ),
                )
                .help("let one of them name no other");
        }
    }
}

/// A rule that listens for an opt-out word will not hear it.
fn words_that_stop(rule: &Draught, out: &Sectional, findings: &mut Findings) {
    for phrase in rule.conditions.iter().flat_map(Condition::phrases) {
        if let Some(origin) = out.words.get(phrase) {
            let message = format!(
                "\"{}\" is an opt-out word: as a whole message it never means this rule",
                phrase.as_str()
            );
            findings
                .warning(rule.pointer(), codes::OPT_OUT_WORD, message)
                .help(way_out(origin));
        }
    }
}

/// So is a tap on an option of that name or title.
fn options_that_stop(choices: &Choices, out: &Sectional, findings: &mut Findings) {
    for (id, choice) in choices {
        let titles = choice
            .titles
            .by_language
            .values()
            .map(|(title, at)| (fold(title), at));
        let mut all: Vec<(Folded, &Site)> = titles
            .chain(std::iter::once((fold(id), &choice.at)))
            .collect();
        all.dedup_by(|one, other| one.0 == other.0);
        for (text, at) in all {
            if let Some(origin) = out.words.get(&text) {
                let message = format!("a tap on \"{}\" is taken as an opt-out", text.as_str());
                findings
                    .warning(at, codes::OPT_OUT_WORD, message)
                    .help(way_out(origin));
            }
        }
    }
}

fn way_out(origin: &Origin) -> String {
    match origin {
        Origin::BuiltIn(word) => format!(
            "if it is not to stop everything, write in [opt_out]: except = [\"{}\"]",
            word.to_lowercase()
        ),
        Origin::File(_) => "take it out of the `words` of [opt_out], or out of here".to_owned(),
    }
}

/// A rule for nearly everything answers nearly everything, again and again.
fn catch_all(rule: &Draught, findings: &mut Findings) {
    if rule.once_per.is_none() && rule.conditions.iter().all(Condition::is_wide) {
        let message = format!(
            "{} holds for nearly every message, and nothing bounds how often",
            quoted(rule)
        );
        findings
            .warning(rule.pointer(), codes::CATCH_ALL, message)
            .help("add once_per = \"12h\"");
    }
}

/// The rule as a sentence begins with it.
pub(crate) fn quoted(rule: &Draught) -> String {
    rule.name.as_ref().map_or_else(
        || rule.called().to_owned(),
        |(name, _)| format!("\"{name}\""),
    )
}
