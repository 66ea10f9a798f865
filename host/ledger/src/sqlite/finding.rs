//! Who is found by what.

use model::{ContactId, ContactKey, Phone, TenantId, UserId};
use rusqlite::{Connection, OptionalExtension, params};

use super::{failed, joins};
use crate::LedgerError;

/// The contact that bears this key, if one does.
pub(super) fn found(
    connection: &Connection,
    tenant: &TenantId,
    key: &ContactKey,
) -> Result<Option<ContactId>, LedgerError> {
    match user(connection, tenant, key.user())? {
        Some(id) => Ok(Some(id)),
        None => phone(connection, tenant, key.phone()),
    }
}

/// Whether this key has something that the contact's own row lacks.
pub(super) fn lacks(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
    key: &ContactKey,
) -> Result<bool, LedgerError> {
    connection
        .prepare_cached(
            "SELECT (?3 AND phone IS NULL) OR (?4 AND user_id IS NULL) FROM contacts WHERE tenant = ?1 AND id = ?2",
        )
        .and_then(|mut statement| {
            let parameters = params![tenant.as_str(), id.0, key.phone().is_some(), key.user().is_some()];
            statement.query_row(parameters, |row| row.get(0))
        })
        .map_err(failed("look up a contact's key"))
}

/// Those that proved to be the same person as this one, itself first.
pub(super) fn members(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Vec<ContactId>, LedgerError> {
    let standing = joins::standing(connection, tenant, id)?;
    Ok([standing.at].into_iter().chain(standing.others).collect())
}

pub(super) fn user(
    connection: &Connection,
    tenant: &TenantId,
    user: Option<&UserId>,
) -> Result<Option<ContactId>, LedgerError> {
    let found = user.map(|user| by_alias(connection, tenant, "user", user.as_str()));
    found.transpose().map(Option::flatten)
}

pub(super) fn phone(
    connection: &Connection,
    tenant: &TenantId,
    phone: Option<&Phone>,
) -> Result<Option<ContactId>, LedgerError> {
    let found = phone.map(|phone| by_alias(connection, tenant, "phone", phone.as_str()));
    found.transpose().map(Option::flatten)
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

pub(super) fn user_of(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Option<String>, LedgerError> {
    shown(connection, tenant, id, "user_id")
}

pub(super) fn phone_of(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Option<String>, LedgerError> {
    shown(connection, tenant, id, "phone")
}

fn shown(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
    column: &str,
) -> Result<Option<String>, LedgerError> {
    connection
        .prepare_cached(&format!(
            "SELECT {column} FROM contacts WHERE tenant = ?1 AND id = ?2"
        ))
        .and_then(|mut statement| {
            statement.query_row(params![tenant.as_str(), id.0], |row| row.get(0))
        })
        .map_err(failed("look up a contact's key"))
}
