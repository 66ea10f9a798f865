//! Accept: what arrived is stored once, in one transaction (I1, I2).

use model::{
    ContactId, Content, Message, Moment, Notice, NoticeBody, SendToken, Status, System, TenantId,
    Unreadable,
};
use rusqlite::{Connection, OptionalExtension, params};

use super::rows::{to_json, typed};
use super::writer::Work;
use super::{aliases, changing, contacts, departures, failed, joins, kept, memory};
use crate::{Acceptance, Arrival, Head, Lane, LedgerError, limits};

/// What became of an arrival, and the lane's head if it is that.
pub(super) struct Accepted {
    pub(super) acceptance: Acceptance,
    pub(super) head: Option<Head>,
    /// It may show in other lanes' heads too.
    pub(super) shows_elsewhere: bool,
}

impl From<Acceptance> for Accepted {
    fn from(acceptance: Acceptance) -> Self {
        Self {
            acceptance,
            head: None,
            shows_elsewhere: false,
        }
    }
}

/// An arrival, and its message as text: written out by whoever brings it, beside the one writer that all wait for.
type Written = (Arrival, Option<String>);

pub(super) fn written(arrivals: Vec<Arrival>) -> Result<Vec<Written>, LedgerError> {
    let write = |arrival: Arrival| {
        let body = match &arrival.notice.body {
            NoticeBody::Message(message) => {
                Some(to_json(message).map_err(failed("write a message"))?)
            }
            _ => None,
        };
        Ok((arrival, body))
    };
    arrivals.into_iter().map(write).collect()
}

pub(super) fn accept(
    work: &mut Work<'_>,
    arrivals: &[Written],
    now: Moment,
) -> Result<Vec<Accepted>, LedgerError> {
    let (before, latest) = work.came_in.unwrap_or((0, now));
    *work.came_in = Some((before + arrivals.len(), latest.max(now)));
    arrivals
        .iter()
        .map(|(arrival, body)| accept_one(work, arrival, body.as_deref(), now))
        .collect()
}

fn accept_one(
    work: &mut Work<'_>,
    arrival: &Arrival,
    body: Option<&str>,
    now: Moment,
) -> Result<Accepted, LedgerError> {
    let notice = &arrival.notice;
    demand_room(work, notice)?;
    let is_new = work
        .connection
        .prepare_cached(
            "INSERT OR IGNORE INTO seen (tenant, number, key, at) VALUES (?1, ?2, ?3, ?4)",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                notice.tenant.as_str(),
                notice.number.as_str(),
                notice.key.as_str(),
                now.0
            ])
        })
        .map_err(failed("note a notice's key"))?;
    if is_new == 0 {
        return Ok(Acceptance::Known.into());
    }
    let acceptance = match &notice.body {
        NoticeBody::Message(message) => {
            return queue(work, notice, (message, body), arrival.is_stop, now);
        }
        NoticeBody::Status(status) => {
            let (of, shows_elsewhere) = moved(work, notice, status, now)?;
            return Ok(Accepted {
                shows_elsewhere,
                ..Acceptance::Status { of }.into()
            });
        }
        NoticeBody::Preference(preference) => changing::prefer(work, notice, preference, now),
        NoticeBody::Echo(echo) => changing::silence(work, notice, echo, arrival.silent_until, now),
        NoticeBody::Update(update) => {
            kept::keep(work, notice, None, &update.raw, now)?;
            changing::update(work, notice, update, now)
        }
        NoticeBody::Unreadable(Unreadable { cause, raw, .. }) => {
            kept::keep(work, notice, Some(cause.as_str()), raw, now).map(|()| Acceptance::Kept)
        }
    };
    acceptance.map(Accepted::from)
}

/// Looked at before anything is written: while the backlog is full every message ends here, and has nothing to take back.
fn demand_room(work: &Work<'_>, notice: &Notice) -> Result<(), LedgerError> {
    let undone = work.kept.undone;
    if undone < limits::UNDONE || !matches!(notice.body, NoticeBody::Message(_)) {
        return Ok(());
    }
    let is_known: bool = work
        .connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM seen WHERE tenant = ?1 AND number = ?2 AND key = ?3)",
        )
        .and_then(|mut statement| {
            let key = [
                notice.tenant.as_str(),
                notice.number.as_str(),
                notice.key.as_str(),
            ];
            statement.query_row(key, |row| row.get(0))
        })
        .map_err(failed("look for a notice's key"))?;
    match is_known {
        true => Ok(()),
        false => Err(LedgerError::Full { undone }),
    }
}

/// A message gets its contact and its place in the contact's order (I4).
fn queue(
    work: &mut Work<'_>,
    notice: &Notice,
    (message, body): (&Message, Option<&str>),
    is_stop: bool,
    now: Moment,
) -> Result<Accepted, LedgerError> {
    let Notice { tenant, number, .. } = notice;
    let contact = sender(work, tenant, message, now)?;
    let contacts::Taken { sequence, is_head } = contacts::take_message(
        work.connection,
        tenant,
        contact,
        number,
        message,
        is_stop,
        now,
    )?;
    work.connection
        .prepare_cached(
            "INSERT INTO messages (tenant, contact, sequence, number, body, accepted_at, is_stop) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .and_then(|mut statement| {
            statement.execute(params![tenant.as_str(), contact.0, sequence, number.as_str(), body, now.0, is_stop])
        })
        .map_err(failed("store a message"))?;
    work.kept.undone += 1;
    let shows_elsewhere = joins::any_waits(work.connection)?;
    let head = match is_head && !shows_elsewhere {
        true => contacts::load(work.connection, tenant, contact)?.map(|contact| Head {
            message: message.clone(),
            number: number.clone(),
            sequence,
            accepted_at: now,
            is_stop,
            contact,
        }),
        false => None,
    };
    let lane = Lane {
        tenant: tenant.clone(),
        contact,
    };
    Ok(Accepted {
        acceptance: Acceptance::Queued(lane),
        head,
        shows_elsewhere,
    })
}

/// Who wrote. A contact who tells through WhatsApp that they are known by something else is known by that from this message on.
fn sender(
    work: &mut Work<'_>,
    tenant: &TenantId,
    message: &Message,
    now: Moment,
) -> Result<ContactId, LedgerError> {
    let Content::System(System {
        now_known_by: Some(is),
        ..
    }) = &message.content
    else {
        return aliases::resolve(work, tenant, &message.from, now);
    };
    match aliases::moved(work, tenant, &message.from, is, now)? {
        Some(contact) => Ok(contact),
        // Nobody to move: they are known as they are now.
        None => aliases::resolve(work, tenant, is, now),
    }
}

/// A status moves its send on, never back. The token finds it first: the wamid may never have been learnt (I11). With it: whether
/// what it tells may have changed a contact.
fn moved(
    work: &mut Work<'_>,
    notice: &Notice,
    status: &Status,
    now: Moment,
) -> Result<(Option<SendToken>, bool), LedgerError> {
    let Notice { tenant, number, .. } = notice;
    let by_token = status.token.as_ref().map(|token| {
        let query =
            "SELECT token, contact FROM outbox WHERE tenant = ?1 AND number = ?2 AND token = ?3";
        find(
            work,
            query,
            params![tenant.as_str(), number.as_str(), token.as_str()],
        )
    });
    let (token, contact) = match by_token.transpose()?.flatten() {
        Some(found) => found,
        None => {
            let query = "SELECT token, contact FROM outbox INDEXED BY outbox_by_wamid WHERE tenant = ?1 AND number = ?2 AND wamid = ?3";
            match find(
                work,
                query,
                params![tenant.as_str(), number.as_str(), status.wamid.as_str()],
            )? {
                Some(found) => found,
                None => {
                    let changes = changing::introduced(work, tenant, status, now)?;
                    return Ok((None, changes));
                }
            }
        }
    };
    departures::apply_status(work, tenant, &token, status, now)?;
    let changes = changing::told(work, tenant, (&token, contact), status, now)?;
    Ok((Some(token), changes))
}

fn find(
    work: &Work<'_>,
    query: &str,
    parameters: &[&dyn rusqlite::ToSql],
) -> Result<Option<(SendToken, ContactId)>, LedgerError> {
    work.connection
        .prepare_cached(query)
        .and_then(|mut statement| {
            statement
                .query_row(parameters, |row| {
                    let token = typed(0, SendToken::new(row.get::<_, String>(0)?))?;
                    Ok((token, ContactId(row.get(1)?)))
                })
                .optional()
        })
        .map_err(failed("find a status's send"))
}

/// A key of the host's own, written anew each time.
pub(super) fn probe(work: &Work<'_>, now: Moment) -> Result<(), LedgerError> {
    work.connection
        .prepare_cached("INSERT OR REPLACE INTO seen (tenant, number, key, at) VALUES ('_host', '', 'probe', ?1)")
        .and_then(|mut statement| statement.execute([now.0]))
        .map(drop)
        .map_err(failed("try to write"))
}

/// What is past its time goes, twice as fast as anything comes, so that it never grows.
pub(super) fn sweep(
    connection: &Connection,
    came_in: Option<(usize, Moment)>,
) -> Result<(), LedgerError> {
    let Some((arrivals, now)) = came_in else {
        return Ok(());
    };
    let expired = [("seen", limits::KEY_LIFE), ("kept", limits::KEPT_LIFE)];
    for (table, life) in expired {
        let statement = format!(
            "DELETE FROM {table} WHERE (tenant, number, key) IN (
                 SELECT tenant, number, key FROM {table} WHERE at < ?1 ORDER BY at LIMIT ?2)"
        );
        connection
            .prepare_cached(&statement)
            .and_then(|mut statement| {
                statement.execute(params![now.minus(life).0, 2 * arrivals + 1])
            })
            .map_err(failed("remove what has expired"))?;
    }
    memory::sweep(connection, arrivals, now)
}
