//! Time that never runs back, whatever the clock does.

use model::{Moment, Span};

use crate::limits;

/// The clock as rates count it. Where the clock runs back a little, time stands still until it has caught up: whoever asks may have
/// looked at the clock a little earlier than who asked before. Where it was set back, time goes on from where it stood: what left
/// keeps its age, so that nobody waits for an hour to come round again, and nothing is forgotten early.
#[derive(Debug)]
pub(super) struct Steady {
    /// How far it is ahead of the clock, by all the times that the clock was set back.
    ahead: Span,
    /// The latest that it has reached.
    latest: Moment,
}

impl Default for Steady {
    fn default() -> Self {
        Self {
            ahead: Span::default(),
            latest: Moment(i64::MIN),
        }
    }
}

impl Steady {
    /// Goes on to the clock's time.
    pub(super) fn reach(&mut self, clock: Moment) -> Moment {
        self.ahead = self.ahead_at(clock);
        self.latest = self.latest.max(clock.plus(self.ahead));
        self.latest
    }

    /// What the clock will show at that time; `clock` if that is over.
    pub(super) fn on_the_clock(&self, at: Moment, clock: Moment) -> Moment {
        at.minus(self.ahead_at(clock)).max(clock)
    }

    /// The clock was set back since it was last looked at.
    pub(super) fn was_set_back(&self, clock: Moment) -> bool {
        self.ahead_at(clock) > self.ahead
    }

    fn ahead_at(&self, clock: Moment) -> Span {
        let back = self.latest.since(clock.plus(self.ahead));
        if back > limits::CLOCK_STRAYS {
            self.ahead.plus(back)
        } else {
            self.ahead
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_800_000_000_000);

    #[test]
    fn who_looked_at_the_clock_a_little_earlier_does_not_make_time_run_faster() {
        let mut steady = Steady::default();
        for second in 0..1000 {
            let clock = NOW.plus(Span::from_seconds(second));
            assert_eq!(steady.reach(clock), clock);
            assert_eq!(steady.reach(clock.minus(limits::CLOCK_STRAYS)), clock);
            let soon = clock.plus(Span::from_millis(100));
            assert_eq!(steady.on_the_clock(soon, clock), soon);
        }
    }

    #[test]
    fn time_goes_on_from_where_it_stood_when_the_clock_is_set_back() {
        let mut steady = Steady::default();
        steady.reach(NOW);
        let back = NOW.minus(Span::from_hours(1));
        assert!(steady.was_set_back(back));
        assert_eq!(steady.reach(back), NOW);
        assert!(!steady.was_set_back(back));
        let second = Span::from_seconds(1);
        assert_eq!(
            steady.on_the_clock(NOW.plus(second), back),
            back.plus(second)
        );
        assert_eq!(steady.reach(back.plus(second)), NOW.plus(second));
    }
}
