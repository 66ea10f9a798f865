//! What is there when the store is opened again.

use model::{Delivery, SendState};

use super::Make;
use super::notices::sorted;
use super::shop::{ANA, BRUNO, Shop, at, both, keeps, phone, shares, user};
use crate::{Acceptance, Arrived, Joined, Lane, Next, Settled};

/// Opens the store, lets `before` happen, and opens it again.
async fn opened_twice<T>(make: &impl Make, before: impl AsyncFnOnce(&Shop) -> T) -> (Shop, T) {
    let shop = Shop::new(make.open().await);
    let told = before(&shop).await;
    drop(shop);
    (Shop::new(make.open().await), told)
}

/// Undone messages wait in their order, with their contact.
pub async fn i01_what_was_accepted_is_there_when_the_store_is_opened_again(make: &impl Make) {
    let (shop, (lane, other, head)) = opened_twice(make, async |shop| {
        let lane = shop.hears(ANA, "wamid.1", 0).await;
        shop.hears(ANA, "wamid.2", 1).await;
        let other = shop.hears_stop(BRUNO, "wamid.3", 2).await;
        let head = shop.head(&lane).await;
        (lane, other, head)
    })
    .await;
    let mut lanes = shop.ledger.lanes(None, 10).await.unwrap();
    lanes.sort();
    let mut expected: Vec<Lane> = vec![lane.clone(), other.clone()];
    expected.sort();
    assert_eq!(lanes, expected);
    assert_eq!(shop.head(&lane).await, head);
    let stop = shop.head(&other).await;
    assert!(stop.is_stop && stop.contact.stop_pending);
    assert_eq!(shop.ledger.counts().await.unwrap().undone, 3);
    shop.passes_over(&lane, 3).await;
    assert_eq!(shop.head(&lane).await.sequence, 2);
    assert_eq!(
        shop.hears(ANA, "wamid.4", 4).await,
        lane,
        "the contact keeps its id"
    );
}

/// The network sends again what it got no answer for, and the host may have ended meanwhile.
pub async fn i02_a_duplicate_is_known_when_the_store_is_opened_again(make: &impl Make) {
    let (shop, ()) = opened_twice(make, async |shop| {
        shop.serves(ANA, "wamid.1", &["t1"], 0).await;
        shop.hears(ANA, "wamid.2", 1).await;
        shop.departs("t1", 2).await;
        shop.learns("t1", Delivery::Sent, 3).await;
    })
    .await;
    for id in ["wamid.1", "wamid.2"] {
        assert_eq!(
            shop.accept(shop.message(phone(ANA), id, at(0)), 10).await,
            Acceptance::Known,
            "{id}"
        );
    }
    assert_eq!(
        shop.learns("t1", Delivery::Sent, 3).await,
        Acceptance::Known
    );
    assert_eq!(shop.ledger.counts().await.unwrap().undone, 1);
}

/// Ready sends, those that wait for their time, and the contact.
pub async fn i03_what_settled_is_there_when_the_store_is_opened_again(make: &impl Make) {
    let (shop, (lane, contact)) = opened_twice(make, async |shop| {
        let lane = shop.serves(ANA, "wamid.1", &["a1", "a2"], 0).await;
        shop.serves(BRUNO, "wamid.2", &["b1"], 0).await;
        shop.departs("b1", 1).await;
        shop.arrives(
            "b1",
            Arrived::Again {
                at: at(60),
                cause: "throttled".into(),
            },
            2,
        )
        .await;
        let memory = vec![keeps("step", "2", 3), shares("served", "1", None, 3)];
        let (_, settled) = shop.keeps(ANA, "wamid.kept", memory, 3).await;
        assert_eq!(settled, Settled::Done);
        let contact = shop.contact(&lane).await;
        (lane, contact)
    })
    .await;
    assert_eq!(shop.contact(&lane).await, contact);
    assert_eq!(
        shop.memory("counter", &lane, 3).await,
        [("step".into(), "2".into())]
    );
    assert!(shop.shared("counter", "served", 3).await.stamp.is_some());
    assert_eq!(shop.due(3).await, ["a1"]);
    assert_eq!(shop.ledger.next_due(at(3)).await.unwrap(), Some(at(60)));
    shop.departs("a1", 4).await;
    let (_, attempt) = shop.departs("b1", 60).await;
    assert_eq!(attempt, 2, "what was tried before counts");
    let seqs: Vec<u64> = shop
        .ledger
        .decisions(&shop.tenant, None, 10)
        .await
        .unwrap()
        .iter()
        .map(|record| record.seq)
        .collect();
    shop.serves(BRUNO, "wamid.3", &[], 61).await;
    let onwards = shop
        .ledger
        .decisions(&shop.tenant, seqs.last().copied(), 10)
        .await
        .unwrap();
    assert_eq!(onwards.len(), 1, "new records come after the old ones");
}

/// Nobody knows what became of them; whoever waits behind them waits for a moment.
pub async fn i11_what_was_in_flight_is_unknown_when_the_store_is_opened_again(make: &impl Make) {
    let (shop, ()) = opened_twice(make, async |shop| {
        shop.serves(ANA, "wamid.1", &["a1", "a2"], 0).await;
        shop.departs("a1", 1).await;
    })
    .await;
    assert_eq!(shop.ledger.recover(at(500)).await.unwrap(), 1);
    assert_eq!(shop.state("a1").await, SendState::Unknown);
    assert_eq!(shop.due(510).await, ["a2"]);
    assert_eq!(
        shop.ledger.departures(at(0)).await.unwrap().len(),
        1,
        "it may have left, so it counts for the rates"
    );
    shop.learns("a1", Delivery::Delivered, 502).await;
    assert_eq!(shop.state("a1").await, SendState::Delivered);
}

/// The host ended between the notice that proves two contacts one and their join: they are joined all the same, and once.
pub async fn i04_a_join_that_waits_is_there_when_the_store_is_opened_again(make: &impl Make) {
    let (shop, (remains, joins)) = opened_twice(make, async |shop| {
        let remains = shop.hears_from(user("BR.1"), "wamid.1", 0).await;
        let joins = shop.hears(ANA, "wamid.2", 0).await;
        shop.passes_over(&joins, 1).await;
        shop.hears_stop_from(both(ANA, "BR.1"), "wamid.3", 2).await;
        (remains, joins)
    })
    .await;
    let lanes = shop.ledger.lanes(None, 10).await.unwrap();
    assert_eq!(sorted(lanes), sorted(vec![remains.clone(), joins.clone()]));
    let counts = shop.ledger.counts().await.unwrap();
    assert_eq!((counts.undone, counts.contacts), (2, 2));
    let with = remains.clone();
    assert_eq!(shop.next(&joins).await, Some(Next::Join { with }));
    assert_eq!(shop.joins(&joins, 3).await, Joined::Waits);
    assert!(shop.contact(&joins).await.stop_pending);
    shop.passes_over(&remains, 3).await;
    assert_eq!(shop.joins(&remains, 4).await, Joined::Done(remains.clone()));
    drop(shop);

    let shop = Shop::new(make.open().await);
    let counts = shop.ledger.counts().await.unwrap();
    assert_eq!((counts.undone, counts.contacts), (1, 1));
    assert_eq!(shop.contact(&joins).await, shop.contact(&remains).await);
    assert_eq!(shop.hears(ANA, "wamid.4", 5).await, remains);
    assert!(shop.head(&remains).await.is_stop);
    let newcomer = shop.hears(BRUNO, "wamid.5", 5).await;
    assert!(
        ![&remains, &joins].contains(&&newcomer),
        "no id is given again"
    );
}
