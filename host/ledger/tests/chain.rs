//! The chain of consent on a real file: whatever somebody does to it with `sqlite3`, a check finds it and says where.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test, a panic is the answer"
)]

use std::path::PathBuf;

use ledger::chain::LedgerKey;
use ledger::sqlite::{Inspection, SqliteLedger};
use ledger::{Checked, Ledger};
use model::{
    ConsentChange, ConsentScope, ContactId, ContactKey, Evidence, Moment, Phone, TenantId, UserId,
};
use tempfile::TempDir;

const SECRET: [u8; 32] = [7; 32];

struct House {
    folder: TempDir,
}

impl House {
    /// Two contacts, the first with five entries and the second with one.
    async fn new() -> Self {
        let house = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let ledger = house.open();
        for digits in ["15550100001", "15550100002"] {
            let key = ContactKey::Phone(Phone::new(digits).unwrap());
            ledger.meet(&shop(), &key, Moment(1)).await.unwrap();
        }
        for at in 1..=5 {
            says(&ledger, 1, at % 2 == 1, at).await;
        }
        says(&ledger, 2, false, 9).await;
        house
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ledger.db")
    }

    fn open(&self) -> SqliteLedger {
        SqliteLedger::open_with(&self.file(), LedgerKey::of_host(&SECRET)).unwrap()
    }

    /// What somebody does to the file.
    fn by_hand(&self, statements: &str) {
        let connection = rusqlite::Connection::open(self.file()).unwrap();
        connection.execute_batch(statements).unwrap();
    }

    async fn checked(&self) -> Checked {
        self.open().check().await.unwrap()
    }
}

fn shop() -> TenantId {
    TenantId::new("shop").unwrap()
}

async fn says(ledger: &SqliteLedger, contact: u64, opted_in: bool, at: i64) {
    let change = ConsentChange {
        scope: ConsentScope::Everything,
        opted_in,
        evidence: Evidence {
            source: "operator".into(),
            message: None,
            text: Some(format!("letter number {at}")),
        },
        at: Moment(at),
    };
    let recorded = ledger.consent(&shop(), ContactId(contact), change).await;
    assert_eq!(recorded.unwrap(), ledger::Consented::Done);
}

/// A finding as `tenant contact: words`.
fn told(checked: &Checked) -> Vec<String> {
    let findings = checked.findings.iter();
    findings
        .map(|found| {
            let tenant = found.tenant.as_ref().map_or("-", TenantId::as_str);
            let contact = found.contact.map_or(0, |contact| contact.0);
            format!("{tenant} c{contact}: {}", found.what)
        })
        .collect()
}

#[tokio::test]
async fn what_nobody_touched_holds() {
    let house = House::new().await;
    let checked = house.checked().await;
    assert_eq!(told(&checked), Vec::<String>::new());
    assert_eq!((checked.chains, checked.entries), (2, 6));
}

#[tokio::test]
async fn whatever_is_done_to_a_chain_is_found_and_named() {
    let tampering: &[(&str, &str, &[&str])] = &[
        (
            "the words of an entry are changed",
            "UPDATE consent SET change = replace(change, 'letter', 'phone call') WHERE contact = 1 AND seq = 3",
            &["shop c1: consent: entry 3 was changed"],
        ),
        (
            "a no becomes a yes",
            r#"UPDATE consent SET change = replace(change, '"opted_in":false', '"opted_in":true') WHERE contact = 1 AND seq = 4"#,
            &["shop c1: consent: entry 4 was changed"],
        ),
        (
            "with a commitment that fits it",
            "UPDATE consent SET change = 'x', salt = zeroblob(32), commitment = x'b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad' WHERE contact = 1 AND seq = 3",
            &["shop c1: consent: entry 3 was not recorded at this place", "entry 3 was changed"],
        ),
        (
            "an entry is removed",
            "DELETE FROM consent WHERE contact = 1 AND seq = 2",
            &["shop c1: consent: entry 2 was removed"],
        ),
        (
            "and those behind it move up",
            "DELETE FROM consent WHERE contact = 1 AND seq = 2; UPDATE consent SET seq = seq - 1 WHERE contact = 1 AND seq = 3;
             UPDATE consent SET seq = seq - 1 WHERE contact = 1 AND seq = 4; UPDATE consent SET seq = seq - 1 WHERE contact = 1 AND seq = 5;
             UPDATE consent_heads SET count = 4 WHERE contact = 1",
            &["shop c1: consent: entry 2 was not recorded at this place", "shop c1: consent: entry 3", "shop c1: consent: entry 4", "seal"],
        ),
        (
            "two change places",
            "UPDATE consent SET seq = 99 WHERE contact = 1 AND seq = 2; UPDATE consent SET seq = 2 WHERE contact = 1 AND seq = 3;
             UPDATE consent SET seq = 3 WHERE contact = 1 AND seq = 99",
            &["shop c1: consent: entry 2 was not", "shop c1: consent: entry 3 was not", "shop c1: consent: entry 4 was not"],
        ),
        (
            "one is put behind the last",
            "INSERT INTO consent SELECT tenant, contact, 6, change, salt, commitment, link, era FROM consent WHERE contact = 1 AND seq = 1",
            &["shop c1: consent: entry 6 was not recorded at this place", "seal"],
        ),
        (
            "without a chain",
            "INSERT INTO consent (tenant, contact, seq, change) SELECT tenant, contact, 6, change FROM consent WHERE contact = 1 AND seq = 1",
            &["shop c1: consent: entry 6 was not recorded at this place", "entry 6 was changed", "seal"],
        ),
        (
            "one is another contact's",
            "INSERT INTO consent SELECT tenant, 2, 2, change, salt, commitment, link, era FROM consent WHERE contact = 1 AND seq = 2;
             UPDATE consent_heads SET count = 2 WHERE contact = 2",
            &["shop c2: consent: entry 2 was not recorded at this place", "seal"],
        ),
        (
            "the tail is cut off",
            "DELETE FROM consent WHERE contact = 1 AND seq > 3",
            &["shop c1: consent: the entries after 3 were removed: 5 were recorded"],
        ),
        (
            "and the contact counts no more than what is left",
            "DELETE FROM consent WHERE contact = 1 AND seq > 3;
             UPDATE consent_heads SET count = 3, link = (SELECT link FROM consent WHERE contact = 1 AND seq = 3) WHERE contact = 1",
            &["shop c1: consent: the contact's seal does not belong to entry 3"],
        ),
        (
            "all of it goes",
            "DELETE FROM consent WHERE contact = 2; DELETE FROM consent_heads WHERE contact = 2",
            &["shop c2: consent: the contact stands as opted out for messages, and no entry says so"],
        ),
        (
            "an entry is emptied as if its contact had been erased",
            "UPDATE consent SET change = '', salt = NULL WHERE contact = 1 AND seq = 1",
            &["shop c1: consent: entry 1 was emptied, and the contact was not erased"],
        ),
        (
            "the contact goes, and the chain stays",
            "DELETE FROM aliases WHERE contact = 2; DELETE FROM contacts WHERE id = 2",
            &["shop c2: 1 entries of consent are of a contact whose row was removed"],
        ),
    ];
    for (what, statements, expected) in tampering {
        let house = House::new().await;
        house.by_hand(statements);
        let found = told(&house.checked().await);
        for words in *expected {
            let is_told = found.iter().any(|finding| finding.contains(words));
            assert!(is_told, "{what}: {words:?} is not in {found:#?}");
        }
        assert!(found.len() <= expected.len(), "{what}: {found:#?}");
    }
}

/// What comes after does not heal it: a chain that was cut and goes on stays cut.
#[tokio::test]
async fn a_cut_chain_that_goes_on_stays_cut() {
    let house = House::new().await;
    house.by_hand("DELETE FROM consent WHERE contact = 1 AND seq = 5; UPDATE consent_heads SET count = 4, link = (SELECT link FROM consent WHERE contact = 1 AND seq = 4) WHERE contact = 1");
    says(&house.open(), 1, false, 50).await;
    let found = told(&house.checked().await);
    assert!(found[0].contains("seal"), "{found:?}");
}

#[tokio::test]
async fn of_two_that_were_joined_both_chains_stay_provable() {
    let house = House::new().await;
    let ledger = house.open();
    let key = |digits, id: &str| {
        ContactKey::new(
            Some(Phone::new(digits).unwrap()),
            Some(UserId::new(id).unwrap()),
        )
        .unwrap()
    };
    // The second contact is known by a user id as well, and then turns out to be the first.
    ledger
        .meet(
            &shop(),
            &ContactKey::User(UserId::new("BR.1").unwrap()),
            Moment(20),
        )
        .await
        .unwrap();
    says(&ledger, 3, true, 21).await;
    let met = ledger
        .meet(&shop(), &key("15550100001", "BR.1"), Moment(22))
        .await;
    assert_eq!(met.unwrap(), ContactId(3));
    let log = ledger.consent_log(&shop(), ContactId(1)).await.unwrap();
    assert_eq!(log.len(), 6);
    says(&ledger, 3, false, 30).await;
    assert_eq!(told(&ledger.check().await.unwrap()), Vec::<String>::new());
    drop(ledger);

    house.by_hand("UPDATE consent SET change = replace(change, 'letter', 'call') WHERE contact = 1 AND seq = 5");
    let found = told(&house.checked().await);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("c1: consent: entry 5 was changed"));
    // Cut with all that belongs to it: the other still says how long it was.
    house.by_hand(
        "DELETE FROM consent WHERE contact = 1; DELETE FROM consent_heads WHERE contact = 1",
    );
    let found = told(&house.checked().await);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("c1 joined this contact with 5 entries"));
}

#[tokio::test]
async fn what_was_erased_still_proves_its_order() {
    let house = House::new().await;
    let ledger = house.open();
    ledger
        .erase(&shop(), ContactId(1), Moment(40))
        .await
        .unwrap()
        .unwrap();
    let checked = ledger.check().await.unwrap();
    assert_eq!(told(&checked), Vec::<String>::new());
    assert_eq!((checked.entries, checked.erased), (6, 5));
    drop(ledger);
    let words = std::fs::read(house.file()).unwrap();
    let connection = rusqlite::Connection::open(house.file()).unwrap();
    let left: i64 = connection
        .query_row(
            "SELECT count(*) FROM consent WHERE contact = 1 AND (change <> '' OR salt IS NOT NULL)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(left, 0);
    let holds = |needle: &str| {
        words
            .windows(needle.len())
            .any(|window| window == needle.as_bytes())
    };
    assert!(
        !holds("letter number 3"),
        "what was erased is not in the file's free room either"
    );
    house.by_hand("DELETE FROM consent WHERE contact = 1 AND seq = 2");
    let found = told(&house.checked().await);
    assert_eq!(found, ["shop c1: consent: entry 2 was removed"]);
}

/// 001 to 005 logged without a chain.
#[tokio::test]
async fn what_was_recorded_before_there_were_chains_is_chained_when_it_is_opened() {
    let house = House::new().await;
    house.by_hand("DELETE FROM consent_heads; DELETE FROM ledger_keys; UPDATE consent SET salt = NULL, commitment = NULL, link = NULL, era = NULL");
    let checked = house.checked().await;
    assert_eq!(told(&checked), Vec::<String>::new());
    assert_eq!(checked.entries, 6);
    let log = house.open().consent_log(&shop(), ContactId(1)).await;
    assert_eq!(log.unwrap().len(), 5);
    // Once: what is put there unchained later was not ours.
    house.by_hand("INSERT INTO consent (tenant, contact, seq, change) SELECT tenant, contact, 6, change FROM consent WHERE contact = 1 AND seq = 1");
    assert!(!house.checked().await.findings.is_empty());
}

#[tokio::test]
async fn with_another_secret_a_new_chapter_begins_and_is_verified() {
    let house = House::new().await;
    let other = LedgerKey::of_host(&[8; 32]);
    let ledger = SqliteLedger::open_with(&house.file(), other.clone()).unwrap();
    says(&ledger, 1, false, 60).await;
    let checked = ledger.check().await.unwrap();
    assert_eq!(told(&checked), Vec::<String>::new());
    assert_eq!((checked.entries, checked.unverifiable), (7, 6));
    drop(ledger);
    house.by_hand("UPDATE consent SET change = replace(change, 'letter', 'call') WHERE contact = 1 AND seq = 6");
    let ledger = SqliteLedger::open_with(&house.file(), other).unwrap();
    let found = told(&ledger.check().await.unwrap());
    assert_eq!(
        found,
        ["shop c1: consent: entry 6 was changed after it was recorded"]
    );
}

#[tokio::test]
async fn a_stranger_s_secret_is_told_apart_from_tampering() {
    let house = House::new().await;
    let look = |key| {
        Inspection::open(&house.file(), key)
            .unwrap()
            .check()
            .unwrap()
    };
    let checked = look(Some(LedgerKey::of_host(&SECRET)));
    assert_eq!((told(&checked), checked.entries), (Vec::new(), 6));
    let found = told(&look(Some(LedgerKey::of_host(&[9; 32]))));
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("this secret is not the ledger's"));
    let without = look(None);
    assert_eq!((told(&without), without.chains), (Vec::new(), 0));
}

/// Beside a host that runs, and after it has ended; it writes nothing.
#[tokio::test]
async fn an_inspection_looks_on_beside_a_running_host() {
    let house = House::new().await;
    let ledger = house.open();
    says(&ledger, 2, true, 70).await;
    let beside = Inspection::open(&house.file(), Some(LedgerKey::of_host(&SECRET))).unwrap();
    assert_eq!(beside.check().unwrap().entries, 7);
    says(&ledger, 2, false, 71).await;
    assert_eq!(beside.check().unwrap().entries, 8);
    let stats = beside.stats().unwrap();
    let consent = stats.classes.iter().find(|class| class.class == "consent");
    let consent = consent.unwrap();
    assert_eq!(consent.records, 8);
    assert!(consent.bytes.unwrap() > 0 && stats.bytes > consent.bytes.unwrap());
    drop(ledger);
    assert_eq!(beside.check().unwrap().entries, 8);
}
