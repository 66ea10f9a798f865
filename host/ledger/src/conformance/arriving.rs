//! What arrives: once, in order, from whom.

use std::sync::Arc;

use model::{Delivery, Detail, NoticeBody, NoticeKey, Span, Update};
use tokio::task::JoinSet;

use super::shop::{ANA, BRUNO, Shop, at, both, number, phone, queued, tenant, token, user, wamid};
use crate::{Acceptance, Ledger};

/// Two copies in one delivery.
pub async fn i02_a_duplicate_in_one_batch_has_no_effect(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let message = shop.message(phone(ANA), "wamid.1", at(0));
    let other = shop.message(phone(ANA), "wamid.2", at(0));
    let accepted = shop
        .ledger
        .accept(vec![message.clone(), message, other], at(0))
        .await
        .unwrap();
    assert!(
        matches!(
            accepted[..],
            [
                Acceptance::Queued(_),
                Acceptance::Known,
                Acceptance::Queued(_)
            ]
        ),
        "{accepted:?}"
    );
    assert_eq!(shop.ledger.counts().await.unwrap().undone, 2);
}

/// A copy that comes later, before and after the first was handled.
pub async fn i02_a_duplicate_that_comes_later_has_no_effect(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let copy = || shop.message(phone(ANA), "wamid.1", at(0));
    assert_eq!(shop.accept(copy(), 1).await, Acceptance::Known);
    shop.passes_over(&lane, 2).await;
    assert_eq!(shop.accept(copy(), 3).await, Acceptance::Known);
    assert_eq!(shop.ledger.next(&lane).await.unwrap(), None);
    assert_eq!(shop.ledger.counts().await.unwrap().undone, 0);
}

/// Copies that race each other.
pub async fn i02_sixteen_copies_at_once_are_one_message(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let mut accepts = JoinSet::new();
    for _ in 0..16 {
        let shop = shop.clone();
        accepts.spawn(async move {
            shop.accept(shop.message(phone(ANA), "wamid.1", at(0)), 0)
                .await
        });
    }
    let accepted = accepts.join_all().await;
    let known = accepted
        .iter()
        .filter(|acceptance| **acceptance == Acceptance::Known)
        .count();
    assert_eq!(known, 15, "{accepted:?}");
    let lane = accepted
        .into_iter()
        .find(|acceptance| *acceptance != Acceptance::Known)
        .map(queued)
        .unwrap();
    shop.passes_over(&lane, 1).await;
    assert_eq!(
        shop.ledger.next(&lane).await.unwrap(),
        None,
        "there was one"
    );
    assert_eq!(shop.ledger.counts().await.unwrap().contacts, 1);
}

/// Keys live for 14 days, whatever else comes in between.
pub async fn i02_a_message_is_known_for_two_weeks(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    const DAY: u64 = 24 * 3600;
    shop.hears(ANA, "wamid.1", 0).await;
    for day in 1..14 {
        shop.hears(BRUNO, &format!("wamid.other.{day}"), day * DAY)
            .await;
        assert_eq!(
            shop.accept(shop.message(phone(ANA), "wamid.1", at(0)), day * DAY)
                .await,
            Acceptance::Known,
            "day {day}"
        );
    }
}

/// A status is known by message, kind and time.
pub async fn i02_a_status_has_effect_once(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["t1"], 0).await;
    shop.departs("t1", 1).await;
    let status = |second| shop.status("wamid.out", Some("t1"), Delivery::Sent, second);
    let ours = Acceptance::Status {
        of: Some(token("t1")),
    };
    assert_eq!(shop.accept(status(2), 2).await, ours);
    let changed_at = shop.send("t1").await.changed_at;
    assert_eq!(shop.accept(status(2), 9).await, Acceptance::Known);
    assert_eq!(shop.send("t1").await.changed_at, changed_at);
    assert!(
        matches!(shop.accept(status(3), 10).await, Acceptance::Status { .. }),
        "another time, another status"
    );
}

/// What has no effect is kept, once.
pub async fn i02_other_notices_are_kept_once(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let body = || {
        NoticeBody::Update(Update {
            name: "account_update".into(),
            detail: Detail::Other,
            raw: serde_json::json!({ "event": "something" }),
        })
    };
    let other = |digest: &str| shop.notice(NoticeKey::digest(digest), body());
    assert_eq!(shop.accept(other("00ff"), 0).await, Acceptance::Kept);
    assert_eq!(shop.accept(other("00ff"), 1).await, Acceptance::Known);
    assert_eq!(shop.accept(other("11ff"), 2).await, Acceptance::Kept);
    assert_eq!(
        shop.ledger.counts().await.unwrap(),
        crate::Counts::default()
    );
}

/// Ids are WhatsApp's per number.
pub async fn i02_the_same_id_on_two_numbers_is_two_messages(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    assert_eq!(
        shop.on(2).hears(ANA, "wamid.1", 1).await,
        lane,
        "the same contact"
    );
    assert_eq!(shop.head(&lane).await.number, number(1));
    shop.passes_over(&lane, 2).await;
    assert_eq!(shop.head(&lane).await.number, number(2));
    shop.passes_over(&lane, 3).await;
    assert_eq!(
        shop.ledger
            .decisions(&shop.tenant, None, 10)
            .await
            .unwrap()
            .len(),
        2
    );
}

/// Keys begin with their tenant (I13).
pub async fn i02_the_same_id_of_two_tenants_is_two_messages(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let here = shop.hears(ANA, "wamid.1", 0).await;
    let there = shop.elsewhere().hears(ANA, "wamid.1", 0).await;
    assert_eq!(
        (here.tenant.clone(), there.tenant.clone()),
        (tenant("shop"), tenant("elsewhere"))
    );
    shop.passes_over(&here, 1).await;
    assert_eq!(
        shop.head(&there).await.sequence,
        1,
        "each tenant's contact has an order of its own"
    );
}

/// The head is the first that was accepted, whatever its own time says.
pub async fn i04_messages_of_one_contact_stand_in_the_order_of_acceptance(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let batch = vec![
        shop.message(phone(ANA), "wamid.1", at(50)),
        shop.message(phone(BRUNO), "wamid.2", at(0)),
        shop.message(phone(ANA), "wamid.3", at(40)),
    ];
    let accepted = shop.ledger.accept(batch, at(60)).await.unwrap();
    let lane = queued(accepted[0].clone());
    assert_ne!(queued(accepted[1].clone()), lane);
    shop.on(2).hears(ANA, "wamid.4", 30).await;
    for (place, id) in ["wamid.1", "wamid.3", "wamid.4"].into_iter().enumerate() {
        let head = shop.head(&lane).await;
        assert_eq!(
            (head.message.id.clone(), head.sequence),
            (wamid(id), place as u64 + 1)
        );
        assert_eq!(
            head.message.content.words(),
            Some(format!("this is {id}").as_str())
        );
        shop.passes_over(&lane, 61).await;
    }
    assert_eq!(shop.ledger.next(&lane).await.unwrap(), None);
}

/// Phones and user ids are aliases of one permanent id.
pub async fn a_contact_is_found_by_phone_and_then_by_user_id_alone(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    assert_eq!(shop.contact(&lane).await.key, phone(ANA));
    let with_user = shop.message(both(ANA, "BR.1001"), "wamid.2", at(1));
    assert_eq!(queued(shop.accept(with_user, 1).await), lane);
    let user_alone = shop.message(user("BR.1001"), "wamid.3", at(2));
    assert_eq!(queued(shop.accept(user_alone, 2).await), lane);
    assert_eq!(shop.hears(ANA, "wamid.4", 3).await, lane);
    assert_eq!(shop.contact(&lane).await.key, both(ANA, "BR.1001"));
    assert_eq!(shop.ledger.counts().await.unwrap().contacts, 1);
}

/// The other way round.
pub async fn a_contact_known_by_user_id_alone_gains_a_phone(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = queued(
        shop.accept(shop.message(user("BR.1001"), "wamid.1", at(0)), 0)
            .await,
    );
    assert_eq!(shop.contact(&lane).await.key, user("BR.1001"));
    let with_phone = shop.message(both(ANA, "BR.1001"), "wamid.2", at(1));
    assert_eq!(queued(shop.accept(with_phone, 1).await), lane);
    assert_eq!(shop.hears(ANA, "wamid.3", 2).await, lane);
    assert_ne!(
        queued(
            shop.accept(shop.message(user("BR.1002"), "wamid.4", at(3)), 3)
                .await
        ),
        lane
    );
    assert_eq!(shop.ledger.counts().await.unwrap().contacts, 2);
}

/// Not every payload has a name.
pub async fn a_contact_keeps_the_name_they_gave_last(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let named = |id: &str, name: Option<&str>| {
        let mut arrival = shop.message(phone(ANA), id, at(0));
        if let NoticeBody::Message(message) = &mut arrival.notice.body {
            message.name = name.map(Into::into);
        }
        arrival
    };
    let lane = queued(shop.accept(named("wamid.1", None), 0).await);
    for (id, name, known) in [
        ("wamid.2", None, None),
        ("wamid.3", Some("Ana"), Some("Ana")),
        ("wamid.4", None, Some("Ana")),
    ] {
        shop.accept(named(id, name), 1).await;
        assert_eq!(shop.contact(&lane).await.name.as_deref(), known, "{id}");
    }
    shop.accept(named("wamid.5", Some("Ana Maria")), 2).await;
    assert_eq!(shop.contact(&lane).await.name.as_deref(), Some("Ana Maria"));
}

/// A window is counted from the newest message on its number.
pub async fn each_number_has_a_window_that_a_late_message_does_not_shorten(
    ledger: Arc<dyn Ledger>,
) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 100).await;
    let first_seen = shop.contact(&lane).await.first_seen;
    shop.on(2).hears(ANA, "wamid.2", 200).await;
    // Written before the others, and late on its way.
    shop.accept(shop.message(phone(ANA), "wamid.3", at(50)), 300)
        .await;
    let contact = shop.contact(&lane).await;
    assert_eq!(
        contact.last_inbound,
        [(number(1), at(100)), (number(2), at(200))].into()
    );
    assert_eq!(contact.first_seen, first_seen);
    shop.hears(ANA, "wamid.4", 400).await;
    assert_eq!(
        shop.contact(&lane).await.last_inbound,
        [(number(1), at(400)), (number(2), at(200))].into()
    );
}

/// A timestamp from the future opens no window beyond our own clock's.
pub async fn a_clock_that_runs_ahead_does_not_lengthen_a_window(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let ahead = shop.message(phone(ANA), "wamid.1", at(10).plus(Span::from_hours(48)));
    let lane = queued(shop.accept(ahead, 10).await);
    assert_eq!(
        shop.contact(&lane).await.last_inbound,
        [(number(1), at(10))].into()
    );
}
