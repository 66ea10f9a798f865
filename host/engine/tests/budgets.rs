//! Loops, budgets, shadows and stops, all the way: what the gate counts is kept with the contact and over all contacts, and what it
//! refuses ends with people.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what fails in a test fails the test"
)]

mod house;

use std::sync::Arc;

use engine::operating::Stopping;
use gate::{Bound, Bounds};
use house::{ANA, BO, ECHO, House, Later, Wishes, tenant};
use model::{Decision, Span, Verdict};

/// What became of the sends that a message led to.
fn verdicts(decision: &Decision) -> Vec<&'static str> {
    decision
        .steps
        .iter()
        .flat_map(|step| &step.runs)
        .flat_map(|run| &run.proposed)
        .map(|proposed| match &proposed.verdict {
            Verdict::Admitted => "go",
            Verdict::Refused(refusal) => refusal.word(),
        })
        .collect()
}

/// Says something and waits for what becomes of it.
async fn asks(house: &House, who: &str, text: &str) -> Decision {
    let message = house.say(who, text).await;
    house.decided(&message).await
}

async fn hand_offs(house: &House) -> Vec<String> {
    let hand_offs = house.engine.ledger().hand_offs(&tenant(), None, 99).await;
    let hand_offs = hand_offs.unwrap();
    hand_offs.into_iter().map(|one| one.note).collect()
}

/// A machine answers everything that the bot says, at once and for ever.
#[tokio::test]
async fn two_machines_end_at_the_desk_within_ten_turns_and_stay_there() {
    let house = House::build(ECHO, Wishes::at_once()).await;
    for turn in 0..9 {
        let decision = asks(&house, ANA, &format!("say {turn}")).await;
        assert_eq!(verdicts(&decision), ["go"], "turn {turn}");
    }
    assert!(hand_offs(&house).await.is_empty());
    let tenth = asks(&house, ANA, "say 10").await;
    assert_eq!(verdicts(&tenth), ["loop-suspected"]);
    let note = "This looks like a machine: it answers the bot within seconds, or does not stop. The bot keeps silent for 12h, or until you give the conversation back.";
    assert_eq!(hand_offs(&house).await, [note]);
    // It goes on; nobody is called a second time.
    for turn in 11..15 {
        let decision = asks(&house, ANA, &format!("say {turn}")).await;
        assert_eq!(verdicts(&decision), ["paused"], "turn {turn}");
    }
    assert_eq!(hand_offs(&house).await.len(), 1);
    let contact = house.contact(tenth.contact).await;
    let pause = contact.pause.unwrap();
    assert_eq!(pause.until, tenth.now.plus(Span::from_hours(12)));
    assert_eq!(contact.last_desk.unwrap().as_str(), "support");
    // Others are answered as before; and so is this one once a person has looked.
    assert_eq!(verdicts(&asks(&house, BO, "say hello").await), ["go"]);
    let released = house.engine.release(&tenant(), tenth.contact).await;
    assert!(released.unwrap());
    assert_eq!(verdicts(&asks(&house, ANA, "say again").await), ["go"]);
    house.quiet().await;
    assert_eq!(house.received(ANA).await.len(), 10);
    house.end().await;
}

/// Where a rule leads to a desk when the gate refuses, that is where it ends: with one hand-over, not two.
#[tokio::test]
async fn a_rule_that_leads_to_people_is_enough() {
    let rules = r#"
rules_version = 1
languages = ["en"]

[[rule]]
name = "echo"
when.starts = ["say"]
reply.en = "{message.text|?}"
if_refused = "people"

[[rule]]
name = "people"
when.words = ["unheardof"]
hand_to = "sales"
"#;
    let house = House::build(
        rules,
        Wishes {
            bounds: Bounds {
                loops: gate::LoopBreaker {
                    at_once: 2,
                    ..Bounds::default().loops
                },
                ..Bounds::default()
            },
            ..Wishes::at_once()
        },
    )
    .await;
    asks(&house, ANA, "say 1").await;
    let second = asks(&house, ANA, "say 2").await;
    assert_eq!(verdicts(&second)[0], "loop-suspected");
    let contact = house.contact(second.contact).await;
    assert_eq!(contact.last_desk.unwrap().as_str(), "sales");
    assert!(contact.pause.is_some());
    assert_eq!(hand_offs(&house).await.len(), 1);
    house.end().await;
}

#[tokio::test]
async fn a_contact_gets_no_more_in_an_hour_than_the_budget() {
    let clock = Arc::new(Later::default());
    let house = House::build(
        ECHO,
        Wishes {
            clock: Arc::clone(&clock) as Arc<dyn engine::Clock>,
            bounds: Bounds {
                contact_hourly: Bound {
                    most: 3,
                    shadow: false,
                },
                ..Bounds::default()
            },
            ..Wishes::default()
        },
    )
    .await;
    for expected in ["go", "go", "go", "quota-exceeded", "quota-exceeded"] {
        assert_eq!(verdicts(&asks(&house, ANA, "say it").await), [expected]);
    }
    assert_eq!(verdicts(&asks(&house, BO, "say it").await), ["go"]);
    clock.pass(Span::from_minutes(66));
    assert_eq!(verdicts(&asks(&house, ANA, "say it").await), ["go"]);
    house.end().await;
}

/// Many at once, each of whom finds room when the attempt begins: no more than the budget settle, and nobody is left without a word
/// in the record.
#[tokio::test]
async fn a_plugin_sends_no_more_in_an_hour_than_its_budget_however_many_ask_at_once() {
    let house = House::build(
        ECHO,
        Wishes {
            hourly_sends: Some(5),
            ..Wishes::at_once()
        },
    )
    .await;
    let mut messages = Vec::new();
    for which in 0..24 {
        let from = format!("551190001{which:04}");
        messages.push(house.say(&from, "say it").await);
    }
    let mut words = Vec::new();
    for message in &messages {
        words.extend(verdicts(&house.decided(message).await));
    }
    let admitted = words.iter().filter(|word| **word == "go").count();
    let refused = words.iter().filter(|word| **word == "quota-exceeded");
    assert_eq!((admitted, refused.count()), (5, 19), "{words:?}");
    house.end().await;
}

/// A limit is tried out before it is in force: what it would refuse is counted, and nobody notices.
#[tokio::test]
async fn a_shadow_counts_and_refuses_nothing() {
    let mut bounds = Bounds::default();
    bounds.loops.shadow = true;
    let house = House::build(
        ECHO,
        Wishes {
            bounds,
            ..Wishes::at_once()
        },
    )
    .await;
    for turn in 0..12 {
        let decision = asks(&house, ANA, &format!("say {turn}")).await;
        assert_eq!(verdicts(&decision), ["go"], "turn {turn}");
        let contact = house.contact(decision.contact).await;
        assert_eq!(contact.pause, None);
    }
    assert!(hand_offs(&house).await.is_empty());
    let counted = house.engine.shadow_refusals();
    assert_eq!(counted, [("loop".to_owned(), 3)].into());
    house.end().await;
}

#[tokio::test]
async fn nothing_is_admitted_while_the_tenant_is_stopped_not_even_a_confirmation() {
    let house = House::with_rules(ECHO).await;
    assert_eq!(verdicts(&asks(&house, ANA, "say it").await), ["go"]);
    let engine = &house.engine;
    engine
        .throw_switch(&tenant(), &Stopping::Tenant, "a bad day", None)
        .await
        .unwrap();
    assert_eq!(verdicts(&asks(&house, ANA, "say it").await), ["stopped"]);
    let stop = asks(&house, BO, "STOP").await;
    assert!(
        verdicts(&stop).iter().all(|word| *word == "stopped"),
        "{stop:?}"
    );
    assert!(
        house
            .contact(stop.contact)
            .await
            .consent
            .everything
            .is_out()
    );
    engine
        .lift_switch(&tenant(), &Stopping::Tenant, None)
        .await
        .unwrap();
    assert_eq!(verdicts(&asks(&house, ANA, "say it").await), ["go"]);
    house.quiet().await;
    assert_eq!(house.received(ANA).await.len(), 2);
    assert_eq!(house.received(BO).await.len(), 0);
    house.end().await;
}
