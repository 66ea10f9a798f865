//! Consent: the log that proves it, and what WhatsApp itself tells of it.

use model::{
    Consent, ConsentChange, ConsentScope, ContactId, Evidence, Moment, Permission, TenantId,
};
use rusqlite::{Connection, params};

use super::finding::members;
use super::rows::{json, rows, to_json};
use super::{contacts, failed};
use crate::LedgerError;

/// What proves it, oldest first.
pub(super) fn log(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Vec<ConsentChange>, LedgerError> {
    let query = "SELECT change FROM consent WHERE tenant = ?1 AND contact = ?2 ORDER BY seq";
    rows(connection, query, params![tenant.as_str(), id.0], |row| {
        json(row, 0)
    })
    .map_err(failed("read the log of consent"))
}

pub(super) fn record(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
    change: &ConsentChange,
) -> Result<(), LedgerError> {
    let change = to_json(change).map_err(failed("write a change of consent"))?;
    connection
        .prepare_cached(
            "INSERT INTO consent (tenant, contact, seq, change)
             VALUES (?1, ?2, 1 + coalesce((SELECT max(seq) FROM consent WHERE tenant = ?1 AND contact = ?2), 0), ?3)",
        )
        .and_then(|mut statement| statement.execute(params![tenant.as_str(), id.0, change]))
        .map(drop)
        .map_err(failed("log a change of consent"))
}

/// The contact wants marketing messages, or none, since `at`. What they said later stands. Of `everything` it says nothing.
pub(super) fn set_marketing(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
    opted_in: bool,
    at: Moment,
    evidence: Evidence,
) -> Result<(), LedgerError> {
    let change = ConsentChange {
        scope: ConsentScope::Marketing,
        opted_in,
        evidence,
        at,
    };
    let mut took = false;
    // One person: what they say now outweighs what was said before in either lane.
    for member in members(connection, tenant, id)? {
        let Some(mut stored) = contacts::stored(connection, tenant, member)? else {
            continue;
        };
        if is_news(&stored.state.consent, &change) {
            stored.state.consent.apply(&change);
            took = true;
        }
        contacts::change(connection, tenant, member, &stored.state)?;
    }
    match took {
        true => record(connection, tenant, id, &change),
        false => Ok(()),
    }
}

/// Said at the same moment, a no outweighs a yes.
fn is_news(consent: &Consent, change: &ConsentChange) -> bool {
    match consent.marketing {
        Permission::Unasked => true,
        Permission::In(since) => change.at > since || (change.at == since && !change.opted_in),
        Permission::Out(since) => change.at > since,
    }
}

/// Both logs become one, in the order of time.
pub(super) fn unite(
    connection: &Connection,
    tenant: &TenantId,
    joiner: ContactId,
    survivor: ContactId,
) -> Result<(), LedgerError> {
    let theirs = log(connection, tenant, joiner)?;
    if theirs.is_empty() {
        return Ok(());
    }
    let mut both = log(connection, tenant, survivor)?;
    both.extend(theirs);
    // Stable: what each said stays in its order.
    both.sort_by_key(|change| change.at);
    connection
        .prepare_cached("DELETE FROM consent WHERE tenant = ?1 AND contact IN (?2, ?3)")
        .and_then(|mut statement| statement.execute(params![tenant.as_str(), joiner.0, survivor.0]))
        .map_err(failed("join two logs of consent"))?;
    both.iter()
        .try_for_each(|change| record(connection, tenant, survivor, change))
}
