//! Who joins whom: from the moment that two contacts prove to be one until the join has run, and after.

use model::{ContactId, TenantId};
use rusqlite::{Connection, params};

use super::failed;
use super::rows::rows;
use crate::LedgerError;

/// A contact among those that proved to be the same person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    /// Where its id leads: itself, unless it has joined another.
    pub(super) at: ContactId,
    /// The one that will remain: itself, unless it is to join another.
    pub(super) root: ContactId,
    /// The others, joins between whom have not run yet. Nearly always none.
    pub(super) others: Vec<ContactId>,
}

/// Where a contact stands. One look at an index that is nearly empty, unless it takes part in a join.
pub(super) fn standing(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Standing, LedgerError> {
    let alone = Standing {
        at: id,
        root: id,
        others: Vec::new(),
    };
    let takes_part = "SELECT EXISTS (SELECT 1 FROM joins WHERE tenant = ?1 AND contact = ?2)
                          OR EXISTS (SELECT 1 FROM joins WHERE tenant = ?1 AND into_contact = ?2 AND done = 0)";
    let takes_part: bool = connection
        .prepare_cached(takes_part)
        .and_then(|mut statement| {
            statement.query_row(params![tenant.as_str(), id.0], |row| row.get(0))
        })
        .map_err(failed("look for joins"))?;
    if !takes_part {
        return Ok(alone);
    }
    let at = end_of_way(connection, tenant, id, "AND joins.done = 1")?;
    let root = end_of_way(connection, tenant, at, "")?;
    // UNION keeps each once: it ends whatever the table holds.
    let query = "WITH RECURSIVE members (id) AS (
                     VALUES (?2) UNION
                     SELECT joins.contact FROM members JOIN joins
                     ON joins.tenant = ?1 AND joins.into_contact = members.id AND joins.done = 0)
                 SELECT id FROM members WHERE id <> ?3";
    let parameters = params![tenant.as_str(), root.0, at.0];
    let others = rows(connection, query, parameters, |row| {
        Ok(ContactId(row.get(0)?))
    })
    .map_err(failed("look for joins"))?;
    Ok(Standing { at, root, others })
}

/// Where a contact's id leads.
pub(super) fn followed(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<ContactId, LedgerError> {
    end_of_way(connection, tenant, id, "AND joins.done = 1")
}

/// The contact that will remain of it.
pub(super) fn root(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<ContactId, LedgerError> {
    end_of_way(connection, tenant, id, "")
}

fn end_of_way(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
    only: &str,
) -> Result<ContactId, LedgerError> {
    let query = format!(
        "WITH RECURSIVE way (id) AS (
             VALUES (?2) UNION
             SELECT joins.into_contact FROM way JOIN joins ON joins.tenant = ?1 AND joins.contact = way.id {only})
         SELECT id FROM way
         WHERE NOT EXISTS (SELECT 1 FROM joins WHERE joins.tenant = ?1 AND joins.contact = way.id {only})"
    );
    connection
        .prepare_cached(&query)
        .and_then(|mut statement| {
            statement.query_row(params![tenant.as_str(), id.0], |row| row.get(0))
        })
        .map(ContactId)
        .map_err(failed("follow a join"))
}

/// Whether any two contacts wait to be joined: rare, and then what is written to one shows in the other.
pub(super) fn any_waits(connection: &Connection) -> Result<bool, LedgerError> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM joins INDEXED BY joins_waiting WHERE done = 0)",
        )
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(failed("look for joins that wait"))
}
