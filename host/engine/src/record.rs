//! How much room one decision's record has. It is stored whole, in 300 KiB at most: what would not fit is refused while the plugin
//! can still be told, and not cut away afterwards.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;

use crate::limits;

/// What one attempt's record has taken up so far, by whichever step.
#[derive(Debug)]
pub(crate) struct Room {
    used: AtomicUsize,
    most: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self::of(limits::RECORDED_BYTES)
    }
}

impl Room {
    /// Room for so many bytes.
    pub(crate) fn of(most: usize) -> Self {
        Self {
            used: AtomicUsize::new(0),
            most,
        }
    }

    /// Takes so many bytes, if they are left.
    pub(crate) fn take(&self, bytes: usize) -> bool {
        let taken = |used: usize| {
            let sum = used.checked_add(bytes)?;
            (sum <= self.most).then_some(sum)
        };
        self.used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken)
            .is_ok()
    }

    pub(crate) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    pub(crate) fn most(&self) -> usize {
        self.most
    }

    pub(crate) fn left(&self) -> usize {
        self.most.saturating_sub(self.used())
    }
}

/// How long a value is as it is recorded.
pub(crate) fn bytes<T: Serialize>(value: &T) -> usize {
    struct Count(usize);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    match serde_json::to_writer(&mut count, value) {
        Ok(()) => count.0,
        // What cannot be written has no room anywhere.
        Err(_) => usize::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i14_a_record_takes_what_fits_and_not_a_byte_more() {
        let room = Room::default();
        assert!(room.take(limits::RECORDED_BYTES - 10));
        assert!(!room.take(11));
        assert_eq!(room.left(), 10, "what did not fit took nothing");
        assert!(room.take(10));
        assert!(!room.take(usize::MAX));
        assert!(room.take(0));
    }

    #[test]
    fn bytes_are_counted_as_they_are_stored() {
        let text = "a \"quoted\" line\n";
        assert_eq!(bytes(&text), serde_json::to_string(text).unwrap().len());
    }
}
