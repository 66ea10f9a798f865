//! Joins: two contacts that proved to be one person take a place for it in both lanes, and become one when both have come to it.

use ledger::{Joined, Lane, LedgerError};
use model::{ContactId, Moment, TenantId};

use super::commit::transact;
use super::contacts::{count_on, members, person, standing, the_person};
use super::records::{Alias, Person, Place, Tie, What, place_key};
use super::store::Store;
use super::work::Work;
use super::{addressing, aliases, uniting};
use crate::limits;

/// From now on `joiner` is found no more: whatever led there leads to `survivor`, behind the join.
pub(super) async fn queue(
    work: &mut Work<'_>,
    tenant: &TenantId,
    joiner: ContactId,
    survivor: ContactId,
    now: Moment,
) -> Result<(), LedgerError> {
    let phone = the_person(work, tenant, joiner).await?.phone;
    aliases::hand_over(work, tenant, joiner, survivor).await?;
    for (lane, with) in [(joiner, survivor), (survivor, joiner)] {
        let mut person = the_person(work, tenant, lane).await?;
        person.accepted += 1;
        work.save(&Place {
            tenant: tenant.clone(),
            contact: lane,
            sequence: person.accepted,
            accepted_at: now,
            is_stop: false,
            what: What::JoinWith(with),
        })?;
        let tie = Tie {
            contact: with,
            is_done: false,
        };
        match lane == joiner {
            true => person.into = Some(tie),
            false => person.from.push(tie),
        }
        work.save(&person)?;
    }
    // Each is seen with what the others forbid from now on.
    for member in members(work, tenant, survivor).await? {
        count_on(work, tenant, member).await?;
    }
    match phone {
        Some(phone) => addressing::readdress(work, tenant, survivor, &Alias::phone(&phone)).await,
        None => Ok(()),
    }
}

/// What a lane has come to.
pub(super) async fn first_undone(
    work: &mut Work<'_>,
    person: &Person,
) -> Result<Option<Place>, LedgerError> {
    if person.done >= person.accepted {
        return Ok(None);
    }
    let key = place_key(&person.tenant, person.id, person.done + 1);
    work.peek(&key).await
}

/// Makes one of two, if both lanes have come to it. The joins of a lane stand there in the order of acceptance, and so do those of
/// every other: the oldest that is undone always finds its way free, so none waits for ever.
///
/// What is theirs may be more than one transaction takes. Then it moves before, in portions: both lanes stand at the join, so
/// that nobody decides anything about either of them, and what moves to the one who remains is theirs in a moment anyway.
pub(super) async fn join(store: &Store, lane: &Lane, now: Moment) -> Result<Joined, LedgerError> {
    loop {
        let joined = transact!(store, "join two contacts", |work| {
            join_in(&mut work, lane, now).await
        });
        if let Some(joined) = joined? {
            return Ok(joined);
        }
    }
}

/// As [`join`], in a write that does more. None if there is more to move than it takes: then it is to be called again.
pub(super) async fn join_in(
    work: &mut Work<'_>,
    lane: &Lane,
    now: Moment,
) -> Result<Option<Joined>, LedgerError> {
    let Lane { tenant, contact } = lane;
    let here = *contact;
    let Some(own) = person(work, tenant, here).await? else {
        return Ok(Some(Joined::Gone));
    };
    let Some(Place {
        what: What::JoinWith(there),
        ..
    }) = first_undone(work, &own).await?
    else {
        return Ok(Some(Joined::Gone));
    };
    let Some(other) = person(work, tenant, there).await? else {
        return Ok(Some(Joined::Waits));
    };
    match first_undone(work, &other).await? {
        Some(place) if matches!(place.what, What::JoinWith(with) if with == here) => {}
        _ => return Ok(Some(Joined::Waits)),
    }
    let is_to_join = own
        .into
        .is_some_and(|tie| tie.contact == there && !tie.is_done);
    let (joiner, survivor) = match is_to_join {
        true => (here, there),
        false => (there, here),
    };
    let moved = uniting::move_some(work, tenant, joiner, survivor, now).await?;
    if moved >= limits::DYNAMO_MOVED {
        return Ok(None);
    }
    uniting::unite(work, tenant, joiner, survivor).await?;
    let others = standing(work, tenant, survivor).await?.others;
    for member in others {
        count_on(work, tenant, member).await?;
    }
    Ok(Some(Joined::Done(Lane {
        tenant: tenant.clone(),
        contact: survivor,
    })))
}
