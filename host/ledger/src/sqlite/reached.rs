//! Whom a tenant has reached outside of windows: the messaging limit rests on it.

use gate::Reach;
use gate::limits::TIER_SPAN;
use model::{ContactId, Moment, TenantId};
use rusqlite::{Connection, params};

use super::failed;
use super::finding::members;
use super::writer::Work;
use crate::{LedgerError, limits};

/// Milliseconds that one row of `reached_slices` counts: the schema's triggers divide by it as well.
const SLICE_MS: i64 = 300_000;

/// Whole slices are counted already; of the one in which the 24 hours begin the contacts are.
pub(super) fn reach(
    connection: &Connection,
    tenant: &TenantId,
    contact: ContactId,
    now: Moment,
) -> Result<Reach, LedgerError> {
    let begins = now.minus(TIER_SPAN).0;
    let slice = begins.div_euclid(SLICE_MS);
    let counted = "SELECT (SELECT coalesce(sum(contacts), 0) FROM reached_slices WHERE tenant = ?1 AND slice > ?3)
             + (SELECT count(*) FROM reached INDEXED BY reached_by_time WHERE tenant = ?1 AND at > ?2 AND at < ?4),
             (SELECT min(at) FROM reached INDEXED BY reached_by_time WHERE tenant = ?1 AND at > ?2)";
    let (contacts, oldest): (u32, Option<i64>) = connection
        .prepare_cached(counted)
        .and_then(|mut statement| {
            let next_slice = slice.saturating_add(1).saturating_mul(SLICE_MS);
            let parameters = params![tenant.as_str(), begins, slice, next_slice];
            statement.query_row(parameters, |row| Ok((row.get(0)?, row.get(1)?)))
        })
        .map_err(failed("count whom a tenant reached"))?;
    let mut includes_this = false;
    // Those that proved to be the same person: reaching one of them is reaching them all.
    for member in members(connection, tenant, contact)? {
        let is_among: bool = connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM reached WHERE tenant = ?1 AND contact = ?2 AND at > ?3)")
            .and_then(|mut statement| {
                statement.query_row(params![tenant.as_str(), member.0, begins], |row| row.get(0))
            })
            .map_err(failed("look whether a contact was reached"))?;
        includes_this |= is_among;
    }
    Ok(Reach {
        contacts,
        includes_this,
        opens: oldest.map(|at| Moment(at).plus(TIER_SPAN)),
    })
}

/// Notes that a send reaches its contact, and removes some of what counts no more.
pub(super) fn note(
    work: &Work<'_>,
    tenant: &TenantId,
    contact: ContactId,
    now: Moment,
) -> Result<(), LedgerError> {
    let attempt = || -> rusqlite::Result<()> {
        work.connection
            .prepare_cached(
                "INSERT INTO reached (tenant, contact, at) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET at = max(at, excluded.at)",
            )?
            .execute(params![tenant.as_str(), contact.0, now.0])?;
        work.connection
            .prepare_cached(
                "DELETE FROM reached WHERE tenant = ?1 AND contact IN (
                     SELECT contact FROM reached INDEXED BY reached_by_time WHERE tenant = ?1 AND at <= ?2 ORDER BY at LIMIT ?3)",
            )?
            .execute(params![tenant.as_str(), now.minus(TIER_SPAN).0, limits::REACHED_SWEPT])?;
        Ok(())
    };
    attempt().map_err(failed("note whom a send reaches"))
}

/// Two that were reached are one from now on.
pub(super) fn unite(
    connection: &Connection,
    tenant: &TenantId,
    joiner: ContactId,
    survivor: ContactId,
) -> Result<(), LedgerError> {
    let attempt = || -> rusqlite::Result<()> {
        connection
            .prepare_cached(
                "INSERT INTO reached (tenant, contact, at)
                 SELECT tenant, ?3, at FROM reached WHERE tenant = ?1 AND contact = ?2
                 ON CONFLICT DO UPDATE SET at = max(at, excluded.at)",
            )?
            .execute(params![tenant.as_str(), joiner.0, survivor.0])?;
        connection
            .prepare_cached("DELETE FROM reached WHERE tenant = ?1 AND contact = ?2")?
            .execute(params![tenant.as_str(), joiner.0])?;
        Ok(())
    };
    attempt().map_err(failed("join whom a tenant reached"))
}
