//! `limit` and `stage = "canary …"`, all the way: never one answer too many, and always the same share.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what fails in a test fails the test"
)]

mod house;

use std::collections::BTreeMap;

use house::outside::{Faq, knowing};
use house::{ANA, BO, ECHO, House, name, rules, steps};
use model::{Decision, Ending, Look, LookResult, RuleName, StepResult};

/// Why a rule did not apply.
fn missed<'a>(decision: &'a Decision, rule: &str) -> (&'a str, &'a str) {
    let looks: Vec<&Look> = decision
        .looks
        .iter()
        .filter(|look| look.rule.as_str() == rule)
        .collect();
    match looks.as_slice() {
        [
            Look {
                result: LookResult::Missed { condition, seen },
                ..
            },
        ] => (condition, seen),
        other => panic!("{rule} was looked at once, and missed: {other:?}"),
    }
}

/// So many contacts.
fn crowd(many: usize) -> Vec<String> {
    (0..many)
        .map(|which| format!("551190001{which:04}"))
        .collect()
}

const LIMITED: &str = r#"
[[rule]]
name = "voucher"
when.words = ["voucher"]
use = "asking-guest"
with.act = "ask"
with.of = "faq"
limit = ["5 per week", "1 per contact per week"]

[[rule]]
name = "sorry"
reply.en = "They are all gone."
"#;

/// All of them have read that there is room before the first of them settles.
#[tokio::test]
async fn i03_of_many_contacts_at_once_a_limit_over_all_answers_exactly_so_many() {
    let faq = Faq::with_room_for(0);
    let house = House::build(&rules(LIMITED), knowing(&faq)).await;
    let contacts = crowd(engine::limits::ASKED_AT_ONCE);
    let mut messages = Vec::new();
    for from in &contacts {
        messages.push(house.say(from, "my voucher!").await);
    }
    house
        .until("all of them to ask", async || {
            (faq.calls() == contacts.len()).then_some(())
        })
        .await;
    faq.lets_go.add_permits(contacts.len());
    let mut answered = 0;
    for message in &messages {
        let decision = house.decided(message).await;
        match decision.answered_by().map(RuleName::as_str) {
            Some("voucher") => answered += 1,
            Some("sorry") => {
                assert!(decision.attempt > 1, "it had read that there is room");
                assert_eq!(
                    missed(&decision, "voucher"),
                    ("limit", "answered all contacts together 5 times this week")
                );
            }
            other => panic!("{other:?}: {:?}", decision.ending),
        }
    }
    assert_eq!(answered, 5);
    assert_eq!(faq.calls(), contacts.len(), "nobody was asked twice");
    let mut texts = BTreeMap::new();
    for from in &contacts {
        for text in house.receives(from, 1).await {
            // The knowledge base says which call it was.
            let text = text.trim_end_matches(|c: char| c.is_ascii_digit());
            *texts.entry(text.to_owned()).or_insert(0) += 1;
        }
    }
    let others = contacts.len() - 5;
    let expected = [("answer ", 5), ("They are all gone.", others)];
    assert_eq!(
        texts,
        expected.map(|(text, many)| (text.to_owned(), many)).into()
    );
    // Whoever comes later does not even run it.
    let late = house.decided(&house.say(ANA, "my voucher!").await).await;
    assert_eq!(
        (late.attempt, late.answered_by()),
        (1, Some(&name("sorry")))
    );
    house.end().await;
}

#[tokio::test]
async fn a_limit_per_contact_is_each_contacts_own() {
    let own = r#"
[[rule]]
name = "help"
when.words = ["help"]
reply.en = "Here I am."
limit = "2 per contact per week"
"#;
    let house = House::with_rules(&rules(own)).await;
    for _ in 0..2 {
        for from in [ANA, BO] {
            let decision = house.decided(&house.say(from, "help").await).await;
            assert_eq!(decision.answered_by(), Some(&name("help")));
        }
    }
    let third = house.decided(&house.say(ANA, "help").await).await;
    assert_eq!(third.ending, Ending::NoRule);
    assert_eq!(
        missed(&third, "help"),
        ("limit", "answered this contact 2 times this week")
    );
    let ana = house.contact(third.contact).await;
    assert_eq!(
        ana.counts.len(),
        1,
        "one count, and not one for each answer"
    );
    assert_eq!(
        (ana.counts[0].rule.as_str(), ana.counts[0].times),
        ("help", 2)
    );
    house.end().await;
}

#[tokio::test]
async fn a_limit_counts_what_was_said_and_not_what_was_refused_or_unanswered() {
    let asks = r#"
[[rule]]
name = "know"
when.words = ["know"]
use = "asking-guest"
with.act = "ask"
with.of = "faq"
limit = ["1 per week", "1 per contact per week"]
"#;
    let faq = Faq::open();
    let house = House::build(&rules(asks), knowing(&faq)).await;
    for _ in 0..3 {
        let decision = house
            .decided(&house.say(ANA, "know the unknown").await)
            .await;
        assert!(matches!(decision.ending, Ending::Unanswered { .. }));
        assert_eq!(house.contact(decision.contact).await.counts, []);
    }
    house.say(BO, "stop").await;
    house.receives(BO, 1).await;
    let refused = house.decided(&house.say(BO, "you know").await).await;
    assert_eq!(refused.refusals().count(), 1);
    let answered = house.decided(&house.say(ANA, "you know").await).await;
    assert_eq!(answered.answered_by(), Some(&name("know")));
    let full = house.decided(&house.say(ANA, "you know").await).await;
    assert_eq!(full.ending, Ending::NoRule);
    house.end().await;
}

const LED_TO: &str = r#"
[[rule]]
name = "question"
when.words = ["question"]
use = "asking-guest"
with.act = "ask"
with.of = "faq"
if_no_answer = "expert"
call = "goodbye"

[[rule]]
name = "expert"
only = "called"
reply.en = "Let me think."
limit = "1 per week"

[[rule]]
name = "goodbye"
only = "called"
reply.en = "Anything else?"
once_per = "12h"
"#;

#[tokio::test]
async fn what_bounds_a_rule_bounds_it_where_another_names_it_too() {
    let house = House::build(&rules(LED_TO), knowing(&Faq::open())).await;
    let first = house
        .decided(&house.say(ANA, "question unknown").await)
        .await;
    let stands = StepResult::Stands;
    assert_eq!(steps(&first), [("question", stands), ("expert", stands)]);
    let second = house
        .decided(&house.say(BO, "question unknown").await)
        .await;
    assert_eq!(
        steps(&second),
        [("question", stands), ("goodbye", stands)],
        "as though there were no if_no_answer"
    );
    assert_eq!(
        missed(&second, "expert"),
        ("limit", "answered all contacts together once this week")
    );
    let third = house
        .decided(&house.say(BO, "question unknown").await)
        .await;
    assert_eq!(steps(&third), [("question", stands)]);
    assert_eq!(missed(&third, "goodbye").0, "once_per");
    house.end().await;
}

#[tokio::test]
async fn a_canary_answers_its_share_however_it_is_reached() {
    let shares = r#"
[[rule]]
name = "new"
when.words = ["hello"]
reply.en = "Hello from the new rule."
stage = "canary 50%"

[[rule]]
name = "old"
when.words = ["hello"]
reply.en = "Hello."
call = "survey"

[[rule]]
name = "survey"
only = "called"
reply.en = "How was it?"
stage = "canary 50%"
"#;
    let house = House::with_rules(&rules(shares)).await;
    let mut seen: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for from in crowd(40) {
        let first = house.decided(&house.say(&from, "hello").await).await;
        let ran: Vec<String> = first
            .steps
            .iter()
            .map(|step| step.rule.to_string())
            .collect();
        if ran == ["old"] {
            let no_share = ("stage", "this contact is not among the canary's share");
            assert_eq!(missed(&first, "new"), no_share);
            assert_eq!(missed(&first, "survey"), no_share);
        }
        let second = house.decided(&house.say(&from, "hello").await).await;
        assert_eq!(steps(&first), steps(&second), "always the same ones");
        *seen.entry(ran).or_default() += 1;
    }
    let count =
        |ran: &[&str]| seen.get(&ran.iter().map(|&rule| rule.to_owned()).collect::<Vec<_>>());
    assert!(
        count(&["new"]).is_some_and(|many| (8..=32).contains(many)),
        "{seen:?}"
    );
    assert!(
        count(&["old"]).is_some() && count(&["old", "survey"]).is_some(),
        "{seen:?}"
    );
    assert_eq!(seen.len(), 3, "{seen:?}");
    house.end().await;
}

/// The tests beside rules see limits and stages as they are, and their own clock.
#[tokio::test]
async fn a_rehearsal_counts_by_its_own_clock_and_expects_no_shadow() {
    let good = rules(
        r#"timezone = "America/Sao_Paulo"

[[rule]]
name = "shadow"
stage = "shadow"
reply.en = "Nobody hears this."

[[rule]]
name = "hello"
reply.en = "Hello."
limit = ["1 per contact per hour", "2 per day"]

[[test]]
name = "once an hour, twice a day"
at = "2026-11-23 09:50"
says = ["hi", "hi", { wait = "15m" }, "hi", { wait = "2h" }, "hi", { wait = "12h" }, "hi"]
expect.rules = ["hello", "none", "hello", "none", "hello"]
"#,
    );
    let mut house = House::with_rules(ECHO).await;
    house.watch_files();
    let file = house.folder.path().join("rules/10-test.toml");
    let before = house.engine.edition().hash().to_owned();
    std::fs::write(
        &file,
        good.replace(
            "expect.rules = [\"hello\", \"none\"",
            "expect.rules = [\"shadow\", \"none\"",
        ),
    )
    .unwrap();
    let refused = house
        .until("a refusal", async || house.engine.last_refusal())
        .await;
    assert!(
        refused.to_string().contains("expected shadow, seen hello"),
        "{refused}"
    );
    std::fs::write(&file, good).unwrap();
    house
        .until("the edition", async || {
            (house.engine.edition().hash() != before).then_some(())
        })
        .await;
    house.end().await;
}
