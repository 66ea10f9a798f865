//! Lines of the log that a busy sender would repeat a thousand times a second: said once, and again after a while.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use lru::LruCache;
use tokio::time::Instant;

use crate::limits;

/// When what was said last. What is not said is still counted, by the tally.
pub(crate) struct Seldom {
    said: Mutex<LruCache<(&'static str, String), Instant>>,
}

impl Seldom {
    pub(crate) fn new() -> Self {
        let most = NonZeroUsize::new(limits::LOG_SUBJECTS).unwrap_or(NonZeroUsize::MIN);
        Self {
            said: Mutex::new(LruCache::new(most)),
        }
    }

    /// It is time to say this of that.
    pub(crate) fn is_due(&self, what: &'static str, of: String) -> bool {
        let now = Instant::now();
        let key = (what, of);
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = said
            .get(&key)
            .is_none_or(|at| now.duration_since(*at) >= limits::LOG_AGAIN);
        if is_due {
            said.put(key, now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn i14_the_same_is_said_of_the_same_once_in_a_while() {
        let seldom = Seldom::new();
        let due = |of: &str| seldom.is_due("dropped", of.to_owned());
        assert!(due("1") && due("2"));
        assert!(!due("1") && !due("2"));
        assert!(seldom.is_due("kept aside", "1".to_owned()));
        tokio::time::advance(limits::LOG_AGAIN).await;
        assert!(due("1") && !due("1"));
    }
}
