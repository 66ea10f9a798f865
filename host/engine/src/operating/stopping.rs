//! Stop switches, thrown and lifted by operators: durable, and in force for the next send.

use ledger::LedgerError;
use model::{NumberId, StopSwitch, StopTarget, StoppedBy, TenantId};

use crate::{Engine, switches};

/// What an operator stops, or lets go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopping {
    /// Everything that the tenant sends.
    Tenant,
    /// What leaves from one of its numbers, by alias or id.
    Number(String),
    /// A template, by name.
    Template(String),
}

/// Why a switch stays as it is.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotStopped {
    /// There is no such tenant.
    #[error("there is no such tenant")]
    NoTenant,
    /// The tenant has no such number.
    #[error("the tenant has no such number: it has {aliases}")]
    NoNumber {
        /// What its numbers are called.
        aliases: String,
    },
    /// It is not stopped.
    #[error("it is not stopped")]
    IsOn,
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Engine {
    /// What is stopped with a tenant.
    #[must_use]
    pub fn stops(&self, tenant: &TenantId) -> Vec<StopSwitch> {
        self.core.switches.of(tenant)
    }

    /// Stops a target. The switch as it stands, and whether it was thrown now: one that stood already is left as it is.
    pub async fn throw_switch(
        &self,
        tenant: &TenantId,
        stopping: &Stopping,
        why: &str,
        by: Option<&str>,
    ) -> Result<(StopSwitch, bool), NotStopped> {
        let core = &self.core;
        let switch = StopSwitch {
            target: self.target(tenant, stopping)?,
            by: StoppedBy::Operator(by.map(str::to_owned)),
            why: why.to_owned(),
            at: core.clock.now(),
        };
        let is_new = switches::throw(core, tenant, switch.clone()).await?;
        let stands = core.switches.of(tenant);
        let stands = stands
            .into_iter()
            .find(|other| other.target == switch.target);
        Ok((stands.unwrap_or(switch), is_new))
    }

    /// Lets a target send again. What was taken back while it was stopped stays so.
    pub async fn lift_switch(
        &self,
        tenant: &TenantId,
        stopping: &Stopping,
        by: Option<&str>,
    ) -> Result<StopTarget, NotStopped> {
        let core = &self.core;
        let target = self.target(tenant, stopping)?;
        if !switches::lift(core, tenant, &target).await? {
            return Err(NotStopped::IsOn);
        }
        tracing::warn!(%tenant, %target, by, "a person lifted a stop switch");
        Ok(target)
    }

    fn target(&self, tenant: &TenantId, stopping: &Stopping) -> Result<StopTarget, NotStopped> {
        let settings = self.core.plan.tenants.get(tenant);
        let settings = settings.ok_or(NotStopped::NoTenant)?;
        Ok(match stopping {
            Stopping::Tenant => StopTarget::Tenant,
            Stopping::Template(name) => StopTarget::Template(name.clone()),
            Stopping::Number(name) => {
                let known = settings.number_called(name).cloned();
                // A number that the tenant has no more may still be stopped.
                let known = known.or_else(|| self.stopped_number(tenant, name));
                let number = known.ok_or_else(|| NotStopped::NoNumber {
                    aliases: settings.aliases(),
                })?;
                StopTarget::Number(number)
            }
        })
    }

    fn stopped_number(&self, tenant: &TenantId, id: &str) -> Option<NumberId> {
        self.stops(tenant)
            .into_iter()
            .find_map(|switch| match switch.target {
                StopTarget::Number(number) if number.as_str() == id => Some(number),
                _ => None,
            })
    }
}
