//! I6 while a join waits: what either of the two forbids holds for both, and neither is bound for ever by what the other took back.

use std::sync::Arc;

use model::{Contact, Pause, Permission, Refusal};

use super::joining::drain;
use super::shop::{ANA, BRUNO, Shop, at, both, consent, opts_out, phone, policy, the_gate, user};
use crate::{Departure, Joined, Lane, Ledger, Settled, Settlement};

const USER: &str = "BR.1";

/// Ana by user id and by phone, one message undone in each lane, and a send ready in each; proven one, and not joined yet.
async fn between(shop: &Shop) -> (Lane, Lane) {
    let remains = shop.hears_from(user(USER), "wamid.user.1", 0).await;
    let joins = shop.hears(ANA, "wamid.phone.1", 0).await;
    shop.answers(&remains, &["remains"], 0).await;
    shop.answers(&joins, &["joins"], 0).await;
    shop.hears_from(user(USER), "wamid.user.2", 1).await;
    shop.hears(ANA, "wamid.phone.2", 1).await;
    shop.hears_from(both(ANA, USER), "wamid.both", 2).await;
    (remains, joins)
}

async fn is_cancelled(shop: &Shop, of: &str, second: u64) {
    let departure = shop.tries(of, second, the_gate(policy(), at(second))).await;
    assert!(
        matches!(
            departure,
            Departure::Cancelled(Refusal::OptedOut | Refusal::Paused { .. })
        ),
        "{of}: {departure:?}"
    );
}

/// Settles a lane's head with this change.
async fn settles(shop: &Shop, lane: &Lane, second: u64, change: impl FnOnce(&mut Contact)) {
    let mut settlement = shop.settlement(lane, second).await;
    change(&mut settlement.contact);
    assert_eq!(shop.settle(settlement).await, Settled::Done);
}

/// It is accepted for the one that remains, and the other's undone messages must not send after it.
pub async fn i06_a_stop_marks_the_contacts_that_are_to_join_as_well(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let (remains, joins) = between(&shop).await;
    assert_eq!(shop.hears_stop(ANA, "wamid.stop", 3).await, remains);
    for lane in [&remains, &joins] {
        assert!(shop.contact(lane).await.stop_pending);
        assert!(shop.head(lane).await.contact.stop_pending);
    }
    is_cancelled(&shop, "joins", 4).await;
    is_cancelled(&shop, "remains", 4).await;
    // The settle of what came before it takes nothing back, nor does the join.
    shop.passes_over(&joins, 5).await;
    shop.passes_over(&remains, 5).await;
    assert!(shop.contact(&joins).await.stop_pending);
    shop.joins(&joins, 6).await;
    shop.passes_over(&remains, 6).await;
    assert!(shop.contact(&remains).await.stop_pending);
    assert!(shop.head(&remains).await.is_stop);
    shop.passes_over(&remains, 7).await;
    assert!(!shop.contact(&remains).await.stop_pending);
}

/// Either had said it before they proved to be one.
pub async fn i06_a_stop_that_waits_in_either_lane_holds_for_both(ledger: Arc<dyn Ledger>) {
    for (place, who) in [user(USER), phone(ANA)].into_iter().enumerate() {
        let shop = Shop {
            tenant: super::shop::tenant(&format!("shop-{place}")),
            ..Shop::new(Arc::clone(&ledger))
        };
        let remains = shop.hears_from(user(USER), "wamid.user.1", 0).await;
        let joins = shop.hears(ANA, "wamid.phone.1", 0).await;
        shop.answers(&remains, &["remains"], 0).await;
        shop.answers(&joins, &["joins"], 0).await;
        let stops = shop.hears_stop_from(who, "wamid.stop", 1).await;
        let other = if stops == remains { &joins } else { &remains };
        assert!(!shop.contact(other).await.stop_pending);
        shop.hears_from(both(ANA, USER), "wamid.both", 2).await;
        assert!(shop.contact(other).await.stop_pending);
        is_cancelled(&shop, "remains", 3).await;
        is_cancelled(&shop, "joins", 3).await;
        // Settled as a stop: the mark goes, the no remains, for both and after the join.
        settles(&shop, &stops, 4, |contact| {
            contact.consent.apply(&opts_out(4));
        })
        .await;
        for joined in [false, true] {
            if joined {
                shop.joins(&joins, 5).await;
            }
            for lane in [&remains, &joins] {
                let contact = shop.contact(lane).await;
                assert_eq!(contact.consent.everything, Permission::Out(at(4)));
                assert!(!contact.stop_pending);
            }
        }
    }
}

/// Consent and pause, whichever of them has it.
pub async fn i06_what_either_forbids_is_read_of_both(ledger: Arc<dyn Ledger>) {
    let pause = Pause {
        until: at(9999),
        by: None,
    };
    let out = |contact: &mut Contact| contact.consent.everything = Permission::Out(at(3));
    let pauses = |contact: &mut Contact| contact.pause = Some(pause.clone());
    let changes: [&dyn Fn(&mut Contact); 2] = [&out, &pauses];
    for (place, (change, of_joiner)) in changes
        .into_iter()
        .flat_map(|change| [(change, true), (change, false)])
        .enumerate()
    {
        let shop = Shop {
            tenant: super::shop::tenant(&format!("shop-{place}")),
            ..Shop::new(Arc::clone(&ledger))
        };
        let (remains, joins) = between(&shop).await;
        let (one, other) = if of_joiner {
            (&joins, &remains)
        } else {
            (&remains, &joins)
        };
        let in_course = shop.settlement(other, 3).await;
        settles(&shop, one, 3, change).await;
        assert_eq!(
            shop.settle(in_course).await,
            Settled::VersionLost,
            "it was decided on what does not hold any more"
        );
        let read = shop.head(other).await.contact;
        let mut expected = read.clone();
        change(&mut expected);
        assert_eq!(read, expected, "{place}");
        is_cancelled(&shop, "remains", 4).await;
        is_cancelled(&shop, "joins", 4).await;
        drain(&shop, &[joins, remains.clone()]).await;
        let contact = shop.contact(&remains).await;
        let mut expected = contact.clone();
        change(&mut expected);
        assert_eq!(contact, expected, "{place}: after the join");
    }
}

/// What was read of the other is not written as one's own: else a no that is taken back would come back with the join.
pub async fn i06_a_settle_takes_over_nothing_of_the_other(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let pause = Some(Pause {
        until: at(9999),
        by: None,
    });
    let joins = shop.hears(ANA, "wamid.phone.1", 0).await;
    settles(&shop, &joins, 1, |contact| {
        contact.consent.apply(&opts_out(1));
        contact.pause.clone_from(&pause);
    })
    .await;
    let remains = shop.hears_from(user(USER), "wamid.user.1", 1).await;
    shop.hears(ANA, "wamid.phone.2", 1).await;
    shop.hears_from(both(ANA, USER), "wamid.both", 2).await;
    // The one settles with what it read of the other; then the other is back in, and a person gives the conversation back.
    let read = shop.head(&remains).await.contact;
    assert!(read.consent.everything.is_out() && read.pause == pause);
    settles(&shop, &remains, 3, |contact| {
        contact.tags.insert("read".into());
    })
    .await;
    let released = shop
        .ledger
        .release(&shop.tenant, remains.contact, at(4))
        .await;
    assert!(released.unwrap());
    settles(&shop, &joins, 5, |contact| {
        assert_eq!(contact.pause, None);
        contact.consent.apply(&consent(true, 5));
    })
    .await;
    assert_eq!(shop.joins(&remains, 6).await, Joined::Done(remains.clone()));
    let contact = shop.contact(&remains).await;
    assert_eq!(contact.consent.everything, Permission::In(at(5)));
    assert_eq!(contact.pause, None);
    assert!(contact.tags.contains("read"));
}

/// Both are the same person: the last word on marketing outweighs what was said in either lane before.
pub async fn a_preference_between_holds_for_both(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let joins = shop.hears(ANA, "wamid.phone.1", 0).await;
    settles(&shop, &joins, 1, |contact| {
        contact.consent.marketing = Permission::Out(at(1));
    })
    .await;
    let remains = shop.hears_from(user(USER), "wamid.user.1", 1).await;
    shop.hears_from(both(ANA, USER), "wamid.both", 2).await;
    let in_course = shop.settlement(&remains, 3).await;
    shop.accept(shop.preference(user(USER), true, 4), 4).await;
    assert_eq!(shop.settle(in_course).await, Settled::VersionLost);
    for lane in [&remains, &joins] {
        let consent = shop.contact(lane).await.consent;
        assert_eq!(consent.marketing, Permission::In(at(4)));
    }
    drain(&shop, &[remains.clone(), joins]).await;
    let consent = shop.contact(&remains).await.consent;
    assert_eq!(consent.marketing, Permission::In(at(4)));
    let log = shop.ledger.consent_log(&shop.tenant, remains.contact).await;
    assert_eq!(log.unwrap().len(), 1, "said once");
}

/// Answers that are still to be decided go to where the person is found, by the one lane as by the other.
pub async fn until_they_are_joined_both_are_answered_by_the_key_of_both(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let (remains, joins) = between(&shop).await;
    for lane in [&remains, &joins] {
        assert_eq!(shop.contact(lane).await.key, both(ANA, USER));
    }
    // Somebody else has the phone by now: what was meant for Ana does not reach them.
    let newcomer = shop.hears_from(both(ANA, "BR.2"), "wamid.new", 3).await;
    assert_ne!(newcomer, remains);
    shop.answers(&joins, &["late"], 4).await;
    for of in ["remains", "joins"] {
        let (pass, _) = shop.departs(of, 5).await;
        assert_eq!(pass.outbound().to, user(USER), "{of}");
    }
    assert_eq!(shop.send("late").await.outbound.to, user(USER));
}

/// Wherever they write from next.
pub async fn sends_that_wait_follow_the_contact_into_the_join(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.hears_from(both(BRUNO, USER), "wamid.user.1", 0).await;
    let joins = shop.serves(ANA, "wamid.phone.1", &["t1"], 0).await;
    shop.hears_from(both(ANA, USER), "wamid.both", 1).await;
    shop.hears_from(both(BRUNO, USER), "wamid.user.2", 2).await;
    assert_eq!(shop.contact(&joins).await.key, both(BRUNO, USER));
    // Its window is the lane's own until they are joined, and it is Ana whom it goes to.
    let (pass, _) = shop.departs("t1", 3).await;
    assert_eq!(pass.outbound().to.user(), user(USER).user());
}

/// What a person noted on the way is not undone by an attempt that began before.
pub async fn a_join_makes_the_attempt_in_course_run_again(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let remains = shop.hears_from(user(USER), "wamid.user.1", 0).await;
    let joins = shop.hears(ANA, "wamid.phone.1", 0).await;
    let in_course: [Settlement; 2] = [
        shop.settlement(&remains, 1).await,
        shop.settlement(&joins, 1).await,
    ];
    shop.hears_from(both(ANA, USER), "wamid.both", 2).await;
    for settlement in in_course {
        assert_eq!(shop.settle(settlement).await, Settled::VersionLost);
    }
    drain(&shop, &[joins, remains]).await;
}
