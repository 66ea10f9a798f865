//! Drafts: what a rule with `draft_to` would send waits for a person, and leaves once, if the gate still lets it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests: what fails here fails its test"
)]

mod house;

use std::sync::Arc;

use engine::Undecided;
use house::{ANA, BO, House, Later, Wishes, tenant};
use ledger::{ReplyDraft, ReplyDraftFilter};
use model::{Decision, Ending, Purpose, Refusal, ReplyDraftId, ReplyDraftState, SendState, Span};
use tokio::task::JoinSet;

const RULES: &str = r#"
rules_version = 1
languages = ["en"]

[[rule]]
name = "refund"
when.words = ["refund"]
reply.en = "Your refund is on its way, {contact.first_name|friend}."
tag = "wants-refund"
draft_to = "support"
once_per = "12h"

[[rule]]
name = "complaint"
when.words = ["complaint"]
reply.en = "We are sorry."
draft_to = "support"
hand_to = "support"
note = "a complaint"
pause_bot = "2h"

[[rule]]
name = "two-desks"
when.words = ["both"]
reply.en = "This leaves at once."
call = "refund"

[[rule]]
name = "silly"
when.words = ["silly"]
use = "test-guest"
with.act = "send"
with.count = 10
draft_to = "night"

[[rule]]
name = "broken"
when.words = ["broken"]
use = "test-guest"
with.act = "send-then-trap"
draft_to = "support"

[[rule]]
name = "again"
when.after = "refund"
when.words = ["thanks"]
reply.en = "You are welcome."
"#;

const FIRST: ReplyDraftId = ReplyDraftId(1);

async fn drafts(house: &House) -> Vec<ReplyDraft> {
    let all = ReplyDraftFilter::default();
    let ledger = house.engine.ledger();
    ledger
        .reply_drafts(&tenant(), all, None, 100)
        .await
        .unwrap()
}

/// Ana writes, and it is decided.
async fn says(house: &House, text: &str) -> Decision {
    let id = house.say(ANA, text).await;
    house.decided(&id).await
}

/// What a person's attempt at the first draft came to.
async fn sends(house: &House, words: Option<&str>) -> Result<ReplyDraft, Undecided> {
    let engine = &house.engine;
    engine.send_reply_draft(&tenant(), FIRST, words, None).await
}

fn refusal(attempt: Result<ReplyDraft, Undecided>) -> Refusal {
    match attempt {
        Err(Undecided::Refused(refusal)) => refusal,
        other => panic!("it is refused: {other:?}"),
    }
}

/// A host on what the last one left, once that one's tasks have let go of it.
async fn again(folder: tempfile::TempDir) -> House {
    let ledger = house::left_behind(&folder).await;
    House::move_in(folder, ledger, Wishes::default()).await
}

#[tokio::test]
async fn what_a_rule_would_send_waits_for_a_person_and_all_else_it_does_is_real() {
    let house = House::with_rules(RULES).await;
    let decision = says(&house, "I want a refund").await;
    house.quiet().await;
    assert!(house.received(ANA).await.is_empty(), "a person looks first");
    assert!(
        house
            .engine
            .ledger()
            .sends(&decision.id)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(matches!(&decision.ending, Ending::Answered { rule } if rule.as_str() == "refund"));
    let drafted: Vec<_> = decision.drafted().collect();
    assert_eq!(drafted.len(), 1);
    assert_eq!(
        (drafted[0].0.as_str(), drafted[0].1.as_str()),
        ("refund", "support")
    );

    let waiting = drafts(&house).await;
    let [draft] = &waiting[..] else {
        panic!("one draft: {waiting:?}");
    };
    assert_eq!(
        draft.outbound.message.body(),
        "Your refund is on its way, Ana."
    );
    assert!(draft.contact.tags.contains("wants-refund"));
    assert_eq!(
        draft.contact.last_desk.as_ref().unwrap().as_str(),
        "support"
    );
    let hand_offs = house.engine.ledger().hand_offs(&tenant(), None, 9).await;
    let hand_offs = hand_offs.unwrap();
    assert_eq!(hand_offs.len(), 1);
    assert_eq!(
        hand_offs[0].note,
        "A reply waits for your approval (rule refund)."
    );

    // It was an answer: once is once, and the second step of the conversation follows it.
    let again = says(&house, "refund!").await;
    assert_eq!(again.ending, Ending::NoRule);
    says(&house, "thanks").await;
    assert_eq!(house.receives(ANA, 1).await, ["You are welcome."]);

    let sent = sends(&house, None).await.unwrap();
    assert_eq!(sent.state, ReplyDraftState::Sent);
    let received = house.receives(ANA, 2).await;
    assert_eq!(received[1], "Your refund is on its way, Ana.");
    let record = house.engine.ledger().sends(&decision.id).await.unwrap();
    assert_eq!(record[0].outbound.purpose, Purpose::Person);
    house.end().await;
}

#[tokio::test]
async fn a_person_sends_other_words_within_whatsapps_limits() {
    let house = House::with_rules(RULES).await;
    says(&house, "refund").await;
    for words in ["x".repeat(4097), " \n".to_owned()] {
        let refused = refusal(sends(&house, Some(&words)).await);
        assert!(matches!(refused, Refusal::Invalid { .. }), "{refused:?}");
        assert_eq!(drafts(&house).await[0].state, ReplyDraftState::Pending);
    }
    sends(&house, Some("We have paid it back.")).await.unwrap();
    assert_eq!(house.receives(ANA, 1).await, ["We have paid it back."]);
    house.end().await;
}

#[tokio::test]
async fn i02_of_people_who_press_send_at_once_one_sends() {
    let house = House::with_rules(RULES).await;
    says(&house, "refund").await;
    let mut people = JoinSet::new();
    for _ in 0..8 {
        let engine = house.engine.clone();
        people.spawn(async move {
            engine
                .send_reply_draft(&tenant(), FIRST, Some("mine"), None)
                .await
        });
    }
    let sent = people.join_all().await;
    let quickest = sent.iter().filter(|attempt| attempt.is_ok()).count();
    assert_eq!(quickest, 1, "{sent:?}");
    for attempt in sent.into_iter().filter_map(Result::err) {
        let state = ReplyDraftState::Sent;
        assert!(matches!(attempt, Undecided::Decided(was) if was == state));
    }
    house.receives(ANA, 1).await;
    house.quiet().await;
    assert_eq!(house.received(ANA).await, ["mine"]);
    house.end().await;
}

#[tokio::test]
async fn what_was_dropped_is_never_sent() {
    let house = House::with_rules(RULES).await;
    says(&house, "refund").await;
    let engine = &house.engine;
    let dropped = engine
        .drop_reply_draft(&tenant(), FIRST, Some("Rita"))
        .await;
    assert_eq!(dropped.unwrap().state, ReplyDraftState::Dropped);
    let late = sends(&house, None).await;
    assert!(matches!(
        late,
        Err(Undecided::Decided(ReplyDraftState::Dropped))
    ));
    let none = ReplyDraftId(99);
    let unknown = engine.send_reply_draft(&tenant(), none, None, None).await;
    assert!(matches!(unknown, Err(Undecided::Unknown)));
    house.quiet().await;
    assert!(house.received(ANA).await.is_empty());
    house.end().await;
}

/// The confirmation of a stop is never a draft: it leaves by itself.
#[tokio::test]
async fn i06_after_a_stop_a_person_cannot_send_a_draft_until_the_contact_is_back() {
    let house = House::with_rules(RULES).await;
    says(&house, "refund").await;
    says(&house, "stop").await;
    house.receives(ANA, 1).await;
    assert_eq!(refusal(sends(&house, None).await), Refusal::OptedOut);
    assert_eq!(drafts(&house).await[0].state, ReplyDraftState::Pending);
    says(&house, "start").await;
    house.receives(ANA, 2).await;
    sends(&house, None).await.unwrap();
    let received = house.receives(ANA, 3).await;
    assert_eq!(received[2], "Your refund is on its way, Ana.");
    house.end().await;
}

#[tokio::test]
async fn i06_after_the_window_closed_a_person_cannot_send_a_draft() {
    let clock = Arc::new(Later::default());
    let wishes = Wishes {
        clock: Arc::clone(&clock) as Arc<dyn engine::Clock>,
        ..Wishes::default()
    };
    let house = House::build(RULES, wishes).await;
    says(&house, "refund").await;
    clock.pass(Span::from_hours(25));
    let refused = refusal(sends(&house, Some("Sorry for the wait")).await);
    assert_eq!(refused.word(), "window-closed");
    clock.pass(Span::from_hours(9000));
    assert_eq!(drafts(&house).await[0].state, ReplyDraftState::Pending);
    house.end().await;
}

#[tokio::test]
async fn i06_a_rule_that_would_be_refused_leaves_no_draft() {
    let house = House::with_rules(RULES).await;
    says(&house, "stop").await;
    house.receives(ANA, 1).await;
    let decision = says(&house, "refund").await;
    let refusals: Vec<_> = decision.refusals().collect();
    assert_eq!(refusals, [&Refusal::OptedOut], "the plugin was told");
    assert_eq!(drafts(&house).await, []);
    let hand_offs = house.engine.ledger().hand_offs(&tenant(), None, 9).await;
    assert_eq!(hand_offs.unwrap(), [], "nobody is called for nothing");
    house.end().await;
}

#[tokio::test]
async fn a_person_sends_although_the_bot_is_silent_and_the_rules_own_hand_over_is_enough() {
    let house = House::with_rules(RULES).await;
    says(&house, "a complaint").await;
    let silent = says(&house, "refund").await;
    assert_eq!(
        silent.refusals().map(Refusal::word).collect::<Vec<_>>(),
        ["paused"]
    );
    let hand_offs = house.engine.ledger().hand_offs(&tenant(), None, 9).await;
    let hand_offs = hand_offs.unwrap();
    let notes: Vec<_> = hand_offs.iter().map(|each| each.note.as_str()).collect();
    assert_eq!(notes, ["a complaint"]);
    sends(&house, None).await.unwrap();
    assert_eq!(house.receives(ANA, 1).await, ["We are sorry."]);
    house.end().await;
}

#[tokio::test]
async fn draft_to_is_its_own_rules_alone() {
    let house = House::with_rules(RULES).await;
    let decision = says(&house, "both").await;
    assert_eq!(house.receives(ANA, 1).await, ["This leaves at once."]);
    let steps: Vec<_> = decision
        .steps
        .iter()
        .map(|step| step.rule.as_str())
        .collect();
    assert_eq!(steps, ["two-desks", "refund"]);
    let waiting = drafts(&house).await;
    assert_eq!(waiting.len(), 1);
    let sends = house.engine.ledger().sends(&decision.id).await.unwrap();
    assert_ne!(sends[0].outbound.token, waiting[0].outbound.token);
    house.end().await;
}

#[tokio::test]
async fn several_drafts_of_one_decision_are_handed_over_once_and_bounded_as_sends_are() {
    let house = House::with_rules(RULES).await;
    let decision = says(&house, "silly").await;
    assert_eq!(drafts(&house).await.len(), gate::limits::SENDS_PER_RUN);
    assert_eq!(decision.refusals().count(), 2, "it was told: too many");
    let hand_offs = house.engine.ledger().hand_offs(&tenant(), None, 9).await;
    let hand_offs = hand_offs.unwrap();
    assert_eq!(hand_offs.len(), 1);
    assert_eq!(hand_offs[0].desk.as_str(), "night");
    house.end().await;
}

/// A draft is an effect, and the hand-over that comes with the first is another: both fit, or none does.
#[tokio::test]
async fn i14_a_decisions_effects_are_bounded_with_its_drafts_and_their_hand_over() {
    for (more, fits) in [(18, true), (19, false)] {
        let chain = [("begin", 60, "more"), ("more", more, "refund")].map(|(name, count, then)| {
            format!("\n[[rule]]\nname = \"{name}\"\nwhen.words = [\"{name}\"]\nuse = \"test-guest\"\nwith.act = \"tag\"\nwith.count = {count}\ncall = \"{then}\"\n")
        });
        let rules = format!(
            "{}{}",
            RULES.replace("tag = \"wants-refund\"\n", ""),
            chain.concat()
        );
        let house = House::with_rules(&rules).await;
        let decision = says(&house, "begin").await;
        assert_eq!(decision.steps.len(), 3);
        assert_eq!(drafts(&house).await.len(), usize::from(fits), "{more}");
        let hand_offs = house.engine.ledger().hand_offs(&tenant(), None, 9).await;
        assert_eq!(hand_offs.unwrap().len(), usize::from(fits), "{more}");
        let refusals: Vec<_> = decision.refusals().map(Refusal::word).collect();
        assert_eq!(refusals.is_empty(), fits, "{refusals:?}");
        house.end().await;
    }
}

#[tokio::test]
async fn i03_a_step_that_fails_leaves_no_draft() {
    let house = House::with_rules(RULES).await;
    let decision = says(&house, "broken").await;
    assert!(matches!(decision.ending, Ending::DeadLetter { .. }));
    assert_eq!(decision.drafted().count(), 0);
    assert_eq!(drafts(&house).await, []);
    house.end().await;
}

/// The host ends between draft and decision, and between decision and departure: nothing is lost, nothing leaves twice.
#[tokio::test]
async fn i03_drafts_outlive_the_host_and_are_sent_once() {
    let house = House::with_rules(RULES).await;
    says(&house, "refund").await;
    let bo = house.say(BO, "refund").await;
    house.decided(&bo).await;
    let folder = house.end().await;

    let house = again(folder).await;
    assert_eq!(drafts(&house).await[0].state, ReplyDraftState::Pending);
    sends(&house, None).await.unwrap();
    assert_eq!(house.receives(ANA, 1).await.len(), 1);
    house.quiet().await;
    let folder = house.end().await;

    let house = again(folder).await;
    let again = sends(&house, None).await;
    assert!(matches!(
        again,
        Err(Undecided::Decided(ReplyDraftState::Sent))
    ));
    let engine = &house.engine;
    let second = ReplyDraftId(2);
    engine
        .send_reply_draft(&tenant(), second, None, None)
        .await
        .unwrap();
    house.receives(BO, 1).await;
    house.quiet().await;
    assert!(
        house.received(ANA).await.is_empty(),
        "this network saw nothing of hers again"
    );
    let states: Vec<_> = drafts(&house).await.iter().map(|each| each.state).collect();
    assert_eq!(states, [ReplyDraftState::Sent; 2]);
    assert_ne!(house.outbox_state(0).await, SendState::Failed);
    house.end().await;
}

/// Tests beside rules see drafts, and do not take them for sends.
#[tokio::test]
async fn a_rehearsal_tells_drafts_from_sends() {
    const GREEN: &str = r#"
[[test]]
name = "a person looks at a refund first"
says = ["hello", "I want a refund"]
expect.rules = ["none", "refund"]
expect.sends = 0
expect.drafted_to = "support"
expect.draft_has = "on its way, friend"
expect.handed_to = "support"
expect.tags = ["wants-refund"]

[[test]]
name = "what is sent is no draft"
says = "both"
expect.sends = 1
expect.draft_has = "refund"
expect.reply_lacks = "refund"
"#;
    let house = House::with_rules(RULES).await;
    let write = |tests: &str| {
        let file = house.folder.path().join("rules/10-test.toml");
        std::fs::write(file, format!("{RULES}{tests}")).unwrap();
    };
    write(GREEN);
    house
        .engine
        .reload()
        .await
        .unwrap_or_else(|red| panic!("{red}"));
    for (was, is, seen) in [
        (
            "drafted_to = \"support\"",
            "drafted_to = \"sales\"",
            "seen a draft at support",
        ),
        (
            "drafted_to = \"support\"",
            "drafted_to = \"none\"",
            "expected no draft",
        ),
        ("on its way, friend", "on its way, Ana", "in some draft"),
    ] {
        write(&GREEN.replace(was, is));
        let red = house.engine.reload().await.err().unwrap().to_string();
        assert!(red.contains(seen), "{is}: {red}");
    }
    house.end().await;
}
