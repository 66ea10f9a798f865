//! What has left lately, and when there is room again.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use model::{ContactId, Moment, NumberId, Span};

use crate::limits;

const SECOND: Span = Span::from_seconds(1);
/// Further ahead than a whole burst takes to recover, nobody can be.
const PAIR_RECOVERS: Span = Span::from_seconds(6 * 45);

/// The rates of numbers, and of pairs of number and contact, as far as they have not recovered.
#[derive(Debug, Default)]
pub struct Rates {
    /// When each of a number's last departures was, at most a second's worth.
    numbers: Remembered<NumberId, VecDeque<Moment>>,
    /// By when a sender who never burst would be done with what has left (the generic cell rate algorithm). A contact's id is
    /// its tenant's own; the number, which has one owner, tells the tenants apart.
    pairs: Remembered<(NumberId, ContactId), Moment>,
}

impl Rates {
    /// Nothing has left yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Something left: now, or before a restart.
    pub fn note(&mut self, number: &NumberId, contact: ContactId, at: Moment) {
        let recovered =
            |times: &VecDeque<Moment>| times.back().is_none_or(|last| last.plus(SECOND) <= at);
        let until = at.plus(SECOND);
        if let Some(times) =
            self.numbers
                .entry(number.clone(), limits::NUMBERS_REMEMBERED, recovered, until)
        {
            times.retain(|time| *time <= at);
            times.push_back(at);
            if times.len() > usize::try_from(limits::NUMBER_BURST).unwrap_or(usize::MAX) {
                times.pop_front();
            }
        }
        let recovered = |done: &Moment| *done <= at;
        let until = at.plus(PAIR_RECOVERS);
        if let Some(done) = self.pairs.entry(
            (number.clone(), contact),
            limits::PAIRS_REMEMBERED,
            recovered,
            until,
        ) {
            *done = believable(*done, at);
            *done = Moment((*done).max(at).0.saturating_add(limits::PAIR_INTERVAL_MS));
        }
    }

    /// When one more conforms; in the past if it does now. A clock that was set back counts for nothing: what it said before
    /// lies in a future that nobody waits for.
    #[must_use]
    pub(crate) fn opens(&self, number: &NumberId, contact: ContactId, now: Moment) -> Moment {
        let full = usize::try_from(limits::NUMBER_BURST).unwrap_or(usize::MAX);
        let by_number = match self.numbers.of.get(number) {
            Some(times) if times.len() >= full => times
                .front()
                .filter(|first| **first <= now)
                .map_or(Moment(i64::MIN), |first| first.plus(SECOND)),
            Some(_) => Moment(i64::MIN),
            None => self.numbers.forgotten_until,
        };
        let tolerance = (limits::PAIR_BURST - 1) * limits::PAIR_INTERVAL_MS;
        let by_pair = match self.pairs.of.get(&(number.clone(), contact)) {
            Some(done) => Moment(believable(*done, now).0.saturating_sub(tolerance)),
            None => self.pairs.forgotten_until,
        };
        by_number.max(by_pair)
    }

    /// How long one more would wait.
    #[must_use]
    pub(crate) fn projected_wait(
        &self,
        number: &NumberId,
        contact: ContactId,
        now: Moment,
    ) -> Span {
        self.opens(number, contact, now).since(now)
    }
}

/// A pair's debt, unless it is larger than any debt can be.
fn believable(done: Moment, now: Moment) -> Moment {
    if done > now.plus(PAIR_RECOVERS) {
        Moment(i64::MIN)
    } else {
        done
    }
}

/// Values by key, bounded: what has recovered is forgotten.
#[derive(Debug)]
struct Remembered<K, V> {
    of: HashMap<K, V>,
    /// Swept when so many are there: seldom, so that many departures share the cost.
    sweep_at: usize,
    /// I14: keys that are not remembered wait until then, since what they spent may have been forgotten.
    forgotten_until: Moment,
}

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Self {
        Self {
            of: HashMap::new(),
            sweep_at: 0,
            forgotten_until: Moment(i64::MIN),
        }
    }
}

impl<K: Hash + Eq, V: Unspent> Remembered<K, V> {
    /// The key's value. Nothing if there is no room for a new key: then all keys without one wait `until`.
    fn entry(
        &mut self,
        key: K,
        most: usize,
        recovered: impl Fn(&V) -> bool,
        until: Moment,
    ) -> Option<&mut V> {
        const FEW: usize = 1024;
        let is_new = !self.of.contains_key(&key);
        if is_new && self.of.len() >= self.sweep_at.max(FEW.min(most)) {
            self.of.retain(|_, value| !recovered(value));
            self.sweep_at = (self.of.len() * 2).min(most);
        }
        if is_new && self.of.len() >= most {
            self.forgotten_until = self.forgotten_until.max(until);
            return None;
        }
        Some(self.of.entry(key).or_insert_with(V::unspent))
    }
}

/// The value of a key that has spent nothing.
trait Unspent {
    fn unspent() -> Self;
}

impl Unspent for Moment {
    fn unspent() -> Self {
        Self(i64::MIN)
    }
}

impl Unspent for VecDeque<Moment> {
    fn unspent() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_800_000_000_000);

    fn number() -> NumberId {
        NumberId::new("100000000000001").unwrap()
    }

    fn later(milliseconds: u64) -> Moment {
        NOW.plus(Span::from_millis(milliseconds))
    }

    #[test]
    fn a_pair_bursts_and_then_pays_back_one_each_six_seconds() {
        let mut rates = Rates::new();
        for _ in 0..limits::PAIR_BURST {
            assert!(rates.opens(&number(), ContactId(1), NOW) <= NOW);
            rates.note(&number(), ContactId(1), NOW);
        }
        assert_eq!(rates.opens(&number(), ContactId(1), NOW), later(6000));
        assert_eq!(
            rates.projected_wait(&number(), ContactId(1), later(5000)),
            Span::from_seconds(1)
        );
        rates.note(&number(), ContactId(1), later(6000));
        assert_eq!(
            rates.opens(&number(), ContactId(1), later(6000)),
            later(12_000)
        );
        assert!(
            rates.opens(&number(), ContactId(2), NOW) <= NOW,
            "another contact has a rate of its own"
        );
    }

    #[test]
    fn a_number_sends_eighty_within_any_second() {
        let mut rates = Rates::new();
        for contact in 0..limits::NUMBER_BURST.unsigned_abs() {
            assert!(rates.opens(&number(), ContactId(contact), later(contact)) <= later(contact));
            rates.note(&number(), ContactId(contact), later(contact));
        }
        assert_eq!(rates.opens(&number(), ContactId(999), NOW), later(1000));
        rates.note(&number(), ContactId(999), later(1000));
        assert_eq!(
            rates.opens(&number(), ContactId(998), later(1000)),
            later(1001)
        );
    }

    #[test]
    fn what_cannot_be_remembered_makes_strangers_wait_and_never_lets_more_through() {
        let mut pairs: Remembered<u64, Moment> = Remembered::default();
        for key in 0..2 {
            *pairs
                .entry(key, 2, |done| *done <= NOW, later(500))
                .unwrap() = later(100);
        }
        assert!(pairs.entry(2, 2, |done| *done <= NOW, later(500)).is_none());
        assert_eq!(pairs.forgotten_until, later(500));
        assert!(
            pairs.entry(1, 2, |done| *done <= NOW, later(500)).is_some(),
            "those remembered go on"
        );
        assert!(
            pairs
                .entry(2, 2, |done| *done <= later(100), later(600))
                .is_some(),
            "what has recovered makes room"
        );
        assert_eq!(pairs.of.len(), 1);
    }

    #[test]
    fn a_clock_that_was_set_back_silences_nobody() {
        let mut rates = Rates::new();
        for _ in 0..limits::NUMBER_BURST {
            rates.note(&number(), ContactId(1), later(3_600_000));
        }
        assert!(rates.opens(&number(), ContactId(1), NOW) <= NOW);
        for _ in 0..limits::PAIR_BURST {
            rates.note(&number(), ContactId(1), NOW);
        }
        assert!(
            rates.opens(&number(), ContactId(1), NOW) > NOW,
            "and from there on it counts again"
        );
    }
}
