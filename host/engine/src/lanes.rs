//! Lanes: one contact in order, contacts in parallel (I4), tenants by turns. The order lives in the ledger; here is only who is awake.

mod awake;
mod report;
mod turns;

use std::sync::{Arc, Mutex};

use ledger::{Head, Joined, Lane, LedgerError, Next, Settled};
use model::{ContactId, TenantId};
use tokio::sync::{Notify, Semaphore};

use crate::asking::Answers;
use crate::{Core, attempt, limits, locked, outbox, settlement};
use awake::{Awake, Why};
use report::report;

pub(crate) use turns::Seat;

/// The lanes that are awake, and the attempts that they make.
pub(crate) struct Lanes {
    awake: Mutex<Awake>,
    turns: Arc<turns::Turns>,
    /// Whoever lost a race runs again alone: else many contacts at one shared key would beat one of them for ever.
    reruns: Semaphore,
    slept: Notify,
}

impl Default for Lanes {
    fn default() -> Self {
        Self {
            awake: Mutex::default(),
            turns: turns::Turns::new(limits::ATTEMPTS_AT_ONCE),
            reruns: Semaphore::new(limits::RERUNS_AT_ONCE),
            slept: Notify::new(),
        }
    }
}

impl Lanes {
    /// Returns when no lane is awake.
    pub(crate) async fn idle(&self) {
        self.until(|awake| awake.len() == 0).await;
    }

    /// Returns when a further lane can be woken.
    pub(crate) async fn room(&self) {
        self.until(|awake| awake.len() < limits::LANES_AWAKE).await;
    }

    async fn until(&self, is_so: impl Fn(&Awake) -> bool) {
        loop {
            let slept = self.slept.notified();
            if is_so(&locked(&self.awake)) {
                return;
            }
            slept.await;
        }
    }

    /// True if `sleeps` put the lane to sleep.
    fn sleep(&self, sleeps: impl FnOnce(&mut Awake) -> bool) -> bool {
        let is_asleep = sleeps(&mut locked(&self.awake));
        if is_asleep {
            self.slept.notify_waiters();
        }
        is_asleep
    }
}

/// Sees to it that a message that was accepted is worked on: once for each, after it was accepted.
pub(crate) fn wake_for_message(core: &Arc<Core>, lane: Lane) {
    rouse(core, lane, Why::Message);
}

/// Sees to it that the lane is worked on, whatever waits in it.
pub(crate) fn wake(core: &Arc<Core>, lane: Lane) {
    rouse(core, lane, Why::Something);
}

fn rouse(core: &Arc<Core>, lane: Lane, why: Why) {
    if !core.is_stopping() && locked(&core.lanes.awake).rouse(&lane, why) {
        tokio::spawn(work(Arc::clone(core), lane));
    }
}

/// Wakes the lanes that have undone messages in the ledger, as far as each tenant has room. The rest is taken up as these end.
pub(crate) async fn take_up(core: &Arc<Core>) -> Result<(), LedgerError> {
    let mut after = None;
    while let Some(next) = core.ledger.lanes(after, 1).await?.pop() {
        let tenant = next.tenant;
        locked(&core.lanes.awake).leave_behind(&tenant);
        after = Some(last_of(tenant));
    }
    catch_up(core).await
}

/// Takes up tenants of whom lanes were left in the ledger, one after the other, as far as there is room.
async fn catch_up(core: &Arc<Core>) -> Result<(), LedgerError> {
    loop {
        let Some(tenant) = locked(&core.lanes.awake).catches_up() else {
            return Ok(());
        };
        if let Err(error) = take_up_tenant(core, &tenant).await {
            locked(&core.lanes.awake).leave_behind(&tenant);
            return Err(error);
        }
    }
}

async fn take_up_tenant(core: &Arc<Core>, tenant: &TenantId) -> Result<(), LedgerError> {
    let mut after = Lane {
        tenant: tenant.clone(),
        contact: ContactId(0),
    };
    loop {
        let found = core.ledger.lanes(Some(after), limits::LANES_PER_READ);
        let lanes = found.await?;
        let theirs = lanes.into_iter().take_while(|lane| lane.tenant == *tenant);
        let theirs: Vec<Lane> = theirs.collect();
        let Some(last) = theirs.last() else {
            return Ok(());
        };
        after = last.clone();
        for lane in theirs {
            let has_room = locked(&core.lanes.awake).has_room(tenant);
            wake(core, lane);
            // Which left it behind again.
            if !has_room {
                return Ok(());
            }
        }
    }
}

/// Behind all lanes of a tenant.
fn last_of(tenant: TenantId) -> Lane {
    let contact = ContactId(i64::MAX.unsigned_abs());
    Lane { tenant, contact }
}

async fn work(core: Arc<Core>, lane: Lane) {
    loop {
        if core.is_stopping() {
            core.lanes.sleep(|awake| {
                awake.put_to_sleep(&lane);
                true
            });
            return;
        }
        locked(&core.lanes.awake).looks(&lane);
        match core.ledger.next(&lane).await {
            Ok(Some(Next::Message(head))) => {
                if settle(&core, &lane, head).await {
                    if core.lanes.sleep(|awake| awake.is_through(&lane)) {
                        break;
                    }
                } else {
                    locked(&core.lanes.awake).has_lost_count(&lane);
                }
            }
            Ok(Some(Next::Join { with })) => {
                locked(&core.lanes.awake).has_lost_count(&lane);
                if !join(&core, &lane, with).await && core.lanes.sleep(|awake| awake.sleeps(&lane))
                {
                    break;
                }
            }
            Ok(None) => {
                if core.lanes.sleep(|awake| awake.sleeps(&lane)) {
                    break;
                }
            }
            Err(error) => {
                tracing::error!(tenant = %lane.tenant, contact = %lane.contact, %error, "a lane waits for the ledger");
                core.pause(limits::LEDGER_WAIT).await;
            }
        }
    }
    if let Err(error) = catch_up(&core).await {
        tracing::error!(%error, "lanes that wait in the ledger could not be read");
    }
}

/// Makes one contact of two, if the other lane has come to it as well; whichever comes last does it. False if this lane has to
/// wait: the other wakes it.
async fn join(core: &Arc<Core>, lane: &Lane, with: Lane) -> bool {
    match core.ledger.join(lane, core.clock.now()).await {
        Ok(Joined::Done(into)) => {
            tracing::info!(tenant = %lane.tenant, contact = %into.contact, "two contacts proved to be one, and are joined");
            wake(core, with);
            core.outbox.wake();
            core.tell();
            true
        }
        Ok(Joined::Gone) => {
            // Somebody else joined them: the other lane may wait for this one.
            wake(core, with);
            true
        }
        Ok(Joined::Waits) => {
            wake(core, with);
            // A status that proves it once more joins idle contacts at once, and wakes nobody.
            let (core, lane) = (Arc::clone(core), lane.clone());
            tokio::spawn(async move {
                core.pause(limits::LEDGER_WAIT).await;
                wake(&core, lane);
            });
            false
        }
        Err(error) => {
            tracing::error!(tenant = %lane.tenant, contact = %lane.contact, %error, "a join waits for the ledger");
            core.pause(limits::LEDGER_WAIT).await;
            true
        }
    }
}

/// Works on one message until it is settled, given up, or the engine stops. True if it was settled here.
async fn settle(core: &Arc<Core>, lane: &Lane, mut head: Head) -> bool {
    let mut faults = 0;
    let mut races = 0;
    let mut attempt = 0;
    let mut given_up = None;
    // I9: what was asked for this message is not asked again when it is attempted again.
    let answers: Arc<Answers> = Arc::default();
    while !core.is_stopping() {
        attempt += 1;
        let rerun = match races {
            0 => None,
            _ => core.lanes.reruns.acquire().await.ok(),
        };
        let decided = match given_up.clone() {
            Some(cause) => Ok(settlement::give_up(core, lane, &head, attempt, cause)),
            None => {
                // Held for one message, not for the lane: contacts take turns.
                answers.seat.sit_down(&core.lanes.turns, &lane.tenant).await;
                let decided = attempt::decide(core, lane, &head, attempt, &answers).await;
                answers.seat.leave();
                decided
            }
        };
        let fault = match decided {
            Ok(settlement) => {
                let decision = settlement.decision.clone();
                let (sends, pauses) = (
                    outbox::sends_of(&settlement),
                    settlement.contact.pause.is_some(),
                );
                match core.ledger.settle(settlement).await {
                    Ok(Settled::Done) => {
                        report(&decision);
                        outbox::offer(core, sends);
                        if pauses {
                            core.timers.wake();
                        }
                        core.tell();
                        return true;
                    }
                    // Done already, or by another host: the lane looks at its next message.
                    Ok(Settled::OutOfTurn) => return false,
                    Ok(Settled::VersionLost) => {
                        races += 1;
                        match core.ledger.next(lane).await {
                            Ok(Some(Next::Message(fresh))) if fresh.sequence == head.sequence => {
                                head = fresh;
                            }
                            Ok(_) => return false,
                            Err(error) => {
                                tracing::error!(%error, "a contact could not be read again");
                            }
                        }
                        if races < limits::RACES_LOST {
                            continue;
                        }
                        "the contact changed during every attempt".to_owned()
                    }
                    Err(error) => {
                        core.could_not_write(&error);
                        error.to_string()
                    }
                }
            }
            Err(fault) => fault.to_string(),
        };
        drop(rerun);
        tracing::warn!(tenant = %lane.tenant, contact = %lane.contact, attempt, fault, "an attempt failed on the host's side");
        match limits::FAULT_WAITS.get(faults) {
            Some(wait) => core.pause(*wait).await,
            // I3: given up as a dead letter; and if not even that can be written, it stays undone until it can.
            None if given_up.is_none() => given_up = Some(fault),
            None => core.pause(limits::LEDGER_WAIT).await,
        }
        faults += 1;
    }
    false
}
