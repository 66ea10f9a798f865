//! What was answered for one message, kept for its further attempts (I9).

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use model::{Asked, PluginName};

use crate::lanes::Seat;
use crate::{limits, locked, record};

/// Where in a decision something was asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Which step.
    pub(crate) step: usize,
    /// Which run of it.
    pub(crate) run: usize,
    /// Whose.
    pub(crate) plugin: PluginName,
    /// Which question of the run.
    pub(crate) question: usize,
}

/// What was answered for one message, by whichever of its attempts. It goes when the message is done.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// Its attempts' turn: given up while one of them waits for an answer.
    pub(crate) seat: Seat,
    kept: Mutex<Kept>,
    shows_typing: AtomicBool,
}

#[derive(Debug, Default)]
struct Kept {
    asked: BTreeMap<Place, Asked>,
    bytes: usize,
}

impl Answers {
    /// What was asked at this place before.
    pub(super) fn at(&self, place: &Place) -> Option<Asked> {
        locked(&self.kept).asked.get(place).cloned()
    }

    /// Keeps an answer for a further attempt.
    pub(super) fn keep(&self, place: Place, asked: Asked) {
        let mut kept = locked(&self.kept);
        if let Some(former) = kept.asked.remove(&place) {
            kept.bytes = kept.bytes.saturating_sub(record::bytes(&former));
        }
        let bytes = kept.bytes.saturating_add(record::bytes(&asked));
        if bytes > limits::ANSWERS_KEPT_BYTES {
            tracing::warn!(
                "one message asked so much that an answer is not kept: should it run again, it asks again"
            );
            return;
        }
        kept.bytes = bytes;
        kept.asked.insert(place, asked);
    }

    /// True the first time.
    pub(crate) fn begins_typing(&self) -> bool {
        !self.shows_typing.swap(true, Ordering::Relaxed)
    }
}
