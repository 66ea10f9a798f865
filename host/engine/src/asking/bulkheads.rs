//! How many ask at once: the same base or endpoint, through the same plugin, and in all. The one place where that is bounded.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use model::{Interface, PluginName, TenantId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Plan, limits, locked};

/// How many may ask at once: what has become slow holds up nobody else. Overflow is answered `slow`.
pub(crate) struct Bulkheads {
    doors: BTreeMap<(TenantId, Interface), BTreeMap<String, Arc<Semaphore>>>,
    /// Of each tenant's plugins how many wait; those that have none waiting are not there.
    plugins: Arc<Mutex<BTreeMap<(TenantId, PluginName), usize>>>,
    all: Arc<Semaphore>,
}

/// Somebody who asks. Their places are free again when it is dropped.
pub(super) struct Asking {
    _door: OwnedSemaphorePermit,
    _in_all: OwnedSemaphorePermit,
    _plugin: OfPlugin,
}

impl Bulkheads {
    pub(crate) fn new(plan: &Plan) -> Self {
        let doors = |names: Vec<&String>| -> BTreeMap<String, Arc<Semaphore>> {
            let door = || Arc::new(Semaphore::new(limits::ASKED_AT_ONCE));
            names
                .into_iter()
                .map(|name| (name.clone(), door()))
                .collect()
        };
        let of_tenant = plan.tenants.iter().flat_map(|(id, tenant)| {
            [
                (
                    (id.clone(), Interface::Knowledge),
                    doors(tenant.knowledge.keys().collect()),
                ),
                (
                    (id.clone(), Interface::Lookup),
                    doors(tenant.endpoints.keys().collect()),
                ),
            ]
        });
        Self {
            doors: of_tenant.collect(),
            plugins: Arc::default(),
            all: Arc::new(Semaphore::new(limits::WAITING_OUTSIDE)),
        }
    }

    pub(super) fn enter(
        &self,
        (tenant, plugin): (&TenantId, &PluginName),
        what: Interface,
        name: &str,
    ) -> Option<Asking> {
        let door = self.doors.get(&(tenant.clone(), what))?.get(name)?;
        Some(Asking {
            _door: Arc::clone(door).try_acquire_owned().ok()?,
            _plugin: OfPlugin::enter(&self.plugins, (tenant.clone(), plugin.clone()))?,
            _in_all: Arc::clone(&self.all).try_acquire_owned().ok()?,
        })
    }
}

/// One of those that wait for a plugin of a tenant.
struct OfPlugin {
    whose: (TenantId, PluginName),
    plugins: Arc<Mutex<BTreeMap<(TenantId, PluginName), usize>>>,
}

impl OfPlugin {
    fn enter(
        plugins: &Arc<Mutex<BTreeMap<(TenantId, PluginName), usize>>>,
        whose: (TenantId, PluginName),
    ) -> Option<Self> {
        let mut waiting = locked(plugins);
        let count = waiting.get(&whose).copied().unwrap_or(0);
        if count >= limits::WAITING_OF_PLUGIN {
            return None;
        }
        waiting.insert(whose.clone(), count + 1);
        let plugins = Arc::clone(plugins);
        Some(Self { whose, plugins })
    }
}

impl Drop for OfPlugin {
    fn drop(&mut self) {
        let mut waiting = locked(&self.plugins);
        match waiting.get_mut(&self.whose) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(waiting.remove(&self.whose)),
        }
    }
}
