//! What plugins remember, as one attempt sees it: what it staged itself, then what the ledger held when it first looked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use gate::memory::Held;
use ledger::{Ledger, LedgerError, MemoryWrite, SharedMemory};
use model::{ContactId, Entry, MemoryScope, Moment, PluginName, TenantId};

use crate::locked;

/// What a decision would write: each key's last word, nothing for one that is forgotten.
pub(crate) type Staged = BTreeMap<(PluginName, MemoryScope, String), Option<Entry>>;

/// What the ledger held when this attempt first looked. Looked at once: an attempt sees one state, whatever others write meanwhile.
pub(crate) struct Found {
    ledger: Arc<dyn Ledger>,
    tenant: TenantId,
    contact: ContactId,
    now: Moment,
    of_contact: Mutex<BTreeMap<PluginName, BTreeMap<String, Entry>>>,
    shared: Mutex<BTreeMap<(PluginName, String), SharedMemory>>,
}

impl Found {
    pub(crate) fn new(
        ledger: Arc<dyn Ledger>,
        tenant: TenantId,
        contact: ContactId,
        now: Moment,
    ) -> Self {
        Self {
            ledger,
            tenant,
            contact,
            now,
            of_contact: Mutex::default(),
            shared: Mutex::default(),
        }
    }

    /// Reads what is needed to answer for this key, if that was not done before.
    pub(crate) async fn look(
        &self,
        plugin: &PluginName,
        scope: MemoryScope,
        key: &str,
    ) -> Result<(), LedgerError> {
        match scope {
            MemoryScope::Contact => {
                if locked(&self.of_contact).contains_key(plugin) {
                    return Ok(());
                }
                let found = self
                    .ledger
                    .memory(&self.tenant, plugin, self.contact, self.now)
                    .await?;
                locked(&self.of_contact).insert(plugin.clone(), found);
            }
            MemoryScope::Shared => {
                let place = (plugin.clone(), key.to_owned());
                if locked(&self.shared).contains_key(&place) {
                    return Ok(());
                }
                let found = self
                    .ledger
                    .shared_memory(&self.tenant, plugin, key, self.now)
                    .await?;
                locked(&self.shared).insert(place, found);
            }
        }
        Ok(())
    }

    /// What stands under a key: this decision's own word on it, else the ledger's.
    pub(crate) fn entry(
        &self,
        staged: &Staged,
        plugin: &PluginName,
        scope: MemoryScope,
        key: &str,
    ) -> Option<Entry> {
        match staged.get(&(plugin.clone(), scope, key.to_owned())) {
            Some(own) => own.clone(),
            None => self.in_ledger(plugin, scope, key),
        }
    }

    fn in_ledger(&self, plugin: &PluginName, scope: MemoryScope, key: &str) -> Option<Entry> {
        match scope {
            MemoryScope::Contact => locked(&self.of_contact).get(plugin)?.get(key).cloned(),
            MemoryScope::Shared => {
                let place = (plugin.clone(), key.to_owned());
                locked(&self.shared).get(&place)?.entry.clone()
            }
        }
    }

    /// How full a memory is, for the gate.
    pub(crate) fn held(
        &self,
        staged: &Staged,
        plugin: &PluginName,
        scope: MemoryScope,
        key: &str,
    ) -> Held {
        let before = match scope {
            MemoryScope::Contact => locked(&self.of_contact)
                .get(plugin)
                .map_or(0, BTreeMap::len),
            MemoryScope::Shared => locked(&self.shared)
                .get(&(plugin.clone(), key.to_owned()))
                .map_or(0, |found| found.keys),
        };
        let own = staged
            .iter()
            .filter(|((owner, of, _), _)| owner == plugin && *of == scope);
        let (mut came, mut went) = (0, 0);
        for ((_, _, key), word) in own {
            match (word, self.in_ledger(plugin, scope, key)) {
                (Some(_), None) => came += 1,
                (None, Some(_)) => went += 1,
                _ => {}
            }
        }
        Held {
            keys: (before + came).saturating_sub(went),
            is_there: self.entry(staged, plugin, scope, key).is_some(),
        }
    }

    /// What settles: each write with what was found in its place.
    pub(crate) fn writes(&self, staged: Staged) -> Vec<MemoryWrite> {
        let shared = locked(&self.shared);
        let write = |((plugin, scope, key), entry)| {
            let place = (plugin, key);
            let expected = match scope {
                MemoryScope::Shared => shared.get(&place).and_then(|found| found.stamp),
                MemoryScope::Contact => None,
            };
            let (plugin, key) = place;
            MemoryWrite {
                plugin,
                scope,
                key,
                entry,
                expected,
            }
        };
        staged.into_iter().map(write).collect()
    }
}
