//! The embedded ledger: the conformance suite, and what is its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test, a panic is the answer"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use ledger::conformance::{self, Make};
use ledger::sqlite::SqliteLedger;
use ledger::{Acceptance, Arrival, Counted, Head, Lane, Ledger, Next, Raise, Settled, Settlement};
use model::{
    Channel, ContactKey, Content, Cost, Decision, DecisionId, Ending, Language, Message, Moment,
    Notice, NoticeBody, NoticeKey, NumberId, Period, Phone, RuleName, Span, TenantId, Wamid,
};
use tempfile::TempDir;

/// A file in a folder that goes with the test.
struct InFolder(TempDir);

impl InFolder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("ledger.db")
    }
}

impl Make for InFolder {
    async fn open(&self) -> Arc<dyn Ledger> {
        Arc::new(SqliteLedger::open(&self.file()).unwrap())
    }
}

conformance::cases!(InFolder::new());

const NOW: Moment = Moment(1_800_000_000_000);

fn arrival(contact: usize, message: usize) -> Arrival {
    let message = Message {
        name: Some("Ana".into()),
        ..Message::new(
            Wamid::new(format!("wamid.{contact}.{message}")).unwrap(),
            ContactKey::Phone(Phone::new(format!("55119{contact:08}")).unwrap()),
            NOW,
            Content::Text {
                body: "Oi, vocês estão abertos hoje?".into(),
            },
        )
    };
    let notice = Notice {
        tenant: TenantId::new("shop").unwrap(),
        number: NumberId::new("100000000000001").unwrap(),
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

fn refusal_to_open(path: &Path) -> String {
    match SqliteLedger::open(path) {
        Ok(_) => panic!("{} opens", path.display()),
        Err(error) => error.to_string(),
    }
}

/// Fails unless the error names the file and says all of this.
fn says(error: &str, path: &Path, words: &[&str]) {
    for word in words.iter().copied().chain([path.to_str().unwrap()]) {
        assert!(error.contains(word), "{word:?} is not in: {error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i01_sixty_four_senders_at_once_share_their_commits() {
    const SENDERS: usize = 64;
    const EACH: usize = 50;
    let folder = InFolder::new();
    let ledger = folder.open().await;
    let begun = Instant::now();
    let mut senders = tokio::task::JoinSet::new();
    for sender in 0..SENDERS {
        let ledger = Arc::clone(&ledger);
        senders.spawn(async move {
            for message in 0..EACH {
                let accepted = ledger
                    .accept(vec![arrival(sender, message)], NOW)
                    .await
                    .unwrap();
                assert!(
                    matches!(accepted[..], [Acceptance::Queued(_)]),
                    "{accepted:?}"
                );
            }
        });
    }
    senders.join_all().await;
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{SENDERS} senders: {:.0} durable accepts a second",
        (SENDERS * EACH) as f64 / seconds
    );

    let counts = ledger.counts().await.unwrap();
    assert_eq!(
        (counts.undone, counts.contacts),
        ((SENDERS * EACH) as u64, SENDERS as u64)
    );
    drop(ledger);
    assert_eq!(
        folder.open().await.counts().await.unwrap(),
        counts,
        "all of it is in the file"
    );
}

#[tokio::test]
async fn i01_a_commit_survives_without_a_clean_end() {
    let folder = InFolder::new();
    let ledger = folder.open().await;
    ledger.accept(vec![arrival(1, 1)], NOW).await.unwrap();
    // What the file and its log hold at this moment is what a killed host leaves behind.
    let left_behind = InFolder::new();
    for entry in std::fs::read_dir(folder.0.path()).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, left_behind.0.path().join(path.file_name().unwrap())).unwrap();
    }
    assert_eq!(left_behind.open().await.counts().await.unwrap().undone, 1);
}

#[tokio::test]
async fn a_second_host_is_told_what_holds_the_file() {
    let folder = InFolder::new();
    let ledger = folder.open().await;
    let error = refusal_to_open(&folder.file());
    says(
        &error,
        &folder.file().with_extension("lock"),
        &["another host uses this ledger", "--data"],
    );
    drop(ledger);
    folder.open().await;
}

#[test]
fn a_file_that_is_no_database_is_said_to_be_none() {
    let folder = InFolder::new();
    std::fs::write(
        folder.file(),
        "Dear diary, today nobody wrote to the shop. ".repeat(100),
    )
    .unwrap();
    says(
        &refusal_to_open(&folder.file()),
        &folder.file(),
        &["not a database", "restore it from a backup"],
    );
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = InFolder::new();
    let file = folder.0.path().join("nowhere").join("ledger.db");
    says(
        &refusal_to_open(&file),
        file.parent().unwrap(),
        &["the folder must be there", "writable"],
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = InFolder::new();
    // Not by taking rights away, which root would not notice: a folder stands where the file should be.
    std::fs::create_dir(folder.file()).unwrap();
    says(
        &refusal_to_open(&folder.file()),
        &folder.file(),
        &["the folder must be there", "writable"],
    );
}

#[test]
fn a_ledger_of_a_newer_host_is_left_alone() {
    let folder = InFolder::new();
    drop(SqliteLedger::open(&folder.file()).unwrap());
    let by_hand = rusqlite::Connection::open(folder.file()).unwrap();
    by_hand.pragma_update(None, "user_version", 999).unwrap();
    drop(by_hand);
    let error = refusal_to_open(&folder.file());
    for word in ["version 999", "newer host"] {
        assert!(error.contains(word), "{word:?} is not in: {error}");
    }
    let by_hand = rusqlite::Connection::open(folder.file()).unwrap();
    let version: u32 = by_hand
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(version, 999);
}

#[tokio::test]
async fn other_programs_can_read_the_file() {
    let folder = InFolder::new();
    let ledger = folder.open().await;
    ledger.accept(vec![arrival(1, 1)], NOW).await.unwrap();
    let by_hand = rusqlite::Connection::open(folder.file()).unwrap();
    let pragma = |name: &str| {
        by_hand
            .pragma_query_value(None, name, |row| row.get::<_, String>(0))
            .unwrap()
    };
    assert_eq!(
        (
            pragma("journal_mode").as_str(),
            pragma("integrity_check").as_str()
        ),
        ("wal", "ok")
    );
    // A reader that stays in its transaction holds up no writer.
    by_hand
        .execute_batch("BEGIN; SELECT count(*) FROM messages;")
        .unwrap();
    ledger.accept(vec![arrival(1, 2)], NOW).await.unwrap();
    assert_eq!(ledger.counts().await.unwrap().undone, 2);
}

/// What memory has forgotten does not stay in the file: each accept removes some of it.
#[tokio::test]
async fn i14_expired_memory_is_swept_in_portions() {
    let folder = InFolder::new();
    let ledger = folder.open().await;
    let by_hand = rusqlite::Connection::open(folder.file()).unwrap();
    let (expired, standing) = (3 * ledger::limits::KEYS_SWEPT, 2);
    for which in 0..expired + standing {
        let until = if which < expired { NOW.0 } else { NOW.0 + 1 };
        by_hand
            .execute(
                "INSERT INTO memory (tenant, plugin, contact, key, until, by_contact, by_sequence, value) VALUES ('shop', 'counter', ?1, 'step', ?2, 1, 1, 'x')",
                [i64::try_from(which).unwrap() + 1, until],
            )
            .unwrap();
    }
    let rows = || -> usize {
        by_hand
            .query_row("SELECT count(*) FROM memory", [], |row| row.get(0))
            .unwrap()
    };
    ledger.accept(vec![arrival(1, 1)], NOW).await.unwrap();
    assert_eq!(
        rows(),
        expired + standing - 2 * ledger::limits::KEYS_SWEPT,
        "a bounded portion for each accept"
    );
    ledger.accept(vec![arrival(1, 2)], NOW).await.unwrap();
    assert_eq!(rows(), standing, "what still stands stays");
}

#[test]
fn another_program_s_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let theirs = rusqlite::Connection::open(&path).unwrap();
    theirs
        .execute_batch("CREATE TABLE recipes (name TEXT)")
        .unwrap();
    drop(theirs);
    let error = ledger::sqlite::SqliteLedger::open(&path)
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("another program's database"), "{error}");
    let tables: i64 = rusqlite::Connection::open(&path)
        .unwrap()
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tables, 1);
}

/// What settles this head without any effect but a count.
fn counting(lane: &Lane, head: Head, raise: Raise, now: Moment) -> Settlement {
    Settlement {
        decision: Decision {
            version: 1,
            id: DecisionId {
                tenant: lane.tenant.clone(),
                number: head.number,
                message: head.message.id,
            },
            contact: lane.contact,
            sequence: head.sequence,
            edition: "e1".into(),
            now,
            attempt: 1,
            language: Language::new("pt").unwrap(),
            looks: Vec::new(),
            looks_left_out: 0,
            ruled_out: 0,
            steps: Vec::new(),
            ending: Ending::NoRule,
            cost: Cost::default(),
        },
        expected_version: head.contact.version,
        contact: head.contact,
        was_stop: false,
        sends: Vec::new(),
        drafts: Vec::new(),
        consent: Vec::new(),
        hand_offs: Vec::new(),
        notes: Vec::new(),
        memory: Vec::new(),
        counts: vec![raise],
        dead_letter: None,
        now,
    }
}

#[tokio::test]
async fn i14_counts_of_periods_that_are_over_do_not_pile_up() {
    let folder = InFolder::new();
    let ledger = folder.open().await;
    // A limit per minute, hour by hour through two days; the rule is called otherwise now and then.
    for hour in 0..48 {
        let now = NOW.plus(Span::from_hours(hour));
        let text = arrival(1, usize::try_from(hour).unwrap());
        let accepted = ledger.accept(vec![text], now).await.unwrap();
        let [Acceptance::Queued(lane)] = &accepted[..] else {
            panic!("{accepted:?}");
        };
        let Some(Next::Message(head)) = ledger.next(lane).await.unwrap() else {
            panic!("it waits");
        };
        let raise = Raise {
            of: Counted::Answers(RuleName::new(format!("greeting-{}", hour / 10)).unwrap()),
            per: Period::Minute,
            since: now,
            by: 1,
            most: 1,
        };
        let settled = ledger.settle(counting(lane, head, raise, now)).await;
        assert_eq!(settled.unwrap(), Settled::Done);
    }
    drop(ledger);
    let file = rusqlite::Connection::open(folder.file()).unwrap();
    let rows: u32 = file
        .query_row("SELECT count(*) FROM rule_counts", [], |row| row.get(0))
        .unwrap();
    assert_eq!(
        rows, 2,
        "the last, and the one before that an attempt might still settle for"
    );
}
