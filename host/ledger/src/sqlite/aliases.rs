//! Aliases: by which phone and user id a contact is found. The user id decides, it never changes hands; a phone does. No phone is
//! ever put right by guessing.

use model::{ContactId, ContactKey, Moment, Phone, TenantId, UserId};
use rusqlite::{Connection, params};

use super::contacts;
use super::finding::{found, members, phone, phone_of, user, user_of};
use super::rows::to_json;
use super::state::State;
use super::writer::Work;
use super::{addressing, erasing, failed, joining};
use crate::LedgerError;

/// The contact that bears this key: found, or made. What of the key is new is remembered, and a phone that came to belong to
/// somebody else goes to them.
pub(super) fn resolve(
    work: &mut Work<'_>,
    tenant: &TenantId,
    key: &ContactKey,
    now: Moment,
) -> Result<ContactId, LedgerError> {
    let connection = work.connection;
    let by_user = user(connection, tenant, key.user())?;
    let by_phone = phone(connection, tenant, key.phone())?;
    let id = match (by_user, by_phone, key.user()) {
        (Some(id), _, _) | (None, Some(id), None) => id,
        (None, Some(id), Some(_)) if user_of(connection, tenant, id)?.is_none() => id,
        (None, _, _) => make(work, tenant, now)?,
    };
    if let (Some(user), None) = (key.user(), by_user) {
        attach_user(work, tenant, id, user)?;
    }
    if let Some(phone) = key.phone()
        && by_phone != Some(id)
    {
        claim(work, tenant, id, phone, now)?;
    }
    Ok(id)
}

/// A contact is known by something else from now on. Its old phone is free: whoever writes from it later is somebody new. Its old
/// user id is not: it never becomes anybody else's, and may come late. Nothing if nobody bore the old key.
pub(super) fn moved(
    work: &mut Work<'_>,
    tenant: &TenantId,
    was: &ContactKey,
    is: &ContactKey,
    now: Moment,
) -> Result<Option<ContactId>, LedgerError> {
    let connection = work.connection;
    let Some(id) = found(connection, tenant, was)? else {
        return Ok(None);
    };
    let (old_phone, old_user) = (
        phone_of(connection, tenant, id)?,
        user_of(connection, tenant, id)?,
    );
    if let Some(new) = is.user() {
        if let Some(other) = user(connection, tenant, Some(new))?
            && other != id
        {
            joining::queue(work, tenant, other, id, now)?;
        }
        attach_user(work, tenant, id, new)?;
        if let Some(old) = old_user {
            addressing::readdress(work, tenant, id, "user", &old)?;
        }
    }
    if let Some(new) = is.phone() {
        claim(work, tenant, id, new, now)?;
        let old = was.phone().map(|phone| phone.as_str().to_owned());
        let old = old.or(old_phone);
        if let Some(old) = old.filter(|old| old != new.as_str()) {
            forget_phone(connection, tenant, id, &old)?;
            addressing::readdress(work, tenant, id, "phone", &old)?;
        }
    }
    for member in members(connection, tenant, id)? {
        contacts::count_on(connection, tenant, member)?;
    }
    Ok(Some(id))
}

/// A send of ours to this contact was taken for somebody by that key: what the contact lacks of it is learnt.
pub(super) fn learn(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    key: &ContactKey,
    now: Moment,
) -> Result<ContactId, LedgerError> {
    let connection = work.connection;
    let mut id = id;
    if let Some(new) = key.user()
        && user_of(connection, tenant, id)?.is_none()
    {
        match user(connection, tenant, Some(new))? {
            Some(bearer) if bearer != id => {
                joining::queue(work, tenant, id, bearer, now)?;
                id = bearer;
            }
            _ => attach_user(work, tenant, id, new)?,
        }
    }
    if let Some(new) = key.phone()
        && phone_of(connection, tenant, id)?.is_none()
    {
        claim(work, tenant, id, new, now)?;
    }
    Ok(id)
}

/// The phone is this contact's from now on, and the one that is shown. Whoever was found by it is the same person if they have no
/// user id, or this one has none; two user ids are two people, and the phone has changed hands.
fn claim(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    phone: &Phone,
    now: Moment,
) -> Result<(), LedgerError> {
    let connection = work.connection;
    match self::phone(connection, tenant, Some(phone))? {
        Some(bearer) if bearer != id => {
            let is_another = user_of(connection, tenant, bearer)?.is_some()
                && user_of(connection, tenant, id)?.is_some();
            if is_another {
                forget_phone(connection, tenant, bearer, phone.as_str())?;
                // Nothing that was meant for the one may reach the other.
                addressing::readdress(work, tenant, bearer, "phone", phone.as_str())?;
                for member in members(connection, tenant, bearer)? {
                    contacts::count_on(connection, tenant, member)?;
                }
            } else {
                joining::queue(work, tenant, bearer, id, now)?;
            }
        }
        _ => {}
    }
    let parameters = params![tenant.as_str(), id.0, phone.as_str()];
    change(
        connection,
        "INSERT OR IGNORE INTO aliases (tenant, kind, value, contact) VALUES (?1, 'phone', ?3, ?2)",
        parameters,
    )?;
    change(
        connection,
        "UPDATE contacts SET phone = ?3 WHERE tenant = ?1 AND id = ?2",
        parameters,
    )?;
    erasing::recall(work, tenant, id, ("phone", phone.as_str()))
}

fn attach_user(
    work: &Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    user: &UserId,
) -> Result<(), LedgerError> {
    let connection = work.connection;
    let parameters = params![tenant.as_str(), id.0, user.as_str()];
    change(
        connection,
        "INSERT OR IGNORE INTO aliases (tenant, kind, value, contact) VALUES (?1, 'user', ?3, ?2)",
        parameters,
    )?;
    change(
        connection,
        "UPDATE contacts SET user_id = ?3 WHERE tenant = ?1 AND id = ?2",
        parameters,
    )?;
    erasing::recall(work, tenant, id, ("user", user.as_str()))
}

/// The contact is not found by this phone any more; another of theirs is shown instead, if there is one.
fn forget_phone(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
    phone: &str,
) -> Result<(), LedgerError> {
    let parameters = params![tenant.as_str(), id.0, phone];
    change(
        connection,
        "DELETE FROM aliases WHERE tenant = ?1 AND kind = 'phone' AND value = ?3 AND contact = ?2",
        parameters,
    )?;
    change(
        connection,
        "UPDATE contacts SET phone = (SELECT max(value) FROM aliases WHERE tenant = ?1 AND contact = ?2 AND kind = 'phone')
         WHERE tenant = ?1 AND id = ?2 AND phone = ?3",
        parameters,
    )
}

/// All that led to the one leads to the other, whose own phone and user id stay the ones that are shown.
pub(super) fn hand_over(
    connection: &Connection,
    tenant: &TenantId,
    from: ContactId,
    to: ContactId,
) -> Result<(), LedgerError> {
    let parameters = params![tenant.as_str(), from.0, to.0];
    change(
        connection,
        "UPDATE aliases SET contact = ?3 WHERE tenant = ?1 AND contact = ?2",
        parameters,
    )?;
    change(
        connection,
        "UPDATE contacts SET
             phone = coalesce(phone, (SELECT phone FROM contacts WHERE tenant = ?1 AND id = ?2)),
             user_id = coalesce(user_id, (SELECT user_id FROM contacts WHERE tenant = ?1 AND id = ?2))
         WHERE tenant = ?1 AND id = ?3",
        parameters,
    )?;
    change(
        connection,
        "UPDATE contacts SET phone = NULL, user_id = NULL WHERE tenant = ?1 AND id = ?2",
        params![tenant.as_str(), from.0],
    )
}

fn change(
    connection: &Connection,
    statement: &str,
    parameters: &[&dyn rusqlite::ToSql],
) -> Result<(), LedgerError> {
    connection
        .prepare_cached(statement)
        .and_then(|mut prepared| prepared.execute(parameters))
        .map(drop)
        .map_err(failed("change an alias"))
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
