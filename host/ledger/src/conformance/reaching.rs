//! Whom a tenant has reached outside of windows: each contact counts once in any 24 hours.

use std::sync::{Arc, Mutex};

use gate::{Policy, Reach, Release, limits::TIER_SPAN};
use model::{ContactId, ContactKey, Mode, Moment, Outgoing, Template, TemplateCategory};

use super::Make;
use super::shop::{
    ANA, BRUNO, CLARA, Shop, at, both, by_a_person, consent, phone, policy, text, the_gate, user,
};
use crate::{Arrived, Departure, Joined, Judge, Lane, Ledger};

const DAY: u64 = 24 * 3600;

fn template() -> Outgoing {
    Outgoing::Template(Template {
        name: "reminder".into(),
        language: "pt_BR".into(),
        category: TemplateCategory::Utility,
        header: None,
        parameters: Vec::new(),
        buttons: Vec::new(),
    })
}

impl Shop {
    /// Somebody who has not written, and wants to be written to.
    async fn invites(&self, key: &ContactKey, second: u64) -> Lane {
        let met = self.ledger.meet(&self.tenant, key, at(second)).await;
        let contact = met.unwrap();
        let change = consent(true, second);
        let consented = self.ledger.consent(&self.tenant, contact, change);
        consented.await.unwrap();
        Lane {
            tenant: self.tenant.clone(),
            contact,
        }
    }

    async fn queues(&self, to: &Lane, with: &str, message: Outgoing, second: u64) {
        let contact = self.contact(to).await;
        let send = by_a_person(self, &contact, with, message, second);
        assert!(self.ledger.send(send, at(second)).await.unwrap());
    }

    /// It leaves and arrives. Says whether it counts.
    async fn sends_out(&self, to: &Lane, with: &str, message: Outgoing, second: u64) -> bool {
        self.queues(to, with, message, second).await;
        let (pass, _) = self.departs(with, second).await;
        self.arrives(with, Arrived::Sent(None), second).await;
        pass.reaches_out()
    }

    async fn reach_of(&self, contact: ContactId, now: Moment) -> Reach {
        let reach = self.ledger.reach(&self.tenant, contact, now).await;
        reach.unwrap()
    }

    async fn reach(&self, seen_from: &Lane, second: u64) -> Reach {
        self.reach_of(seen_from.contact, at(second)).await
    }
}

fn reach(contacts: u32, includes_this: bool, oldest: u64) -> Reach {
    Reach {
        contacts,
        includes_this,
        opens: Some(at(oldest).plus(TIER_SPAN)),
    }
}

/// However often, and not by what needs no opening: an answer, or a template within the window.
pub async fn a_contact_reached_outside_of_windows_counts_once(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let ana = shop.invites(&phone(ANA), 0).await;
    let bruno = shop.invites(&phone(BRUNO), 0).await;
    let clara = shop.hears(CLARA, "wamid.1", 0).await;
    assert_eq!(shop.reach(&ana, 0).await, Reach::default());
    assert!(!shop.sends_out(&clara, "c1", text("hello"), 1).await);
    assert!(!shop.sends_out(&clara, "c2", template(), 7).await);
    assert_eq!(shop.reach(&clara, 8).await, Reach::default());

    assert!(shop.sends_out(&ana, "a1", template(), 10).await);
    assert_eq!(shop.reach(&ana, 11).await, reach(1, true, 10));
    assert_eq!(shop.reach(&bruno, 11).await, reach(1, false, 10));
    assert!(shop.sends_out(&bruno, "b1", template(), 20).await);
    assert!(shop.sends_out(&ana, "a2", template(), 30).await);
    assert_eq!(shop.reach(&ana, 31).await, reach(2, true, 20));
    assert_eq!(shop.reach(&clara, 31).await, reach(2, false, 20));
}

/// It did not reach anybody.
pub async fn what_does_not_leave_reaches_nobody(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let ana = shop.invites(&phone(ANA), 0).await;
    shop.queues(&ana, "a1", template(), 1).await;
    let dry = Policy {
        mode: Mode::DryRun,
        ..policy()
    };
    let departure = shop.tries("a1", 1, the_gate(dry, at(1))).await;
    assert!(matches!(departure, Departure::Withheld), "{departure:?}");
    assert_eq!(shop.reach(&ana, 2).await, Reach::default());
}

/// Each at its own time, to the millisecond; and who is reached again counts from then on.
pub async fn who_was_reached_counts_for_24_hours(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    // Not in step with anything that a ledger may count in.
    let mut reached = Vec::new();
    for which in 0..40 {
        let lane = shop
            .invites(&phone(&format!("55119000001{which:02}")), 0)
            .await;
        let second = 1 + which * 2_437;
        let send = format!("t{which}");
        assert!(shop.sends_out(&lane, &send, template(), second).await);
        reached.push((lane, second));
    }
    let (again, _) = reached.remove(2);
    assert!(shop.sends_out(&again, "again", template(), 95_500).await);
    reached.push((again.clone(), 95_500));

    for looked_at in [
        95_500,
        DAY + 20_000,
        DAY + 60_001,
        DAY + 95_499,
        DAY + 95_500,
    ] {
        for early in [-1, 0, 1] {
            let now = Moment(at(looked_at).0 + early);
            let counts = |second: u64| at(second).0 > now.minus(TIER_SPAN).0;
            let within = || reached.iter().filter(|(_, second)| counts(*second));
            let expected = Reach {
                contacts: u32::try_from(within().count()).unwrap(),
                includes_this: within().any(|(lane, _)| *lane == again),
                opens: within()
                    .map(|(_, second)| at(*second).plus(TIER_SPAN))
                    .min(),
            };
            let found = shop.reach_of(again.contact, now).await;
            assert_eq!(found, expected, "{looked_at} and {early} ms");
        }
    }
}

/// In the transaction in which it leaves: two that leave at once do not both find room for one.
pub async fn a_template_is_judged_with_whom_the_tenant_reached(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let ana = shop.invites(&phone(ANA), 0).await;
    let bruno = shop.invites(&phone(BRUNO), 0).await;
    shop.sends_out(&ana, "a1", template(), 1).await;
    shop.queues(&bruno, "b1", template(), 2).await;
    let seen = Arc::new(Mutex::new(None));
    let told = Arc::clone(&seen);
    let judge: Judge = Box::new(move |_, standing| {
        *told.lock().unwrap() = Some(standing.reach);
        Release::Wait(at(3))
    });
    shop.tries("b1", 2, judge).await;
    assert_eq!(*seen.lock().unwrap(), Some(reach(1, false, 1)));
}

/// Before the join has run either leads to both; after it they are one.
pub async fn two_that_were_reached_and_prove_to_be_one_count_as_one(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let by_user = shop.invites(&user("BR.1"), 0).await;
    let by_phone = shop.invites(&phone(ANA), 0).await;
    let bruno = shop.invites(&phone(BRUNO), 0).await;
    shop.sends_out(&bruno, "b1", template(), 1).await;
    shop.sends_out(&by_user, "u1", template(), 2).await;
    shop.sends_out(&by_phone, "p1", template(), 3).await;
    assert_eq!(shop.reach(&bruno, 4).await, reach(3, true, 1));
    shop.hears_from(both(ANA, "BR.1"), "wamid.both", 5).await;
    assert!(shop.reach(&by_user, 5).await.includes_this);
    assert_eq!(
        shop.joins(&by_phone, 6).await,
        Joined::Done(by_user.clone())
    );
    for lane in [&by_user, &by_phone] {
        assert_eq!(shop.reach(lane, 6).await, reach(2, true, 1));
    }
    assert_eq!(
        shop.reach(&by_user, DAY + 2).await,
        reach(1, true, 3),
        "from the later of the two on"
    );

    let only_one = shop.invites(&user("BR.2"), 7).await;
    let other = shop.invites(&phone(CLARA), 7).await;
    shop.sends_out(&other, "c1", template(), 8).await;
    shop.hears_from(both(CLARA, "BR.2"), "wamid.clara", 9).await;
    assert_eq!(shop.joins(&other, 9).await, Joined::Done(only_one.clone()));
    assert_eq!(shop.reach(&only_one, 10).await, reach(3, true, 1));
}

/// Nobody's limit is spent by another.
pub async fn i13_whom_a_tenant_reached_is_its_own(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let elsewhere = shop.elsewhere();
    let ana = shop.invites(&phone(ANA), 0).await;
    let theirs = elsewhere.invites(&phone(ANA), 0).await;
    assert_eq!(
        ana.contact, theirs.contact,
        "the same id, of another tenant"
    );
    shop.sends_out(&ana, "a1", template(), 1).await;
    assert_eq!(elsewhere.reach(&theirs, 2).await, Reach::default());
    elsewhere.sends_out(&theirs, "e1", template(), 3).await;
    assert_eq!(shop.reach(&ana, 4).await, reach(1, true, 1));
    assert_eq!(elsewhere.reach(&theirs, 4).await, reach(1, true, 3));
}

/// A restart gives nobody a second day.
pub async fn whom_a_tenant_reached_is_there_when_the_store_is_opened_again(make: &impl Make) {
    let shop = Shop::new(make.open().await);
    let ana = shop.invites(&phone(ANA), 0).await;
    shop.sends_out(&ana, "a1", template(), 1).await;
    drop(shop);
    let shop = Shop::new(make.open().await);
    assert_eq!(shop.reach(&ana, 2).await, reach(1, true, 1));
}
