//! Calls that wait for news: so many at once, so long, and no longer than the engine runs.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use engine::Engine;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::limits;
use crate::problem::Problem;

/// The places of those who wait.
pub(crate) struct Waiting {
    places: Semaphore,
    refused: AtomicU64,
}

impl Default for Waiting {
    fn default() -> Self {
        Self {
            places: Semaphore::new(limits::WAITING_AT_ONCE),
            refused: AtomicU64::new(0),
        }
    }
}

impl Waiting {
    /// Looks again at every piece of news until what is seen is `enough` or the time is over, and returns what it saw last.
    pub(crate) async fn until<T, F>(
        &self,
        engine: &Engine,
        wait: Duration,
        mut look: impl FnMut() -> F,
        enough: impl Fn(&T) -> bool,
    ) -> Result<T, Problem>
    where
        F: Future<Output = Result<T, Problem>>,
    {
        // Subscribed before the first look: what comes between the two is not missed.
        let mut news = engine.news();
        let mut seen = look().await?;
        if wait.is_zero() || enough(&seen) {
            return Ok(seen);
        }
        let _place = self.place()?;
        let mut stopping = engine.stopping();
        let deadline = Instant::now() + wait;
        loop {
            tokio::select! {
                changed = news.changed() => if changed.is_err() { return Err(stopped()) },
                _ = stopping.wait_for(|stops| *stops) => return Err(stopped()),
                () = tokio::time::sleep_until(deadline) => return Ok(seen),
            }
            seen = look().await?;
            if enough(&seen) {
                return Ok(seen);
            }
            tokio::time::sleep(limits::LOOK_AGAIN).await;
        }
    }

    /// How many wait now, and how many were turned away.
    pub(crate) fn counts(&self) -> (usize, u64) {
        let taken = limits::WAITING_AT_ONCE.saturating_sub(self.places.available_permits());
        (taken, self.refused.load(Ordering::Relaxed))
    }

    fn place(&self) -> Result<SemaphorePermit<'_>, Problem> {
        self.places.try_acquire().map_err(|_| {
            self.refused.fetch_add(1, Ordering::Relaxed);
            Problem::busy(format!(
                "{} calls wait for news already: ask again, or ask without wait_ms",
                limits::WAITING_AT_ONCE
            ))
        })
    }
}

fn stopped() -> Problem {
    Problem::busy("this host is stopping")
}
