//! A bounded list of what happened, which readers can follow.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::stop::Stop;

/// Entries in the order of their sequence numbers, from 1. The oldest give way at either limit.
pub(crate) struct Journal<T> {
    kept: Mutex<Kept<T>>,
    newest: watch::Sender<u64>,
    most_entries: usize,
    most_bytes: usize,
}

struct Kept<T> {
    entries: VecDeque<Entry<T>>,
    bytes: usize,
    dropped: u64,
    newest: u64,
}

struct Entry<T> {
    sequence: u64,
    bytes: usize,
    what: T,
}

/// What a reader asked for.
pub(crate) struct Page<T> {
    pub(crate) entries: Vec<T>,
    /// What to ask for next.
    pub(crate) next: u64,
    /// Entries that gave way since the journal was last cleared.
    pub(crate) dropped: u64,
}

impl<T: Clone> Journal<T> {
    pub(crate) fn new(most_entries: usize, most_bytes: usize) -> Self {
        let kept = Kept {
            entries: VecDeque::new(),
            bytes: 0,
            dropped: 0,
            newest: 0,
        };
        Self {
            kept: Mutex::new(kept),
            newest: watch::Sender::new(0),
            most_entries,
            most_bytes,
        }
    }

    /// Adds what `make` makes of the entry's sequence number; it counts as so many bytes.
    pub(crate) fn push(&self, bytes: usize, make: impl FnOnce(u64) -> T) {
        let mut kept = self.lock();
        let sequence = kept.newest + 1;
        kept.newest = sequence;
        kept.bytes += bytes;
        kept.entries.push_back(Entry {
            sequence,
            bytes,
            what: make(sequence),
        });
        while kept.entries.len() > self.most_entries || kept.bytes > self.most_bytes {
            let Some(oldest) = kept.entries.pop_front() else {
                break;
            };
            kept.bytes -= oldest.bytes;
            kept.dropped += 1;
        }
        // Announced under the lock, so that readers never see the number go back.
        self.newest.send_replace(sequence);
    }

    /// What came after `after`; waits for it if there is nothing yet.
    pub(crate) async fn follow(
        &self,
        after: u64,
        wait: Duration,
        stop: &Stop,
        wanted: impl Fn(&T) -> bool,
    ) -> Page<T> {
        let mut news = self.newest.subscribe();
        let mut stop = stop.clone();
        let deadline = tokio::time::Instant::now() + wait;
        loop {
            news.mark_unchanged();
            let page = self.page(after, &wanted);
            if !page.entries.is_empty() || wait.is_zero() {
                return page;
            }
            tokio::select! {
                _ = news.changed() => {}
                () = tokio::time::sleep_until(deadline) => return self.page(after, &wanted),
                () = stop.stopped() => return page,
            }
        }
    }

    /// The newest entry for which `find` finds something.
    pub(crate) fn newest<R>(&self, find: impl Fn(&T) -> Option<R>) -> Option<R> {
        self.lock()
            .entries
            .iter()
            .rev()
            .find_map(|entry| find(&entry.what))
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// Forgets everything but the numbering, so that a reader's place stays valid. Says how many entries went.
    pub(crate) fn clear(&self) -> (usize, u64) {
        let mut kept = self.lock();
        let gone = kept.entries.len();
        kept.entries.clear();
        kept.bytes = 0;
        kept.dropped = 0;
        (gone, kept.newest)
    }

    fn page(&self, after: u64, wanted: impl Fn(&T) -> bool) -> Page<T> {
        let kept = self.lock();
        let from = kept
            .entries
            .partition_point(|entry| entry.sequence <= after);
        let entries = kept
            .entries
            .range(from..)
            .filter(|entry| wanted(&entry.what))
            .map(|entry| entry.what.clone())
            .collect();
        Page {
            entries,
            next: kept.newest,
            dropped: kept.dropped,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept<T>> {
        // A panic while holding it cannot leave it half changed in a way that matters to a stand-in.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn i14_the_oldest_give_way_and_are_counted() {
        let journal = Journal::new(3, 100);
        for _ in 0..5 {
            journal.push(1, |sequence| sequence);
        }
        let page = journal.page(0, |_| true);
        assert_eq!(
            (page.entries, page.next, page.dropped),
            (vec![3, 4, 5], 5, 2)
        );
        journal.push(99, |sequence| sequence);
        assert_eq!(
            journal.page(0, |_| true).entries,
            vec![5, 6],
            "bytes count too"
        );
        journal.clear();
        journal.push(1, |sequence| sequence);
        assert_eq!(
            journal.page(6, |_| true).entries,
            vec![7],
            "a reader's place stays valid"
        );
    }

    #[tokio::test]
    async fn a_reader_waits_for_what_it_wants() {
        let (stop, _stopper) = Stop::new();
        let journal = std::sync::Arc::new(Journal::new(10, 100));
        let reader = tokio::spawn({
            let journal = std::sync::Arc::clone(&journal);
            async move {
                journal
                    .follow(0, Duration::from_secs(10), &stop, |n: &u64| *n == 2)
                    .await
                    .entries
            }
        });
        journal.push(1, |sequence| sequence);
        journal.push(1, |sequence| sequence);
        assert_eq!(reader.await.unwrap(), vec![2]);
    }
}
