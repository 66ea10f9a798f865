//! Lanes: one contact in order, contacts in parallel (I4). The order lives in the ledger; here is only who is awake.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use ledger::{Head, Joined, Lane, LedgerError, Next, Settled};
use model::{Cost, Decision, Ending, RunResult, StepResult};
use tokio::sync::{Notify, Semaphore};

use crate::{Core, attempt, limits, locked, settlement};

/// The lanes that are awake.
pub(crate) struct Lanes {
    /// True: something came in while the lane was being worked on, so look again.
    awake: Mutex<HashMap<Lane, bool>>,
    attempts: Semaphore,
    /// Whoever lost a race runs again alone: else many contacts at one shared key would beat one of them for ever.
    reruns: Semaphore,
    /// Lanes were left in the ledger because too many were awake.
    behind: AtomicBool,
    slept: Notify,
}

impl Default for Lanes {
    fn default() -> Self {
        Self {
            awake: Mutex::default(),
            attempts: Semaphore::new(limits::ATTEMPTS_AT_ONCE),
            reruns: Semaphore::new(limits::RERUNS_AT_ONCE),
            behind: AtomicBool::new(false),
            slept: Notify::new(),
        }
    }
}

impl Lanes {
    /// Returns when no lane is awake.
    pub(crate) async fn idle(&self) {
        loop {
            let slept = self.slept.notified();
            if locked(&self.awake).is_empty() {
                return;
            }
            slept.await;
        }
    }

    /// Returns when a further lane can be woken.
    pub(crate) async fn room(&self) {
        loop {
            let slept = self.slept.notified();
            if locked(&self.awake).len() < limits::LANES_AWAKE {
                return;
            }
            slept.await;
        }
    }

    /// True if the lane was asleep and there is room for it.
    fn rouse(&self, lane: &Lane) -> bool {
        let mut awake = locked(&self.awake);
        if let Some(again) = awake.get_mut(lane) {
            *again = true;
            return false;
        }
        if awake.len() >= limits::LANES_AWAKE {
            self.behind.store(true, Ordering::Release);
            return false;
        }
        awake.insert(lane.clone(), false);
        true
    }

    /// True if the lane may sleep: nothing came in since it last looked.
    fn sleep(&self, lane: &Lane) -> bool {
        let mut awake = locked(&self.awake);
        if let Some(again) = awake.get_mut(lane) {
            if std::mem::take(again) {
                return false;
            }
            awake.remove(lane);
        }
        drop(awake);
        self.slept.notify_waiters();
        true
    }

    fn put_to_sleep(&self, lane: &Lane) {
        locked(&self.awake).remove(lane);
        self.slept.notify_waiters();
    }

    fn has_caught_up(&self) -> bool {
        locked(&self.awake).len() < limits::LANES_AWAKE / 2
            && self.behind.swap(false, Ordering::AcqRel)
    }
}

/// Sees to it that the lane is worked on.
pub(crate) fn wake(core: &Arc<Core>, lane: Lane) {
    if !core.is_stopping() && core.lanes.rouse(&lane) {
        tokio::spawn(work(Arc::clone(core), lane));
    }
}

/// Wakes every lane that has undone messages in the ledger, as far as there is room.
pub(crate) async fn take_up(core: &Arc<Core>) -> Result<(), LedgerError> {
    let mut after = None;
    loop {
        let lanes = core
            .ledger
            .lanes(after.take(), limits::LANES_PER_READ)
            .await?;
        let Some(last) = lanes.last() else {
            return Ok(());
        };
        after = Some(last.clone());
        for lane in lanes {
            wake(core, lane);
            if core.lanes.behind.load(Ordering::Acquire) {
                return Ok(());
            }
        }
    }
}

async fn work(core: Arc<Core>, lane: Lane) {
    loop {
        if core.is_stopping() {
            core.lanes.put_to_sleep(&lane);
            return;
        }
        match core.ledger.next(&lane).await {
            Ok(Some(Next::Message(head))) => settle(&core, &lane, head).await,
            Ok(Some(Next::Join { with })) => {
                if !join(&core, &lane, with).await && core.lanes.sleep(&lane) {
                    break;
                }
            }
            Ok(None) => {
                if core.lanes.sleep(&lane) {
                    break;
                }
            }
            Err(error) => {
                tracing::error!(tenant = %lane.tenant, contact = %lane.contact, %error, "a lane waits for the ledger");
                core.pause(limits::LEDGER_WAIT).await;
            }
        }
    }
    if core.lanes.has_caught_up()
        && let Err(error) = take_up(&core).await
    {
        core.lanes.behind.store(true, Ordering::Release);
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
        Ok(Joined::Gone) => true,
        Ok(Joined::Waits) => {
            wake(core, with);
            false
        }
        Err(error) => {
            tracing::error!(tenant = %lane.tenant, contact = %lane.contact, %error, "a join waits for the ledger");
            core.pause(limits::LEDGER_WAIT).await;
            true
        }
    }
}

/// Works on one message until it is settled, given up, or the engine stops.
async fn settle(core: &Arc<Core>, lane: &Lane, mut head: Head) {
    let mut faults = 0;
    let mut races = 0;
    let mut attempt = 0;
    let mut given_up = None;
    // I9: what was asked for this message is not asked again when it is attempted again.
    let answers = Arc::default();
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
                let _permit = core.lanes.attempts.acquire().await;
                attempt::decide(core, lane, &head, attempt, &answers).await
            }
        };
        let fault = match decided {
            Ok(settlement) => {
                let decision = settlement.decision.clone();
                match core.ledger.settle(settlement).await {
                    Ok(Settled::Done) => {
                        report(&decision);
                        core.outbox.wake();
                        core.tell();
                        return;
                    }
                    // Done already, or by another host: the lane looks at its next message.
                    Ok(Settled::OutOfTurn) => return,
                    Ok(Settled::VersionLost) => {
                        races += 1;
                        match core.ledger.next(lane).await {
                            Ok(Some(Next::Message(fresh))) if fresh.sequence == head.sequence => {
                                head = fresh;
                            }
                            Ok(_) => return,
                            Err(error) => {
                                tracing::error!(%error, "a contact could not be read again");
                            }
                        }
                        if races < limits::RACES_LOST {
                            continue;
                        }
                        "the contact changed during every attempt".to_owned()
                    }
                    Err(error) => error.to_string(),
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
}

/// One line for each decision. No text and no number (I12).
fn report(decision: &Decision) {
    let rule = match &decision.ending {
        Ending::Answered { rule } | Ending::Unanswered { rule, .. } => rule.as_str(),
        Ending::Aside | Ending::NoRule | Ending::TooOld | Ending::DeadLetter { .. } => "",
    };
    let refused: Vec<&str> = decision.refusals().map(model::Refusal::word).collect();
    let (tenant, contact, wamid) = (
        &decision.id.tenant,
        decision.contact,
        decision.id.message.masked(),
    );
    let (edition, refused, Cost { fuel, micros }) =
        (&decision.edition, refused.join(","), decision.cost);
    if let Ending::DeadLetter { cause } = &decision.ending {
        let failure = decision
            .steps
            .iter()
            .filter(|step| step.result != StepResult::Shadow)
            .flat_map(|step| &step.runs)
            .find_map(|run| match &run.result {
                RunResult::Failed(failure) => Some((run.plugin.as_str(), failure.word())),
                RunResult::Ended(_) => None,
            });
        // A plugin's own words may quote the contact. They are in the decision; the log gets their kind.
        let (plugin, cause) = failure.unwrap_or(("", cause));
        tracing::error!(%tenant, %contact, wamid, edition, refused, fuel, micros, plugin, cause, "dead letter");
        return;
    }
    let ending = match &decision.ending {
        Ending::Answered { .. } => "answered",
        Ending::Unanswered { .. } => "unanswered",
        Ending::Aside => "aside",
        Ending::NoRule => "no rule",
        Ending::TooOld => "too old",
        Ending::DeadLetter { .. } => "dead letter",
    };
    tracing::info!(%tenant, %contact, wamid, edition, rule, refused, fuel, micros, "{ending}");
}
