//! The outbox: what may leave, what left, and what became of it.

use model::{
    ContactId, DecisionId, Delivery, Moment, NumberId, Outbound, SendState, SendToken, Status,
    TenantId, Wamid,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::rows::{bounded, json, rows, typed};
use super::writer::Work;
use super::{contacts, failed};
use crate::{
    Arrived, Departed, Departure, Due, Judge, LedgerError, Resolution, SendRecord, Unsure, limits,
};
use gate::Release;

/// The first of its contact: none of theirs before it is waiting, none is in flight, and none has become of unknown outcome
/// after `?1`.
const IS_HEAD: &str = "NOT EXISTS (
    SELECT 1 FROM outbox AS earlier INDEXED BY outbox_waiting
    WHERE earlier.tenant = send.tenant AND earlier.contact = send.contact
      AND earlier.state IN ('ready', 'in_flight', 'unknown')
      AND (earlier.state = 'in_flight'
           OR earlier.ordinal < send.ordinal AND (earlier.state = 'ready' OR earlier.unsure_since > ?1)))";

pub(super) fn due(
    connection: &Connection,
    held_back: Moment,
    now: Moment,
    most: usize,
) -> Result<Vec<Due>, LedgerError> {
    let query = format!(
        "SELECT tenant, token, number, contact FROM outbox AS send
         WHERE state = 'ready' AND not_before <= ?2 AND {IS_HEAD} ORDER BY not_before, ordinal LIMIT ?3"
    );
    rows(
        connection,
        &query,
        params![held_back.0, now.0, bounded(most)],
        |row| {
            Ok(Due {
                tenant: typed(0, TenantId::new(row.get::<_, String>(0)?))?,
                token: typed(1, SendToken::new(row.get::<_, String>(1)?))?,
                number: typed(2, NumberId::new(row.get::<_, String>(2)?))?,
                contact: ContactId(row.get(3)?),
            })
        },
    )
    .map_err(failed("look for sends that are due"))
}

pub(super) fn next_due(
    connection: &Connection,
    now: Moment,
) -> Result<Option<Moment>, LedgerError> {
    connection
        .prepare_cached(
            "SELECT min(not_before) FROM outbox WHERE state = 'ready' AND not_before > ?1",
        )
        .and_then(|mut statement| statement.query_row([now.0], |row| row.get::<_, Option<i64>>(0)))
        .map(|found| found.map(Moment))
        .map_err(failed("look for the next send"))
}

/// I6: consent, pause and window are read, and judged, in the very transaction that marks the send in flight.
pub(super) fn depart(
    work: &Work<'_>,
    tenant: &TenantId,
    token: &SendToken,
    held_back: Moment,
    now: Moment,
    judge: Judge,
) -> Result<Departure, LedgerError> {
    let query = format!(
        "SELECT body, attempts FROM outbox AS send
         WHERE tenant = ?2 AND token = ?3 AND state = 'ready' AND not_before <= ?4 AND {IS_HEAD}"
    );
    let found: Option<(Outbound, u32)> = work
        .connection
        .prepare_cached(&query)
        .and_then(|mut statement| {
            let parameters = params![held_back.0, tenant.as_str(), token.as_str(), now.0];
            statement
                .query_row(parameters, |row| Ok((json(row, 0)?, row.get(1)?)))
                .optional()
        })
        .map_err(failed("read a send"))?;
    let Some((outbound, attempts)) = found else {
        return Ok(Departure::Gone);
    };
    let Some(contact) = contacts::load(work.connection, tenant, outbound.contact)? else {
        return Ok(Departure::Gone);
    };
    let change = |query: &str, extra: &dyn rusqlite::ToSql| {
        work.connection
            .prepare_cached(query)
            .and_then(|mut statement| {
                statement.execute(params![tenant.as_str(), token.as_str(), now.0, extra])
            })
            .map(drop)
            .map_err(failed("mark a send"))
    };
    match judge(outbound, &contact) {
        Release::Go(pass) => {
            let attempt = attempts + 1;
            change(
                "UPDATE outbox SET state = 'in_flight', departed_at = ?3, changed_at = ?3, attempts = ?4 WHERE tenant = ?1 AND token = ?2",
                &attempt,
            )?;
            Ok(Departure::Go { pass, attempt })
        }
        Release::Wait(until) => {
            change(
                "UPDATE outbox SET not_before = ?4, changed_at = ?3 WHERE tenant = ?1 AND token = ?2",
                &until.0,
            )?;
            Ok(Departure::Wait(until))
        }
        Release::Withhold => {
            change(
                "UPDATE outbox SET state = 'withheld', remark = ?4, changed_at = ?3 WHERE tenant = ?1 AND token = ?2",
                &"dry run",
            )?;
            Ok(Departure::Withheld)
        }
        Release::Cancel(refusal) => {
            let remark = refusal.to_string();
            change(
                "UPDATE outbox SET state = 'cancelled', remark = ?4, changed_at = ?3 WHERE tenant = ?1 AND token = ?2",
                &remark,
            )?;
            Ok(Departure::Cancelled(refusal))
        }
    }
}

/// What a carrier said, unless a status said more already.
pub(super) fn arrive(
    work: &Work<'_>,
    tenant: &TenantId,
    token: &SendToken,
    arrival: &Arrived,
    now: Moment,
) -> Result<(), LedgerError> {
    let (state, not_before, remark, unsure_since) = match arrival {
        Arrived::Sent(wamid) => {
            // The id is worth having even if a status came first.
            learn_wamid(work, tenant, token, wamid.as_ref())?;
            (SendState::Sent, None, None, None)
        }
        Arrived::Again { at, cause } => (SendState::Ready, Some(at.0), Some(cause), None),
        Arrived::Failed { cause } => (SendState::Failed, None, Some(cause), None),
        Arrived::Unknown { cause } => (SendState::Unknown, None, Some(cause), Some(now.0)),
    };
    work.connection
        .prepare_cached(
            "UPDATE outbox SET state = ?3, not_before = coalesce(?4, not_before), remark = ?5, unsure_since = ?6, changed_at = ?7
             WHERE tenant = ?1 AND token = ?2 AND state = 'in_flight'",
        )
        .and_then(|mut statement| {
            statement.execute(params![tenant.as_str(), token.as_str(), state.word(), not_before, remark, unsure_since, now.0])
        })
        .map(drop)
        .map_err(failed("record what a carrier said"))
}

fn learn_wamid(
    work: &Work<'_>,
    tenant: &TenantId,
    token: &SendToken,
    wamid: Option<&Wamid>,
) -> Result<(), LedgerError> {
    let Some(wamid) = wamid else { return Ok(()) };
    work.connection
        .prepare_cached(
            "UPDATE outbox SET wamid = coalesce(wamid, ?3) WHERE tenant = ?1 AND token = ?2",
        )
        .and_then(|mut statement| {
            statement.execute(params![tenant.as_str(), token.as_str(), wamid.as_str()])
        })
        .map(drop)
        .map_err(failed("learn a message's id"))
}

/// A status is proof that the send left, whatever we believed; it moves it on and never back.
pub(super) fn apply_status(
    work: &Work<'_>,
    tenant: &TenantId,
    token: &SendToken,
    status: &Status,
    now: Moment,
) -> Result<(), LedgerError> {
    if status.delivery == Delivery::Unknown {
        return Ok(());
    }
    learn_wamid(work, tenant, token, Some(&status.wamid))?;
    let (state, rank) = match status.delivery {
        Delivery::Accepted | Delivery::Sent => (SendState::Sent, status.delivery.rank()),
        Delivery::Delivered => (SendState::Delivered, status.delivery.rank()),
        Delivery::Read | Delivery::Played => (SendState::Read, status.delivery.rank()),
        Delivery::Failed => (SendState::Failed, status.delivery.rank()),
        // They say that it left, and nothing of how far it got.
        Delivery::Deleted | Delivery::Warning | Delivery::Unknown => {
            (SendState::Sent, Delivery::Sent.rank())
        }
    };
    let remark = status
        .errors
        .first()
        .map(|error| format!("{}: {}", error.code, error.title));
    work.connection
        .prepare_cached(
            "UPDATE outbox SET state = ?3, rank = ?4, remark = ?5, unsure_since = NULL, status_at = ?6, changed_at = ?6
             WHERE tenant = ?1 AND token = ?2 AND rank < ?4 AND state NOT IN ('cancelled', 'withheld')",
        )
        .and_then(|mut statement| {
            statement.execute(params![tenant.as_str(), token.as_str(), state.word(), rank, remark, now.0])
        })
        .map(drop)
        .map_err(failed("apply a status"))
}

/// At start: what was in flight is unknown, and so is everything that was unknown before, counted from now: statuses that came
/// while nobody listened are still on their way (I11).
pub(super) fn recover(work: &Work<'_>, now: Moment) -> Result<usize, LedgerError> {
    let attempt = || -> rusqlite::Result<usize> {
        work.connection.execute(
            "UPDATE outbox INDEXED BY outbox_unsure SET unsure_since = ?1 WHERE state IN ('unknown', 'held') AND state = 'unknown'",
            [now.0],
        )?;
        work.connection.execute(
            "UPDATE outbox INDEXED BY outbox_waiting
             SET state = 'unknown', unsure_since = ?1, changed_at = ?1, remark = 'the host ended while it was in flight'
             WHERE state IN ('ready', 'in_flight', 'unknown') AND state = 'in_flight'",
            [now.0],
        )
    };
    attempt().map_err(failed("take up what was in flight"))
}

pub(super) fn unsure(connection: &Connection, most: usize) -> Result<Vec<Unsure>, LedgerError> {
    // A send that left twice proves nothing: its status may be that of the first time.
    let query = format!(
        "SELECT {RECORD}, unsure_since, resent, EXISTS (
             SELECT 1 FROM outbox AS later
             WHERE later.tenant = send.tenant AND later.number = send.number
               AND later.departed_at > send.departed_at AND later.status_at IS NOT NULL AND later.attempts = 1)
         FROM outbox AS send INDEXED BY outbox_unsure
         WHERE state IN ('unknown', 'held') AND state = 'unknown' ORDER BY unsure_since LIMIT ?1"
    );
    rows(connection, &query, params![bounded(most)], |row| {
        Ok(Unsure {
            record: send_record(row)?,
            since: Moment(row.get::<_, Option<i64>>(6)?.unwrap_or_default()),
            resent: row.get(7)?,
            later_confirmed: row.get(8)?,
        })
    })
    .map_err(failed("look for unknown outcomes"))
}

pub(super) fn resolve(
    work: &Work<'_>,
    tenant: &TenantId,
    token: &SendToken,
    resolution: Resolution,
    now: Moment,
) -> Result<bool, LedgerError> {
    // Once: a send that was sent again and is unknown again is a person's.
    let query = match resolution {
        Resolution::Resend => {
            "UPDATE outbox SET state = CASE resent WHEN 0 THEN 'ready' ELSE 'held' END, resent = 1, not_before = ?3, changed_at = ?3
             WHERE tenant = ?1 AND token = ?2 AND state IN ('unknown', 'held')"
        }
        Resolution::Hold => {
            "UPDATE outbox SET state = 'held', changed_at = ?3 WHERE tenant = ?1 AND token = ?2 AND state = 'unknown'"
        }
    };
    work.connection
        .prepare_cached(query)
        .and_then(|mut statement| {
            statement.execute(params![tenant.as_str(), token.as_str(), now.0])
        })
        .map(|changed| changed == 1)
        .map_err(failed("resolve an unknown outcome"))
}

pub(super) fn since(connection: &Connection, since: Moment) -> Result<Vec<Departed>, LedgerError> {
    let query = "SELECT number, tenant, contact, departed_at FROM outbox WHERE departed_at >= ?1 ORDER BY departed_at";
    rows(connection, query, params![since.0], |row| {
        Ok(Departed {
            number: typed(0, NumberId::new(row.get::<_, String>(0)?))?,
            tenant: typed(1, TenantId::new(row.get::<_, String>(1)?))?,
            contact: ContactId(row.get(2)?),
            at: Moment(row.get(3)?),
        })
    })
    .map_err(failed("read what left lately"))
}

/// The columns of a [`SendRecord`], in the order that [`send_record`] reads them.
const RECORD: &str = "body, state, wamid, attempts, remark, changed_at";

pub(super) fn of_message(
    connection: &Connection,
    id: &DecisionId,
) -> Result<Vec<SendRecord>, LedgerError> {
    let query = format!(
        "SELECT {RECORD} FROM outbox INDEXED BY outbox_by_cause WHERE tenant = ?1 AND cause_number = ?2 AND cause = ?3 ORDER BY ordinal"
    );
    let parameters = params![id.tenant.as_str(), id.number.as_str(), id.message.as_str()];
    rows(connection, &query, parameters, send_record).map_err(failed("read a message's sends"))
}

pub(super) fn newest(
    connection: &Connection,
    tenant: &TenantId,
    state: Option<SendState>,
    most: usize,
) -> Result<Vec<SendRecord>, LedgerError> {
    let query = format!(
        "SELECT {RECORD} FROM outbox WHERE tenant = ?1 AND (?2 IS NULL OR state = ?2) ORDER BY ordinal DESC LIMIT ?3"
    );
    let parameters = params![
        tenant.as_str(),
        state.map(SendState::word),
        bounded(most.min(limits::ROWS_PER_READ))
    ];
    rows(connection, &query, parameters, send_record).map_err(failed("read the outbox"))
}

fn send_record(row: &Row<'_>) -> rusqlite::Result<SendRecord> {
    let state: String = row.get(1)?;
    Ok(SendRecord {
        outbound: json(row, 0)?,
        state: typed(1, SendState::parse(&state).ok_or("no state of a send"))?,
        wamid: row
            .get::<_, Option<String>>(2)?
            .map(|text| typed(2, Wamid::new(text)))
            .transpose()?,
        attempts: row.get(3)?,
        cause: row.get(4)?,
        changed_at: Moment(row.get(5)?),
    })
}
