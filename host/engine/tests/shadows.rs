//! `stage = "shadow"`, all the way: it runs and is recorded, and nobody notices.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what fails in a test fails the test"
)]

mod house;

use std::sync::Arc;

use house::outside::{Faq, Orders, knowing, reaching};
use house::{ANA, HEAD, House, Wishes, name, rules, steps, tenant};
use lookup::Lookup;
use model::{Answer, Asked, Decision, Ending, LookupAnswer, SendToken, StepResult, Verdict};
use serde_json::json;

/// One of everything that can be left behind.
const SHADOWED: &str = r#"
[[rule]]
name = "notes"
stage = "shadow"
use = "asking-guest"
with.act = "note"
limit = ["1 per week", "1 per contact per week"]
once_per = "12h"
call = "hands-over"

[[rule]]
name = "hands-over"
only = "called"
hand_to = "support"
pause_bot = "1h"
tag = "seen"
limit = "1 per week"
call = "counts"

[[rule]]
name = "counts"
only = "called"
use = "asking-guest"
with.act = "count-shared"

[[rule]]
name = "fails"
stage = "shadow"
use = "test-guest"
with.act = "send-then-trap"
if_fails = "apology"

[[rule]]
name = "apology"
only = "called"
reply.en = "Sorry."

[[rule]]
name = "everything"
stage = "shadow"
use = "test-guest"
with.act = "everything"
"#;

const LIVE: &str = r#"
[[rule]]
name = "recall"
use = "asking-guest"
with.act = "recall"
also = true

[[rule]]
name = "again"
reply.en = "And again."
"#;

/// The tokens of what was sent for a message: they tell of any send that shifted.
async fn tokens(house: &House, decision: &Decision) -> Vec<SendToken> {
    let sends = house.engine.ledger().sends(&decision.id).await.unwrap();
    sends.into_iter().map(|send| send.outbound.token).collect()
}

#[tokio::test]
async fn i03_a_shadow_runs_is_recorded_and_leaves_nothing() {
    let house = House::with_rules(&rules(&format!("{SHADOWED}{LIVE}"))).await;
    let shadow = StepResult::Shadow;
    let stands = StepResult::Stands;
    for (round, many) in [(1, 2), (2, 4)] {
        let decision = house.decided(&house.say(ANA, "hello").await).await;
        assert_eq!(
            steps(&decision),
            [
                ("notes", shadow),
                ("hands-over", shadow),
                ("counts", shadow),
                ("fails", shadow),
                ("apology", shadow),
                ("everything", shadow),
                ("recall", stands),
                ("again", stands),
            ],
            "round {round}: a shadow counts nothing that would bound it"
        );
        assert_eq!(decision.answered_by(), Some(&name("again")));
        let texts = house.receives(ANA, many).await;
        assert_eq!(
            texts[many - 2..],
            ["own None shared None".to_owned(), "And again.".to_owned()],
            "nothing was kept"
        );
        let counted = &decision.steps[2].runs[0];
        assert!(
            counted
                .proposed
                .iter()
                .all(|one| one.verdict == Verdict::Admitted)
                && counted.proposed.len() == 2
                && counted.asked.len() == 1,
            "judged and recorded: {counted:?}"
        );
        let found = house.contact(decision.contact).await;
        assert!(found.tags.is_empty() && found.pause.is_none() && found.last_desk.is_none());
        assert!(found.fired.is_empty() && found.counts.is_empty());
        assert_eq!(found.last_rule.map(|(rule, _)| rule), Some(name("again")));
        assert_eq!(found.consent, model::Consent::default());
        let ledger = house.engine.ledger();
        assert!(
            ledger
                .hand_offs(&tenant(), None, 9)
                .await
                .unwrap()
                .is_empty()
        );
        assert!(ledger.dead_letters(&tenant(), 9).await.unwrap().is_empty());
        assert!(
            ledger
                .notes(&tenant(), decision.contact, 9)
                .await
                .unwrap()
                .is_empty()
        );
        assert!(
            ledger
                .consent_log(&tenant(), decision.contact)
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(ledger.sends(&decision.id).await.unwrap().len(), 2);
    }
    house.quiet().await;
    assert_eq!(
        house.received(ANA).await.len(),
        4,
        "and nothing came after it"
    );
    house.end().await;
}

#[tokio::test]
async fn i09_what_answers_is_the_same_with_a_shadow_and_without() {
    let mut seen = Vec::new();
    for rules in [rules(&format!("{SHADOWED}{LIVE}")), rules(LIVE)] {
        let house = House::with_rules(&rules).await;
        let message = house
            .deliver(json!({"from": ANA, "message": {"id": "wamid.same", "type": "text", "text": {"body": "hello"}}}))
            .await;
        let decision = house.decided(&message).await;
        let live: Vec<_> = decision
            .steps
            .iter()
            .filter(|step| step.result != StepResult::Shadow)
            .cloned()
            .map(|mut step| {
                let runs = step.runs.iter_mut();
                let checks = runs
                    .flat_map(|run| &mut run.proposed)
                    .flat_map(|one| &mut one.checks);
                // How long ago it was said differs from run to run.
                checks
                    .filter(|check| check.name == "window")
                    .for_each(|check| check.saw.clear());
                step
            })
            .collect();
        seen.push((live, tokens(&house, &decision).await));
        house.end().await;
    }
    assert_eq!(seen[0].1.len(), 2);
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_shadow_that_fails_every_time_puts_no_plugin_into_quarantine() {
    let fails = r#"
[[rule]]
name = "fails"
stage = "shadow"
use = "test-guest"
with.act = "panic"

[[rule]]
name = "answers"
use = "test-guest"
with.act = "send"
with.count = 1
"#;
    let house = House::with_rules(&rules(fails)).await;
    let many = engine::limits::FAILURES_IN_A_ROW as usize + 2;
    for _ in 0..many {
        let decision = house.decided(&house.say(ANA, "hello").await).await;
        assert_eq!(decision.answered_by(), Some(&name("answers")));
    }
    assert_eq!(house.engine.standings(), []);
    assert_eq!(house.receives(ANA, many).await.len(), many);
    house.end().await;
}

#[tokio::test]
async fn a_shadow_of_a_plugin_in_quarantine_is_not_run_and_takes_nobodys_probe() {
    let fails = r#"
[[rule]]
name = "breaks"
when.words = ["break"]
use = "test-guest"
with.act = "panic"

[[rule]]
name = "shadow"
stage = "shadow"
use = "test-guest"
with.act = "send"
with.count = 1
"#;
    let house = House::with_rules(&rules(fails)).await;
    for _ in 0..engine::limits::FAILURES_IN_A_ROW {
        house.decided(&house.say(ANA, "break").await).await;
    }
    let before = house.engine.standings();
    assert_eq!(before.len(), 1);
    let decision = house.decided(&house.say(ANA, "hello").await).await;
    let run = &decision.steps[0].runs[0];
    assert!(
        matches!(&run.result, model::RunResult::Failed(failure) if failure.word() == "quarantine"),
        "{run:?}"
    );
    assert_eq!(house.engine.standings(), before);
    house.end().await;
}

#[tokio::test]
async fn what_a_shadow_asks_is_really_asked_and_no_typing_shows() {
    let asks = r#"
[[rule]]
name = "tries"
stage = "shadow"
use = "asking-guest"
with.act = "ask"
with.of = "faq"
if_no_answer = "looks-up"

[[rule]]
name = "looks-up"
only = "called"
use = "asking-guest"
with.act = "look-up"
with.of = "orders"
"#;
    let faq = Faq::open();
    let orders = Orders::open();
    let wishes = || Wishes {
        endpoints: reaching("orders", Arc::clone(&orders) as Arc<dyn Lookup>).endpoints,
        ..knowing(&faq)
    };
    let house = House::build(&rules(asks), wishes()).await;
    let decision = house
        .decided(&house.say(ANA, "something unknown").await)
        .await;
    let shadow = StepResult::Shadow;
    assert_eq!(steps(&decision), [("tries", shadow), ("looks-up", shadow)]);
    assert_eq!(decision.ending, Ending::NoRule);
    assert_eq!(faq.calls(), 1);
    assert_eq!(orders.calls(), 1);
    let answers: Vec<_> = decision
        .steps
        .iter()
        .flat_map(|step| &step.runs[0].asked)
        .collect();
    assert!(
        matches!(
            answers[..],
            [
                Asked::Knowledge {
                    answer: Ok(Answer::NoAnswer),
                    ..
                },
                Asked::Lookup {
                    answer: Ok(LookupAnswer::Answered { status: 200, .. }),
                    ..
                }
            ]
        ),
        "{answers:?}"
    );
    house.quiet().await;
    assert_eq!(house.marks().await, [] as [serde_json::Value; 0]);
    house.end().await;

    // The same, live: then it shows.
    let house = House::build(&rules(&asks.replace("stage = \"shadow\"", "")), wishes()).await;
    house.say(ANA, "something unknown").await;
    house.receives(ANA, 1).await;
    house
        .until("the mark", async || {
            (house.marks().await.len() == 1).then_some(())
        })
        .await;
    house.end().await;
}

#[tokio::test]
async fn a_shadow_that_a_live_rule_names_runs_as_a_shadow_and_the_live_one_goes_on_without_it() {
    let led = r#"
[[rule]]
name = "question"
when.words = ["question"]
use = "asking-guest"
with.act = "ask"
with.of = "faq"
if_no_answer = "new-expert"
call = "goodbye"

[[rule]]
name = "breaks"
when.words = ["break"]
use = "test-guest"
with.act = "panic"
if_fails = "new-expert"

[[rule]]
name = "new-expert"
only = "called"
stage = "shadow"
reply.en = "Let me think."
call = "goodbye"

[[rule]]
name = "goodbye"
only = "called"
reply.en = "Anything else?"
"#;
    let house = House::build(&rules(led), knowing(&Faq::open())).await;
    let (shadow, stands) = (StepResult::Shadow, StepResult::Stands);
    let decision = house
        .decided(&house.say(ANA, "question unknown").await)
        .await;
    assert_eq!(
        steps(&decision),
        [
            ("question", stands),
            ("new-expert", shadow),
            ("goodbye", shadow),
            ("goodbye", stands)
        ]
    );
    assert_eq!(house.receives(ANA, 1).await, ["Anything else?"]);
    let decision = house.decided(&house.say(ANA, "break").await).await;
    assert_eq!(
        steps(&decision),
        [
            ("breaks", StepResult::Failed),
            ("new-expert", shadow),
            ("goodbye", shadow)
        ]
    );
    assert!(
        matches!(decision.ending, Ending::DeadLetter { .. }),
        "as though there were no if_fails: {:?}",
        decision.ending
    );
    house.end().await;
}

/// More shadows than may run, each of which keeps more than the record of all of them holds.
#[tokio::test]
async fn i14_shadows_are_bounded_and_take_nothing_from_those_that_answer() {
    let mut text = String::from(HEAD);
    for which in 0..engine::limits::SHADOW_STEPS_PER_DECISION + 5 {
        text.push_str(&format!(
            "[[rule]]\nname = \"shadow-{which}\"\nstage = \"shadow\"\nuse = \"asking-guest\"\nwith.act = \"fill\"\nwith.of = \"20\"\n"
        ));
    }
    for which in 0..engine::limits::STEPS_PER_DECISION - 1 {
        text.push_str(&format!(
            "[[rule]]\nname = \"live-{which}\"\nalso = true\nreply.en = \"live {which}\"\n"
        ));
    }
    text.push_str("[[rule]]\nname = \"fill\"\nuse = \"asking-guest\"\nwith.act = \"fill\"\nwith.of = \"30\"\n");
    let house = House::with_rules(&text).await;
    let decision = house.decided(&house.say(ANA, "hello").await).await;
    let shadows = decision
        .steps
        .iter()
        .filter(|step| step.result == StepResult::Shadow);
    assert_eq!(shadows.count(), engine::limits::SHADOW_STEPS_PER_DECISION);
    assert_eq!(decision.answered_by(), Some(&name("fill")));
    let texts = house
        .receives(ANA, engine::limits::STEPS_PER_DECISION)
        .await;
    assert_eq!(
        texts.last().map(String::as_str),
        Some("kept 30"),
        "there was room for all that answered"
    );
    let stored = serde_json::to_vec(&decision).unwrap().len();
    assert!(stored <= model::limits::DECISION_BYTES, "{stored} bytes");
    house.end().await;
}
