//! What tells of a contact beside their messages: preferences, echoes, calls; and what is only kept.

use std::sync::Arc;

use model::{Consent, Content, Detail, NoticeBody, Pause, Permission};

use super::notices::{changed, group, system};
use super::shop::{ANA, BRUNO, Shop, at, number, phone, user, wamid};
use crate::{Acceptance, Ledger, Settled};

/// Of all else that they allowed it says nothing.
pub async fn a_preference_is_about_marketing_alone_and_is_logged(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    for (wants, second, marketing) in [
        (false, 5, Permission::Out(at(5))),
        (true, 9, Permission::In(at(9))),
    ] {
        let told = shop.preference(phone(ANA), wants, second);
        assert_eq!(changed(shop.accept(told, 10).await), lane);
        let everything = Permission::Unasked;
        assert_eq!(
            shop.contact(&lane).await.consent,
            Consent {
                everything,
                marketing
            }
        );
    }
    let log = shop.ledger.consent_log(&shop.tenant, lane.contact).await;
    let log: Vec<_> = log
        .unwrap()
        .into_iter()
        .map(|change| (change.evidence.source, change.opted_in, change.at))
        .collect();
    let source = || "preference".to_owned();
    assert_eq!(log, [(source(), false, at(5)), (source(), true, at(9))]);
}

/// Whatever comes late, the last word counts; of two at once, the no.
pub async fn an_older_preference_never_undoes_a_newer_one(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let table = [
        // What was said first, then what comes; and what holds.
        ((true, 10), (false, 9), Permission::In(at(10))),
        ((true, 10), (false, 10), Permission::Out(at(10))),
        ((true, 10), (false, 11), Permission::Out(at(11))),
        ((false, 10), (true, 9), Permission::Out(at(10))),
        ((false, 10), (true, 10), Permission::Out(at(10))),
        ((false, 10), (true, 11), Permission::In(at(11))),
        // A clock that runs ahead does not outweigh what is said later.
        ((true, 99), (false, 30), Permission::Out(at(20))),
    ];
    for (place, (before, then, holds)) in table.into_iter().enumerate() {
        let who = user(&format!("BR.{place}"));
        let mut lane = None;
        for (wants, second) in [before, then] {
            let told = shop.preference(who.clone(), wants, second);
            lane = Some(changed(shop.accept(told, 20).await));
        }
        let lane = lane.unwrap();
        let consent = shop.contact(&lane).await.consent;
        assert_eq!(consent.marketing, holds, "{before:?}, then {then:?}");
        assert_eq!(consent.everything, Permission::Unasked);
    }
}

/// A copy says nothing new.
pub async fn i02_a_preference_has_effect_once(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let told = || shop.preference(phone(ANA), false, 5);
    let lane = changed(shop.accept(told(), 5).await);
    assert_eq!(shop.contact(&lane).await.key, phone(ANA), "who never wrote");
    let contact = shop.contact(&lane).await;
    assert_eq!(shop.accept(told(), 6).await, Acceptance::Known);
    assert_eq!(shop.contact(&lane).await, contact);
    assert_eq!(
        shop.hears(ANA, "wamid.1", 7).await,
        lane,
        "and is found when they write"
    );
}

/// It would have overwritten what it had not seen.
pub async fn what_tells_of_a_contact_makes_the_attempt_in_course_run_again(
    ledger: Arc<dyn Ledger>,
) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    for (place, told) in [
        shop.preference(phone(ANA), false, 1),
        shop.echo(phone(ANA), "wamid.echo", 1, Some(60)),
    ]
    .into_iter()
    .enumerate()
    {
        let in_course = shop.settlement(&lane, 1).await;
        assert_eq!(changed(shop.accept(told, 2).await), lane);
        assert_eq!(
            shop.settle(in_course).await,
            Settled::VersionLost,
            "{place}"
        );
    }
    shop.passes_over(&lane, 3).await;
    let contact = shop.contact(&lane).await;
    assert!(contact.consent.marketing.is_out() && contact.pause.is_some());
}

/// A person of ours is talking, and the later of two pauses holds, whoever began it.
pub async fn an_echo_of_a_person_silences_the_bot_until_its_time(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let by = Some(wamid("wamid.1"));
    let until = |second, by| Pause {
        until: at(second),
        by,
    };
    let table = [
        (None, 60, until(60, None)),
        (Some(50), 60, until(60, None)),
        (Some(70), 60, until(70, by.clone())),
    ];
    for (place, (before, silent, holds)) in table.into_iter().enumerate() {
        let who = user(&format!("BR.{place}"));
        let id = format!("wamid.{place}");
        let lane = shop
            .changes(who.clone(), &id, 0, |contact| {
                contact.pause = before.map(|second| until(second, by.clone()));
            })
            .await;
        let echo = shop.echo(who, &format!("wamid.echo.{place}"), 1, Some(silent));
        assert_eq!(changed(shop.accept(echo, 1).await), lane);
        assert_eq!(shop.contact(&lane).await.pause, Some(holds), "{before:?}");
        assert!(
            shop.ledger
                .release(&shop.tenant, lane.contact, at(2))
                .await
                .unwrap()
        );
        assert_eq!(shop.contact(&lane).await.pause, None);
    }
    assert_eq!(shop.ledger.counts().await.unwrap().undone, 0, "no message");
}

/// What we sent ourselves comes back as an echo too.
pub async fn an_echo_of_our_own_send_silences_nobody(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.serves(ANA, "wamid.1", &["t1"], 0).await;
    shop.departs("t1", 1).await;
    let sent = crate::Arrived::Sent(Some(wamid("wamid.out")));
    shop.arrives("t1", sent, 2).await;
    let own = shop.echo(phone(ANA), "wamid.out", 2, Some(60));
    assert_eq!(shop.accept(own, 3).await, Acceptance::Kept);
    // Nor does one that nobody takes for a person's.
    let idle = shop.echo(phone(BRUNO), "wamid.idle", 2, None);
    assert_eq!(shop.accept(idle, 3).await, Acceptance::Kept);
    assert_eq!(shop.contact(&lane).await.pause, None);
    // The same id on another number is somebody else's message.
    let theirs = shop.on(2).echo(phone(ANA), "wamid.out", 2, Some(60));
    assert_eq!(changed(shop.accept(theirs, 3).await), lane);
    assert!(shop.contact(&lane).await.pause.is_some());
}

/// It may come before the carrier's reply, which tells its id; then its words tell.
pub async fn an_echo_that_overtakes_the_carriers_reply_silences_nobody(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.serves(ANA, "wamid.1", &["t1"], 0).await;
    let says = |id: &str, words: &str| {
        let mut echo = shop.echo(phone(ANA), id, 2, Some(60));
        if let NoticeBody::Echo(echo) = &mut echo.notice.body {
            echo.content = Content::Text { body: words.into() };
        }
        echo
    };
    shop.departs("t1", 1).await;
    let own = shop.accept(says("wamid.out", "answer t1"), 2).await;
    assert_eq!(own, Acceptance::Kept);
    assert_eq!(shop.contact(&lane).await.pause, None);
    shop.arrives("t1", crate::Arrived::Sent(Some(wamid("wamid.out"))), 3)
        .await;
    // From now on its id tells, and who says the same in other words or later is a person.
    for id in ["wamid.person.1", "wamid.person.2"] {
        let words = if id.ends_with('1') {
            "I take over"
        } else {
            "answer t1"
        };
        assert_eq!(changed(shop.accept(says(id, words), 4).await), lane);
    }
    assert!(shop.contact(&lane).await.pause.is_some());
}

/// As a message does: never shorter for one that comes late, never longer for a clock that runs ahead.
pub async fn a_call_opens_the_window_of_its_number(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = changed(shop.accept(shop.call(phone(ANA), "c0", true, 50), 60).await);
    let windows = async || shop.contact(&lane).await.last_inbound;
    assert_eq!(windows().await, [(number(1), at(50))].into());
    for (digest, is_inbound, second, opened) in [
        ("c1", true, 40, at(50)),
        ("c2", false, 59, at(50)),
        ("c3", true, 999, at(60)),
    ] {
        shop.accept(shop.call(phone(ANA), digest, is_inbound, second), 60)
            .await;
        assert_eq!(windows().await, [(number(1), opened)].into(), "{digest}");
    }
    shop.on(2)
        .accept(shop.on(2).call(phone(ANA), "c4", true, 55), 60)
        .await;
    assert_eq!(
        windows().await,
        [(number(1), at(60)), (number(2), at(55))].into()
    );
    let kept = shop.ledger.kept(&shop.tenant, Some("calls"), 10).await;
    assert_eq!(kept.unwrap().len(), 5, "and each is kept");
    // A call of ours to somebody who never wrote makes no contact.
    let ours = shop.call(phone(BRUNO), "c5", false, 60);
    assert_eq!(shop.accept(ours, 60).await, Acceptance::Kept);
    assert_eq!(shop.ledger.counts().await.unwrap().contacts, 1);
}

/// It was not said to the business.
pub async fn what_is_said_in_a_group_or_by_whatsapp_opens_no_window(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 10).await;
    let in_group = shop
        .hears_as(phone(ANA), "wamid.2", 20, |message| {
            message.group = Some(group());
        })
        .await;
    let by_whatsapp = shop
        .hears_as(phone(ANA), "wamid.3", 30, |message| {
            message.content = system(None);
        })
        .await;
    assert_eq!(
        (&in_group, &by_whatsapp),
        (&lane, &lane),
        "it has its place"
    );
    assert_eq!(
        shop.contact(&lane).await.last_inbound,
        [(number(1), at(10))].into()
    );
    for sequence in 1..=3 {
        assert_eq!(shop.head(&lane).await.sequence, sequence);
        shop.passes_over(&lane, 40).await;
    }
}

/// What is not understood yet is looked at here.
pub async fn what_was_kept_is_listed_newest_first_and_by_name(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let arrivals = vec![
        shop.update("account_update", "d1", Detail::Other),
        shop.unreadable("d2", "no wamid"),
        shop.on(2).update("account_update", "d3", Detail::Other),
        shop.elsewhere()
            .update("account_update", "d4", Detail::Other),
    ];
    for arrival in arrivals {
        assert_eq!(shop.accept(arrival, 1).await, Acceptance::Kept);
    }
    let list = async |name, most| {
        let kept = shop.ledger.kept(&shop.tenant, name, most).await.unwrap();
        kept.into_iter()
            .map(|kept| kept.raw["of"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(list(None, 10).await, ["d3", "d2", "d1"]);
    assert_eq!(list(None, 2).await, ["d3", "d2"]);
    assert_eq!(list(Some("account_update"), 10).await, ["d3", "d1"]);
    assert_eq!(list(Some("status"), 10).await, ["d2"]);
    let kept = shop.ledger.kept(&shop.tenant, None, 10).await.unwrap();
    let [newest, unreadable, _] = &kept[..] else {
        panic!("{kept:?}");
    };
    assert_eq!(
        (&newest.number, newest.notice.as_str(), newest.at),
        (&number(2), "update", at(1))
    );
    assert_eq!((newest.channel.name(), &newest.cause), ("whatsapp", &None));
    assert_eq!(
        (
            unreadable.notice.as_str(),
            unreadable.name.as_str(),
            unreadable.channel.name(),
            unreadable.cause.as_deref()
        ),
        ("unreadable", "status", "instagram", Some("no wamid"))
    );
}

/// Each may be as large as a body, and a list of them is one answer.
pub async fn i14_what_was_kept_is_listed_as_far_as_it_fits(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let half_of_a_list = crate::limits::KEPT_BYTES_PER_READ / 2;
    for (place, bytes) in [10, half_of_a_list, half_of_a_list, 10]
        .into_iter()
        .enumerate()
    {
        let mut large = shop.update("history", &format!("d{place}"), Detail::Other);
        if let NoticeBody::Update(update) = &mut large.notice.body {
            update.raw = "x".repeat(bytes).into();
        }
        shop.accept(large, 1).await;
    }
    let kept = shop.ledger.kept(&shop.tenant, None, 10).await.unwrap();
    let lengths: Vec<usize> = kept
        .iter()
        .map(|kept| kept.raw.as_str().unwrap().len())
        .collect();
    assert_eq!(lengths, [10, half_of_a_list]);
}
