//! The outbox: what may leave, what left, and what became of it.

use model::{
    ContactId, DecisionId, Delivery, Moment, NumberId, Outbound, Outgoing, SendState, SendToken,
    Status, StopTarget, TenantId, Wamid,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::rows::{bounded, json, rows, typed};
use super::writer::Work;
use super::{changing, contacts, failed, reached, switches};
use crate::{
    Arrived, Departed, Departure, Due, Judge, LedgerError, Resolution, SendRecord, Standing,
    Unsure, UnsurePlace, Wanted, limits,
};
use gate::{Reach, Release};

/// The first of its contact at `?4`: none of theirs before it waits for less than `?5`, none is in flight, and none has become of
/// unknown outcome after `?1`.
const IS_HEAD: &str = "NOT EXISTS (
    SELECT 1 FROM outbox AS earlier INDEXED BY outbox_waiting
    WHERE earlier.tenant = send.tenant AND earlier.contact = send.contact
      AND earlier.state IN ('ready', 'in_flight', 'unknown')
      AND (earlier.state = 'in_flight'
           OR earlier.ordinal < send.ordinal
              AND (earlier.state = 'ready' AND earlier.not_before <= ?5
                   OR earlier.state = 'unknown' AND earlier.unsure_since > ?1)))";

/// Number by number, each by itself: what waits on one is never looked through for what is due on another.
pub(super) fn due(
    connection: &Connection,
    held_back: Moment,
    now: Moment,
    wanted: &Wanted,
) -> Result<Vec<Due>, LedgerError> {
    let most = wanted.most.min(limits::ROWS_PER_READ);
    let mut due = Vec::new();
    // From the number after the last one that was looked at to the end, and then from the beginning up to it.
    let mut place = wanted.after.clone();
    let mut is_second_round = wanted.after.is_none();
    while due.len() < most {
        let Some(number) = next_number(connection, place.as_ref())? else {
            if is_second_round {
                break;
            }
            (is_second_round, place) = (true, None);
            continue;
        };
        if is_second_round && wanted.after.as_ref().is_some_and(|after| number > *after) {
            break;
        }
        if !wanted.but_not.contains(&number) {
            let most = wanted.per_number.min(most - due.len());
            due.extend(due_of(connection, held_back, now, &number, most)?);
        }
        place = Some(number);
    }
    Ok(due)
}

fn due_of(
    connection: &Connection,
    held_back: Moment,
    now: Moment,
    (tenant, number): &(TenantId, NumberId),
    most: usize,
) -> Result<Vec<Due>, LedgerError> {
    let query = format!(
        "SELECT token, contact, EXISTS (
             SELECT 1 FROM outbox AS later INDEXED BY outbox_waiting
             WHERE later.tenant = send.tenant AND later.contact = send.contact AND later.ordinal > send.ordinal
               AND later.state IN ('ready', 'in_flight', 'unknown'))
         FROM outbox AS send INDEXED BY outbox_ready
         WHERE state = 'ready' AND tenant = ?2 AND number = ?3 AND not_before <= ?4 AND {IS_HEAD}
         ORDER BY not_before, ordinal LIMIT ?6"
    );
    let parameters = params![
        held_back.0,
        tenant.as_str(),
        number.as_str(),
        now.0,
        now.plus(limits::KEEPS_ORDER).0,
        bounded(most)
    ];
    rows(connection, &query, parameters, |row| {
        Ok(Due {
            tenant: tenant.clone(),
            token: typed(0, SendToken::new(row.get::<_, String>(0)?))?,
            number: number.clone(),
            contact: ContactId(row.get(1)?),
            has_next: row.get(2)?,
        })
    })
    .map_err(failed("look for sends that are due"))
}

/// The number after this one that has sends ready: one step in the index, however many there are.
fn next_number(
    connection: &Connection,
    after: Option<&(TenantId, NumberId)>,
) -> Result<Option<(TenantId, NumberId)>, LedgerError> {
    // No tenant's name is empty.
    let (tenant, number) = after.map_or(("", ""), |(tenant, number)| {
        (tenant.as_str(), number.as_str())
    });
    connection
        .prepare_cached(
            "SELECT tenant, number FROM outbox INDEXED BY outbox_ready
             WHERE state = 'ready' AND (tenant, number) > (?1, ?2) ORDER BY tenant, number LIMIT 1",
        )
        .and_then(|mut statement| {
            let read = |row: &Row<'_>| {
                let tenant = typed(0, TenantId::new(row.get::<_, String>(0)?))?;
                Ok((tenant, typed(1, NumberId::new(row.get::<_, String>(1)?))?))
            };
            statement.query_row([tenant, number], read).optional()
        })
        .map_err(failed("look for numbers with sends"))
}

pub(super) fn next_due(
    connection: &Connection,
    now: Moment,
) -> Result<Option<Moment>, LedgerError> {
    let query = "SELECT not_before FROM outbox INDEXED BY outbox_ready
                 WHERE state = 'ready' AND tenant = ?1 AND number = ?2 AND not_before > ?3 ORDER BY not_before LIMIT 1";
    let mut soonest: Option<Moment> = None;
    let mut place = None;
    while let Some(number) = next_number(connection, place.as_ref())? {
        let (tenant, id) = &number;
        let next = connection
            .prepare_cached(query)
            .and_then(|mut statement| {
                let parameters = params![tenant.as_str(), id.as_str(), now.0];
                statement
                    .query_row(parameters, |row| row.get(0).map(Moment))
                    .optional()
            })
            .map_err(failed("look for the next send"))?;
        soonest = match (soonest, next) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        place = Some(number);
    }
    Ok(soonest)
}

/// I6: consent, pause and window are read, and judged, in the very transaction that marks the send in flight.
pub(super) fn depart(
    work: &Work<'_>,
    tenant: &TenantId,
    token: &SendToken,
    held_back: Moment,
    now: Moment,
    judge: &mut Judge,
) -> Result<Departure, LedgerError> {
    let query = format!(
        "SELECT body, attempts FROM outbox AS send
         WHERE tenant = ?2 AND token = ?3 AND state = 'ready' AND not_before <= ?4 AND {IS_HEAD}"
    );
    let keeps_order = now.plus(limits::KEEPS_ORDER);
    let found: Option<(Outbound, u32)> = work
        .connection
        .prepare_cached(&query)
        .and_then(|mut statement| {
            let parameters = params![
                held_back.0,
                tenant.as_str(),
                token.as_str(),
                now.0,
                keeps_order.0
            ];
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
    let reach = match outbound.message {
        Outgoing::Template(_) => reached::reach(work.connection, tenant, contact.id, now)?,
        _ => Reach::default(),
    };
    let standing = Standing {
        contact,
        stops: switches::of_tenant(work.connection, tenant)?,
        reach,
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
    let is_stopped = standing.stops.iter().any(|switch| match &switch.target {
        StopTarget::Tenant => true,
        StopTarget::Number(number) => *number == outbound.number,
        StopTarget::Template(_) => false,
    });
    match judge(outbound, &standing) {
        Release::Go(pass) => {
            if pass.reaches_out() {
                reached::note(work, tenant, standing.contact.id, now)?;
            }
            let attempt = attempts + 1;
            change(
                "UPDATE outbox SET state = 'in_flight', departed_at = ?3, changed_at = ?3, attempts = ?4 WHERE tenant = ?1 AND token = ?2",
                &attempt,
            )?;
            Ok(Departure::Go { pass, attempt })
        }
        // Nobody knows how long; and whoever lifts the switch finds it as it was.
        Release::Wait(until) if is_stopped => Ok(Departure::Wait(until)),
        Release::Wait(until) => {
            change(
                "UPDATE outbox SET not_before = ?4, changed_at = ?3 WHERE tenant = ?1 AND token = ?2",
                &until.0,
            )?;
            hold_back_the_next(work, tenant, token, until, now)?;
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

/// What is behind a send that waits comes due with it, so that nobody who looks for what is due has to step over it. What waits for
/// very long is overtaken.
fn hold_back_the_next(
    work: &Work<'_>,
    tenant: &TenantId,
    token: &SendToken,
    until: Moment,
    now: Moment,
) -> Result<(), LedgerError> {
    if until > now.plus(limits::KEEPS_ORDER) {
        return Ok(());
    }
    work.connection
        .prepare_cached(
            "UPDATE outbox INDEXED BY outbox_waiting SET not_before = ?3
             WHERE tenant = ?1 AND contact = (
                     SELECT contact FROM outbox WHERE tenant = ?1 AND token = ?2 AND state = 'ready' AND not_before = ?3)
               AND ordinal > (SELECT ordinal FROM outbox WHERE tenant = ?1 AND token = ?2)
               AND state IN ('ready', 'in_flight', 'unknown') AND state = 'ready' AND not_before < ?3",
        )
        .and_then(|mut statement| {
            statement.execute(params![tenant.as_str(), token.as_str(), until.0])
        })
        .map(drop)
        .map_err(failed("hold back what is behind a send"))
}

/// What a carrier said, unless a status said more already.
pub(super) fn arrive(
    work: &mut Work<'_>,
    tenant: &TenantId,
    token: &SendToken,
    arrival: &Arrived,
    now: Moment,
) -> Result<(), LedgerError> {
    if let Arrived::Failed {
        code: Some(changing::STOPPED_MARKETING),
        cause,
    } = arrival
    {
        changing::refused(work, tenant, token, cause, now)?;
    }
    let (state, not_before, remark, unsure_since) = match arrival {
        Arrived::Sent(wamid) => {
            // The id is worth having even if a status came first.
            learn_wamid(work, tenant, token, wamid.as_ref())?;
            (SendState::Sent, None, None, None)
        }
        Arrived::Again { at, cause } => (SendState::Ready, Some(at.0), Some(cause), None),
        Arrived::Failed { cause, .. } => (SendState::Failed, None, Some(cause), None),
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
        .map_err(failed("record what a carrier said"))?;
    match arrival {
        Arrived::Again { at, .. } => hold_back_the_next(work, tenant, token, *at, now),
        _ => Ok(()),
    }
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

/// A status is proof that the send left, whatever we believed: one that was given up after it had left once did arrive after all.
/// It moves it on and never back. What never left has no status: that token was not echoed, it was guessed.
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
             WHERE tenant = ?1 AND token = ?2 AND rank < ?4 AND (attempts > 0 OR state NOT IN ('cancelled', 'withheld'))",
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

/// The columns of an [`Unsure`], in the order that [`unsure_record`] reads them. A send that left twice proves nothing: its status may
/// be that of the first time.
const EVIDENCE: &str = "unsure_since, resent, EXISTS (
     SELECT 1 FROM outbox AS later
     WHERE later.tenant = send.tenant AND later.number = send.number
       AND later.departed_at > send.departed_at AND later.status_at IS NOT NULL AND later.attempts = 1)";

pub(super) fn unsure(
    connection: &Connection,
    after: Option<&UnsurePlace>,
    most: usize,
) -> Result<Vec<Unsure>, LedgerError> {
    let query = format!(
        "SELECT {RECORD}, {EVIDENCE} FROM outbox AS send INDEXED BY outbox_unsure
         WHERE state IN ('unknown', 'held') AND state = 'unknown' AND (unsure_since, tenant, token) > (?1, ?2, ?3)
         ORDER BY unsure_since, tenant, token LIMIT ?4"
    );
    let (since, tenant, token) = after.map_or((i64::MIN, "", ""), |place| {
        (place.since.0, place.tenant.as_str(), place.token.as_str())
    });
    let parameters = params![since, tenant, token, bounded(most)];
    rows(connection, &query, parameters, unsure_record).map_err(failed("look for unknown outcomes"))
}

pub(super) fn unsure_of(
    connection: &Connection,
    tenant: &TenantId,
    token: &SendToken,
) -> Result<Option<Unsure>, LedgerError> {
    let query = format!(
        "SELECT {RECORD}, {EVIDENCE} FROM outbox AS send
         WHERE tenant = ?1 AND token = ?2 AND state IN ('unknown', 'held')"
    );
    connection
        .prepare_cached(&query)
        .and_then(|mut statement| {
            statement
                .query_row(params![tenant.as_str(), token.as_str()], unsure_record)
                .optional()
        })
        .map_err(failed("look for an unknown outcome"))
}

fn unsure_record(row: &Row<'_>) -> rusqlite::Result<Unsure> {
    Ok(Unsure {
        record: send_record(row)?,
        since: Moment(row.get::<_, Option<i64>>(6)?.unwrap_or_default()),
        resent: row.get(7)?,
        later_confirmed: row.get(8)?,
    })
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
        Resolution::SendAnyway => {
            "UPDATE outbox SET state = 'ready', resent = 1, not_before = ?3, changed_at = ?3
             WHERE tenant = ?1 AND token = ?2 AND state IN ('unknown', 'held')"
        }
        Resolution::Drop => {
            "UPDATE outbox SET state = 'cancelled', remark = 'a person gave it up', changed_at = ?3
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

pub(super) fn one(
    connection: &Connection,
    tenant: &TenantId,
    token: &SendToken,
) -> Result<Option<SendRecord>, LedgerError> {
    let query = format!("SELECT {RECORD} FROM outbox WHERE tenant = ?1 AND token = ?2");
    connection
        .prepare_cached(&query)
        .and_then(|mut statement| {
            statement
                .query_row(params![tenant.as_str(), token.as_str()], send_record)
                .optional()
        })
        .map_err(failed("read a send"))
}

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

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::sqlite::schema;

    /// Two hundred thousand sends that wait on one number, and one on another: each look takes a step for a number, and no more for those that
    /// wait.
    #[test]
    fn i14_what_is_due_is_found_beside_all_that_waits_elsewhere() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        connection
            .execute_batch(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
                 INSERT INTO outbox (tenant, token, number, contact, ordinal, cause_number, cause, body, state, not_before, changed_at)
                 SELECT 'shop', 't' || i, '1', i / 3, i, '1', 'w' || i, '{}', 'ready', i, i FROM n;
                 INSERT INTO outbox (tenant, token, number, contact, ordinal, cause_number, cause, body, state, not_before, changed_at)
                 VALUES ('shop', 'other', '2', 0, 200001, '2', 'w', '{}', 'ready', 5, 5);
                 UPDATE outbox SET contact = 9999999 WHERE token = 'other';",
            )
            .unwrap();
        let begun = std::time::Instant::now();
        let now = Moment(2_000_000);
        let all = due(
            &connection,
            Moment(0),
            now,
            &Wanted {
                per_number: 250,
                ..Wanted::any(1000)
            },
        );
        assert_eq!(all.unwrap().len(), 251);
        let line = |number: &str| {
            (
                TenantId::new("shop").unwrap(),
                NumberId::new(number).unwrap(),
            )
        };
        let but_not = Wanted {
            but_not: [line("1")].into(),
            ..Wanted::any(1000)
        };
        let other = due(&connection, Moment(0), now, &but_not).unwrap();
        assert_eq!(other.len(), 1);
        assert_eq!(next_due(&connection, now).unwrap(), None);
        assert_eq!(
            next_due(&connection, Moment(100_000)).unwrap(),
            Some(Moment(100_001))
        );
        // Milliseconds; going through all of them takes far longer.
        let took = begun.elapsed();
        assert!(took.as_millis() < 500, "{took:?}");
    }
}
