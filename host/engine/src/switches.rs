//! Stop switches as the engine knows them: read at start, and again whenever one is thrown or lifted. What leaves is judged by the
//! ledger's own, in the transaction that marks it in flight.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arc_swap::ArcSwap;
use ledger::{Ledger, LedgerError};
use model::{NumberId, StopSwitch, StopTarget, StoppedBy, TenantId};

use crate::alerts::Alert;
use crate::{Core, Plan};

/// A copy of the ledger's.
#[derive(Default)]
pub(crate) struct Switches(ArcSwap<Thrown>);

/// The switches that are thrown, by tenant.
pub(crate) type Thrown = BTreeMap<TenantId, Vec<StopSwitch>>;

impl Switches {
    /// What is stopped with a tenant.
    pub(crate) fn of(&self, tenant: &TenantId) -> Vec<StopSwitch> {
        self.0.load().get(tenant).cloned().unwrap_or_default()
    }

    /// What is stopped, as one attempt sees it.
    pub(crate) fn all(&self) -> Arc<Thrown> {
        self.0.load_full()
    }

    /// WhatsApp stopped this number: what waits there waits until somebody lifts the switch.
    pub(crate) fn is_stopped_by_network(&self, tenant: &TenantId, number: &NumberId) -> bool {
        let thrown = self.0.load();
        let stops = thrown.get(tenant).map(Vec::as_slice).unwrap_or_default();
        stops
            .iter()
            .filter(|stop| is_of_network(stop))
            .any(|stop| match &stop.target {
                StopTarget::Tenant => true,
                StopTarget::Number(stopped) => stopped == number,
                StopTarget::Template(_) => false,
            })
    }

    /// All numbers that WhatsApp stopped.
    pub(crate) fn lines_stopped_by_network(&self, plan: &Plan) -> BTreeSet<(TenantId, NumberId)> {
        let mut lines = BTreeSet::new();
        for (tenant, stops) in self.0.load().iter() {
            for stop in stops.iter().filter(|stop| is_of_network(stop)) {
                match &stop.target {
                    StopTarget::Number(number) => {
                        lines.extend([(tenant.clone(), number.clone())]);
                    }
                    StopTarget::Tenant => {
                        let settings = plan.tenants.get(tenant).into_iter();
                        let numbers = settings.flat_map(|settings| settings.lines.keys());
                        lines.extend(numbers.map(|number| (tenant.clone(), number.clone())));
                    }
                    StopTarget::Template(_) => {}
                }
            }
        }
        lines
    }

    /// Looks again.
    pub(crate) async fn refresh(&self, ledger: &dyn Ledger) -> Result<(), LedgerError> {
        let mut by_tenant = Thrown::new();
        for (tenant, switch) in ledger.switches().await? {
            by_tenant.entry(tenant).or_default().push(switch);
        }
        self.0.store(Arc::new(by_tenant));
        Ok(())
    }
}

fn is_of_network(stop: &StopSwitch) -> bool {
    matches!(stop.by, StoppedBy::Network(_))
}

/// Throws a switch: from then on nothing of its target is judged fit to leave. False if it is stopped already.
pub(crate) async fn throw(
    core: &Core,
    tenant: &TenantId,
    switch: StopSwitch,
) -> Result<bool, LedgerError> {
    let thrown = core.ledger.throw_switch(tenant, switch.clone()).await?;
    core.switches.refresh(&*core.ledger).await?;
    if thrown {
        // The alert: whoever watches the log, the metrics or the page is told.
        tracing::error!(alert = "stopped", %tenant, target = %switch.target, by = ?switch.by, why = switch.why, "sending is stopped until somebody lifts the switch");
        if let StoppedBy::Network(code) = &switch.by {
            core.alerts.raise(Alert {
                alert: "stopped",
                code: code.clone(),
                tenant: tenant.clone(),
                number: match &switch.target {
                    StopTarget::Number(number) => Some(number.clone()),
                    StopTarget::Tenant | StopTarget::Template(_) => None,
                },
                what: format!("{} is stopped: {}", switch.target, switch.why),
                fix: Some(core.plan.lifts(tenant, &switch.target)),
                at: switch.at,
                times: 1,
            });
        }
        core.outbox.wake();
        core.tell();
    }
    Ok(thrown)
}

/// Lifts a switch; false if there is none.
pub(crate) async fn lift(
    core: &Core,
    tenant: &TenantId,
    target: &StopTarget,
) -> Result<bool, LedgerError> {
    let lifted = core
        .ledger
        .lift_switch(tenant, target, core.clock.now())
        .await?;
    core.switches.refresh(&*core.ledger).await?;
    if lifted {
        tracing::warn!(%tenant, %target, "sending goes on");
        core.outbox.wake();
        core.tell();
    }
    Ok(lifted)
}
