//! Dead letters are taken up again: once, behind what waits, and with a decision of their own.

use std::sync::Arc;

use model::{Decision, DecisionId};
use tokio::task::JoinSet;

use super::Make;
use super::shop::{ANA, BRUNO, Shop, at, both, phone, user, wamid};
use crate::{Acceptance, Joined, Lane, Ledger, Next, Settled, Settlement};

impl Shop {
    fn decision_id(&self, id: &str) -> DecisionId {
        DecisionId {
            tenant: self.tenant.clone(),
            number: self.number.clone(),
            message: wamid(id),
        }
    }

    /// The lane's head is given up.
    async fn buries(&self, lane: &Lane, cause: &str, second: u64) {
        let settlement = Settlement {
            dead_letter: Some(cause.into()),
            ..self.settlement(lane, second).await
        };
        assert_eq!(self.settle(settlement).await, Settled::Done);
    }

    async fn redrives(&self, id: &str, second: u64) -> Option<Lane> {
        let id = self.decision_id(id);
        self.ledger.redrive(&id, at(second)).await.unwrap()
    }

    async fn dead(&self) -> Vec<String> {
        let dead = self.ledger.dead_letters(&self.tenant, 10).await.unwrap();
        dead.into_iter()
            .map(|letter| letter.id.message.as_str().to_owned())
            .collect()
    }

    async fn decided(&self, id: &str) -> Decision {
        let id = self.decision_id(id);
        let record = self.ledger.decision(&id).await.unwrap();
        let record = record.expect("it was decided");
        assert_eq!(record.message.id, id.message, "it stands with its message");
        record.decision
    }
}

/// Whoever asks again, and however often it arrives.
pub async fn i02_a_dead_letter_is_taken_up_once(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    shop.buries(&lane, "the ledger was full", 1).await;
    assert_eq!(shop.dead().await, ["wamid.1"]);
    let mut redrive = JoinSet::new();
    for _ in 0..8 {
        let shop = shop.clone();
        redrive.spawn(async move { shop.redrives("wamid.1", 2).await });
    }
    let taken_up: Vec<_> = redrive.join_all().await.into_iter().flatten().collect();
    assert_eq!(taken_up, std::slice::from_ref(&lane));
    assert!(shop.dead().await.is_empty());
    let counts = shop.ledger.counts().await.unwrap();
    assert_eq!((counts.undone, counts.dead_letters), (1, 0));
    let again = shop.accept(shop.message(phone(ANA), "wamid.1", at(0)), 3);
    assert_eq!(again.await, Acceptance::Known);

    let settlement = shop.settlement(&lane, 4).await;
    assert_eq!(shop.settle(settlement.clone()).await, Settled::Done);
    assert_eq!(shop.settle(settlement).await, Settled::OutOfTurn);
    assert_eq!(shop.ledger.next(&lane).await.unwrap(), None);
    assert_eq!(shop.ledger.counts().await.unwrap().undone, 0);
    assert_eq!(shop.redrives("wamid.1", 5).await, None, "it was done");
    assert_eq!(shop.redrives("wamid.9", 5).await, None, "it never was");
}

/// What came after it waits for its own answer first, and nothing settles in its old place.
pub async fn i04_a_dead_letter_that_is_taken_up_stands_last(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let old_place = shop.settlement(&lane, 0).await;
    shop.buries(&lane, "no room", 0).await;
    shop.hears(ANA, "wamid.2", 1).await;
    shop.hears(ANA, "wamid.3", 1).await;
    assert_eq!(shop.redrives("wamid.1", 2).await, Some(lane.clone()));
    shop.hears(ANA, "wamid.4", 3).await;
    assert_eq!(shop.settle(old_place).await, Settled::OutOfTurn);
    for id in ["wamid.2", "wamid.3", "wamid.1", "wamid.4"] {
        let head = shop.head(&lane).await;
        assert_eq!(head.message.id, wamid(id));
        shop.passes_over(&lane, 4).await;
    }
    assert_eq!(shop.ledger.next(&lane).await.unwrap(), None);
}

/// As it was received; the old decision stays on record until there is a new one, and then there is one.
pub async fn a_dead_letter_that_is_taken_up_gets_a_decision_of_its_own(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let before = shop.head(&lane).await;
    shop.buries(&lane, "first", 1).await;
    shop.serves(ANA, "wamid.2", &["t2"], 2).await;
    shop.redrives("wamid.1", 3).await;
    assert_eq!(shop.decided("wamid.1").await.now, at(1));
    let head = shop.head(&lane).await;
    assert_eq!(
        (&head.message, &head.number, head.accepted_at),
        (&before.message, &before.number, before.accepted_at)
    );
    shop.buries(&lane, "second", 4).await;
    assert_eq!(shop.decided("wamid.1").await.now, at(4));
    let letters = shop.ledger.dead_letters(&shop.tenant, 9).await.unwrap();
    assert_eq!((letters.len(), letters[0].cause.as_str()), (1, "second"));

    assert_eq!(shop.redrives("wamid.1", 5).await, Some(lane.clone()));
    shop.answers(&lane, &["t1"], 6).await;
    assert_eq!(shop.decided("wamid.1").await.now, at(6));
    assert!(shop.dead().await.is_empty());
    let decisions = shop.ledger.decisions(&shop.tenant, None, 9).await.unwrap();
    assert_eq!(decisions.len(), 2, "each message has one");
    assert_eq!(shop.due(6).await, ["t2"], "its answer comes last");

    // Walked back one by one, each is met once.
    let (mut walked, mut back) = (Vec::new(), None);
    while let Some(found) = shop
        .ledger
        .decision_of(&shop.tenant, lane.contact, back, None)
        .await
        .unwrap()
    {
        walked.push(found.message.id.as_str().to_owned());
        back = Some(found.decision.sequence);
        assert!(walked.len() < 9, "{walked:?}");
    }
    assert_eq!(walked, ["wamid.1", "wamid.2"]);
}

/// It was a stop that could not be done: until it is, nothing else may leave.
pub async fn i06_a_stop_that_is_taken_up_marks_its_contact_again(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears_stop(ANA, "wamid.stop", 0).await;
    shop.buries(&lane, "no room", 1).await;
    assert!(!shop.contact(&lane).await.stop_pending);
    shop.redrives("wamid.stop", 2).await;
    assert!(shop.contact(&lane).await.stop_pending);
    assert!(shop.head(&lane).await.is_stop);
    shop.passes_over(&lane, 3).await;
    assert!(!shop.contact(&lane).await.stop_pending);
}

/// It goes where everything that its contact is known by leads: behind the join, and then into the lane of the one that remains.
pub async fn a_dead_letter_of_one_that_joins_another_is_taken_up_by_the_other(
    ledger: Arc<dyn Ledger>,
) {
    let shop = Shop::new(ledger);
    let remains = shop.hears_from(user("BR.1"), "wamid.user", 0).await;
    let joins = shop.hears(ANA, "wamid.1", 0).await;
    shop.hears(ANA, "wamid.2", 0).await;
    shop.buries(&joins, "first", 1).await;
    shop.buries(&joins, "second", 1).await;
    shop.hears_from(both(ANA, "BR.1"), "wamid.both", 2).await;
    assert_eq!(shop.redrives("wamid.1", 3).await, Some(remains.clone()));
    shop.passes_over(&remains, 4).await;
    assert!(matches!(
        shop.ledger.next(&remains).await.unwrap(),
        Some(Next::Join { .. })
    ));
    assert_eq!(shop.joins(&joins, 4).await, Joined::Done(remains.clone()));
    assert_eq!(shop.redrives("wamid.2", 5).await, Some(remains.clone()));
    for id in ["wamid.both", "wamid.1", "wamid.2"] {
        let head = shop.head(&remains).await;
        assert_eq!(
            (&head.message.id, head.contact.id),
            (&wamid(id), remains.contact)
        );
        shop.passes_over(&remains, 6).await;
    }
    assert_eq!(shop.decided("wamid.1").await.contact, remains.contact);
    assert_eq!(shop.ledger.counts().await.unwrap().undone, 0);
}

/// Not even by its id.
pub async fn i13_a_dead_letter_is_taken_up_by_its_tenant_alone(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let (elsewhere, second) = (shop.elsewhere(), shop.on(2));
    for (business, digits) in [(&shop, ANA), (&elsewhere, ANA), (&second, BRUNO)] {
        let lane = business.hears(digits, "wamid.1", 0).await;
        business.buries(&lane, "no room", 1).await;
    }
    assert_eq!(elsewhere.redrives("wamid.2", 2).await, None);
    assert!(shop.redrives("wamid.1", 2).await.is_some());
    assert_eq!(elsewhere.dead().await.len(), 1);
    assert_eq!(second.dead().await.len(), 1, "nor on another number");
    assert_eq!(shop.ledger.counts().await.unwrap().undone, 1);
}

/// It waits as whatever was accepted does.
pub async fn a_dead_letter_that_was_taken_up_waits_when_the_store_is_opened_again(
    make: &impl Make,
) {
    let shop = Shop::new(make.open().await);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    shop.buries(&lane, "no room", 1).await;
    shop.redrives("wamid.1", 2).await;
    drop(shop);
    let shop = Shop::new(make.open().await);
    assert_eq!(shop.ledger.counts().await.unwrap().undone, 1);
    let lanes = shop.ledger.lanes(None, 9).await.unwrap();
    assert_eq!(lanes, std::slice::from_ref(&lane));
    assert_eq!(shop.redrives("wamid.1", 3).await, None);
    shop.passes_over(&lane, 4).await;
}
