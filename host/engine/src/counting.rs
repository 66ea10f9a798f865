//! Limits and budgets: what is counted when a rule has answered, and when a plugin sends. A contact's counts settle with the contact;
//! those over all contacts are raised by the ledger as it settles, so that no two answers take the last place.

use ledger::{Counted, Raise};
use model::{Moment, Period, PluginName, RuleCount};
use rulebook::Rule;

use crate::limits;
use crate::stage::{Effects, Stage};

/// The rule has answered.
pub(crate) fn raise(rule: &Rule, now: Moment, stage: &mut Stage) {
    for (limit, count) in rule.counts(now) {
        if limit.per_contact {
            raise_own(&mut stage.contact.counts, count, now);
        } else {
            stage.effects.counts.push(Raise {
                of: Counted::Answers(count.rule),
                per: count.per,
                since: count.since,
                by: 1,
                most: limit.times,
            });
            // It is a write of its own in the transaction, and these are bounded together.
            stage.effects.count += 1;
        }
    }
}

/// A plugin with a budget sends once more. The first raise of a decision is an effect of its own.
pub(crate) fn raise_sends(plugin: &PluginName, most: u32, now: Moment, effects: &mut Effects) {
    let counted = Counted::Sends(plugin.clone());
    if let Some(raise) = effects.counts.iter_mut().find(|raise| raise.of == counted) {
        raise.by = raise.by.saturating_add(1);
        return;
    }
    effects.counts.push(Raise {
        of: counted,
        per: Period::Hour,
        since: hour_of(now),
        by: 1,
        most,
    });
}

/// What a plugin has sent in this decision so far; nothing if it has not, or has no budget.
pub(crate) fn staged_sends(plugin: &PluginName, effects: &Effects) -> Option<u32> {
    let is_own = |raise: &&Raise| matches!(&raise.of, Counted::Sends(name) if name == plugin);
    effects.counts.iter().find(is_own).map(|raise| raise.by)
}

/// When the hour began that budgets of plugins are counted in: tenants in several timezones share a plugin.
pub(crate) fn hour_of(now: Moment) -> Moment {
    Moment(now.0.saturating_sub(now.0.rem_euclid(3_600_000)))
}

/// One more in this period. What was counted in periods that are over goes, whatever became of its rule.
fn raise_own(counts: &mut Vec<RuleCount>, mut count: RuleCount, now: Moment) {
    let same = |other: &RuleCount| (&other.rule, other.per) == (&count.rule, count.per);
    let so_far = counts.iter().find(|other| other.is_of_same(&count));
    count.times = so_far.map_or(1, |before| before.times.saturating_add(1));
    counts.retain(|other| !same(other) && other.since.plus(other.per.longest()) > now);
    counts.push(count);
    if counts.len() > limits::COUNTS_PER_CONTACT
        && let Some((first, _)) = counts
            .iter()
            .enumerate()
            .min_by_key(|(_, other)| other.since)
    {
        counts.remove(first);
    }
}

#[cfg(test)]
mod tests {
    use model::{Period, RuleName, Span};

    use super::*;

    fn count(rule: &str, per: Period, since: u64, times: u32) -> RuleCount {
        RuleCount {
            rule: RuleName::new(rule).unwrap(),
            per,
            since: hour(since),
            times,
        }
    }

    fn hour(hour: u64) -> Moment {
        Moment(1_800_000_000_000).plus(Span::from_hours(hour))
    }

    #[test]
    fn a_count_goes_up_within_its_period_and_begins_anew_in_the_next() {
        let mut counts = Vec::new();
        for (since, times) in [(0, 1), (0, 2), (1, 1), (1, 2), (1, 3)] {
            raise_own(&mut counts, count("a", Period::Hour, since, 0), hour(since));
            assert_eq!(counts, [count("a", Period::Hour, since, times)]);
        }
        raise_own(&mut counts, count("a", Period::Day, 0, 0), hour(1));
        raise_own(&mut counts, count("b", Period::Hour, 1, 0), hour(1));
        assert_eq!(
            counts,
            [
                count("a", Period::Hour, 1, 3),
                count("a", Period::Day, 0, 1),
                count("b", Period::Hour, 1, 1)
            ]
        );
    }

    #[test]
    fn i14_what_a_contact_was_answered_in_periods_that_are_over_does_not_pile_up() {
        let mut counts = Vec::new();
        for day in 0..1000 {
            let (rule, begun) = (format!("rule-{day}"), day * 24);
            raise_own(
                &mut counts,
                count(&rule, Period::Day, begun, 0),
                hour(begun),
            );
        }
        assert!(counts.len() <= 2, "{}", counts.len());
    }

    #[test]
    fn i14_a_contact_has_so_many_counts_and_the_oldest_gives_way() {
        let mut counts = Vec::new();
        for index in 0..limits::COUNTS_PER_CONTACT as u64 + 5 {
            let rule = format!("rule-{index}");
            let now = hour(0).plus(Span::from_seconds(index));
            let begun = RuleCount {
                since: now,
                ..count(&rule, Period::Week, 0, 0)
            };
            raise_own(&mut counts, begun, now);
        }
        assert_eq!(counts.len(), limits::COUNTS_PER_CONTACT);
        assert_eq!(counts[0].rule.as_str(), "rule-5");
    }
}
