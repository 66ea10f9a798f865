//! Memory: what plugins keep from turn to turn, of one contact or for all of a tenant's.

use std::collections::BTreeMap;

use ledger::{LedgerError, MemoryWrite, Settlement, SharedMemory};
use model::{ContactId, Entry, MemoryScope, Moment, PluginName, TenantId};

use super::records::{Growth, Memory, growth_key, memory_key, memory_place};
use super::store::{Range, chance};
use super::work::Work;

/// What a plugin keeps, by key; nothing whose time is over.
async fn kept(
    work: &mut Work<'_>,
    tenant: &TenantId,
    plugin: &PluginName,
    contact: Option<ContactId>,
    now: Moment,
) -> Result<Vec<Memory>, LedgerError> {
    let (partition, prefix) = memory_place(tenant, plugin, contact);
    let mut found: Vec<Memory> = work.query(&partition, &Range::beginning(&prefix)).await?;
    found.retain(|memory| memory.until > now);
    Ok(found)
}

pub(super) async fn of_contact(
    work: &mut Work<'_>,
    tenant: &TenantId,
    plugin: &PluginName,
    contact: ContactId,
    now: Moment,
) -> Result<BTreeMap<String, Entry>, LedgerError> {
    let found = kept(work, tenant, plugin, Some(contact), now).await?;
    let entry = |Memory {
                     key, value, until, ..
                 }| (key, Entry { value, until });
    Ok(found.into_iter().map(entry).collect())
}

pub(super) async fn shared(
    work: &mut Work<'_>,
    tenant: &TenantId,
    plugin: &PluginName,
    key: &str,
    now: Moment,
) -> Result<SharedMemory, LedgerError> {
    let found = kept(work, tenant, plugin, None, now).await?;
    let keys = found.len();
    let held = found.into_iter().find(|memory| memory.key == key);
    Ok(SharedMemory {
        stamp: held.as_ref().map(Memory::stamp),
        entry: held.map(|Memory { value, until, .. }| Entry { value, until }),
        keys,
    })
}

fn owner(settlement: &Settlement, scope: MemoryScope) -> Option<ContactId> {
    match scope {
        MemoryScope::Contact => Some(settlement.decision.contact),
        MemoryScope::Shared => None,
    }
}

/// Reads what a write finds under its key, and lets the settle rest on it.
async fn stands(
    work: &mut Work<'_>,
    settlement: &Settlement,
    write: &MemoryWrite,
) -> Result<Option<Memory>, LedgerError> {
    let MemoryWrite {
        plugin, scope, key, ..
    } = write;
    let tenant = &settlement.decision.id.tenant;
    work.load(&memory_key(tenant, plugin, owner(settlement, *scope), key))
        .await
}

/// Whether a shared key is not as the attempt found it, or a memory would hold more than it may: then nothing is written.
pub(super) async fn is_lost(
    work: &mut Work<'_>,
    settlement: &Settlement,
) -> Result<bool, LedgerError> {
    let mut growth: BTreeMap<(&PluginName, MemoryScope), i64> = BTreeMap::new();
    for write in &settlement.memory {
        let found = stands(work, settlement, write).await?;
        let stamp = found
            .filter(|memory| memory.until > settlement.now)
            .map(|memory| memory.stamp());
        if write.scope == MemoryScope::Shared && stamp != write.expected {
            return Ok(true);
        }
        let grows = match (stamp, &write.entry) {
            (None, Some(_)) => 1,
            (Some(_), None) => -1,
            _ => 0,
        };
        *growth.entry((&write.plugin, write.scope)).or_default() += grows;
    }
    let tenant = &settlement.decision.id.tenant;
    for ((plugin, scope), grows) in growth {
        if grows <= 0 {
            continue;
        }
        if scope == MemoryScope::Shared {
            // I14: of those who add a key at once one is first, and the others count again.
            let _: Option<Growth> = work.load(&growth_key(tenant, plugin)).await?;
            work.save(&Growth {
                tenant: tenant.clone(),
                plugin: plugin.clone(),
                by: Some(chance()?),
            })?;
        }
        let contact = owner(settlement, scope);
        let held = kept(work, tenant, plugin, contact, settlement.now)
            .await?
            .len();
        let most = gate::memory::most_keys(scope);
        if i64::try_from(held).unwrap_or(i64::MAX) + grows > i64::try_from(most).unwrap_or(i64::MAX)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Writes what a settlement keeps, and removes what it forgets.
pub(super) async fn keep(work: &mut Work<'_>, settlement: &Settlement) -> Result<(), LedgerError> {
    let decision = &settlement.decision;
    for write in &settlement.memory {
        let found = stands(work, settlement, write).await?;
        match (&write.entry, found) {
            (Some(Entry { value, until }), _) => work.save(&Memory {
                tenant: decision.id.tenant.clone(),
                plugin: write.plugin.clone(),
                contact: owner(settlement, write.scope),
                key: write.key.clone(),
                value: value.clone(),
                until: *until,
                by_contact: decision.contact,
                by_sequence: decision.sequence,
                written_at: settlement.now,
            })?,
            (None, Some(found)) => work.remove(&found)?,
            (None, None) => {}
        }
    }
    Ok(())
}
