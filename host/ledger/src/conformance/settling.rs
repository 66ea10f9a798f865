//! What a message causes: all of it or nothing, in the contact's order.

use std::sync::Arc;

use model::{
    ContactId, DeskName, Ending, Language, Moment, Pause, Period, Purpose, ReplyDraftState,
    RuleCount, RuleName, Span,
};
use tokio::task::JoinSet;

use super::counting::{raise, times};
use super::drafting::{drafted, named};
use super::shop::{
    ANA, BRUNO, Shop, admitted, at, hand_over, keeps, number, opts_out, phone, shares, user, wamid,
};
use crate::{Lane, Ledger, Note, Settled, Settlement, SharedMemory};

/// A settlement with one of everything.
async fn one_of_everything(shop: &Shop, lane: &Lane, second: u64) -> Settlement {
    let head = shop.head(lane).await;
    let mut settlement = shop.settlement(lane, second).await;
    settlement.sends = vec![
        admitted(&head, "t1", Purpose::Reply, second),
        admitted(&head, "t2", Purpose::Reply, second),
    ];
    settlement.drafts = vec![drafted(&head, "t3", "support", second)];
    settlement.consent = vec![opts_out(second)];
    settlement.contact.consent.apply(&opts_out(second));
    settlement.contact.tags.insert("vip".into());
    settlement.contact.language = Some(Language::new("es").unwrap());
    settlement.contact.pause = Some(Pause {
        until: at(9999),
        by: Some(head.message.id),
    });
    settlement
        .contact
        .fired
        .insert(RuleName::new("welcome").unwrap(), at(second));
    settlement.contact.last_desk = Some(DeskName::new("support").unwrap());
    settlement.contact.last_rule = Some((RuleName::new("welcome").unwrap(), at(second)));
    settlement.hand_offs = vec![hand_over("asks for a person")];
    settlement.notes = vec!["asked twice".into(), "and is in a hurry".into()];
    settlement.memory = vec![
        keeps("step", "2", second),
        shares("served", "1", None, second),
    ];
    settlement.counts = vec![raise("welcome", 0, 1)];
    settlement.contact.counts = vec![RuleCount {
        rule: RuleName::new("welcome").unwrap(),
        per: Period::Hour,
        since: at(0),
        times: 3,
    }];
    settlement.dead_letter = Some("it could not be done".into());
    settlement.decision.ending = Ending::DeadLetter {
        cause: "it could not be done".into(),
    };
    settlement
}

/// Nothing that a settlement writes is there.
async fn nothing_was_written(shop: &Shop, lane: &Lane, decided: &Settlement) {
    let ledger = &shop.ledger;
    assert!(
        ledger
            .outbox(&shop.tenant, None, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(ledger.sends(&decided.decision.id).await.unwrap().is_empty());
    assert!(shop.due(9999).await.is_empty());
    assert_eq!(shop.pending().await, []);
    assert_eq!(ledger.decision(&decided.decision.id).await.unwrap(), None);
    assert!(
        ledger
            .decisions(&shop.tenant, None, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        ledger
            .hand_offs(&shop.tenant, None, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        ledger
            .dead_letters(&shop.tenant, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        ledger
            .consent_log(&shop.tenant, lane.contact)
            .await
            .unwrap()
            .is_empty()
    );
    let notes = ledger.notes(&shop.tenant, lane.contact, 10).await;
    assert_eq!(notes.unwrap(), []);
    assert_eq!(shop.memory("counter", lane, 1).await, []);
    assert_eq!(
        shop.shared("counter", "served", 1).await,
        SharedMemory::default()
    );
    assert_eq!(times(shop, &decided.counts).await, [0]);
    let contact = shop.contact(lane).await;
    assert!(contact.last_desk.is_none() && contact.last_rule.is_none());
    assert!(
        contact.tags.is_empty()
            && contact.fired.is_empty()
            && contact.counts.is_empty()
            && contact.language.is_none()
            && !contact.consent.everything.is_out()
    );
    assert_eq!(
        shop.head(lane).await.sequence,
        decided.decision.sequence,
        "the message waits as before"
    );
    assert_eq!(ledger.counts().await.unwrap().undone, 1);
}

/// A person gave the conversation back while the attempt ran.
pub async fn i03_a_settle_that_lost_the_version_writes_nothing(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let settlement = one_of_everything(&shop, &lane, 1).await;
    assert!(
        shop.ledger
            .release(&shop.tenant, lane.contact, at(2))
            .await
            .unwrap()
    );
    let before = shop.contact(&lane).await;
    assert_eq!(shop.settle(settlement.clone()).await, Settled::VersionLost);
    nothing_was_written(&shop, &lane, &settlement).await;
    assert_eq!(shop.contact(&lane).await, before);
    // Another attempt, on the contact as it is now.
    let again = one_of_everything(&shop, &lane, 3).await;
    assert_eq!(shop.settle(again).await, Settled::Done);
}

/// Done means all of it.
pub async fn i03_a_settle_that_is_done_writes_everything(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let settlement = one_of_everything(&shop, &lane, 1).await;
    assert_eq!(shop.settle(settlement.clone()).await, Settled::Done);

    let ledger = &shop.ledger;
    let id = &settlement.decision.id;
    let sends: Vec<_> = ledger
        .sends(id)
        .await
        .unwrap()
        .into_iter()
        .map(|send| send.outbound)
        .collect();
    let admitted: Vec<_> = settlement
        .sends
        .iter()
        .map(|send| send.outbound().clone())
        .collect();
    assert_eq!(sends, admitted);
    let record = ledger.decision(id).await.unwrap().expect("the decision");
    assert_eq!(
        (&record.decision, record.settled_at),
        (&settlement.decision, at(1))
    );
    let hand_offs = ledger.hand_offs(&shop.tenant, None, 10).await.unwrap();
    assert_eq!(hand_offs.len(), 1);
    assert_eq!(
        (
            hand_offs[0].note.as_str(),
            &hand_offs[0].message,
            hand_offs[0].at
        ),
        ("asks for a person", &id.message, at(1))
    );
    assert_eq!(
        (hand_offs[0].desk.as_str(), hand_offs[0].contact.id),
        ("support", lane.contact)
    );
    let pending = shop.pending().await;
    let drafts: Vec<_> = pending.iter().map(named).collect();
    let waits = ReplyDraftState::Pending;
    assert_eq!(drafts, [("d1".to_owned(), "support", "t3", waits)]);
    assert_eq!(&pending[0].outbound, settlement.drafts[0].send.outbound());
    let dead_letters = ledger.dead_letters(&shop.tenant, 10).await.unwrap();
    assert_eq!(dead_letters.len(), 1);
    assert_eq!(
        (
            &dead_letters[0].id,
            dead_letters[0].cause.as_str(),
            dead_letters[0].at
        ),
        (id, "it could not be done", at(1))
    );
    assert_eq!(
        ledger
            .consent_log(&shop.tenant, lane.contact)
            .await
            .unwrap(),
        settlement.consent
    );
    let contact = shop.contact(&lane).await;
    let expected = &settlement.contact;
    assert_eq!(
        (&contact.tags, &contact.language, &contact.consent),
        (&expected.tags, &expected.language, &expected.consent)
    );
    assert_eq!(
        (&contact.pause, &contact.fired, &contact.counts),
        (&expected.pause, &expected.fired, &expected.counts)
    );
    assert_eq!(times(&shop, &settlement.counts).await, [1]);
    assert_eq!(
        (&contact.last_desk, &contact.last_rule),
        (&expected.last_desk, &expected.last_rule)
    );
    let notes = ["asked twice", "and is in a hurry"].map(|text| Note {
        text: text.into(),
        message: id.message.clone(),
        at: at(1),
    });
    assert_eq!(
        ledger.notes(&shop.tenant, lane.contact, 10).await.unwrap(),
        notes
    );
    assert_eq!(hand_offs[0].notes, notes, "whoever takes it reads them");
    assert_eq!(
        shop.memory("counter", &lane, 2).await,
        [("step".into(), "2".into())]
    );
    let served = shop.shared("counter", "served", 2).await;
    assert_eq!(
        (served.entry, served.keys),
        (settlement.memory[1].entry.clone(), 1)
    );
    assert_eq!(ledger.next(&lane).await.unwrap(), None);
    assert_eq!(ledger.counts().await.unwrap().undone, 0);
}

/// The second send bears the token of the first, which cannot be: no half of it stays.
pub async fn i03_a_settle_that_fails_writes_nothing(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let mut settlement = one_of_everything(&shop, &lane, 1).await;
    let first = settlement.sends[0].clone();
    settlement.sends[1] = first;
    assert!(shop.ledger.settle(settlement.clone()).await.is_err());
    nothing_was_written(&shop, &lane, &settlement).await;
    let again = one_of_everything(&shop, &lane, 2).await;
    assert_eq!(
        shop.settle(again).await,
        Settled::Done,
        "and it can be done after that"
    );
}

/// Two hosts, or one twice.
pub async fn i03_of_settles_at_once_one_is_done(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let head = shop.head(&lane).await;
    let read = shop.settlement(&lane, 1).await;
    let mut settles = JoinSet::new();
    for attempt in 0..8 {
        let mut settlement = read.clone();
        settlement.sends = vec![admitted(&head, &format!("t{attempt}"), Purpose::Reply, 1)];
        let shop = shop.clone();
        settles.spawn(async move { shop.settle(settlement).await });
    }
    let settled = settles.join_all().await;
    assert_eq!(
        settled
            .iter()
            .filter(|settled| **settled == Settled::Done)
            .count(),
        1,
        "{settled:?}"
    );
    assert_eq!(
        shop.ledger
            .outbox(&shop.tenant, None, 20)
            .await
            .unwrap()
            .len(),
        1
    );
}

/// No message overtakes another of its contact; other contacts do not wait.
pub async fn i04_settle_demands_the_predecessor(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    shop.hears(ANA, "wamid.2", 1).await;
    let mut second = shop.settlement(&lane, 2).await;
    second.decision.sequence += 1;
    second.decision.id.message = wamid("wamid.2");
    assert_eq!(shop.settle(second.clone()).await, Settled::OutOfTurn);
    assert_eq!(
        shop.ledger.decision(&second.decision.id).await.unwrap(),
        None
    );

    let other = shop.hears(BRUNO, "wamid.3", 3).await;
    shop.passes_over(&other, 4).await;
    shop.passes_over(&lane, 5).await;
    second.expected_version = shop.contact(&lane).await.version;
    assert_eq!(shop.settle(second).await, Settled::Done);
    let mut unheard = shop
        .settlement(&shop.hears(ANA, "wamid.4", 6).await, 7)
        .await;
    unheard.decision.contact = ContactId(99_999);
    assert_eq!(
        shop.settle(unheard).await,
        Settled::OutOfTurn,
        "nor is there a turn for a contact that does not exist"
    );
}

/// Not even with the version as it is now.
pub async fn i04_a_message_settles_once(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let mut settlement = shop.settlement(&lane, 1).await;
    assert_eq!(shop.settle(settlement.clone()).await, Settled::Done);
    assert_eq!(shop.settle(settlement.clone()).await, Settled::OutOfTurn);
    settlement.expected_version = shop.contact(&lane).await.version;
    assert_eq!(shop.settle(settlement).await, Settled::OutOfTurn);
    assert_eq!(
        shop.ledger
            .decisions(&shop.tenant, None, 10)
            .await
            .unwrap()
            .len(),
        1
    );
}

/// A talkative contact would otherwise never be answered.
pub async fn a_further_message_leaves_the_version_alone(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let settlement = shop.settlement(&lane, 1).await;
    shop.hears(ANA, "wamid.2", 2).await;
    shop.on(2).hears(ANA, "wamid.3", 3).await;
    assert_eq!(
        shop.contact(&lane).await.version,
        settlement.expected_version
    );
    assert_eq!(shop.settle(settlement).await, Settled::Done);
}

/// So that an attempt which began before it is run again.
pub async fn a_settle_counts_the_version_on(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    shop.hears(ANA, "wamid.2", 1).await;
    let before = shop.contact(&lane).await.version;
    shop.passes_over(&lane, 2).await;
    assert_eq!(shop.contact(&lane).await.version, before + 1);
    let mut stale = shop.settlement(&lane, 3).await;
    stale.expected_version = before;
    assert_eq!(shop.settle(stale).await, Settled::VersionLost);
}

/// Messages that came during the attempt have changed it, and the attempt did not see them.
pub async fn a_settle_leaves_alone_what_is_the_ledgers_own(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let mut settlement = shop.settlement(&lane, 1).await;
    shop.on(2).hears(ANA, "wamid.2", 2).await;
    let before = shop.contact(&lane).await;
    settlement.contact.key = user("BR.9999");
    settlement.contact.name = Some("Somebody".into());
    settlement.contact.last_inbound.clear();
    settlement.contact.first_seen = Moment(0);
    settlement.contact.version = 700;
    assert_eq!(shop.settle(settlement).await, Settled::Done);
    let after = shop.contact(&lane).await;
    assert_eq!((&after.key, &after.name), (&phone(ANA), &before.name));
    assert_eq!(
        (&after.last_inbound, after.first_seen),
        (
            &[(number(1), at(0)), (number(2), at(2))].into(),
            before.first_seen
        )
    );
    assert_eq!(after.version, before.version + 1);
}

/// Messages wait in line, and each must see the one before it, not the newest.
pub async fn what_was_written_before_the_last_message_is_the_settlements_to_say(
    ledger: Arc<dyn Ledger>,
) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 10).await;
    shop.hears(ANA, "wamid.2", 20).await;
    shop.hears(ANA, "wamid.3", 30).await;
    let mut before = None;
    for _ in 0..3 {
        let head = shop.head(&lane).await;
        assert_eq!(head.contact.previous_inbound, before);
        let mut settlement = shop.settlement(&lane, 40).await;
        before = Some(head.message.sent_at);
        settlement.contact.previous_inbound = before;
        assert_eq!(shop.settle(settlement).await, Settled::Done);
    }
}

/// A person gives the conversation back.
pub async fn ending_a_pause_is_seen_by_the_attempt_in_course(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let mut pauses = shop.settlement(&lane, 1).await;
    pauses.contact.pause = Some(Pause {
        until: at(1).plus(Span::from_hours(12)),
        by: Some(wamid("wamid.1")),
    });
    assert_eq!(shop.settle(pauses).await, Settled::Done);
    shop.hears(ANA, "wamid.2", 2).await;
    let in_course = shop.settlement(&lane, 3).await;
    assert!(in_course.contact.pause.is_some());
    assert!(
        shop.ledger
            .release(&shop.tenant, lane.contact, at(4))
            .await
            .unwrap()
    );
    assert_eq!(shop.contact(&lane).await.pause, None);
    assert_eq!(
        shop.settle(in_course).await,
        Settled::VersionLost,
        "it would have put the pause back"
    );
    assert_eq!(shop.contact(&lane).await.pause, None);
    assert!(
        !shop
            .ledger
            .release(&shop.tenant, ContactId(99_999), at(5))
            .await
            .unwrap()
    );
    assert!(
        !shop
            .ledger
            .release(&shop.elsewhere().tenant, lane.contact, at(6))
            .await
            .unwrap()
    );
}
