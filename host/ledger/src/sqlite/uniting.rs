//! What becomes of two contacts' records when they are joined: all of both, and of what they allowed the stricter.

use std::collections::BTreeMap;

use model::{ContactId, Moment, TenantId};
use rusqlite::params;

use super::contacts::{self, Stored};
use super::rows::to_json;
use super::state::State;
use super::writer::Work;
use super::{consent, failed, memory, notes, reached};
use crate::LedgerError;
use crate::state::later;

/// Makes `survivor` both of them. What stands under the joiner's id stays readable there: messages and decisions.
pub(super) fn unite(
    work: &Work<'_>,
    tenant: &TenantId,
    joiner: ContactId,
    survivor: ContactId,
    now: Moment,
) -> Result<(), LedgerError> {
    let connection = work.connection;
    let (Some(joins), Some(remains)) = (
        contacts::stored(connection, tenant, joiner)?,
        contacts::stored(connection, tenant, survivor)?,
    ) else {
        return Err(LedgerError::Corrupt {
            what: "join".into(),
            cause: format!("{tenant} {joiner} or {survivor} is not there"),
        });
    };
    write(work, tenant, survivor, &united(remains, joins))?;
    clear(work, tenant, joiner)?;
    consent::unite(work, tenant, joiner, survivor)?;
    notes::unite(connection, tenant, joiner, survivor)?;
    memory::unite(connection, tenant, joiner, survivor, now)?;
    reached::unite(connection, tenant, joiner, survivor)?;
    for statement in [
        "UPDATE hand_offs INDEXED BY hand_offs_by_contact SET contact = ?3 WHERE tenant = ?1 AND contact = ?2",
        "UPDATE reply_drafts INDEXED BY reply_drafts_by_contact SET contact = ?3, body = json_set(body, '$.contact', ?3) WHERE tenant = ?1 AND contact = ?2",
        // Sends keep their order: it is the tenant's.
        "UPDATE outbox INDEXED BY outbox_by_contact SET contact = ?3, body = json_set(body, '$.contact', ?3) WHERE tenant = ?1 AND contact = ?2",
    ] {
        connection
            .prepare_cached(statement)
            .and_then(|mut statement| {
                statement.execute(params![tenant.as_str(), joiner.0, survivor.0])
            })
            .map_err(failed("move what is a contact's"))?;
    }
    Ok(())
}

fn united(remains: Stored, joins: Stored) -> Stored {
    let mut state = remains.state;
    state.unite(joins.state);

    let wrote = |windows: &BTreeMap<_, Moment>| windows.values().max().copied();
    let wrote_later = wrote(&joins.last_inbound) > wrote(&remains.last_inbound);
    let mut name = remains.name;
    later(wrote_later, &mut name, joins.name);
    let mut last_inbound = remains.last_inbound;
    for (number, at) in joins.last_inbound {
        let window = last_inbound.entry(number).or_insert(at);
        *window = (*window).max(at);
    }
    Stored {
        key: remains.key,
        name,
        state,
        last_inbound,
        first_seen: remains.first_seen.min(joins.first_seen),
        stop_pending: remains.stop_pending || joins.stop_pending,
        version: remains.version,
        is_erased: remains.is_erased,
    }
}

fn write(
    work: &Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    stored: &Stored,
) -> Result<(), LedgerError> {
    let attempt = || -> rusqlite::Result<usize> {
        work.connection
            .prepare_cached(
                "UPDATE contacts SET name = ?3, state = ?4, last_inbound = ?5, first_seen = ?6, version = version + 1,
                        stop_pending = ?7 AND EXISTS (
                            SELECT 1 FROM messages WHERE tenant = ?1 AND contact = ?2 AND undone = 1 AND is_stop = 1)
                 WHERE tenant = ?1 AND id = ?2",
            )?
            .execute(params![
                tenant.as_str(),
                id.0,
                stored.name,
                to_json(&stored.state)?,
                to_json(&stored.last_inbound)?,
                stored.first_seen.0,
                stored.stop_pending
            ])
    };
    attempt()
        .map(drop)
        .map_err(failed("write a joined contact"))
}

/// Its row remains, so that its id is never given again; what was personal in it is the other's now.
fn clear(work: &Work<'_>, tenant: &TenantId, id: ContactId) -> Result<(), LedgerError> {
    let attempt = || -> rusqlite::Result<usize> {
        work.connection
            .prepare_cached(
                "UPDATE contacts SET name = NULL, state = ?3, last_inbound = '{}', stop_pending = 0, version = version + 1
                 WHERE tenant = ?1 AND id = ?2",
            )?
            .execute(params![tenant.as_str(), id.0, to_json(&State::default())?])
    };
    attempt()
        .map(drop)
        .map_err(failed("clear a joined contact"))
}
