//! Stop switches. Few, and asked for whenever a send leaves: one look at an index that is nearly always empty.

use model::{Moment, StopSwitch, StopTarget, TenantId};
use rusqlite::{Connection, params};

use super::failed;
use super::rows::{json, rows, to_json, typed};
use super::writer::Work;
use crate::LedgerError;

pub(super) fn throw(
    work: &Work<'_>,
    tenant: &TenantId,
    switch: &StopSwitch,
) -> Result<bool, LedgerError> {
    let (kind, value) = key(&switch.target);
    let text = to_json(switch).map_err(failed("write a stop switch"))?;
    work.connection
        .prepare_cached(
            "INSERT INTO switches (tenant, kind, value, switch) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )
        .and_then(|mut statement| statement.execute(params![tenant.as_str(), kind, value, text]))
        .map(|thrown| thrown == 1)
        .map_err(failed("throw a stop switch"))
}

pub(super) fn lift(
    work: &Work<'_>,
    tenant: &TenantId,
    target: &StopTarget,
    now: Moment,
) -> Result<bool, LedgerError> {
    let (kind, value) = key(target);
    let lifted = work
        .connection
        .prepare_cached("DELETE FROM switches WHERE tenant = ?1 AND kind = ?2 AND value = ?3")
        .and_then(|mut statement| statement.execute(params![tenant.as_str(), kind, value]))
        .map_err(failed("lift a stop switch"))?;
    if let (1.., StopTarget::Number(number)) = (lifted, target) {
        // What waits for another reason is judged again, and goes on waiting. What WhatsApp refused for a while keeps its time: it
        // would be refused again.
        work.connection
            .prepare_cached(
                "UPDATE outbox INDEXED BY outbox_ready SET not_before = ?3
                 WHERE state = 'ready' AND not_before > ?3 AND tenant = ?1 AND number = ?2 AND attempts = 0",
            )
            .and_then(|mut statement| {
                statement.execute(params![tenant.as_str(), number.as_str(), now.0])
            })
            .map_err(failed("let go what waits on a number"))?;
    }
    Ok(lifted == 1)
}

pub(super) fn all(connection: &Connection) -> Result<Vec<(TenantId, StopSwitch)>, LedgerError> {
    let query = "SELECT tenant, switch FROM switches ORDER BY tenant, kind, value";
    rows(connection, query, [], |row| {
        Ok((
            typed(0, TenantId::new(row.get::<_, String>(0)?))?,
            json(row, 1)?,
        ))
    })
    .map_err(failed("read stop switches"))
}

pub(super) fn of_tenant(
    connection: &Connection,
    tenant: &TenantId,
) -> Result<Vec<StopSwitch>, LedgerError> {
    let query = "SELECT switch FROM switches WHERE tenant = ?1 ORDER BY kind, value";
    rows(connection, query, [tenant.as_str()], |row| json(row, 0))
        .map_err(failed("read stop switches"))
}

fn key(target: &StopTarget) -> (&'static str, &str) {
    match target {
        StopTarget::Tenant => ("tenant", ""),
        StopTarget::Number(number) => ("number", number.as_str()),
        StopTarget::Template(name) => ("template", name),
    }
}
