//! Who somebody is, and what the network tells of them: two names for one person, a new phone, an agent's own words, a wish.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test, a panic is the answer"
)]

mod house;

use house::{ANA, BO, ECHO, House, number, tenant};
use intake::Accept;
use model::{
    Channel, ConsentScope, ContactKey, Content, Echo, Ending, Message, Moment, Notice, NoticeBody,
    NoticeKey, Phone, Preference, Refusal, UserId, Wamid,
};
use serde_json::json;

const ANAS_ID: &str = "BR.anas0id";

fn wamid(text: &str) -> Wamid {
    Wamid::new(text).unwrap()
}

fn phone(digits: &str) -> ContactKey {
    ContactKey::Phone(Phone::new(digits).unwrap())
}

fn user(id: &str) -> ContactKey {
    ContactKey::User(UserId::new(id).unwrap())
}

fn both(digits: &str, id: &str) -> ContactKey {
    ContactKey::Both(Phone::new(digits).unwrap(), UserId::new(id).unwrap())
}

impl House {
    async fn hears_of(&self, key: NoticeKey, body: NoticeBody) {
        let notice = Notice {
            tenant: tenant(),
            number: number(),
            channel: Channel::WhatsApp,
            key,
            body,
        };
        self.engine.accept(vec![notice]).await.unwrap();
    }

    fn said(&self, id: &str, from: ContactKey, text: &str) -> Notice {
        let content = Content::Text {
            body: text.to_owned(),
        };
        Notice {
            tenant: tenant(),
            number: number(),
            channel: Channel::WhatsApp,
            key: NoticeKey::message(&wamid(id)),
            body: NoticeBody::Message(Message::new(wamid(id), from, self.engine.now(), content)),
        }
    }

    async fn agent_writes_to(&self, whom: &str, id: &str) {
        let echo = Echo {
            id: wamid(id),
            to: phone(whom),
            at: self.engine.now(),
            content: Content::Text {
                body: "I am looking into it".into(),
            },
        };
        self.hears_of(NoticeKey::echo(&echo.id), NoticeBody::Echo(echo))
            .await;
    }

    async fn wants_marketing(&self, who: &str, wants: bool, at: Moment) {
        let preference = Preference {
            from: phone(who),
            wants_marketing: wants,
            at,
        };
        let key = NoticeKey::digest(&format!("{who}:{wants}:{}", at.0));
        self.hears_of(key, NoticeBody::Preference(preference)).await;
    }
}

#[tokio::test]
async fn while_a_person_of_ours_talks_the_bot_keeps_silent() {
    let house = House::with_rules(ECHO).await;
    house.say(ANA, "say hello").await;
    house.receives(ANA, 1).await;
    house.agent_writes_to(ANA, "wamid.AGENT").await;
    let id = house.say(ANA, "say thanks").await;
    let decision = house.decided(&id).await;
    assert!(
        matches!(
            decision.refusals().collect::<Vec<_>>()[..],
            [Refusal::Paused { .. }]
        ),
        "{decision:?}"
    );
    house.say(BO, "say hello").await;
    house.receives(BO, 1).await;

    assert!(
        house
            .engine
            .release(&tenant(), decision.contact)
            .await
            .unwrap()
    );
    house.say(ANA, "say more").await;
    assert_eq!(house.receives(ANA, 2).await, ["say hello", "say more"]);
    house.end().await;
}

#[tokio::test]
async fn an_echo_is_never_answered_and_never_comes_twice() {
    let house = House::with_rules(ECHO).await;
    for _ in 0..3 {
        let echo = Echo {
            id: wamid("wamid.AGENT"),
            to: phone(ANA),
            at: house.engine.now(),
            content: Content::Text {
                body: "say it yourself".into(),
            },
        };
        house
            .hears_of(NoticeKey::echo(&echo.id), NoticeBody::Echo(echo))
            .await;
    }
    house.say(BO, "say hello").await;
    house.receives(BO, 1).await;
    house.quiet().await;
    assert_eq!(house.record().await.len(), 1);
    let shop = tenant();
    let decisions = house.engine.ledger().decisions(&shop, None, 10);
    assert_eq!(decisions.await.unwrap().len(), 1);
    house.end().await;
}

#[tokio::test]
async fn a_wish_about_marketing_is_honoured_and_an_older_one_changes_nothing() {
    let house = House::with_rules(ECHO).await;
    let id = house.say(ANA, "say hello").await;
    let contact = house.decided(&id).await.contact;
    let now = house.engine.now();
    house.wants_marketing(ANA, false, now).await;
    assert!(house.contact(contact).await.consent.marketing.is_out());
    let earlier = now.minus(model::Span::from_minutes(5));
    house.wants_marketing(ANA, true, earlier).await;
    assert!(house.contact(contact).await.consent.marketing.is_out());
    let later = now.plus(model::Span::from_minutes(5));
    house.wants_marketing(ANA, true, later).await;
    let standing = house.contact(contact).await;
    assert!(standing.consent.marketing.is_in() && !standing.consent.everything.is_out());
    let log = house
        .engine
        .ledger()
        .consent_log(&tenant(), contact)
        .await
        .unwrap();
    assert!(
        log.iter()
            .all(|change| change.scope == ConsentScope::Marketing
                && change.evidence.source == "preference"),
        "{log:?}"
    );
    house.end().await;
}

#[tokio::test]
async fn what_whatsapp_itself_tells_and_what_is_said_in_groups_is_not_answered() {
    let house = House::with_rules("rules_version = 1\nlanguages = [\"en\"]\n[[rule]]\nname = \"all\"\nreply.en = \"Hello!\"\n").await;
    let notices = [
        json!({"from": ANA, "message": {"type": "system", "system": {"type": "user_changed_number", "wa_id": "5511900000009", "body": "Ana changed"}}}),
        json!({"from": BO, "message": {"type": "text", "text": {"body": "hi all"}, "group_id": "GROUP1"}}),
        json!({"from": BO, "message": {"type": "text", "text": {"body": "STOP"}, "group_id": "GROUP1"}}),
    ];
    for said in notices {
        let id = house.deliver(said).await;
        assert_eq!(house.decided(&id).await.ending, Ending::Aside);
    }
    house.quiet().await;
    assert_eq!(house.record().await.len(), 0);
    let bo = house.say(BO, "hello").await;
    assert!(
        matches!(house.decided(&bo).await.ending, Ending::Answered { .. }),
        "a word in a group is no opt-out"
    );
    house.end().await;
}

#[tokio::test]
async fn a_message_that_comes_again_whole_is_answered() {
    let house = House::with_rules(ECHO).await;
    let id = house
        .deliver(json!({"from": ANA, "message": {"id": "wamid.FIRST", "type": "unsupported", "errors": [{"code": 131_060, "title": "unavailable"}]}}))
        .await;
    assert_eq!(house.decided(&id).await.ending, Ending::Aside);
    house
        .deliver(json!({"from": ANA, "message": {"id": "wamid.FIRST", "type": "text", "text": {"body": "say it"}}}))
        .await;
    assert_eq!(house.receives(ANA, 1).await, ["say it"]);
    house.end().await;
}

#[tokio::test]
async fn who_changes_their_phone_stays_who_they_are() {
    let house = House::with_rules(ECHO).await;
    let first = house.say(ANA, "STOP").await;
    let ana = house.decided(&first).await.contact;
    let new = "5511900000077";
    house
        .deliver(json!({"from": ANA, "message": {"type": "system", "system": {"type": "user_changed_number", "wa_id": new, "body": "Ana changed"}}}))
        .await;
    let id = house.say(new, "say hello").await;
    let decision = house.decided(&id).await;
    assert_eq!(decision.contact, ana);
    assert_eq!(
        decision.refusals().collect::<Vec<_>>(),
        [&Refusal::OptedOut]
    );
    let stranger = house.say(ANA, "say hello").await;
    assert_ne!(
        house.decided(&stranger).await.contact,
        ana,
        "the old phone may be somebody else's by now"
    );
    house.receives(ANA, 2).await;
    house.end().await;
}

#[tokio::test]
async fn who_is_known_by_a_user_id_alone_is_answered_there() {
    let house = House::with_rules(ECHO).await;
    house
        .deliver(json!({"user_id": ANAS_ID, "text": "say hello"}))
        .await;
    house
        .until("a send to a user id", async || {
            let sends = house.record().await;
            let send = sends.first()?;
            assert_eq!(send["message"]["recipient"], ANAS_ID);
            assert!(send["message"].get("to").is_none());
            Some(())
        })
        .await;
    house.end().await;
}

#[tokio::test]
async fn i04_two_names_of_one_person_become_one_contact_in_order() {
    let house = House::with_rules(ECHO).await;
    let a_few = 6;
    let mut batch = Vec::new();
    for count in 0..a_few {
        batch.push(house.said(
            &format!("wamid.P{count}"),
            phone(ANA),
            &format!("say phone {count}"),
        ));
        batch.push(house.said(
            &format!("wamid.U{count}"),
            user(ANAS_ID),
            &format!("say user {count}"),
        ));
    }
    batch.push(house.said("wamid.BOTH", both(ANA, ANAS_ID), "say both"));
    batch.push(house.said("wamid.LAST", phone(ANA), "say last"));
    house.engine.accept(batch).await.unwrap();
    let last = house.decided("wamid.LAST").await;
    house.quiet().await;

    let sends = house.record().await;
    let texts: Vec<&str> = sends
        .iter()
        .filter_map(|send| send["message"]["text"]["body"].as_str())
        .collect();
    let of = |which: &str| {
        texts
            .iter()
            .copied()
            .filter(|text| text.contains(which))
            .collect::<Vec<_>>()
    };
    let expected = |which: &str| {
        (0..a_few)
            .map(|count| format!("say {which} {count}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(of("phone"), expected("phone"));
    assert_eq!(of("user"), expected("user"));
    assert_eq!(
        texts[texts.len() - 2..],
        ["say both", "say last"],
        "what came after both were known waits for what came before"
    );
    let both_names = house.contact(last.contact).await.key;
    assert_eq!(both_names, both(ANA, ANAS_ID));
    let former = house.decided("wamid.P0").await.contact;
    assert_eq!(
        house.contact(former).await.id,
        last.contact,
        "the old id leads to the one they are now"
    );
    house.end().await;
}

#[tokio::test]
async fn i06_a_stop_under_either_name_holds_for_both() {
    let house = House::with_rules(ECHO).await;
    let first = house.say(ANA, "STOP").await;
    house.decided(&first).await;
    house
        .deliver(json!({"user_id": ANAS_ID, "text": "say before"}))
        .await;
    house
        .until("an answer", async || {
            (house.record().await.len() == 2).then_some(())
        })
        .await;
    let id = house
        .deliver(json!({"from": ANA, "user_id": ANAS_ID, "text": "say after"}))
        .await;
    let decision = house.decided(&id).await;
    assert_eq!(
        decision.refusals().collect::<Vec<_>>(),
        [&Refusal::OptedOut]
    );
    house.quiet().await;
    assert_eq!(house.record().await.len(), 2);
    house.end().await;
}
