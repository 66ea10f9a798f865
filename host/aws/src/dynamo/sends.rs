//! The outbox: what may leave, what left, and what became of it.

use gate::{Reach, Release};
use ledger::{
    Arrived, Departure, Judge, LedgerError, Resolution, SendRecord, Standing, limits as bounds,
};
use model::{
    Delivery, Moment, NumberId, Outbound, Outgoing, SendState, SendToken, Span, Status, StopTarget,
    TenantId, Wamid,
};

use super::commit::Committed;
use super::contacts::{load, person, the_person};
use super::failure::store;
use super::item::Key;
use super::records::{
    Lease, Named, Person, Send, Waiting, numbers, send_key, tenant_key, wamid_key,
};
use super::store::{Store, Tries};
use super::work::Work;
use super::{changing, reached, switches};
use crate::limits;

/// What a send answers, and when it is put into the outbox.
#[derive(Clone, Copy)]
pub(super) struct Cause<'a> {
    /// The number that the message came in on; the message itself is named in the send.
    pub(super) number: &'a NumberId,
    pub(super) now: Moment,
}

/// Puts a send into the outbox, behind all that is there.
pub(super) async fn queue(
    work: &mut Work<'_>,
    outbound: &Outbound,
    cause: Cause<'_>,
) -> Result<(), LedgerError> {
    let Outbound {
        tenant,
        number,
        contact,
        token,
        ..
    } = outbound;
    let mut person = the_person(work, tenant, *contact).await?;
    if person.waiting.len() >= limits::DYNAMO_OPEN_SENDS {
        let most = limits::DYNAMO_OPEN_SENDS;
        return Err(store(
            "put a send into the outbox",
            format!("{tenant} {contact} has {most} sends that wait: see why they do not leave"),
        ));
    }
    let known: Option<Send> = work.peek(&send_key(tenant, token)).await?;
    if known.is_some() {
        return Err(store(
            "put a send into the outbox",
            format!("{tenant} has a send with the token {token} already"),
        ));
    }
    let send = Send {
        body: outbound.clone(),
        ordinal: work.store.ordinal().max(person.last_send + 1),
        cause_number: cause.number.clone(),
        state: SendState::Ready,
        not_before: cause.now,
        attempts: 0,
        resent: false,
        wamid: None,
        rank: 0,
        remark: None,
        departed_at: None,
        unsure_since: None,
        status_at: None,
        changed_at: cause.now,
        lease: None,
    };
    person.last_send = send.ordinal;
    person.note_send(&send);
    work.register(tenant_key(tenant)).await?;
    work.register(Key::new(numbers(tenant), number.as_str()))
        .await?;
    work.save(&person)?;
    work.save(&send)
}

/// Writes a send, and where it stands with its contact.
async fn save(work: &mut Work<'_>, send: &Send) -> Result<(), LedgerError> {
    let Outbound {
        tenant, contact, ..
    } = &send.body;
    if let Some(mut person) = person(work, tenant, *contact).await? {
        let before = person.waiting.clone();
        person.note_send(send);
        if person.waiting != before {
            work.save(&person)?;
        }
    }
    work.save(send)
}

/// Whether it is the first of its contact at `now`: none of theirs before it waits for less than what keeps an order, none is in
/// flight, and none has become of unknown outcome after `held_back`.
pub(super) fn is_head(person: &Person, send: &Waiting, held_back: Moment, now: Moment) -> bool {
    let keeps_order = now.plus(bounds::KEEPS_ORDER);
    !person.waiting.iter().any(|other| match other.state {
        SendState::InFlight => true,
        SendState::Ready => other.ordinal < send.ordinal && other.not_before <= keeps_order,
        SendState::Unknown => {
            other.ordinal < send.ordinal
                && other.unsure_since.is_some_and(|since| since > held_back)
        }
        _ => false,
    })
}

/// I6: consent, pause and window are read, and judged, and the write that marks the send in flight demands that they are still as they
/// were read. Where the write is lost, all is read anew, and the judgement stands if it is the very same: a judge spends rates, and is
/// asked again only for something else.
pub(super) async fn depart(
    store: &Store,
    tenant: &TenantId,
    token: &SendToken,
    now: Moment,
    holds_back: Span,
    mut judge: Judge,
) -> Result<Departure, LedgerError> {
    let held_back = now.minus(holds_back);
    let mut tries = Tries::new("mark a send");
    let mut judged: Option<(Outbound, Standing, Release)> = None;
    loop {
        let mut work = Work::new(store);
        let found = match ready(&mut work, tenant, token, held_back, now).await {
            Err(_) if !work.still_stands().await? => {
                tries.again().await?;
                continue;
            }
            found => found?,
        };
        let Some((send, standing)) = found else {
            return Ok(Departure::Gone);
        };
        let stands = judged
            .take()
            .filter(|(outbound, before, _)| *outbound == send.body && *before == standing);
        let release = match stands {
            Some((_, _, release)) => release,
            None => judge(send.body.clone(), &standing),
        };
        let attempt = send.attempts + 1;
        mark(&mut work, send.clone(), &standing, &release, now).await?;
        match work.commit().await? {
            Committed::Done => return Ok(departure(release, attempt)),
            Committed::Lost => {
                judged = Some((send.body, standing, release));
                tries.again().await?;
            }
        }
    }
}

fn departure(release: Release, attempt: u32) -> Departure {
    match release {
        Release::Go(pass) => Departure::Go { pass, attempt },
        Release::Wait(until) => Departure::Wait(until),
        Release::Withhold => Departure::Withheld,
        Release::Cancel(refusal) => Departure::Cancelled(refusal),
    }
}

/// A send that may leave, with what it is judged by.
async fn ready(
    work: &mut Work<'_>,
    tenant: &TenantId,
    token: &SendToken,
    held_back: Moment,
    now: Moment,
) -> Result<Option<(Send, Standing)>, LedgerError> {
    let Some(send) = work.load::<Send>(&send_key(tenant, token)).await? else {
        return Ok(None);
    };
    let Some(person) = person(work, tenant, send.body.contact).await? else {
        return Ok(None);
    };
    let waits = person.waiting.iter().find(|waiting| {
        waiting.token == *token && waiting.state == SendState::Ready && waiting.not_before <= now
    });
    if !waits.is_some_and(|waiting| is_head(&person, waiting, held_back, now)) {
        return Ok(None);
    }
    let Some(contact) = load(work, tenant, send.body.contact).await? else {
        return Ok(None);
    };
    let reach = match send.body.message {
        Outgoing::Template(_) => reached::reach(work, tenant, contact.id, now).await?,
        _ => Reach::default(),
    };
    let standing = Standing {
        contact,
        stops: switches::of_tenant(work, tenant).await?,
        reach,
    };
    Ok(Some((send, standing)))
}

async fn mark(
    work: &mut Work<'_>,
    mut send: Send,
    standing: &Standing,
    release: &Release,
    now: Moment,
) -> Result<(), LedgerError> {
    let is_stopped = standing.stops.iter().any(|switch| match &switch.target {
        StopTarget::Tenant => true,
        StopTarget::Number(number) => *number == send.body.number,
        StopTarget::Template(_) => false,
    });
    match release {
        Release::Go(pass) => {
            if pass.reaches_out() {
                let (tenant, id) = (&send.body.tenant, standing.contact.id);
                let mut person = the_person(work, tenant, id).await?;
                reached::note(work, &mut person, now);
                work.save(&person)?;
            }
            send.state = SendState::InFlight;
            send.departed_at = Some(now);
            send.attempts += 1;
            send.lease = Some(Lease {
                host: work.store.host.clone(),
                until: now.plus(limits::DYNAMO_LEASE),
            });
        }
        // Nobody knows how long; and whoever lifts the switch finds it as it was.
        Release::Wait(_) if is_stopped => return Ok(()),
        Release::Wait(until) => {
            send.not_before = *until;
            send.changed_at = now;
            save(work, &send).await?;
            return hold_back_the_next(work, &send, now).await;
        }
        Release::Withhold => {
            send.state = SendState::Withheld;
            send.remark = Some("dry run".to_owned());
        }
        Release::Cancel(refusal) => {
            send.state = SendState::Cancelled;
            send.remark = Some(refusal.to_string());
        }
    }
    send.changed_at = now;
    save(work, &send).await
}

/// What is behind a send that waits comes due with it. What waits for very long is overtaken.
async fn hold_back_the_next(
    work: &mut Work<'_>,
    send: &Send,
    now: Moment,
) -> Result<(), LedgerError> {
    let until = send.not_before;
    if send.state != SendState::Ready || until > now.plus(bounds::KEEPS_ORDER) {
        return Ok(());
    }
    let tenant = &send.body.tenant;
    let person = the_person(work, tenant, send.body.contact).await?;
    let behind = person.waiting.iter().filter(|other| {
        other.ordinal > send.ordinal && other.state == SendState::Ready && other.not_before < until
    });
    for waiting in behind {
        if let Some(mut other) = work.load::<Send>(&send_key(tenant, &waiting.token)).await? {
            other.not_before = until;
            save(work, &other).await?;
        }
    }
    Ok(())
}

/// What a carrier said, unless a status said more already.
pub(super) async fn arrive(
    work: &mut Work<'_>,
    tenant: &TenantId,
    token: &SendToken,
    arrival: &Arrived,
    now: Moment,
) -> Result<(), LedgerError> {
    if let Arrived::Failed {
        code: Some(changing::STOPPED_MARKETING),
        cause,
    } = arrival
    {
        changing::refused(work, tenant, token, cause, now).await?;
    }
    let Some(mut send) = work.load::<Send>(&send_key(tenant, token)).await? else {
        return Ok(());
    };
    if let Arrived::Sent(Some(wamid)) = arrival {
        // The id is worth having even if a status came first.
        learn_wamid(work, &mut send, wamid).await?;
    }
    if send.state != SendState::InFlight {
        return work.save(&send);
    }
    let (state, remark) = match arrival {
        Arrived::Sent(_) => (SendState::Sent, None),
        Arrived::Again { cause, .. } => (SendState::Ready, Some(cause)),
        Arrived::Failed { cause, .. } => (SendState::Failed, Some(cause)),
        Arrived::Unknown { cause } => (SendState::Unknown, Some(cause)),
    };
    send.state = state;
    send.remark = remark.cloned();
    send.unsure_since = (state == SendState::Unknown).then_some(now);
    send.changed_at = now;
    send.lease = None;
    if let Arrived::Again { at, .. } = arrival {
        send.not_before = *at;
    }
    save(work, &send).await?;
    match arrival {
        Arrived::Again { .. } => hold_back_the_next(work, &send, now).await,
        _ => Ok(()),
    }
}

/// The first id stands. Whoever looks for an id finds the send by it.
async fn learn_wamid(
    work: &mut Work<'_>,
    send: &mut Send,
    wamid: &Wamid,
) -> Result<(), LedgerError> {
    if send.wamid.is_some() {
        return Ok(());
    }
    send.wamid = Some(wamid.clone());
    let Outbound {
        tenant,
        number,
        token,
        ..
    } = &send.body;
    let named: Option<Named> = work.peek(&wamid_key(tenant, number, wamid)).await?;
    if named.is_some_and(|named| named.token == *token) {
        return Ok(());
    }
    work.save(&Named {
        tenant: tenant.clone(),
        number: number.clone(),
        wamid: wamid.clone(),
        token: token.clone(),
    })
}

/// A status is proof that the send left, whatever we believed: one that was given up after it had left once did arrive after all.
/// It moves it on and never back. What never left has no status: that token was not echoed, it was guessed.
pub(super) async fn apply_status(
    work: &mut Work<'_>,
    tenant: &TenantId,
    token: &SendToken,
    status: &Status,
    now: Moment,
) -> Result<(), LedgerError> {
    if status.delivery == Delivery::Unknown {
        return Ok(());
    }
    let Some(mut send) = work.load::<Send>(&send_key(tenant, token)).await? else {
        return Ok(());
    };
    learn_wamid(work, &mut send, &status.wamid).await?;
    let (state, rank) = match status.delivery {
        Delivery::Accepted | Delivery::Sent => (SendState::Sent, status.delivery.rank()),
        Delivery::Delivered => (SendState::Delivered, status.delivery.rank()),
        Delivery::Read | Delivery::Played => (SendState::Read, status.delivery.rank()),
        Delivery::Failed => (SendState::Failed, status.delivery.rank()),
        // They say that it left, and nothing of how far it got.
        Delivery::Deleted | Delivery::Warning | Delivery::Unknown => {
            (SendState::Sent, Delivery::Sent.rank())
        }
    };
    let never_left =
        send.attempts == 0 && matches!(send.state, SendState::Cancelled | SendState::Withheld);
    if send.rank >= rank || never_left {
        return work.save(&send);
    }
    send.state = state;
    send.rank = rank;
    let error = status.errors.first();
    send.remark = error.map(|error| format!("{}: {}", error.code, error.title));
    send.unsure_since = None;
    send.status_at = Some(now);
    send.changed_at = now;
    send.lease = None;
    save(work, &send).await
}

/// What was in flight when its host ended has an unknown outcome: when that host starts again, or when its lease is over. What was
/// unknown before counts from now: statuses that came while nobody listened are still on their way (I11). True if it was in
/// flight.
pub(super) async fn recover(
    work: &mut Work<'_>,
    key: &Key,
    now: Moment,
) -> Result<bool, LedgerError> {
    let Some(mut send) = work.load::<Send>(key).await? else {
        return Ok(false);
    };
    let host = &work.store.host;
    let is_held_by_another = |lease: &Lease| lease.host != *host && lease.until > now;
    let was_in_flight = send.state == SendState::InFlight;
    match send.state {
        SendState::Unknown => {}
        SendState::InFlight if !send.lease.as_ref().is_some_and(is_held_by_another) => {
            send.state = SendState::Unknown;
            send.changed_at = now;
            send.remark = Some("the host ended while it was in flight".to_owned());
            send.lease = None;
        }
        _ => return Ok(false),
    }
    send.unsure_since = Some(now);
    save(work, &send).await?;
    Ok(was_in_flight)
}

pub(super) async fn resolve(
    work: &mut Work<'_>,
    tenant: &TenantId,
    token: &SendToken,
    resolution: Resolution,
    now: Moment,
) -> Result<bool, LedgerError> {
    let Some(mut send) = work.load::<Send>(&send_key(tenant, token)).await? else {
        return Ok(false);
    };
    let is_unsure = match resolution {
        Resolution::Hold => send.state == SendState::Unknown,
        _ => matches!(send.state, SendState::Unknown | SendState::Held),
    };
    if !is_unsure {
        return Ok(false);
    }
    match resolution {
        // Once: a send that was sent again and is unknown again is a person's.
        Resolution::Resend if send.resent => {
            send.state = SendState::Held;
            send.not_before = now;
        }
        Resolution::Resend | Resolution::SendAnyway => {
            send.state = SendState::Ready;
            send.resent = true;
            send.not_before = now;
        }
        Resolution::Hold => send.state = SendState::Held,
        Resolution::Drop => {
            send.state = SendState::Cancelled;
            send.remark = Some("a person gave it up".to_owned());
        }
    }
    send.changed_at = now;
    save(work, &send).await?;
    Ok(true)
}

/// What waits on a number for another reason than WhatsApp's own is judged again.
pub(super) async fn let_go(
    work: &mut Work<'_>,
    tenant: &TenantId,
    contact: model::ContactId,
    number: &NumberId,
    now: Moment,
) -> Result<(), LedgerError> {
    let Some(person) = person(work, tenant, contact).await? else {
        return Ok(());
    };
    let waits = |waiting: &&Waiting| {
        waiting.number == *number && waiting.state == SendState::Ready && waiting.not_before > now
    };
    for waiting in person
        .waiting
        .iter()
        .filter(waits)
        .take(limits::DYNAMO_LET_GO)
    {
        if let Some(mut send) = work.load::<Send>(&send_key(tenant, &waiting.token)).await?
            && send.attempts == 0
        {
            send.not_before = now;
            save(work, &send).await?;
        }
    }
    Ok(())
}

pub(super) fn record(send: Send) -> SendRecord {
    SendRecord {
        outbound: send.body,
        state: send.state,
        wamid: send.wamid,
        attempts: send.attempts,
        cause: send.remark,
        changed_at: send.changed_at,
    }
}
