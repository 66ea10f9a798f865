//! Figures: how many records of what there are, how large they are, and how old.

use std::collections::BTreeMap;

use model::Moment;
use rusqlite::Connection;

use super::failed;
use super::rows::rows;
use crate::{ClassStats, LedgerError, Stats};

/// A class by its table, and the column that tells its time.
const CLASSES: &[(&str, &str, Option<&str>)] = &[
    ("contacts", "contacts", Some("first_seen")),
    ("aliases", "aliases", None),
    ("messages", "messages", Some("accepted_at")),
    ("decisions", "decisions", Some("settled_at")),
    ("sends", "outbox", Some("changed_at")),
    ("hand_offs", "hand_offs", Some("at")),
    ("drafts", "reply_drafts", Some("at")),
    ("notes", "notes", Some("at")),
    ("memory", "memory", Some("written_at")),
    ("consent", "consent", None),
    ("dead_letters", "dead_letters", Some("at")),
    ("notices", "kept", Some("at")),
    ("keys_seen", "seen", Some("at")),
    ("joins", "joins", None),
    ("reached", "reached", Some("at")),
    ("rule_counts", "rule_counts", Some("since")),
    ("suppressed", "suppressed", None),
    ("switches", "switches", None),
];

/// All figures. It reads the whole file: for a person who asks, not for a dashboard.
pub(super) fn stats(connection: &Connection) -> Result<Stats, LedgerError> {
    let one = |query: &str| -> Result<Option<i64>, LedgerError> {
        connection
            .query_row(query, [], |row| row.get(0))
            .map_err(failed("count"))
    };
    let count = |query: &str| one(query).map(|found| found.unwrap_or_default().unsigned_abs());
    let bytes = bytes_by_table(connection)?;
    let mut classes = Vec::with_capacity(CLASSES.len());
    for (class, table, time) in CLASSES {
        let oldest = match time {
            Some(time) => one(&format!("SELECT min({time}) FROM {table}"))?,
            None => None,
        };
        classes.push(ClassStats {
            class,
            records: count(&format!("SELECT count(*) FROM {table}"))?,
            bytes: bytes.get(*table).copied(),
            // Written before there was a column for it.
            oldest: oldest.filter(|oldest| *oldest > 0).map(Moment),
        });
    }
    let page = count("SELECT page_size FROM pragma_page_size")?;
    Ok(Stats {
        classes,
        bytes: page * count("SELECT page_count FROM pragma_page_count")?,
        free_bytes: page * count("SELECT freelist_count FROM pragma_freelist_count")?,
        undone: count(
            "SELECT (SELECT count(*) FROM messages WHERE undone = 1) - 2 * (SELECT count(*) FROM joins WHERE done = 0)",
        )?,
        undone_since: one(
            "SELECT min(accepted_at) FROM messages WHERE undone = 1 AND joins IS NULL",
        )?
        .map(Moment),
    })
}

/// A table with its indexes. Nothing where SQLite was built without the means to tell.
fn bytes_by_table(connection: &Connection) -> Result<BTreeMap<String, u64>, LedgerError> {
    let query = "SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_schema USING (name) WHERE aggregate = TRUE GROUP BY tbl_name";
    match rows(connection, query, [], |row| Ok((row.get(0)?, row.get(1)?))) {
        Ok(found) => Ok(found.into_iter().collect()),
        Err(error) if error.to_string().contains("no such table: dbstat") => Ok(BTreeMap::new()),
        Err(error) => Err(failed("measure tables")(error)),
    }
}
