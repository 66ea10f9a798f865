//! What plugins ask of knowledge bases and endpoints: once for a message, within bounds, and only what was granted.
#![allow(
    clippy::unwrap_used,
    reason = "what fails in a test's own knowledge base fails the test"
)]

mod house;

use std::collections::BTreeSet;
use std::sync::Arc;

use house::outside::{Faq, Orders, chapter, knowing, reaching};
use house::{ANA, BO, House, Wishes, number, tenant};
use lookup::{Endpoint, EndpointOptions};
use model::{Answer, Asked, Ending, LookupMethod, Mode, Refusal, StepResult, Unanswered};

const RULES: &str = r#"
rules_version = 1
languages = ["en"]

[[rule]]
name = "count"
when.words = ["count"]
use = "asking-guest"
with.act = "count-shared"
with.of = "faq"

[[rule]]
name = "tally"
when.words = ["tally"]
use = "asking-guest"
with.act = "count-shared"

[[rule]]
name = "twice"
when.words = ["twice"]
use = "asking-guest"
with.act = "ask-twice"
with.of = "faq"

[[rule]]
name = "too-much"
when.words = ["everything"]
use = "asking-guest"
with.act = "ask-too-much"
with.of = "faq"

[[rule]]
name = "no-such-base"
when.words = ["nowhere"]
use = "asking-guest"
with.act = "ask"
with.of = "atlantis"

[[rule]]
name = "order"
when.words = ["order"]
use = "asking-guest"
with.act = "look-up"
with.of = "orders"

[[rule]]
name = "invoice"
when.words = ["invoice"]
use = "asking-guest"
with.act = "look-up"
with.of = "invoices"

[[rule]]
name = "person"
when.words = ["person"]
reply.en = "A person will answer."
hand_to = "support"
pause_bot = "1h"

[[rule]]
name = "remembered"
when.words = ["remembered"]
use = "asking-guest"
with.act = "recall"

[[rule]]
name = "ask"
use = "asking-guest"
with.act = "ask"
with.of = "faq"
if_no_answer = "nobody-knows"
if_blocked = "not-here"
if_slow = "later"

[[rule]]
name = "nobody-knows"
only = "called"
reply.en = "Nobody knows."
call = "offer"

[[rule]]
name = "not-here"
only = "called"
reply.en = "Not here."

[[rule]]
name = "later"
only = "called"
reply.en = "Later."

[[rule]]
name = "offer"
only = "called"
reply.en = "Shall a person answer?"
"#;

/// Another contact changes the shared key that this one writes, while the knowledge base thinks: the attempt runs again.
#[tokio::test]
async fn i09_a_message_that_is_attempted_again_is_given_the_same_answer_and_asks_nobody_twice() {
    let faq = Faq::with_room_for(0);
    let house = House::build(RULES, knowing(&faq)).await;
    let message = house.say(ANA, "count me").await;
    house
        .until("the question", async || (faq.calls() == 1).then_some(()))
        .await;
    house.say(BO, "tally").await;
    assert_eq!(house.receives(BO, 1).await, ["shared 1"]);
    faq.lets_go.add_permits(100);

    assert_eq!(house.receives(ANA, 1).await, ["shared 2 answer 1"]);
    let decision = house.decided(&message).await;
    assert_eq!(decision.attempt, 2, "the first lost the shared key");
    assert_eq!(faq.calls(), 1);
    let asked = &decision.steps[0].runs[0].asked;
    let [
        Asked::Memory { answer: found, .. },
        Asked::Knowledge {
            question, answer, ..
        },
    ] = asked.as_slice()
    else {
        panic!("{asked:?}");
    };
    let found = found.as_ref().unwrap().as_ref().unwrap();
    assert_eq!(found.value, "1", "memory as the attempt that counts saw it");
    assert_eq!(question.text, "count me");
    assert!(matches!(answer, Ok(Answer::Found { text, .. }) if text == "answer 1"));
    house.end().await;
}

#[tokio::test]
async fn the_same_question_at_another_place_is_another_question() {
    let faq = Faq::open();
    let house = House::build(RULES, knowing(&faq)).await;
    let message = house.say(ANA, "twice").await;
    assert_eq!(house.receives(ANA, 1).await, ["answer 1, answer 2"]);
    let decision = house.decided(&message).await;
    assert_eq!(decision.steps[0].runs[0].asked.len(), 2);
    house.end().await;
}

#[tokio::test]
async fn i13_what_was_not_named_or_not_granted_is_refused_with_the_line_that_grants_it() {
    let faq = Faq::open();
    let house = House::build(RULES, knowing(&faq)).await;
    house.say(ANA, "nowhere").await;
    let said = house.receives(ANA, 1).await;
    for words in [
        "atlantis",
        "there is faq",
        "[tenant.shop.knowledge.atlantis]",
    ] {
        assert!(said[0].contains(words), "{words}: {}", said[0]);
    }
    house.end().await;

    let wishes = Wishes {
        may_ask: Some(BTreeSet::from(["prices".to_owned()])),
        endpoints: reaching("invoices", Orders::open()).endpoints,
        ..knowing(&faq)
    };
    let house = House::build(RULES, wishes).await;
    house.say(ANA, "what now?").await;
    house.receives(ANA, 1).await;
    house.say(ANA, "my invoice").await;
    let said = house.receives(ANA, 2).await;
    for (said, words) in [
        (&said[0], "`knowledge` of [plugin.asking-guest]"),
        (&said[1], "`endpoints` of [plugin.asking-guest]"),
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(faq.calls(), 0, "nobody was asked");
    house.end().await;
}

#[tokio::test]
async fn i14_a_question_past_its_bounds_is_refused_and_not_asked() {
    let faq = Faq::open();
    let house = House::build(RULES, knowing(&faq)).await;
    house.say(ANA, "tell me everything").await;
    let said = house.receives(ANA, 1).await;
    assert!(said[0].contains("1004 characters"), "{}", said[0]);
    assert_eq!(faq.calls(), 0);
    house.end().await;
}

#[tokio::test]
async fn an_unanswered_step_leads_to_the_rule_for_that_case_and_keeps_what_it_did() {
    let faq = Faq::open();
    let house = House::build(RULES, knowing(&faq)).await;
    let message = house.say(ANA, "something unknown").await;
    assert_eq!(
        house.receives(ANA, 2).await,
        ["Nobody knows.", "Shall a person answer?"]
    );
    let decision = house.decided(&message).await;
    let steps: Vec<(&str, StepResult)> = decision
        .steps
        .iter()
        .map(|step| (step.rule.as_str(), step.result))
        .collect();
    let stands = StepResult::Stands;
    assert_eq!(
        steps,
        [("ask", stands), ("nobody-knows", stands), ("offer", stands)]
    );
    house.say(ANA, "remembered?").await;
    let said = house.receives(ANA, 3).await;
    assert_eq!(said[2], r#"own Some("unanswered") shared None"#);

    let message = house.say(ANA, "a secret").await;
    assert_eq!(house.receives(ANA, 4).await[3], "Not here.");
    let decision = house.decided(&message).await;
    assert_eq!(decision.steps.len(), 2);
    assert_eq!(
        decision.answered_by().map(model::RuleName::as_str),
        Some("not-here")
    );
    house.end().await;
}

#[tokio::test]
async fn i14_too_many_questions_at_once_are_answered_slow() {
    let faq = Faq::with_room_for(0);
    let house = House::build(RULES, knowing(&faq)).await;
    let phones: Vec<String> = (0..engine::limits::ASKED_AT_ONCE)
        .map(|which| format!("55119000020{which:02}"))
        .collect();
    for phone in &phones {
        house.say(phone, "what now?").await;
    }
    house
        .until("all of them to wait", async || {
            (faq.calls() == phones.len()).then_some(())
        })
        .await;
    house.say(ANA, "and me?").await;
    assert_eq!(house.receives(ANA, 1).await, ["Later."]);
    assert_eq!(faq.calls(), phones.len(), "it was not asked");
    faq.lets_go.add_permits(phones.len());
    for phone in &phones {
        house.receives(phone, 1).await;
    }
    house.say(BO, "and now?").await;
    faq.lets_go.add_permits(1);
    assert_eq!(house.receives(BO, 1).await.len(), 1);
    house.end().await;
}

#[tokio::test]
async fn i14_too_many_requests_at_once_are_answered_slow() {
    let orders = Orders::with_room_for(0);
    let house = House::build(RULES, reaching("orders", orders.clone())).await;
    let phones: Vec<String> = (0..engine::limits::ASKED_AT_ONCE)
        .map(|which| format!("55119000030{which:02}"))
        .collect();
    for phone in &phones {
        house.say(phone, "my order").await;
    }
    house
        .until("all of them to wait", async || {
            (orders.calls() == phones.len()).then_some(())
        })
        .await;
    house.say(ANA, "my order").await;
    assert_eq!(house.receives(ANA, 1).await, ["slow"]);
    assert_eq!(orders.calls(), phones.len(), "it was not asked");
    orders.lets_go.add_permits(phones.len() + 1);
    for phone in &phones {
        house.receives(phone, 1).await;
    }
    house.say(BO, "my order").await;
    assert_eq!(house.receives(BO, 1).await, ["200 order 33"]);
    house.end().await;
}

/// A real endpoint that nobody listens at: asking it would come to `unreachable`.
#[tokio::test]
async fn i07_a_method_that_the_operator_does_not_allow_is_refused_with_the_line_that_allows_it() {
    let options = EndpointOptions {
        methods: vec![LookupMethod::Post],
        ..EndpointOptions::at("http://127.0.0.1:9/v1")
    };
    let endpoint = Arc::new(Endpoint::new(options).unwrap());
    let house = House::build(RULES, reaching("orders", endpoint)).await;
    let message = house.say(ANA, "my order").await;
    let said = house.receives(ANA, 1).await;
    for words in ["`get`", "`methods` of [tenant.shop.endpoint.orders]"] {
        assert!(said[0].contains(words), "{words}: {}", said[0]);
    }
    let asked = &house.decided(&message).await.steps[0].runs[0].asked;
    assert!(
        matches!(
            asked.as_slice(),
            [Asked::Lookup {
                answer: Err(Refusal::NotGranted { .. }),
                ..
            }]
        ),
        "{asked:?}"
    );
    house.end().await;
}

#[tokio::test]
async fn i14_an_answer_too_long_for_the_record_rests_on_fewer_passages() {
    let faq = Faq::open();
    let house = House::build(RULES, knowing(&faq)).await;
    let message = house.say(ANA, "tell me at length").await;
    assert_eq!(house.receives(ANA, 1).await, ["a long story"]);
    let decision = house.decided(&message).await;
    let asked = &decision.steps[0].runs[0].asked;
    let [
        Asked::Knowledge {
            answer: Ok(Answer::Found { citations, .. }),
            ..
        },
    ] = asked.as_slice()
    else {
        panic!("{asked:?}");
    };
    // 220 KiB hold six of 36 KB each.
    assert_eq!(*citations, vec![chapter(); 6]);
    let bytes = serde_json::to_vec(&decision).unwrap().len();
    assert!(bytes < model::limits::DECISION_BYTES, "{bytes}");
    house.end().await;
}

#[tokio::test]
async fn an_endpoint_is_told_on_whose_behalf_it_is_asked() {
    let orders = Orders::open();
    let house = House::build(RULES, reaching("orders", orders.clone())).await;
    let message = house.say(ANA, "my order").await;
    house.say(ANA, "my order").await;
    assert_eq!(house.receives(ANA, 2).await, ["200 order 1", "200 order 2"]);
    let contact = house.decided(&message).await.contact;
    let seen = orders.seen.lock().unwrap().clone();
    let [(first, path), (second, _)] = seen.as_slice() else {
        panic!("{seen:?}");
    };
    assert_eq!(path, "orders/1");
    assert_eq!(first.contact, contact);
    assert_eq!(first.key.phone().map(model::Phone::as_str), Some(ANA));
    assert_eq!(first.request.len(), 32);
    assert_ne!(first.request, second.request, "each message asks anew");
    house.end().await;
}

#[tokio::test]
async fn a_contact_who_asks_sees_that_somebody_is_typing_once() {
    let faq = Faq::open();
    let house = House::build(RULES, knowing(&faq)).await;
    let message = house.say(ANA, "twice").await;
    house.receives(ANA, 1).await;
    let marks = house
        .until("a mark", async || {
            let marks = house.marks().await;
            (!marks.is_empty()).then_some(marks)
        })
        .await;
    assert_eq!(marks.len(), 1, "{marks:?}");
    assert_eq!(marks[0]["message_id"], message.as_str());
    assert_eq!(marks[0]["typing"], true);
    // Who asks nothing is shown nothing.
    house.say(ANA, "tally").await;
    house.receives(ANA, 2).await;
    assert_eq!(house.marks().await.len(), 1);
    house.end().await;
}

#[tokio::test]
async fn where_no_send_leaves_nobody_is_seen_typing() {
    let faq = Faq::open();
    let wishes = Wishes {
        simulated: false,
        mode: Mode::DryRun,
        ..knowing(&faq)
    };
    let house = House::build(RULES, wishes).await;
    let message = house.say(ANA, "what now?").await;
    let decision = house.decided(&message).await;
    assert!(matches!(decision.ending, Ending::Answered { .. }));
    assert_eq!(faq.calls(), 1, "it was asked");
    house.quiet().await;
    assert!(house.marks().await.is_empty());
    assert!(house.record().await.is_empty());
    assert_eq!(decision.id.number, number());
    house.end().await;
}

/// The gate would refuse an answer: nobody is to believe that one is being written.
#[tokio::test]
async fn i06_a_contact_who_said_stop_or_is_with_a_person_sees_nobody_typing() {
    let faq = Faq::open();
    let house = House::build(RULES, knowing(&faq)).await;
    for (who, words) in [(ANA, "stop"), (BO, "a person please")] {
        house.say(who, words).await;
        house.receives(who, 1).await;
        let message = house.say(who, "what now?").await;
        let decision = house.decided(&message).await;
        let refused: Vec<_> = decision.refusals().map(Refusal::word).collect();
        assert_eq!(refused.len(), 1, "{words}: {decision:?}");
    }
    assert_eq!(faq.calls(), 2, "it was asked");
    house.quiet().await;
    assert!(house.marks().await.is_empty());
    // The mark is not merely late: who may be answered is shown it.
    house.say("5511900000003", "what now?").await;
    house
        .until("a mark", async || {
            (!house.marks().await.is_empty()).then_some(())
        })
        .await;
    assert_eq!(house.marks().await.len(), 1);
    house.end().await;
}

#[tokio::test]
async fn a_step_without_an_answer_and_without_a_rule_for_it_says_so() {
    let faq = Faq::open();
    let rules = RULES.replace("if_no_answer = \"nobody-knows\"\n", "");
    let house = House::build(&rules, knowing(&faq)).await;
    let message = house.say(ANA, "something unknown").await;
    let decision = house.decided(&message).await;
    let Ending::Unanswered { rule, why } = &decision.ending else {
        panic!("{:?}", decision.ending);
    };
    assert_eq!((rule.as_str(), *why), ("ask", Unanswered::NoAnswer));
    let ledger = house.engine.ledger();
    let contact = ledger.contact(&tenant(), decision.contact).await;
    let contact = contact.unwrap().unwrap();
    assert_eq!(contact.last_rule, None, "nothing was answered");
    house.end().await;
}
