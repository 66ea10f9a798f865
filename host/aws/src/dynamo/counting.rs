//! Counts over all contacts: what limits of rules and budgets of plugins rest on.
//!
//! A limit over all contacts is one number that all of a tenant's hosts agree on: where many raise the same one at once they meet at one
//! item. It is raised in the settle's own transaction, without being read under a stamp, so that those who meet there wait for
//! milliseconds and do not begin anew unless there is no room.

use ledger::{Counted, LedgerError, Raise, Settlement};
use model::{Moment, Period, PluginName, RuleCount, TenantId};

use super::item::Key;
use super::work::Work;

fn key(tenant: &TenantId, of: &Counted, per: Period, since: Moment) -> Key {
    // A rule's name has no control character, so that no rule is called what a plugin is.
    let name = match of {
        Counted::Answers(rule) => rule.as_str().to_owned(),
        Counted::Sends(plugin) => format!("\u{1f}plugin {plugin}"),
    };
    let per = per.word();
    Key::new(format!("{tenant}#count#{name}#{per}#{}", since.0), "count")
}

/// These counts as they stand.
pub(super) async fn stand(
    work: &mut Work<'_>,
    tenant: &TenantId,
    counts: &[RuleCount],
) -> Result<Vec<RuleCount>, LedgerError> {
    let mut found = Vec::with_capacity(counts.len());
    for count in counts {
        let of = Counted::Answers(count.rule.clone());
        let stands = work
            .figure(&key(tenant, &of, count.per, count.since))
            .await?;
        found.push(RuleCount {
            times: u32::try_from(stands).unwrap_or(u32::MAX),
            ..count.clone()
        });
    }
    Ok(found)
}

/// What a plugin has sent in the hour that began then.
pub(super) async fn sends(
    work: &mut Work<'_>,
    tenant: &TenantId,
    plugin: &PluginName,
    since: Moment,
) -> Result<u32, LedgerError> {
    let of = Counted::Sends(plugin.clone());
    let stands = work.figure(&key(tenant, &of, Period::Hour, since)).await?;
    Ok(u32::try_from(stands).unwrap_or(u32::MAX))
}

fn key_of(settlement: &Settlement, raise: &Raise) -> Key {
    let tenant = &settlement.decision.id.tenant;
    key(tenant, &raise.of, raise.per, raise.since)
}

/// Whether a count that would be raised has no room for that: then nothing is written.
pub(super) async fn is_full(
    work: &mut Work<'_>,
    settlement: &Settlement,
) -> Result<bool, LedgerError> {
    for raise in &settlement.counts {
        let so_far = work.figure(&key_of(settlement, raise)).await?;
        if so_far.saturating_add(i64::from(raise.by)) > i64::from(raise.most) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Raises what a settlement counts. What is over removes itself.
pub(super) fn raise(work: &mut Work<'_>, settlement: &Settlement) {
    for raise in &settlement.counts {
        let over = raise.is_over_at().0.div_euclid(1000) + 1;
        let most = Some(i64::from(raise.most));
        let by = i64::from(raise.by);
        work.raise(key_of(settlement, raise), by, most, Some(over));
    }
}
