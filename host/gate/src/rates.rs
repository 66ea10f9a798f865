//! What has left lately, and when there is room again.

mod remembered;
mod steady;
#[cfg(test)]
mod tests;

use std::borrow::Borrow;
use std::collections::VecDeque;
use std::hash::Hash;

use model::{ContactId, Moment, NumberId, Span};

use self::remembered::Remembered;
use self::steady::Steady;
use crate::{Pace, limits};

const SECOND: Span = Span::from_seconds(1);
/// Further ahead than a whole burst takes to recover, nobody can be.
const PAIR_RECOVERS: Span = Span::from_seconds(6 * 45);
/// For what has spent nothing.
const LONG_AGO: Moment = Moment(i64::MIN);

/// The rates of numbers, of accounts, and of pairs of number and contact, as far as they have not recovered.
#[derive(Debug, Default)]
pub struct Rates {
    /// A clock that was set back neither frees nor blocks anything.
    steady: Steady,
    /// When each of a number's departures of the last second was.
    numbers: Remembered<NumberId, VecDeque<Moment>>,
    /// The same of an account, which numbers of several tenants may share.
    accounts: Remembered<String, VecDeque<Moment>>,
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

    /// Something left: now, or before a restart, the oldest first.
    pub fn note(&mut self, number: &NumberId, pace: &Pace, contact: ContactId, at: Moment) {
        let at = self.steady.reach(at);
        spend(
            &mut self.numbers,
            number.clone(),
            limits::NUMBERS_REMEMBERED,
            at,
        );
        if let Some(account) = &pace.account {
            spend(
                &mut self.accounts,
                account.account.clone(),
                limits::ACCOUNTS_REMEMBERED,
                at,
            );
        }
        if let Some(done) = self.pairs.entry(
            (number.clone(), contact),
            limits::PAIRS_REMEMBERED,
            |done| *done <= at,
            at.plus(PAIR_RECOVERS),
        ) {
            *done = Moment((*done).max(at).0.saturating_add(limits::PAIR_INTERVAL_MS));
        }
    }

    /// When this number, and its account, may send again, whomever it is for; now if they may.
    #[must_use]
    pub fn number_opens(&self, number: &NumberId, pace: &Pace, now: Moment) -> Moment {
        if self.steady.was_set_back(now) {
            // `release` sets time going again: nobody is to wait outside of it for a time that does not pass.
            return now;
        }
        self.steady
            .on_the_clock(self.number_opens_at(number, pace), now)
    }

    /// How many more this number, and its account, may send now, whomever they are for.
    #[must_use]
    pub fn number_room(&self, number: &NumberId, pace: &Pace, now: Moment) -> usize {
        if self.steady.was_set_back(now) {
            return 1;
        }
        let is_over = |time: Moment| self.steady.on_the_clock(time, now) <= now;
        let by_number = second_room(&self.numbers, number, pace.per_second, is_over);
        let by_account = pace.account.as_ref().map_or(usize::MAX, |account| {
            let name = account.account.as_str();
            second_room(&self.accounts, name, account.per_second, is_over)
        });
        by_number.min(by_account)
    }

    /// When one more conforms; now if it does. What waits to leave is not counted: it has spent nothing yet, and may be taken back.
    #[must_use]
    pub(crate) fn opens(
        &self,
        number: &NumberId,
        pace: &Pace,
        contact: ContactId,
        now: Moment,
    ) -> Moment {
        let tolerance = (limits::PAIR_BURST - 1) * limits::PAIR_INTERVAL_MS;
        let by_pair = match self.pairs.value(&(number.clone(), contact)) {
            Some(done) => Moment(done.0.saturating_sub(tolerance)),
            None => self.pairs.forgotten_until,
        };
        let opens = self.number_opens_at(number, pace).max(by_pair);
        self.steady.on_the_clock(opens, now)
    }

    /// The clock has come to this.
    pub(crate) fn reach(&mut self, now: Moment) {
        self.steady.reach(now);
    }

    fn number_opens_at(&self, number: &NumberId, pace: &Pace) -> Moment {
        let by_number = second_opens(&self.numbers, number, pace.per_second);
        let by_account = pace.account.as_ref().map(|account| {
            second_opens(&self.accounts, account.account.as_str(), account.per_second)
        });
        by_number.max(by_account.unwrap_or(LONG_AGO))
    }
}

/// One departure of the last second more.
fn spend<K: Hash + Eq>(
    of: &mut Remembered<K, VecDeque<Moment>>,
    key: K,
    most_keys: usize,
    at: Moment,
) {
    let recovered =
        |times: &VecDeque<Moment>| times.back().is_none_or(|last| last.plus(SECOND) <= at);
    let Some(times) = of.entry(key, most_keys, recovered, at.plus(SECOND)) else {
        return;
    };
    // I14: what is older than a second counts for nothing; and whoever sends so many in one has the highest rate there is.
    while times.len() >= limits::SECOND_REMEMBERED
        || times.front().is_some_and(|first| first.plus(SECOND) <= at)
    {
        times.pop_front();
    }
    times.push_back(at);
}

/// How many more a second has room for.
fn second_room<K, Q>(
    of: &Remembered<K, VecDeque<Moment>>,
    key: &Q,
    per_second: u32,
    is_over: impl Fn(Moment) -> bool,
) -> usize
where
    K: Hash + Eq + Borrow<Q>,
    Q: Hash + Eq + ?Sized,
{
    let most = usize::try_from(per_second.max(1)).unwrap_or(usize::MAX);
    match of.value(key) {
        // They are in the order of time.
        Some(times) => {
            let recovered = times.partition_point(|time| is_over(time.plus(SECOND)));
            most.saturating_sub(times.len() - recovered)
        }
        None if is_over(of.forgotten_until) => most,
        None => 0,
    }
}

/// When a second has room for one more.
fn second_opens<K, Q>(of: &Remembered<K, VecDeque<Moment>>, key: &Q, per_second: u32) -> Moment
where
    K: Hash + Eq + Borrow<Q>,
    Q: Hash + Eq + ?Sized,
{
    let Some(times) = of.value(key) else {
        return of.forgotten_until;
    };
    let most = usize::try_from(per_second.max(1)).unwrap_or(usize::MAX);
    let makes_room = times.len().checked_sub(most);
    makes_room
        .and_then(|place| times.get(place))
        .map_or(LONG_AGO, |first| first.plus(SECOND))
}
