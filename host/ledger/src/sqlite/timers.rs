//! Timers: they follow from what is stored, and are no records of their own.

use model::{ContactId, Moment, TenantId};
use rusqlite::{Connection, OptionalExtension, params};

use super::finding::members;
use super::rows::{bounded, rows, typed};
use super::writer::Work;
use super::{contacts, failed};
use crate::{Lane, LedgerError, Timer};

pub(super) fn due(
    connection: &Connection,
    now: Moment,
    most: usize,
) -> Result<Vec<Timer>, LedgerError> {
    let query = "SELECT tenant, id, paused_until FROM contacts INDEXED BY contacts_paused
                 WHERE paused_until IS NOT NULL AND paused_until <= ?1 ORDER BY paused_until LIMIT ?2";
    rows(connection, query, params![now.0, bounded(most)], |row| {
        let lane = Lane {
            tenant: typed(0, TenantId::new(row.get::<_, String>(0)?))?,
            contact: ContactId(row.get(1)?),
        };
        Ok(Timer::PauseEnds {
            lane,
            at: Moment(row.get(2)?),
        })
    })
    .map_err(failed("look for timers that are due"))
}

pub(super) fn next(connection: &Connection) -> Result<Option<Moment>, LedgerError> {
    let query = "SELECT paused_until FROM contacts INDEXED BY contacts_paused
                 WHERE paused_until IS NOT NULL ORDER BY paused_until LIMIT 1";
    connection
        .prepare_cached(query)
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)).optional())
        .map(|found| found.map(Moment))
        .map_err(failed("look for the next timer"))
}

/// While the contact is being joined, each one's pause is its own: the talk is free when none is left.
pub(super) fn end_pause(
    work: &Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    now: Moment,
) -> Result<bool, LedgerError> {
    let (mut has_ended, mut is_paused) = (false, false);
    let members = members(work.connection, tenant, id)?;
    for member in &members {
        let Some(mut stored) = contacts::stored(work.connection, tenant, *member)? else {
            continue;
        };
        match &stored.state.pause {
            Some(pause) if pause.until <= now => {
                stored.state.pause = None;
                contacts::change(work.connection, tenant, *member, &stored.state)?;
                has_ended = true;
            }
            Some(_) => is_paused = true,
            None => {}
        }
    }
    if has_ended {
        // Each is read with what the others forbid.
        for member in members {
            contacts::count_on(work.connection, tenant, member)?;
        }
    }
    Ok(has_ended && !is_paused)
}
