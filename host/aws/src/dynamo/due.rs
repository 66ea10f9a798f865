//! What is due, and when the next is: number by number.
//!
//! A number's list holds of each contact no more than may be its next, and stands in parts by contact, so that a number that sends
//! hundreds a second writes to several partitions. The list tells who may be due; the contacts' records, read in batches as
//! they stand now, tell who is.

use std::collections::BTreeMap;

use ledger::{Departed, Due, LedgerError, Unsure, UnsurePlace, Wanted, limits as bounds};
use model::{ContactId, Moment, NumberId, SendState, SendToken, TenantId};

use super::contacts::person;
use super::item::Key;
use super::records::{
    Parts, Send, contact_key, due_partitions, left, numbers, of_state, send_key, tenants, time,
};
use super::sends::{is_head, record};
use super::store::{END, Listed, Range, Store};
use super::work::Work;
use crate::limits;

/// All tenants that have anything, in order.
pub(super) async fn all_tenants(store: &Store) -> Result<Vec<TenantId>, LedgerError> {
    let found = store.query(tenants(), &Range::all()).await?;
    let tenants = found.into_iter();
    Ok(tenants
        .filter_map(|(key, _)| TenantId::new(key.sort).ok())
        .collect())
}

/// All numbers that a tenant has sent from, in order.
async fn numbers_of(store: &Store, tenant: &TenantId) -> Result<Vec<NumberId>, LedgerError> {
    let found = store.query(&numbers(tenant), &Range::all()).await?;
    let numbers = found.into_iter();
    Ok(numbers
        .filter_map(|(key, _)| NumberId::new(key.sort).ok())
        .collect())
}

async fn all_numbers(store: &Store) -> Result<Vec<(TenantId, NumberId)>, LedgerError> {
    let mut found = Vec::new();
    for tenant in all_tenants(store).await? {
        let numbers = numbers_of(store, &tenant).await?.into_iter();
        found.extend(numbers.map(|number| (tenant.clone(), number)));
    }
    Ok(found)
}

pub(super) async fn due(
    store: &Store,
    held_back: Moment,
    now: Moment,
    wanted: &Wanted,
) -> Result<Vec<Due>, LedgerError> {
    let most = wanted.most.min(bounds::ROWS_PER_READ);
    let mut numbers = all_numbers(store).await?;
    // From the number after the last one that was looked at to the end, and then from the beginning up to it.
    if let Some(after) = &wanted.after {
        let first = numbers.partition_point(|number| number <= after);
        numbers.rotate_left(first);
    }
    let mut due = Vec::new();
    for number in numbers {
        if due.len() >= most {
            break;
        }
        if !wanted.but_not.contains(&number) {
            let most = wanted.per_number.min(most - due.len());
            due.extend(due_of(store, held_back, now, &number, most).await?);
        }
    }
    Ok(due)
}

/// Who may be next on a number, in order of time.
struct Candidate {
    /// Its place in the list.
    place: String,
    contact: ContactId,
    /// Which of the contact's sends.
    ordinal: u64,
}

impl Candidate {
    fn read(key: &Key) -> Option<Self> {
        let mut parts = key.sort.splitn(3, ' ');
        let (at, ordinal) = (parts.next()?, parts.next()?);
        Some(Self {
            place: format!("{at} {ordinal}"),
            ordinal: ordinal.parse().ok()?,
            contact: ContactId(parts.next()?.parse().ok()?),
        })
    }
}

async fn due_of(
    store: &Store,
    held_back: Moment,
    now: Moment,
    (tenant, number): &(TenantId, NumberId),
    most: usize,
) -> Result<Vec<Due>, LedgerError> {
    let mut due = Vec::new();
    let mut from = String::new();
    // Those that are listed and held back are looked past: they are of unknown outcome for seconds, and few.
    while due.len() < most {
        let look = (most - due.len()).clamp(limits::DYNAMO_DUE_LOOK, bounds::ROWS_PER_READ);
        let range = Range::between(from.clone(), format!("{}{END}", time(now))).most(look);
        let mut candidates = Vec::new();
        // Beyond the end of a part that was not read to its end nothing is known of the order.
        let mut known_to: Option<String> = None;
        for found in store
            .query_each(&due_partitions(tenant, number), &range)
            .await?
        {
            let is_whole = found.len() < look;
            let listed = found.iter().filter_map(|(key, _)| Candidate::read(key));
            let mut listed: Vec<Candidate> = listed.collect();
            if let (false, Some(last)) = (is_whole, listed.last()) {
                let last = last.place.clone();
                known_to = Some(known_to.map_or(last.clone(), |known: String| known.min(last)));
            }
            candidates.append(&mut listed);
        }
        candidates.sort_by(|one, other| one.place.cmp(&other.place));
        if let Some(known_to) = &known_to {
            candidates.retain(|candidate| candidate.place <= *known_to);
        }
        let mut work = Work::new(store);
        let keys: Vec<Key> = candidates
            .iter()
            .map(|candidate| contact_key(tenant, candidate.contact))
            .collect();
        work.look_at(&keys).await?;
        for candidate in candidates {
            if due.len() >= most {
                break;
            }
            let Some(person) = person(&mut work, tenant, candidate.contact).await? else {
                continue;
            };
            let waits = person.waiting.iter().find(|waiting| {
                waiting.ordinal == candidate.ordinal
                    && waiting.state == SendState::Ready
                    && waiting.not_before <= now
            });
            if let Some(send) = waits
                && is_head(&person, send, held_back, now)
            {
                let is_behind = person
                    .waiting
                    .iter()
                    .any(|other| other.ordinal > send.ordinal && other.state != SendState::Held);
                due.push(Due {
                    tenant: tenant.clone(),
                    token: send.token.clone(),
                    number: number.clone(),
                    contact: candidate.contact,
                    has_next: is_behind,
                });
            }
        }
        match known_to {
            Some(known_to) => from = format!("{known_to}{END}"),
            None => break,
        }
    }
    Ok(due)
}

pub(super) async fn next_due(store: &Store, now: Moment) -> Result<Option<Moment>, LedgerError> {
    let mut soonest: Option<Moment> = None;
    for (tenant, number) in all_numbers(store).await? {
        let range = Range::between(format!("{}{END}", time(now)), END.to_string()).most(1);
        let parts = due_partitions(&tenant, &number);
        for found in store.query_each(&parts, &range).await? {
            let at = found
                .first()
                .and_then(|(key, _)| key.sort.split(' ').next()?.parse().ok().map(Moment));
            soonest = match (soonest, at) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
    }
    Ok(soonest)
}

/// Contacts with something that waits on a number for later.
pub(super) async fn waits_on(
    store: &Store,
    tenant: &TenantId,
    number: &NumberId,
    now: Moment,
) -> Result<Vec<ContactId>, LedgerError> {
    let mut contacts = Vec::new();
    let range = Range::between(format!("{}{END}", time(now)), END.to_string());
    for part in store
        .query_each(&due_partitions(tenant, number), &range)
        .await?
    {
        for (key, _) in part {
            contacts.extend(Candidate::read(&key).map(|candidate| candidate.contact));
        }
    }
    contacts.sort();
    contacts.dedup();
    Ok(contacts)
}

/// What left since then.
pub(super) async fn departures(store: &Store, since: Moment) -> Result<Vec<Departed>, LedgerError> {
    let mut departed = Vec::new();
    for (tenant, number) in all_numbers(store).await? {
        let range = Range::between(time(since), END.to_string());
        for listed in store.listed(5, &left(&tenant, &number), &range).await? {
            let mut parts = listed.place.splitn(3, ' ');
            let at = parts.next().and_then(|text| text.parse().ok());
            let contact = parts.next().and_then(|text| text.parse().ok());
            if let (Some(at), Some(contact)) = (at, contact) {
                departed.push(Departed {
                    number: number.clone(),
                    tenant: tenant.clone(),
                    contact: ContactId(contact),
                    at: Moment(at),
                });
            }
        }
    }
    departed.sort_by_key(|departed| departed.at);
    Ok(departed)
}

/// A tenant's sends of a state, in the order of their lists.
pub(super) async fn in_state(
    store: &Store,
    tenant: &TenantId,
    state: SendState,
    range: &Range,
) -> Result<Vec<Key>, LedgerError> {
    let ranges = [(); 4].map(|()| range.clone());
    let parts = of_state(tenant, state);
    let mut found: Vec<Listed> = Vec::new();
    for part in store.listed_each(4, &parts, &ranges).await? {
        found.extend(part);
    }
    found.sort_by(|one, other| one.place.cmp(&other.place));
    Ok(found.into_iter().map(|listed| listed.key).collect())
}

/// Sends of unknown outcome, oldest first.
pub(super) async fn unsure(
    store: &Store,
    after: Option<&UnsurePlace>,
    most: usize,
) -> Result<Vec<Unsure>, LedgerError> {
    let most = most.min(bounds::ROWS_PER_READ);
    let from = after.map(|place| time(place.since)).unwrap_or_default();
    let range = Range::between(from, END.to_string());
    let mut found: Vec<Unsure> = Vec::new();
    for tenant in all_tenants(store).await? {
        let mut left = most;
        for key in in_state(store, &tenant, SendState::Unknown, &range).await? {
            if left == 0 {
                break;
            }
            let mut work = Work::new(store);
            let send: Option<Send> = work.peek(&key).await?;
            let Some(send) = send.filter(|send| send.state == SendState::Unknown) else {
                continue;
            };
            let unsure = with_evidence(&mut work, send).await?;
            // Those of the same moment as the last one were listed in part.
            if after.is_none_or(|after| order(&unsure.place()) > order(after)) {
                found.push(unsure);
                left -= 1;
            }
        }
    }
    found.sort_by(|one, other| order(&one.place()).cmp(&order(&other.place())));
    found.truncate(most);
    Ok(found)
}

fn order(place: &UnsurePlace) -> (Moment, &TenantId, &SendToken) {
    (place.since, &place.tenant, &place.token)
}

pub(super) async fn unsure_of(
    work: &mut Work<'_>,
    tenant: &TenantId,
    token: &SendToken,
) -> Result<Option<Unsure>, LedgerError> {
    let send: Option<Send> = work.peek(&send_key(tenant, token)).await?;
    match send {
        Some(send) if matches!(send.state, SendState::Unknown | SendState::Held) => {
            with_evidence(work, send).await.map(Some)
        }
        _ => Ok(None),
    }
}

/// A send that left twice proves nothing: its status may be that of the first time.
async fn with_evidence(work: &mut Work<'_>, send: Send) -> Result<Unsure, LedgerError> {
    let tenant = send.body.tenant.clone();
    let list = left(&tenant, &send.body.number);
    let mut later_confirmed = false;
    let mut from = send
        .departed_at
        .map_or_else(|| END.to_string(), |at| format!("{}{END}", time(at)));
    // Nearly always the first few tell.
    for _ in 0..limits::DYNAMO_EVIDENCE_PAGES {
        let range = Range::between(from.clone(), END.to_string()).most(limits::DYNAMO_BATCH);
        let listed = work.store.listed(5, &list, &range).await?;
        let keys: Vec<Key> = listed.iter().map(|listed| listed.key.clone()).collect();
        work.look_at(&keys).await?;
        for key in &keys {
            let later: Option<Send> = work.peek(key).await?;
            later_confirmed |= later.is_some_and(|later| {
                later.departed_at > send.departed_at
                    && later.status_at.is_some()
                    && later.attempts == 1
            });
        }
        match listed.last() {
            Some(last) if !later_confirmed => from = format!("{}\u{1}", last.place),
            _ => break,
        }
    }
    Ok(Unsure {
        since: send.unsure_since.unwrap_or(Moment(0)),
        resent: send.resent,
        later_confirmed,
        record: record(send),
    })
}

/// Orders of a tenant that are listed in parts: the next page of all parts together, and whether there may be more.
pub(super) async fn merged(
    store: &Store,
    which: usize,
    lists: &[String],
    range: &Range,
) -> Result<(Vec<Key>, Option<String>), LedgerError> {
    let mut found: BTreeMap<String, Key> = BTreeMap::new();
    let mut known_to: Option<String> = None;
    let parts: Vec<Vec<Listed>> = match <&Parts>::try_from(lists) {
        Ok(parts) => {
            let ranges = [(); 4].map(|()| range.clone());
            store.listed_each(which, parts, &ranges).await?.into()
        }
        Err(_) => {
            let mut found = Vec::new();
            for list in lists {
                found.push(store.listed(which, list, range).await?);
            }
            found
        }
    };
    for listed in parts {
        if let (true, Some(last)) = (listed.len() >= range.most, listed.last()) {
            let nearer = |known: String| match range.backwards {
                true => known.max(last.place.clone()),
                false => known.min(last.place.clone()),
            };
            known_to = Some(known_to.map_or_else(|| last.place.clone(), nearer));
        }
        found.extend(listed.into_iter().map(|listed| (listed.place, listed.key)));
    }
    if let Some(known_to) = &known_to {
        found.retain(|place, _| match range.backwards {
            true => place >= known_to,
            false => place <= known_to,
        });
    }
    let keys: Vec<Key> = match range.backwards {
        true => found.into_values().rev().collect(),
        false => found.into_values().collect(),
    };
    Ok((keys, known_to))
}
