//! The embedded ledger with many contacts: what is looked through in portions, and what is swept in portions.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test, a panic is the answer"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gate::{Admitted, Bounds, Leaving, OptIn, Policy, Rates, Reach, Scene};
use ledger::sqlite::SqliteLedger;
use ledger::{Acceptance, Arrival, ContactFilter, Departure, Ledger, LedgerError, limits};
use model::{
    Channel, ConsentChange, ConsentScope, Contact, ContactKey, Content, Evidence, Grants,
    Interface, Message, Mode, Moment, Notice, NoticeBody, NoticeKey, NumberId, Outgoing, Phone,
    Proposal, Purpose, Recipient, SendToken, Span, Template, TemplateCategory, TenantId, Wamid,
};

const NOW: Moment = Moment(1_800_000_000_000);

fn tenant() -> TenantId {
    TenantId::new("shop").unwrap()
}

fn number() -> NumberId {
    NumberId::new("100000000000001").unwrap()
}

fn phone(which: usize) -> ContactKey {
    ContactKey::Phone(Phone::new(format!("55119{which:08}")).unwrap())
}

fn says_hello(which: usize, name: &str) -> Arrival {
    let body = "Oi".to_owned();
    let message = Message {
        name: Some(name.into()),
        ..Message::new(
            Wamid::new(format!("wamid.{which}")).unwrap(),
            phone(which),
            NOW,
            Content::Text { body },
        )
    };
    let notice = Notice {
        tenant: tenant(),
        number: number(),
        channel: Channel::WhatsApp,
        key: NoticeKey::message(&message.id),
        body: NoticeBody::Message(message),
    };
    Arrival {
        notice,
        is_stop: false,
        silent_until: None,
    }
}

/// A million undone messages lie on disk: the next is not taken and brings nothing with it, what was taken before is known, and one
/// that is settled makes room for one.
#[tokio::test]
async fn i14_past_its_limit_the_backlog_takes_nothing_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger = SqliteLedger::open(&path).unwrap();
    ledger
        .accept(vec![says_hello(1, "Ana")], NOW)
        .await
        .unwrap();
    drop(ledger);
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute_batch(&format!(
        "WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {})
         INSERT INTO messages (tenant, contact, sequence, number, body, accepted_at, is_stop)
         SELECT 'shop', 1, i, '100000000000001', '{{}}', 0, 0 FROM n",
        limits::UNDONE
    ))
    .unwrap();
    drop(file);

    let ledger = SqliteLedger::open(&path).unwrap();
    assert_eq!(ledger.counts().await.unwrap().undone, limits::UNDONE);
    let stranger = says_hello(2, "Bia");
    for _ in 0..2 {
        let refused = ledger
            .accept(vec![stranger.clone()], NOW)
            .await
            .unwrap_err();
        assert!(matches!(refused, LedgerError::Full { undone } if undone == limits::UNDONE));
    }
    let contacts = ledger
        .contacts(&tenant(), ContactFilter::default(), None, 10)
        .await;
    assert_eq!(
        contacts.unwrap().len(),
        1,
        "the stranger left nothing behind"
    );
    let known = ledger
        .accept(vec![says_hello(1, "Ana")], NOW)
        .await
        .unwrap();
    assert_eq!(known, [Acceptance::Known]);
    // A body that begins with what is known is refused whole: the network brings all of it again.
    let both = vec![says_hello(1, "Ana"), stranger.clone()];
    assert!(ledger.accept(both, NOW).await.is_err());

    drop(ledger);
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute("UPDATE messages SET undone = 0 WHERE sequence = 2", [])
        .unwrap();
    drop(file);
    let ledger = SqliteLedger::open(&path).unwrap();
    let taken = ledger.accept(vec![stranger], NOW).await.unwrap();
    assert!(matches!(taken[..], [Acceptance::Queued(_)]));
    assert!(
        ledger
            .accept(vec![says_hello(3, "Caio")], NOW)
            .await
            .is_err()
    );
}

/// No look goes over all of them, and none of them is missed.
#[tokio::test]
async fn a_listing_goes_on_where_a_look_over_the_contacts_ends() {
    let ledger = SqliteLedger::in_memory().unwrap();
    let many = limits::CONTACTS_PER_LOOK + 1;
    let arrivals = (0..many).map(|which| {
        let is_named = which % limits::CONTACTS_PER_LOOK == 0;
        says_hello(which, if is_named { "Zoé" } else { "Ana" })
    });
    ledger.accept(arrivals.collect(), NOW).await.unwrap();
    let shop = tenant();
    let named = |text: &str| ContactFilter {
        text: text.into(),
        ..ContactFilter::default()
    };
    let found = ledger.contacts(&shop, named("zoé"), None, 10).await;
    let found = found.unwrap();
    assert_eq!(found.len(), 2);
    let rest = ledger.contacts(&shop, named("zoé"), Some(found[0].id), 1);
    assert_eq!(rest.await.unwrap(), found[1..2]);
    let none = ledger.contacts(&shop, named("nobody"), None, 10).await;
    assert_eq!(none.unwrap(), []);
    let all = ledger.contacts(&shop, named(""), None, usize::MAX);
    assert_eq!(all.await.unwrap().len(), limits::ROWS_PER_READ);
}

fn policy() -> Policy {
    Policy {
        desks: BTreeSet::new(),
        numbers: [number()].into(),
        simulated: BTreeSet::new(),
        mode: Mode::Live,
        opt_in: OptIn::Inbound,
        window_margin: Span::from_minutes(10),
        bearable_wait: Span::from_minutes(1),
        pace: BTreeMap::new(),
        bounds: Bounds::default(),
        answer_within: Span::from_hours(6),
    }
}

fn admitted(contact: &Contact, token: &str) -> Admitted {
    let template = Template {
        name: "reminder".into(),
        language: "pt_BR".into(),
        category: TemplateCategory::Utility,
        header: None,
        parameters: Vec::new(),
        buttons: Vec::new(),
    };
    let proposal = Proposal::Send {
        to: Recipient::Contact,
        from: Some(number()),
        message: Outgoing::Template(template),
        quoting: false,
    };
    let grants = Grants {
        interfaces: Interface::ALL.into(),
        ..Grants::default()
    };
    let scene = Scene {
        now: NOW,
        policy: &policy(),
        grants: &grants,
        contact,
        number: &number(),
        message: &Wamid::new("by.hand").unwrap(),
        purpose: Purpose::Person,
        sends_in_run: 0,
        effects_in_decision: 0,
        memory: gate::memory::Held::default(),
        stops: &[],
        reach: Reach::default(),
        plugin_sends: 0,
        rates: &Rates::default(),
        token: SendToken::new(token).unwrap(),
    };
    let judged = gate::judge(&proposal, &scene);
    judged.verdict.expect("the gate admits it").unwrap()
}

/// Somebody who agreed to it is sent a template outside of their window, and it leaves.
async fn reaches(ledger: &SqliteLedger, which: usize) {
    let shop = tenant();
    let id = ledger.meet(&shop, &phone(which), NOW).await.unwrap();
    let evidence = Evidence {
        source: "operator".into(),
        message: None,
        text: None,
    };
    let change = ConsentChange {
        scope: ConsentScope::Everything,
        opted_in: true,
        evidence,
        at: NOW,
    };
    ledger.consent(&shop, id, change).await.unwrap();
    let contact = ledger.contact(&shop, id).await.unwrap().unwrap();
    let send = admitted(&contact, &format!("t{which}"));
    let token = send.outbound().token.clone();
    assert!(ledger.send(send, NOW).await.unwrap());
    let judge = |outbound, standing: &ledger::Standing| {
        let leaving = Leaving {
            now: NOW,
            policy: &policy(),
            contact: &standing.contact,
            stops: &standing.stops,
            reach: standing.reach,
        };
        gate::release(outbound, &leaving, &mut Rates::default())
    };
    let holds_back = Span::from_seconds(10);
    let departure = ledger.depart(&shop, &token, NOW, holds_back, Box::new(judge));
    let departure = departure.await.unwrap();
    assert!(matches!(departure, Departure::Go { .. }), "{departure:?}");
}

/// Who is over, who was reached, and what the slices count.
fn rows(path: &Path) -> (usize, usize, usize) {
    let over = NOW.minus(gate::limits::TIER_SPAN);
    rusqlite::Connection::open(path)
        .unwrap()
        .query_row(
            "SELECT (SELECT count(*) FROM reached WHERE at <= ?1), (SELECT count(*) FROM reached),
                    (SELECT coalesce(sum(contacts), 0) FROM reached_slices)",
            [over.0],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .unwrap()
}

/// Each that is reached removes more than it adds, and the slices count what is left.
#[tokio::test]
async fn i14_who_was_reached_long_ago_is_swept_in_portions() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger = SqliteLedger::open(&path).unwrap();
    let over = 2 * limits::REACHED_SWEPT + 1;
    let by_hand = rusqlite::Connection::open(&path).unwrap();
    for which in 0..over {
        let at = NOW.minus(gate::limits::TIER_SPAN).0 - i64::try_from(which).unwrap() * 60_000;
        let contact = 1000 + i64::try_from(which).unwrap();
        by_hand
            .execute("INSERT INTO reached VALUES ('shop', ?1, ?2)", [contact, at])
            .unwrap();
    }
    assert_eq!(rows(&path), (over, over, over));
    let expected = [limits::REACHED_SWEPT + 1, 1, 0];
    for (which, left) in expected.into_iter().enumerate() {
        reaches(&ledger, which).await;
        let all = left + which + 1;
        assert_eq!(rows(&path), (left, all, all), "after {which}");
    }
}
