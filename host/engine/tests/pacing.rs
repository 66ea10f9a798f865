//! Which send leaves next: each number at its own pace, each contact in its own order, and none waits for another's.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod house;

use std::collections::BTreeMap;
use std::time::Instant;

use engine::limits;
use house::meta::Meta;
use house::{ANA, BO, ECHO, House, NUMBER, Wishes, tenant};
use intake::Accept;
use model::{
    Channel, ContactKey, Content, Message, Moment, Notice, NoticeBody, NoticeKey, NumberId, Phone,
    SendState, Wamid,
};
use serde_json::json;

const SLOW: &str = "100000000000002";

fn paced(meta: &Meta, per_second: u32) -> Wishes {
    let pace = gate::Pace {
        per_second,
        account: None,
    };
    Wishes {
        network: Some(meta.url.clone()),
        paces: BTreeMap::from([(NumberId::new(SLOW).unwrap(), pace)]),
        ..Wishes::default()
    }
}

/// So many people write to the slow number at once.
async fn crowd(house: &House, people: u64) {
    let number = NumberId::new(SLOW).unwrap();
    let now = Moment(house.engine.now().0 / 1000 * 1000);
    let notice = |person: u64| {
        let phone = Phone::new((5_511_900_001_000 + person).to_string()).unwrap();
        let key = ContactKey::new(Some(phone), None).unwrap();
        let id = Wamid::new(format!("wamid.crowd.{person}")).unwrap();
        let message = Message::new(
            id,
            key,
            now,
            Content::Text {
                body: format!("say {person}"),
            },
        );
        Notice {
            tenant: tenant(),
            number: number.clone(),
            channel: Channel::WhatsApp,
            key: NoticeKey::of(&message),
            body: NoticeBody::Message(message),
        }
    };
    let notices = (0..people).map(notice).collect();
    house.engine.accept(notices).await.unwrap();
}

#[tokio::test]
async fn an_exhausted_number_holds_up_no_other_and_what_waits_is_not_written() {
    const CROWD: u64 = 500;
    let meta = Meta::start().await;
    let house = House::build(ECHO, paced(&meta, 1)).await;
    let begun = Instant::now();
    crowd(&house, CROWD).await;
    house
        .until("all of them decided", async || {
            (house.engine.ledger().counts().await.unwrap().undone == 0).then_some(())
        })
        .await;
    let waiting = || async {
        let sends = house.engine.ledger().outbox(&tenant(), None, 1000).await;
        let ready = sends.unwrap().into_iter();
        ready
            .filter(|send| send.state == SendState::Ready)
            .map(|send| (send.outbound.token, (send.changed_at, send.attempts)))
            .collect::<BTreeMap<_, _>>()
    };
    let before = waiting().await;
    assert!(before.len() > 300, "{}", before.len());

    house.say(ANA, "say hello").await;
    house
        .until("an answer on the other number", async || {
            (meta.texts(NUMBER) == ["say hello"]).then_some(())
        })
        .await;
    let still_wait = waiting().await.len();
    assert!(still_wait > 300, "it overtook the crowd: {still_wait} wait");
    let paced = meta.counts(SLOW).0;
    let seconds = usize::try_from(begun.elapsed().as_secs()).unwrap();
    assert!(paced <= seconds + 2, "{paced} in {seconds} s");
    let then = meta.counts(SLOW).1;
    house
        .until("two more of the crowd's", async || {
            (meta.counts(SLOW).1 >= then + 2).then_some(())
        })
        .await;
    for (token, stands) in waiting().await {
        assert_eq!(before[&token], stands, "it waits, and nothing was written");
    }
    house.end().await;
}

/// However slow WhatsApp is for one number, there are places left for the others.
#[tokio::test]
async fn i14_a_number_whose_carrier_is_slow_does_not_take_all_places() {
    const CROWD: u64 = 400;
    let meta = Meta::start().await;
    let replies = meta.slows(SLOW);
    let house = House::build(ECHO, paced(&meta, 10_000)).await;
    crowd(&house, CROWD).await;
    // It may hold fewer than half of what is free.
    let third = limits::DELIVERIES_AT_ONCE / 3;
    house
        .until("it to have all that it gets", async || {
            (meta.counts(SLOW).0 >= third).then_some(())
        })
        .await;
    for (place, from) in [ANA, BO].into_iter().enumerate() {
        house.say(from, "say hello").await;
        house
            .until("an answer on the other number", async || {
                (meta.texts(NUMBER).len() == place + 1).then_some(())
            })
            .await;
    }
    let most = third + 1;
    let heard = meta.counts(SLOW).0;
    assert!((third..=most).contains(&heard), "{heard} of {most}");
    replies.add_permits(1000);
    house
        .until("all the others", async || {
            (meta.counts(SLOW).1 == usize::try_from(CROWD).unwrap()).then_some(())
        })
        .await;
    house.end().await;
}

/// The ledger holds the backlog: whoever starts next takes it up, and each contact's sends leave in their order.
#[tokio::test]
async fn a_backlog_is_taken_up_after_a_restart_in_each_contacts_order() {
    let meta = Meta::start().await;
    let first = House::build(ECHO, paced(&meta, 10_000)).await;
    meta.refuses(NUMBER, Some(131_031));
    for said in 0..4 {
        for from in [ANA, BO] {
            let text = format!("say {from} {said}");
            let message = first.deliver(json!({"from": from, "text": text})).await;
            // From the second on the gate refuses what the rule proposes: the number is stopped.
            first.decided(&message).await;
        }
    }
    let folder = first.end().await;
    let sends: Vec<String> = meta.texts(NUMBER);
    assert!(sends.is_empty());
    meta.refuses(NUMBER, None);
    let ledger = house::left_behind(&folder).await;
    let second = House::move_in(folder, ledger, paced(&meta, 10_000)).await;
    let ready = second.engine.ledger().counts().await.unwrap().ready;
    assert!(ready >= 1);
    let store = engine::operating::Stopping::Number("store".into());
    let lifted = second.engine.lift_switch(&tenant(), &store, None).await;
    lifted.unwrap();
    second.quiet().await;
    let texts = meta.texts(NUMBER);
    assert_eq!(u64::try_from(texts.len()).unwrap(), ready);
    for from in [ANA, BO] {
        let theirs: Vec<_> = texts.iter().filter(|text| text.contains(from)).collect();
        assert!(theirs.is_sorted(), "{theirs:?}");
    }
    second.end().await;
}
