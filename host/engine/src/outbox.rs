//! The outbox's dispatch: which send leaves next, and when. Each number has a line of its own, with its rate and its places, and each
//! contact its order; none of them waits for another's.
//!
//! What a settle commits is handed over at once ([`offer`]). The ledger is asked for what nobody hands over: the backlog, retries,
//! what a restart left, and what does not fit into memory.

mod delivery;
mod waiting;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gate::Pace;
use ledger::{Due, LedgerError, Settlement};
use model::{NumberId, Span, TenantId};
use tokio::sync::Notify;

use self::waiting::{Line, Room, Waiting, line_of};
use crate::{Core, limits, locked};

/// What the dispatch remembers. All that matters is in the ledger.
#[derive(Default)]
pub(crate) struct Outbox {
    woken: Notify,
    ended: Notify,
    waiting: Mutex<Waiting>,
}

impl Outbox {
    /// Something may be due that nobody hands over: the ledger is to be asked.
    pub(crate) fn wake(&self) {
        locked(&self.waiting).look();
        self.woken.notify_one();
    }

    /// Returns when no delivery is under way.
    pub(crate) async fn idle(&self) {
        loop {
            let ended = self.ended.notified();
            if !locked(&self.waiting).is_under_way() {
                return;
            }
            ended.await;
        }
    }
}

/// The sends of a settlement, to be offered when it is durable.
pub(crate) fn sends_of(settlement: &Settlement) -> Vec<Due> {
    let due = |send: &gate::Admitted| {
        let outbound = send.outbound();
        Due {
            tenant: outbound.tenant.clone(),
            token: outbound.token.clone(),
            number: outbound.number.clone(),
            contact: outbound.contact,
            has_next: false,
        }
    };
    settlement.sends.iter().map(due).collect()
}

/// Hands over what has just become durable, so that nobody has to ask the ledger for it.
pub(crate) fn offer(core: &Arc<Core>, sends: Vec<Due>) {
    let mut lines = BTreeSet::new();
    let mut waiting = locked(&core.outbox.waiting);
    for due in sends {
        let line = line_of(&due);
        // What WhatsApp stopped waits in the ledger, and comes back when the switch is lifted.
        if !core.switches.is_stopped_by_network(&line.0, &line.1) {
            waiting.offer(due);
            lines.insert(line);
        }
    }
    drop(waiting);
    for line in lines {
        set_going(core, &line);
    }
}

/// Runs until the engine stops.
pub(crate) async fn dispatch(core: Arc<Core>) {
    let mut stopping = core.stopping.subscribe();
    while !core.is_stopping() {
        let sleep = match round(&core).await {
            Ok(sleep) => sleep,
            Err(error) => {
                tracing::error!(%error, "the outbox could not be read");
                locked(&core.outbox.waiting).not_found();
                limits::LEDGER_WAIT
            }
        };
        tokio::select! {
            biased;
            _ = stopping.wait_for(|stops| *stops) => {}
            () = core.outbox.woken.notified() => {}
            () = tokio::time::sleep(sleep) => {}
        }
    }
}

/// Asks the ledger if there is a reason to, lets leave what may, and says for how long there is nothing to do.
async fn round(core: &Arc<Core>) -> Result<Duration, LedgerError> {
    let now = core.clock.now();
    let stopped = core.switches.lines_stopped_by_network(&core.plan);
    let wanted = locked(&core.outbox.waiting).wanted(now, &stopped);
    if let Some(wanted) = wanted {
        let found = core
            .ledger
            .due(now, core.holds_back, wanted.clone())
            .await?;
        let next_due = core.ledger.next_due(now).await?;
        locked(&core.outbox.waiting).found(found, next_due, &wanted);
    }
    if core.is_stopping() {
        return Ok(limits::OUTBOX_TICK);
    }
    let now = core.clock.now();
    let begun = locked(&core.outbox.waiting).begin_all(now, |line| room(core, line));
    deliver(core, begun);
    let most = now.plus(span(limits::OUTBOX_TICK));
    let until = locked(&core.outbox.waiting).sleep_until(now, most);
    Ok(until.since(now).duration().min(limits::OUTBOX_TICK))
}

/// Lets leave what may on one line.
fn set_going(core: &Arc<Core>, line: &Line) {
    if core.is_stopping() {
        return;
    }
    let now = core.clock.now();
    let mut waiting = locked(&core.outbox.waiting);
    let begun = waiting.begin(line, now, |line| room(core, line));
    let needs_a_round = waiting.needs_a_round(line, now);
    drop(waiting);
    deliver(core, begun);
    if needs_a_round {
        core.outbox.woken.notify_one();
    }
}

fn deliver(core: &Arc<Core>, begun: Vec<Due>) {
    for due in begun {
        // In a box: a task's future is moved several times until it runs.
        tokio::spawn(Box::pin(delivery::deliver(Arc::clone(core), due)));
    }
}

/// What a number may do now. Nothing is spent: the gate does that as it lets a send go.
fn room(core: &Core, (tenant, number): &Line) -> Room {
    let usual = Pace::default();
    let now = core.clock.now();
    let settings = core.plan.tenants.get(tenant);
    let pace = settings.map_or(&usual, |settings| settings.policy.pace_of(number));
    let rates = core.rates();
    Room {
        sends: rates.number_room(number, pace, now),
        opens: rates.number_opens(number, pace, now),
        carrier: carrier_of(core, tenant, number),
    }
}

/// Numbers of one carrier share its places.
fn carrier_of(core: &Core, tenant: &TenantId, number: &NumberId) -> usize {
    let route = core.plan.route(tenant, number);
    route.map_or(0, |route| Arc::as_ptr(&route.carrier).cast::<()>() as usize)
}

fn span(duration: Duration) -> Span {
    Span::from_millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}
