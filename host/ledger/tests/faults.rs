//! Faults of the disk, on real files: what was acknowledged is stored, what is not acknowledged says why and what helps, and the ledger
//! goes on by itself once the cause is gone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test, a panic is the answer"
)]

use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use ledger::sqlite::rival::Rival;
use ledger::sqlite::{Inspection, SqliteLedger};
use ledger::{Acceptance, Arrival, Ledger, LedgerError};
use model::{
    Channel, ContactKey, Content, Message, Moment, Notice, NoticeBody, NoticeKey, NumberId, Phone,
    TenantId, Wamid,
};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

const NOW: Moment = Moment(1_800_000_000_000);

fn arrival(which: u64, body: &str) -> Arrival {
    let message = Message::new(
        Wamid::new(format!("wamid.{which}")).unwrap(),
        ContactKey::Phone(Phone::new(format!("1555010{:04}", which % 50)).unwrap()),
        NOW,
        Content::Text { body: body.into() },
    );
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

async fn accepts(ledger: &SqliteLedger, which: u64) -> Result<Vec<Acceptance>, LedgerError> {
    let long = "so many words that a page is soon full ".repeat(50);
    ledger.accept(vec![arrival(which, &long)], NOW).await
}

/// How many messages the file holds, for whoever opens it next.
fn stored(path: &Path) -> u64 {
    let file = rusqlite::Connection::open(path).unwrap();
    file.query_row("SELECT count(*) FROM messages", [], |row| row.get(0))
        .unwrap()
}

fn says(error: &LedgerError, words: &[&str]) {
    let error = error.to_string();
    for word in words {
        assert!(error.contains(word), "{word:?} is not in: {error}");
    }
}

/// The one that runs under a limit, in a process of its own: a limit is a whole process's.
const CHILD: &str = "TOLLGATE_TEST_LIMITED_FOLDER";

/// Runs a test of this file in a child that may write no file larger than this, and that is not killed for trying.
fn in_a_child_with_room_for(kib: u64, test: &str) {
    let folder = tempfile::tempdir().unwrap();
    // A file that is there already: a limit that leaves no room to begin with would be another fault.
    drop(SqliteLedger::open(&folder.path().join("ledger.db")).unwrap());
    let script =
        format!("trap '' XFSZ; ulimit -S -f {kib}; exec \"$0\" --exact {test} --nocapture");
    let child = Command::new("bash")
        .args(["-c", &script])
        .arg(std::env::current_exe().unwrap())
        .env(CHILD, folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&child.stdout);
    let complained = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{told}\n{complained}");
    assert!(told.contains("1 passed"), "{told}\n{complained}");
}

fn folder_of_the_child() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

/// Writes until no room is left, makes room, goes on; then counts.
async fn fills_up_and_goes_on(folder: &Path) {
    let path = folder.join("ledger.db");
    let ledger = SqliteLedger::open(&path).unwrap();
    let mut acknowledged = 0;
    let refused = loop {
        match accepts(&ledger, acknowledged).await {
            Ok(_) => acknowledged += 1,
            Err(error) => break error,
        }
        assert!(acknowledged < 100_000, "the limit is never met");
    };
    assert!(acknowledged > 0, "there was room for some");
    says(&refused, &["the host goes on by itself"]);
    // Whether it works again is what readiness asks, and it says the same as long as it does not.
    let held = ledger.counts().await.unwrap().undone;
    assert_eq!(
        held, acknowledged,
        "reading goes on, and counts no more than was acknowledged"
    );

    let (_, hard) = getrlimit(Resource::RLIMIT_FSIZE).unwrap();
    setrlimit(Resource::RLIMIT_FSIZE, hard, hard).unwrap();
    ledger
        .probe(NOW)
        .await
        .expect("it works again without a restart");
    accepts(&ledger, 1_000_000).await.expect("and accepts");
    assert_eq!(ledger.counts().await.unwrap().undone, acknowledged + 1);
    drop(ledger);
    assert_eq!(stored(&path), acknowledged + 1);
    let sound = Inspection::open(&path, None).unwrap().check().unwrap();
    assert_eq!(sound.findings, []);
}

/// The write-ahead log is what meets the limit first.
#[tokio::test]
async fn i01_a_full_disk_acknowledges_nothing_that_is_not_stored() {
    match folder_of_the_child() {
        Some(folder) => fills_up_and_goes_on(&folder).await,
        None => in_a_child_with_room_for(
            2048,
            "i01_a_full_disk_acknowledges_nothing_that_is_not_stored",
        ),
    }
}

/// SQLite's own limit of the file's pages, met by whoever writes it: the error is another than the system's.
#[test]
fn a_full_database_says_that_there_is_no_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    drop(SqliteLedger::open(&path).unwrap());
    let file = rusqlite::Connection::open(&path).unwrap();
    let pages: u32 = file
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .unwrap();
    file.pragma_update(None, "max_page_count", pages).unwrap();
    let mut refused = None;
    for key in 0..10_000 {
        let statement = "INSERT INTO seen (tenant, number, key, at) VALUES ('shop', '1', ?1 || hex(zeroblob(400)), 1)";
        if let Err(error) = file.execute(statement, [key]) {
            refused = Some(error);
            break;
        }
    }
    let refused = ledger::sqlite::explained("write", refused.unwrap());
    says(
        &refused,
        &["full", "make some, and the host goes on by itself"],
    );
}

/// A folder in which nothing can be made, whoever tries: taking rights away is nothing to root.
#[test]
fn a_folder_that_takes_no_file_is_named_with_what_helps() {
    let error = SqliteLedger::open(Path::new("/proc/ledger.db")).err();
    says(&error.unwrap(), &["/proc", "writable for this user"]);
}

#[tokio::test]
async fn a_file_that_another_program_holds_is_waited_for_and_then_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger = SqliteLedger::open(&path).unwrap();
    accepts(&ledger, 1).await.unwrap();
    let rival = Rival::take(&path).unwrap();
    let refused = accepts(&ledger, 2).await.unwrap_err();
    says(
        &refused,
        &["locked", "another program holds the ledger's file"],
    );
    says(&ledger.probe(NOW).await.unwrap_err(), &["another program"]);
    assert_eq!(ledger.counts().await.unwrap().undone, 1, "reading goes on");
    drop(rival);
    ledger.probe(NOW).await.unwrap();
    accepts(&ledger, 2).await.unwrap();
    assert_eq!(stored(&path), 2);
}

/// The one fault that does not pass: it is told from all others, by whoever meets it and by a check.
#[tokio::test]
async fn a_damaged_page_is_found_and_said_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger = SqliteLedger::open(&path).unwrap();
    for which in 0..300 {
        accepts(&ledger, which).await.unwrap();
    }
    drop(ledger);
    let copy = folder.path().join("copy.db");
    std::fs::copy(&path, &copy).unwrap();
    let file = std::fs::OpenOptions::new().write(true).open(&copy).unwrap();
    let pages = file.metadata().unwrap().len() / 4096;
    // All pages in the middle: whichever a message meets is one of them.
    for page in pages / 4..pages * 3 / 4 {
        file.write_all_at(&[0xa5; 600], page * 4096).unwrap();
    }
    let checked = Inspection::open(&copy, None).unwrap().check().unwrap();
    assert!(!checked.findings.is_empty());
    assert!(checked.findings.iter().all(|found| found.kind == "file"));

    // Where it opens at all, it says so when it meets the damage.
    let error = match SqliteLedger::open(&copy) {
        Err(error) => error,
        Ok(ledger) => {
            let mut met = None;
            for which in 0..300 {
                met = accepts(&ledger, 1000 + which).await.err();
                if met.is_some() {
                    break;
                }
            }
            met.expect("a message meets the damage")
        }
    };
    says(&error, &["damaged", "restore", "backup"]);
    // The original is as it was.
    let sound = Inspection::open(&path, None).unwrap().check().unwrap();
    assert_eq!(sound.findings, []);
}

/// A file without a name takes whatever is written, and nobody finds it again.
#[tokio::test]
async fn i01_a_file_that_is_removed_under_the_host_acknowledges_nothing_more() {
    let folder = tempfile::tempdir().unwrap();
    let (path, away) = (
        folder.path().join("ledger.db"),
        folder.path().join("away.db"),
    );
    let ledger = SqliteLedger::open(&path).unwrap();
    accepts(&ledger, 1).await.unwrap();
    std::fs::rename(&path, &away).unwrap();
    let refused = accepts(&ledger, 2).await.unwrap_err();
    says(&refused, &["was removed or exchanged", "restore a backup"]);
    says(&ledger.probe(NOW).await.unwrap_err(), &["removed"]);
    std::fs::rename(&away, &path).unwrap();
    ledger.probe(NOW).await.expect("the very file is back");
    accepts(&ledger, 3).await.unwrap();

    let log = folder.path().join("ledger.db-wal");
    std::fs::remove_file(&log).unwrap();
    says(
        &accepts(&ledger, 4).await.unwrap_err(),
        &["-wal was removed"],
    );
}

/// Clocks are set back: nothing is lost, given twice, or waited for longer than it was.
#[tokio::test]
async fn a_clock_that_jumps_back_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = SqliteLedger::open(&folder.path().join("ledger.db")).unwrap();
    let hour = model::Span::from_hours(1);
    let (later, earlier) = (NOW.plus(hour), NOW.minus(hour));
    let first = ledger.accept(vec![arrival(1, "one")], later).await.unwrap();
    let [Acceptance::Queued(lane)] = &first[..] else {
        panic!("{first:?}");
    };
    let second = ledger
        .accept(vec![arrival(51, "two"), arrival(1, "one")], earlier)
        .await
        .unwrap();
    assert!(
        matches!(&second[..], [Acceptance::Queued(same), Acceptance::Known] if same == lane),
        "the same contact, in the order of acceptance, and a duplicate is one: {second:?}"
    );
    let Some(ledger::Next::Message(head)) = ledger.next(lane).await.unwrap() else {
        panic!("it waits");
    };
    assert_eq!(head.sequence, 1);
    let tenant = &lane.tenant;
    assert!(
        ledger
            .pause(tenant, lane.contact, later.plus(hour), later)
            .await
            .unwrap()
    );
    assert_eq!(ledger.timers(earlier, 9).await.unwrap(), []);
    assert!(
        !ledger
            .end_pause(tenant, lane.contact, earlier)
            .await
            .unwrap(),
        "it is not over for a clock that was set back"
    );
    assert!(
        ledger
            .end_pause(tenant, lane.contact, later.plus(hour))
            .await
            .unwrap()
    );
    // What was kept is removed by time alone, and never because time stands still or runs back.
    let retention = ledger::Retention::default();
    let removed = ledger.retain(tenant, &retention, earlier, 100).await;
    assert_eq!(removed.unwrap().total(), 0);
    assert_eq!(ledger.recover(earlier).await.unwrap(), 0);
    assert_eq!(ledger.check().await.unwrap().findings, []);
}
