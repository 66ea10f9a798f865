//! Heads of lanes as accept has just written them: a lane that was idle need not read them back.
//!
//! Only the head of a lane with nothing else in it is kept, until somebody asks for it, once. What has changed of its contact since shows
//! when it settles: then it is read again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Head, Lane, limits};

#[derive(Debug, Default)]
pub(super) struct Heads(Mutex<HashMap<Lane, Head>>);

impl Heads {
    /// Keeps what was committed. What finds no room is read when it is asked for.
    pub(super) fn keep(&self, lane: Lane, head: Head) {
        let mut heads = self.of();
        if heads.len() < limits::HEADS_KEPT || heads.contains_key(&lane) {
            heads.insert(lane, head);
        }
    }

    pub(super) fn take(&self, lane: &Lane) -> Option<Head> {
        self.of().remove(lane)
    }

    /// Something was written that these may not show.
    pub(super) fn forget_all(&self) {
        self.of().clear();
    }

    fn of(&self) -> MutexGuard<'_, HashMap<Lane, Head>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
