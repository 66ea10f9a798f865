//! The tables, as numbered migrations that run by themselves. A released one never changes.

use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::failed;
use crate::LedgerError;

/// "toll": stands in the file's header, so that no other program's database is taken for a ledger.
const APPLICATION_ID: i32 = 0x746f_6c6c;

/// Each brings the schema one version on; the first makes it.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/001.sql"),
    include_str!("schema/002.sql"),
    include_str!("schema/003.sql"),
    include_str!("schema/004.sql"),
    include_str!("schema/005.sql"),
    include_str!("schema/006.sql"),
    include_str!("schema/007.sql"),
    include_str!("schema/008.sql"),
    include_str!("schema/009.sql"),
];

/// Brings the file up to date, one version at a time, each in a transaction of its own.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), LedgerError> {
    let version: usize = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(failed("read the ledger's version"))?;
    is_ours(connection)?;
    if version > MIGRATIONS.len() {
        return Err(LedgerError::Store {
            what: "open the ledger".into(),
            cause: format!(
                "it is of version {version}, and this host knows versions up to {}; start the newer host that wrote it",
                MIGRATIONS.len()
            ),
        });
    }
    for (number, migration) in MIGRATIONS.iter().enumerate().skip(version) {
        let step = |connection: &mut Connection| -> rusqlite::Result<()> {
            let transaction = connection.transaction()?;
            transaction.execute_batch(migration)?;
            transaction.pragma_update(None, "user_version", number + 1)?;
            transaction.commit()
        };
        step(connection).map_err(failed("bring the ledger up to date"))?;
    }
    Ok(())
}

/// Whether a file that is only looked at is of this host's version: it cannot be brought there.
pub(super) fn is_current(connection: &Connection) -> Result<(), LedgerError> {
    let read = |name: &str| -> Result<i64, LedgerError> {
        connection
            .pragma_query_value(None, name, |row| row.get(0))
            .map_err(failed("read the ledger's version"))
    };
    let cause = match (read("application_id")?, read("user_version")?) {
        (id, _) if id != i64::from(APPLICATION_ID) => {
            "the file is no ledger; name the folder of one with --data".to_owned()
        }
        (_, version) if version == MIGRATIONS.len() as i64 => return Ok(()),
        (_, version) => format!(
            "it is of version {version}, and this program reads version {}; {}",
            MIGRATIONS.len(),
            match version < MIGRATIONS.len() as i64 {
                true => "start the host once, which brings it up to date",
                false => "use the newer program that wrote it",
            }
        ),
    };
    Err(LedgerError::Store {
        what: "look into the ledger".into(),
        cause,
    })
}

/// Makes an empty database what the migrations make of one: they run once in a process, and every further ledger in memory gets a
/// copy of what came of that. A rehearsal has a ledger for each test.
pub(super) fn copy(connection: &mut Connection) -> Result<(), LedgerError> {
    static MIGRATED: Mutex<Option<Connection>> = Mutex::new(None);
    let mut kept = MIGRATED.lock().unwrap_or_else(PoisonError::into_inner);
    let from = match &mut *kept {
        Some(migrated) => migrated,
        nothing => {
            let mut first = Connection::open_in_memory().map_err(failed("open a ledger"))?;
            migrate(&mut first)?;
            nothing.insert(first)
        }
    };
    let copied = Backup::new(from, connection).and_then(|copying| copying.step(-1));
    match copied.map_err(failed("copy the ledger's tables"))? {
        StepResult::Done => Ok(()),
        other => Err(LedgerError::Store {
            what: "copy the ledger's tables".into(),
            cause: format!("{other:?}"),
        }),
    }
}

/// A new file becomes ours; another program's is left alone.
fn is_ours(connection: &Connection) -> Result<(), LedgerError> {
    let read = || -> rusqlite::Result<(i32, bool)> {
        let id = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        let is_empty = connection.query_row(
            "SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)",
            [],
            |row| row.get(0),
        )?;
        Ok((id, is_empty))
    };
    match read().map_err(failed("look into the ledger"))? {
        (APPLICATION_ID, _) => Ok(()),
        (0, true) => connection
            .pragma_update(None, "application_id", APPLICATION_ID)
            .map_err(failed("mark the file as a ledger")),
        _ => Err(LedgerError::Store {
            what: "open the ledger".into(),
            cause: "the file is another program's database; start with another folder".into(),
        }),
    }
}
