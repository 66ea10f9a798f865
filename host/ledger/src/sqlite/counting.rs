//! Counts over all contacts: what limits of rules and budgets of plugins rest on.

use std::borrow::Cow;

use model::{Moment, Period, PluginName, RuleCount, TenantId};
use rusqlite::{Connection, OptionalExtension, params};

use super::failed;
use super::writer::Work;
use crate::{Counted, LedgerError, Raise, Settlement, limits};

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

/// What a plugin has sent in the hour that began then.
pub(super) fn sends(
    connection: &Connection,
    tenant: &TenantId,
    plugin: PluginName,
    since: Moment,
) -> Result<u32, LedgerError> {
    let name = name(&Counted::Sends(plugin)).into_owned();
    times(connection, tenant, (&name, Period::Hour.word(), since.0))
}

/// Whether a count that would be raised has no room for that: then nothing is written.
pub(super) fn is_full(work: &Work<'_>, settlement: &Settlement) -> Result<bool, LedgerError> {
    let tenant = &settlement.decision.id.tenant;
    for raise in &settlement.counts {
        let name = name(&raise.of);
        let so_far = times(work.connection, tenant, key(&name, raise))?;
        if so_far.saturating_add(raise.by) > raise.most {
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
            let name = name(&raise.of);
            let (name, per, since) = key(&name, raise);
            work.connection
                .prepare_cached(
                    "INSERT INTO rule_counts (tenant, rule, per, since, times, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                     ON CONFLICT DO UPDATE SET times = times + excluded.times",
                )?
                .execute(params![tenant, name, per, since, raise.by, raise.is_over_at().0])?;
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
    attempt().map_err(failed("count an answer or a send"))
}

/// Under which name it is counted. A rule's has no control character, so that no rule is called what a plugin is.
fn name(of: &Counted) -> Cow<'_, str> {
    match of {
        Counted::Answers(rule) => rule.as_str().into(),
        Counted::Sends(plugin) => format!("\u{1f}plugin {plugin}").into(),
    }
}

fn key<'a>(name: &'a str, raise: &Raise) -> (&'a str, &'static str, i64) {
    (name, raise.per.word(), raise.since.0)
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
