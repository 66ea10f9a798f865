//! How many ask the same at once. The one place where that is bounded, whatever stands behind a name.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Interface, TenantId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Plan, limits};

/// How many may ask the same at once: one that has become slow holds up nobody else. Overflow is answered `slow`.
pub(crate) struct Bulkheads(BTreeMap<(TenantId, Interface), BTreeMap<String, Arc<Semaphore>>>);

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
        Self(of_tenant.collect())
    }

    pub(super) fn enter(
        &self,
        tenant: &TenantId,
        what: Interface,
        name: &str,
    ) -> Option<OwnedSemaphorePermit> {
        let door = self.0.get(&(tenant.clone(), what))?.get(name)?;
        Arc::clone(door).try_acquire_owned().ok()
    }
}
