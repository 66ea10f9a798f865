//! Joins: two contacts that proved to be one person take a place for it in both lanes, and become one when both have come to it.

use model::{ContactId, Moment, TenantId};
use rusqlite::{Connection, OptionalExtension, params};

use super::finding::members;
use super::writer::Work;
use super::{addressing, aliases, contacts, failed, joins, uniting};
use crate::{Joined, Lane, LedgerError};

/// From now on `joiner` is found no more: whatever led there leads to `survivor`, behind the join.
pub(super) fn queue(
    work: &mut Work<'_>,
    tenant: &TenantId,
    joiner: ContactId,
    survivor: ContactId,
    now: Moment,
) -> Result<(), LedgerError> {
    let connection = work.connection;
    let phone = contacts::stored(connection, tenant, joiner)?
        .and_then(|stored| stored.key)
        .and_then(|key| key.phone().cloned());
    aliases::hand_over(connection, tenant, joiner, survivor)?;
    for (lane, with) in [(joiner, survivor), (survivor, joiner)] {
        take_place(connection, tenant, lane, with, now)?;
    }
    connection
        .prepare_cached("INSERT INTO joins (tenant, contact, into_contact) VALUES (?1, ?2, ?3)")
        .and_then(|mut statement| statement.execute(params![tenant.as_str(), joiner.0, survivor.0]))
        .map_err(failed("queue a join"))?;
    // Each is seen with what the others forbid from now on.
    for member in members(connection, tenant, survivor)? {
        contacts::count_on(connection, tenant, member)?;
    }
    match phone {
        Some(phone) => addressing::readdress(work, tenant, survivor, "phone", phone.as_str()),
        None => Ok(()),
    }
}

fn take_place(
    connection: &Connection,
    tenant: &TenantId,
    lane: ContactId,
    with: ContactId,
    now: Moment,
) -> Result<(), LedgerError> {
    let attempt = || -> rusqlite::Result<usize> {
        let sequence: u64 = connection
            .prepare_cached(
                "UPDATE contacts SET accepted = accepted + 1 WHERE tenant = ?1 AND id = ?2 RETURNING accepted",
            )?
            .query_row(params![tenant.as_str(), lane.0], |row| row.get(0))?;
        connection
            .prepare_cached(
                "INSERT INTO messages (tenant, contact, sequence, number, body, accepted_at, is_stop, joins)
                 VALUES (?1, ?2, ?3, '', '', ?4, 0, ?5)",
            )?
            .execute(params![tenant.as_str(), lane.0, sequence, now.0, with.0])
    };
    attempt()
        .map(drop)
        .map_err(failed("give a join its place in a lane"))
}

/// What a lane has come to.
struct Place {
    sequence: u64,
    joins: Option<ContactId>,
}

fn first_undone(
    connection: &Connection,
    tenant: &TenantId,
    lane: ContactId,
) -> Result<Option<Place>, LedgerError> {
    connection
        .prepare_cached(
            "SELECT sequence, joins FROM messages INDEXED BY messages_undone
             WHERE tenant = ?1 AND contact = ?2 AND undone = 1 ORDER BY sequence LIMIT 1",
        )
        .and_then(|mut statement| {
            let read = |row: &rusqlite::Row<'_>| {
                Ok(Place {
                    sequence: row.get(0)?,
                    joins: row.get::<_, Option<u64>>(1)?.map(ContactId),
                })
            };
            statement
                .query_row(params![tenant.as_str(), lane.0], read)
                .optional()
        })
        .map_err(failed("look for a lane's next place"))
}

/// Makes one of two, if both lanes have come to it. The joins of a lane stand there in the order of acceptance, and so do those of
/// every other: the oldest that is undone always finds its way free, so none waits for ever.
pub(super) fn join(work: &mut Work<'_>, lane: &Lane, now: Moment) -> Result<Joined, LedgerError> {
    let Lane {
        tenant,
        contact: here,
    } = lane;
    let connection = work.connection;
    let Some(Place {
        sequence,
        joins: Some(there),
    }) = first_undone(connection, tenant, *here)?
    else {
        return Ok(Joined::Gone);
    };
    let met = match first_undone(connection, tenant, there)? {
        Some(Place { sequence, joins }) if joins == Some(*here) => sequence,
        _ => return Ok(Joined::Waits),
    };
    let (joiner, survivor) = match is_to_join(connection, tenant, *here, there)? {
        true => (*here, there),
        false => (there, *here),
    };
    // Its attempts read it with what the other forbids, and from now on it is gone, or more than it was.
    uniting::unite(work, tenant, joiner, survivor, now)?;
    for (lane, sequence) in [(*here, sequence), (there, met)] {
        pass(connection, tenant, lane, sequence)?;
    }
    mark_done(connection, tenant, joiner)?;
    work.kept.contacts = work.kept.contacts.saturating_sub(1);
    let others = joins::standing(connection, tenant, survivor)?.others;
    for member in others {
        contacts::count_on(connection, tenant, member)?;
    }
    Ok(Joined::Done(Lane {
        tenant: tenant.clone(),
        contact: survivor,
    }))
}

fn is_to_join(
    connection: &Connection,
    tenant: &TenantId,
    joiner: ContactId,
    survivor: ContactId,
) -> Result<bool, LedgerError> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM joins WHERE tenant = ?1 AND contact = ?2 AND into_contact = ?3 AND done = 0)",
        )
        .and_then(|mut statement| {
            statement.query_row(params![tenant.as_str(), joiner.0, survivor.0], |row| row.get(0))
        })
        .map_err(failed("look for a join"))
}

/// The place is done, and the lane goes on behind it (I4).
fn pass(
    connection: &Connection,
    tenant: &TenantId,
    lane: ContactId,
    sequence: u64,
) -> Result<(), LedgerError> {
    for statement in [
        "UPDATE messages SET undone = 0 WHERE tenant = ?1 AND contact = ?2 AND sequence = ?3",
        "UPDATE contacts SET done = ?3 WHERE tenant = ?1 AND id = ?2",
    ] {
        connection
            .prepare_cached(statement)
            .and_then(|mut statement| statement.execute(params![tenant.as_str(), lane.0, sequence]))
            .map_err(failed("mark a join done"))?;
    }
    Ok(())
}

fn mark_done(
    connection: &Connection,
    tenant: &TenantId,
    joiner: ContactId,
) -> Result<(), LedgerError> {
    connection
        .prepare_cached("UPDATE joins SET done = 1 WHERE tenant = ?1 AND contact = ?2")
        .and_then(|mut statement| statement.execute(params![tenant.as_str(), joiner.0]))
        .map(drop)
        .map_err(failed("mark a join done"))
}
