//! What is said to be never reached never is: random rulebooks, searched with random messages.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use model::{Content, Language, Media, MediaKind, Span};
use proptest::prelude::*;
use rulebook::{Diagnostic, Reading, Severity, Source, read};

use crate::names::names;
use crate::scene::Scene;

const WORDS: [&str; 6] = ["car", "van", "my car", "red van", "ship", "予約"];
const OPTIONS: [&str; 2] = ["yes", "no"];
const TAGS: [&str; 2] = ["vip", "new"];
const HEAD: &str = "rules_version = 1\nlanguages = [\"en\", \"pt\"]\ntimezone = \"America/Sao_Paulo\"\n\
    [hours.shop]\nmon-fri = \"09:00-18:00\"\n[option.yes]\nen = \"Yes\"\n[option.no]\nen = \"No\"\n";

fn listed(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("{word:?}")).collect();
    format!("[{}]", quoted.join(", "))
}

fn some(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::subsequence(words, 1..=words.len().min(3)).prop_map(|words| listed(&words))
}

/// One condition: at most one of each key stands in a rule.
fn condition() -> impl Strategy<Value = (&'static str, String)> {
    prop_oneof![
        4 => some(&WORDS).prop_map(|list| ("words", list)),
        1 => some(&WORDS).prop_map(|list| ("says", list)),
        1 => some(&WORDS).prop_map(|list| ("starts", list)),
        1 => some(&OPTIONS).prop_map(|list| ("option", list)),
        1 => some(&TAGS).prop_map(|list| ("tags", list)),
        1 => some(&TAGS).prop_map(|list| ("not_tags", list)),
        1 => some(&["text", "image", "button", "reaction"]).prop_map(|list| ("kind", list)),
        1 => some(&["en", "pt"]).prop_map(|list| ("language", list)),
        1 => (0..3_usize).prop_map(|least| ("min_words", least.to_string())),
        1 => (1..4_usize).prop_map(|most| ("max_words", most.to_string())),
        1 => Just(("hours", "\"shop\"".to_owned())),
        1 => Just(("outside", "\"shop\"".to_owned())),
        1 => Just(("first", "\"ever\"".to_owned())),
        1 => Just(("first", "\"1h\"".to_owned())),
        1 => Just(("quoting", "true".to_owned())),
        1 => some(&["van.", "[0-9]+"]).prop_map(|list| ("pattern", list)),
    ]
}

/// A rule's conditions and what else bears on the search.
fn rule() -> impl Strategy<Value = String> {
    let bound =
        prop_oneof![6 => Just(""), 1 => Just("also = true"), 1 => Just("once_per = \"1h\"")];
    (proptest::collection::vec(condition(), 0..3), bound).prop_map(|(conditions, bound)| {
        let mut text = format!("reply.en = \"Fine.\"\n{bound}\n");
        let mut seen = BTreeSet::new();
        for (key, value) in conditions {
            if seen.insert(key) {
                writeln!(text, "when.{key} = {value}").unwrap();
            }
        }
        text
    })
}

/// The rules below others that turn to these by name.
fn rulebook(rules: &[String], turned_to: &BTreeSet<String>) -> Reading {
    let mut text = HEAD.to_owned();
    for (index, name) in turned_to.iter().enumerate() {
        write!(text, "[[rule]]\nname = \"turns{index}\"\nwhen.says = \"turn {index}\"\nreply.en = \"Fine.\"\ncall = \"{name}\"\n").unwrap();
    }
    for (index, rule) in rules.iter().enumerate() {
        write!(text, "[[rule]]\nname = \"r{index}\"\n{rule}").unwrap();
    }
    read(
        &[Source {
            name: "rules.toml".into(),
            text,
        }],
        &names(),
    )
}

fn scene() -> impl Strategy<Value = Scene> {
    let text = proptest::collection::vec(
        proptest::sample::select(&["car", "van", "my", "red", "ship", "予約です", "7"][..]),
        0..4,
    );
    (
        text,
        0..4_usize,
        proptest::sample::subsequence(&TAGS[..], 0..=2),
        any::<bool>(),
        0..4_u64,
        any::<bool>(),
        0..200_u64,
    )
        .prop_map(|(words, kind, tags, english, wrote, quoting, hour)| {
            let text = words.join(" ");
            let mut scene = match kind {
                0 => Scene::pictures(Some(&text)),
                1 => Scene::taps("yes", "Yes"),
                _ => Scene::says(&text),
            };
            if kind == 3 && text.is_empty() {
                scene.message.content = Content::Media(Media::new(MediaKind::Voice));
            }
            scene.contact.tags = tags.into_iter().map(str::to_owned).collect();
            scene.language = Language::new(if english { "en" } else { "pt" }).unwrap();
            scene.contact.previous_inbound =
                (wrote > 0).then(|| scene.now.minus(Span::from_minutes(wrote * 40)));
            if quoting {
                scene.message.quoting = Some(scene.message.id.clone());
            }
            scene.now = scene.now.plus(Span::from_hours(hour));
            scene
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn a_rule_that_is_never_reached_never_is(
        rules in proptest::collection::vec(rule(), 2..7),
        scenes in proptest::collection::vec(scene(), 30),
    ) {
        let reading = rulebook(&rules, &BTreeSet::new());
        let is_fine = |finding: &Diagnostic| finding.severity == Severity::Warning || finding.code == "R021";
        prop_assume!(reading.diagnostics.iter().all(is_fine));
        // The name that the finding points at.
        let never: BTreeSet<String> = reading
            .diagnostics
            .iter()
            .filter(|finding| finding.code == "R021")
            .filter_map(|finding| finding.source_line.split('"').nth(1).map(str::to_owned))
            .collect();
        // A rule that others turn to is not reported: like this the same rules make a draft.
        let draft = rulebook(&rules, &never).draft.expect("nothing else is wrong with them");
        for scene in &scenes {
            let found = scene.rule(&draft);
            prop_assert!(!never.contains(found), "{found} was found, and is said to be never reached");
        }
    }
}
