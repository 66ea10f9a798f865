//! How long to wait after a failure: longer each time, within bounds.

use std::time::Duration;

use crate::limits;

/// Waits between tries.
#[derive(Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// It went well: the next failure is a first one.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// The wait after one more failure.
    pub(super) fn next(&mut self) -> Duration {
        let doubled = 2_u32.saturating_pow(self.failures);
        self.failures = self.failures.saturating_add(1);
        limits::QUEUE_RETRY_FIRST
            .saturating_mul(doubled)
            .min(limits::QUEUE_RETRY_MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.next(), limits::QUEUE_RETRY_FIRST);
        assert_eq!(backoff.next(), limits::QUEUE_RETRY_FIRST * 2);
        for _ in 0..100 {
            assert!(backoff.next() <= limits::QUEUE_RETRY_MOST);
        }
        assert_eq!(backoff.next(), limits::QUEUE_RETRY_MOST);
        backoff.reset();
        assert_eq!(backoff.next(), limits::QUEUE_RETRY_FIRST);
    }
}
