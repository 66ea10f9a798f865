//! Settle: all that a message caused, in one transaction (I3), in the contact's order (I4).
//!
//! A send, a draft, a hand-off, a note, a key and a count are an item each, so that the 80 effects of a decision fit, with the contact, the
//! decision and what guards them, into the hundred items of a transaction.

use ledger::{LedgerError, Settled, Settlement};
use model::{Ending, HandOver};

use super::commit::transact;
use super::contacts::{self, person};
use super::item::Record as _;
use super::records::{
    Dead, Decided, Draft, HandedOver, Place, What, decision_key, order_key, place_key, send_key,
};
use super::store::{Store, wall_ms};
use super::work::Work;
use super::{consent, counting, memory, notes, sends};

/// Places in a tenant's orders that a settlement has been given: once, however often its write begins anew.
#[derive(Default)]
struct Given {
    decision: Option<u64>,
    hand_off: Option<u64>,
    draft: Option<u64>,
}

pub(super) async fn settle(store: &Store, settlement: &Settlement) -> Result<Settled, LedgerError> {
    let mut given = Given::default();
    transact!(store, "settle", |work| {
        let settled = settle_in(&mut work, settlement, &mut given).await?;
        if settled != Settled::Done {
            work.let_go();
        }
        Ok(settled)
    })
}

async fn settle_in(
    work: &mut Work<'_>,
    settlement: &Settlement,
    given: &mut Given,
) -> Result<Settled, LedgerError> {
    let decision = &settlement.decision;
    let tenant = &decision.id.tenant;
    let progress = person(work, tenant, decision.contact).await?;
    let Some(progress) = progress.filter(|person| person.erased_at.is_none()) else {
        return Ok(Settled::OutOfTurn);
    };
    // I4: its predecessor is done, and it is not.
    let key = place_key(tenant, decision.contact, decision.sequence);
    let place: Option<Place> = work.peek(&key).await?;
    let is_message = place.is_some_and(|place| matches!(place.what, What::Message { .. }));
    if progress.done + 1 != decision.sequence || progress.accepted <= progress.done || !is_message {
        return Ok(Settled::OutOfTurn);
    }
    if progress.version != settlement.expected_version
        || memory::is_lost(work, settlement).await?
        || counting::is_full(work, settlement).await?
    {
        return Ok(Settled::VersionLost);
    }
    contacts::settle(
        work,
        &settlement.contact,
        decision.sequence,
        settlement.was_stop,
    )
    .await?;
    let cause = sends::Cause {
        number: &decision.id.number,
        now: settlement.now,
    };
    let tokens = settlement.sends.iter().map(|send| send.outbound());
    let keys: Vec<_> = tokens
        .map(|send| send_key(&send.tenant, &send.token))
        .collect();
    work.look_at(&keys).await?;
    for send in &settlement.sends {
        sends::queue(work, send.outbound(), cause).await?;
    }
    leave_drafts(work, settlement, given).await?;
    for change in &settlement.consent {
        consent::record(work, tenant, decision.contact, change).await?;
    }
    hand_off(work, settlement, given).await?;
    notes::leave(work, settlement).await?;
    memory::keep(work, settlement).await?;
    counting::raise(work, settlement);
    if let Some(cause) = &settlement.dead_letter {
        let dead = Dead {
            id: decision.id.clone(),
            cause: cause.clone(),
            at: settlement.now,
        };
        // One that failed again.
        let _: Option<Dead> = work.peek(&dead.key()).await?;
        work.save(&dead)?;
    }
    record(work, settlement, given).await?;
    Ok(Settled::Done)
}

/// So many places of an order, from the first of them on.
async fn places(
    work: &Work<'_>,
    settlement: &Settlement,
    what: &str,
    count: usize,
    given: &mut Option<u64>,
) -> Result<u64, LedgerError> {
    if let Some(first) = given {
        return Ok(*first);
    }
    let key = order_key(&settlement.decision.id.tenant, what);
    let count = count as u64;
    let first = work.store.next_places(&key, count).await? + 1 - count;
    *given = Some(first);
    Ok(first)
}

async fn leave_drafts(
    work: &mut Work<'_>,
    settlement: &Settlement,
    given: &mut Given,
) -> Result<(), LedgerError> {
    if settlement.drafts.is_empty() {
        return Ok(());
    }
    let count = settlement.drafts.len();
    let first = places(work, settlement, "drafts", count, &mut given.draft).await?;
    let id = &settlement.decision.id;
    for (draft, place) in settlement.drafts.iter().zip(first..) {
        work.save(&Draft {
            tenant: id.tenant.clone(),
            id: place,
            desk: draft.desk.clone(),
            rule: draft.rule.clone(),
            contact: settlement.decision.contact,
            cause_number: id.number.clone(),
            body: draft.send.outbound().clone(),
            state: model::ReplyDraftState::Pending,
            decided_by: None,
            at: settlement.now,
            changed_at: settlement.now,
            written_ms: wall_ms(),
        })?;
    }
    Ok(())
}

async fn hand_off(
    work: &mut Work<'_>,
    settlement: &Settlement,
    given: &mut Given,
) -> Result<(), LedgerError> {
    if settlement.hand_offs.is_empty() {
        return Ok(());
    }
    let count = settlement.hand_offs.len();
    let first = places(work, settlement, "hand_offs", count, &mut given.hand_off).await?;
    let id = &settlement.decision.id;
    for (HandOver { desk, note }, seq) in settlement.hand_offs.iter().zip(first..) {
        work.save(&HandedOver {
            tenant: id.tenant.clone(),
            seq,
            desk: desk.clone(),
            note: note.clone(),
            contact: settlement.decision.contact,
            message: id.message.clone(),
            at: settlement.now,
            written_ms: wall_ms(),
        })?;
    }
    Ok(())
}

/// No rule applied, and nothing came of it: retention begins with these.
fn is_dull(settlement: &Settlement) -> bool {
    matches!(settlement.decision.ending, Ending::NoRule | Ending::Aside)
        && settlement.sends.is_empty()
        && settlement.drafts.is_empty()
        && settlement.consent.is_empty()
        && settlement.hand_offs.is_empty()
        && settlement.dead_letter.is_none()
}

async fn record(
    work: &mut Work<'_>,
    settlement: &Settlement,
    given: &mut Given,
) -> Result<(), LedgerError> {
    let decision = &settlement.decision;
    // A dead letter that was taken up has a decision already, which makes room for this one.
    let _: Option<Decided> = work.peek(&decision_key(&decision.id)).await?;
    let seq = places(work, settlement, "decisions", 1, &mut given.decision).await?;
    work.save(&Decided {
        seq,
        contact: decision.contact,
        sequence: decision.sequence,
        decision: decision.clone(),
        settled_at: settlement.now,
        written_ms: wall_ms(),
        is_dull: is_dull(settlement),
    })
}
