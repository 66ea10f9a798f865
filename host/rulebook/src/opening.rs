//! Opening hours: whether it is open, when it opens next, when it closes.
//!
//! Times are local. Where the clocks go forward, a time that is left out means the moment after the gap; where they go back, a
//! time that comes twice means the first of the two.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use model::{Moment, ValuePresence};

use crate::limits;

/// Minutes of a day on the clock.
pub(crate) const DAY_MINUTES: u16 = 24 * 60;

/// Opening hours by a name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hours {
    pub(crate) name: String,
    /// From Monday on; each day's in the order of the clock.
    pub(crate) week: [Vec<Interval>; 7],
    /// Days on which nothing opens.
    pub(crate) closed: BTreeSet<Date>,
    pub(crate) timezone: TimeZone,
}

/// From when to when on one day, in minutes since midnight. The end is past [`DAY_MINUTES`] if it is on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Interval {
    pub(crate) from: u16,
    pub(crate) to: u16,
}

impl Hours {
    pub(crate) fn is_open(&self, now: Moment) -> bool {
        self.local(now)
            .is_some_and(|now| self.end_of_spell(&now).is_some())
    }

    /// When it closes; nothing if it is closed, or never closes.
    pub(crate) fn closes_at(&self, now: Moment) -> Option<Zoned> {
        self.end_of_opening(&self.local(now)?)
    }

    /// When it opens from now on; if it is open, the time after that.
    pub(crate) fn opens_next(&self, now: Moment) -> Option<Zoned> {
        if self.is_empty() {
            return None;
        }
        let now = self.local(now)?;
        let from = if self.end_of_spell(&now).is_some() {
            self.end_of_opening(&now)?
        } else {
            now
        };
        let first = from.date();
        // Hours of one day a week, all of whose next days are closed: then it is the day after those.
        let days = 7 * (self.closed.len() + 1) + 1;
        (0..=days)
            .find_map(|ahead| {
                let day = first.checked_add(i64::try_from(ahead).ok()?.days()).ok()?;
                self.spells_of(day)
                    .map(|(start, _)| start)
                    .filter(|start| *start >= from.timestamp())
                    .min()
            })
            .map(|start| start.to_zoned(self.timezone.clone()))
    }

    /// That time in these hours' place.
    pub(crate) fn local(&self, now: Moment) -> Option<Zoned> {
        Timestamp::from_millisecond(now.0)
            .ok()
            .map(|time| time.to_zoned(self.timezone.clone()))
    }

    /// It never opens on any day.
    pub(crate) fn is_empty(&self) -> bool {
        self.week.iter().all(Vec::is_empty)
    }

    /// Whether there is a next opening in every turn.
    pub(crate) fn presence_of_opening(&self) -> ValuePresence {
        if self.is_empty() || self.never_closes() {
            ValuePresence::Sometimes
        } else {
            ValuePresence::Always
        }
    }

    /// Whether there is a closing time in every turn in which it is open.
    pub(crate) fn presence_of_closing(&self) -> ValuePresence {
        if self.never_closes() {
            ValuePresence::Sometimes
        } else {
            ValuePresence::Always
        }
    }

    /// Every minute of the week is open.
    fn never_closes(&self) -> bool {
        let week = 7 * u32::from(DAY_MINUTES);
        let mut spells: Vec<(u32, u32)> = Vec::new();
        for (day, intervals) in (0_u32..).zip(&self.week) {
            let midnight = day * u32::from(DAY_MINUTES);
            for interval in intervals {
                let (from, to) = (
                    midnight + u32::from(interval.from),
                    midnight + u32::from(interval.to),
                );
                spells.push((from, to));
                // Sunday's night reaches into Monday.
                if to > week {
                    spells.push((0, to - week));
                }
            }
        }
        spells.sort_unstable();
        let covered = spells.into_iter().fold(0, |covered, (from, to)| {
            if from <= covered {
                covered.max(to)
            } else {
                covered
            }
        });
        covered >= week
    }

    /// The end of all intervals from here on that touch.
    fn end_of_opening(&self, now: &Zoned) -> Option<Zoned> {
        if self.closed.is_empty() && self.never_closes() {
            return None;
        }
        let mut end = self.end_of_spell(now)?;
        for _ in 0..limits::HOURS_TOUCHING {
            match self.end_of_spell(&end) {
                Some(further) => end = further,
                None => return Some(end),
            }
        }
        None
    }

    /// The end of the interval that this time is in: one of today's, or one of yesterday's that lasts past midnight.
    fn end_of_spell(&self, now: &Zoned) -> Option<Zoned> {
        let today = now.date();
        [today.yesterday().ok(), Some(today)]
            .into_iter()
            .flatten()
            .flat_map(|day| self.spells_of(day))
            .filter(|(start, end)| *start <= now.timestamp() && now.timestamp() < *end)
            .map(|(_, end)| end)
            .max()
            .map(|end| end.to_zoned(self.timezone.clone()))
    }

    /// From when to when it is open, of what begins on a day.
    fn spells_of(&self, day: Date) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let index = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or_default();
        let intervals = self
            .week
            .get(index)
            .filter(|_| !self.closed.contains(&day))
            .map_or(&[][..], Vec::as_slice);
        intervals
            .iter()
            .filter_map(move |interval| {
                Some((
                    self.point(day, interval.from)?,
                    self.point(day, interval.to)?,
                ))
            })
            // Of an interval that begins where clocks leave time out nothing may be left.
            .filter(|(start, end)| start < end)
    }

    fn point(&self, day: Date, minutes: u16) -> Option<Timestamp> {
        let (day, minutes) = match minutes.checked_sub(DAY_MINUTES) {
            Some(rest) => (day.tomorrow().ok()?, rest),
            None => (day, minutes),
        };
        let part = |number: u16| i8::try_from(number).ok();
        let time = Time::new(part(minutes / 60)?, part(minutes % 60)?, 0, 0).ok()?;
        let zoned = DateTime::from_parts(day, time)
            .to_zoned(self.timezone.clone())
            .ok()?;
        Some(zoned.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZoneDatabase;
    use model::Span;
    use proptest::prelude::*;

    use super::*;

    /// Among them one that moves its clocks by half an hour, and one that moves them at midnight.
    const ZONES: [&str; 4] = [
        "America/New_York",
        "Australia/Lord_Howe",
        "Africa/Cairo",
        "America/Sao_Paulo",
    ];

    fn interval() -> impl Strategy<Value = Interval> {
        (0..DAY_MINUTES, 1..=DAY_MINUTES).prop_map(|(from, length)| Interval {
            from,
            to: from + length,
        })
    }

    fn hours() -> impl Strategy<Value = Hours> {
        let week = proptest::array::uniform7(proptest::collection::vec(interval(), 0..3));
        let closed = proptest::collection::btree_set(0..400_i64, 0..40);
        (week, closed, 0..ZONES.len()).prop_map(|(week, closed, zone)| Hours {
            name: "shop".to_owned(),
            week,
            closed: closed
                .into_iter()
                .map(|day| Date::constant(2026, 1, 1).checked_add(day.days()).unwrap())
                .collect(),
            timezone: TimeZoneDatabase::bundled().get(ZONES[zone]).unwrap(),
        })
    }

    fn moment(at: &Zoned) -> Moment {
        Moment(at.timestamp().as_millisecond())
    }

    proptest! {
        #[test]
        fn what_opens_next_is_closed_before_and_open_then(hours in hours(), minute in 0..525_600_i64) {
            // 2026 begins, and any minute of it.
            let now = Moment(1_767_225_600_000 + minute * 60_000);
            let just_before = |at: Moment| at.minus(Span::from_millis(1));
            if let Some(opens) = hours.opens_next(now).as_ref().map(moment) {
                prop_assert!(opens > now);
                prop_assert!(hours.is_open(opens) && !hours.is_open(just_before(opens)));
            }
            let closes = hours.closes_at(now).as_ref().map(moment);
            if let Some(closes) = closes {
                prop_assert!(closes > now && hours.is_open(now));
                prop_assert!(!hours.is_open(closes) && hours.is_open(just_before(closes)));
            }
            prop_assert!(hours.is_open(now) || closes.is_none());
            prop_assert!(hours.is_open(now) || hours.is_empty() || hours.opens_next(now).is_some());
            // What is said to be there always is there.
            if hours.is_open(now) && hours.presence_of_closing() == ValuePresence::Always {
                prop_assert!(closes.is_some());
            }
            if hours.presence_of_opening() == ValuePresence::Always {
                prop_assert!(hours.opens_next(now).is_some());
            }
        }
    }
}
