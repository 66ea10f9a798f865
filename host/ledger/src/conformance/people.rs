//! What operators and desks do to contacts, without a message: meet, list, pause, consent, send.

use std::sync::Arc;

use model::{
    ConsentChange, ConsentScope, Contact, ContactId, Pause, Permission, Refusal, SendState,
};
use tokio::task::JoinSet;

use super::drafting::drafted;
use super::shop::{
    ANA, BRUNO, CLARA, Shop, at, both, by_a_person, consent, opts_out, phone, policy, text,
    the_gate, token, user,
};
use crate::{
    Arrived, Consented, ContactFilter, Departure, Joined, Lane, Ledger, Next, Settled, Settlement,
};

impl Shop {
    async fn meets(&self, key: &model::ContactKey, second: u64) -> Lane {
        let met = self.ledger.meet(&self.tenant, key, at(second)).await;
        Lane {
            tenant: self.tenant.clone(),
            contact: met.unwrap(),
        }
    }

    async fn records(&self, lane: &Lane, change: ConsentChange) -> Consented {
        let recorded = self.ledger.consent(&self.tenant, lane.contact, change);
        recorded.await.unwrap()
    }

    /// A person sends it. False if it was sent already.
    async fn sends(&self, to: &Contact, with: &str, second: u64) -> bool {
        let send = by_a_person(self, to, with, text("from a person"), second);
        self.ledger.send(send, at(second)).await.unwrap()
    }

    async fn listed(
        &self,
        filter: ContactFilter,
        after: Option<ContactId>,
        most: usize,
    ) -> Vec<ContactId> {
        let found = self.ledger.contacts(&self.tenant, filter, after, most);
        let found = found.await.unwrap();
        found.into_iter().map(|contact| contact.id).collect()
    }

    async fn found(&self, words: &str) -> Vec<ContactId> {
        let filter = ContactFilter {
            text: words.into(),
            ..ContactFilter::default()
        };
        self.listed(filter, None, 100).await
    }

    /// Somebody of this name writes.
    async fn hears_named(&self, digits: &str, name: &str) -> ContactId {
        let id = format!("wamid.{digits}");
        let mut arrival = self.message(phone(digits), &id, at(0));
        let model::NoticeBody::Message(message) = &mut arrival.notice.body else {
            panic!("it is a message");
        };
        message.name = Some(name.into());
        super::shop::queued(self.accept(arrival, 0).await).contact
    }
}

fn paused(second: u64) -> ContactFilter {
    ContactFilter {
        paused_at: Some(at(second)),
        ..ContactFilter::default()
    }
}

fn opted_out() -> ContactFilter {
    ContactFilter {
        opted_out: true,
        ..ContactFilter::default()
    }
}

fn about_marketing(opted_in: bool, second: u64) -> ConsentChange {
    ConsentChange {
        scope: ConsentScope::Marketing,
        ..consent(opted_in, second)
    }
}

/// A name on a list is not a message: nothing may be sent because of it.
pub async fn whoever_is_met_is_known_and_has_said_nothing(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let met = shop.meets(&phone(ANA), 1).await;
    let contact = shop.contact(&met).await;
    assert_eq!((&contact.key, contact.first_seen), (&phone(ANA), at(1)));
    assert!(contact.last_inbound.is_empty() && contact.previous_inbound.is_none());
    assert_eq!(contact.consent, model::Consent::default());
    assert_eq!(shop.meets(&phone(ANA), 2).await, met);
    assert_eq!(shop.ledger.counts().await.unwrap().contacts, 1);
    assert_eq!(shop.ledger.next(&met).await.unwrap(), None);
    assert_eq!(shop.hears(ANA, "wamid.1", 3).await, met);
    assert_eq!(shop.meets(&both(ANA, "BR.1"), 4).await, met);
    assert_eq!(shop.contact(&met).await.key, both(ANA, "BR.1"));
    assert_eq!(shop.contact(&met).await.last_inbound.len(), 1);
}

/// A list may know more than either of them told. Idle ones are one at once, others when their lanes come to it.
pub async fn a_key_that_proves_two_contacts_one_joins_them(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let idle = shop.meets(&user("BR.1"), 0).await;
    let other = shop.meets(&phone(ANA), 0).await;
    assert_ne!(idle, other);
    assert_eq!(shop.meets(&both(ANA, "BR.1"), 1).await, idle);
    assert_eq!(shop.contact(&other).await.id, idle.contact);
    assert_eq!(shop.ledger.counts().await.unwrap().contacts, 1);

    let busy = shop.meets(&user("BR.2"), 2).await;
    let writes = shop.hears(BRUNO, "wamid.1", 2).await;
    assert_eq!(shop.meets(&both(BRUNO, "BR.2"), 3).await, busy);
    assert_eq!(shop.contact(&writes).await.id, writes.contact);
    shop.passes_over(&writes, 4).await;
    assert_eq!(shop.joins(&writes, 4).await, Joined::Done(busy));
}

/// In the order of their ids, and each tenant's own.
pub async fn contacts_are_listed_page_by_page(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let mut all = Vec::new();
    for which in 0..7 {
        let lane = shop.meets(&phone(&format!("551190000020{which}")), 0).await;
        all.push(lane.contact);
    }
    all.sort();
    let mut found = Vec::new();
    loop {
        let after = found.last().copied();
        let page = shop.listed(ContactFilter::default(), after, 3).await;
        assert!(page.len() <= 3);
        if page.is_empty() {
            break;
        }
        found.extend(page);
    }
    assert_eq!(found, all);
    let none = shop.listed(ContactFilter::default(), None, 0).await;
    assert_eq!(none, []);
}

/// Letters in either case, digits however they are set; and every sign stands for itself.
pub async fn contacts_are_found_by_name_or_part_of_their_phone(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let ana = shop.hears_named(ANA, "Ana Müller").await;
    let bruno = shop.hears_named(BRUNO, "Bruno 100%").await;
    let clara = shop.hears_named(CLARA, "clara_o'hara ÉÇ").await;
    let nameless = shop.meets(&user("BR.1"), 0).await.contact;
    let cases: [(&str, &[ContactId]); 14] = [
        ("", &[ana, bruno, clara, nameless]),
        ("ana", &[ana]),
        ("MÜLL", &[ana]),
        ("  bruno ", &[bruno]),
        ("éç", &[clara]),
        ("%", &[bruno]),
        ("_", &[clara]),
        ("o'h", &[clara]),
        ("nobody", &[]),
        ("11900000", &[ana, bruno, clara]),
        ("+55 (11) 90000-0002", &[bruno]),
        ("0003", &[clara]),
        ("100", &[bruno]),
        ("ana 0001", &[]),
    ];
    for (words, expected) in cases {
        assert_eq!(shop.found(words).await, expected, "{words:?}");
    }
}

/// They are no contacts any more; the one that remains is found by what both were known by.
pub async fn contacts_that_joined_another_are_not_listed(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let remains = shop.hears_from(user("BR.1"), "wamid.1", 0).await;
    let joins = shop.hears(ANA, "wamid.2", 0).await;
    let everybody = || shop.listed(ContactFilter::default(), None, 9);
    assert_eq!(everybody().await.len(), 2);
    shop.hears_from(both(ANA, "BR.1"), "wamid.both", 1).await;
    assert_eq!(everybody().await, [remains.contact], "it is to join");
    shop.passes_over(&remains, 2).await;
    shop.passes_over(&joins, 2).await;
    shop.joins(&joins, 2).await;
    assert_eq!(everybody().await, [remains.contact], "it has joined");
    assert_eq!(shop.found(ANA).await, [remains.contact]);
}

/// Now, and whoever forbade it.
pub async fn contacts_are_listed_by_what_they_and_people_forbid(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let nobody = shop.meets(&phone("5511900000300"), 0).await;
    let ana = shop.meets(&phone(ANA), 0).await;
    let bruno = shop.meets(&phone(BRUNO), 0).await;
    let clara = shop.hears(CLARA, "wamid.1", 0).await;
    assert!(shop.pauses(&ana, 100, 1).await);
    shop.records(&ana, consent(true, 1)).await;
    shop.records(&bruno, about_marketing(false, 1)).await;
    assert_eq!(shop.listed(paused(99), None, 9).await, [ana.contact]);
    assert_eq!(shop.listed(paused(100), None, 9).await, []);
    assert_eq!(shop.listed(opted_out(), None, 9).await, [bruno.contact]);
    shop.hears_stop(CLARA, "wamid.2", 2).await;
    assert_eq!(
        shop.listed(opted_out(), None, 9).await,
        [bruno.contact, clara.contact],
        "a stop counts as it is accepted"
    );
    shop.records(&ana, opts_out(3)).await;
    assert_eq!(
        shop.listed(opted_out(), None, 9).await,
        [ana.contact, bruno.contact, clara.contact]
    );
    let all_at_once = ContactFilter {
        text: "0001".into(),
        ..paused(50)
    };
    let both_hold = ContactFilter {
        opted_out: true,
        ..all_at_once.clone()
    };
    assert_eq!(shop.listed(both_hold.clone(), None, 9).await, [ana.contact]);
    let after = Some(ana.contact);
    assert_eq!(shop.listed(both_hold, after, 9).await, []);

    // While two are being joined, what the other forbids counts as well.
    let remains = shop.hears_from(user("BR.9"), "wamid.3", 4).await;
    shop.hears_from(both(ANA, "BR.9"), "wamid.4", 4).await;
    assert_eq!(shop.listed(paused(50), None, 9).await, [remains.contact]);
    assert!(
        shop.listed(opted_out(), None, 9)
            .await
            .contains(&remains.contact)
    );
    assert!(
        !shop
            .listed(opted_out(), None, 9)
            .await
            .contains(&nobody.contact)
    );
}

/// Whatever was admitted before; and who was talking longer talks on.
pub async fn i06_a_pause_by_a_person_between_settle_and_departure_cancels(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.serves(ANA, "wamid.1", &["t1", "t2"], 0).await;
    shop.hears(ANA, "wamid.2", 1).await;
    let began_before = shop.settlement(&lane, 1).await;
    assert!(
        shop.pauses(&lane, 1, 1).await,
        "it is over: nothing changes"
    );
    assert_eq!(shop.contact(&lane).await.pause, None);
    assert!(shop.pauses(&lane, 100, 2).await);
    assert!(shop.pauses(&lane, 50, 3).await, "a longer one stands");
    let pause = Some(Pause {
        until: at(100),
        by: None,
    });
    assert_eq!(shop.contact(&lane).await.pause, pause);
    assert_eq!(shop.settle(began_before).await, Settled::VersionLost);
    let departure = shop.tries("t1", 4, the_gate(policy(), at(4))).await;
    assert!(
        matches!(departure, Departure::Cancelled(Refusal::Paused { until }) if until == at(100)),
        "{departure:?}"
    );
    let released = shop.ledger.release(&shop.tenant, lane.contact, at(5)).await;
    assert!(released.unwrap());
    shop.departs("t2", 6).await;
    let nobody = Lane {
        contact: ContactId(99),
        ..lane
    };
    assert!(!shop.pauses(&nobody, 100, 7).await);
}

/// However it came to be known.
pub async fn i06_an_opt_out_by_a_person_between_settle_and_departure_cancels(
    ledger: Arc<dyn Ledger>,
) {
    let shop = Shop::new(ledger);
    let lane = shop.serves(ANA, "wamid.1", &["t1", "t2"], 0).await;
    shop.hears(ANA, "wamid.2", 1).await;
    let began_before = shop.settlement(&lane, 1).await;
    assert_eq!(shop.records(&lane, opts_out(2)).await, Consented::Done);
    assert_eq!(shop.settle(began_before).await, Settled::VersionLost);
    let departure = shop.tries("t1", 3, the_gate(policy(), at(3))).await;
    assert!(
        matches!(departure, Departure::Cancelled(Refusal::OptedOut)),
        "{departure:?}"
    );
    let contact = shop.contact(&lane).await;
    assert_eq!(contact.consent.marketing, Permission::Unasked);
    assert!(contact.last_inbound.contains_key(&shop.number));
    assert_eq!(shop.records(&lane, consent(true, 4)).await, Consented::Done);
    shop.departs("t2", 5).await;
}

/// What was said later stands; said at the same moment, a no outweighs a yes.
pub async fn of_consent_only_news_is_recorded(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    // What stands, what comes, whether it is news. A yes is true.
    let cases = [
        (None, (true, 5), true),
        (None, (false, 5), true),
        (Some((true, 5)), (true, 4), false),
        (Some((true, 5)), (true, 5), false),
        (Some((true, 5)), (true, 6), true),
        (Some((true, 5)), (false, 4), false),
        (Some((true, 5)), (false, 5), true),
        (Some((true, 5)), (false, 6), true),
        (Some((false, 5)), (true, 4), false),
        (Some((false, 5)), (true, 5), false),
        (Some((false, 5)), (true, 6), true),
        (Some((false, 5)), (false, 4), false),
        (Some((false, 5)), (false, 5), false),
        (Some((false, 5)), (false, 6), true),
    ];
    let scopes = [ConsentScope::Everything, ConsentScope::Marketing];
    for (place, (stands, comes, is_news)) in cases.into_iter().enumerate() {
        for scope in scopes {
            let change = |(opted_in, second)| ConsentChange {
                scope,
                ..consent(opted_in, second)
            };
            let key = user(&format!("BR.{place}.{scope:?}"));
            let lane = shop.meets(&key, 0).await;
            if let Some(stands) = stands {
                shop.records(&lane, change(stands)).await;
            }
            let before = shop.contact(&lane).await;
            let expected = if is_news {
                Consented::Done
            } else {
                Consented::NoNews
            };
            let case = format!("{scope:?}: {comes:?} after {stands:?}");
            assert_eq!(shop.records(&lane, change(comes)).await, expected, "{case}");

            let mut consent = before.consent.clone();
            let mut log: Vec<_> = stands.into_iter().map(change).collect();
            if is_news {
                consent.apply(&change(comes));
                log.push(change(comes));
            }
            let after = shop.contact(&lane).await;
            assert_eq!(after.consent, consent, "{case}");
            assert_eq!(after.version > before.version, is_news, "{case}");
            let logged = shop.ledger.consent_log(&shop.tenant, lane.contact).await;
            assert_eq!(logged.unwrap(), log, "{case}");
        }
    }
    let nobody = Lane {
        tenant: shop.tenant.clone(),
        contact: ContactId(999),
    };
    assert_eq!(shop.records(&nobody, opts_out(1)).await, Consented::Unknown);
}

/// One person: what they say holds for both while they are being joined, and both attempts in course see it.
pub async fn i06_consent_that_comes_between_holds_for_both(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let remains = shop.hears_from(user("BR.1"), "wamid.1", 0).await;
    let joins = shop.hears(ANA, "wamid.2", 0).await;
    // The one said yes later than the other will be said to have said no.
    shop.records(&remains, consent(true, 5)).await;
    shop.hears_from(both(ANA, "BR.1"), "wamid.both", 6).await;
    let mut began_before = Vec::new();
    for lane in [&remains, &joins] {
        began_before.push(shop.settlement(lane, 7).await);
    }
    assert_eq!(shop.records(&joins, opts_out(3)).await, Consented::Done);
    for (lane, began) in [&remains, &joins].into_iter().zip(began_before) {
        assert!(shop.contact(lane).await.consent.everything.is_out());
        assert_eq!(shop.settle(began).await, Settled::VersionLost);
    }
    assert_eq!(
        shop.records(&joins, consent(true, 8)).await,
        Consented::Done
    );
    assert!(shop.contact(&remains).await.consent.everything.is_in());
    let log = shop.ledger.consent_log(&shop.tenant, joins.contact).await;
    assert_eq!(log.unwrap().len(), 2);
}

/// Whoever repeats a request repeats its token.
pub async fn i02_of_one_token_one_send_is_stored(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let contact = shop.contact(&lane).await;
    let mut repeat = JoinSet::new();
    for _ in 0..12 {
        let (shop, contact) = (shop.clone(), contact.clone());
        repeat.spawn(async move { shop.sends(&contact, "p1", 1).await });
    }
    let stored = repeat.join_all().await;
    assert_eq!(stored.into_iter().filter(|stored| *stored).count(), 1);
    shop.departs("p1", 2).await;
    shop.arrives("p1", Arrived::Sent(None), 2).await;
    let counted = shop.contact(&lane).await;
    assert!(!shop.sends(&contact, "p1", 3).await, "it has left already");
    assert_eq!(shop.contact(&lane).await, counted, "and counts no more");
    assert_eq!(shop.state("p1").await, SendState::Sent);
    let outbox = shop.ledger.outbox(&shop.tenant, None, 9).await.unwrap();
    assert_eq!(outbox.len(), 1);
}

/// A person does not overtake what was promised before, and nobody's attempt forgets what they sent.
pub async fn what_a_person_sends_stands_behind_what_waits_and_counts(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.serves(ANA, "wamid.1", &["t1"], 0).await;
    shop.hears(ANA, "wamid.2", 1).await;
    let sends = |contact: &Contact| -> u32 {
        let lately = contact.tempo.lately.iter();
        lately.map(|slice| slice.sends).sum()
    };
    let began_before = shop.settlement(&lane, 1).await;
    assert!(shop.sends(&began_before.contact, "p1", 2).await);
    assert_eq!(sends(&shop.contact(&lane).await), 1);
    assert_eq!(shop.settle(began_before).await, Settled::VersionLost);
    assert_eq!(shop.due(2).await, ["t1"]);
    shop.departs("t1", 2).await;
    shop.arrives("t1", Arrived::Sent(None), 2).await;
    assert_eq!(shop.due(2).await, ["p1"]);

    // A draft that a person sends is sent by a person.
    let head = shop.head(&lane).await;
    let leaves = Settlement {
        drafts: vec![drafted(&head, "d1", "support", 3)],
        ..shop.settlement(&lane, 3).await
    };
    assert_eq!(shop.settle(leaves).await, Settled::Done);
    assert_eq!(sends(&shop.contact(&lane).await), 1);
    let id = shop.pending().await[0].id;
    let send = by_a_person(&shop, &head.contact, "d1", text("from a person"), 4);
    let sent = shop
        .ledger
        .send_reply_draft(&shop.tenant, id, send, None, at(4));
    assert!(sent.await.unwrap());
    assert_eq!(sends(&shop.contact(&lane).await), 2);
}

/// It was admitted a moment before the two became one, or for somebody who is gone since.
pub async fn what_a_person_sends_follows_its_contact(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let remains = shop.hears_from(user("BR.1"), "wamid.1", 0).await;
    let joins = shop.hears(ANA, "wamid.2", 0).await;
    let before = shop.contact(&joins).await;
    shop.hears_from(both(ANA, "BR.1"), "wamid.both", 1).await;
    shop.passes_over(&remains, 2).await;
    shop.passes_over(&joins, 2).await;
    shop.joins(&joins, 2).await;
    assert!(shop.sends(&before, "p1", 3).await);
    let (pass, _) = shop.departs("p1", 3).await;
    assert_eq!(pass.outbound().contact, remains.contact);

    let nobody = Contact {
        id: ContactId(99),
        ..before
    };
    assert!(!shop.sends(&nobody, "p2", 4).await);
    assert!(shop.due(9).await.is_empty(), "nothing waits for nobody");
}

/// Contacts of two tenants have the same ids; nothing that is done to one is done to the other.
pub async fn i13_what_people_do_is_their_tenants_own(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let elsewhere = shop.elsewhere();
    let ana = shop.hears(ANA, "wamid.1", 0).await;
    let stranger = Lane {
        tenant: elsewhere.tenant.clone(),
        contact: ana.contact,
    };
    let untouched = shop.contact(&ana).await;
    assert!(!elsewhere.pauses(&stranger, 100, 1).await);
    assert_eq!(
        elsewhere.records(&stranger, opts_out(1)).await,
        Consented::Unknown
    );
    assert_eq!(elsewhere.found("").await, []);
    let theirs = elsewhere.meets(&phone(ANA), 1).await;
    assert_eq!(theirs.contact, ana.contact, "each counts by itself");
    assert_eq!(elsewhere.found("").await, [theirs.contact]);
    assert_eq!(elsewhere.found("Ana").await, [], "ours told their name");
    assert!(elsewhere.pauses(&theirs, 100, 1).await);
    assert_eq!(
        elsewhere.records(&theirs, opts_out(2)).await,
        Consented::Done
    );
    assert_eq!(shop.contact(&ana).await, untouched);
    assert_eq!(shop.listed(paused(50), None, 9).await, []);
    assert_eq!(
        elsewhere.listed(paused(50), None, 9).await,
        [theirs.contact]
    );

    assert!(shop.sends(&untouched, "p1", 3).await);
    let outbox = elsewhere.ledger.outbox(&elsewhere.tenant, None, 9).await;
    assert_eq!(outbox.unwrap(), []);
    elsewhere.hears(ANA, "wamid.2", 4).await;
    elsewhere.records(&theirs, consent(true, 5)).await;
    let release = elsewhere
        .ledger
        .release(&elsewhere.tenant, theirs.contact, at(5));
    assert!(release.await.unwrap());
    let same_token = elsewhere.contact(&theirs).await;
    assert!(elsewhere.sends(&same_token, "p1", 6).await);
    assert!(matches!(
        shop.ledger.next(&ana).await.unwrap(),
        Some(Next::Message(_))
    ));
    assert_eq!(shop.send("p1").await.outbound.token, token("p1"));
}
