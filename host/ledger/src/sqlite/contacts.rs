//! Contacts as rows, and as they stand.

use std::collections::BTreeMap;

use model::{Contact, ContactId, ContactKey, Message, Moment, NumberId, Phone, TenantId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::rows::{json, to_json, typed};
use super::state::State;
use super::{failed, joins};
use crate::LedgerError;

/// A contact's own row.
pub(super) struct Stored {
    /// None while it is to join another, whose key is its own by then.
    pub(super) key: Option<ContactKey>,
    pub(super) name: Option<String>,
    pub(super) state: State,
    pub(super) last_inbound: BTreeMap<NumberId, Moment>,
    pub(super) first_seen: Moment,
    pub(super) stop_pending: bool,
    pub(super) version: u64,
    /// Nobody is behind it any more.
    pub(super) is_erased: bool,
}

/// A contact's place in its order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Progress {
    pub(super) done: u64,
    pub(super) version: u64,
}

/// A message's place in its contact's order.
pub(super) struct Taken {
    pub(super) sequence: u64,
    /// Nothing before it is undone.
    pub(super) is_head: bool,
}

/// A contact as it stands: if it has joined another, that one; while it is being joined, with what the other forbids.
pub(super) fn load(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Option<Contact>, LedgerError> {
    let standing = joins::standing(connection, tenant, id)?;
    let Some(mut stored) = stored(connection, tenant, standing.at)? else {
        return Ok(None);
    };
    if stored.is_erased {
        return Ok(None);
    }
    for other in &standing.others {
        // I6: what the other forbids holds for this one too, though the join has not run yet.
        let Some(other_row) = self::stored(connection, tenant, *other)? else {
            continue;
        };
        stored.state.restrict(&other_row.state);
        stored.stop_pending |= other_row.stop_pending;
        if *other == standing.root {
            stored.key = other_row.key;
        }
    }
    let Stored {
        key,
        name,
        state,
        last_inbound,
        first_seen,
        stop_pending,
        version,
        is_erased: _,
    } = stored;
    Ok(Some(Contact {
        tenant: tenant.clone(),
        id: standing.at,
        key: key.ok_or_else(|| LedgerError::Corrupt {
            what: "contact".into(),
            cause: format!("{tenant} {id} has neither phone nor user id"),
        })?,
        name,
        language: state.language,
        tags: state.tags,
        consent: state.consent,
        stop_pending,
        pause: state.pause,
        first_seen,
        last_inbound,
        previous_inbound: state.previous_inbound,
        last_desk: state.last_desk,
        last_rule: state.last_rule,
        fired: state.fired,
        counts: state.counts,
        tempo: state.tempo,
        version,
    }))
}

/// One row, whomever it is to join.
pub(super) fn stored(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Option<Stored>, LedgerError> {
    let query =
        "SELECT phone, user_id, name, state, last_inbound, first_seen, stop_pending, version, erased_at IS NOT NULL
                 FROM contacts WHERE tenant = ?1 AND id = ?2";
    let read = |row: &Row<'_>| {
        let phone = row
            .get::<_, Option<String>>(0)?
            .map(|text| typed(0, Phone::new(text)))
            .transpose()?;
        let user = row
            .get::<_, Option<String>>(1)?
            .map(|text| typed(1, UserId::new(text)))
            .transpose()?;
        Ok(Stored {
            key: ContactKey::new(phone, user),
            name: row.get(2)?,
            state: json(row, 3)?,
            last_inbound: json(row, 4)?,
            first_seen: Moment(row.get(5)?),
            stop_pending: row.get(6)?,
            version: row.get(7)?,
            is_erased: row.get(8)?,
        })
    };
    connection
        .prepare_cached(query)
        .and_then(|mut statement| {
            statement
                .query_row(params![tenant.as_str(), id.0], read)
                .optional()
        })
        .map_err(failed("read a contact"))
}

/// What a message changes at once: name, phone, window, stop. Gives its place in the order. The version stays: a talkative contact
/// would otherwise never be answered.
pub(super) fn take_message(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
    number: &NumberId,
    message: &Message,
    is_stop: bool,
    now: Moment,
) -> Result<Taken, LedgerError> {
    let attempt = || -> rusqlite::Result<Taken> {
        // What is said in a group, or by WhatsApp itself, was not said to the business.
        let windows = match message.is_for_us() {
            true => Some(opened(
                connection,
                tenant,
                id,
                number,
                message.sent_at.min(now),
            )?),
            false => None,
        };
        let phone = match &message.content {
            // It may tell of another phone.
            model::Content::System(_) => None,
            _ => message.from.phone().map(Phone::as_str),
        };
        connection
            .prepare_cached(
                "UPDATE contacts SET name = coalesce(?3, name), last_inbound = coalesce(?4, last_inbound),
                        stop_pending = stop_pending OR ?5, phone = coalesce(?6, phone), accepted = accepted + 1
                 WHERE tenant = ?1 AND id = ?2 RETURNING accepted, accepted = done + 1",
            )?
            .query_row(
                params![tenant.as_str(), id.0, message.name, windows, is_stop, phone],
                |row| {
                    Ok(Taken {
                        sequence: row.get(0)?,
                        is_head: row.get(1)?,
                    })
                },
            )
    };
    attempt().map_err(failed("take a message"))
}

/// A call opens the window of its number as a message does.
pub(super) fn open_window(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
    number: &NumberId,
    at: Moment,
) -> Result<(), LedgerError> {
    let attempt = || -> rusqlite::Result<usize> {
        let windows = opened(connection, tenant, id, number, at)?;
        connection
            .prepare_cached("UPDATE contacts SET last_inbound = ?3 WHERE tenant = ?1 AND id = ?2")?
            .execute(params![tenant.as_str(), id.0, windows])
    };
    attempt().map(drop).map_err(failed("open a window"))
}

/// When they last wrote, as text, this time included. A window never closes earlier for a message that comes late; the caller
/// sees to it that none lasts longer for a clock that runs ahead.
fn opened(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
    number: &NumberId,
    wrote: Moment,
) -> rusqlite::Result<String> {
    let mut windows: BTreeMap<NumberId, Moment> = connection
        .prepare_cached("SELECT last_inbound FROM contacts WHERE tenant = ?1 AND id = ?2")?
        .query_row(params![tenant.as_str(), id.0], |row| json(row, 0))?;
    let window = windows.entry(number.clone()).or_insert(wrote);
    *window = (*window).max(wrote);
    to_json(&windows)
}

pub(super) fn progress(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Option<Progress>, LedgerError> {
    connection
        .prepare_cached(
            "SELECT done, version FROM contacts WHERE tenant = ?1 AND id = ?2 AND erased_at IS NULL",
        )
        .and_then(|mut statement| {
            let read = |row: &Row<'_>| {
                Ok(Progress {
                    done: row.get(0)?,
                    version: row.get(1)?,
                })
            };
            statement
                .query_row(params![tenant.as_str(), id.0], read)
                .optional()
        })
        .map_err(failed("read a contact's place"))
}

/// What a settle changes.
pub(super) fn settle(
    connection: &Connection,
    contact: &Contact,
    state: &str,
    sequence: u64,
    clears_stop: bool,
) -> Result<(), LedgerError> {
    let own = own_part(connection, contact)?
        .map(|own| to_json(&own))
        .transpose()
        .map_err(failed("write a contact"))?;
    let state = own.as_deref().unwrap_or(state);
    let attempt = || -> rusqlite::Result<usize> {
        connection
            .prepare_cached(
                "UPDATE contacts SET state = ?3, done = ?4, version = version + 1,
                        stop_pending = CASE WHEN ?5 THEN EXISTS (
                            SELECT 1 FROM messages WHERE tenant = ?1 AND contact = ?2 AND undone = 1 AND is_stop = 1 AND sequence > ?4
                        ) ELSE stop_pending END
                 WHERE tenant = ?1 AND id = ?2",
            )?
            .execute(params![contact.tenant.as_str(), contact.id.0, state, sequence, clears_stop])
    };
    attempt().map(drop).map_err(failed("settle a contact"))
}

/// What of a settled contact is its own, if not all of it is. While it is being joined it was read with what the other forbids: what the attempt left
/// as it was read stays with whom it belongs to, so that neither is bound for ever by what the other has taken back.
fn own_part(connection: &Connection, contact: &Contact) -> Result<Option<State>, LedgerError> {
    let standing = joins::standing(connection, &contact.tenant, contact.id)?;
    if standing.others.is_empty() {
        return Ok(None);
    }
    let mut state = State::of(contact);
    let (Some(own), Some(read)) = (
        stored(connection, &contact.tenant, contact.id)?,
        load(connection, &contact.tenant, contact.id)?,
    ) else {
        return Ok(Some(state));
    };
    let was = own.state.consent;
    if state.consent.everything == read.consent.everything {
        state.consent.everything = was.everything;
    }
    if state.consent.marketing == read.consent.marketing {
        state.consent.marketing = was.marketing;
    }
    if state.pause == read.pause {
        state.pause.clone_from(&own.state.pause);
    }
    if (&state.consent, &state.pause) != (&was, &own.state.pause) {
        for other in standing.others {
            count_on(connection, &contact.tenant, other)?;
        }
    }
    Ok(Some(state))
}

/// Writes what was changed outside a settle: an attempt in course runs again.
pub(super) fn change(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
    state: &State,
) -> Result<(), LedgerError> {
    connection
        .prepare_cached(
            "UPDATE contacts SET state = ?3, version = version + 1 WHERE tenant = ?1 AND id = ?2",
        )
        .and_then(|mut statement| {
            statement.execute(params![tenant.as_str(), id.0, to_json(state)?])
        })
        .map(drop)
        .map_err(failed("change a contact"))
}

/// An attempt in course runs again.
pub(super) fn count_on(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<(), LedgerError> {
    connection
        .prepare_cached("UPDATE contacts SET version = version + 1 WHERE tenant = ?1 AND id = ?2")
        .and_then(|mut statement| statement.execute(params![tenant.as_str(), id.0]))
        .map(drop)
        .map_err(failed("count a contact's version on"))
}
