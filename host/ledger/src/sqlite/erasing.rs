//! Erasure: everything of a person goes, in one transaction. What remains: the contact's bare row, so that its id is never given
//! again; the links of its consent chain, which prove order and say nothing; and if they had opted out, a keyed hash of each alias.

use model::{ConsentChange, ConsentScope, ContactId, Evidence, Moment, Permission, TenantId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::classes::CLASSES;
use super::rows::{rows, to_json};
use super::state::State;
use super::writer::Work;
use super::{consent, contacts, failed, joins};
use crate::{ByClass, Erased, LedgerError};

/// The key of a notice that was kept raw and names the contact: its number and key.
pub(super) type KeptKey = (String, String);

/// A person: the contact that remains, and all who have joined it or are to.
struct Person {
    root: ContactId,
    all: Vec<ContactId>,
    /// Of them, those whose join has not run.
    joining: u64,
    was_erased: bool,
}

fn person(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Option<Person>, LedgerError> {
    let root = joins::root(connection, tenant, id)?;
    let Some(stored) = contacts::stored(connection, tenant, root)? else {
        return Ok(None);
    };
    let query = "WITH RECURSIVE members (id) AS (
                     VALUES (?2) UNION
                     SELECT joins.contact FROM members JOIN joins INDEXED BY joins_by_survivor
                     ON joins.tenant = ?1 AND joins.into_contact = members.id)
                 SELECT id, EXISTS (SELECT 1 FROM joins WHERE tenant = ?1 AND contact = id AND done = 0) FROM members";
    let found = rows(connection, query, params![tenant.as_str(), root.0], |row| {
        Ok((ContactId(row.get(0)?), row.get::<_, bool>(1)?))
    })
    .map_err(failed("look for joins"))?;
    Ok(Some(Person {
        root,
        joining: found.iter().filter(|(_, waits)| *waits).count() as u64,
        all: found.into_iter().map(|(id, _)| id).collect(),
        was_erased: stored.is_erased,
    }))
}

/// All contacts of a person.
pub(super) fn person_ids(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Vec<ContactId>, LedgerError> {
    person(connection, tenant, id).map(|found| found.map(|found| found.all).unwrap_or_default())
}

/// Notices that were kept raw and in which one of the contact's phones or user ids stands. It looks through all that a tenant has:
/// for a reader, not for the writer.
pub(super) fn kept_of(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Vec<KeptKey>, LedgerError> {
    let Some(person) = person(connection, tenant, id)? else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for (_, value) in aliases(connection, tenant, &person)? {
        found.extend(
            rows(
                connection,
                "SELECT number, key FROM kept WHERE tenant = ?1 AND instr(raw, ?2)",
                params![tenant.as_str(), value],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .map_err(failed("look through what was kept"))?,
        );
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn aliases(
    connection: &Connection,
    tenant: &TenantId,
    person: &Person,
) -> Result<Vec<(String, String)>, LedgerError> {
    let mut found = Vec::new();
    for id in &person.all {
        found.extend(
            rows(
                connection,
                "SELECT kind, value FROM aliases INDEXED BY aliases_by_contact WHERE tenant = ?1 AND contact = ?2",
                params![tenant.as_str(), id.0],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .map_err(failed("look up aliases"))?,
        );
    }
    Ok(found)
}

/// Since when they are opted out of everything, and of marketing.
fn refusals(
    connection: &Connection,
    tenant: &TenantId,
    person: &Person,
    now: Moment,
) -> Result<[Option<Moment>; 2], LedgerError> {
    let mut state = State::default();
    let mut stop_pending = false;
    for id in &person.all {
        if let Some(stored) = contacts::stored(connection, tenant, *id)? {
            state.restrict(&stored.state);
            stop_pending |= stored.stop_pending;
        }
    }
    let since = |permission: Permission| match permission {
        Permission::Out(since) => Some(since),
        _ => None,
    };
    // A stop that was accepted and not settled is one all the same.
    let everything = since(state.consent.everything).or(stop_pending.then_some(now));
    Ok([everything, since(state.consent.marketing)])
}

/// What `erase` would remove.
pub(super) fn erasure(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
    now: Moment,
) -> Result<Option<Erased>, LedgerError> {
    let Some(person) = person(connection, tenant, id)? else {
        return Ok(None);
    };
    let mut removed = ByClass::new();
    for class in CLASSES {
        let query = format!(
            "SELECT count(*) FROM {} WHERE {}",
            class.table, class.of_contact
        );
        for member in &person.all {
            let count: u64 = connection
                .prepare_cached(&query)
                .and_then(|mut statement| {
                    statement.query_row(params![tenant.as_str(), member.0], |row| row.get(0))
                })
                .map_err(failed("count what is a contact's"))?;
            count_in(&mut removed, class.name, count);
        }
    }
    for member in &person.all {
        let said = consent::entries(connection, tenant, *member)?;
        let says = |content: &Option<String>| {
            content
                .as_ref()
                .is_some_and(|content| !content.starts_with(JOINED))
        };
        let count = said.iter().filter(|entry| says(&entry.content)).count();
        count_in(&mut removed, "consent", count as u64);
    }
    let kept = kept_of(connection, tenant, id)?.len();
    count_in(&mut removed, "notices", kept as u64);
    let is_out = refusals(connection, tenant, &person, now)?
        .iter()
        .any(Option::is_some);
    let suppressed = match is_out {
        true => aliases(connection, tenant, &person)?.len() as u64,
        false => 0,
    };
    Ok(Some(Erased {
        contact: person.root,
        removed,
        suppressed,
        again: person.was_erased,
    }))
}

/// How the content of an entry begins that says of no consent, but of a join.
const JOINED: &str = r#"{"joined":"#;

fn count_in(counted: &mut ByClass, class: &'static str, count: u64) {
    if count > 0 {
        *counted.entry(class).or_default() += count;
    }
}

pub(super) fn erase(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    kept: &[KeptKey],
    now: Moment,
) -> Result<Option<Erased>, LedgerError> {
    overwriting(work.connection, true)?;
    let erased = erase_all(work, tenant, id, kept, now);
    overwriting(work.connection, false)?;
    erased
}

/// Whether what is removed is overwritten, so that it is not left in the file's free room.
pub(super) fn overwriting(connection: &Connection, is_on: bool) -> Result<(), LedgerError> {
    connection
        .pragma_update(None, "secure_delete", is_on)
        .map_err(failed("set how records are removed"))
}

fn erase_all(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    kept: &[KeptKey],
    now: Moment,
) -> Result<Option<Erased>, LedgerError> {
    let connection = work.connection;
    let Some(person) = person(connection, tenant, id)? else {
        return Ok(None);
    };
    let suppressed = suppress(work, tenant, &person, now)?;
    let undone = undone(connection, tenant, &person)?;
    let mut removed = ByClass::new();
    for class in CLASSES {
        for member in &person.all {
            let count = remove(
                connection,
                (class.table, class.of_contact, class.vacate),
                params![tenant.as_str(), member.0],
            )?;
            count_in(&mut removed, class.name, count);
        }
    }
    for member in &person.all {
        count_in(
            &mut removed,
            "consent",
            forget_consent(connection, tenant, *member)?,
        );
        clear(connection, tenant, *member)?;
    }
    for (number, key) in kept {
        let gone = connection
            .prepare_cached("DELETE FROM kept WHERE tenant = ?1 AND number = ?2 AND key = ?3")
            .and_then(|mut statement| statement.execute(params![tenant.as_str(), number, key]))
            .map_err(failed("erase a notice"))?;
        count_in(&mut removed, "notices", gone as u64);
    }
    if !person.was_erased {
        connection
            .prepare_cached("UPDATE contacts SET erased_at = ?3 WHERE tenant = ?1 AND id = ?2")
            .and_then(|mut statement| {
                statement.execute(params![tenant.as_str(), person.root.0, now.0])
            })
            .map_err(failed("mark a contact as erased"))?;
        work.kept.contacts = work.kept.contacts.saturating_sub(1 + person.joining);
    }
    work.kept.undone = work.kept.undone.saturating_sub(undone);
    Ok(Some(Erased {
        contact: person.root,
        removed,
        suppressed,
        again: person.was_erased,
    }))
}

/// Removes what a condition names. The last place of an order that is told to others stays, empty: whoever follows that order would
/// otherwise miss what is given the same place again.
pub(super) fn remove(
    connection: &Connection,
    (table, condition, vacate): (&str, &str, Option<&str>),
    parameters: &[&dyn rusqlite::ToSql],
) -> Result<u64, LedgerError> {
    let attempt = || -> rusqlite::Result<usize> {
        let vacated = match vacate {
            Some(statement) => connection
                .prepare_cached(&format!("{statement} AND {condition}"))?
                .execute(parameters)?,
            None => 0,
        };
        let deleted = connection
            .prepare_cached(&format!("DELETE FROM {table} WHERE {condition}"))?
            .execute(parameters)?;
        Ok(vacated + deleted)
    };
    attempt()
        .map(|count| count as u64)
        .map_err(failed("remove records"))
}

fn undone(connection: &Connection, tenant: &TenantId, person: &Person) -> Result<u64, LedgerError> {
    let mut undone = 0;
    for member in &person.all {
        // A join in a lane is no message.
        let query = "SELECT count(*) FROM messages INDEXED BY messages_undone WHERE tenant = ?1 AND contact = ?2 AND undone = 1 AND joins IS NULL";
        let count: u64 = connection
            .prepare_cached(query)
            .and_then(|mut statement| {
                statement.query_row(params![tenant.as_str(), member.0], |row| row.get(0))
            })
            .map_err(failed("count what is undone"))?;
        undone += count;
    }
    Ok(undone)
}

/// What was said goes, and the key without which nobody can guess what it was. Joins stay: they name no person.
fn forget_consent(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<u64, LedgerError> {
    connection
        .prepare_cached(
            "UPDATE consent SET change = '', salt = NULL
             WHERE tenant = ?1 AND contact = ?2 AND change <> '' AND substr(change, 1, length(?3)) <> ?3",
        )
        .and_then(|mut statement| statement.execute(params![tenant.as_str(), id.0, JOINED]))
        .map(|count| count as u64)
        .map_err(failed("erase consent"))
}

/// The bare row. Its lane is at its end, and an attempt in course is out of turn.
fn clear(connection: &Connection, tenant: &TenantId, id: ContactId) -> Result<(), LedgerError> {
    let attempt = || -> rusqlite::Result<usize> {
        connection
            .prepare_cached(
                "UPDATE contacts SET phone = NULL, user_id = NULL, name = NULL, state = ?3, last_inbound = '{}', stop_pending = 0,
                        done = accepted, version = version + 1
                 WHERE tenant = ?1 AND id = ?2",
            )?
            .execute(params![tenant.as_str(), id.0, to_json(&State::default())?])?;
        connection
            .prepare_cached("UPDATE joins SET done = 1 WHERE tenant = ?1 AND contact = ?2")?
            .execute(params![tenant.as_str(), id.0])
    };
    attempt().map(drop).map_err(failed("clear a contact"))
}

/// Remembers each alias of somebody who opted out, as a hash that only this ledger's key makes again.
fn suppress(
    work: &Work<'_>,
    tenant: &TenantId,
    person: &Person,
    now: Moment,
) -> Result<u64, LedgerError> {
    let [everything, marketing] = refusals(work.connection, tenant, person, now)?;
    if everything.is_none() && marketing.is_none() {
        return Ok(0);
    }
    let aliases = aliases(work.connection, tenant, person)?;
    for (kind, value) in &aliases {
        let hash = work.chains.key.suppression(tenant, kind, value);
        work.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO suppressed (tenant, hash, everything, marketing) VALUES (?1, ?2, ?3, ?4)",
            )
            .and_then(|mut statement| {
                let since = |since: Option<Moment>| since.map(|since| since.0);
                statement.execute(params![
                    tenant.as_str(),
                    hash,
                    since(everything),
                    since(marketing)
                ])
            })
            .map_err(failed("remember an opt-out"))?;
    }
    Ok(aliases.len() as u64)
}

/// An alias that came to be a contact's: if whoever bore it had opted out before they were erased, this contact is opted out from
/// its first moment, and from then on that is the contact's own to say.
pub(super) fn recall(
    work: &Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    (kind, value): (&str, &str),
) -> Result<(), LedgerError> {
    let connection = work.connection;
    let hash = work.chains.key.suppression(tenant, kind, value);
    let found = connection
        .prepare_cached(
            "SELECT everything, marketing FROM suppressed WHERE tenant = ?1 AND hash = ?2",
        )
        .and_then(|mut statement| {
            let read = |row: &Row<'_>| -> rusqlite::Result<[Option<i64>; 2]> {
                Ok([row.get(0)?, row.get(1)?])
            };
            statement
                .query_row(params![tenant.as_str(), hash], read)
                .optional()
        })
        .map_err(failed("look for an opt-out from before"))?;
    let Some(since) = found else { return Ok(()) };
    for (scope, since) in [ConsentScope::Everything, ConsentScope::Marketing]
        .into_iter()
        .zip(since)
    {
        let Some(since) = since else { continue };
        let change = ConsentChange {
            scope,
            opted_in: false,
            evidence: Evidence {
                source: "suppression".into(),
                message: None,
                text: Some("opted out before an erasure".into()),
            },
            at: Moment(since),
        };
        consent::say(work, tenant, id, &change)?;
    }
    connection
        .prepare_cached("DELETE FROM suppressed WHERE tenant = ?1 AND hash = ?2")
        .and_then(|mut statement| statement.execute(params![tenant.as_str(), hash]))
        .map(drop)
        .map_err(failed("take over an opt-out from before"))
}
