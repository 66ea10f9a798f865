//! Settle: all that a message caused, in one atomic write (I3), in the contact's order (I4).

use gate::Admitted;
use model::{Decision, Ending, HandOver, Moment, NumberId, Outbound};
use rusqlite::params;

use super::rows::to_json;
use super::state::State;
use super::writer::Work;
use super::{consent, contacts, counting, failed, memory, notes, reply_drafts};
use crate::{LedgerError, Settled, Settlement};

/// A settlement with its texts written out: by whoever settles, beside the one writer that all wait for.
pub(super) struct Written {
    settlement: Settlement,
    record: String,
    /// The contact's, unless it is being joined.
    state: String,
    sends: Vec<String>,
}

impl Written {
    pub(super) fn of(settlement: Settlement) -> Result<Self, LedgerError> {
        let send = |send: &Admitted| to_json(send.outbound()).map_err(failed("write a send"));
        Ok(Self {
            record: to_json(&settlement.decision).map_err(failed("write a decision"))?,
            state: to_json(&State::of(&settlement.contact)).map_err(failed("write a contact"))?,
            sends: settlement
                .sends
                .iter()
                .map(send)
                .collect::<Result<_, _>>()?,
            settlement,
        })
    }
}

pub(super) fn settle(work: &mut Work<'_>, written: &Written) -> Result<Settled, LedgerError> {
    let settlement = &written.settlement;
    let decision = &settlement.decision;
    let tenant = &decision.id.tenant;
    let Some(progress) = contacts::progress(work.connection, tenant, decision.contact)? else {
        return Ok(Settled::OutOfTurn);
    };
    // I4: its predecessor is done.
    if progress.done + 1 != decision.sequence {
        return Ok(Settled::OutOfTurn);
    }
    if progress.version != settlement.expected_version
        || memory::is_lost(work, settlement)?
        || counting::is_full(work, settlement)?
    {
        return Ok(Settled::VersionLost);
    }
    if !mark_done(work, decision)? {
        return Ok(Settled::OutOfTurn);
    }
    contacts::settle(
        work.connection,
        &settlement.contact,
        &written.state,
        decision.sequence,
        settlement.was_stop,
    )?;
    let cause = Cause {
        number: &decision.id.number,
        now: settlement.now,
    };
    for (send, body) in settlement.sends.iter().zip(&written.sends) {
        queue(work, send.outbound(), body, cause)?;
    }
    reply_drafts::leave(work, settlement)?;
    for change in &settlement.consent {
        consent::record(work, tenant, decision.contact, change)?;
    }
    for hand_over in &settlement.hand_offs {
        hand_off(work, settlement, hand_over)?;
    }
    notes::leave(work, settlement)?;
    memory::keep(work, settlement)?;
    counting::raise(work, settlement)?;
    if let Some(cause) = &settlement.dead_letter {
        bury(work, settlement, cause)?;
    }
    record(work, settlement, &written.record)?;
    work.kept.undone = work.kept.undone.saturating_sub(1);
    Ok(Settled::Done)
}

/// Says whether it was undone, and a message.
fn mark_done(work: &Work<'_>, decision: &Decision) -> Result<bool, LedgerError> {
    work.connection
        .prepare_cached(
            "UPDATE messages INDEXED BY messages_undone SET undone = 0
             WHERE tenant = ?1 AND contact = ?2 AND sequence = ?3 AND undone = 1 AND joins IS NULL",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                decision.id.tenant.as_str(),
                decision.contact.0,
                decision.sequence
            ])
        })
        .map(|marked| marked == 1)
        .map_err(failed("mark a message done"))
}

/// What a send answers, and when it is put into the outbox.
#[derive(Clone, Copy)]
pub(super) struct Cause<'a> {
    /// The number that the message came in on; the message itself is named in the send.
    pub(super) number: &'a NumberId,
    pub(super) now: Moment,
}

/// Puts a send into the outbox, behind all that is there.
pub(super) fn queue(
    work: &Work<'_>,
    outbound: &Outbound,
    body: &str,
    cause: Cause<'_>,
) -> Result<(), LedgerError> {
    work.connection
        .prepare_cached(
            "INSERT INTO outbox (tenant, token, number, contact, cause_number, cause, body, state, not_before, changed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'ready', ?8, ?8)",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                outbound.tenant.as_str(),
                outbound.token.as_str(),
                outbound.number.as_str(),
                outbound.contact.0,
                cause.number.as_str(),
                outbound.cause.as_str(),
                body,
                cause.now.0,
            ])
        })
        .map(drop)
        .map_err(failed("put a send into the outbox"))
}

fn hand_off(
    work: &Work<'_>,
    settlement: &Settlement,
    hand_over: &HandOver,
) -> Result<(), LedgerError> {
    let Decision { id, contact, .. } = &settlement.decision;
    work.connection
        .prepare_cached(
            "INSERT INTO hand_offs (tenant, seq, desk, note, contact, message, at)
             VALUES (?1, 1 + coalesce((SELECT max(seq) FROM hand_offs WHERE tenant = ?1), 0), ?2, ?3, ?4, ?5, ?6)",
        )
        .and_then(|mut statement| {
            let HandOver { desk, note } = hand_over;
            statement.execute(params![id.tenant.as_str(), desk.as_str(), note, contact.0, id.message.as_str(), settlement.now.0])
        })
        .map(drop)
        .map_err(failed("hand a conversation over"))
}

fn bury(work: &Work<'_>, settlement: &Settlement, cause: &str) -> Result<(), LedgerError> {
    let id = &settlement.decision.id;
    work.connection
        .prepare_cached("INSERT OR REPLACE INTO dead_letters (tenant, number, message, cause, at) VALUES (?1, ?2, ?3, ?4, ?5)")
        .and_then(|mut statement| {
            statement.execute(params![id.tenant.as_str(), id.number.as_str(), id.message.as_str(), cause, settlement.now.0])
        })
        .map(drop)
        .map_err(failed("keep a dead letter"))
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

fn record(work: &Work<'_>, settlement: &Settlement, text: &str) -> Result<(), LedgerError> {
    let decision = &settlement.decision;
    work.connection
        .prepare_cached(
            "INSERT OR REPLACE INTO decisions (tenant, number, message, contact, sequence, record, settled_at, dull)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                decision.id.tenant.as_str(),
                decision.id.number.as_str(),
                decision.id.message.as_str(),
                decision.contact.0,
                decision.sequence,
                text,
                settlement.now.0,
                is_dull(settlement),
            ])
        })
        .map(drop)
        .map_err(failed("record a decision"))
}
