//! What the statuses of our sends tell of whom they went to.

use std::sync::Arc;

use model::{ContactKey, Delivery, NetworkError, NoticeBody, Permission, SendState, Status};

use super::notices::group;
use super::shop::{ANA, BRUNO, CLARA, Shop, at, both, phone, token, user};
use crate::{Acceptance, Arrival, Ledger, Settled};

/// A status of a send, with this about it.
fn status(shop: &Shop, of: &str, second: u64, about: impl FnOnce(&mut Status)) -> Arrival {
    let mut arrival = shop.status(&format!("wamid.out.{of}"), Some(of), Delivery::Sent, second);
    if let NoticeBody::Status(status) = &mut arrival.notice.body {
        about(status);
    }
    arrival
}

fn to(key: ContactKey) -> impl FnOnce(&mut Status) {
    move |status| status.to = Some(key)
}

fn stopped(status: &mut Status) {
    status.delivery = Delivery::Failed;
    status.errors = vec![NetworkError {
        code: 131_050,
        title: "stopped".into(),
        details: None,
    }];
}

/// WhatsApp knows whom a message went to.
pub async fn a_status_teaches_what_the_contact_lacks(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let table = [
        (phone(ANA), both(ANA, "BR.1"), both(ANA, "BR.1")),
        (user("BR.2"), phone(BRUNO), both(BRUNO, "BR.2")),
        // What it knows already is not put right: a phone may be written in two ways.
        (
            phone("5511900000011"),
            phone("551190000011"),
            phone("5511900000011"),
        ),
        (
            both("5511900000012", "BR.3"),
            both("5511900000013", "BR.4"),
            both("5511900000012", "BR.3"),
        ),
    ];
    for (place, (known, told, then)) in table.into_iter().enumerate() {
        let (id, of) = (format!("wamid.{place}"), format!("t{place}"));
        let lane = shop.hears_from(known.clone(), &id, 0).await;
        shop.answers(&lane, &[&of], 0).await;
        shop.departs(&of, 1).await;
        let ours = Acceptance::Status {
            of: Some(token(&of)),
        };
        assert_eq!(shop.accept(status(&shop, &of, 2, to(told)), 2).await, ours);
        assert_eq!(shop.contact(&lane).await.key, then, "{known:?}");
    }
    let by_user = shop.hears_from(user("BR.1"), "wamid.again", 3).await;
    assert_eq!(shop.contact(&by_user).await.key, both(ANA, "BR.1"));
    assert_eq!(shop.ledger.counts().await.unwrap().contacts, 4);
}

/// Nobody would wake the lanes: what is idle is joined at once.
pub async fn a_status_that_proves_two_contacts_one_joins_them(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let by_user = shop.hears_from(user("BR.1"), "wamid.1", 0).await;
    shop.passes_over(&by_user, 1).await;
    let by_phone = shop.serves(ANA, "wamid.2", &["t1"], 2).await;
    shop.departs("t1", 3).await;
    let told = status(&shop, "t1", 4, to(both(ANA, "BR.1")));
    shop.accept(told, 4).await;
    for lane in [&by_user, &by_phone] {
        assert_eq!(shop.next(lane).await, None);
        let contact = shop.contact(lane).await;
        assert_eq!(
            (contact.id, contact.key),
            (by_user.contact, both(ANA, "BR.1"))
        );
    }
    assert_eq!(shop.ledger.counts().await.unwrap().contacts, 1);
    assert_eq!(shop.state("t1").await, SendState::Sent);

    // One that is busy comes to it by itself.
    let busy = shop.hears(BRUNO, "wamid.3", 5).await;
    shop.answers(&busy, &["t2"], 5).await;
    shop.hears(BRUNO, "wamid.4", 6).await;
    let other = shop.hears_from(user("BR.2"), "wamid.5", 6).await;
    shop.passes_over(&other, 6).await;
    shop.departs("t2", 7).await;
    shop.accept(status(&shop, "t2", 8, to(user("BR.2"))), 8)
        .await;
    assert_eq!(shop.ledger.counts().await.unwrap().contacts, 3);
    shop.passes_over(&busy, 9).await;
    assert_eq!(
        shop.joins(&busy, 9).await,
        crate::Joined::Done(other.clone())
    );
    assert_eq!(shop.contact(&busy).await.key, both(BRUNO, "BR.2"));
}

/// It was sent by another program on the same number, and names both.
pub async fn a_status_of_anothers_send_joins_whom_it_names(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let by_phone = shop.hears_stop(ANA, "wamid.1", 0).await;
    let by_user = shop.hears_from(user("BR.1"), "wamid.2", 1).await;
    shop.passes_over(&by_user, 2).await;
    let named = |who| {
        let mut told = shop.status("wamid.anothers", None, Delivery::Delivered, 3);
        if let NoticeBody::Status(status) = &mut told.notice.body {
            status.to = Some(who);
        }
        told
    };
    shop.accept(named(both(ANA, "BR.1")), 3).await;
    assert!(
        shop.contact(&by_user).await.stop_pending,
        "their stop holds under either name"
    );
    shop.passes_over(&by_phone, 4).await;
    assert_eq!(shop.joins(&by_phone, 4).await, crate::Joined::Done(by_user));
    assert_eq!(shop.contact(&by_phone).await.key, both(ANA, "BR.1"));
    // Strangers stay strangers.
    shop.accept(named(both(CLARA, "BR.3")), 5).await;
    assert_eq!(shop.ledger.counts().await.unwrap().contacts, 1);
}

/// What a group's member, or whoever has the phone by now, is known by is not the contact's.
pub async fn a_status_about_somebody_else_teaches_nothing(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.serves(ANA, "wamid.1", &["t1"], 0).await;
    shop.departs("t1", 1).await;
    let in_group = status(&shop, "t1", 2, |status| {
        status.to = Some(user("BR.9"));
        status.group = Some(group());
        stopped(status);
    });
    shop.accept(in_group, 2).await;
    assert_eq!(shop.contact(&lane).await.key, phone(ANA));
    assert_eq!(
        shop.contact(&lane).await.consent.marketing,
        Permission::Unasked
    );
    // Ana's number is another's by now.
    shop.hears_of_move(phone(ANA), phone(BRUNO), "wamid.2", 3)
        .await;
    let newcomer = shop.hears(ANA, "wamid.3", 4).await;
    let late = status(&shop, "t1", 5, |status| {
        status.delivery = Delivery::Delivered;
        status.to = Some(both(ANA, "BR.9"));
        status.word = "delivered".into();
    });
    shop.accept(late, 5).await;
    assert_eq!(shop.contact(&lane).await.key, phone(BRUNO));
    assert_eq!(shop.contact(&newcomer).await.key, phone(ANA));
}

/// Meta refused it because they had said no: we should have known.
pub async fn a_status_that_says_marketing_was_stopped_is_an_opt_out(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.serves(ANA, "wamid.1", &["t1", "t2"], 0).await;
    shop.hears(ANA, "wamid.2", 1).await;
    let in_course = shop.settlement(&lane, 1).await;
    shop.departs("t1", 1).await;
    shop.accept(status(&shop, "t1", 2, stopped), 2).await;
    assert_eq!(shop.settle(in_course).await, Settled::VersionLost);
    let consent = shop.contact(&lane).await.consent;
    assert_eq!(consent.marketing, Permission::Out(at(2)));
    assert_eq!(consent.everything, Permission::Unasked);
    let log = shop.ledger.consent_log(&shop.tenant, lane.contact).await;
    let [change] = &log.unwrap()[..] else {
        panic!("one change is logged");
    };
    assert_eq!(
        (change.evidence.source.as_str(), change.at),
        ("status", at(2))
    );
    assert_eq!(
        shop.send("t1").await.cause.as_deref(),
        Some("131050: stopped")
    );
    // Back in, later than that; and a late status changes nothing any more.
    shop.accept(shop.preference(phone(ANA), true, 5), 5).await;
    shop.departs("t2", 6).await;
    shop.accept(status(&shop, "t2", 4, stopped), 7).await;
    let consent = shop.contact(&lane).await.consent;
    assert_eq!(consent.marketing, Permission::In(at(5)));
    // Of somebody whom we sent nothing it proves nothing.
    let stray = shop.status("wamid.stray", Some("nobody"), Delivery::Failed, 8);
    assert_eq!(shop.accept(stray, 8).await, Acceptance::Status { of: None });
}

/// Meta may invent one tomorrow.
pub async fn a_status_of_an_unknown_word_changes_nothing(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["t1"], 0).await;
    shop.loses("t1", 1).await;
    let before = shop.send("t1").await;
    let unknown = status(&shop, "t1", 2, |status| {
        status.delivery = Delivery::Unknown;
        status.word = "levitated".into();
    });
    let ours = Acceptance::Status {
        of: Some(token("t1")),
    };
    assert_eq!(shop.accept(unknown, 2).await, ours);
    assert_eq!(shop.send("t1").await, before);
}
