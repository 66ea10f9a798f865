//! What becomes of two contacts' records when they are joined: all of both, and of what they allowed the stricter.

use std::collections::BTreeMap;

use model::{ContactId, Moment, RuleCount, Tempo, TenantId};
use rusqlite::params;

use super::contacts::{self, Stored};
use super::rows::to_json;
use super::state::State;
use super::writer::Work;
use super::{consent, failed, memory, notes, reached};
use crate::LedgerError;

/// Makes `survivor` both of them. What stands under the joiner's id stays readable there: messages and decisions.
pub(super) fn unite(
    work: &Work<'_>,
    tenant: &TenantId,
    joiner: ContactId,
    survivor: ContactId,
    now: Moment,
) -> Result<(), LedgerError> {
    let connection = work.connection;
    let (Some(joins), Some(remains)) = (
        contacts::stored(connection, tenant, joiner)?,
        contacts::stored(connection, tenant, survivor)?,
    ) else {
        return Err(LedgerError::Corrupt {
            what: "join".into(),
            cause: format!("{tenant} {joiner} or {survivor} is not there"),
        });
    };
    write(work, tenant, survivor, &united(remains, joins))?;
    clear(work, tenant, joiner)?;
    consent::unite(work, tenant, joiner, survivor)?;
    notes::unite(connection, tenant, joiner, survivor)?;
    memory::unite(connection, tenant, joiner, survivor, now)?;
    reached::unite(connection, tenant, joiner, survivor)?;
    for statement in [
        "UPDATE hand_offs INDEXED BY hand_offs_by_contact SET contact = ?3 WHERE tenant = ?1 AND contact = ?2",
        "UPDATE reply_drafts INDEXED BY reply_drafts_by_contact SET contact = ?3, body = json_set(body, '$.contact', ?3) WHERE tenant = ?1 AND contact = ?2",
        // Sends keep their order: it is the tenant's.
        "UPDATE outbox INDEXED BY outbox_by_contact SET contact = ?3, body = json_set(body, '$.contact', ?3) WHERE tenant = ?1 AND contact = ?2",
    ] {
        connection
            .prepare_cached(statement)
            .and_then(|mut statement| {
                statement.execute(params![tenant.as_str(), joiner.0, survivor.0])
            })
            .map_err(failed("move what is a contact's"))?;
    }
    Ok(())
}

/// Of one period both count; of two the later is the one that matters.
fn join_count(counts: &mut Vec<RuleCount>, other: RuleCount) {
    let same = |count: &&mut RuleCount| (&count.rule, count.per) == (&other.rule, other.per);
    match counts.iter_mut().find(same) {
        Some(count) if count.since == other.since => {
            count.times = count.times.saturating_add(other.times);
        }
        Some(count) if count.since < other.since => *count = other,
        Some(_) => {}
        None => counts.push(other),
    }
}

/// What was done with either was done with one person: it counts together.
fn join_tempo(tempo: &mut Tempo, other: Tempo) {
    tempo.answered_at_once = tempo.answered_at_once.max(other.answered_at_once);
    tempo.spoke_at = tempo.spoke_at.max(other.spoke_at);
    for slice in other.lately {
        match tempo.lately.iter_mut().find(|own| own.since == slice.since) {
            Some(own) => {
                own.turns = own.turns.saturating_add(slice.turns);
                own.sends = own.sends.saturating_add(slice.sends);
            }
            None => tempo.lately.push(slice),
        }
    }
    tempo.lately.sort_by_key(|slice| slice.since);
}

fn united(remains: Stored, joins: Stored) -> Stored {
    let mut state = remains.state;
    let other = joins.state;
    state.restrict(&other);
    state.tags.extend(other.tags);
    for (rule, at) in other.fired {
        let fired = state.fired.entry(rule).or_insert(at);
        *fired = (*fired).max(at);
    }
    for count in other.counts {
        join_count(&mut state.counts, count);
    }
    join_tempo(&mut state.tempo, other.tempo);
    // What a settle says of a conversation is as old as the message it settled.
    let is_later = other.previous_inbound > state.previous_inbound;
    later(is_later, &mut state.language, other.language);
    later(is_later, &mut state.last_desk, other.last_desk);
    let answered = |rule: &Option<(_, Moment)>| rule.as_ref().map(|(_, at)| *at);
    if answered(&other.last_rule) > answered(&state.last_rule) {
        state.last_rule = other.last_rule;
    }
    state.previous_inbound = state.previous_inbound.max(other.previous_inbound);

    let wrote = |windows: &BTreeMap<_, Moment>| windows.values().max().copied();
    let wrote_later = wrote(&joins.last_inbound) > wrote(&remains.last_inbound);
    let mut name = remains.name;
    later(wrote_later, &mut name, joins.name);
    let mut last_inbound = remains.last_inbound;
    for (number, at) in joins.last_inbound {
        let window = last_inbound.entry(number).or_insert(at);
        *window = (*window).max(at);
    }
    Stored {
        key: remains.key,
        name,
        state,
        last_inbound,
        first_seen: remains.first_seen.min(joins.first_seen),
        stop_pending: remains.stop_pending || joins.stop_pending,
        version: remains.version,
        is_erased: remains.is_erased,
    }
}

/// Of two that say something the later counts; one that says nothing does not.
fn later<T>(other_is_later: bool, one: &mut Option<T>, other: Option<T>) {
    if other.is_some() && (other_is_later || one.is_none()) {
        *one = other;
    }
}

fn write(
    work: &Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    stored: &Stored,
) -> Result<(), LedgerError> {
    let attempt = || -> rusqlite::Result<usize> {
        work.connection
            .prepare_cached(
                "UPDATE contacts SET name = ?3, state = ?4, last_inbound = ?5, first_seen = ?6, version = version + 1,
                        stop_pending = ?7 AND EXISTS (
                            SELECT 1 FROM messages WHERE tenant = ?1 AND contact = ?2 AND undone = 1 AND is_stop = 1)
                 WHERE tenant = ?1 AND id = ?2",
            )?
            .execute(params![
                tenant.as_str(),
                id.0,
                stored.name,
                to_json(&stored.state)?,
                to_json(&stored.last_inbound)?,
                stored.first_seen.0,
                stored.stop_pending
            ])
    };
    attempt()
        .map(drop)
        .map_err(failed("write a joined contact"))
}

/// Its row remains, so that its id is never given again; what was personal in it is the other's now.
fn clear(work: &Work<'_>, tenant: &TenantId, id: ContactId) -> Result<(), LedgerError> {
    let attempt = || -> rusqlite::Result<usize> {
        work.connection
            .prepare_cached(
                "UPDATE contacts SET name = NULL, state = ?3, last_inbound = '{}', stop_pending = 0, version = version + 1
                 WHERE tenant = ?1 AND id = ?2",
            )?
            .execute(params![tenant.as_str(), id.0, to_json(&State::default())?])
    };
    attempt()
        .map(drop)
        .map_err(failed("clear a joined contact"))
}
