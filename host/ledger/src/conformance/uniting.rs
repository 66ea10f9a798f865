//! What a join makes of two contacts' records: nothing of either is lost, and of what they allowed the stricter holds.

use std::sync::Arc;

use model::{
    Contact, ContactKey, DeskName, Language, Pause, Period, Permission, Purpose, RuleCount,
    RuleName, SendState,
};

use super::joining::drain;
use super::shop::{
    ANA, Shop, admitted, at, both, consent, hand_over, keeps, number, opts_out, phone, policy,
    the_gate, user,
};
use crate::{Arrived, Departure, Joined, Lane, Ledger, MemoryWrite, Settled, Settlement};

const USER: &str = "BR.1";

fn language(tag: &str) -> Option<Language> {
    Some(Language::new(tag).unwrap())
}

fn rule(name: &str) -> RuleName {
    RuleName::new(name).unwrap()
}

fn answered(per: Period, since: u64, times: u32) -> RuleCount {
    RuleCount {
        rule: rule("greeting"),
        per,
        since: at(since),
        times,
    }
}

/// Ana, known by user id and by phone as two, each changed like this; then proven one, joined, and read.
async fn joined(
    shop: &Shop,
    by_user: impl FnOnce(&mut Contact),
    by_phone: impl FnOnce(&mut Contact),
) -> Contact {
    let remains = shop.changes(user(USER), "wamid.user", 1, by_user).await;
    let joins = shop.changes(phone(ANA), "wamid.phone", 2, by_phone).await;
    shop.hears_from(both(ANA, USER), "wamid.both", 3).await;
    assert_eq!(shop.joins(&joins, 4).await, Joined::Done(remains.clone()));
    shop.contact(&remains).await
}

/// A shop of its own for each row of a table.
fn shop_for(place: usize, ledger: &Arc<dyn Ledger>) -> Shop {
    Shop {
        tenant: super::shop::tenant(&format!("shop-{place}")),
        ..Shop::new(Arc::clone(ledger))
    }
}

/// A no on either side outweighs a yes, a yes outweighs silence, and each keeps its date.
pub async fn of_what_two_allowed_the_stricter_holds(ledger: Arc<dyn Ledger>) {
    use Permission::{In, Out, Unasked};
    let (early, late) = (at(1), at(9));
    let table = [
        (Unasked, Unasked, Unasked),
        (Unasked, In(early), In(early)),
        (In(early), In(late), In(late)),
        (Out(early), Unasked, Out(early)),
        (Out(early), In(late), Out(early)),
        (In(early), Out(late), Out(late)),
        (Out(early), Out(late), Out(late)),
    ];
    let both_ways = table
        .into_iter()
        .chain(table.map(|(one, other, holds)| (other, one, holds)));
    for (place, (one, other, holds)) in both_ways.enumerate() {
        let shop = shop_for(place, &ledger);
        // The scopes crossed, so that neither is taken for the other.
        let contact = joined(
            &shop,
            |contact| {
                contact.consent.everything = one;
                contact.consent.marketing = Out(at(5));
            },
            |contact| contact.consent.everything = other,
        )
        .await;
        assert_eq!(contact.consent.everything, holds, "{one:?} and {other:?}");
        assert_eq!(contact.consent.marketing, Out(at(5)));
    }
}

/// All of both, and where there can be one only, what the newer conversation says.
pub async fn a_join_keeps_what_is_known_of_both(ledger: Arc<dyn Ledger>) {
    let pause = |second| {
        Some(Pause {
            until: at(second),
            by: None,
        })
    };
    let desk = |name: &str| Some(DeskName::new(name).unwrap());
    for (place, is_first_older) in [true, false].into_iter().enumerate() {
        let shop = shop_for(place, &ledger);
        shop.on(2)
            .hears_from(user(USER), "wamid.elsewhere", 1)
            .await;
        let lane = shop.hears_from(user(USER), "wamid.before", 1).await;
        drain(&shop, &[lane]).await;
        let (user_at, phone_at) = if is_first_older { (20, 30) } else { (30, 20) };
        let contact = joined(
            &shop,
            |contact| {
                contact.tags = ["vip".into(), "a".into()].into();
                contact.pause = pause(70);
                contact.language = language("pt");
                contact.last_desk = desk("sales");
                contact.previous_inbound = Some(at(user_at));
                contact.last_rule = Some((rule("greeting"), at(user_at)));
                contact.fired = [(rule("greeting"), at(5)), (rule("a"), at(1))].into();
                contact.counts = vec![
                    answered(Period::Day, 0, 2),
                    answered(Period::Hour, 1, 4),
                    answered(Period::Week, 0, 6),
                ];
            },
            |contact| {
                contact.tags = ["b".into(), "a".into()].into();
                contact.pause = pause(60);
                contact.language = language("es");
                contact.last_desk = None;
                contact.previous_inbound = Some(at(phone_at));
                contact.last_rule = Some((rule("menu"), at(phone_at)));
                contact.fired = [(rule("greeting"), at(6)), (rule("b"), at(2))].into();
                contact.counts = vec![
                    answered(Period::Hour, 2, 5),
                    answered(Period::Day, 0, 3),
                    answered(Period::Minute, 0, 1),
                ];
            },
        )
        .await;
        assert_eq!(contact.tags, ["a".into(), "b".into(), "vip".into()].into());
        assert_eq!(contact.pause, pause(70), "the longer");
        let (tag, rule_of_both) = if is_first_older {
            ("es", "menu")
        } else {
            ("pt", "greeting")
        };
        assert_eq!(contact.language, language(tag));
        assert_eq!(contact.last_rule, Some((rule(rule_of_both), at(30))));
        assert_eq!(contact.last_desk, desk("sales"), "the other knows none");
        assert_eq!(contact.previous_inbound, Some(at(30)));
        assert_eq!(
            contact.fired,
            [
                (rule("a"), at(1)),
                (rule("b"), at(2)),
                (rule("greeting"), at(6))
            ]
            .into()
        );
        let mut counts = contact.counts;
        counts.sort_by_key(|count| count.per);
        assert_eq!(
            counts,
            [
                answered(Period::Minute, 0, 1),
                // The period before is over.
                answered(Period::Hour, 2, 5),
                answered(Period::Day, 0, 5),
                answered(Period::Week, 0, 6),
            ]
        );
        assert_eq!(contact.first_seen, at(1));
        assert_eq!(
            contact.last_inbound,
            [(number(1), at(3)), (number(2), at(1))].into()
        );
        assert_eq!(contact.key, both(ANA, USER));
    }
}

/// The one that joined leads to the other; what it was decided on stays where it is.
pub async fn whoever_asks_for_the_one_that_joined_gets_the_other(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let remains = shop.hears_from(user(USER), "wamid.user", 0).await;
    shop.passes_over(&remains, 0).await;
    let joins = shop.hears(ANA, "wamid.phone", 1).await;
    let settlement = Settlement {
        consent: vec![consent(true, 1)],
        notes: vec!["a note".into()],
        ..shop.settlement(&joins, 1).await
    };
    let id = settlement.decision.id.clone();
    assert_eq!(shop.settle(settlement).await, Settled::Done);
    shop.hears_from(both(ANA, USER), "wamid.both", 2).await;
    assert_eq!(shop.joins(&joins, 3).await, Joined::Done(remains.clone()));

    assert_eq!(shop.contact(&joins).await, shop.contact(&remains).await);
    for lane in [&joins, &remains] {
        let log = shop.ledger.consent_log(&shop.tenant, lane.contact).await;
        assert_eq!(log.unwrap(), [consent(true, 1)]);
        let notes = shop.ledger.notes(&shop.tenant, lane.contact, 9).await;
        assert_eq!(notes.unwrap()[0].text, "a note");
    }
    let record = shop.ledger.decision(&id).await.unwrap().expect("it stays");
    assert_eq!(
        (record.decision.contact, record.message.id.as_str()),
        (joins.contact, "wamid.phone")
    );
    // And a pause that is ended by the old id is ended.
    let echo = shop.echo(phone(ANA), "wamid.echo", 4, Some(60));
    shop.accept(echo, 4).await;
    let released = shop
        .ledger
        .release(&shop.tenant, joins.contact, at(5))
        .await;
    assert!(released.unwrap());
    assert_eq!(shop.contact(&remains).await.pause, None);
}

/// In the order of time, whoever's they were.
pub async fn a_join_keeps_notes_consent_and_hand_offs_in_their_order(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let says = async |who: ContactKey, second: u64| {
        let lane = shop
            .hears_from(who, &format!("wamid.{second}"), second)
            .await;
        let settlement = Settlement {
            consent: vec![consent(second.is_multiple_of(2), second)],
            notes: vec![format!("note {second}")],
            hand_offs: vec![hand_over(&format!("hand-off {second}"))],
            ..shop.settlement(&lane, second).await
        };
        assert_eq!(shop.settle(settlement).await, Settled::Done);
        lane
    };
    let (remains, joins) = (says(user(USER), 1).await, says(phone(ANA), 2).await);
    says(phone(ANA), 3).await;
    says(user(USER), 4).await;
    shop.hears_from(both(ANA, USER), "wamid.both", 5).await;
    drain(&shop, &[joins, remains.clone()]).await;

    let log = shop.ledger.consent_log(&shop.tenant, remains.contact).await;
    let expected: Vec<_> = (1..=4)
        .map(|second: u64| consent(second.is_multiple_of(2), second))
        .collect();
    assert_eq!(log.unwrap(), expected);
    let noted = (1..=4).map(|second| format!("note {second}"));
    let notes = shop
        .ledger
        .notes(&shop.tenant, remains.contact, 9)
        .await
        .unwrap();
    assert!(notes.into_iter().map(|note| note.text).eq(noted));
    let hand_offs = shop.ledger.hand_offs(&shop.tenant, None, 9).await.unwrap();
    let handed = (1..=4).map(|second| (remains.contact, format!("hand-off {second}")));
    assert!(
        hand_offs
            .into_iter()
            .map(|hand_off| (hand_off.contact.id, hand_off.note))
            .eq(handed)
    );
}

/// The newer write wins, whosever it was; what expired wins nothing.
pub async fn a_join_keeps_the_newer_of_two_that_remember_the_same_key(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let remembers = async |who: ContactKey, memory: Vec<MemoryWrite>, second: u64| -> Lane {
        let lane = shop
            .hears_from(who, &format!("wamid.{second}"), second)
            .await;
        let settlement = Settlement {
            memory,
            ..shop.settlement(&lane, second).await
        };
        assert_eq!(shop.settle(settlement).await, Settled::Done);
        lane
    };
    let short = |mut write: MemoryWrite, until: u64| {
        write.entry.as_mut().unwrap().until = at(until);
        write
    };
    let other = |write| MemoryWrite {
        plugin: super::shop::plugin("other"),
        ..write
    };
    let first = vec![
        keeps("theirs is newer", "old", 1),
        keeps("only by user", "1", 1),
        other(keeps("theirs is newer", "another plugin's", 1)),
    ];
    let remains = remembers(user(USER), first, 1).await;
    let theirs = vec![
        keeps("theirs is newer", "new", 2),
        keeps("ours is newer", "old", 2),
        keeps("ours is over", "stands", 2),
        keeps("only by phone", "2", 2),
    ];
    let joins = remembers(phone(ANA), theirs, 2).await;
    let ours = vec![
        keeps("ours is newer", "new", 3),
        short(keeps("ours is over", "over", 3), 5),
        keeps("theirs is over", "stands", 3),
    ];
    remembers(user(USER), ours, 3).await;
    let over = vec![short(keeps("theirs is over", "over", 4), 5)];
    remembers(phone(ANA), over, 4).await;
    shop.hears_from(both(ANA, USER), "wamid.both", 6).await;
    drain(&shop, &[joins.clone(), remains.clone()]).await;

    let expected = [
        ("only by phone", "2"),
        ("only by user", "1"),
        ("ours is newer", "new"),
        ("ours is over", "stands"),
        ("theirs is newer", "new"),
        ("theirs is over", "stands"),
    ];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(shop.memory("counter", &remains, 60).await, expected);
    assert_eq!(shop.memory("counter", &joins, 60).await, []);
    assert_eq!(shop.memory("other", &remains, 60).await.len(), 1);
}

/// Nothing is sent twice, out of order, or in nobody's name.
pub async fn sends_of_both_keep_their_order_in_one_lane(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let remains = shop.hears_from(user(USER), "wamid.1", 0).await;
    let joins = shop.hears(ANA, "wamid.2", 0).await;
    for (lane, with) in [(&remains, "t1"), (&joins, "t2")] {
        shop.answers(lane, &[with], 1).await;
    }
    for (who, lane, id, with) in [
        (phone(ANA), &joins, "wamid.3", "t3"),
        (user(USER), &remains, "wamid.4", "t4"),
    ] {
        shop.hears_from(who, id, 2).await;
        shop.answers(lane, &[with], 2).await;
    }
    shop.departs("t2", 3).await;
    shop.hears_from(both(ANA, USER), "wamid.both", 4).await;
    assert_eq!(shop.joins(&remains, 5).await, Joined::Done(remains.clone()));
    assert_eq!(shop.due(5).await, [""; 0], "one of theirs is in flight");
    shop.arrives("t2", Arrived::Sent(None), 6).await;
    for with in ["t1", "t3", "t4"] {
        assert_eq!(shop.due(6).await, [with]);
        let (pass, _) = shop.departs(with, 6).await;
        assert_eq!(pass.outbound().contact, remains.contact);
        shop.arrives(with, Arrived::Sent(None), 6).await;
        assert_eq!(shop.state(with).await, SendState::Sent);
    }
    for departed in shop.ledger.departures(at(0)).await.unwrap() {
        assert_eq!(departed.contact, remains.contact);
    }
}

/// The send was admitted for the one, and the other has said stop.
pub async fn i06_after_a_join_the_no_of_either_holds_for_the_sends_of_both(
    ledger: Arc<dyn Ledger>,
) {
    let shop = Shop::new(ledger);
    let remains = shop.hears_from(user(USER), "wamid.1", 0).await;
    shop.answers(&remains, &["t1"], 0).await;
    let joins = shop.hears_stop(ANA, "wamid.2", 1).await;
    let head = shop.head(&joins).await;
    let mut settlement = Settlement {
        sends: vec![admitted(&head, "bye", Purpose::Confirmation, 1)],
        ..shop.settlement(&joins, 1).await
    };
    settlement.contact.consent.apply(&opts_out(1));
    assert_eq!(shop.settle(settlement).await, Settled::Done);
    shop.hears_from(both(ANA, USER), "wamid.both", 2).await;
    assert_eq!(shop.joins(&remains, 3).await, Joined::Done(remains.clone()));
    let departure = shop.tries("t1", 4, the_gate(policy(), at(4))).await;
    assert!(
        matches!(departure, Departure::Cancelled(_)),
        "{departure:?}"
    );
    shop.departs("bye", 5).await;
    let contact = shop.contact(&remains).await;
    assert!(contact.consent.everything.is_out() && !contact.stop_pending);
}
