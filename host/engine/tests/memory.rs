//! What plugins remember and note, all the way: what the next turn finds, and what it must not.

mod house;

use house::{ANA, BO, House, tenant};
use model::{Asked, Entry, MemoryScope, Proposal, Quota, Verdict};

const RULES: &str = r#"
rules_version = 1
languages = ["en"]

[[rule]]
name = "own"
when.words = ["own"]
use = "asking-guest"
with.act = "count-own"

[[rule]]
name = "all"
when.words = ["all"]
use = "asking-guest"
with.act = "count-shared"

[[rule]]
name = "twice"
when.words = ["twice"]
use = "asking-guest"
with.act = "write-twice"

[[rule]]
name = "recall"
when.words = ["recall"]
use = "asking-guest"
with.act = "recall"

[[rule]]
name = "forget"
when.words = ["forget"]
use = "asking-guest"
with.act = "forget"

[[rule]]
name = "fails"
when.words = ["fail"]
use = "asking-guest"
with.act = "keep-then-fail"
if_fails = "recall"

[[rule]]
name = "passes"
when.words = ["pass"]
use = "asking-guest"
with.act = "keep-then-pass"

[[rule]]
name = "after-passing"
when.words = ["pass"]
use = "asking-guest"
with.act = "recall"

[[rule]]
name = "fills"
when.words = ["fill"]
use = "asking-guest"
with.act = "fill"
with.of = "60"

[[rule]]
name = "person"
when.words = ["person"]
reply.en = "A person will answer."
hand_to = "support"
note = "asked for a person"

[[rule]]
name = "note"
use = "asking-guest"
with.act = "note"
"#;

/// What one is told in answer to each of these, one after the other.
async fn told(house: &House, who: &str, says: &[&str]) -> Vec<String> {
    let before = house.received(who).await.len();
    for (count, words) in says.iter().enumerate() {
        house.say(who, words).await;
        house.receives(who, before + count + 1).await;
    }
    house.received(who).await.split_off(before)
}

#[tokio::test]
async fn i13_each_contact_has_a_memory_of_its_own_and_all_share_another() {
    let house = House::with_rules(RULES).await;
    assert_eq!(
        told(&house, ANA, &["own", "own", "all"]).await,
        ["own 1", "own 2", "shared 1"]
    );
    assert_eq!(
        told(&house, BO, &["own", "all", "recall"]).await,
        ["own 1", "shared 2", r#"own Some("1") shared Some("2")"#]
    );
    house.end().await;
}

#[tokio::test]
async fn a_turn_sees_what_it_wrote_and_forgot_itself() {
    let house = House::with_rules(RULES).await;
    let seen = told(&house, ANA, &["twice", "recall", "forget", "recall"]).await;
    let both = r#"own Some("2") shared Some("2")"#;
    let none = "own None shared None";
    assert_eq!(seen, [both, both, none, none]);
    house.end().await;
}

#[tokio::test]
async fn i03_contacts_that_count_in_one_shared_key_at_once_lose_nothing() {
    let house = House::with_rules(RULES).await;
    let phones: Vec<String> = (0..40)
        .map(|which| format!("55119000010{which:02}"))
        .collect();
    let mut said = Vec::new();
    for phone in &phones {
        said.push(house.say(phone, "all").await);
    }
    let mut counts = Vec::new();
    for phone in &phones {
        counts.extend(house.receives(phone, 1).await);
    }
    counts.sort();
    let mut expected: Vec<String> = (1..=40).map(|count| format!("shared {count}")).collect();
    expected.sort();
    assert_eq!(counts, expected);
    house.end().await;
}

#[tokio::test]
async fn i03_a_step_that_fails_or_passes_keeps_and_notes_nothing() {
    let house = House::with_rules(RULES).await;
    let none = "own None shared None";
    assert_eq!(
        told(&house, ANA, &["fail", "pass", "recall"]).await,
        [none; 3]
    );
    let last = house.say(ANA, "recall").await;
    let contact = house.decided(&last).await.contact;
    let notes = house.engine.ledger().notes(&tenant(), contact, 10).await;
    assert_eq!(notes.unwrap(), []);
    house.end().await;
}

#[tokio::test]
async fn i09_what_was_recalled_stands_in_the_decision_even_if_the_step_came_to_nothing() {
    let house = House::with_rules(RULES).await;
    let asked = async |words: &str, count: usize| {
        let message = house.say(ANA, words).await;
        house.receives(ANA, count).await;
        let decision = house.decided(&message).await;
        let runs = decision.steps.into_iter().flat_map(|step| step.runs);
        runs.flat_map(|run| run.asked).collect::<Vec<_>>()
    };
    // Each recollection: of whom, and what was found.
    let seen = |asked: &[Asked]| -> Vec<(MemoryScope, Option<String>)> {
        let one = |asked: &Asked| match asked {
            Asked::Memory { scope, key, answer } => {
                assert_eq!(key, "n");
                let value = |entry: Entry| entry.value;
                (*scope, answer.clone().unwrap().map(value))
            }
            other => panic!("{other:?}"),
        };
        asked.iter().map(one).collect()
    };
    let (own, shared) = (MemoryScope::Contact, MemoryScope::Shared);
    assert_eq!(seen(&asked("own", 1).await), [(own, None)]);
    let second = asked("own", 2).await;
    assert_eq!(seen(&second), [(own, Some("1".to_owned()))]);
    let Asked::Memory { answer, .. } = &second[0] else {
        panic!("{second:?}");
    };
    let until = answer.clone().unwrap().unwrap().until;
    assert!(until > house.engine.now(), "and until when: {until:?}");

    // What was written in the same turn is found as the plugin was told it.
    let two = || Some("2".to_owned());
    let written = seen(&asked("twice", 3).await);
    assert_eq!(written, [(own, two()), (shared, two())]);
    // What a step that failed had staged is not found by the next.
    let failed = seen(&asked("fail", 4).await);
    assert_eq!(failed, [(own, two()), (shared, two())]);
    house.end().await;
}

/// The record of a decision is stored whole: what does not fit is refused while the plugin can be told.
#[tokio::test]
async fn i14_what_the_record_of_a_decision_cannot_hold_is_refused() {
    let house = House::with_rules(RULES).await;
    let message = house.say(ANA, "fill").await;
    let said = house.receives(ANA, 1).await;
    let decision = house.decided(&message).await;
    let proposed = &decision.steps[0].runs[0].proposed;
    let kept = proposed
        .iter()
        .filter(|proposed| {
            matches!(
                proposed.proposal,
                Proposal::Remember {
                    scope: MemoryScope::Contact,
                    ..
                }
            ) && proposed.verdict == Verdict::Admitted
        })
        .count();
    assert!((20..60).contains(&kept), "{kept}");
    assert!(
        said[0].starts_with(&format!("kept {kept}, ")),
        "{}",
        said[0]
    );
    let refusal = format!("{:?}", Quota::Decision);
    assert!(said[0].contains(&refusal), "{}", said[0]);
    let bytes = serde_json::to_vec(&decision).unwrap().len();
    assert!(bytes < model::limits::DECISION_BYTES, "{bytes}");
    let log = &decision.steps[0].runs[0].log;
    assert!(
        log.iter().any(|line| line.contains("are not listed")),
        "{log:?}"
    );
    house.end().await;
}

#[tokio::test]
async fn a_note_stays_with_the_contact_and_is_shown_when_a_person_takes_over() {
    let house = House::with_rules(RULES).await;
    assert_eq!(told(&house, ANA, &["wants a refund"]).await, ["noted"]);
    let message = house.say(ANA, "person").await;
    house.receives(ANA, 2).await;
    let contact = house.decided(&message).await.contact;
    let ledger = house.engine.ledger();
    let hand_offs = ledger.hand_offs(&tenant(), None, 10).await.unwrap();
    assert_eq!(hand_offs.len(), 1);
    let notes: Vec<&str> = hand_offs[0]
        .notes
        .iter()
        .map(|note| note.text.as_str())
        .collect();
    assert_eq!(notes, ["wants a refund"]);
    let contact = ledger.contact(&tenant(), contact).await.unwrap().unwrap();
    assert_eq!(
        contact.last_desk.as_ref().map(model::DeskName::as_str),
        Some("support")
    );
    let (rule, _) = contact.last_rule.unwrap();
    assert_eq!(rule.as_str(), "person", "the rule that answered last");
    house.end().await;
}
