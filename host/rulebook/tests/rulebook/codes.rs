//! Every code with its two examples: the wrong one is reported with it and nothing worse, the right one is not.

use std::path::Path;
use std::{env, fs};

use crate::names::names;
use model::Span;
use rulebook::{Explanation, Names, Reading, Severity, Source, codes_page, explanations, read};

/// What only a plugin or a played test shows; the tests of the binary do.
const ELSEWHERE: &[&str] = &["R030", "R031"];

/// The example as a file: below a head, unless it brings its own.
fn file(example: &str) -> Source {
    let text = if example.starts_with("rules_version") {
        example.to_owned()
    } else {
        format!("rules_version = 1\nlanguages = [\"en\"]\n\n{example}")
    };
    Source {
        name: "rules.toml".into(),
        text,
    }
}

/// What else the example rests on.
fn tried(explanation: &Explanation, example: &str) -> Reading {
    let mut names: Names = names();
    if explanation.code == "R110" {
        names.answer_within = Span::from_hours(48);
    }
    let many: Vec<_> = (1..=1001)
        .map(|number| format!("\"shirt {number}\""))
        .collect();
    let shortened = r#""shirt 1", "shirt 2", "shirt 3", "…", "and so on up to", "shirt 1001""#;
    read(
        &[file(&example.replace(shortened, &many.join(", ")))],
        &names,
    )
}

fn shown(reading: &Reading) -> String {
    let shown: Vec<_> = reading
        .diagnostics
        .iter()
        .map(|found| found.render(false))
        .collect();
    shown.join("\n\n")
}

#[test]
fn the_wrong_example_is_reported_with_its_code_and_no_other_error() {
    for explanation in explanations().filter(|one| !ELSEWHERE.contains(&one.code)) {
        let reading = tried(explanation, explanation.wrong);
        let codes: Vec<_> = reading.diagnostics.iter().map(|found| found.code).collect();
        let severe = reading
            .diagnostics
            .iter()
            .filter(|found| found.severity == explanation.severity);
        assert_eq!(
            codes,
            [explanation.code],
            "{}\n{}",
            explanation.code,
            shown(&reading)
        );
        assert_eq!(severe.count(), 1, "{}", explanation.code);
    }
}

#[test]
fn the_right_example_is_a_draft_without_a_finding() {
    for explanation in explanations() {
        let reading = tried(explanation, explanation.right);
        assert!(
            reading.draft.is_some() && reading.diagnostics.is_empty(),
            "{}\n{}",
            explanation.code,
            shown(&reading)
        );
    }
}

#[test]
fn a_code_is_explained_once_in_sentences_and_in_order() {
    let codes: Vec<_> = explanations().map(|one| one.code).collect();
    let mut sorted = codes.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(codes, sorted);
    for one in explanations() {
        assert!(
            one.about.ends_with('.') && one.about.len() < 500,
            "{}",
            one.code
        );
        assert!(
            !one.title.ends_with('.') && one.title.chars().count() < 50,
            "{}",
            one.code
        );
        assert_eq!(
            one.severity == Severity::Error,
            one.code < "R100",
            "{}",
            one.code
        );
    }
}

#[test]
fn the_page_of_codes_is_current() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/codes.md");
    if env::var_os("UPDATE").is_some() {
        fs::write(&page, codes_page()).unwrap();
    }
    assert!(
        fs::read_to_string(&page).unwrap_or_default() == codes_page(),
        "UPDATE=1 writes docs/codes.md"
    );
}
