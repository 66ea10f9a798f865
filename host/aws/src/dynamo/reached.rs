//! Whom a tenant has reached outside of windows: the messaging limit rests on it.
//!
//! A contact's record says when it was reached last. Beside it stands an item in the slice of time in which that was, and each slice has
//! its count, in parts by contact: whoever asks adds up whole slices, and looks at contacts in the first one alone. The count goes up
//! and down without a stamp, so that a campaign's departures conflict with nobody but those of the same part at the same moment.

use gate::Reach;
use gate::limits::TIER_SPAN;
use ledger::LedgerError;
use model::{ContactId, Moment, TenantId};

use super::contacts::{members, person};
use super::item::Key;
use super::records::{Person, REACHED_SLICE_MS, SHARDS, expires_after, reached_partition, time};
use super::store::{END, Range};
use super::work::Work;

fn slices(tenant: &TenantId) -> String {
    format!("{tenant}#slices")
}

fn slice_of(at: Moment) -> i64 {
    at.0.div_euclid(REACHED_SLICE_MS)
}

/// It was reached then, and not when it was thought to be.
pub(super) fn set(work: &mut Work<'_>, person: &mut Person, at: Option<Moment>) {
    let count = |work: &mut Work<'_>, at: Option<Moment>, by: i64| {
        let Some(at) = at else { return };
        let sort = format!("{:012} {}", slice_of(at), person.id.0 % SHARDS);
        let key = Key::new(slices(&person.tenant), sort);
        work.raise(key, by, None, Some(expires_after(at, TIER_SPAN)));
    };
    count(work, person.reached, -1);
    count(work, at, 1);
    person.reached = at;
}

/// A send reaches the contact now.
pub(super) fn note(work: &mut Work<'_>, person: &mut Person, now: Moment) {
    let at = person.reached.map_or(now, |at| at.max(now));
    set(work, person, Some(at));
}

pub(super) async fn reach(
    work: &mut Work<'_>,
    tenant: &TenantId,
    contact: ContactId,
    now: Moment,
) -> Result<Reach, LedgerError> {
    let store = work.store;
    let begins = now.minus(TIER_SPAN);
    let first = slice_of(begins);
    let behind = |at: Moment| Range::between(format!("{}{END}", time(at)), END.to_string());
    let partial = reached_partition(tenant, first);
    let mut contacts = i64::try_from(store.count(&partial, &behind(begins)).await?).unwrap_or(0);
    let whole = Range::between(format!("{:012} ", first + 1), END.to_string());
    let mut counted = Vec::new();
    for (key, stored) in store.query(&slices(tenant), &whole).await? {
        let count = stored.item.figure.unwrap_or_default();
        contacts += count;
        if count > 0 {
            counted.push(key.sort);
        }
    }
    let mut oldest = store.query(&partial, &behind(begins).most(1)).await?;
    if let (true, Some(slice)) = (oldest.is_empty(), counted.first()) {
        let slice = slice.split(' ').next().and_then(|text| text.parse().ok());
        let partition = reached_partition(tenant, slice.unwrap_or_default());
        oldest = store.query(&partition, &Range::all().most(1)).await?;
    }
    let oldest = oldest
        .first()
        .and_then(|(key, _)| key.sort.split(' ').next()?.parse().ok().map(Moment));
    let mut includes_this = false;
    // Those that proved to be the same person: reaching one of them is reaching them all.
    for member in members(work, tenant, contact).await? {
        let person = person(work, tenant, member).await?;
        let reached = person.and_then(|person| person.reached);
        includes_this |= reached.is_some_and(|at| at > begins);
    }
    Ok(Reach {
        contacts: u32::try_from(contacts).unwrap_or_default(),
        includes_this,
        opens: oldest.map(|at| at.plus(TIER_SPAN)),
    })
}
