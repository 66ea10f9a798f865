//! What is read back: in which order, how much, and by whom.

use std::sync::Arc;

use model::{Delivery, Purpose, SendState};

use super::shop::{
    ANA, BRUNO, CLARA, Shop, admitted, admitted_from, at, consent, hand_over, number, opts_out,
    phone, queued, token, wamid,
};
use crate::{Arrived, Counts, Departed, Lane, Ledger, Settled, Settlement};

/// What a host takes up when it starts.
pub async fn lanes_are_listed_page_by_page(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let mut expected = Vec::new();
    for (place, one) in [shop.clone(), shop.elsewhere()].iter().enumerate() {
        for digits in [ANA, BRUNO, CLARA].into_iter().skip(place) {
            expected.push(one.hears(digits, &format!("wamid.{digits}.1"), 0).await);
            one.hears(digits, &format!("wamid.{digits}.2"), 1).await;
        }
    }
    let mut listed: Vec<Lane> = Vec::new();
    loop {
        let page = shop.ledger.lanes(listed.last().cloned(), 2).await.unwrap();
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        listed.extend(page);
    }
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected, "each once");
}

/// And not after that.
pub async fn a_lane_is_listed_until_its_last_message_is_done(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    shop.hears(ANA, "wamid.2", 1).await;
    for _ in 0..2 {
        assert_eq!(
            shop.ledger.lanes(None, 10).await.unwrap(),
            std::slice::from_ref(&lane)
        );
        shop.passes_over(&lane, 2).await;
    }
    assert!(shop.ledger.lanes(None, 10).await.unwrap().is_empty());
    shop.hears(ANA, "wamid.3", 3).await;
    assert_eq!(shop.ledger.lanes(None, 10).await.unwrap(), [lane]);
}

/// A page that opens shows the newest, and follows from there without a gap.
pub async fn decisions_are_listed_newest_and_then_onwards(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    for place in 1..=5 {
        let lane = shop
            .hears(
                if place % 2 == 0 { ANA } else { BRUNO },
                &format!("wamid.{place}"),
                place,
            )
            .await;
        shop.passes_over(&lane, place).await;
    }
    let list = async |after, most| {
        shop.ledger
            .decisions(&shop.tenant, after, most)
            .await
            .unwrap()
    };
    let all = list(None, 10).await;
    let ids: Vec<_> = all
        .iter()
        .map(|record| record.decision.id.message.as_str())
        .collect();
    assert_eq!(ids, ["wamid.1", "wamid.2", "wamid.3", "wamid.4", "wamid.5"]);
    assert!(all.is_sorted_by(|one, next| one.seq < next.seq));
    assert_eq!(
        list(None, 2).await,
        all[3..],
        "the newest, oldest of them first"
    );
    assert_eq!(list(Some(all[3].seq), 10).await, all[4..]);
    assert!(list(Some(all[4].seq), 10).await.is_empty());
    let mut followed = list(Some(0), 2).await;
    while let [.., last] = &list(followed.last().map(|record| record.seq), 2).await[..] {
        let after = followed.last().map(|record| record.seq);
        assert!(last.seq > after.unwrap_or(0));
        followed.extend(list(after, 2).await);
    }
    assert_eq!(followed, all, "whoever follows page by page misses nothing");
}

/// However many others wrote since.
pub async fn a_contacts_newest_decision_is_found(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    shop.passes_over(&lane, 1).await;
    shop.hears(ANA, "wamid.2", 2).await;
    shop.passes_over(&lane, 3).await;
    let other = shop.hears(BRUNO, "wamid.3", 4).await;
    shop.passes_over(&other, 5).await;
    // Its turn has not come.
    shop.hears(ANA, "wamid.4", 6).await;
    let newest = async |tenant, before, number| {
        let found = shop
            .ledger
            .decision_of(tenant, lane.contact, before, number);
        let found = found.await.unwrap();
        found.map(|record| record.decision.id.message.to_string())
    };
    let (ours, second) = (&shop.tenant, "wamid.2".to_owned());
    assert_eq!(newest(ours, None, None).await, Some(second.clone()));
    assert_eq!(newest(ours, None, Some(&shop.number)).await, Some(second));
    let first = newest(ours, Some(2), None).await;
    assert_eq!(first.as_deref(), Some("wamid.1"));
    assert_eq!(newest(ours, Some(1), None).await, None);
    let nowhere = model::NumberId::new("999").unwrap();
    assert_eq!(newest(ours, None, Some(&nowhere)).await, None);
    // I13
    assert_eq!(newest(&shop.elsewhere().tenant, None, None).await, None);
}

/// As people name them.
pub async fn a_contact_is_found_by_its_phone(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let found = async |tenant, digits| {
        let key = phone(digits);
        let found = shop.ledger.contact_of(tenant, key.phone().unwrap()).await;
        found.unwrap().map(|contact| contact.id)
    };
    assert_eq!(found(&shop.tenant, ANA).await, Some(lane.contact));
    assert_eq!(found(&shop.tenant, BRUNO).await, None);
    // I13
    assert_eq!(found(&shop.elsewhere().tenant, ANA).await, None);
}

/// As a page about one message shows it.
pub async fn a_decision_is_found_with_its_message(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let (head, settlement) = (shop.head(&lane).await, shop.settlement(&lane, 7).await);
    assert_eq!(shop.settle(settlement.clone()).await, Settled::Done);
    let record = shop
        .ledger
        .decision(&settlement.decision.id)
        .await
        .unwrap()
        .expect("it is there");
    assert_eq!(
        (record.message, record.decision, record.settled_at),
        (head.message, settlement.decision.clone(), at(7))
    );
    let mut other = settlement.decision.id;
    other.number = number(2);
    assert_eq!(shop.ledger.decision(&other).await.unwrap(), None);
}

/// In the order they were proposed.
pub async fn sends_are_found_by_the_message_that_led_to_them(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let id = shop.settlement(&lane, 0).await.decision.id;
    shop.answers(&lane, &["z", "a", "m"], 1).await;
    shop.serves(ANA, "wamid.2", &["other"], 2).await;
    // The same id on another number is another message.
    shop.on(2).serves(BRUNO, "wamid.1", &["namesake"], 3).await;
    let sends = shop.ledger.sends(&id).await.unwrap();
    let tokens: Vec<_> = sends
        .iter()
        .map(|send| send.outbound.token.as_str())
        .collect();
    assert_eq!(tokens, ["z", "a", "m"]);
    assert!(
        sends
            .iter()
            .all(|send| (send.state, send.attempts) == (SendState::Ready, 0)
                && send.outbound.cause == wamid("wamid.1"))
    );
}

/// A plugin may answer from any of the tenant's numbers.
pub async fn sends_from_another_number_are_found_by_their_message_too(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.serves(ANA, "wamid.0", &[], 0).await;
    shop.on(2).serves(ANA, "wamid.1", &["namesake"], 0).await;
    shop.hears(ANA, "wamid.1", 1).await;
    let head = shop.head(&lane).await;
    let mut settlement = shop.settlement(&lane, 2).await;
    settlement.sends = vec![
        admitted_from(&number(2), &head, "t1", Purpose::Reply, 2),
        admitted(&head, "t2", Purpose::Reply, 2),
    ];
    let id = settlement.decision.id.clone();
    assert_eq!(shop.settle(settlement).await, Settled::Done);
    let sends = shop.ledger.sends(&id).await.unwrap();
    let tokens: Vec<_> = sends
        .iter()
        .map(|send| send.outbound.token.as_str())
        .collect();
    assert_eq!(tokens, ["t1", "t2"]);
}

/// What a person looks at.
pub async fn the_outbox_is_listed_newest_first_and_by_state(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["a1", "a2"], 0).await;
    shop.serves(BRUNO, "wamid.2", &["b1"], 1).await;
    shop.departs("a1", 2).await;
    let list = async |state, most| {
        let sends = shop.ledger.outbox(&shop.tenant, state, most).await.unwrap();
        sends
            .into_iter()
            .map(|send| send.outbound.token.into())
            .collect::<Vec<String>>()
    };
    assert_eq!(list(None, 10).await, ["b1", "a2", "a1"]);
    assert_eq!(list(None, 2).await, ["b1", "a2"]);
    assert_eq!(list(Some(SendState::Ready), 10).await, ["b1", "a2"]);
    assert_eq!(list(Some(SendState::InFlight), 10).await, ["a1"]);
    assert!(list(Some(SendState::Held), 10).await.is_empty());
}

/// A desk follows them.
pub async fn hand_offs_are_listed_onwards(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    for (place, notes) in [(1, ["one", "two"]), (2, ["three", "four"])] {
        let lane = shop.hears(ANA, &format!("wamid.{place}"), place).await;
        let hand_offs = notes.map(hand_over).into();
        let settlement = Settlement {
            hand_offs,
            ..shop.settlement(&lane, place).await
        };
        assert_eq!(shop.settle(settlement).await, Settled::Done);
    }
    let list = async |after, most| {
        shop.ledger
            .hand_offs(&shop.tenant, after, most)
            .await
            .unwrap()
    };
    let all = list(None, 10).await;
    let notes: Vec<_> = all
        .iter()
        .map(|hand_off| {
            (
                hand_off.note.as_str(),
                hand_off.message.as_str(),
                hand_off.at,
            )
        })
        .collect();
    let (first, second) = ("wamid.1", "wamid.2");
    assert_eq!(
        notes,
        [
            ("one", first, at(1)),
            ("two", first, at(1)),
            ("three", second, at(2)),
            ("four", second, at(2))
        ]
    );
    assert_eq!(all[0].contact.key, phone(ANA));
    assert_eq!(list(None, 2).await, all[..2]);
    assert_eq!(list(Some(all[1].seq), 1).await, all[2..3]);
    assert!(list(Some(all[3].seq), 10).await.is_empty());
}

/// With their cause.
pub async fn dead_letters_are_listed_newest_first(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    for (place, digits) in [(1, ANA), (2, BRUNO), (3, ANA)] {
        let lane = shop.hears(digits, &format!("wamid.{place}"), place).await;
        let dead_letter = Some(format!("cause {place}"));
        let settlement = Settlement {
            dead_letter,
            ..shop.settlement(&lane, place).await
        };
        assert_eq!(shop.settle(settlement).await, Settled::Done);
        assert_eq!(
            shop.ledger.next(&lane).await.unwrap(),
            None,
            "it does not hold back the contact's next"
        );
    }
    let letters = shop.ledger.dead_letters(&shop.tenant, 2).await.unwrap();
    let causes: Vec<_> = letters
        .iter()
        .map(|letter| (letter.id.message.as_str(), letter.cause.as_str()))
        .collect();
    assert_eq!(causes, [("wamid.3", "cause 3"), ("wamid.2", "cause 2")]);
}

/// It is what proves that somebody was allowed to write.
pub async fn consent_is_logged_in_order(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let other = shop.hears(BRUNO, "wamid.2", 0).await;
    shop.hears(ANA, "wamid.3", 0).await;
    let changes = [vec![opts_out(1), consent(true, 2)], vec![opts_out(3)]];
    for consent in changes.clone() {
        let settlement = Settlement {
            consent,
            ..shop.settlement(&lane, 4).await
        };
        assert_eq!(shop.settle(settlement).await, Settled::Done);
    }
    assert_eq!(
        shop.ledger
            .consent_log(&shop.tenant, lane.contact)
            .await
            .unwrap(),
        changes.concat()
    );
    assert!(
        shop.ledger
            .consent_log(&shop.tenant, other.contact)
            .await
            .unwrap()
            .is_empty()
    );
}

/// They fill the rates after a restart.
pub async fn departures_are_listed_from_a_time_on(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let ana = shop.serves(ANA, "wamid.1", &["a1", "a2", "a3"], 0).await;
    let elsewhere = shop.elsewhere();
    let theirs = elsewhere.serves(ANA, "wamid.1", &["e1"], 0).await;
    shop.departs("a1", 10).await;
    shop.arrives("a1", Arrived::Sent(None), 11).await;
    shop.departs("a2", 20).await;
    shop.arrives(
        "a2",
        Arrived::Failed {
            code: None,
            cause: "refused".into(),
        },
        21,
    )
    .await;
    elsewhere.departs("e1", 30).await;
    let departed = |lane: &Lane, second| Departed {
        number: number(1),
        tenant: lane.tenant.clone(),
        contact: lane.contact,
        at: at(second),
    };
    assert_eq!(
        shop.ledger.departures(at(15)).await.unwrap(),
        [departed(&ana, 20), departed(&theirs, 30)]
    );
    assert_eq!(
        shop.ledger.departures(at(0)).await.unwrap().len(),
        3,
        "a3 has not left"
    );
    assert!(shop.ledger.departures(at(31)).await.unwrap().is_empty());
}

/// Of all tenants together.
pub async fn counts_follow_what_happens(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let counts = async || shop.ledger.counts().await.unwrap();
    assert_eq!(counts().await, Counts::default());
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    shop.hears(ANA, "wamid.2", 0).await;
    shop.elsewhere().hears(ANA, "wamid.1", 0).await;
    assert_eq!(
        counts().await,
        Counts {
            undone: 3,
            contacts: 2,
            ..Counts::default()
        }
    );
    shop.answers(&lane, &["t1", "t2"], 1).await;
    assert_eq!(
        counts().await,
        Counts {
            undone: 2,
            contacts: 2,
            ready: 2,
            ..Counts::default()
        }
    );
    shop.loses("t1", 2).await;
    assert_eq!(
        counts().await,
        Counts {
            undone: 2,
            contacts: 2,
            ready: 1,
            unknown: 1,
            ..Counts::default()
        }
    );
    let settlement = Settlement {
        dead_letter: Some("no".into()),
        ..shop.settlement(&lane, 3).await
    };
    assert_eq!(shop.settle(settlement).await, Settled::Done);
    assert_eq!(
        counts().await,
        Counts {
            undone: 1,
            contacts: 2,
            ready: 1,
            unknown: 1,
            dead_letters: 1
        }
    );
    shop.learns("t1", Delivery::Delivered, 4).await;
    shop.departs("t2", 5).await;
    assert_eq!(
        counts().await,
        Counts {
            undone: 1,
            contacts: 2,
            dead_letters: 1,
            ..Counts::default()
        }
    );
}

/// Two tenants with the same contact, the same message ids, the same everything.
pub async fn i13_nothing_of_one_tenant_is_readable_as_another(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let head = shop.head(&lane).await;
    let settlement = Settlement {
        sends: vec![admitted(&head, "t1", Purpose::Reply, 1)],
        consent: vec![consent(true, 1)],
        hand_offs: vec![hand_over("a secret")],
        dead_letter: Some("a cause".into()),
        ..shop.settlement(&lane, 1).await
    };
    let id = settlement.decision.id.clone();
    assert_eq!(shop.settle(settlement).await, Settled::Done);

    let stranger = shop.elsewhere();
    let theirs = model::DecisionId {
        tenant: stranger.tenant.clone(),
        ..id
    };
    let ledger = &shop.ledger;
    assert_eq!(
        ledger
            .contact(&stranger.tenant, lane.contact)
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        ledger
            .next(&Lane {
                tenant: stranger.tenant.clone(),
                ..lane.clone()
            })
            .await
            .unwrap(),
        None
    );
    assert_eq!(ledger.decision(&theirs).await.unwrap(), None);
    assert!(
        ledger
            .decisions(&stranger.tenant, None, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(ledger.sends(&theirs).await.unwrap().is_empty());
    assert!(
        ledger
            .outbox(&stranger.tenant, None, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        ledger
            .hand_offs(&stranger.tenant, None, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        ledger
            .dead_letters(&stranger.tenant, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        ledger
            .consent_log(&stranger.tenant, lane.contact)
            .await
            .unwrap()
            .is_empty()
    );

    // Their own contact with the same phone knows nothing of what was settled here, and the same token is theirs alone.
    let own = queued(
        stranger
            .accept(stranger.message(phone(ANA), "wamid.1", at(2)), 2)
            .await,
    );
    assert_eq!(shop.contact(&own).await.consent, model::Consent::default());
    stranger.answers(&own, &["t1"], 3).await;
    stranger.departs("t1", 4).await;
    assert_eq!(
        (shop.state("t1").await, stranger.state("t1").await),
        (SendState::Ready, SendState::InFlight)
    );
    assert_eq!(stranger.send("t1").await.outbound.token, token("t1"));
}
