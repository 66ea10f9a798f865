//! Reading: lanes, decisions, hand-offs, figures.
//!
//! Who follows an order of a tenant's (decisions, hand-offs, drafts) must miss nothing. A place is given before the record is written, so
//! that one may be written after the next: a list ends at a gap, until the gap is so old that nobody will fill it any more.

use std::sync::atomic::{AtomicU64, Ordering};

use ledger::{
    Counts, DeadLetter, DecisionRecord, HandOff, Head, Kept, Lane, LedgerError, Next, SendRecord,
    limits as bounds,
};
use model::{ContactId, DecisionId, NumberId, SendState, TenantId};

use super::contacts::{person, the_contact};
use super::due::{all_tenants, merged};
use super::joining::first_undone;
use super::records::{
    Dead, Decided, Draft, Gone, HandedOver, KeptNotice, Place, Send, What, caused_by,
    contact_partition, contact_place, decision_key, gone_key, of_state, part_of, place, place_key,
    sharded,
};
use super::store::{END, Range, Store, wall_ms};
use super::work::Work;
use super::{notes, sends};
use crate::limits;

pub(super) async fn lanes(
    store: &Store,
    after: Option<&Lane>,
    most: usize,
) -> Result<Vec<Lane>, LedgerError> {
    let most = most.min(bounds::ROWS_PER_READ);
    let mut lanes = Vec::new();
    for tenant in all_tenants(store).await? {
        if after.is_some_and(|after| tenant < after.tenant) {
            continue;
        }
        if lanes.len() >= most {
            break;
        }
        let range = Range::all().most(most - lanes.len());
        let behind = after.filter(|after| after.tenant == tenant);
        let ranges = [0, 1, 2, 3].map(|part| match behind {
            Some(after) if part < part_of(after.contact) => range.clone().most(0),
            Some(after) if part == part_of(after.contact) => Range {
                from: format!("{}\u{1}", contact_place(after.contact)),
                ..range.clone()
            },
            _ => range.clone(),
        });
        let parts = sharded(&tenant, "lanes");
        let listed = store.listed_each(2, &parts, &ranges).await?.into_iter();
        lanes.extend(listed.flatten().filter_map(|listed| {
            Some(Lane {
                tenant: tenant.clone(),
                contact: ContactId(listed.place.parse().ok()?),
            })
        }));
        lanes.truncate(most);
    }
    Ok(lanes)
}

pub(super) async fn next(work: &mut Work<'_>, lane: &Lane) -> Result<Option<Next>, LedgerError> {
    let Lane { tenant, contact } = lane;
    let Some(person) = person(work, tenant, *contact).await? else {
        return Ok(None);
    };
    let Some(place) = first_undone(work, &person).await? else {
        return Ok(None);
    };
    match place.what {
        What::JoinWith(with) => Ok(Some(Next::Join {
            with: Lane {
                tenant: tenant.clone(),
                contact: with,
            },
        })),
        What::Message { number, message } => Ok(Some(Next::Message(Head {
            message,
            number,
            sequence: place.sequence,
            accepted_at: place.accepted_at,
            is_stop: place.is_stop,
            contact: the_contact(work, tenant, *contact).await?,
        }))),
    }
}

/// A decision with its message; nothing if the message is gone.
async fn with_message(
    work: &mut Work<'_>,
    decided: Decided,
) -> Result<Option<DecisionRecord>, LedgerError> {
    let tenant = &decided.decision.id.tenant;
    let key = place_key(tenant, decided.contact, decided.sequence);
    let place: Option<Place> = work.peek(&key).await?;
    let Some(What::Message { message, .. }) = place.map(|place| place.what) else {
        return Ok(None);
    };
    Ok(Some(DecisionRecord {
        seq: decided.seq,
        message,
        decision: decided.decision,
        settled_at: decided.settled_at,
    }))
}

pub(super) async fn decision(
    work: &mut Work<'_>,
    id: &DecisionId,
) -> Result<Option<DecisionRecord>, LedgerError> {
    let decided: Option<Decided> = work.peek(&decision_key(id)).await?;
    match decided {
        Some(decided) => with_message(work, decided).await,
        None => Ok(None),
    }
}

pub(super) async fn decision_of(
    work: &mut Work<'_>,
    tenant: &TenantId,
    contact: ContactId,
    before: Option<u64>,
    number: Option<&NumberId>,
) -> Result<Option<DecisionRecord>, LedgerError> {
    let Some(person) = person(work, tenant, contact).await? else {
        return Ok(None);
    };
    let partition = contact_partition(tenant, contact);
    let mut last = person
        .done
        .min(before.map_or(u64::MAX, |before| before.saturating_sub(1)));
    while last > 0 {
        let range = Range::between("m#", format!("m#{last:016}")).backwards();
        let page: Vec<Place> = work
            .query(&partition, &range.most(limits::DYNAMO_DECISION_LOOK))
            .await?;
        let Some(oldest) = page.last().map(|place| place.sequence) else {
            break;
        };
        for place in page {
            let Some(id) = place.decision() else { continue };
            if number.is_none_or(|number| id.number == *number) {
                return decision(work, &id).await;
            }
        }
        last = oldest.saturating_sub(1);
    }
    Ok(None)
}

pub(super) async fn decisions(
    store: &Store,
    tenant: &TenantId,
    after: Option<u64>,
    most: usize,
) -> Result<Vec<DecisionRecord>, LedgerError> {
    let most = most.min(bounds::ROWS_PER_READ);
    let lists = sharded(tenant, "decisions");
    let mut found: Vec<DecisionRecord> = Vec::new();
    let mut range = match after {
        Some(after) => Range::between(place(after + 1), END.to_string()),
        None => Range::all().backwards(),
    };
    let mut last = after.unwrap_or(0);
    while found.len() < most {
        range = range.most(most - found.len());
        let (keys, known_to) = merged(store, 1, &lists, &range).await?;
        let mut work = Work::new(store);
        work.look_at(&keys).await?;
        let mut page = Vec::new();
        for key in &keys {
            page.extend(work.peek::<Decided>(key).await?);
        }
        let mut ends = known_to.is_none();
        if after.is_some() {
            let whole = page.len();
            page = without_gaps(store, page, last).await?;
            ends |= page.len() < whole;
        }
        for decided in page {
            last = decided.seq;
            if found.len() < most {
                found.extend(with_message(&mut work, decided).await?);
            }
        }
        match known_to {
            Some(known_to) if !ends && range.backwards => range.to = before_place(&known_to),
            Some(known_to) if !ends => range.from = format!("{known_to}\u{1}"),
            _ => break,
        }
    }
    if after.is_none() {
        found.reverse();
    }
    Ok(found)
}

/// The last place before a number's, as a bound.
fn before_place(of: &str) -> String {
    let number: u64 = of.parse().unwrap_or_default();
    place(number.saturating_sub(1))
}

/// A record with a place in an order that others follow.
pub(super) trait InOrder {
    const ORDER: &'static str;
    fn tenant(&self) -> &TenantId;
    fn seq(&self) -> u64;
    fn written_ms(&self) -> u64;

    /// That nobody has this place any more is known as long as it could be taken for a gap. None if it could not.
    fn gone(&self) -> Option<Gone> {
        is_young(self.written_ms()).then(|| Gone {
            tenant: self.tenant().clone(),
            order: Self::ORDER.to_owned(),
            seq: self.seq(),
            until: model::Moment(i64::try_from(wall_ms()).unwrap_or(i64::MAX)),
        })
    }
}

impl InOrder for Decided {
    const ORDER: &'static str = "decisions";
    fn tenant(&self) -> &TenantId {
        &self.decision.id.tenant
    }
    fn seq(&self) -> u64 {
        self.seq
    }
    fn written_ms(&self) -> u64 {
        self.written_ms
    }
}

impl InOrder for HandedOver {
    const ORDER: &'static str = "hand_offs";
    fn tenant(&self) -> &TenantId {
        &self.tenant
    }
    fn seq(&self) -> u64 {
        self.seq
    }
    fn written_ms(&self) -> u64 {
        self.written_ms
    }
}

impl InOrder for Draft {
    const ORDER: &'static str = "drafts";
    fn tenant(&self) -> &TenantId {
        &self.tenant
    }
    fn seq(&self) -> u64 {
        self.id
    }
    fn written_ms(&self) -> u64 {
        self.written_ms
    }
}

/// Whether somebody who was given a place before this was written may still be writing.
fn is_young(written_ms: u64) -> bool {
    let gap_ms = u64::try_from(limits::DYNAMO_GAP.as_millis()).unwrap_or(u64::MAX);
    wall_ms().saturating_sub(written_ms) < gap_ms
}

/// What may be told to somebody who has followed up to `after`. Behind a gap that may still be filled nothing is told.
pub(super) async fn without_gaps<R: InOrder>(
    store: &Store,
    mut page: Vec<R>,
    after: u64,
) -> Result<Vec<R>, LedgerError> {
    let mut last = after;
    let mut told = 0;
    for record in &page {
        let missing = (last + 1)..record.seq();
        last = record.seq();
        if !missing.is_empty() && is_young(record.written_ms()) {
            // The latest of them were given their places last: whoever is not done is among them.
            let keys: Vec<_> = missing
                .rev()
                .take(limits::DYNAMO_BATCH)
                .map(|seq| gone_key(record.tenant(), R::ORDER, seq))
                .collect();
            if store.fetch_many(&keys).await?.len() < keys.len() {
                break;
            }
        }
        told += 1;
    }
    page.truncate(told);
    Ok(page)
}

pub(super) async fn hand_offs(
    store: &Store,
    tenant: &TenantId,
    after: Option<u64>,
    most: usize,
) -> Result<Vec<HandOff>, LedgerError> {
    let after = after.unwrap_or(0);
    let range =
        Range::between(place(after + 1), END.to_string()).most(most.min(bounds::ROWS_PER_READ));
    let mut work = Work::new(store);
    let page: Vec<HandedOver> = work
        .listed(2, &format!("{tenant}#hand_offs"), &range)
        .await?;
    let page = without_gaps(store, page, after).await?;
    let mut found = Vec::with_capacity(page.len());
    for record in page {
        found.push(HandOff {
            seq: record.seq,
            desk: record.desk,
            note: record.note,
            contact: the_contact(&mut work, tenant, record.contact).await?,
            message: record.message,
            at: record.at,
            notes: notes::newest(&mut work, tenant, record.contact, bounds::NOTES_SHOWN).await?,
        });
    }
    Ok(found)
}

pub(super) async fn dead_letters(
    store: &Store,
    tenant: &TenantId,
    most: usize,
) -> Result<Vec<DeadLetter>, LedgerError> {
    let range = Range::all()
        .backwards()
        .most(most.min(bounds::ROWS_PER_READ));
    let mut work = Work::new(store);
    let found: Vec<Dead> = work.listed(1, &format!("{tenant}#dead"), &range).await?;
    Ok(found.into_iter().map(DeadLetter::from).collect())
}

/// Newest first, as many as fit: each may be as large as a whole body.
pub(super) async fn kept(
    store: &Store,
    tenant: &TenantId,
    name: Option<&str>,
    most: usize,
) -> Result<Vec<Kept>, LedgerError> {
    let (which, list) = match name {
        Some(name) => (2, format!("{tenant}#kept#{name}")),
        None => (1, format!("{tenant}#kept")),
    };
    let range = Range::all()
        .backwards()
        .most(most.min(bounds::ROWS_PER_READ));
    let (mut found, mut bytes) = (Vec::new(), 0);
    for listed in store.listed(which, &list, &range).await? {
        let mut work = Work::new(store);
        let Some(kept) = work.peek::<KeptNotice>(&listed.key).await? else {
            continue;
        };
        bytes += kept.raw.to_string().len();
        if bytes > bounds::KEPT_BYTES_PER_READ && !found.is_empty() {
            break;
        }
        found.push(Kept {
            number: kept.number,
            notice: kept.notice,
            name: kept.name,
            channel: kept.channel.into(),
            cause: kept.cause,
            raw: kept.raw,
            at: kept.at,
        });
    }
    Ok(found)
}

/// A tenant's sends for one message, in the order they were proposed.
pub(super) async fn sends_of(
    store: &Store,
    id: &DecisionId,
) -> Result<Vec<SendRecord>, LedgerError> {
    let list = caused_by(&id.tenant, &id.number, &id.message);
    let mut work = Work::new(store);
    let found: Vec<Send> = work.listed(3, &list, &Range::all()).await?;
    Ok(found.into_iter().map(sends::record).collect())
}

/// A tenant's newest sends, newest first; of one state if given.
pub(super) async fn outbox(
    store: &Store,
    tenant: &TenantId,
    state: Option<SendState>,
    most: usize,
) -> Result<Vec<SendRecord>, LedgerError> {
    let most = most.min(bounds::ROWS_PER_READ);
    let lists = sharded(tenant, "sends");
    let mut found = Vec::new();
    let mut range = Range::all().backwards();
    while found.len() < most {
        range = range.most(most.max(limits::DYNAMO_DUE_LOOK));
        let (keys, known_to) = merged(store, 2, &lists, &range).await?;
        let mut work = Work::new(store);
        work.look_at(&keys).await?;
        for key in &keys {
            let send: Option<Send> = work.peek(key).await?;
            let is_asked_for = |send: &Send| state.is_none_or(|state| send.state == state);
            if let Some(send) = send.filter(is_asked_for)
                && found.len() < most
            {
                found.push(sends::record(send));
            }
        }
        match known_to {
            Some(known_to) => range.to = before_place(&known_to),
            None => break,
        }
    }
    Ok(found)
}

/// Messages that are undone, of all tenants.
async fn undone(store: &Store) -> Result<u64, LedgerError> {
    let mut undone = 0;
    for tenant in all_tenants(store).await? {
        let ranges = [(); 4].map(|()| Range::all());
        let parts = sharded(&tenant, "lanes");
        let listed = store.listed_each(2, &parts, &ranges).await?.into_iter();
        let figures = listed.flatten().map(|listed| listed.figure);
        undone += figures
            .map(|figure| u64::try_from(figure).unwrap_or_default())
            .sum::<u64>();
    }
    Ok(undone)
}

/// The same, as of a while ago.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    undone: AtomicU64,
    /// When it was counted, by the host's clock.
    counted_ms: AtomicU64,
}

pub(super) async fn undone_lately(store: &Store) -> Result<u64, LedgerError> {
    let Backlog { undone, counted_ms } = &store.backlog;
    let now = wall_ms();
    let last = counted_ms.load(Ordering::Relaxed);
    let life = u64::try_from(limits::DYNAMO_BACKLOG_LIFE.as_millis()).unwrap_or(u64::MAX);
    if now.saturating_sub(last) >= life
        // One counts, the others go by what is known.
        && counted_ms
            .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
    {
        undone.store(self::undone(store).await?, Ordering::Relaxed);
    }
    Ok(undone.load(Ordering::Relaxed))
}

pub(super) async fn counts(store: &Store) -> Result<Counts, LedgerError> {
    let mut counts = Counts {
        undone: undone(store).await?,
        ..Counts::default()
    };
    for tenant in all_tenants(store).await? {
        let ready = of_state(&tenant, SendState::Ready);
        counts.ready += store.count_each(4, &ready).await?;
        for state in [SendState::Unknown, SendState::Held] {
            counts.unknown += store.count_each(4, &of_state(&tenant, state)).await?;
        }
        counts.dead_letters += store.count_listed(1, &format!("{tenant}#dead")).await?;
        let tally = store
            .query(&format!("{tenant}#tally"), &Range::all())
            .await?;
        let contacts: i64 = tally
            .iter()
            .filter_map(|(_, stored)| stored.item.figure)
            .sum();
        counts.contacts += u64::try_from(contacts).unwrap_or_default();
    }
    Ok(counts)
}
