//! Timers: they follow from what is stored, and are no records of their own.

use ledger::{Lane, LedgerError, Timer, limits as bounds};
use model::{ContactId, Moment, TenantId};

use super::contacts::{change, count_on, members, person};
use super::due::all_tenants;
use super::records::{Person, time};
use super::store::{END, Range, Store};
use super::work::Work;

fn list(tenant: &TenantId) -> String {
    format!("{tenant}#timers")
}

pub(super) async fn due(
    store: &Store,
    now: Moment,
    most: usize,
) -> Result<Vec<Timer>, LedgerError> {
    let most = most.min(bounds::ROWS_PER_READ);
    let mut found = Vec::new();
    for tenant in all_tenants(store).await? {
        let range = Range::between(String::new(), format!("{}{END}", time(now))).most(most);
        let mut work = Work::new(store);
        for person in work.listed::<Person>(3, &list(&tenant), &range).await? {
            let Some(pause) = person.state.pause else {
                continue;
            };
            let lane = Lane {
                tenant: tenant.clone(),
                contact: person.id,
            };
            found.push((pause.until, lane));
        }
    }
    found.sort();
    found.truncate(most);
    let timer = |(at, lane)| Timer::PauseEnds { lane, at };
    Ok(found.into_iter().map(timer).collect())
}

pub(super) async fn next(store: &Store) -> Result<Option<Moment>, LedgerError> {
    let mut soonest: Option<Moment> = None;
    for tenant in all_tenants(store).await? {
        let first = store
            .listed(3, &list(&tenant), &Range::all().most(1))
            .await?;
        let at = first
            .first()
            .and_then(|listed| listed.place.split(' ').next()?.parse().ok().map(Moment));
        soonest = match (soonest, at) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
    Ok(soonest)
}

/// While the contact is being joined, each one's pause is its own: the talk is free when none is left.
pub(super) async fn end_pause(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    now: Moment,
) -> Result<bool, LedgerError> {
    let (mut has_ended, mut is_paused) = (false, false);
    let members = members(work, tenant, id).await?;
    for member in &members {
        let Some(found) = person(work, tenant, *member).await? else {
            continue;
        };
        match &found.state.pause {
            Some(pause) if pause.until <= now => {
                change(work, tenant, *member, |person| person.state.pause = None).await?;
                has_ended = true;
            }
            Some(_) => is_paused = true,
            None => {}
        }
    }
    if has_ended {
        // Each is read with what the others forbid.
        for member in members {
            count_on(work, tenant, member).await?;
        }
    }
    Ok(has_ended && !is_paused)
}
