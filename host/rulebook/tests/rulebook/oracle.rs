//! The search against a naive one: random rulebooks with every condition there is, and random messages in fourteen scripts. Both find
//! the same rule and catch the same, wherever the search begins.

mod drawn;
mod naive;
mod vocabulary;

use std::collections::BTreeMap;

use model::LookResult;
use proptest::prelude::*;
use rulebook::{Draft, Severity, Source, read};

use crate::names::names;
use drawn::Genes;
use naive::{HOURS, Situation, Wanted};

/// Messages that are searched for in each rulebook, from every rule on.
const MESSAGES: usize = 8;
const RULES: usize = 9;

/// Rulebooks: with their messages, some thousand cases in a few seconds. `PROPTEST_CASES` asks for more.
fn cases() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|asked| asked.parse().ok()).unwrap_or(400)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_index_finds_what_looking_at_each_rule_finds(genes in proptest::collection::vec(any::<u16>(), 0..600)) {
        let mut genes = Genes::new(&genes);
        let scripts = genes.scripts();
        let rules = (0..1 + genes.below(RULES)).map(|number| genes.rule(number, &scripts)).collect();
        let (draft, rules) = readable(rules);
        for _ in 0..MESSAGES {
            let situation = genes.situation(&scripts, &rules);
            check(&draft, &rules, &situation)?;
        }
    }
}

/// The rulebook without what is refused in it (rules that are never reached, conditions that exclude each other), and without what is
/// off.
fn readable(mut rules: Vec<(Wanted, String)>) -> (Draft, Vec<Wanted>) {
    loop {
        let mut text = format!(
            "rules_version = 1\ntimezone = \"America/Sao_Paulo\"\nlanguages = [\"pt\", \"en\"]\n{HOURS}\
             [option.talk]\npt = \"Falar\"\nen = \"Talk\"\n[option.buy-now]\npt = \"Comprar\"\nen = \"Buy\"\n"
        );
        let mut begins = Vec::new();
        for (_, rule) in &rules {
            begins.push(text.lines().count() + 1);
            text.push_str(rule);
        }
        let sources = [Source {
            name: "a.toml".into(),
            text,
        }];
        let reading = read(&sources, &names());
        if let Some(draft) = reading.draft {
            let rules = rules.into_iter().map(|(rule, _)| rule);
            return (draft, rules.filter(|rule| !rule.off).collect());
        }
        let errors = reading
            .diagnostics
            .iter()
            .filter(|found| found.severity == Severity::Error);
        let mut refused: Vec<usize> = errors
            .map(|error| begins.partition_point(|begin| *begin <= error.line))
            .collect();
        refused.sort_unstable();
        refused.dedup();
        for rule in refused.into_iter().rev() {
            let rendered = || reading.diagnostics.iter().map(|found| found.render(false));
            assert!(
                rule > 0,
                "{}\n{}",
                sources[0].text,
                rendered().collect::<String>()
            );
            rules.remove(rule - 1);
        }
    }
}

fn check(draft: &Draft, rules: &[Wanted], situation: &Situation) -> Result<(), TestCaseError> {
    let scene = drawn::Arrived::new(situation, rules);
    let facts = scene.facts();
    for from in 0..=rules.len() {
        let found = draft.search(&facts, from);
        let hit = found
            .hit
            .as_ref()
            .map(|hit| (hit.rule, hit.captures.clone()));
        prop_assert_eq!(
            &hit,
            &naive::search(rules, situation, from),
            "from {}\n{:?}\n{:?}\n{:?}",
            from,
            situation,
            rules,
            draft.looks(&facts)
        );
        // What was looked at is told in order, and nothing that holds was passed over.
        let end = hit.map_or(rules.len(), |(rule, _)| rule + 1);
        prop_assert_eq!(found.looks.len() + found.ruled_out, end - from);
        let mut looked = found.looks.iter();
        for rule in &rules[from..end] {
            if looked
                .as_slice()
                .first()
                .is_some_and(|look| look.rule.as_str() == rule.name)
            {
                let matched = looked.next().unwrap().result == LookResult::Matched;
                prop_assert_eq!(matched, naive::holds(rule, situation));
            }
        }
        prop_assert_eq!(looked.next(), None, "out of order");
    }
    // The explanation in full says the same of every rule.
    let told: BTreeMap<_, _> = draft
        .looks(&facts)
        .into_iter()
        .map(|look| (look.rule.to_string(), look.result == LookResult::Matched))
        .collect();
    for rule in rules {
        prop_assert_eq!(
            told.get(&rule.name).copied(),
            Some(naive::holds(rule, situation)),
            "{:#?}\n{:#?}",
            situation,
            rule
        );
    }
    Ok(())
}

/// What the property rests on: of what is drawn, much is found, much is not, and most kinds of condition take part in both.
#[test]
fn the_drawn_rulebooks_are_worth_searching() {
    let (mut hits, mut searches, mut refused, mut all) = (0, 0, 0, 0);
    let mut deciding: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..120_u32 {
        let numbers: Vec<u16> = (0..600_u32)
            .map(|index| {
                let mixed = (seed * 600 + index + 1).wrapping_mul(2_654_435_761);
                u16::try_from((mixed ^ (mixed >> 13)).wrapping_mul(40_503) >> 16).unwrap()
            })
            .collect();
        let mut genes = Genes::new(&numbers);
        let scripts = genes.scripts();
        let rules: Vec<_> = (0..1 + genes.below(RULES))
            .map(|number| genes.rule(number, &scripts))
            .collect();
        all += rules.len();
        let drawn = rules.iter().filter(|(rule, _)| !rule.off).count();
        let (draft, rules) = readable(rules);
        refused += drawn - rules.len();
        for _ in 0..MESSAGES {
            let situation = genes.situation(&scripts, &rules);
            let scene = drawn::Arrived::new(&situation, &rules);
            searches += 1;
            hits += usize::from(draft.search(&scene.facts(), 0).hit.is_some());
            for look in draft.looks(&scene.facts()) {
                if let LookResult::Missed { condition, .. } = look.result {
                    *deciding.entry(condition).or_default() += 1;
                }
            }
        }
    }
    assert!(refused * 3 < all, "{refused} of {all} rules are refused");
    let share = hits * 100 / searches;
    assert!((20..=80).contains(&share), "{share} % are answered");
    let wanted = "when.words when.says when.starts when.pattern when.kind when.option when.hours when.outside when.first when.language \
        when.country when.tags when.not_tags when.number when.ad when.quoting when.min_words when.max_words when.from when.until when.after \
        only once_per limit stage";
    for condition in wanted.split_whitespace() {
        let times = deciding.get(condition).copied().unwrap_or_default();
        assert!(
            times >= 2,
            "{condition} decides {times} times: {deciding:?}"
        );
    }
}
