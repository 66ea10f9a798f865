//! From when on what waits for a time holds, and how that is said.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use model::{Moment, Period};

use crate::bound::{Bound, Limit};
use crate::condition::{Condition, First};
use crate::{Facts, Rule};

/// Two that wait for each other (a campaign that is over before it opens again) are followed so far: a year of days.
const TRIES: usize = 400;

/// The first moment from now on at which all that waits for a time holds; now, if it does. None if there is none.
pub(super) fn all_hold_from(rule: &Rule, facts: &Facts<'_>) -> Option<Moment> {
    let mut at = facts.now;
    for _ in 0..TRIES {
        let mut later = at;
        for condition in &rule.conditions {
            later = later.max(next(condition, at, facts, &rule.timezone)?);
        }
        for bound in rule.bounds(&Facts { now: at, ..*facts }) {
            later = later.max(match bound {
                Bound::OncePer { until, .. } => until,
                Bound::Limit(limit, _) => end(limit, at, &rule.timezone)?,
                // No time makes them one of the share.
                Bound::Share(_) => at,
            });
        }
        if later == at {
            return Some(at);
        }
        at = later;
    }
    None
}

/// The first moment from `at` on at which a condition holds, as far as it depends on the time; none if it never will.
pub(super) fn next(
    condition: &Condition,
    at: Moment,
    facts: &Facts<'_>,
    timezone: &TimeZone,
) -> Option<Moment> {
    match condition {
        Condition::Hours(hours) => hours
            .iter()
            .filter_map(|hours| {
                if hours.is_open(at) {
                    Some(at)
                } else {
                    hours.opens_next(at).map(|opens| moment(&opens))
                }
            })
            .min(),
        Condition::Outside(hours) => hours
            .iter()
            .filter_map(|hours| {
                if hours.is_open(at) {
                    hours.closes_at(at).map(|closes| moment(&closes))
                } else {
                    Some(at)
                }
            })
            .min(),
        Condition::First(first) => match (first, facts.contact.previous_inbound) {
            // That they wrote before, no time undoes.
            (First::Ever, _) | (_, None) => Some(at),
            (First::Today, Some(previous)) => {
                let tomorrow = local(previous, timezone)?.date().tomorrow().ok()?;
                Some(at.max(start(tomorrow, timezone)?))
            }
            (First::Since(span), Some(previous)) => Some(at.max(previous.plus(*span))),
        },
        Condition::From(first) => Some(at.max(start(*first, timezone)?)),
        Condition::Until(last) => {
            let over = start(last.tomorrow().ok()?, timezone)?;
            (at < over).then_some(at)
        }
        _ => Some(at),
    }
}

/// When the period of a limit is over that this moment is in.
pub(super) fn end(limit: Limit, at: Moment, timezone: &TimeZone) -> Option<Moment> {
    let begun = local(limit.since(at, timezone), timezone)?;
    let over = match limit.per {
        Period::Minute => begun.checked_add(1.minute()),
        Period::Hour => begun.checked_add(1.hour()),
        Period::Day => begun
            .checked_add(1.day())
            .and_then(|day| day.start_of_day()),
        Period::Week => begun
            .checked_add(1.week())
            .and_then(|day| day.start_of_day()),
    };
    over.ok().map(|over| moment(&over))
}

/// `from tomorrow 09:00 on`.
pub(super) fn from(at: Moment, now: Moment, timezone: &TimeZone) -> String {
    let (Some(at), Some(now)) = (local(at, timezone), local(now, timezone)) else {
        return "later".to_owned();
    };
    let clock = at.strftime("%H:%M");
    let ahead = (at.date() - now.date()).get_days();
    let is_midnight = at.hour() == 0 && at.minute() == 0;
    match ahead {
        0 => format!("from {clock} on"),
        1 if is_midnight => "from midnight on".to_owned(),
        1 => format!("from tomorrow {clock} on"),
        2..=6 => format!("from {} {clock} on", at.strftime("%A")),
        _ => format!("from {} {clock} on", at.date()),
    }
}

pub(super) fn local(at: Moment, timezone: &TimeZone) -> Option<Zoned> {
    let time = Timestamp::from_millisecond(at.0).ok()?;
    Some(time.to_zoned(timezone.clone()))
}

fn start(day: Date, timezone: &TimeZone) -> Option<Moment> {
    day.to_zoned(timezone.clone())
        .ok()
        .map(|start| moment(&start))
}

fn moment(time: &Zoned) -> Moment {
    Moment(time.timestamp().as_millisecond())
}
