//! What operators and desks do to contacts, without a message.

use model::{ConsentChange, Contact, ContactId, ContactKey, Moment, Outbound, Purpose, TenantId};
use rusqlite::{Connection, params};

use super::reading::snapshot;
use super::rows::{rows, to_json};
use super::settle::{Cause, queue};
use super::writer::Work;
use super::{aliases, changing, consent, contacts, failed, joins};
use crate::search::SearchText;
use crate::{Consented, ContactFilter, LedgerError, limits};

pub(super) fn meet(
    work: &mut Work<'_>,
    tenant: &TenantId,
    key: &ContactKey,
    now: Moment,
) -> Result<ContactId, LedgerError> {
    let id = aliases::resolve(work, tenant, key, now)?;
    changing::join_if_idle(work, tenant, id, now)?;
    Ok(id)
}

/// Some of a tenant's contacts, as far as one look goes.
pub(super) struct Portion {
    pub(super) contacts: Vec<Contact>,
    /// Where the next look begins; nothing if there are no more.
    pub(super) after: Option<ContactId>,
}

/// One look over the contacts behind `after`: it ends where so many were found, or so many were looked at.
pub(super) fn portion(
    connection: &Connection,
    tenant: &TenantId,
    filter: &ContactFilter,
    after: Option<ContactId>,
    most: usize,
) -> Result<Portion, LedgerError> {
    let connection = &*snapshot(connection)?;
    let looked_at = looked_at(connection, tenant, filter, after)?;
    let mut found = Portion {
        after: match looked_at.len() {
            limits::CONTACTS_PER_LOOK => looked_at.last().map(|seen| seen.id),
            _ => None,
        },
        contacts: Vec::new(),
    };
    let text = SearchText::new(&filter.text);
    for seen in looked_at {
        if !seen.may_pass || !text.stands_in(seen.name.as_deref(), seen.phone.as_deref()) {
            continue;
        }
        if found.contacts.len() == most {
            // It is for the next page, and so is what comes behind it.
            break;
        }
        // As it stands: with what forbids the one that it is being joined with.
        if let Some(contact) = contacts::load(connection, tenant, seen.id)?
            && filter.takes(&contact)
        {
            found.contacts.push(contact);
        }
    }
    Ok(found)
}

/// A contact's row at first sight.
struct Seen {
    id: ContactId,
    name: Option<String>,
    phone: Option<String>,
    /// Its state does not rule it out.
    may_pass: bool,
}

/// Those that joined another, or are to, are not listed: the other is. A state is looked at before it is parsed: few are paused or
/// opted out. While any are being joined the state alone does not tell.
fn looked_at(
    connection: &Connection,
    tenant: &TenantId,
    filter: &ContactFilter,
    after: Option<ContactId>,
) -> Result<Vec<Seen>, LedgerError> {
    let query = r#"SELECT id, name, phone,
            (NOT ?3 OR paused_until IS NOT NULL) AND (NOT ?4 OR stop_pending OR instr(state, '"state":"out"'))
            OR EXISTS (SELECT 1 FROM joins INDEXED BY joins_waiting WHERE joins.tenant = ?1 AND into_contact = contacts.id AND done = 0)
        FROM contacts
        WHERE tenant = ?1 AND id > ?2 AND NOT EXISTS (SELECT 1 FROM joins WHERE joins.tenant = ?1 AND joins.contact = contacts.id)
        ORDER BY id LIMIT ?5"#;
    let limit = i64::try_from(limits::CONTACTS_PER_LOOK).unwrap_or(i64::MAX);
    let parameters = params![
        tenant.as_str(),
        after.map_or(0, |after| after.0),
        filter.paused_at.is_some(),
        filter.opted_out,
        limit
    ];
    rows(connection, query, parameters, |row| {
        Ok(Seen {
            id: ContactId(row.get(0)?),
            name: row.get(1)?,
            phone: row.get(2)?,
            may_pass: row.get(3)?,
        })
    })
    .map_err(failed("look through contacts"))
}

pub(super) fn pause(
    work: &Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    until: Moment,
    now: Moment,
) -> Result<bool, LedgerError> {
    let is_there = contacts::load(work.connection, tenant, id)?.is_some();
    match is_there && until > now {
        true => changing::pause(work, tenant, id, until),
        false => Ok(is_there),
    }
}

pub(super) fn consent(
    work: &Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    change: &ConsentChange,
) -> Result<Consented, LedgerError> {
    consent::say(work, tenant, id, change)
}

/// The token is looked for first: a request that is repeated must not count twice.
pub(super) fn send(work: &Work<'_>, send: &Outbound, now: Moment) -> Result<bool, LedgerError> {
    let tenant = &send.tenant;
    let is_known: bool = work
        .connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM outbox WHERE tenant = ?1 AND token = ?2)")
        .and_then(|mut statement| {
            let parameters = params![tenant.as_str(), send.token.as_str()];
            statement.query_row(parameters, |row| row.get(0))
        })
        .map_err(failed("look for a send"))?;
    let contact = joins::followed(work.connection, tenant, send.contact)?;
    // A contact may have been erased since it was judged: nobody could ever judge what waits for it.
    let is_there = contacts::load(work.connection, tenant, contact)?.is_some();
    if is_known || !is_there {
        return Ok(false);
    }
    let send = Outbound {
        contact,
        ..send.clone()
    };
    let cause = Cause {
        number: &send.number,
        now,
    };
    queue_counted(work, &send, cause)?;
    Ok(true)
}

/// Queues what a person sends, and counts it: what automation may still send in this hour is the less for it. An attempt in course
/// runs again, or its settle would take the count back.
pub(super) fn queue_counted(
    work: &Work<'_>,
    send: &Outbound,
    cause: Cause<'_>,
) -> Result<(), LedgerError> {
    let body = to_json(send).map_err(failed("write a send"))?;
    queue(work, send, &body, cause)?;
    let Some(mut stored) = contacts::stored(work.connection, &send.tenant, send.contact)? else {
        return Ok(());
    };
    let tempo = &mut stored.state.tempo;
    if send.purpose == Purpose::Person {
        gate::tempo::relax(tempo);
    }
    gate::tempo::send(tempo, 1, cause.now);
    contacts::change(work.connection, &send.tenant, send.contact, &stored.state)
}
