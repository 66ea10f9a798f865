//! Dead letters are taken up again: their messages go through rules and gate as they are now.

use ledger::{DeadLetter, LedgerError};
use model::{DecisionId, Moment, Span, TenantId};

use crate::{Engine, lanes, limits};

/// What became of dead letters that were to be taken up again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Redriven {
    /// They are in their lanes again.
    pub redriven: usize,
    /// Their messages are older than asked for: they stay dead letters.
    pub too_old: usize,
    /// There are more than one call looks at: call again.
    pub more: bool,
}

/// Why a dead letter was not taken up again.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotRedriven {
    /// The tenant has none of that message.
    #[error("the tenant has no such dead letter")]
    Unknown,
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Engine {
    /// Takes one dead letter up again, however old. A question that has become stale goes to a desk, as it would have.
    pub async fn redrive(&self, id: &DecisionId, by: Option<&str>) -> Result<(), NotRedriven> {
        if !self.take_up(id).await? {
            return Err(NotRedriven::Unknown);
        }
        tracing::info!(tenant = %id.tenant, wamid = id.message.masked(), by, "a dead letter is taken up again");
        self.core.tell();
        Ok(())
    }

    /// Takes up again every dead letter of a tenant's whose message was written within this span.
    pub async fn redrive_newer(
        &self,
        tenant: &TenantId,
        newer_than: Span,
        by: Option<&str>,
    ) -> Result<Redriven, LedgerError> {
        let core = &self.core;
        let since = core.clock.now().minus(newer_than);
        let mut letters = core
            .ledger
            .dead_letters(tenant, limits::REDRIVEN_AT_ONCE)
            .await?;
        let mut came_to = Redriven {
            more: letters.len() == limits::REDRIVEN_AT_ONCE,
            ..Redriven::default()
        };
        // A contact's oldest first, so that what they wrote is answered in its order (I4).
        letters.reverse();
        for letter in letters {
            match self.written_at(&letter).await? {
                Some(at) if at >= since => {
                    came_to.redriven += usize::from(self.take_up(&letter.id).await?);
                }
                _ => came_to.too_old += 1,
            }
        }
        tracing::info!(%tenant, redriven = came_to.redriven, too_old = came_to.too_old, by, "dead letters are taken up again");
        core.tell();
        Ok(came_to)
    }

    async fn take_up(&self, id: &DecisionId) -> Result<bool, LedgerError> {
        let core = &self.core;
        let lane = core.ledger.redrive(id, core.clock.now()).await?;
        let is_taken_up = lane.is_some();
        if let Some(lane) = lane {
            lanes::wake(core, lane);
        }
        Ok(is_taken_up)
    }

    async fn written_at(&self, letter: &DeadLetter) -> Result<Option<Moment>, LedgerError> {
        let record = self.core.ledger.decision(&letter.id).await?;
        Ok(record.map(|record| record.message.sent_at))
    }
}
