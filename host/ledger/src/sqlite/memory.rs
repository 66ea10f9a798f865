//! Memory: what plugins keep from turn to turn, of one contact or for all of a tenant's.

use std::collections::BTreeMap;

use model::{ContactId, Entry, MemoryScope, Moment, PluginName, TenantId};
use rusqlite::{Connection, OptionalExtension, params};

use super::failed;
use super::rows::rows;
use super::writer::Work;
use crate::{LedgerError, MemoryWrite, Settlement, SharedMemory, Stamp, limits};

/// Whose keys: a contact's id, or this for all contacts. Contacts' own ids begin with 1.
const SHARED: ContactId = ContactId(0);

pub(super) fn of_contact(
    connection: &Connection,
    tenant: &TenantId,
    plugin: &PluginName,
    contact: ContactId,
    now: Moment,
) -> Result<BTreeMap<String, Entry>, LedgerError> {
    let query = "SELECT key, value, until FROM memory
                 WHERE tenant = ?1 AND plugin = ?2 AND contact = ?3 AND until > ?4";
    rows(
        connection,
        query,
        params![tenant.as_str(), plugin.as_str(), contact.0, now.0],
        |row| {
            let entry = Entry {
                value: row.get(1)?,
                until: Moment(row.get(2)?),
            };
            Ok((row.get(0)?, entry))
        },
    )
    .map(|found| found.into_iter().collect())
    .map_err(failed("read a plugin's memory"))
}

pub(super) fn shared(
    connection: &Connection,
    tenant: &TenantId,
    plugin: &PluginName,
    key: &str,
    now: Moment,
) -> Result<SharedMemory, LedgerError> {
    // One snapshot for the entry and the count.
    let query = "SELECT held.value, held.until, held.by_contact, held.by_sequence,
                        (SELECT count(*) FROM memory WHERE tenant = ?1 AND plugin = ?2 AND contact = ?3 AND until > ?5)
                 FROM (SELECT 1) LEFT JOIN memory AS held
                 ON held.tenant = ?1 AND held.plugin = ?2 AND held.contact = ?3 AND held.key = ?4 AND held.until > ?5";
    connection
        .prepare_cached(query)
        .and_then(|mut statement| {
            let parameters = params![tenant.as_str(), plugin.as_str(), SHARED.0, key, now.0];
            statement.query_row(parameters, |row| {
                let value: Option<String> = row.get(0)?;
                let Some(value) = value else {
                    return Ok(SharedMemory {
                        keys: row.get(4)?,
                        ..SharedMemory::default()
                    });
                };
                Ok(SharedMemory {
                    entry: Some(Entry {
                        value,
                        until: Moment(row.get(1)?),
                    }),
                    stamp: Some(Stamp {
                        contact: ContactId(row.get(2)?),
                        sequence: row.get(3)?,
                    }),
                    keys: row.get(4)?,
                })
            })
        })
        .map_err(failed("read a plugin's shared memory"))
}

/// Whether a shared key is not as the attempt found it, or a memory would hold more than it may: then nothing is written.
pub(super) fn is_lost(work: &Work<'_>, settlement: &Settlement) -> Result<bool, LedgerError> {
    let mut growth: BTreeMap<(&PluginName, MemoryScope), i64> = BTreeMap::new();
    for write in &settlement.memory {
        let stands = stamp(work, settlement, write)?;
        if write.scope == MemoryScope::Shared && stands != write.expected {
            return Ok(true);
        }
        let grows = match (stands, &write.entry) {
            (None, Some(_)) => 1,
            (Some(_), None) => -1,
            _ => 0,
        };
        *growth.entry((&write.plugin, write.scope)).or_default() += grows;
    }
    for ((plugin, scope), grows) in growth {
        let most = i64::try_from(gate::memory::most_keys(scope)).unwrap_or(i64::MAX);
        if grows > 0 && count(work, settlement, plugin, scope)? + grows > most {
            return Ok(true);
        }
    }
    Ok(false)
}

fn owner(settlement: &Settlement, scope: MemoryScope) -> ContactId {
    match scope {
        MemoryScope::Contact => settlement.decision.contact,
        MemoryScope::Shared => SHARED,
    }
}

/// The write that a key holds now, unless its time is over.
fn stamp(
    work: &Work<'_>,
    settlement: &Settlement,
    write: &MemoryWrite,
) -> Result<Option<Stamp>, LedgerError> {
    work.connection
        .prepare_cached(
            "SELECT by_contact, by_sequence FROM memory
             WHERE tenant = ?1 AND plugin = ?2 AND contact = ?3 AND key = ?4 AND until > ?5",
        )
        .and_then(|mut statement| {
            let parameters = params![
                settlement.decision.id.tenant.as_str(),
                write.plugin.as_str(),
                owner(settlement, write.scope).0,
                write.key,
                settlement.now.0
            ];
            let read = |row: &rusqlite::Row<'_>| {
                Ok(Stamp {
                    contact: ContactId(row.get(0)?),
                    sequence: row.get(1)?,
                })
            };
            statement.query_row(parameters, read).optional()
        })
        .map_err(failed("look at a key of memory"))
}

fn count(
    work: &Work<'_>,
    settlement: &Settlement,
    plugin: &PluginName,
    scope: MemoryScope,
) -> Result<i64, LedgerError> {
    work.connection
        .prepare_cached(
            "SELECT count(*) FROM memory WHERE tenant = ?1 AND plugin = ?2 AND contact = ?3 AND until > ?4",
        )
        .and_then(|mut statement| {
            let parameters = params![
                settlement.decision.id.tenant.as_str(),
                plugin.as_str(),
                owner(settlement, scope).0,
                settlement.now.0
            ];
            statement.query_row(parameters, |row| row.get(0))
        })
        .map_err(failed("count the keys of a memory"))
}

/// Writes what a settlement keeps, and removes what it forgets.
pub(super) fn keep(work: &Work<'_>, settlement: &Settlement) -> Result<(), LedgerError> {
    let decision = &settlement.decision;
    let tenant = decision.id.tenant.as_str();
    let attempt = |write: &MemoryWrite| -> rusqlite::Result<usize> {
        let (plugin, owner) = (write.plugin.as_str(), owner(settlement, write.scope).0);
        match &write.entry {
            Some(Entry { value, until }) => work
                .connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO memory (tenant, plugin, contact, key, until, by_contact, by_sequence, value, written_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                )?
                .execute(params![
                    tenant,
                    plugin,
                    owner,
                    write.key,
                    until.0,
                    decision.contact.0,
                    decision.sequence,
                    value,
                    settlement.now.0
                ]),
            None => work
                .connection
                .prepare_cached("DELETE FROM memory WHERE tenant = ?1 AND plugin = ?2 AND contact = ?3 AND key = ?4")?
                .execute(params![tenant, plugin, owner, write.key]),
        }
    };
    for write in &settlement.memory {
        attempt(write).map_err(failed("write a plugin's memory"))?;
    }
    Ok(())
}

/// What is kept of both is kept of one; of a key that both hold, the newer write. Together they may be more than one contact's
/// bound, which then holds for whatever is written after: nothing that a contact was told is forgotten for a join.
pub(super) fn unite(
    connection: &Connection,
    tenant: &TenantId,
    joiner: ContactId,
    survivor: ContactId,
    now: Moment,
) -> Result<(), LedgerError> {
    // From one plugin's name to the next, along the key: a tenant has few plugins, and may have much memory.
    let plugins = "WITH RECURSIVE plugins (name) AS (
                       SELECT min(plugin) FROM memory WHERE tenant = ?1 UNION ALL
                       SELECT (SELECT min(plugin) FROM memory WHERE tenant = ?1 AND plugin > name) FROM plugins WHERE name IS NOT NULL)
                   SELECT name FROM plugins WHERE name IS NOT NULL";
    let attempt = || -> rusqlite::Result<()> {
        let names: Vec<String> = rows(connection, plugins, params![tenant.as_str()], |row| {
            row.get(0)
        })?;
        for plugin in names {
            let owners = (tenant.as_str(), plugin.as_str(), joiner.0, survivor.0);
            connection
                .prepare_cached(
                    "DELETE FROM memory AS theirs WHERE tenant = ?1 AND plugin = ?2 AND contact = ?3 AND EXISTS (
                         SELECT 1 FROM memory AS ours
                         WHERE ours.tenant = ?1 AND ours.plugin = ?2 AND ours.contact = ?4 AND ours.key = theirs.key
                           AND ours.until > ?5 AND (theirs.until <= ?5 OR ours.written_at >= theirs.written_at))",
                )?
                .execute(params![owners.0, owners.1, owners.2, owners.3, now.0])?;
            connection
                .prepare_cached(
                    "UPDATE OR REPLACE memory SET contact = ?4 WHERE tenant = ?1 AND plugin = ?2 AND contact = ?3",
                )?
                .execute(owners)?;
        }
        Ok(())
    };
    attempt().map_err(failed("join two contacts' memory"))
}

/// Removes what has expired, in bounded portions: it was never read again since its time was over.
pub(super) fn sweep(
    connection: &Connection,
    arrivals: usize,
    now: Moment,
) -> Result<(), LedgerError> {
    let portion = (limits::KEYS_SWEPT * (arrivals + 1)).min(limits::OPERATIONS_PER_COMMIT);
    connection
        .prepare_cached(
            "DELETE FROM memory WHERE (tenant, plugin, contact, key) IN (
                 SELECT tenant, plugin, contact, key FROM memory WHERE until <= ?1 ORDER BY until LIMIT ?2)",
        )
        .and_then(|mut statement| statement.execute(params![now.0, portion]))
        .map(drop)
        .map_err(failed("remove what memory has forgotten"))
}
