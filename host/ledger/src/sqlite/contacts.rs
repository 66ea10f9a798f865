//! Contacts as rows.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Consent, Contact, ContactId, ContactKey, DeskName, Language, Message, Moment, NumberId, Pause,
    Phone, RuleName, TenantId, UserId,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use super::failed;
use super::rows::{json, to_json, typed};
use super::writer::Work;
use crate::LedgerError;

/// What a settle changes, stored as one text. What was added since the first version is not there in older ones.
#[derive(Default, Serialize, Deserialize)]
struct State {
    language: Option<Language>,
    tags: BTreeSet<String>,
    consent: Consent,
    pause: Option<Pause>,
    previous_inbound: Option<Moment>,
    #[serde(default)]
    last_desk: Option<DeskName>,
    #[serde(default)]
    last_rule: Option<(RuleName, Moment)>,
    fired: BTreeMap<RuleName, Moment>,
}

impl State {
    fn of(contact: &Contact) -> Self {
        Self {
            language: contact.language.clone(),
            tags: contact.tags.clone(),
            consent: contact.consent.clone(),
            pause: contact.pause.clone(),
            previous_inbound: contact.previous_inbound,
            last_desk: contact.last_desk.clone(),
            last_rule: contact.last_rule.clone(),
            fired: contact.fired.clone(),
        }
    }
}

/// A contact's place in its order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Progress {
    pub(super) done: u64,
    pub(super) version: u64,
}

pub(super) fn load(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Option<Contact>, LedgerError> {
    let query =
        "SELECT phone, user_id, name, state, last_inbound, first_seen, stop_pending, version
                 FROM contacts WHERE tenant = ?1 AND id = ?2";
    connection
        .prepare_cached(query)
        .and_then(|mut statement| {
            statement
                .query_row(params![tenant.as_str(), id.0], |row| {
                    contact(row, tenant, id)
                })
                .optional()
        })
        .map_err(failed("read a contact"))
}

fn contact(row: &Row<'_>, tenant: &TenantId, id: ContactId) -> rusqlite::Result<Contact> {
    let phone = row
        .get::<_, Option<String>>(0)?
        .map(|text| typed(0, Phone::new(text)))
        .transpose()?;
    let user = row
        .get::<_, Option<String>>(1)?
        .map(|text| typed(1, UserId::new(text)))
        .transpose()?;
    let key = typed(
        0,
        ContactKey::new(phone, user).ok_or("a contact with neither phone nor user id"),
    )?;
    let State {
        language,
        tags,
        consent,
        pause,
        previous_inbound,
        last_desk,
        last_rule,
        fired,
    } = json(row, 3)?;
    Ok(Contact {
        tenant: tenant.clone(),
        id,
        key,
        name: row.get(2)?,
        language,
        tags,
        consent,
        stop_pending: row.get(6)?,
        pause,
        first_seen: Moment(row.get(5)?),
        last_inbound: json(row, 4)?,
        previous_inbound,
        last_desk,
        last_rule,
        fired,
        version: row.get(7)?,
    })
}

/// The contact a message is from: found by either alias, or made. An alias that is new is remembered.
///
/// The user id, which never changes hands, decides; a phone does change hands: one that comes with another user id than before
/// belongs to somebody new. A phone and a user id known as two contacts stay two until a join joins them.
pub(super) fn resolve(
    work: &mut Work<'_>,
    tenant: &TenantId,
    key: &ContactKey,
    now: Moment,
) -> Result<ContactId, LedgerError> {
    let connection = work.connection;
    let (user, phone) = (
        key.user().map(UserId::as_str),
        key.phone().map(Phone::as_str),
    );
    let by_user = user
        .map(|user| by_alias(connection, tenant, "user", user))
        .transpose()?
        .flatten();
    let by_phone = phone
        .map(|phone| by_alias(connection, tenant, "phone", phone))
        .transpose()?
        .flatten();
    let id = match (by_user, by_phone, user) {
        (Some(id), _, _) | (None, Some(id), None) => id,
        (None, Some(id), Some(_)) if !has_user(connection, tenant, id)? => id,
        (None, Some(former), Some(_)) => {
            change(
                connection,
                "UPDATE contacts SET phone = NULL WHERE tenant = ?1 AND id = ?2",
                params![tenant.as_str(), former.0],
            )?;
            change(
                connection,
                "DELETE FROM aliases WHERE tenant = ?1 AND kind = 'phone' AND value = ?2",
                params![tenant.as_str(), phone],
            )?;
            make(work, tenant, now)?
        }
        (None, None, _) => make(work, tenant, now)?,
    };
    for (kind, column, value) in [("user", "user_id", user), ("phone", "phone", phone)] {
        let Some(value) = value else { continue };
        let remember =
            "INSERT OR IGNORE INTO aliases (tenant, kind, value, contact) VALUES (?1, ?2, ?3, ?4)";
        if change(
            connection,
            remember,
            params![tenant.as_str(), kind, value, id.0],
        )? == 1
        {
            let show = format!(
                "UPDATE contacts SET {column} = ?3 WHERE tenant = ?1 AND id = ?2 AND {column} IS NULL"
            );
            change(connection, &show, params![tenant.as_str(), id.0, value])?;
        }
    }
    Ok(id)
}

fn change(
    connection: &Connection,
    statement: &str,
    parameters: &[&dyn rusqlite::ToSql],
) -> Result<usize, LedgerError> {
    let prepared = connection.prepare_cached(statement);
    prepared
        .and_then(|mut prepared| prepared.execute(parameters))
        .map_err(failed("remember an alias"))
}

fn has_user(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<bool, LedgerError> {
    connection
        .prepare_cached("SELECT user_id IS NOT NULL FROM contacts WHERE tenant = ?1 AND id = ?2")
        .and_then(|mut statement| {
            statement.query_row(params![tenant.as_str(), id.0], |row| row.get(0))
        })
        .map_err(failed("look up a contact's user id"))
}

fn by_alias(
    connection: &Connection,
    tenant: &TenantId,
    kind: &str,
    value: &str,
) -> Result<Option<ContactId>, LedgerError> {
    connection
        .prepare_cached(
            "SELECT contact FROM aliases WHERE tenant = ?1 AND kind = ?2 AND value = ?3",
        )
        .and_then(|mut statement| {
            statement
                .query_row(params![tenant.as_str(), kind, value], |row| row.get(0))
                .optional()
        })
        .map(|found| found.map(ContactId))
        .map_err(failed("look up an alias"))
}

fn make(work: &mut Work<'_>, tenant: &TenantId, now: Moment) -> Result<ContactId, LedgerError> {
    let state = State::default();
    work.kept.contacts += 1;
    work.connection
        .prepare_cached(
            "INSERT INTO contacts (tenant, id, state, last_inbound, first_seen)
             VALUES (?1, 1 + coalesce((SELECT max(id) FROM contacts WHERE tenant = ?1), 0), ?2, '{}', ?3) RETURNING id",
        )
        .and_then(|mut statement| statement.query_row(params![tenant.as_str(), to_json(&state)?, now.0], |row| row.get(0)))
        .map(ContactId)
        .map_err(failed("make a contact"))
}

/// What a message changes at once: name, window, stop. Gives its place in the order. The version stays: a talkative contact
/// would otherwise never be answered.
pub(super) fn take_message(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
    number: &NumberId,
    message: &Message,
    is_stop: bool,
    now: Moment,
) -> Result<u64, LedgerError> {
    let attempt = || -> rusqlite::Result<u64> {
        let mut windows: BTreeMap<NumberId, Moment> = connection
            .prepare_cached("SELECT last_inbound FROM contacts WHERE tenant = ?1 AND id = ?2")?
            .query_row(params![tenant.as_str(), id.0], |row| json(row, 0))?;
        // A window never closes earlier for a message that comes late, nor lasts longer for a clock that runs ahead.
        let wrote = message.sent_at.min(now);
        let window = windows.entry(number.clone()).or_insert(wrote);
        *window = (*window).max(wrote);
        connection
            .prepare_cached(
                "UPDATE contacts SET name = coalesce(?3, name), last_inbound = ?4, stop_pending = stop_pending OR ?5,
                        accepted = accepted + 1
                 WHERE tenant = ?1 AND id = ?2 RETURNING accepted",
            )?
            .query_row(
                params![tenant.as_str(), id.0, message.name, to_json(&windows)?, is_stop],
                |row| row.get(0),
            )
    };
    attempt().map_err(failed("take a message"))
}

pub(super) fn progress(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Option<Progress>, LedgerError> {
    connection
        .prepare_cached("SELECT done, version FROM contacts WHERE tenant = ?1 AND id = ?2")
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
    sequence: u64,
    clears_stop: bool,
) -> Result<(), LedgerError> {
    let attempt = || -> rusqlite::Result<usize> {
        connection
            .prepare_cached(
                "UPDATE contacts SET state = ?3, done = ?4, version = version + 1,
                        stop_pending = CASE WHEN ?5 THEN EXISTS (
                            SELECT 1 FROM messages WHERE tenant = ?1 AND contact = ?2 AND undone = 1 AND is_stop = 1 AND sequence > ?4
                        ) ELSE stop_pending END
                 WHERE tenant = ?1 AND id = ?2",
            )?
            .execute(params![contact.tenant.as_str(), contact.id.0, to_json(&State::of(contact))?, sequence, clears_stop])
    };
    attempt().map(drop).map_err(failed("settle a contact"))
}

/// Ends a pause.
pub(super) fn release(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<bool, LedgerError> {
    let Some(mut contact) = load(connection, tenant, id)? else {
        return Ok(false);
    };
    contact.pause = None;
    connection
        .prepare_cached(
            "UPDATE contacts SET state = ?3, version = version + 1 WHERE tenant = ?1 AND id = ?2",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                tenant.as_str(),
                id.0,
                to_json(&State::of(&contact))?
            ])
        })
        .map(|changed| changed == 1)
        .map_err(failed("end a pause"))
}
