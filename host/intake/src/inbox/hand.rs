//! What a pump has received and not finished: it is held, which is to say hidden from others, until it is accepted or given back.

use std::ops::Range;
use std::time::Duration;

use model::Notice;
use tokio::time::Instant;

use super::Receipt;
use crate::numbers::Sorted;
use crate::{Answer, limits};

/// One delivery in hand, read.
pub(super) struct Held {
    pub(super) receipt: Receipt,
    /// The queue's id, for logs.
    pub(super) id: String,
    pub(super) sorted: Sorted,
    pub(super) then: Then,
    is_accepted: bool,
    /// How often it was refused while others were accepted.
    refusals: u32,
    received: Instant,
    extend_at: Instant,
}

/// What becomes of a delivery when its notices are durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// It is deleted.
    Delete,
    /// It could not be read: it stays in the queue, whose own redrive policy says for how long.
    Leave,
}

impl Held {
    pub(super) fn new(receipt: Receipt, id: String, sorted: Sorted, then: Then) -> Self {
        let now = Instant::now();
        Self {
            receipt,
            id,
            sorted,
            then,
            is_accepted: false,
            refusals: 0,
            received: now,
            extend_at: now,
        }
    }

    /// What became of it, once it is durable.
    pub(super) fn answer(&self) -> Answer {
        match self.then {
            Then::Leave => Answer::Unreadable,
            Then::Delete if self.sorted.notices.is_empty() => Answer::Empty,
            Then::Delete => Answer::Accepted,
        }
    }
}

/// All deliveries in hand, in the order of their arrival.
pub(super) struct Hand {
    held: Vec<Held>,
    /// Half of the visibility: one extension that fails leaves time for another.
    pace: Duration,
}

impl Hand {
    pub(super) fn new(visibility: Duration) -> Self {
        Self {
            held: Vec::new(),
            pace: (visibility / 2).max(limits::QUEUE_PACE),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// How many more it takes.
    pub(super) fn room(&self) -> usize {
        limits::QUEUE_BATCH.saturating_sub(self.held.len())
    }

    pub(super) fn take_up(&mut self, mut held: Held) {
        held.extend_at = held.received + self.pace;
        self.held.push(held);
    }

    /// The first that go into one accept: a bounded number of notices, one delivery at least.
    pub(super) fn portion(&self) -> Range<usize> {
        let mut notices = 0;
        let fitting = self.held.iter().take_while(|held| {
            notices += held.sorted.notices.len();
            notices <= limits::NOTICES_PER_BODY
        });
        0..fitting.count().max(1).min(self.held.len())
    }

    /// The notices of some. They stay here as well: an accept may fail.
    pub(super) fn notices(&self, portion: Range<usize>) -> Vec<Notice> {
        let some = self.held.get(portion).unwrap_or_default();
        let notices = some.iter().flat_map(|held| &held.sorted.notices);
        notices.cloned().collect()
    }

    /// These are durable.
    pub(super) fn accepted(&mut self, portion: Range<usize>) {
        for held in self.held.get_mut(portion).unwrap_or_default() {
            held.is_accepted = true;
        }
    }

    /// Lets go of what is durable.
    pub(super) fn let_go_of_the_accepted(&mut self) -> Vec<Held> {
        self.held.extract_if(.., |held| held.is_accepted).collect()
    }

    /// Others of this portion were accepted: it is not the ledger alone. Lets go of what was refused too often.
    pub(super) fn let_go_of_the_refused(&mut self, portion: Range<usize>) -> Vec<Held> {
        let refused = self.held.extract_if(portion, |held| {
            held.refusals += u32::from(!held.is_accepted);
            held.refusals >= limits::QUEUE_REFUSALS
        });
        refused.collect()
    }

    /// Lets go of what the queue would not let us hold any longer.
    pub(super) fn let_go_of_the_old(&mut self) -> Vec<Held> {
        let is_old = |held: &mut Held| held.received.elapsed() >= limits::QUEUE_HOLD;
        self.held.extract_if(.., is_old).collect()
    }

    /// When something must be extended next.
    pub(super) fn next_extension(&self) -> Option<Instant> {
        self.held.iter().map(|held| held.extend_at).min()
    }

    /// What is to be extended now, with what would have to be soon.
    pub(super) fn due(&self) -> Vec<Receipt> {
        let soon = Instant::now() + self.pace / 2;
        let due = self.held.iter().filter(|held| held.extend_at <= soon);
        due.map(|held| held.receipt.clone()).collect()
    }

    /// These were extended, or could not be: when to extend them again.
    pub(super) fn extended(&mut self, receipts: &[Receipt], worked: bool) {
        let wait = if worked { self.pace } else { self.pace / 2 };
        let next = Instant::now() + wait;
        let these = self.held.iter_mut();
        for held in these.filter(|held| receipts.contains(&held.receipt)) {
            held.extend_at = next;
        }
    }

    pub(super) fn receipts(&self) -> Vec<Receipt> {
        self.held.iter().map(|held| held.receipt.clone()).collect()
    }
}
