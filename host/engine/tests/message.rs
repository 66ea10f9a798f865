//! One message, all the way: what a customer gets, and what it takes to get it once, in order, or not at all.

mod house;

use house::doors::Hindrance;
use house::{ANA, BO, ECHO, House, Wishes, steps, tenant};
use ledger::sqlite::rival::Rival;
use model::{Ending, Mode, Refusal, SendState, Span, StepResult};
use serde_json::json;

#[tokio::test]
async fn a_message_is_answered_by_its_rule() {
    let house = House::with_rules(ECHO).await;
    let id = house.say(ANA, "say hello").await;
    assert_eq!(house.receives(ANA, 1).await, ["say hello"]);
    let decision = house.decided(&id).await;
    assert_eq!(
        decision.answered_by().map(model::RuleName::as_str),
        Some("echo")
    );
    let other = house.say(ANA, "anything else").await;
    assert_eq!(house.decided(&other).await.ending, Ending::NoRule);
    house.quiet().await;
    assert_eq!(
        house.received(ANA).await.len(),
        1,
        "what no rule knows is not answered"
    );
    house.end().await;
}

#[tokio::test]
async fn i01_what_cannot_be_written_is_not_acknowledged_and_comes_again() {
    let house = House::with_rules(ECHO).await;
    house.say(ANA, "say before").await;
    house.receives(ANA, 1).await;
    house
        .until("the last status", async || {
            (house.outbox_state(0).await == SendState::Read).then_some(())
        })
        .await;

    // Another program holds the file for writing: every commit fails once its patience is over.
    let rival = Rival::take(&house.folder.path().join("ledger.db")).unwrap();
    let answer = house
        .try_to_deliver(json!({"from": ANA, "text": "say meanwhile"}))
        .await;
    assert_eq!(answer["status"], 503, "{answer}");
    assert!(
        house.engine.troubles().await.ledger.is_some(),
        "readiness says so"
    );
    assert_eq!(house.engine.ledger().counts().await.unwrap().undone, 0);
    drop(rival);

    assert_eq!(
        house.receives(ANA, 2).await,
        ["say before", "say meanwhile"]
    );
    assert_eq!(house.engine.troubles().await.ledger, None);
    house.quiet().await;
    assert_eq!(house.received(ANA).await.len(), 2);
    house.end().await;
}

#[tokio::test]
async fn i02_one_webhook_ten_times_in_parallel_is_answered_once() {
    let house = House::with_rules(ECHO).await;
    house
        .deliver(json!({"from": ANA, "text": "say it once", "copies": 10}))
        .await;
    house.receives(ANA, 1).await;
    let last = house.say(ANA, "say the end").await;
    house.decided(&last).await;
    house.quiet().await;
    assert_eq!(house.received(ANA).await, ["say it once", "say the end"]);
    house.end().await;
}

#[tokio::test]
async fn i04_one_contact_is_answered_in_order_while_others_are_too() {
    let house = House::build(ECHO, Wishes::tireless()).await;
    let expected: Vec<String> = (0..12).map(|count| format!("say {count}")).collect();
    for text in &expected {
        house.say(ANA, text).await;
        house.say(BO, text).await;
    }
    assert_eq!(house.receives(ANA, 12).await, expected);
    assert_eq!(house.receives(BO, 12).await, expected);
    house.end().await;
}

#[tokio::test]
async fn i06_after_a_stop_one_confirmation_leaves_and_then_nothing() {
    let house = House::with_rules(ECHO).await;
    house.say(ANA, "say before").await;
    house.receives(ANA, 1).await;
    house.say(ANA, "Stop!").await;
    house.receives(ANA, 2).await;
    let refused = house.say(ANA, "say after").await;
    let decision = house.decided(&refused).await;
    assert_eq!(
        decision.refusals().collect::<Vec<_>>(),
        [&Refusal::OptedOut]
    );
    let again = house.say(ANA, "STOP").await;
    house.decided(&again).await;
    house.quiet().await;
    assert_eq!(
        house.received(ANA).await.len(),
        2,
        "a second stop is met with silence"
    );

    house.say(ANA, "start").await;
    house.receives(ANA, 3).await;
    house.say(ANA, "say again").await;
    assert_eq!(
        house.receives(ANA, 4).await.last().map(String::as_str),
        Some("say again")
    );
    let log = house
        .engine
        .ledger()
        .consent_log(&tenant(), decision.contact)
        .await
        .unwrap();
    let changes: Vec<bool> = log.iter().map(|change| change.opted_in).collect();
    assert_eq!(changes, [false, false, true]);
    assert_eq!(log[0].evidence.text.as_deref(), Some("Stop!"));
    house.end().await;
}

#[tokio::test]
async fn a_stop_on_a_button_counts() {
    let house = House::with_rules(ECHO).await;
    house.deliver(json!({"from": ANA, "message": {"type": "button", "button": {"payload": "p1", "text": "Unsubscribe"}}})).await;
    house.receives(ANA, 1).await;
    let refused = house.say(ANA, "say after").await;
    assert_eq!(
        house.decided(&refused).await.refusals().collect::<Vec<_>>(),
        [&Refusal::OptedOut]
    );
    house.end().await;
}

#[tokio::test]
async fn a_hand_over_reaches_the_desk_and_silences_the_bot() {
    let rules = format!(
        "{ECHO}
[[rule]]
name = \"person\"
when.words = [\"person\"]
reply.en = \"A person will answer.\"
hand_to = \"support\"
note = \"asked: {{message.text|?}}\"
pause_bot = \"2h\"
tag = [\"waiting\"]
"
    );
    let house = House::with_rules(&rules).await;
    let asked = house.say(ANA, "I want a person").await;
    assert_eq!(
        house.receives(ANA, 1).await,
        ["A person will answer."],
        "the pausing decision's own send passes"
    );
    let hand_offs = house
        .engine
        .ledger()
        .hand_offs(&tenant(), None, 10)
        .await
        .unwrap();
    assert_eq!(hand_offs.len(), 1);
    assert_eq!(hand_offs[0].desk.as_str(), "support");
    assert_eq!(hand_offs[0].note, "asked: I want a person");
    assert!(hand_offs[0].contact.tags.contains("waiting"));

    let silenced = house.say(ANA, "say something").await;
    let refusals: Vec<Refusal> = house.decided(&silenced).await.refusals().cloned().collect();
    assert!(
        matches!(refusals.as_slice(), [Refusal::Paused { .. }]),
        "{refusals:?}"
    );
    let contact = house.decided(&asked).await.contact;
    assert!(
        house
            .engine
            .ledger()
            .release(&tenant(), contact, house.engine.now())
            .await
            .unwrap()
    );
    house.say(ANA, "say welcome back").await;
    assert_eq!(
        house.receives(ANA, 2).await.last().map(String::as_str),
        Some("say welcome back")
    );
    house.end().await;
}

#[tokio::test]
async fn once_per_counts_what_was_said_and_not_what_was_refused() {
    let rules = format!(
        "{ECHO}
[[rule]]
name = \"greeting\"
reply.en = \"Welcome!\"
once_per = \"12h\"
"
    );
    let house = House::with_rules(&rules).await;
    house.say(ANA, "stop").await;
    house.receives(ANA, 1).await;
    let refused = house.say(ANA, "hello").await;
    assert_eq!(
        house.decided(&refused).await.refusals().collect::<Vec<_>>(),
        [&Refusal::OptedOut]
    );
    house.say(ANA, "start").await;
    house.receives(ANA, 2).await;
    house.say(ANA, "hello").await;
    assert_eq!(
        house.receives(ANA, 3).await.last().map(String::as_str),
        Some("Welcome!")
    );
    let again = house.say(ANA, "hello again").await;
    assert_eq!(house.decided(&again).await.ending, Ending::NoRule);
    house.end().await;
}

#[tokio::test]
async fn i03_a_rule_whose_plugin_fails_leaves_no_effect_but_a_dead_letter() {
    let rules = "
rules_version = 1
languages = [\"en\"]

[[rule]]
name = \"breaks\"
when.words = [\"break\"]
use = \"test-guest\"
with.act = \"send-then-trap\"

[[rule]]
name = \"falls-back\"
when.words = [\"fall\"]
use = \"test-guest\"
with.act = \"send-then-trap\"
if_fails = \"sorry\"

[[rule]]
name = \"sorry\"
when.words = [\"sorry\"]
reply.en = \"Something went wrong on our side.\"
";
    let house = House::with_rules(rules).await;
    let broken = house.say(ANA, "break it").await;
    assert!(matches!(
        house.decided(&broken).await.ending,
        Ending::DeadLetter { .. }
    ));
    assert_eq!(
        house
            .engine
            .ledger()
            .dead_letters(&tenant(), 10)
            .await
            .unwrap()
            .len(),
        1
    );
    let contact = house.decided(&broken).await.contact;
    let contact = house
        .engine
        .ledger()
        .contact(&tenant(), contact)
        .await
        .unwrap()
        .unwrap();
    assert!(
        contact.tags.is_empty()
            && contact.pause.is_none()
            && contact.consent == model::Consent::default(),
        "{contact:?}"
    );
    assert!(
        house
            .engine
            .ledger()
            .hand_offs(&tenant(), None, 10)
            .await
            .unwrap()
            .is_empty()
    );
    house.say(ANA, "fall over").await;
    assert_eq!(
        house.receives(ANA, 1).await,
        ["Something went wrong on our side."]
    );
    house.quiet().await;
    assert_eq!(
        house.received(ANA).await.len(),
        1,
        "what was proposed before the trap never leaves"
    );
    house.end().await;
}

#[tokio::test]
async fn i03_the_host_s_own_fault_is_tried_again_and_answered_once() {
    let rules = "
rules_version = 1
languages = [\"en\"]

[[rule]]
name = \"slow\"
when.words = [\"slow\"]
use = \"test-guest\"
with.act = \"loop\"
if_fails = \"sorry\"

[[rule]]
name = \"sorry\"
when.words = [\"sorry\"]
reply.en = \"That took too long.\"
";
    let (house, doors) = House::with_doors(rules, Wishes::default()).await;
    // The guest burns its fuel first; then another program has the file just as the attempt settles, and lets go of it when that has
    // failed. How long any of it takes makes no difference.
    let file = house.folder.path().join("ledger.db");
    doors.hinder("settle", Hindrance::Seized(file));
    let message = house.say(ANA, "slow").await;
    let decision = house.decided(&message).await;
    assert_eq!(decision.attempt, 2, "the first could not be written");
    let expected = [("slow", StepResult::Failed), ("sorry", StepResult::Stands)];
    assert_eq!(steps(&decision), expected, "the second is like the first");
    assert_eq!(house.receives(ANA, 1).await, ["That took too long."]);
    house.quiet().await;
    assert_eq!(
        house.received(ANA).await.len(),
        1,
        "it is answered once, however often it was tried"
    );
    assert_eq!(doors.calls("settle").len(), 2);
    house.end().await;
}

#[tokio::test]
async fn dry_run_admits_and_withholds() {
    let wishes = Wishes {
        simulated: false,
        ..Wishes::default()
    };
    let house = House::build(ECHO, wishes).await;
    let id = house.say(ANA, "say hello").await;
    assert!(house.decided(&id).await.answered_by().is_some());
    house.quiet().await;
    let outbox = house
        .engine
        .ledger()
        .outbox(&tenant(), None, 10)
        .await
        .unwrap();
    assert_eq!(
        outbox.iter().map(|send| send.state).collect::<Vec<_>>(),
        [SendState::Withheld]
    );
    assert!(house.record().await.is_empty());
    house.end().await;

    let live = House::build(
        ECHO,
        Wishes {
            simulated: false,
            mode: Mode::Live,
            ..Wishes::default()
        },
    )
    .await;
    live.say(ANA, "say hello").await;
    live.receives(ANA, 1).await;
    live.end().await;
}

#[tokio::test]
async fn a_message_too_old_goes_to_the_desk_unanswered() {
    let house = House::build(
        ECHO,
        Wishes {
            answer_within: Span::from_hours(1),
            ..Wishes::default()
        },
    )
    .await;
    let two_hours_ago = house.engine.now().minus(Span::from_hours(2)).0 / 1000;
    let message = json!({"type": "text", "text": {"body": "say hello"}, "timestamp": two_hours_ago.to_string()});
    let id = house
        .deliver(json!({"from": ANA, "message": message}))
        .await;
    assert_eq!(house.decided(&id).await.ending, Ending::TooOld);
    assert_eq!(
        house
            .engine
            .ledger()
            .hand_offs(&tenant(), None, 10)
            .await
            .unwrap()
            .len(),
        1
    );
    house.end().await;
}

#[tokio::test]
async fn statuses_move_a_send_on() {
    let house = House::with_rules(ECHO).await;
    house.say(ANA, "say hello").await;
    house
        .until("a read mark", async || {
            let outbox = house
                .engine
                .ledger()
                .outbox(&tenant(), None, 10)
                .await
                .unwrap();
            outbox
                .iter()
                .any(|send| send.state == SendState::Read && send.wamid.is_some())
                .then_some(())
        })
        .await;
    house.end().await;
}
