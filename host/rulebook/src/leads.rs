//! Rules that name rules: `call`, `if_…` and `when.after` lead somewhere, and not in a circle.

use std::collections::{BTreeMap, BTreeSet};

use model::RuleName;

use crate::findings::{Findings, Site};
use crate::keys::suggestion;
use crate::rule::Draught;
use crate::{codes, limits};

/// Rules by their name.
pub(crate) type ByName<'a> = BTreeMap<&'a RuleName, &'a Draught>;

/// All checks of rules that name rules.
pub(crate) fn check<'a>(rules: &[&'a Draught], by_name: &ByName<'a>, findings: &mut Findings) {
    let mut called: BTreeSet<&str> = BTreeSet::new();
    for rule in rules {
        for (name, at) in rule.leads.values() {
            called.insert(name.as_str());
            check_one(name, at, by_name, findings);
        }
        for (name, at) in &rule.after {
            check_after(name, at, by_name, findings);
        }
    }
    for rule in rules
        .iter()
        .filter(|rule| rule.only_called && !rule.off && rule.name.is_some())
    {
        if !called.contains(rule.called()) {
            findings
                .warning(
                    rule.pointer(),
                    codes::UNCALLED,
                    "no rule calls this one, and by itself it never holds",
                )
                .help("name it in `call` or `if_…` of another rule, or take `only` out")
                .absence_of(rule.called());
        }
    }
    circles(rules, by_name, findings);
}

/// A rule of this name exists and is in use.
fn check_one(name: &str, at: &Site, by_name: &ByName<'_>, findings: &mut Findings) {
    let Some(target) = find(name, by_name) else {
        return unknown(name, at, by_name, findings);
    };
    if target.off {
        findings
            .warning(
                at,
                codes::TURNED_OFF,
                format!("the rule \"{name}\" is off: nothing will follow"),
            )
            .help("take `off` away there, or name another rule");
    }
}

fn check_after(name: &str, at: &Site, by_name: &ByName<'_>, findings: &mut Findings) {
    match find(name, by_name) {
        None => unknown(name, at, by_name, findings),
        Some(target) if target.off => {
            findings
                .warning(
                    at,
                    codes::TURNED_OFF,
                    format!("the rule \"{name}\" is off: nothing comes after it"),
                )
                .help("take `off` away there, or name another rule");
        }
        Some(_) => {}
    }
}

/// Says of a rule that nobody defines which was meant.
pub(crate) fn unknown(name: &str, at: &Site, by_name: &ByName<'_>, findings: &mut Findings) {
    let is_one_of_many = findings.errors() > limits::SUGGESTIONS;
    let finding = findings.error(at, codes::UNKNOWN_NAME, format!("unknown rule \"{name}\""));
    finding.absence_of_rule(name);
    if !is_one_of_many {
        finding.help(suggestion(name, by_name.keys().map(|name| name.as_str())));
    }
}

fn find<'a>(name: &str, by_name: &ByName<'a>) -> Option<&'a Draught> {
    let name = RuleName::new(name).ok()?;
    by_name.get(&name).copied()
}

/// One rule on the way, with the rules that it leads to and have not been looked at yet.
struct Stop<'a> {
    rule: &'a Draught,
    ahead: Vec<(&'a Draught, &'a Site)>,
    /// Where it names the next one on the way.
    towards: Option<&'a Site>,
}

/// Follows every way once, deepest first; a way that comes back to a rule on it is a circle.
fn circles<'a>(rules: &[&'a Draught], by_name: &ByName<'a>, findings: &mut Findings) {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for rule in rules {
        if rule.name.is_none() || done.contains(rule.called()) {
            continue;
        }
        let mut way = vec![stop(rule, by_name)];
        while let Some(here) = way.last_mut() {
            let Some((next, at)) = here.ahead.pop() else {
                done.insert(here.rule.called());
                way.pop();
                continue;
            };
            here.towards = Some(at);
            if done.contains(next.called()) {
                continue;
            }
            match way
                .iter()
                .position(|stop| stop.rule.called() == next.called())
            {
                Some(start) => report(way.get(start..).unwrap_or_default(), findings),
                None => way.push(stop(next, by_name)),
            }
        }
    }
}

fn stop<'a>(rule: &'a Draught, by_name: &ByName<'a>) -> Stop<'a> {
    let mut seen = BTreeSet::new();
    let ahead = rule
        .leads
        .values()
        .filter_map(|(name, at)| Some((find(name, by_name)?, at)))
        .filter(|(next, _)| seen.insert(next.called()))
        .collect();
    Stop {
        rule,
        ahead,
        towards: None,
    }
}

fn report(circle: &[Stop<'_>], findings: &mut Findings) {
    let Some(first) = circle.first() else { return };
    let Some(at) = first.towards else { return };
    let names = circle.iter().chain([first]).map(|stop| stop.rule.called());
    let message = format!(
        "these rules lead to each other in a circle: {}",
        names.collect::<Vec<_>>().join(" -> ")
    );
    findings
        .error(at, codes::CIRCLE, message)
        .help("let one of them name no other");
}
