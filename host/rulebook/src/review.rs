//! What only shows when all rules are seen together.

use std::collections::BTreeMap;

use model::{RuleName, Span};

use crate::bound::Stage;
use crate::condition::Condition;
use crate::findings::{Findings, Site};
use crate::fold::{Folded, fold};
use crate::head::Head;
use crate::options::Choices;
use crate::rule::Draught;
use crate::section::{Origin, Sectional};
use crate::{codes, contradiction, leads, limits, promise, shadow};

/// All checks over all rules.
pub(crate) fn review(
    rules: &[(Draught, Head)],
    choices: &Choices,
    out: &Sectional,
    back: &Sectional,
    answer_within: Span,
    place: impl Fn(&Site) -> String + Copy,
    findings: &mut Findings,
) {
    let broken = findings.any_syntax();
    let drafts: Vec<&Draught> = rules.iter().map(|(rule, _)| rule).collect();
    let by_name = names(&drafts, place, findings);
    leads::check(&drafts, &by_name, findings);
    options_that_stop(choices, out, findings);
    for rule in drafts.iter().filter(|rule| !rule.off) {
        words_that_stop(rule, out, findings);
    }
    // What could not be read in full says less than it means: nothing is concluded from it.
    if broken {
        return;
    }
    for rule in drafts.iter().filter(|rule| !rule.off && rule.is_whole) {
        if !contradiction::check(rule, findings) {
            catch_all(rule, findings);
        }
        unlooked(rule, findings);
    }
    outside_window(&drafts, answer_within, findings);
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

/// A rule that listens for an opt-out word will not hear it.
fn words_that_stop(rule: &Draught, out: &Sectional, findings: &mut Findings) {
    for (phrase, at) in &rule.heard {
        if let Some(origin) = out.words.get(phrase) {
            let message = format!(
                "\"{}\" is an opt-out word: as a whole message it never means this rule",
                phrase.as_str()
            );
            findings
                .warning(at, codes::OPT_OUT_WORD, message)
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
    if rule.once_per.is_none()
        && !rule.limits.iter().any(|limit| limit.per_contact)
        && rule.stage != Stage::Shadow
        && !rule.only_called
        && rule.conditions.iter().all(Condition::is_wide)
    {
        let message = format!(
            "{} holds for nearly every message, and nothing bounds how often",
            quoted(rule)
        );
        findings
            .warning(rule.pointer(), codes::CATCH_ALL, message)
            .help("add once_per = \"12h\"");
    }
}

/// Who calls a rule does not ask for its conditions.
fn unlooked(rule: &Draught, findings: &mut Findings) {
    let said = rule
        .conditions
        .iter()
        .find(|condition| **condition != Condition::Loud);
    if let Some(condition) = said.filter(|_| rule.only_called) {
        let message = format!(
            "nobody looks at `{}` of {}: it is only called",
            condition.key(),
            quoted(rule)
        );
        findings
            .warning(rule.pointer(), codes::UNLOOKED, message)
            .help("take the conditions out, or take `only` out");
    }
}

/// A reply to an old message may find the window closed: told once, however many rules it is true of.
fn outside_window(rules: &[&Draught], answer_within: Span, findings: &mut Findings) {
    if answer_within <= limits::WINDOW {
        return;
    }
    let has_no_template = |rule: &&&Draught| {
        let template = |action: &crate::Action| action.settings.get("template").is_some();
        rule.reply.is_some() && !rule.actions.iter().any(template)
    };
    let mut bare = rules
        .iter()
        .filter(|rule| !rule.off)
        .filter(has_no_template);
    let Some(first) = bare.next() else {
        return;
    };
    let others = match bare.count() {
        0 => String::new(),
        1 => ", and that of one more rule,".to_owned(),
        several => format!(", and those of {several} more rules,"),
    };
    let message = format!(
        "the reply of {}{others} may find the window closed: messages are answered for {answer_within}",
        quoted(first)
    );
    findings
        .warning(first.pointer(), codes::OUTSIDE, message)
        .help("give the rule a `template`, or write answer_within = \"6h\" in tollgate.toml");
}

/// The rule as a sentence begins with it.
pub(crate) fn quoted(rule: &Draught) -> String {
    rule.name.as_ref().map_or_else(
        || rule.called().to_owned(),
        |(name, _)| format!("\"{name}\""),
    )
}
