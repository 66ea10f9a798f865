//! The outbox's dispatch: each due send is marked in flight in a transaction that judges it again (I6), delivered once, and
//! what came of it is recorded.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use carrier::{Action, Rejection, Report};
use gate::{Leaving, Pass, Release};
use ledger::{Arrived, Departure, Due, Judge};
use model::{Moment, NumberId, Refusal, SendToken, Span, TenantId};
use tokio::sync::{Notify, Semaphore};

use crate::{Core, limits, locked};

/// What the dispatch remembers. All that matters is in the ledger.
pub(crate) struct Outbox {
    woken: Notify,
    finished: Notify,
    handling: Mutex<HashSet<(TenantId, SendToken)>>,
    /// Numbers that rest because WhatsApp locked them or refused their token.
    resting: Mutex<HashMap<NumberId, Moment>>,
    slots: Arc<Semaphore>,
}

impl Default for Outbox {
    fn default() -> Self {
        Self {
            woken: Notify::new(),
            finished: Notify::new(),
            handling: Mutex::default(),
            resting: Mutex::default(),
            slots: Arc::new(Semaphore::new(limits::DELIVERIES_AT_ONCE)),
        }
    }
}

impl Outbox {
    /// Something may be due.
    pub(crate) fn wake(&self) {
        self.woken.notify_one();
    }

    /// Returns when no delivery is under way.
    pub(crate) async fn idle(&self) {
        loop {
            let finished = self.finished.notified();
            if locked(&self.handling).is_empty() {
                return;
            }
            finished.await;
        }
    }

    fn rests_until(&self, number: &NumberId, now: Moment) -> Option<Moment> {
        locked(&self.resting)
            .get(number)
            .copied()
            .filter(|until| *until > now)
    }
}

/// Runs until the engine stops.
pub(crate) async fn dispatch(core: Arc<Core>) {
    let mut stopping = core.stopping.subscribe();
    while !core.is_stopping() {
        let wait = match hand_out(&core).await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::error!(%error, "the outbox could not be read");
                limits::LEDGER_WAIT
            }
        };
        tokio::select! {
            () = core.outbox.woken.notified() => {}
            () = tokio::time::sleep(wait) => {}
            _ = stopping.wait_for(|stops| *stops) => {}
        }
    }
}

/// Starts a delivery for everything that is due, and says how long nothing else will be.
async fn hand_out(core: &Arc<Core>) -> Result<std::time::Duration, ledger::LedgerError> {
    let now = core.clock.now();
    for due in core
        .ledger
        .due(now, core.holds_back, limits::DUE_PER_READ)
        .await?
    {
        if !locked(&core.outbox.handling).insert((due.tenant.clone(), due.token.clone())) {
            continue;
        }
        let Ok(slot) = Arc::clone(&core.outbox.slots).acquire_owned().await else {
            break;
        };
        let core = Arc::clone(core);
        tokio::spawn(async move {
            let left = deliver(&core, &due).await;
            locked(&core.outbox.handling).remove(&(due.tenant, due.token));
            drop(slot);
            core.outbox.finished.notify_waiters();
            core.tell();
            if left {
                // The contact's next send may leave now.
                core.outbox.wake();
            }
        });
    }
    let next = core.ledger.next_due(now).await?;
    Ok(next.map_or(limits::OUTBOX_TICK, |next| {
        next.since(now).duration().min(limits::OUTBOX_TICK)
    }))
}

/// True if it left, or will not leave at all.
async fn deliver(core: &Arc<Core>, due: &Due) -> bool {
    let now = core.clock.now();
    let departure = core
        .ledger
        .depart(
            &due.tenant,
            &due.token,
            now,
            core.holds_back,
            judge(core, now),
        )
        .await;
    let (pass, attempt) = match departure {
        Ok(Departure::Go { pass, attempt }) => (pass, attempt),
        Ok(Departure::Cancelled(refusal)) => {
            tracing::warn!(tenant = %due.tenant, token = %due.token, refusal = refusal.word(), "taken back on leaving");
            return true;
        }
        Ok(Departure::Withheld | Departure::Gone) => return true,
        Ok(Departure::Wait(_)) => return false,
        Err(error) => {
            tracing::error!(tenant = %due.tenant, token = %due.token, %error, "a send could not be marked in flight: it stays");
            core.pause(limits::LEDGER_WAIT).await;
            return false;
        }
    };
    let report = carry(core, due, pass).await;
    let arrived = arrived(core, due, report, attempt);
    // A record that cannot be written leaves the send in flight, which the next start takes as unknown (I11): try for long.
    while let Err(error) = core
        .ledger
        .arrive(&due.tenant, &due.token, arrived.clone(), core.clock.now())
        .await
    {
        tracing::error!(tenant = %due.tenant, token = %due.token, %error, "what a carrier said could not be recorded");
        if core.is_stopping() {
            return false;
        }
        core.pause(limits::LEDGER_WAIT).await;
    }
    true
}

/// The gate's judgement, to be made inside the ledger's transaction.
fn judge(core: &Arc<Core>, now: Moment) -> Judge {
    let core = Arc::clone(core);
    Box::new(move |outbound, contact| {
        let Some(tenant) = core.plan.tenants.get(&outbound.tenant) else {
            return Release::Cancel(Refusal::NotAllowlisted);
        };
        if let Some(until) = core.outbox.rests_until(&outbound.number, now) {
            return Release::Wait(until);
        }
        let leaving = Leaving {
            now,
            policy: &tenant.policy,
            contact,
        };
        gate::release(outbound, &leaving, &mut core.rates())
    })
}

async fn carry(core: &Core, due: &Due, pass: Pass) -> Report {
    match core.plan.route(&due.tenant, &due.number) {
        Some(route) => route.carrier.deliver(pass).await,
        None => Report::Refused(Rejection {
            code: "no-carrier".into(),
            cause: "the number has no carrier in tollgate.toml".into(),
            action: Action::Fail,
        }),
    }
}

fn arrived(core: &Core, due: &Due, report: Report, attempt: u32) -> Arrived {
    let now = core.clock.now();
    match report {
        Report::Accepted(wamid) => {
            core.health.carrier(&due.number, None);
            Arrived::Sent(wamid)
        }
        Report::Unknown { cause } => {
            tracing::warn!(tenant = %due.tenant, token = %due.token, cause, "nobody knows whether this send left");
            Arrived::Unknown { cause }
        }
        Report::Refused(Rejection {
            code,
            cause,
            action,
        }) => {
            tracing::warn!(tenant = %due.tenant, token = %due.token, code, cause, "a send was not taken");
            let cause = format!("{code}: {cause}");
            if action == carrier::errors::UNREACHABLE || action == Action::StopNumber {
                core.health.carrier(&due.number, Some(cause.clone()));
            }
            match action {
                Action::Retry {
                    after,
                    growth,
                    most,
                } if attempt < most => Arrived::Again {
                    at: now.plus(backoff(after, growth, attempt)),
                    cause,
                },
                Action::Retry { .. } | Action::Fail => Arrived::Failed { cause },
                Action::StopNumber => {
                    let until = now.plus(limits::NUMBER_REST);
                    locked(&core.outbox.resting).insert(due.number.clone(), until);
                    tracing::error!(number = %due.number, code, "this number rests: WhatsApp refuses it or its token");
                    Arrived::Again { at: until, cause }
                }
            }
        }
    }
}

/// Longer with each attempt, but never for ever.
fn backoff(first: Span, growth: u32, attempt: u32) -> Span {
    let factor = u64::from(growth).saturating_pow(attempt.saturating_sub(1));
    let milliseconds = u64::try_from(first.milliseconds())
        .unwrap_or(0)
        .saturating_mul(factor);
    Span::from_millis(milliseconds).min(limits::LONGEST_BACKOFF.max(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_waits_longer_each_time_but_never_for_ever() {
        let waits: Vec<Span> = (1..=4)
            .map(|attempt| backoff(Span::from_seconds(4), 4, attempt))
            .collect();
        assert_eq!(waits, [4, 16, 64, 256].map(Span::from_seconds));
        assert_eq!(backoff(Span::from_seconds(1), 2, 3), Span::from_seconds(4));
        assert_eq!(
            backoff(Span::from_seconds(4), 4, 60),
            limits::LONGEST_BACKOFF
        );
        assert_eq!(
            backoff(Span::from_hours(24), 2, 1),
            Span::from_hours(24),
            "a day's wait stays a day"
        );
    }
}
