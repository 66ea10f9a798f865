//! By what a contact is found, and what happens when that changes. A phone changes hands, a user id never does.

use std::sync::Arc;

use model::{Detail, Refusal};

use super::notices::changed;
use super::shop::{ANA, BRUNO, CLARA, Shop, at, both, phone, policy, the_gate, user, wamid};
use crate::{Acceptance, Departure, Ledger, Next, Settled};

/// Whoever writes from the old one later is somebody new.
pub async fn a_new_number_moves_the_contact_and_frees_the_old_one(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let table = [
        (phone(ANA), phone(BRUNO), phone(BRUNO)),
        (
            both("5511900000011", "BR.1"),
            phone("5511900000012"),
            both("5511900000012", "BR.1"),
        ),
        (
            both("5511900000021", "BR.2"),
            both("5511900000022", "BR.3"),
            both("5511900000022", "BR.3"),
        ),
    ];
    for (place, (was, is, then)) in table.into_iter().enumerate() {
        let id = |which: &str| format!("wamid.{place}.{which}");
        let lane = shop.hears_from(was.clone(), &id("a"), 0).await;
        assert_eq!(
            shop.hears_of_move(was.clone(), is.clone(), &id("b"), 1)
                .await,
            lane,
            "the notice has its place in the lane"
        );
        assert_eq!(shop.contact(&lane).await.key, then);
        assert_eq!(shop.hears_from(is, &id("c"), 2).await, lane);
        let old = model::ContactKey::Phone(was.phone().unwrap().clone());
        let newcomer = shop.hears_from(old.clone(), &id("d"), 3).await;
        assert_ne!(newcomer, lane);
        assert_eq!(shop.contact(&newcomer).await.key, old);
        assert_eq!(shop.contact(&lane).await.key, then);
        for expected in ["a", "b", "c"] {
            assert_eq!(shop.head(&lane).await.message.id, wamid(&id(expected)));
            shop.passes_over(&lane, 4).await;
        }
    }
}

/// A user id does not become anybody else's: what comes late by the old one still is theirs.
pub async fn a_new_user_id_moves_the_contact(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears_from(both(ANA, "BR.1"), "wamid.1", 0).await;
    let told = |was, is: &str, digest: &str| {
        let is = model::UserId::new(is).unwrap();
        shop.update("user_id_update", digest, Detail::NewUserId { was, is })
    };
    let in_course = shop.settlement(&lane, 1).await;
    assert_eq!(
        changed(shop.accept(told(user("BR.1"), "BR.2", "d1"), 1).await),
        lane
    );
    assert_eq!(shop.settle(in_course).await, Settled::VersionLost);
    assert_eq!(shop.contact(&lane).await.key, both(ANA, "BR.2"));
    for (place, key) in [user("BR.1"), user("BR.2"), phone(ANA)]
        .into_iter()
        .enumerate()
    {
        assert_eq!(
            shop.hears_from(key, &format!("wamid.late.{place}"), 2)
                .await,
            lane
        );
    }
    assert_eq!(shop.contact(&lane).await.key, both(ANA, "BR.2"));
    // Nobody bore the old one: there is nobody to move.
    let stray = told(user("BR.8"), "BR.9", "d2");
    assert_eq!(shop.accept(stray, 3).await, Acceptance::Kept);
    assert_eq!(shop.ledger.counts().await.unwrap().contacts, 1);
    let kept = shop
        .ledger
        .kept(&shop.tenant, Some("user_id_update"), 9)
        .await;
    assert_eq!(kept.unwrap().len(), 2);
}

/// The sender of a move whom nobody knew is known by the new number alone.
pub async fn a_stranger_who_moved_is_known_by_the_new_number(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop
        .hears_of_move(phone(ANA), phone(BRUNO), "wamid.1", 0)
        .await;
    assert_eq!(shop.contact(&lane).await.key, phone(BRUNO));
    assert_ne!(shop.hears(ANA, "wamid.2", 1).await, lane);
    assert_eq!(shop.hears(BRUNO, "wamid.3", 2).await, lane);
}

/// What was decided before the move goes to where the contact is.
pub async fn sends_that_wait_follow_the_contact_to_the_new_number(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.serves(ANA, "wamid.1", &["t1"], 0).await;
    shop.hears(ANA, "wamid.2", 1).await;
    let in_course = shop.settlement(&lane, 1).await;
    shop.hears_of_move(phone(ANA), phone(BRUNO), "wamid.3", 2)
        .await;
    assert_eq!(
        shop.settle(in_course).await,
        Settled::VersionLost,
        "it would have answered to the old one"
    );
    let (pass, _) = shop.departs("t1", 3).await;
    assert_eq!(pass.outbound().to, phone(BRUNO));
}

/// Two user ids are two people, and who writes from the phone has it.
pub async fn a_phone_that_comes_with_another_user_id_changed_hands(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let former = shop.hears_from(both(ANA, "BR.1"), "wamid.1", 0).await;
    let newcomer = shop.hears_from(both(ANA, "BR.2"), "wamid.2", 1).await;
    assert_ne!(former, newcomer);
    assert_eq!(shop.contact(&former).await.key, user("BR.1"));
    assert_eq!(shop.contact(&newcomer).await.key, both(ANA, "BR.2"));
    // To one who is known already, as well; and back.
    let third = shop.hears_from(both(CLARA, "BR.3"), "wamid.3", 2).await;
    assert_eq!(
        shop.hears_from(both(ANA, "BR.3"), "wamid.4", 3).await,
        third
    );
    assert_eq!(shop.contact(&newcomer).await.key, user("BR.2"));
    assert_eq!(shop.contact(&third).await.key, both(ANA, "BR.3"));
    assert_eq!(
        shop.hears_from(both(ANA, "BR.1"), "wamid.5", 4).await,
        former
    );
    assert_eq!(
        shop.contact(&third).await.key,
        both(CLARA, "BR.3"),
        "the other of theirs is shown again"
    );
    assert_eq!(shop.hears(CLARA, "wamid.6", 5).await, third);
    assert_eq!(shop.ledger.counts().await.unwrap().contacts, 3);
    // The same where WhatsApp tells of a move.
    let moved = shop
        .hears_of_move(user("BR.2"), phone(ANA), "wamid.7", 6)
        .await;
    assert_eq!(moved, newcomer);
    assert_eq!(shop.contact(&former).await.key, user("BR.1"));
    assert_eq!(shop.contact(&newcomer).await.key, both(ANA, "BR.2"));
}

/// Nothing that was meant for the one reaches the other.
pub async fn i13_sends_do_not_follow_a_phone_that_changed_hands(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let former = shop.hears_from(both(ANA, "BR.1"), "wamid.1", 0).await;
    shop.answers(&former, &["t1"], 0).await;
    shop.hears_from(both(ANA, "BR.1"), "wamid.2", 1).await;
    let in_course = shop.settlement(&former, 1).await;
    shop.hears_from(both(ANA, "BR.2"), "wamid.3", 2).await;
    assert_eq!(shop.settle(in_course).await, Settled::VersionLost);
    let (pass, _) = shop.departs("t1", 3).await;
    assert_eq!(pass.outbound().to, user("BR.1"));
}

/// Both lead to them.
pub async fn the_phone_that_was_last_written_from_is_the_one_shown(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears_from(both(ANA, "BR.1"), "wamid.1", 0).await;
    for (place, (from, shown)) in [
        (both(BRUNO, "BR.1"), BRUNO),
        (phone(ANA), ANA),
        (user("BR.1"), ANA),
        (phone(BRUNO), BRUNO),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("wamid.more.{place}");
        assert_eq!(shop.hears_from(from, &id, 1).await, lane);
        assert_eq!(shop.contact(&lane).await.key, both(shown, "BR.1"));
    }
}

/// The contact that moved remains.
pub async fn a_move_to_a_known_number_or_user_id_joins_the_two(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let table = [
        // Who moves, who is found there, to where; and the key of both together.
        (phone(ANA), phone(BRUNO), phone(BRUNO), phone(BRUNO)),
        (
            phone("5511900000011"),
            both("5511900000012", "BR.1"),
            phone("5511900000012"),
            both("5511900000012", "BR.1"),
        ),
        (
            both("5511900000021", "BR.2"),
            user("BR.3"),
            user("BR.3"),
            both("5511900000021", "BR.3"),
        ),
    ];
    for (place, (mover, known, is, key)) in table.into_iter().enumerate() {
        let id = |which: &str| format!("wamid.{place}.{which}");
        let remains = shop.hears_from(mover.clone(), &id("a"), 0).await;
        let joins = shop.hears_from(known, &id("b"), 0).await;
        for lane in [&remains, &joins] {
            shop.passes_over(lane, 1).await;
        }
        assert_eq!(shop.hears_of_move(mover, is, &id("c"), 2).await, remains);
        let with = joins.clone();
        assert_eq!(shop.next(&remains).await, Some(Next::Join { with }));
        assert_eq!(
            shop.joins(&remains, 3).await,
            crate::Joined::Done(remains.clone())
        );
        assert_eq!(shop.head(&remains).await.message.id, wamid(&id("c")));
        for lane in [&remains, &joins] {
            let contact = shop.contact(lane).await;
            assert_eq!((contact.id, contact.key), (remains.contact, key.clone()));
        }
    }
}

/// The answer to one who has left the chat's key behind is judged by the contact as it is.
pub async fn i06_a_stop_by_the_new_number_cancels_what_was_meant_for_the_old(
    ledger: Arc<dyn Ledger>,
) {
    let shop = Shop::new(ledger);
    let lane = shop.serves(ANA, "wamid.1", &["t1"], 0).await;
    shop.hears_of_move(phone(ANA), phone(BRUNO), "wamid.2", 1)
        .await;
    assert_eq!(shop.hears_stop(BRUNO, "wamid.3", 2).await, lane);
    let departure = shop.tries("t1", 3, the_gate(policy(), at(3))).await;
    assert!(
        matches!(departure, Departure::Cancelled(Refusal::OptedOut)),
        "{departure:?}"
    );
}
