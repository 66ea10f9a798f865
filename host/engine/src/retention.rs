//! What is erased and what is past its time: the ledger forgets, a person's wish or a clock's.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ledger::{Erased, LedgerError, Retained, Retention};
use model::{ContactId, TenantId};

use crate::{Core, Engine, limits};

/// How long each tenant keeps what; a tenant that is not named keeps it for as long as is usual.
pub type Retentions = BTreeMap<TenantId, Retention>;

impl Engine {
    /// Begins to remove what is past its time, in the background and in small portions, for as long as the engine runs.
    pub fn keep_no_longer_than(&self, retentions: Retentions) {
        if self.core.retentions.set(retentions).is_ok() {
            tokio::spawn(remove_now_and_then(Arc::clone(&self.core)));
        }
    }

    /// Erases a contact, or with `dry_run` tells what that would remove. Nothing if there never was one with that id.
    pub async fn erase(
        &self,
        tenant: &TenantId,
        contact: ContactId,
        by: Option<&str>,
        dry_run: bool,
    ) -> Result<Option<Erased>, LedgerError> {
        let core = &self.core;
        let now = core.clock.now();
        if dry_run {
            return core.ledger.erasure(tenant, contact, now).await;
        }
        let erased = core.ledger.erase(tenant, contact, now).await?;
        if erased.is_some() {
            tracing::info!(%tenant, %contact, by, "a contact was erased");
            core.tell();
        }
        Ok(erased)
    }

    /// Removes a portion of what is past its time, or with `dry_run` tells how much is.
    pub async fn retain(&self, tenant: &TenantId, dry_run: bool) -> Result<Retained, LedgerError> {
        let (core, retention) = (&self.core, self.core.retention(tenant));
        let now = core.clock.now();
        match dry_run {
            true => core.ledger.expired(tenant, &retention, now).await,
            false => {
                let most = limits::RETAINED_AT_ONCE;
                core.ledger.retain(tenant, &retention, now, most).await
            }
        }
    }
}

impl Core {
    fn retention(&self, tenant: &TenantId) -> Retention {
        let set = self.retentions.get();
        set.and_then(|retentions| retentions.get(tenant).copied())
            .unwrap_or_default()
    }
}

async fn remove_now_and_then(core: Arc<Core>) {
    // A start has enough to do.
    core.pause(limits::RETENTION_BEGINS).await;
    while !core.is_stopping() {
        let more = remove_some(&core).await;
        let rest: Duration = match more {
            true => limits::RETENTION_BREATH,
            false => limits::RETENTION_EVERY,
        };
        core.pause(rest).await;
    }
}

/// One portion of each tenant. Whether there is more.
async fn remove_some(core: &Core) -> bool {
    let mut more = false;
    for tenant in core.plan.tenants.keys() {
        let retention = core.retention(tenant);
        let retained = core.ledger.retain(
            tenant,
            &retention,
            core.clock.now(),
            limits::RETAINED_AT_ONCE,
        );
        match retained.await {
            Ok(retained) => {
                more |= retained.more;
                if retained.total() > 0 {
                    tracing::info!(%tenant, removed = ?retained.removed, "what was past its time was removed");
                }
            }
            // It is tried again at the next turn; what is wrong with the ledger is said elsewhere.
            Err(error) => {
                tracing::warn!(%tenant, %error, "nothing that is past its time could be removed");
            }
        }
        if core.is_stopping() {
            return false;
        }
    }
    more
}
