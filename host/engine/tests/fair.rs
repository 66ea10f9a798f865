//! What is slow holds up nobody else.
#![allow(
    clippy::unwrap_used,
    reason = "what fails in a test's own knowledge base fails the test"
)]

mod house;

use house::outside::{Faq, knowing};
use house::{ANA, House, number, tenant};
use intake::Accept;
use model::{
    Answer, Asked, Channel, ContactKey, Content, Decision, Message, Moment, Notice, NoticeBody,
    NoticeKey, Phone, Wamid,
};

const RULES: &str = r#"
rules_version = 1
languages = ["en"]

[[rule]]
name = "question"
when.words = ["question"]
use = "asking-guest"
with.act = "ask"
with.of = "faq"

[[rule]]
name = "echo"
when.starts = ["say"]
reply.en = "{message.text|?}"
"#;

/// More than the base and the plugin let wait.
const ASKERS: usize = 200;

fn was_slow(decision: &Decision) -> bool {
    let asked = decision.steps.iter().flat_map(|step| &step.runs);
    asked.flat_map(|run| &run.asked).any(|asked| {
        matches!(
            asked,
            Asked::Knowledge {
                answer: Ok(Answer::Slow),
                ..
            }
        )
    })
}

fn question(asker: usize, now: Moment) -> Message {
    let phone = Phone::new(format!("55119000{asker:05}")).unwrap();
    let body = "a question".to_owned();
    let id = Wamid::new(format!("wamid.ASKER{asker}")).unwrap();
    Message::new(id, ContactKey::Phone(phone), now, Content::Text { body })
}

#[tokio::test(flavor = "multi_thread")]
async fn i14_a_base_that_never_answers_two_hundred_contacts_holds_up_no_other_rule_and_no_more_than_its_own()
 {
    let faq = Faq::with_room_for(0);
    let house = House::build(RULES, knowing(&faq)).await;
    // All at once: the first must still be waiting when the last is told that it is slow.
    let now = house.engine.now();
    let asked: Vec<Message> = (0..ASKERS).map(|asker| question(asker, now)).collect();
    let notices = asked.iter().map(|message| Notice {
        tenant: tenant(),
        number: number(),
        channel: Channel::WhatsApp,
        key: NoticeKey::of(message),
        body: NoticeBody::Message(message.clone()),
    });
    house.engine.accept(notices.collect()).await.unwrap();
    // Beside all that wait, another contact's other rule answers.
    house.say(ANA, "say it").await;
    house.receives(ANA, 1).await;

    // As many as may wait do; the others were told at once that it is slow, and it was not asked for them.
    let most = engine::limits::WAITING_OF_PLUGIN;
    house
        .until("all but those that wait to be done", async || {
            let undone = house.engine.ledger().counts().await.unwrap().undone;
            (undone <= most as u64).then_some(())
        })
        .await;
    faq.lets_go.add_permits(ASKERS);
    let mut slow = 0;
    for message in &asked {
        slow += usize::from(was_slow(&house.decided(message.id.as_str()).await));
    }
    assert!(slow >= ASKERS - most, "{slow} were told that it is slow");
    house.end().await;
}
