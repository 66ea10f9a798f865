//! Accept: what arrived is stored once (I1, I2).
//!
//! One transaction for a delivery, as far as it holds: most deliveries are one arrival. A longer one goes in portions, in order; if a
//! later portion fails, the earlier ones are known when the delivery comes again (I2), and their lanes are listed.

use ledger::{Acceptance, Arrival, Lane, LedgerError, limits as bounds};
use model::{
    ContactId, Content, Message, Moment, Notice, NoticeBody, SendToken, Status, System, TenantId,
    Unreadable,
};

use super::commit::transact;
use super::item::Record as _;
use super::records::{
    KeptNotice, Named, Place, Probe, Seen, Send, What, seen_key, send_key, wamid_key,
};
use super::store::Store;
use super::work::Work;
use super::{aliases, changing, contacts, reading, sends};
use crate::limits;

pub(super) async fn accept(
    store: &Store,
    arrivals: &[Arrival],
    now: Moment,
) -> Result<Vec<Acceptance>, LedgerError> {
    let takes_room = |arrival: &Arrival| matches!(arrival.notice.body, NoticeBody::Message(_));
    if arrivals.iter().any(takes_room) {
        let undone = reading::undone_lately(store).await?;
        if undone >= bounds::UNDONE {
            return Err(LedgerError::Full { undone });
        }
    }
    let mut accepted = Vec::with_capacity(arrivals.len());
    for portion in arrivals.chunks(limits::DYNAMO_ARRIVALS) {
        match accept_together(store, portion, now).await? {
            Some(together) => accepted.extend(together),
            // Seldom: they move much. Each is a write of its own then.
            None => {
                for arrival in portion {
                    let alone = transact!(store, "accept", |work| {
                        accept_one(&mut work, arrival, now).await
                    });
                    accepted.push(alone?);
                }
            }
        }
    }
    Ok(accepted)
}

/// All of them in one transaction; nothing, if that would be too large.
async fn accept_together(
    store: &Store,
    arrivals: &[Arrival],
    now: Moment,
) -> Result<Option<Vec<Acceptance>>, LedgerError> {
    transact!(store, "accept", |work| {
        let mut accepted = Vec::with_capacity(arrivals.len());
        for arrival in arrivals {
            accepted.push(accept_one(&mut work, arrival, now).await?);
        }
        if arrivals.len() > 1 && work.len() > limits::DYNAMO_TRANSACTION {
            work.let_go();
            return Ok(None);
        }
        Ok(Some(accepted))
    })
}

async fn accept_one(
    work: &mut Work<'_>,
    arrival: &Arrival,
    now: Moment,
) -> Result<Acceptance, LedgerError> {
    let notice = &arrival.notice;
    let Notice {
        tenant,
        number,
        key,
        ..
    } = notice;
    let seen: Option<Seen> = work.load(&seen_key(tenant, number, key.as_str())).await?;
    // What expires is removed when DynamoDB comes to it: until then its time is looked at.
    if seen.is_some_and(|seen| seen.at >= now.minus(bounds::KEY_LIFE)) {
        return Ok(Acceptance::Known);
    }
    work.save(&Seen {
        tenant: tenant.clone(),
        number: number.clone(),
        key: key.as_str().to_owned(),
        at: now,
    })?;
    match &notice.body {
        NoticeBody::Message(message) => queue(work, notice, message, arrival.is_stop, now).await,
        NoticeBody::Status(status) => {
            let of = moved(work, notice, status, now).await?;
            Ok(Acceptance::Status { of })
        }
        NoticeBody::Preference(preference) => changing::prefer(work, notice, preference, now).await,
        NoticeBody::Echo(echo) => {
            changing::silence(work, notice, echo, arrival.silent_until, now).await
        }
        NoticeBody::Update(update) => {
            keep(work, notice, None, &update.raw, now).await?;
            changing::update(work, notice, update, now).await
        }
        NoticeBody::Unreadable(Unreadable { cause, raw, .. }) => {
            keep(work, notice, Some(cause.as_str()), raw, now).await?;
            Ok(Acceptance::Kept)
        }
    }
}

/// A message gets its contact and its place in the contact's order (I4).
async fn queue(
    work: &mut Work<'_>,
    notice: &Notice,
    message: &Message,
    is_stop: bool,
    now: Moment,
) -> Result<Acceptance, LedgerError> {
    let Notice { tenant, number, .. } = notice;
    let contact = sender(work, tenant, message, now).await?;
    let sequence =
        contacts::take_message(work, tenant, contact, number, message, is_stop, now).await?;
    work.save(&Place {
        tenant: tenant.clone(),
        contact,
        sequence,
        accepted_at: now,
        is_stop,
        what: What::Message {
            number: number.clone(),
            message: message.clone(),
        },
    })?;
    Ok(Acceptance::Queued(Lane {
        tenant: tenant.clone(),
        contact,
    }))
}

/// Who wrote. A contact who tells through WhatsApp that they are known by something else is known by that from this message on.
async fn sender(
    work: &mut Work<'_>,
    tenant: &TenantId,
    message: &Message,
    now: Moment,
) -> Result<ContactId, LedgerError> {
    let Content::System(System {
        now_known_by: Some(is),
        ..
    }) = &message.content
    else {
        return aliases::resolve(work, tenant, &message.from, now).await;
    };
    match aliases::moved(work, tenant, &message.from, is, now).await? {
        Some(contact) => Ok(contact),
        // Nobody to move: they are known as they are now.
        None => aliases::resolve(work, tenant, is, now).await,
    }
}

/// A status moves its send on, never back. The token finds it first: the wamid may never have been learnt (I11).
async fn moved(
    work: &mut Work<'_>,
    notice: &Notice,
    status: &Status,
    now: Moment,
) -> Result<Option<SendToken>, LedgerError> {
    let Notice { tenant, number, .. } = notice;
    let mut found: Option<Send> = None;
    if let Some(token) = &status.token {
        found = work.load(&send_key(tenant, token)).await?;
        // I13: tokens are worth something only where they were given out.
        found = found.filter(|send| send.body.number == *number);
    }
    if found.is_none() {
        let named: Option<Named> = work.peek(&wamid_key(tenant, number, &status.wamid)).await?;
        if let Some(Named { token, .. }) = named {
            found = work.load(&send_key(tenant, &token)).await?;
        }
    }
    let Some(send) = found else {
        changing::introduced(work, tenant, status, now).await?;
        return Ok(None);
    };
    let token = send.body.token.clone();
    sends::apply_status(work, tenant, &token, status, now).await?;
    changing::told(work, tenant, &send, status, now).await?;
    Ok(Some(token))
}

/// What has no effect, or could not be read: for people to look at, and for us to understand later.
async fn keep(
    work: &mut Work<'_>,
    notice: &Notice,
    cause: Option<&str>,
    raw: &serde_json::Value,
    now: Moment,
) -> Result<(), LedgerError> {
    let Notice {
        tenant,
        number,
        key,
        channel,
        body,
    } = notice;
    let kept = KeptNotice {
        tenant: tenant.clone(),
        number: number.clone(),
        key: key.as_str().to_owned(),
        ordinal: work.store.ordinal(),
        notice: body.word().to_owned(),
        name: body.kind().to_owned(),
        channel: channel.name().to_owned(),
        cause: cause.map(str::to_owned),
        raw: raw.clone(),
        at: now,
    };
    // One whose key has expired may still be there.
    let _: Option<KeptNotice> = work.peek(&kept.key()).await?;
    work.register(super::records::tenant_key(tenant)).await?;
    work.save(&kept)
}

/// Something of no consequence: whether writing works.
pub(super) async fn probe(store: &Store, now: Moment) -> Result<(), LedgerError> {
    transact!(store, "try to write", |work| {
        let probe = Probe {
            host: store.host.clone(),
            at: now,
        };
        let _: Option<Probe> = work.peek(&probe.key()).await?;
        work.save(&probe)?;
        Ok(())
    })
}
