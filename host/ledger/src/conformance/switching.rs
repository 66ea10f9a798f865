//! Stop switches: thrown once, seen by whatever is judged from then on, and there until they are lifted.

use std::sync::{Arc, Mutex};

use gate::Release;
use model::{Moment, Refusal, StopSwitch, StopTarget, StoppedBy, TenantId};

use super::Make;
use super::shop::{ANA, BRUNO, Shop, at, number, policy, the_gate, waits};
use crate::{Departure, Judge, Ledger};

fn switch(target: &StopTarget, why: &str, second: u64) -> StopSwitch {
    StopSwitch {
        target: target.clone(),
        by: StoppedBy::Operator(Some("Rita".into())),
        why: why.into(),
        at: at(second),
    }
}

impl Shop {
    async fn throws(&self, switch: StopSwitch) -> bool {
        let thrown = self.ledger.throw_switch(&self.tenant, switch).await;
        thrown.unwrap()
    }

    async fn lifts(&self, target: &StopTarget, second: u64) -> bool {
        let lifted = self
            .ledger
            .lift_switch(&self.tenant, target, at(second))
            .await;
        lifted.unwrap()
    }

    async fn switches(&self) -> Vec<(TenantId, StopSwitch)> {
        self.ledger.switches().await.unwrap()
    }

    /// What a judge is told to be stopped; the send waits meanwhile.
    async fn stops_seen(&self, of: &str, second: u64, until: Moment) -> Vec<StopSwitch> {
        let seen = Arc::new(Mutex::new(None));
        let told = Arc::clone(&seen);
        let judge: Judge = Box::new(move |_, standing| {
            *told.lock().unwrap() = Some(standing.stops.clone());
            Release::Wait(until)
        });
        assert!(matches!(
            self.tries(of, second, judge).await,
            Departure::Wait(_)
        ));
        let seen = seen.lock().unwrap().take();
        seen.expect("it was judged")
    }
}

/// Each target has one at most: whoever throws it again learns that it was thrown already, and by whom.
pub async fn a_switch_stands_as_it_was_thrown_until_it_is_lifted(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let targets = [
        StopTarget::Number(number(1)),
        StopTarget::Number(number(2)),
        StopTarget::Template("promo".into()),
        StopTarget::Tenant,
    ];
    for target in &targets {
        assert!(!shop.lifts(target, 1).await, "{target}: there is none");
        assert!(shop.throws(switch(target, "first", 1)).await, "{target}");
        assert!(!shop.throws(switch(target, "second", 2)).await, "{target}");
    }
    let mut stand = shop.switches().await;
    stand.sort_by_key(|(_, switch)| switch.target.clone());
    let mut expected: Vec<_> = targets
        .iter()
        .map(|target| (shop.tenant.clone(), switch(target, "first", 1)))
        .collect();
    expected.sort_by_key(|(_, switch)| switch.target.clone());
    assert_eq!(stand, expected);
    for (lifted, target) in targets.iter().enumerate() {
        assert!(shop.lifts(target, 3).await, "{target}");
        assert!(!shop.lifts(target, 3).await, "{target}: once");
        assert_eq!(shop.switches().await.len(), targets.len() - lifted - 1);
    }
    assert!(shop.throws(switch(&targets[0], "again", 4)).await);
}

/// The send was admitted and stored before.
pub async fn i06_a_switch_between_settle_and_departure_is_seen(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["a1"], 0).await;
    shop.serves(BRUNO, "wamid.2", &["b1"], 0).await;
    assert_eq!(shop.stops_seen("a1", 1, at(1)).await, []);
    let stop = switch(&StopTarget::Tenant, "a bad day", 2);
    assert!(shop.throws(stop.clone()).await);
    assert_eq!(shop.stops_seen("a1", 3, at(3)).await, [stop]);
    let departure = shop.tries("a1", 4, the_gate(policy(), at(4))).await;
    assert!(
        matches!(departure, Departure::Cancelled(Refusal::Stopped)),
        "{departure:?}"
    );
    assert!(shop.lifts(&StopTarget::Tenant, 5).await);
    assert_eq!(shop.due(5).await, ["b1"], "what was taken back stays so");
    assert_eq!(shop.stops_seen("b1", 5, at(5)).await, []);
    shop.departs("b1", 6).await;
}

/// Of this number and tenant, and at once: nobody knows when it would have been tried again.
pub async fn what_waits_on_a_number_may_leave_when_its_switch_is_lifted(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let (second, elsewhere) = (shop.on(2), shop.elsewhere());
    for (place, business) in [&shop, &second, &elsewhere].into_iter().enumerate() {
        let digits = if place == 1 { BRUNO } else { ANA };
        let (id, send) = (format!("wamid.{place}"), format!("t{place}"));
        business.serves(digits, &id, &[&send], 0).await;
        business.tries(&send, 1, waits(9_000)).await;
    }
    let target = StopTarget::Number(number(1));
    assert!(!shop.lifts(&target, 2).await);
    assert!(shop.due(2).await.is_empty(), "nothing was lifted");
    assert!(shop.throws(switch(&target, "quality", 2)).await);
    assert!(shop.lifts(&target, 3).await);
    assert_eq!(shop.due(3).await, ["t0"]);
    shop.departs("t0", 3).await;
    assert_eq!(
        shop.ledger.next_due(at(3)).await.unwrap(),
        Some(at(9_000)),
        "the others wait on"
    );
}

/// Neither seen by another's sends nor lifted by another.
pub async fn i13_a_switch_is_its_tenants_own(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let elsewhere = shop.elsewhere();
    elsewhere.serves(ANA, "wamid.1", &["t1"], 0).await;
    for target in [StopTarget::Tenant, StopTarget::Number(number(1))] {
        assert!(shop.throws(switch(&target, "ours", 1)).await);
        assert!(!elsewhere.lifts(&target, 1).await);
        assert_eq!(elsewhere.stops_seen("t1", 2, at(2)).await, []);
        let theirs = switch(&target, "theirs", 3);
        assert!(elsewhere.throws(theirs.clone()).await);
        assert_eq!(elsewhere.stops_seen("t1", 3, at(3)).await, [theirs]);
        assert!(elsewhere.lifts(&target, 4).await);
    }
    let stand = shop.switches().await;
    assert_eq!(stand.len(), 2);
    assert!(stand.iter().all(|(tenant, _)| *tenant == shop.tenant));
}

/// A restart lifts nothing.
pub async fn switches_are_there_when_the_store_is_opened_again(make: &impl Make) {
    let shop = Shop::new(make.open().await);
    shop.serves(ANA, "wamid.1", &["t1"], 0).await;
    let stop = switch(&StopTarget::Tenant, "a bad day", 1);
    assert!(shop.throws(stop.clone()).await);
    drop(shop);
    let shop = Shop::new(make.open().await);
    assert_eq!(shop.switches().await, [(shop.tenant.clone(), stop.clone())]);
    assert!(!shop.throws(stop.clone()).await);
    assert_eq!(shop.stops_seen("t1", 2, at(2)).await, [stop]);
}
