//! To whom sends go that have not left yet: to the contact, by whatever they are known by then.

use model::{ContactId, ContactKey, Outbound, SendToken, TenantId};
use rusqlite::{OptionalExtension, params};

use super::finding::{found, members};
use super::rows::{json, to_json};
use super::writer::Work;
use super::{contacts, failed, joins};
use crate::LedgerError;

/// To whom a send was addressed.
pub(super) fn addressee(
    work: &Work<'_>,
    tenant: &TenantId,
    token: &SendToken,
) -> Result<ContactKey, LedgerError> {
    work.connection
        .prepare_cached("SELECT body FROM outbox WHERE tenant = ?1 AND token = ?2")
        .and_then(|mut statement| {
            statement.query_row(params![tenant.as_str(), token.as_str()], |row| json(row, 0))
        })
        .map(|outbound: Outbound| outbound.to)
        .map_err(failed("read a send"))
}

/// The contact that a send went to. None if it went to somebody else: to a phone that the operator granted.
pub(super) fn recipient(
    work: &Work<'_>,
    tenant: &TenantId,
    token: &SendToken,
) -> Result<Option<ContactId>, LedgerError> {
    let found_there = work
        .connection
        .prepare_cached("SELECT contact, body FROM outbox WHERE tenant = ?1 AND token = ?2")
        .and_then(|mut statement| {
            let read = |row: &rusqlite::Row<'_>| {
                let outbound: Outbound = json(row, 1)?;
                Ok((ContactId(row.get(0)?), outbound.to))
            };
            statement
                .query_row(params![tenant.as_str(), token.as_str()], read)
                .optional()
        })
        .map_err(failed("read a send"))?;
    // Its contact may have been erased while it was on its way.
    let Some((contact, to)) = found_there else {
        return Ok(None);
    };
    let id = joins::root(work.connection, tenant, contact)?;
    Ok((found(work.connection, tenant, &to)? == Some(id)).then_some(id))
}

/// What has not left yet goes to the contact as it is known now, where it was meant for the phone or user id that it had.
pub(super) fn readdress(
    work: &Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    kind: &str,
    old: &str,
) -> Result<(), LedgerError> {
    let Some(contact) = contacts::load(work.connection, tenant, id)? else {
        return Ok(());
    };
    let key = to_json(&contact.key).map_err(failed("write a key"))?;
    let place = if kind == "phone" { 0 } else { 1 };
    let statement = format!(
        "UPDATE outbox INDEXED BY outbox_by_contact SET body = json_set(body, '$.to', json(?4))
         WHERE tenant = ?1 AND contact = ?2 AND state IN ('ready', 'in_flight', 'unknown', 'held')
           AND ?3 IN (json_extract(body, '$.to.{kind}'), json_extract(body, '$.to.both[{place}]'))"
    );
    for member in members(work.connection, tenant, id)? {
        work.connection
            .prepare_cached(&statement)
            .and_then(|mut statement| {
                statement.execute(params![tenant.as_str(), member.0, old, key])
            })
            .map_err(failed("address a send anew"))?;
    }
    Ok(())
}
