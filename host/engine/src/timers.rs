//! What comes due by itself: a pause ends. A timer follows from what is stored, so a restart or a reload loses none.

use std::sync::Arc;
use std::time::Duration;

use ledger::{LedgerError, Timer};
use tokio::sync::Notify;

use crate::{Core, limits};

/// Wakes whoever waits for the next timer.
#[derive(Default)]
pub(crate) struct Timers(Notify);

impl Timers {
    /// There may be a timer that comes due sooner than those before.
    pub(crate) fn wake(&self) {
        self.0.notify_one();
    }
}

/// Runs until the engine stops.
pub(crate) async fn watch(core: Arc<Core>) {
    let mut stopping = core.stopping.subscribe();
    while !core.is_stopping() {
        let sleep = look(&core).await.unwrap_or_else(|error| {
            tracing::error!(%error, "timers could not be read");
            limits::LEDGER_WAIT
        });
        tokio::select! {
            biased;
            _ = stopping.wait_for(|stops| *stops) => {}
            () = core.timers.0.notified() => {}
            () = tokio::time::sleep(sleep) => {}
        }
    }
}

/// Does what is due, and says for how long nothing else will be.
async fn look(core: &Core) -> Result<Duration, LedgerError> {
    loop {
        let now = core.clock.now();
        let due = core.ledger.timers(now, limits::TIMERS_PER_READ).await?;
        let (found, mut ended) = (due.len(), 0);
        for Timer::PauseEnds { lane, at } in due {
            if core
                .ledger
                .end_pause(&lane.tenant, lane.contact, now)
                .await?
            {
                tracing::info!(tenant = %lane.tenant, contact = %lane.contact, since = at.0, "a pause has ended: the bot speaks again");
                ended += 1;
            }
        }
        if ended > 0 {
            core.outbox.wake();
            core.tell();
        }
        if found == limits::TIMERS_PER_READ && ended > 0 {
            continue;
        }
        let next = core.ledger.next_timer().await?;
        // One that is due and could not be ended waits for a tick: somebody else has changed it.
        let next = next.filter(|next| *next > now);
        return Ok(next.map_or(limits::TIMER_TICK, |next| {
            next.since(now).duration().min(limits::TIMER_TICK)
        }));
    }
}
