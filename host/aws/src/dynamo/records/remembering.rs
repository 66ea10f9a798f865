//! What plugins keep and note.

use ledger::Stamp;
use model::{ContactId, Moment, PluginName, TenantId, Wamid};
use serde::{Deserialize, Serialize};

use super::{contact_partition, id_text, place, time};
use crate::dynamo::item::{Key, Places, Record};

/// What a plugin keeps under a key: of a contact, or for all of a tenant's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::dynamo) struct Memory {
    pub(in crate::dynamo) tenant: TenantId,
    pub(in crate::dynamo) plugin: PluginName,
    pub(in crate::dynamo) contact: Option<ContactId>,
    pub(in crate::dynamo) key: String,
    pub(in crate::dynamo) value: String,
    pub(in crate::dynamo) until: Moment,
    pub(in crate::dynamo) by_contact: ContactId,
    pub(in crate::dynamo) by_sequence: u64,
    pub(in crate::dynamo) written_at: Moment,
}

impl Memory {
    pub(in crate::dynamo) fn stamp(&self) -> Stamp {
        Stamp {
            contact: self.by_contact,
            sequence: self.by_sequence,
        }
    }
}

/// Where a plugin's keys stand, and how they begin there.
pub(in crate::dynamo) fn memory_place(
    tenant: &TenantId,
    plugin: &PluginName,
    contact: Option<ContactId>,
) -> (String, String) {
    match contact {
        Some(contact) => (contact_partition(tenant, contact), format!("k#{plugin} ")),
        None => (format!("{tenant}#shared#{plugin}"), "k#".to_owned()),
    }
}

pub(in crate::dynamo) fn memory_key(
    tenant: &TenantId,
    plugin: &PluginName,
    contact: Option<ContactId>,
    key: &str,
) -> Key {
    let (partition, prefix) = memory_place(tenant, plugin, contact);
    Key::new(partition, format!("{prefix}{key}"))
}

impl Record for Memory {
    const WHAT: &'static str = "memory";

    fn key(&self) -> Key {
        memory_key(&self.tenant, &self.plugin, self.contact, &self.key)
    }

    fn expires(&self) -> Option<Moment> {
        Some(self.until)
    }
}

/// Guards the growth of what a plugin keeps for all contacts: of those who add a key at once one is first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::dynamo) struct Growth {
    pub(in crate::dynamo) tenant: TenantId,
    pub(in crate::dynamo) plugin: PluginName,
    pub(in crate::dynamo) by: Option<u64>,
}

pub(in crate::dynamo) fn growth_key(tenant: &TenantId, plugin: &PluginName) -> Key {
    Key::new(format!("{tenant}#shared#{plugin}"), "growth")
}

impl Record for Growth {
    const WHAT: &'static str = "growth of memory";

    fn key(&self) -> Key {
        growth_key(&self.tenant, &self.plugin)
    }
}

/// What plugins noted of one message.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::dynamo) struct Noted {
    pub(in crate::dynamo) tenant: TenantId,
    pub(in crate::dynamo) contact: ContactId,
    pub(in crate::dynamo) seq: u64,
    pub(in crate::dynamo) texts: Vec<String>,
    pub(in crate::dynamo) message: Wamid,
    pub(in crate::dynamo) at: Moment,
}

impl Record for Noted {
    const WHAT: &'static str = "note";

    fn key(&self) -> Key {
        Key::new(
            contact_partition(&self.tenant, self.contact),
            format!("n#{}", place(self.seq)),
        )
    }

    /// 1: the tenant's, by time.
    fn places(&self) -> Places {
        let at = format!(
            "{} {} {}",
            time(self.at),
            id_text(self.contact),
            place(self.seq)
        );
        [
            Some((format!("{}#notes", self.tenant), at)),
            None,
            None,
            None,
            None,
        ]
    }
}
