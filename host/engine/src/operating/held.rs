//! Sends whose outcome nobody knows, and what a person makes of those that are held (I11).

use ledger::{LedgerError, Resolution, Unsure};
use model::{SendState, SendToken, TenantId};

use crate::Engine;

/// Why a held send stays held.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Unresolved {
    /// The tenant has no send of that token whose outcome is unknown.
    #[error("the tenant has no such send of unknown outcome")]
    Unknown,
    /// It is not held yet.
    #[error(
        "its outcome is still being looked into: it is settled or sent once more by itself, or held for you later"
    )]
    NotHeld,
    /// A status, or another person, was quicker.
    #[error("it was settled a moment ago")]
    Settled,
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Engine {
    /// A tenant's sends of unknown outcome with their evidence: those that are held for a person first, newest first.
    pub async fn held(&self, tenant: &TenantId, most: usize) -> Result<Vec<Unsure>, LedgerError> {
        let ledger = &self.core.ledger;
        let mut unsure = Vec::new();
        for state in [SendState::Held, SendState::Unknown] {
            let room = most.saturating_sub(unsure.len());
            if room == 0 {
                break;
            }
            for record in ledger.outbox(tenant, Some(state), room).await? {
                // A status may have settled it meanwhile.
                unsure.extend(ledger.unsure_of(tenant, &record.outbound.token).await?);
            }
        }
        Ok(unsure)
    }

    /// A person has a held send sent once more. The gate judges it on leaving, as it judges every send (I6).
    pub async fn resend_held(
        &self,
        tenant: &TenantId,
        token: &SendToken,
        by: Option<&str>,
    ) -> Result<(), Unresolved> {
        self.resolve_held(tenant, token, Resolution::SendAnyway, by)
            .await
    }

    /// A person gives a held send up: it is not sent again.
    pub async fn drop_held(
        &self,
        tenant: &TenantId,
        token: &SendToken,
        by: Option<&str>,
    ) -> Result<(), Unresolved> {
        self.resolve_held(tenant, token, Resolution::Drop, by).await
    }

    async fn resolve_held(
        &self,
        tenant: &TenantId,
        token: &SendToken,
        resolution: Resolution,
        by: Option<&str>,
    ) -> Result<(), Unresolved> {
        let core = &self.core;
        let unsure = core.ledger.unsure_of(tenant, token).await?;
        let unsure = unsure.ok_or(Unresolved::Unknown)?;
        if unsure.record.state != SendState::Held {
            return Err(Unresolved::NotHeld);
        }
        let now = core.clock.now();
        if !core.ledger.resolve(tenant, token, resolution, now).await? {
            return Err(Unresolved::Settled);
        }
        tracing::warn!(%tenant, %token, ?resolution, by, "a person decided on a held send");
        core.outbox.wake();
        core.tell();
        Ok(())
    }
}
