//! Timers: they follow from what is stored, come due at their time, and go with what they follow from.

use std::sync::Arc;

use model::{ContactId, Moment, Pause};

use super::Make;
use super::shop::{ANA, BRUNO, CLARA, Shop, at, both, phone, user};
use crate::{Joined, Lane, Ledger, Settled, Timer};

impl Shop {
    pub(super) async fn pauses(&self, lane: &Lane, until: u64, second: u64) -> bool {
        let (until, now) = (at(until), at(second));
        let paused = self
            .ledger
            .pause(&self.tenant, lane.contact, until, now)
            .await;
        paused.unwrap()
    }

    async fn ends_pause(&self, lane: &Lane, second: u64) -> bool {
        let ended = self
            .ledger
            .end_pause(&self.tenant, lane.contact, at(second));
        ended.await.unwrap()
    }

    /// Whose pauses have come due, and since when.
    async fn timers(&self, second: u64) -> Vec<(ContactId, Moment)> {
        let timers = self.ledger.timers(at(second), 100).await.unwrap();
        timers
            .into_iter()
            .map(|Timer::PauseEnds { lane, at }| (lane.contact, at))
            .collect()
    }

    async fn next_timer(&self) -> Option<Moment> {
        self.ledger.next_timer().await.unwrap()
    }
}

/// Not before, and once.
pub async fn a_pause_ends_at_its_time(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    assert_eq!(shop.next_timer().await, None);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    assert_eq!(shop.next_timer().await, None);
    assert!(shop.pauses(&lane, 100, 1).await);
    assert_eq!(shop.next_timer().await, Some(at(100)));
    assert_eq!(shop.timers(99).await, []);
    assert!(!shop.ends_pause(&lane, 99).await);
    assert!(shop.contact(&lane).await.pause.is_some());

    assert_eq!(shop.timers(100).await, [(lane.contact, at(100))]);
    let began_before = shop.settlement(&lane, 100).await;
    assert!(shop.ends_pause(&lane, 100).await);
    assert_eq!(shop.contact(&lane).await.pause, None);
    assert_eq!(shop.settle(began_before).await, Settled::VersionLost);
    assert_eq!(shop.timers(999).await, []);
    assert_eq!(shop.next_timer().await, None);
    assert!(!shop.ends_pause(&lane, 999).await, "once");
}

/// By a settle, by an echo, by a person; released, or replaced by a longer one.
pub async fn a_timer_follows_from_the_pause_as_it_stands(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let ana = shop.hears(ANA, "wamid.1", 0).await;
    let mut hands_over = shop.settlement(&ana, 1).await;
    hands_over.contact.pause = Some(Pause {
        until: at(50),
        by: None,
    });
    assert_eq!(shop.settle(hands_over).await, Settled::Done);
    let bruno = shop.hears(BRUNO, "wamid.2", 2).await;
    assert!(shop.pauses(&bruno, 40, 2).await);
    let clara = shop.hears(CLARA, "wamid.3", 2).await;
    assert!(shop.pauses(&clara, 60, 2).await);
    let (a, b, c) = (ana.contact, bruno.contact, clara.contact);
    let all = [(b, at(40)), (a, at(50)), (c, at(60))];
    assert_eq!(shop.timers(60).await, all, "the oldest first");
    assert_eq!(shop.timers(50).await, all[..2]);
    let first = shop.ledger.timers(at(60), 1).await.unwrap();
    assert_eq!(first.len(), 1);

    // Another has taken its place.
    assert!(shop.pauses(&bruno, 70, 3).await);
    assert!(!shop.ends_pause(&bruno, 40).await);
    assert_eq!(shop.next_timer().await, Some(at(50)));
    let released = shop.ledger.release(&shop.tenant, a, at(4)).await;
    assert!(released.unwrap());
    assert_eq!(shop.next_timer().await, Some(at(60)));
    assert_eq!(shop.timers(70).await, [(c, at(60)), (b, at(70))]);
}

/// While they are being joined each has its own; the talk is free when none is left, and no timer comes due for ever.
pub async fn of_two_that_are_being_joined_the_later_pause_ends_last(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let remains = shop.hears_from(user("BR.1"), "wamid.1", 0).await;
    let joins = shop.hears(ANA, "wamid.2", 0).await;
    assert!(shop.pauses(&remains, 100, 1).await);
    assert!(shop.pauses(&joins, 200, 1).await);
    shop.hears_from(both(ANA, "BR.1"), "wamid.both", 2).await;
    assert_eq!(shop.timers(100).await, [(remains.contact, at(100))]);
    assert!(!shop.ends_pause(&remains, 100).await, "the other's goes on");
    let pause = shop.contact(&remains).await.pause;
    assert_eq!(pause.map(|pause| pause.until), Some(at(200)));
    assert_eq!(shop.timers(199).await, []);
    assert!(shop.ends_pause(&joins, 200).await);
    for lane in [&remains, &joins] {
        assert_eq!(shop.contact(lane).await.pause, None);
    }

    // And once they are one, it is that one's.
    assert!(shop.pauses(&joins, 300, 201).await);
    shop.passes_over(&remains, 202).await;
    shop.passes_over(&joins, 202).await;
    assert_eq!(shop.joins(&joins, 203).await, Joined::Done(remains.clone()));
    assert_eq!(shop.timers(300).await, [(remains.contact, at(300))]);
    assert!(shop.ends_pause(&joins, 300).await, "its id leads there");
    assert_eq!(shop.next_timer().await, None);
}

/// Contacts of two tenants have the same ids.
pub async fn i13_a_pause_ends_for_its_tenants_contact_alone(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let elsewhere = shop.elsewhere();
    let ana = shop.hears(ANA, "wamid.1", 0).await;
    let theirs = elsewhere.hears(ANA, "wamid.2", 0).await;
    assert_eq!(ana.contact, theirs.contact);
    assert!(shop.pauses(&ana, 100, 1).await);
    assert!(!elsewhere.ends_pause(&theirs, 100).await);
    assert!(shop.contact(&ana).await.pause.is_some());
    assert!(elsewhere.pauses(&theirs, 100, 1).await);
    assert!(shop.ends_pause(&ana, 100).await);
    assert!(elsewhere.contact(&theirs).await.pause.is_some());
    let left = shop.ledger.timers(at(100), 9).await.unwrap();
    let expected = Timer::PauseEnds {
        lane: theirs,
        at: at(100),
    };
    assert_eq!(left, [expected]);
}

/// It is no record of its own, and needs none.
pub async fn timers_are_there_when_the_store_is_opened_again(make: &impl Make) {
    let shop = Shop::new(make.open().await);
    let met = shop.ledger.meet(&shop.tenant, &phone(ANA), at(0)).await;
    let lane = Lane {
        tenant: shop.tenant.clone(),
        contact: met.unwrap(),
    };
    assert!(shop.pauses(&lane, 100, 1).await);
    drop(shop);
    let shop = Shop::new(make.open().await);
    assert_eq!(shop.next_timer().await, Some(at(100)));
    assert_eq!(shop.timers(100).await, [(lane.contact, at(100))]);
    assert!(shop.ends_pause(&lane, 100).await);
}
