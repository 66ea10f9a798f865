//! Counts over all contacts: what limits of rules rest on.

use model::{RuleCount, TenantId};
use rusqlite::{Connection, OptionalExtension, params};

use super::failed;
use super::writer::Work;
use crate::{LedgerError, Raise, Settlement, limits};

/// These counts as they stand.
pub(super) fn stand(
    connection: &Connection,
    tenant: &TenantId,
    mut counts: Vec<RuleCount>,
) -> Result<Vec<RuleCount>, LedgerError> {
    for count in &mut counts {
        let RuleCount {
            rule, per, since, ..
        } = &*count;
        count.times = times(connection, tenant, (rule.as_str(), per.word(), since.0))?;
    }
    Ok(counts)
}

/// Whether a count that would be raised is full: then nothing is written.
pub(super) fn is_full(work: &Work<'_>, settlement: &Settlement) -> Result<bool, LedgerError> {
    let tenant = &settlement.decision.id.tenant;
    for raise in &settlement.counts {
        if times(work.connection, tenant, key(raise))? >= raise.most {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Raises what a settlement counts, and removes some of what is over: there are never more than are in use, and a few.
pub(super) fn raise(work: &Work<'_>, settlement: &Settlement) -> Result<(), LedgerError> {
    if settlement.counts.is_empty() {
        return Ok(());
    }
    let tenant = settlement.decision.id.tenant.as_str();
    let attempt = || -> rusqlite::Result<()> {
        for raise in &settlement.counts {
            let (rule, per, since) = key(raise);
            work.connection
                .prepare_cached(
                    "INSERT INTO rule_counts (tenant, rule, per, since, times, until) VALUES (?1, ?2, ?3, ?4, 1, ?5)
                     ON CONFLICT DO UPDATE SET times = times + 1",
                )?
                .execute(params![tenant, rule, per, since, raise.is_over_at().0])?;
        }
        let portion = limits::COUNTS_SWEPT.saturating_mul(settlement.counts.len());
        work.connection
            .prepare_cached(
                "DELETE FROM rule_counts WHERE (tenant, rule, per, since) IN (
                     SELECT tenant, rule, per, since FROM rule_counts WHERE until <= ?1 ORDER BY until LIMIT ?2)",
            )?
            .execute(params![settlement.now.0, portion])?;
        Ok(())
    };
    attempt().map_err(failed("count a rule's answer"))
}

fn key(raise: &Raise) -> (&str, &'static str, i64) {
    (raise.rule.as_str(), raise.per.word(), raise.since.0)
}

fn times(
    connection: &Connection,
    tenant: &TenantId,
    (rule, per, since): (&str, &str, i64),
) -> Result<u32, LedgerError> {
    connection
        .prepare_cached(
            "SELECT times FROM rule_counts WHERE tenant = ?1 AND rule = ?2 AND per = ?3 AND since = ?4",
        )
        .and_then(|mut statement| {
            let parameters = params![tenant.as_str(), rule, per, since];
            statement.query_row(parameters, |row| row.get(0)).optional()
        })
        .map(Option::unwrap_or_default)
        .map_err(failed("read how often a rule answered"))
}
