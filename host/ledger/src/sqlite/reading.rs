//! Reading, on connections beside the writer's.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use model::{
    ConsentChange, Contact, ContactId, DecisionId, DeskName, Moment, NumberId, Phone, SendState,
    TenantId, Wamid,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use tokio::sync::Semaphore;

use super::rows::{bounded, json, rows, typed};
use super::writer;
use super::{connect, consent, contacts, failed, finding, joins, notes};
use crate::{
    Counts, DeadLetter, DecisionRecord, HandOff, Head, Lane, LedgerError, Next, Note, limits,
};

/// A few connections, each used by one read at a time.
pub(super) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
    places: Semaphore,
    /// Instead of connections of their own: the writer's, where it is asked.
    in_place: Option<Arc<Mutex<Connection>>>,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            idle: Arc::default(),
            places: Semaphore::new(limits::READERS),
            in_place: None,
        }
    }

    /// Reads on the writer's own connection, with nothing left to the system's scheduler.
    pub(super) fn in_place(connection: Arc<Mutex<Connection>>) -> Self {
        Self {
            in_place: Some(connection),
            ..Self::new(PathBuf::new())
        }
    }

    /// Runs one read where blocking does no harm.
    pub(super) async fn read<T, F>(&self, read: F) -> Result<T, LedgerError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, LedgerError> + Send + 'static,
    {
        if let Some(connection) = &self.in_place {
            return read(&connection.lock().unwrap_or_else(PoisonError::into_inner));
        }
        let broken = |cause: String| LedgerError::Store {
            what: "read".into(),
            cause,
        };
        let _place = self
            .places
            .acquire()
            .await
            .map_err(|error| broken(error.to_string()))?;
        let (idle, path) = (Arc::clone(&self.idle), self.path.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let connection = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = connection.map_or_else(|| connect(&path), Ok)?;
            let outcome = read(&connection);
            idle.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(connection);
            outcome
        });
        reading.await.map_err(|error| broken(error.to_string()))?
    }
}

pub(super) fn lanes(
    connection: &Connection,
    after: Option<&Lane>,
    most: usize,
) -> Result<Vec<Lane>, LedgerError> {
    let query = "SELECT DISTINCT tenant, contact FROM messages
                 WHERE undone = 1 AND (tenant, contact) > (?1, ?2) ORDER BY tenant, contact LIMIT ?3";
    // Ids begin with 1 and no tenant's name is empty.
    let (tenant, contact) = after.map_or(("", 0), |lane| (lane.tenant.as_str(), lane.contact.0));
    rows(
        connection,
        query,
        params![tenant, contact, bounded(most)],
        |row| {
            Ok(Lane {
                tenant: typed(0, TenantId::new(row.get::<_, String>(0)?))?,
                contact: ContactId(row.get(1)?),
            })
        },
    )
    .map_err(failed("read lanes"))
}

/// One snapshot for all that is read.
pub(super) fn snapshot(connection: &Connection) -> Result<rusqlite::Transaction<'_>, LedgerError> {
    connection
        .unchecked_transaction()
        .map_err(failed("begin a read"))
}

pub(super) fn contact(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Option<Contact>, LedgerError> {
    contacts::load(&*snapshot(connection)?, tenant, id)
}

pub(super) fn contact_of(
    connection: &Connection,
    tenant: &TenantId,
    phone: &Phone,
) -> Result<Option<Contact>, LedgerError> {
    let snapshot = snapshot(connection)?;
    let id = finding::phone(&snapshot, tenant, Some(phone))?;
    let contact = id.map(|id| contacts::load(&snapshot, tenant, id));
    contact.transpose().map(Option::flatten)
}

pub(super) fn consent_log(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Vec<ConsentChange>, LedgerError> {
    let snapshot = snapshot(connection)?;
    let id = joins::followed(&snapshot, tenant, id)?;
    consent::log(&snapshot, tenant, id)
}

pub(super) fn notes(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
    most: usize,
) -> Result<Vec<Note>, LedgerError> {
    let snapshot = snapshot(connection)?;
    let id = joins::followed(&snapshot, tenant, id)?;
    notes::newest(&snapshot, tenant, id, most)
}

pub(super) fn next(connection: &Connection, lane: &Lane) -> Result<Option<Next>, LedgerError> {
    let snapshot = snapshot(connection)?;
    let query = "SELECT joins, body, number, sequence, accepted_at, is_stop FROM messages INDEXED BY messages_undone
                 WHERE tenant = ?1 AND contact = ?2 AND undone = 1 ORDER BY sequence LIMIT 1";
    let found = snapshot
        .prepare_cached(query)
        .and_then(|mut statement| {
            let read = |row: &Row<'_>| match row.get::<_, Option<u64>>(0)? {
                Some(with) => Ok(Err(ContactId(with))),
                None => Ok(Ok((
                    json(row, 1)?,
                    typed(2, NumberId::new(row.get::<_, String>(2)?))?,
                    row.get(3)?,
                    Moment(row.get(4)?),
                    row.get(5)?,
                ))),
            };
            statement
                .query_row(params![lane.tenant.as_str(), lane.contact.0], read)
                .optional()
        })
        .map_err(failed("read a lane's head"))?;
    let (message, number, sequence, accepted_at, is_stop) = match found {
        Some(Ok(message)) => message,
        Some(Err(contact)) => {
            let tenant = lane.tenant.clone();
            return Ok(Some(Next::Join {
                with: Lane { tenant, contact },
            }));
        }
        None => return Ok(None),
    };
    let contact = the_contact(&snapshot, &lane.tenant, lane.contact)?;
    Ok(Some(Next::Message(Head {
        message,
        number,
        sequence,
        accepted_at,
        is_stop,
        contact,
    })))
}

pub(super) fn the_contact(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Contact, LedgerError> {
    contacts::load(connection, tenant, id)?.ok_or_else(|| LedgerError::Corrupt {
        what: "contact".into(),
        cause: format!("{tenant} {id} is not there"),
    })
}

/// A decision with its message, in the order that [`decision_record`] reads them.
const DECISION: &str =
    "SELECT decisions.seq, messages.body, decisions.record, decisions.settled_at FROM decisions
                        JOIN messages USING (tenant, contact, sequence)";

pub(super) fn decision(
    connection: &Connection,
    id: &DecisionId,
) -> Result<Option<DecisionRecord>, LedgerError> {
    let query = format!(
        "{DECISION} WHERE decisions.tenant = ?1 AND decisions.number = ?2 AND decisions.message = ?3"
    );
    connection
        .prepare_cached(&query)
        .and_then(|mut statement| {
            let parameters = params![id.tenant.as_str(), id.number.as_str(), id.message.as_str()];
            statement.query_row(parameters, decision_record).optional()
        })
        .map_err(failed("read a decision"))
}

pub(super) fn decision_of(
    connection: &Connection,
    tenant: &TenantId,
    contact: ContactId,
    before: Option<u64>,
    number: Option<&NumberId>,
) -> Result<Option<DecisionRecord>, LedgerError> {
    let snapshot = snapshot(connection)?;
    // By its message: the order of a contact's messages has an index.
    let query = "SELECT number, json_extract(body, '$.id') FROM messages
                 WHERE tenant = ?1 AND contact = ?2 AND sequence < ?3 AND (?4 IS NULL OR number = ?4)
                     AND undone = 0 AND joins IS NULL
                 ORDER BY sequence DESC LIMIT 1";
    let before = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
    let found = snapshot
        .prepare_cached(query)
        .and_then(|mut statement| {
            let number = number.map(NumberId::as_str);
            let parameters = params![tenant.as_str(), contact.0, before, number];
            let read = |row: &Row<'_>| {
                Ok(DecisionId {
                    tenant: tenant.clone(),
                    number: typed(0, NumberId::new(row.get::<_, String>(0)?))?,
                    message: typed(1, Wamid::new(row.get::<_, String>(1)?))?,
                })
            };
            statement.query_row(parameters, read).optional()
        })
        .map_err(failed("read a contact's newest decision"))?;
    found.map_or(Ok(None), |id| decision(&snapshot, &id))
}

pub(super) fn decisions(
    connection: &Connection,
    tenant: &TenantId,
    after: Option<u64>,
    most: usize,
) -> Result<Vec<DecisionRecord>, LedgerError> {
    let read = |query: &str, parameters: &[&dyn rusqlite::ToSql]| {
        rows(connection, query, parameters, decision_record)
    };
    match after {
        Some(after) => {
            let query = format!("{DECISION} WHERE decisions.tenant = ?1 AND decisions.seq > ?2 ORDER BY decisions.seq LIMIT ?3");
            read(&query, params![tenant.as_str(), after, bounded(most)])
        }
        None => {
            let query = format!("{DECISION} WHERE decisions.tenant = ?1 ORDER BY decisions.seq DESC LIMIT ?2");
            read(&query, params![tenant.as_str(), bounded(most)]).map(|mut newest| {
                newest.reverse();
                newest
            })
        }
    }
    .map_err(failed("read decisions"))
}

fn decision_record(row: &Row<'_>) -> rusqlite::Result<DecisionRecord> {
    Ok(DecisionRecord {
        seq: row.get(0)?,
        message: json(row, 1)?,
        decision: json(row, 2)?,
        settled_at: Moment(row.get(3)?),
    })
}

pub(super) fn hand_offs(
    connection: &Connection,
    tenant: &TenantId,
    after: Option<u64>,
    most: usize,
) -> Result<Vec<HandOff>, LedgerError> {
    let connection = &*snapshot(connection)?;
    let query = "SELECT seq, desk, note, contact, message, at FROM hand_offs WHERE tenant = ?1 AND seq > ?2 AND desk <> '' ORDER BY seq LIMIT ?3";
    let found = rows(
        connection,
        query,
        params![tenant.as_str(), after.unwrap_or(0), bounded(most)],
        |row| {
            let desk = typed(1, DeskName::new(row.get::<_, String>(1)?))?;
            let message = typed(4, Wamid::new(row.get::<_, String>(4)?))?;
            Ok((
                row.get(0)?,
                desk,
                row.get(2)?,
                ContactId(row.get(3)?),
                message,
                Moment(row.get(5)?),
            ))
        },
    )
    .map_err(failed("read hand-offs"))?;
    found
        .into_iter()
        .map(|(seq, desk, note, contact, message, at)| {
            Ok(HandOff {
                seq,
                desk,
                note,
                contact: the_contact(connection, tenant, contact)?,
                message,
                at,
                notes: notes::newest(connection, tenant, contact, limits::NOTES_SHOWN)?,
            })
        })
        .collect()
}

pub(super) fn dead_letters(
    connection: &Connection,
    tenant: &TenantId,
    most: usize,
) -> Result<Vec<DeadLetter>, LedgerError> {
    let query = "SELECT number, message, cause, at FROM dead_letters WHERE tenant = ?1 ORDER BY at DESC LIMIT ?2";
    rows(
        connection,
        query,
        params![tenant.as_str(), bounded(most)],
        |row| {
            let number = typed(0, NumberId::new(row.get::<_, String>(0)?))?;
            let message = typed(1, Wamid::new(row.get::<_, String>(1)?))?;
            Ok(DeadLetter {
                id: DecisionId {
                    tenant: tenant.clone(),
                    number,
                    message,
                },
                cause: row.get(2)?,
                at: Moment(row.get(3)?),
            })
        },
    )
    .map_err(failed("read dead letters"))
}

pub(super) fn counts(connection: &Connection, kept: writer::Kept) -> Result<Counts, LedgerError> {
    let count = |query: &str| -> Result<u64, LedgerError> {
        connection
            .prepare_cached(query)
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .map_err(failed("count"))
    };
    Ok(Counts {
        undone: kept.undone,
        ready: count(&format!(
            "SELECT count(*) FROM outbox WHERE state = '{}'",
            SendState::Ready
        ))?,
        unknown: count("SELECT count(*) FROM outbox WHERE state IN ('unknown', 'held')")?,
        dead_letters: count("SELECT count(*) FROM dead_letters")?,
        contacts: kept.contacts,
    })
}
