//! Values by key, bounded.

use std::borrow::Borrow;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use model::Moment;

/// Values by key: what has recovered is forgotten.
#[derive(Debug)]
pub(super) struct Remembered<K, V> {
    of: HashMap<K, V>,
    /// Swept when so many are there: seldom, so that many departures share the cost.
    sweep_at: usize,
    /// I14: keys that are not remembered wait until then, since what they spent may have been forgotten.
    pub(super) forgotten_until: Moment,
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
    pub(super) fn value<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.of.get(key)
    }

    /// The key's value. Nothing if there is no room for a new key: then all keys without one wait `until`.
    pub(super) fn entry(
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
pub(super) trait Unspent {
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
    use model::Span;

    use super::*;

    const NOW: Moment = Moment(1_800_000_000_000);

    fn later(milliseconds: u64) -> Moment {
        NOW.plus(Span::from_millis(milliseconds))
    }

    #[test]
    fn i14_what_cannot_be_remembered_makes_strangers_wait_and_never_lets_more_through() {
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
}
