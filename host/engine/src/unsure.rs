//! Sends whose outcome nobody knows: settled by a status that bears their token, sent once more on evidence, or held (I11).
//!
//! Each has a deadline, which follows from when its outcome became unknown; the ledger is asked when one has passed, or when there is
//! new evidence on a number that was waiting for some.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use ledger::{LedgerError, Resolution};
use model::{Moment, NumberId, SendState, Span, TenantId};
use tokio::sync::Notify;

use crate::plan::{IfUnsure, Route};
use crate::{Core, limits, locked};

/// What is known of sends of unknown outcome. All that matters is in the ledger.
#[derive(Default)]
pub(crate) struct UnsureSends {
    woken: Notify,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// There may be some.
    are_there: bool,
    /// The next of them is looked at then.
    next: Option<Moment>,
    /// Numbers on which some wait for evidence past their deadline.
    want_evidence: BTreeSet<(TenantId, NumberId)>,
    has_evidence: bool,
}

impl UnsureSends {
    /// The outcome of one on this number has become unknown.
    pub(crate) fn expect(&self, core: &Core, tenant: &TenantId, number: &NumberId, now: Moment) {
        let after = core.plan.route(tenant, number);
        let at = now.plus(after.map_or_else(Span::default, |route| route.unsure_after));
        let mut known = locked(&self.known);
        known.are_there = true;
        known.next = Some(known.next.map_or(at, |next| next.min(at)));
        drop(known);
        self.woken.notify_one();
    }

    /// There may be some.
    pub(crate) fn are_there(&self) -> bool {
        locked(&self.known).are_there
    }

    /// A status came for a send on this number. True if it may have settled one of unknown outcome.
    pub(crate) fn heard(&self, tenant: &TenantId, number: &NumberId) -> bool {
        let mut known = locked(&self.known);
        if !known.want_evidence.is_empty()
            && known
                .want_evidence
                .contains(&(tenant.clone(), number.clone()))
        {
            known.has_evidence = true;
        }
        known.are_there
    }
}

/// Runs until the engine stops.
pub(crate) async fn watch(core: Arc<Core>) {
    let mut stopping = core.stopping.subscribe();
    // What the last host left.
    locked(&core.unsure.known).is_next(core.clock.now());
    while !core.is_stopping() {
        let is_time = {
            let mut known = locked(&core.unsure.known);
            let is_due = known.next.is_some_and(|next| next <= core.clock.now());
            std::mem::take(&mut known.has_evidence) || is_due
        };
        if is_time && let Err(error) = look(&core).await {
            tracing::error!(%error, "sends of unknown outcome could not be looked into");
            let again = core.clock.now().plus(Span::from_seconds(1));
            locked(&core.unsure.known).is_next(again);
        }
        let waits = locked(&core.unsure.known).are_there;
        tokio::select! {
            biased;
            _ = stopping.wait_for(|stops| *stops) => {}
            () = core.unsure.woken.notified() => {}
            () = tokio::time::sleep(limits::UNSURE_TICK), if waits => {}
        }
    }
}

/// Looks at all that are past their deadline, page by page.
async fn look(core: &Core) -> Result<(), LedgerError> {
    {
        let mut known = locked(&core.unsure.known);
        // Whatever becomes unknown from here on says so itself.
        known.next = None;
    }
    let soonest = core.plan.unsure_after();
    let mut after = None;
    let mut want_evidence = BTreeSet::new();
    loop {
        let page = core.ledger.unsure(after, limits::UNSURE_PER_READ).await?;
        let is_last = page.len() < limits::UNSURE_PER_READ;
        after = page.last().map(ledger::Unsure::place);
        for unsure in page {
            let now = core.clock.now();
            let outbound = &unsure.record.outbound;
            let (tenant, number) = (&outbound.tenant, &outbound.number);
            if unsure.since.plus(soonest) > now {
                // They come by time: nothing behind it is due.
                let mut known = locked(&core.unsure.known);
                known.is_next(unsure.since.plus(soonest));
                known.want_evidence = want_evidence;
                return Ok(());
            }
            let route = core.plan.route(tenant, number);
            match look_into(&unsure, route, now) {
                Look::Resolve(resolution) => resolve(core, &unsure, resolution, now).await?,
                Look::Wait(until) => locked(&core.unsure.known).is_next(until),
                Look::WaitForEvidence(until) => {
                    locked(&core.unsure.known).is_next(until);
                    want_evidence.insert((tenant.clone(), number.clone()));
                }
            }
        }
        if is_last {
            let mut known = locked(&core.unsure.known);
            known.are_there = known.next.is_some();
            known.want_evidence = want_evidence;
            return Ok(());
        }
    }
}

impl Known {
    fn is_next(&mut self, at: Moment) {
        self.are_there = true;
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
    }
}

async fn resolve(
    core: &Core,
    unsure: &ledger::Unsure,
    resolution: Resolution,
    now: Moment,
) -> Result<(), LedgerError> {
    let outbound = &unsure.record.outbound;
    if core
        .ledger
        .resolve(&outbound.tenant, &outbound.token, resolution, now)
        .await?
    {
        tracing::warn!(tenant = %outbound.tenant, token = %outbound.token, ?resolution, "an unknown outcome was resolved");
        core.outbox.wake();
        core.tell();
    }
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Resolve(Resolution),
    /// It is not time yet.
    Wait(Moment),
    /// It is time, and nothing says what became of it; then it is held at last.
    WaitForEvidence(Moment),
}

/// What to do, if it is time to do anything.
fn look_into(unsure: &ledger::Unsure, route: Option<&Route>, now: Moment) -> Look {
    if unsure.record.state == SendState::Held {
        return Look::Wait(now.plus(limits::UNSURE_MOST));
    }
    let Some(route) = route else {
        return Look::Resolve(Resolution::Hold);
    };
    let deadline = unsure.since.plus(route.unsure_after);
    if now < deadline {
        return Look::Wait(deadline);
    }
    match route.if_unsure {
        IfUnsure::Hold => Look::Resolve(Resolution::Hold),
        IfUnsure::Resend if unsure.resent => Look::Resolve(Resolution::Hold),
        // Statuses do come back from this number, and none came for this send: it never left.
        IfUnsure::Resend if unsure.later_confirmed => Look::Resolve(Resolution::Resend),
        // No evidence either way: the next send on this number will bring some.
        IfUnsure::Resend => {
            let held = unsure.since.plus(limits::UNSURE_MOST);
            if now < held {
                Look::WaitForEvidence(held)
            } else {
                Look::Resolve(Resolution::Hold)
            }
        }
    }
}
