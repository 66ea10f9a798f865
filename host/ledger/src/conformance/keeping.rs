//! Erasure, retention, a person's own data, and consent that carriers tell of.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{ConsentScope, Contact, ContactKey, Phone, SendState, Span};

use super::Make;
use super::drafting::drafted;
use super::shop::{
    ANA, BRUNO, Shop, admitted, at, both, consent, hand_over, keeps, nobody, opts_out, phone, user,
};
use crate::{
    Arrived, Departure, Erased, ExportRecord, Lane, Ledger, Retained, Retention, Settled,
    Settlement,
};

impl Shop {
    pub(super) async fn erases(&self, lane: &Lane, second: u64) -> Erased {
        let erased = self.ledger.erase(&self.tenant, lane.contact, at(second));
        erased.await.unwrap().expect("there is such a contact")
    }

    /// A contact writes, and of that comes one of everything: a send, a draft, a hand-off, a note, a key of memory, a change of
    /// consent. Then a second message waits.
    async fn leaves_traces(&self, digits: &str, ids: [&str; 2], second: u64) -> Lane {
        let lane = self.hears(digits, ids[0], second).await;
        let head = self.head(&lane).await;
        let purpose = model::Purpose::Reply;
        let (send, draft) = (format!("tg-{}", ids[0]), format!("tg-draft-{}", ids[0]));
        let mut settlement = Settlement {
            sends: vec![admitted(&head, &send, purpose, second)],
            drafts: vec![drafted(&head, &draft, "support", second)],
            consent: vec![consent(true, second)],
            hand_offs: vec![hand_over("asks for a person")],
            notes: vec!["likes tea".into()],
            memory: vec![keeps("step", "1", second)],
            ..self.settlement(&lane, second).await
        };
        settlement.contact.consent.apply(&consent(true, second));
        assert_eq!(self.settle(settlement).await, Settled::Done);
        self.hears(digits, ids[1], second + 1).await;
        lane
    }

    async fn by_phone(&self, digits: &str) -> Option<Contact> {
        let phone = Phone::new(digits).unwrap();
        self.ledger.contact_of(&self.tenant, &phone).await.unwrap()
    }

    async fn opts_out_of_everything(&self, lane: &Lane, second: u64) {
        let recorded = self
            .ledger
            .consent(&self.tenant, lane.contact, opts_out(second));
        assert_eq!(recorded.await.unwrap(), crate::Consented::Done);
    }

    async fn retains(&self, retention: &Retention, second: u64, most: usize) -> Retained {
        let retained = self
            .ledger
            .retain(&self.tenant, retention, at(second), most);
        retained.await.unwrap()
    }

    /// All that is exported of a contact, by class, read in pages of this size.
    async fn exports(&self, lane: &Lane, most: usize) -> BTreeMap<&'static str, Vec<String>> {
        let mut records: BTreeMap<_, Vec<String>> = BTreeMap::new();
        let mut after: Option<String> = None;
        for page in 0.. {
            assert!(page < 100, "it ends");
            let found = self
                .ledger
                .export(&self.tenant, lane.contact, after.as_deref(), most);
            let found = found.await.unwrap().expect("there is such a contact");
            for ExportRecord { class, record } in found.records {
                records.entry(class).or_default().push(record.to_string());
            }
            match found.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        records
    }
}

/// Nothing of them is read any more, nothing is sent and nothing answered; others' records stay.
pub async fn an_erased_contact_leaves_nothing(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let ana = shop.leaves_traces(ANA, ["wamid.a1", "wamid.a2"], 0).await;
    let bruno = shop
        .leaves_traces(BRUNO, ["wamid.b1", "wamid.b2"], 10)
        .await;
    let ahead = shop
        .ledger
        .erasure(&shop.tenant, ana.contact, at(20))
        .await
        .unwrap();
    let erased = shop.erases(&ana, 20).await;
    assert_eq!(ahead, Some(erased.clone()), "a dry run tells the same");
    for (class, count) in [
        ("messages", 2),
        ("decisions", 1),
        ("sends", 1),
        ("drafts", 1),
        ("hand_offs", 1),
        ("notes", 1),
        ("memory", 1),
        ("consent", 1),
        ("aliases", 1),
    ] {
        assert_eq!(erased.removed.get(class), Some(&count), "{class}");
    }
    assert_eq!((erased.suppressed, erased.again), (0, false));

    let gone = shop.ledger.contact(&shop.tenant, ana.contact).await;
    assert_eq!(gone.unwrap(), None);
    assert_eq!(shop.by_phone(ANA).await, None);
    assert_eq!(shop.ledger.next(&ana).await.unwrap(), None);
    let counts = shop.ledger.counts().await.unwrap();
    assert_eq!((counts.undone, counts.contacts, counts.ready), (1, 1, 1));
    let lanes = shop.ledger.lanes(None, 10).await.unwrap();
    assert_eq!(lanes, std::slice::from_ref(&bruno));
    assert_eq!(shop.due(30).await, ["tg-wamid.b1"]);
    let departure = shop.tries("tg-wamid.a1", 30, nobody()).await;
    assert!(matches!(departure, Departure::Gone), "{departure:?}");
    let decisions = shop.ledger.decisions(&shop.tenant, None, 10).await.unwrap();
    assert_eq!(decisions.len(), 1);
    let hand_offs = shop.ledger.hand_offs(&shop.tenant, None, 10).await.unwrap();
    assert_eq!(hand_offs.len(), 1);
    assert_eq!(shop.pending().await.len(), 1);
    assert_eq!(shop.memory("counter", &ana, 30).await, []);
    let notes = shop.ledger.notes(&shop.tenant, ana.contact, 10).await;
    assert_eq!(notes.unwrap(), []);
    let said = shop.ledger.consent_log(&shop.tenant, ana.contact).await;
    assert_eq!(said.unwrap(), []);
    let of_ana = shop
        .ledger
        .export(&shop.tenant, ana.contact, None, 10)
        .await;
    assert_eq!(of_ana.unwrap(), None);
    let checked = shop.ledger.check().await.unwrap();
    assert_eq!((checked.entries, checked.erased), (2, 1));

    let again = shop.erases(&ana, 40).await;
    assert!(again.again && again.removed.is_empty(), "{again:?}");
    let nobody = shop
        .ledger
        .erase(&shop.tenant, model::ContactId(99), at(40))
        .await;
    assert_eq!(nobody.unwrap(), None);
}

/// Whoever writes from there again is somebody new, with an id of their own.
pub async fn whoever_comes_back_after_an_erasure_is_somebody_new(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let before = shop.leaves_traces(ANA, ["wamid.1", "wamid.2"], 0).await;
    let erased = shop.erases(&before, 10).await;
    assert_eq!(erased.suppressed, 0);
    let after = shop.hears(ANA, "wamid.3", 20).await;
    assert_ne!(after, before, "an id is never given again");
    let contact = shop.contact(&after).await;
    assert_eq!(contact.consent, model::Consent::default());
    // Their messages stay known: what is delivered once more has no effect (I2).
    let again = shop
        .accept(shop.message(phone(ANA), "wamid.2", at(1)), 30)
        .await;
    assert_eq!(again, crate::Acceptance::Known);
}

/// A stop outlives its contact: by phone or user id, met or heard, with this tenant alone.
pub async fn i06_whoever_opted_out_comes_back_opted_out(ledger: Arc<dyn Ledger>) {
    for (turn, key) in [phone(ANA), user("BR.1"), both(ANA, "BR.1")]
        .into_iter()
        .enumerate()
    {
        let shop = Shop {
            tenant: super::shop::tenant(&format!("shop-{turn}")),
            ..Shop::new(Arc::clone(&ledger))
        };
        let before = shop.hears_from(both(ANA, "BR.1"), "wamid.1", 0).await;
        shop.opts_out_of_everything(&before, 1).await;
        let erased = shop.erases(&before, 2).await;
        assert_eq!(erased.suppressed, 2, "a phone and a user id");
        let elsewhere = shop.elsewhere();
        let met = elsewhere.ledger.meet(&elsewhere.tenant, &key, at(3)).await;
        let met = elsewhere
            .ledger
            .contact(&elsewhere.tenant, met.unwrap())
            .await;
        assert!(!met.unwrap().unwrap().consent.everything.is_out());

        let after = match turn {
            0 => Lane {
                tenant: shop.tenant.clone(),
                contact: shop.ledger.meet(&shop.tenant, &key, at(4)).await.unwrap(),
            },
            _ => shop.hears_from(key, "wamid.2", 4).await,
        };
        assert_ne!(after, before);
        let contact = shop.contact(&after).await;
        assert!(contact.consent.everything.is_out());
        let log = shop.ledger.consent_log(&shop.tenant, after.contact).await;
        let log = log.unwrap();
        assert_eq!((log[0].opted_in, log[0].at), (false, at(1)));
        assert_eq!(log[0].evidence.source, "suppression");
        // What they say from now on counts.
        let back = shop
            .ledger
            .consent(&shop.tenant, after.contact, consent(true, 5));
        assert_eq!(back.await.unwrap(), crate::Consented::Done);
        assert!(shop.contact(&after).await.consent.everything.is_in());
    }
}

/// A stop that was accepted and not yet settled is a stop.
pub async fn i06_a_stop_that_waits_outlives_its_contact(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let before = shop.hears_stop(ANA, "wamid.stop", 0).await;
    assert_eq!(shop.erases(&before, 1).await.suppressed, 1);
    let after = shop.hears(ANA, "wamid.2", 2).await;
    assert!(shop.contact(&after).await.consent.everything.is_out());
    assert_eq!(shop.ledger.counts().await.unwrap().undone, 1);
}

/// What was judged of somebody who is gone settles nothing.
pub async fn an_attempt_in_course_of_an_erased_contact_is_out_of_turn(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let head = shop.head(&lane).await;
    let settlement = Settlement {
        sends: vec![admitted(&head, "tg1", model::Purpose::Reply, 0)],
        ..shop.settlement(&lane, 1).await
    };
    shop.erases(&lane, 1).await;
    assert_eq!(shop.settle(settlement).await, Settled::OutOfTurn);
    assert_eq!(shop.due(9).await, Vec::<String>::new());
}

/// A carrier that answers for a send of somebody who is gone changes nothing.
pub async fn what_arrives_after_an_erasure_changes_nothing(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.serves(ANA, "wamid.1", &["tg1", "tg2"], 0).await;
    let (_pass, _) = shop.departs("tg1", 1).await;
    shop.erases(&lane, 2).await;
    let again = Arrived::Again {
        at: at(3),
        cause: "too fast".into(),
    };
    shop.arrives("tg1", again, 3).await;
    assert_eq!(shop.due(9).await, Vec::<String>::new());
    let late = shop.learns("tg1", model::Delivery::Delivered, 5).await;
    assert_eq!(late, crate::Acceptance::Status { of: None });
}

/// Two that proved to be one person are one to erase, whether or not their join has run.
pub async fn erasing_one_of_two_that_are_one_erases_both(ledger: Arc<dyn Ledger>) {
    for runs in [false, true] {
        let shop = Shop {
            tenant: super::shop::tenant(&format!("shop-{runs}")),
            ..Shop::new(Arc::clone(&ledger))
        };
        let remains = shop.hears_from(user("BR.1"), "wamid.1", 0).await;
        let joins = shop.leaves_traces(ANA, ["wamid.2", "wamid.3"], 1).await;
        shop.hears_from(both(ANA, "BR.1"), "wamid.4", 3).await;
        if runs {
            shop.passes_over(&remains, 4).await;
            shop.passes_over(&joins, 4).await;
            assert_eq!(
                shop.joins(&joins, 5).await,
                crate::Joined::Done(remains.clone())
            );
        }
        let erased = shop.erases(&joins, 6).await;
        assert_eq!(erased.contact, remains.contact);
        assert_eq!(erased.removed.get("aliases"), Some(&2));
        assert_eq!(erased.removed.get("consent"), Some(&1));
        for id in [joins.contact, remains.contact] {
            let gone = shop.ledger.contact(&shop.tenant, id).await;
            assert_eq!(gone.unwrap(), None);
        }
        assert_eq!(shop.joins(&joins, 7).await, crate::Joined::Gone);
        let counts = shop.ledger.counts().await.unwrap();
        assert_eq!((counts.undone, counts.contacts), (0, 0));
    }
}

/// Whoever follows decisions and hand-offs by their place misses none that comes after.
pub async fn no_place_in_an_order_is_given_again(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.leaves_traces(ANA, ["wamid.1", "wamid.2"], 0).await;
    let decision = shop.ledger.decisions(&shop.tenant, None, 9).await.unwrap()[0].seq;
    let hand_off = shop.ledger.hand_offs(&shop.tenant, None, 9).await.unwrap()[0].seq;
    let draft = shop.pending().await[0].id;
    shop.erases(&lane, 3).await;
    shop.leaves_traces(BRUNO, ["wamid.3", "wamid.4"], 4).await;
    let after = shop
        .ledger
        .decisions(&shop.tenant, Some(decision), 9)
        .await
        .unwrap();
    assert_eq!(after.len(), 1);
    let after = shop
        .ledger
        .hand_offs(&shop.tenant, Some(hand_off), 9)
        .await
        .unwrap();
    assert_eq!(after.len(), 1);
    assert_ne!(shop.pending().await[0].id, draft);
}

/// Erasing is this tenant's alone.
pub async fn i13_an_erasure_is_its_tenants_own(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let here = shop.leaves_traces(ANA, ["wamid.1", "wamid.2"], 0).await;
    let elsewhere = shop.elsewhere();
    let there = elsewhere
        .leaves_traces(ANA, ["wamid.1x", "wamid.2x"], 0)
        .await;
    shop.erases(&here, 3).await;
    assert!(elsewhere.by_phone(ANA).await.is_some());
    assert_eq!(elsewhere.exports(&there, 100).await["messages"].len(), 2);
}

/// Each page begins where the last one ended, and together they are everything.
pub async fn all_that_is_stored_about_a_person_is_exported(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let remains = shop.hears_from(user("BR.1"), "wamid.1", 0).await;
    let joins = shop.leaves_traces(ANA, ["wamid.2", "wamid.3"], 1).await;
    shop.passes_over(&joins, 3).await;
    shop.leaves_traces(BRUNO, ["wamid.b1", "wamid.b2"], 4).await;
    shop.passes_over(&remains, 5).await;
    shop.hears_from(both(ANA, "BR.1"), "wamid.4", 6).await;
    assert_eq!(
        shop.joins(&joins, 7).await,
        crate::Joined::Done(remains.clone())
    );
    let all = shop.exports(&remains, 1000).await;
    for (class, count) in [
        ("contact", 1),
        ("consent", 1),
        ("aliases", 2),
        ("decisions", 3),
        ("sends", 1),
        ("drafts", 1),
        ("hand_offs", 1),
        ("notes", 1),
        ("memory", 1),
    ] {
        assert_eq!(all[class].len(), count, "{class}: {:?}", all[class]);
    }
    let words = all["messages"].join(" ");
    for id in ["wamid.1", "wamid.2", "wamid.3", "wamid.4"] {
        assert!(words.contains(id), "{id} is not in {words}");
    }
    assert!(!words.contains("wamid.b1"), "Bruno's are Bruno's");
    for most in [1, 2, 3] {
        assert_eq!(shop.exports(&joins, most).await, all, "pages of {most}");
    }
}

const DAY: u64 = 24 * 3600;

/// A retention of days.
fn days(count: u64) -> Retention {
    let life = Span::from_hours(24 * count);
    Retention {
        dull: Span::from_hours(24),
        decisions: life,
        sends: life,
        hand_offs: life,
        drafts: life,
        notes: life,
        dead_letters: life,
        notices: life,
    }
}

/// Dull decisions first, the rest at its time, the log of consent never.
pub async fn what_is_past_its_time_goes_class_by_class(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let dull = shop.hears(BRUNO, "wamid.dull", 0).await;
    shop.passes_over(&dull, 0).await;
    let lane = shop.leaves_traces(ANA, ["wamid.1", "wamid.2"], 0).await;
    shop.departs("tg-wamid.1", 1).await;
    shop.arrives("tg-wamid.1", Arrived::Sent(None), 1).await;
    let draft = shop.pending().await[0].id;
    let dropped = shop
        .ledger
        .drop_reply_draft(&shop.tenant, draft, None, at(1));
    assert!(dropped.await.unwrap());
    shop.passes_over(&lane, 1).await;

    let count = |retained: &Retained, class| retained.removed.get(class).copied().unwrap_or(0);
    assert_eq!(shop.retains(&days(10), 3600, 100).await.total(), 0);
    let ahead = shop
        .ledger
        .expired(&shop.tenant, &days(10), at(2 * DAY))
        .await;
    assert_eq!(count(&ahead.unwrap(), "dull_decisions"), 2);
    let after_two = shop.retains(&days(10), 2 * DAY, 100).await;
    assert_eq!(count(&after_two, "dull_decisions"), 2, "{after_two:?}");
    assert_eq!(after_two.total(), 2);
    assert_eq!(shop.exports(&dull, 100).await.get("messages"), None);
    assert_eq!(shop.exports(&lane, 100).await["messages"].len(), 1);

    let after_twenty = shop.retains(&days(10), 20 * DAY, 100).await;
    for class in ["decisions", "sends", "hand_offs", "drafts", "notes"] {
        assert_eq!(count(&after_twenty, class), 1, "{class}: {after_twenty:?}");
    }
    let left = shop.exports(&lane, 100).await;
    assert_eq!(
        left.keys().copied().collect::<Vec<_>>(),
        ["aliases", "consent", "contact", "memory"]
    );
    assert_eq!(shop.retains(&days(10), 20 * DAY, 100).await.total(), 0);
}

/// However old it is.
pub async fn what_waits_is_never_past_its_time(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.serves(ANA, "wamid.1", &["tg1", "tg2", "tg3"], 0).await;
    shop.loses("tg1", 1).await;
    shop.departs("tg2", 20).await;
    shop.hears(ANA, "wamid.2", 30).await;
    let drafts = shop
        .leaves_traces(BRUNO, ["wamid.b1", "wamid.b2"], 40)
        .await;
    shop.departs("tg-wamid.b1", 41).await;
    shop.arrives("tg-wamid.b1", Arrived::Sent(None), 41).await;
    let retained = shop.retains(&days(1), 100 * DAY, 100).await;
    let gone: Vec<_> = retained.removed.keys().copied().collect();
    assert_eq!(gone, ["hand_offs", "notes", "sends"]);
    for (of, state) in [
        ("tg1", SendState::Unknown),
        ("tg2", SendState::InFlight),
        ("tg3", SendState::Ready),
    ] {
        assert_eq!(shop.state(of).await, state, "{of}");
    }
    assert_eq!(shop.head(&lane).await.sequence, 2);
    assert_eq!(shop.exports(&lane, 100).await["decisions"].len(), 1);
    assert_eq!(shop.pending().await.len(), 1);
    assert_eq!(shop.exports(&drafts, 100).await["decisions"].len(), 1);
}

/// I14: one call removes no more than it may, and says that there is more.
pub async fn i14_retention_goes_in_bounded_portions(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    for message in 0..10 {
        let lane = shop.hears(ANA, &format!("wamid.{message}"), message).await;
        shop.passes_over(&lane, message).await;
    }
    let mut portions = Vec::new();
    loop {
        let retained = shop.retains(&days(1), 10 * DAY, 4).await;
        portions.push(retained.total());
        if !retained.more {
            break;
        }
    }
    assert_eq!(portions, [4, 4, 2]);
    // A place is never given again, though all before it are gone.
    let lane = shop.hears(ANA, "wamid.next", 11 * DAY).await;
    shop.passes_over(&lane, 11 * DAY).await;
    let found = shop
        .ledger
        .decisions(&shop.tenant, Some(10), 9)
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
}

/// 131050, as the answer to a send: the contact stopped marketing in WhatsApp's own settings.
pub async fn a_send_that_is_refused_for_a_stop_of_marketing_is_an_opt_out(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.serves(ANA, "wamid.1", &["tg1", "tg2"], 0).await;
    let refused = |code| Arrived::Failed {
        code: Some(code),
        cause: format!("{code}: not delivered"),
    };
    shop.departs("tg1", 1).await;
    shop.arrives("tg1", refused(131_026), 1).await;
    assert_eq!(
        shop.contact(&lane).await.consent,
        model::Consent::default(),
        "undeliverable says nothing of consent"
    );
    shop.departs("tg2", 2).await;
    shop.arrives("tg2", refused(131_050), 2).await;
    let contact = shop.contact(&lane).await;
    assert!(contact.consent.marketing.is_out() && !contact.consent.everything.is_out());
    let log = shop.ledger.consent_log(&shop.tenant, lane.contact).await;
    let log = log.unwrap();
    assert_eq!(
        (log[0].scope, log[0].opted_in, log[0].at),
        (ConsentScope::Marketing, false, at(2))
    );
    assert_eq!(log[0].evidence.source, "carrier");
    assert_eq!(
        log[0].evidence.text.as_deref(),
        Some("131050: not delivered")
    );
    assert_eq!(shop.state("tg2").await, SendState::Failed);
}

/// An erasure is durable, and the counts with it; a stop of before is known by a host that starts later.
pub async fn an_erasure_holds_when_the_store_is_opened_again(make: &impl Make) {
    let before = {
        let shop = Shop::new(make.open().await);
        let remains = shop.hears_from(user("BR.1"), "wamid.1", 0).await;
        shop.opts_out_of_everything(&remains, 1).await;
        shop.hears(ANA, "wamid.2", 1).await;
        shop.hears_from(both(ANA, "BR.1"), "wamid.3", 2).await;
        shop.hears(BRUNO, "wamid.4", 3).await;
        shop.erases(&remains, 4).await;
        shop.ledger.counts().await.unwrap()
    };
    let shop = Shop::new(make.open().await);
    let counts = shop.ledger.counts().await.unwrap();
    assert_eq!(counts, before);
    assert_eq!((counts.undone, counts.contacts), (1, 1));
    let back: ContactKey = phone(ANA);
    let lane = shop.hears_from(back, "wamid.5", 5).await;
    assert!(shop.contact(&lane).await.consent.everything.is_out());
    let checked = shop.ledger.check().await.unwrap();
    assert_eq!(checked.findings, []);
}
