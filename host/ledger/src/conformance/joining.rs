//! Two contacts that prove to be one: the join has its place in both lanes, and waits for both.

use std::sync::Arc;

use super::notices::sorted;
use super::shop::{ANA, BRUNO, CLARA, Shop, both, phone, user, wamid};
use crate::{Acceptance, Joined, Lane, Ledger, Next, Settled};

/// Ana's two lanes, by user id and by phone, with a message undone in each, and the message that proves them one behind.
async fn two_lanes(shop: &Shop) -> (Lane, Lane) {
    let remains = shop.hears_from(user("BR.1"), "wamid.user", 0).await;
    let joins = shop.hears(ANA, "wamid.phone", 0).await;
    assert_ne!(remains, joins);
    assert_eq!(
        shop.hears_from(both(ANA, "BR.1"), "wamid.both", 1).await,
        remains,
        "the user id decides"
    );
    (remains, joins)
}

/// Whatever came before it is done first, in both.
pub async fn i04_a_join_waits_until_both_lanes_have_come_to_it(ledger: Arc<dyn Ledger>) {
    for (first, then) in [(0, 1), (1, 0)] {
        let shop = Shop {
            tenant: super::shop::tenant(&format!("shop-{first}")),
            ..Shop::new(Arc::clone(&ledger))
        };
        let (remains, joins) = two_lanes(&shop).await;
        let lanes = [&remains, &joins];
        assert_eq!(
            shop.joins(lanes[first], 2).await,
            Joined::Gone,
            "a message is next"
        );
        shop.passes_over(lanes[first], 2).await;
        let with = lanes[then].clone();
        assert_eq!(shop.next(lanes[first]).await, Some(Next::Join { with }));
        assert_eq!(shop.joins(lanes[first], 3).await, Joined::Waits);
        assert_eq!(shop.joins(lanes[first], 3).await, Joined::Waits);
        shop.passes_over(lanes[then], 4).await;
        assert_eq!(
            shop.joins(lanes[then], 5).await,
            Joined::Done(remains.clone())
        );
        assert_eq!(shop.joins(&joins, 5).await, Joined::Gone, "once");
        assert_eq!(shop.next(&joins).await, None);
        assert_eq!(shop.head(&remains).await.message.id, wamid("wamid.both"));
        shop.passes_over(&remains, 6).await;
        assert_eq!(shop.next(&remains).await, None);
        assert_eq!(shop.joins(&remains, 7).await, Joined::Gone);
    }
}

/// By whichever alias it comes: it must not overtake what its sender wrote before.
pub async fn i04_what_comes_after_a_join_stands_behind_it_in_one_lane(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let (remains, joins) = two_lanes(&shop).await;
    let after = [phone(ANA), user("BR.1"), phone(ANA), both(ANA, "BR.1")];
    for (place, key) in after.into_iter().enumerate() {
        let id = format!("wamid.after.{place}");
        assert_eq!(shop.hears_from(key, &id, 2).await, remains);
    }
    shop.passes_over(&remains, 3).await;
    let early = shop.ledger.counts().await.unwrap();
    assert_eq!(
        (early.undone, early.contacts),
        (6, 2),
        "joins are no messages"
    );
    assert!(matches!(shop.next(&remains).await, Some(Next::Join { .. })));
    shop.passes_over(&joins, 3).await;
    assert_eq!(shop.joins(&joins, 3).await, Joined::Done(remains.clone()));
    let late = shop.ledger.counts().await.unwrap();
    assert_eq!((late.undone, late.contacts), (5, 1));
    let mut done = Vec::new();
    while shop.next(&remains).await.is_some() {
        done.push(shop.head(&remains).await.message.id.as_str().to_owned());
        shop.passes_over(&remains, 4).await;
    }
    let after = (0..4).map(|place| format!("wamid.after.{place}"));
    let expected: Vec<String> = ["wamid.both".to_owned()].into_iter().chain(after).collect();
    assert_eq!(done, expected);
    assert_eq!(shop.ledger.counts().await.unwrap().undone, 0);
}

/// A message of the one is not settled out of turn for the join's sake.
pub async fn i04_no_settle_overtakes_a_join(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let (remains, joins) = two_lanes(&shop).await;
    let stale = shop.settlement(&joins, 1).await;
    shop.passes_over(&remains, 2).await;
    shop.passes_over(&joins, 2).await;
    let mut ahead = shop
        .settlement(&shop.hears(BRUNO, "wamid.b", 2).await, 2)
        .await;
    ahead.decision.contact = remains.contact;
    ahead.contact = shop.contact(&remains).await;
    ahead.expected_version = ahead.contact.version;
    for sequence in [2, 3] {
        ahead.decision.sequence = sequence;
        assert_eq!(
            shop.settle(ahead.clone()).await,
            Settled::OutOfTurn,
            "{sequence}"
        );
    }
    assert_eq!(shop.joins(&remains, 3).await, Joined::Done(remains.clone()));
    assert_eq!(
        shop.settle(stale).await,
        Settled::OutOfTurn,
        "that lane is no more"
    );
    shop.passes_over(&remains, 4).await;
}

/// A copy of the message that proved it proves nothing new.
pub async fn i02_two_contacts_are_joined_once(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let (remains, joins) = two_lanes(&shop).await;
    let copy = || shop.message(both(ANA, "BR.1"), "wamid.both", super::shop::at(1));
    assert_eq!(shop.accept(copy(), 2).await, Acceptance::Known);
    for lane in [&remains, &joins] {
        shop.passes_over(lane, 2).await;
    }
    shop.joins(&remains, 3).await;
    assert_eq!(shop.accept(copy(), 4).await, Acceptance::Known);
    shop.hears_from(both(ANA, "BR.1"), "wamid.again", 4).await;
    for _ in 0..2 {
        shop.passes_over(&remains, 5).await;
    }
    assert_eq!(
        (shop.next(&remains).await, shop.next(&joins).await),
        (None, None)
    );
}

/// Also for what only waits for its join: a host that starts takes it up.
pub async fn lanes_that_wait_for_a_join_are_listed(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let (remains, joins) = two_lanes(&shop).await;
    shop.passes_over(&joins, 2).await;
    let listed = shop.ledger.lanes(None, 10).await.unwrap();
    assert_eq!(sorted(listed), sorted(vec![remains.clone(), joins.clone()]));
    shop.passes_over(&remains, 2).await;
    shop.joins(&joins, 3).await;
    let listed = shop.ledger.lanes(None, 10).await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&remains));
    shop.passes_over(&remains, 4).await;
    assert!(shop.ledger.lanes(None, 10).await.unwrap().is_empty());
}

/// One who is joined may prove to be a third: each join waits for those before it.
pub async fn joins_that_follow_each_other_all_run(ledger: Arc<dyn Ledger>) {
    // By phone, by one user id, by the id that followed it: three contacts, and two notices that tie them together.
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    for (place, order) in orders.into_iter().enumerate() {
        let shop = Shop {
            tenant: super::shop::tenant(&format!("shop-{place}")),
            ..Shop::new(Arc::clone(&ledger))
        };
        let by_phone = shop.hears(ANA, "wamid.1", 0).await;
        let by_user = shop.hears_from(user("BR.1"), "wamid.2", 0).await;
        let by_new = shop.hears_from(user("BR.2"), "wamid.3", 0).await;
        shop.hears_from(both(ANA, "BR.1"), "wamid.4", 1).await;
        // By the new id: the contact that moved remains, and the one found there joins it.
        shop.hears_of_move(user("BR.1"), user("BR.2"), "wamid.5", 2)
            .await;
        let lanes = [&by_phone, &by_user, &by_new];
        drain(&shop, &order.map(|which| lanes[which].clone())).await;
        for lane in lanes {
            let contact = shop.contact(lane).await;
            assert_eq!(
                (contact.id, contact.key),
                (by_user.contact, both(ANA, "BR.2"))
            );
        }
        let settled = shop.ledger.decisions(&shop.tenant, None, 10).await.unwrap();
        assert_eq!(settled.len(), 5, "{order:?}");
    }
}

/// Not only the joiner: the one that remained may join another.
pub async fn the_one_that_remained_may_join_another(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let first = shop.hears(ANA, "wamid.1", 0).await;
    let second = shop.hears(BRUNO, "wamid.2", 0).await;
    let third = shop.hears_from(user("BR.1"), "wamid.3", 0).await;
    // Ana moves to the number by which she is known twice; then the user id shows whose all of it is.
    assert_eq!(
        shop.hears_of_move(phone(ANA), phone(BRUNO), "wamid.4", 1)
            .await,
        first
    );
    assert_eq!(
        shop.hears_from(both(BRUNO, "BR.1"), "wamid.5", 2).await,
        third
    );
    assert_eq!(shop.hears(BRUNO, "wamid.6", 3).await, third);
    drain(&shop, &[third.clone(), first.clone(), second.clone()]).await;
    for lane in [&first, &second, &third] {
        let contact = shop.contact(lane).await;
        assert_eq!(
            (contact.id, contact.key),
            (third.contact, both(BRUNO, "BR.1"))
        );
    }
    assert_eq!(shop.ledger.counts().await.unwrap().contacts, 1);
    assert_ne!(
        shop.hears(ANA, "wamid.7", 5).await,
        third,
        "that number was given up"
    );
}

/// Another tenant knows the same people, and nothing of this.
pub async fn i13_a_join_is_its_tenants_own(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let elsewhere = shop.elsewhere();
    let theirs = [
        elsewhere.hears_from(user("BR.1"), "wamid.user", 0).await,
        elsewhere.hears(ANA, "wamid.phone", 0).await,
    ];
    let before = [
        elsewhere.contact(&theirs[0]).await,
        elsewhere.contact(&theirs[1]).await,
    ];
    let (remains, joins) = two_lanes(&shop).await;
    let stranger = elsewhere.hears(CLARA, "wamid.c", 1).await;
    drain(&shop, &[remains, joins]).await;
    for (lane, before) in theirs.iter().zip(before) {
        assert_eq!(elsewhere.contact(lane).await, before);
        assert_eq!(elsewhere.joins(lane, 9).await, Joined::Gone);
    }
    assert_eq!(elsewhere.joins(&stranger, 9).await, Joined::Gone);
    assert_eq!(
        elsewhere.head(&theirs[1]).await.message.id,
        wamid("wamid.phone")
    );
}

/// Works on these lanes, one after the other, as an engine does: until nothing is left.
pub(super) async fn drain(shop: &Shop, lanes: &[Lane]) {
    let mut is_working = true;
    while is_working {
        is_working = false;
        for lane in lanes {
            match shop.next(lane).await {
                Some(Next::Message(_)) => shop.passes_over(lane, 50).await,
                Some(Next::Join { .. }) => match shop.joins(lane, 50).await {
                    Joined::Done(_) => {}
                    Joined::Waits => continue,
                    Joined::Gone => panic!("a join that is next is not gone"),
                },
                None => continue,
            }
            is_working = true;
        }
    }
    for lane in lanes {
        assert_eq!(shop.next(lane).await, None, "nothing waits for ever");
    }
}
