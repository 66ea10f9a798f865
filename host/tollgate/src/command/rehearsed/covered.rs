//! What no test reaches, in words.

use std::fmt::Write;

use engine::rehearsal::{Coverage, Covered};

use crate::style::Style;

/// One line: how many rules tests reach, and in how many each language was seen.
pub(super) fn summary(all: &[Coverage], hints: bool, style: &Style) -> String {
    let mut text = String::new();
    for coverage in all.iter().filter(|coverage| !coverage.rules.is_empty()) {
        let rules = coverage.rules.len();
        let unreached = coverage.unreached().count();
        let whose = match all.len() {
            1 => String::new(),
            _ => format!("{}: ", coverage.tenant),
        };
        let mut parts = vec![format!(
            "{whose}tests reach {} of {rules} rules",
            rules - unreached
        )];
        let languages = coverage.by_language();
        parts.extend(
            languages
                .iter()
                .map(|(language, (heard, of))| format!("{language} {heard}/{of}")),
        );
        let is_whole = unreached == 0 && languages.values().all(|(heard, of)| heard == of);
        if hints && !is_whole {
            parts.push("--coverage tells more".to_owned());
        }
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", style.faint(&parts.join(" · ")));
    }
    text
}

/// All that no test reaches, by what it is.
pub(super) fn details(all: &[Coverage], style: &Style) -> String {
    let mut text = String::new();
    for coverage in all {
        let unreached: Vec<_> = coverage.unreached().collect();
        list("reached by no test", &unreached, place, style, &mut text);
        let reached = || coverage.rules.iter().filter(|rule| rule.tests > 0);
        let unheard: Vec<_> = reached().filter(|rule| !rule.unheard.is_empty()).collect();
        let languages = |rule: &Covered| {
            let codes: Vec<_> = rule.unheard.iter().map(|code| code.as_str()).collect();
            format!("{:10}  {}", codes.join(", "), place(rule))
        };
        list("seen in no test in", &unheard, languages, style, &mut text);
        let untaken: Vec<_> = reached().filter(|rule| !rule.untaken.is_empty()).collect();
        let leads = |rule: &Covered| {
            let leads = rule.untaken.iter().map(|(key, to)| format!("{key} = {to}"));
            leads.collect::<Vec<_>>().join(", ")
        };
        list("turned to in no test", &untaken, leads, style, &mut text);
    }
    text
}

/// What is wrong if every rule must be reached; nothing if each is.
pub(super) fn unreached(all: &[Coverage]) -> Option<String> {
    let unreached = all.iter().flat_map(Coverage::unreached);
    let names: Vec<_> = unreached
        .map(|rule| format!("{} ({})", rule.rule, place(rule)))
        .collect();
    let count = match names.len() {
        0 => return None,
        1 => "1 rule is".to_owned(),
        several => format!("{several} rules are"),
    };
    Some(format!(
        "{count} reached by no test: {}\n  help: write a `[[test]]` that says what such a rule listens for",
        names.join(", ")
    ))
}

fn place(rule: &Covered) -> String {
    format!("{}:{}", rule.file, rule.line)
}

fn list(
    title: &str,
    rules: &[&Covered],
    beside: impl Fn(&Covered) -> String,
    style: &Style,
    text: &mut String,
) {
    if rules.is_empty() {
        return;
    }
    let _ = writeln!(text, "{title}");
    let names = rules.iter().map(|rule| rule.rule.as_str().chars().count());
    let width = names.max().unwrap_or_default();
    for rule in rules {
        let beside = style.faint(&beside(rule));
        let _ = writeln!(text, "  {:width$}  {beside}", rule.rule.as_str());
    }
}
