//! Stop switches. Few, and asked for whenever a send leaves: one look at a partition that is nearly always empty.

use ledger::LedgerError;
use model::{Moment, StopSwitch, StopTarget, TenantId};

use super::commit::transact;
use super::item::Record as _;
use super::records::{Thrown, switches, tenant_key};
use super::store::{Range, Store};
use super::work::Work;
use super::{due, sends};

pub(super) async fn throw(
    store: &Store,
    tenant: &TenantId,
    switch: &StopSwitch,
) -> Result<bool, LedgerError> {
    transact!(store, "throw a stop switch", |work| {
        let thrown = thrown(tenant, switch);
        let stands: Option<Thrown> = work.load(&thrown.key()).await?;
        if stands.is_some() {
            return Ok(false);
        }
        work.register(tenant_key(tenant)).await?;
        work.save(&thrown)?;
        Ok(true)
    })
}

fn thrown(tenant: &TenantId, switch: &StopSwitch) -> Thrown {
    let (kind, value) = key(&switch.target);
    Thrown {
        tenant: tenant.clone(),
        kind: kind.to_owned(),
        value: value.to_owned(),
        switch: switch.clone(),
    }
}

/// The switch goes first, and then what it held back, contact by contact: whatever is not reached leaves at its own time.
pub(super) async fn lift(
    store: &Store,
    tenant: &TenantId,
    target: &StopTarget,
    now: Moment,
) -> Result<bool, LedgerError> {
    let (kind, value) = key(target);
    let sort = format!("{kind} {value}");
    let lifted = transact!(store, "lift a stop switch", |work| {
        let stands = work
            .load::<Thrown>(&super::item::Key::new(switches(tenant), sort.clone()))
            .await?;
        if let Some(stands) = &stands {
            work.remove(stands)?;
        }
        Ok(stands.is_some())
    });
    let lifted = lifted?;
    if let (true, StopTarget::Number(number)) = (lifted, target) {
        // What waits for another reason is judged again, and goes on waiting. What WhatsApp refused for a while keeps its time: it
        // would be refused again.
        for contact in due::waits_on(store, tenant, number, now).await? {
            transact!(store, "let go what waits on a number", |work| {
                sends::let_go(&mut work, tenant, contact, number, now).await
            })?;
        }
    }
    Ok(lifted)
}

pub(super) async fn all(store: &Store) -> Result<Vec<(TenantId, StopSwitch)>, LedgerError> {
    let mut found = Vec::new();
    for tenant in due::all_tenants(store).await? {
        let stops = of_tenant(&mut Work::new(store), &tenant).await?;
        found.extend(stops.into_iter().map(|switch| (tenant.clone(), switch)));
    }
    Ok(found)
}

pub(super) async fn of_tenant(
    work: &mut Work<'_>,
    tenant: &TenantId,
) -> Result<Vec<StopSwitch>, LedgerError> {
    let thrown: Vec<Thrown> = work.query(&switches(tenant), &Range::all()).await?;
    Ok(thrown.into_iter().map(|thrown| thrown.switch).collect())
}

fn key(target: &StopTarget) -> (&'static str, &str) {
    match target {
        StopTarget::Tenant => ("tenant", ""),
        StopTarget::Number(number) => ("number", number.as_str()),
        StopTarget::Template(name) => ("template", name),
    }
}
