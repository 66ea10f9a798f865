//! What is kept raw: for people to look at, and for us to understand later.

use model::{Moment, Notice, NumberId, TenantId};
use rusqlite::{Connection, Row, params};

use super::failed;
use super::rows::{bounded, json, typed};
use super::writer::Work;
use crate::{Kept, LedgerError, limits};

pub(super) fn keep(
    work: &Work<'_>,
    notice: &Notice,
    cause: Option<&str>,
    raw: &serde_json::Value,
    now: Moment,
) -> Result<(), LedgerError> {
    work.connection
        .prepare_cached(
            "INSERT OR REPLACE INTO kept (tenant, number, key, seq, notice, name, channel, cause, raw, at)
             VALUES (?1, ?2, ?3, 1 + coalesce((SELECT max(seq) FROM kept WHERE tenant = ?1), 0), ?4, ?5, ?6, ?7, ?8, ?9)",
        )
        .and_then(|mut statement| {
            let Notice { tenant, number, key, channel, body } = notice;
            statement.execute(params![
                tenant.as_str(),
                number.as_str(),
                key.as_str(),
                body.word(),
                body.kind(),
                channel.name(),
                cause,
                raw.to_string(),
                now.0
            ])
        })
        .map(drop)
        .map_err(failed("keep a notice"))
}

/// Newest first, as many as fit: each may be as large as a whole body.
pub(super) fn newest(
    connection: &Connection,
    tenant: &TenantId,
    name: Option<&str>,
    most: usize,
) -> Result<Vec<Kept>, LedgerError> {
    // Two queries, so that each has its index.
    let filter = if name.is_some() { "AND name = ?3" } else { "" };
    let query = format!(
        "SELECT number, notice, name, channel, cause, raw, at FROM kept WHERE tenant = ?1 {filter} ORDER BY seq DESC, at DESC LIMIT ?2"
    );
    let attempt = || -> rusqlite::Result<Vec<Kept>> {
        let mut statement = connection.prepare_cached(&query)?;
        let mut rows = match name {
            Some(name) => statement.query(params![tenant.as_str(), bounded(most), name])?,
            None => statement.query(params![tenant.as_str(), bounded(most)])?,
        };
        let (mut found, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            bytes += row.get_ref(5)?.as_str().map_or(0, str::len);
            if bytes > limits::KEPT_BYTES_PER_READ && !found.is_empty() {
                break;
            }
            found.push(kept(row)?);
        }
        Ok(found)
    };
    attempt().map_err(failed("read what was kept"))
}

fn kept(row: &Row<'_>) -> rusqlite::Result<Kept> {
    Ok(Kept {
        number: typed(0, NumberId::new(row.get::<_, String>(0)?))?,
        notice: row.get(1)?,
        name: row.get(2)?,
        channel: row.get::<_, String>(3)?.into(),
        cause: row.get(4)?,
        raw: json(row, 5)?,
        at: Moment(row.get(6)?),
    })
}
