//! Sends whose outcome nobody knows: settled by a status that bears their token, sent once more on evidence, or held (I11).

use std::sync::Arc;

use ledger::{Resolution, Unsure};
use model::{Moment, SendState};

use crate::plan::{IfUnsure, Route};
use crate::{Core, limits};

/// Runs until the engine stops.
pub(crate) async fn watch(core: Arc<Core>) {
    while !core.is_stopping() {
        match core.ledger.unsure(limits::UNSURE_PER_READ).await {
            Ok(unsure) => {
                for unsure in unsure {
                    look_into(&core, &unsure).await;
                }
            }
            Err(error) => tracing::error!(%error, "sends of unknown outcome could not be read"),
        }
        core.pause(limits::UNSURE_TICK).await;
    }
}

async fn look_into(core: &Core, unsure: &Unsure) {
    let outbound = &unsure.record.outbound;
    let now = core.clock.now();
    let route = core.plan.route(&outbound.tenant, &outbound.number);
    let Some(resolution) = resolution(unsure, route, now) else {
        return;
    };
    match core
        .ledger
        .resolve(&outbound.tenant, &outbound.token, resolution, now)
        .await
    {
        Ok(true) => {
            tracing::warn!(tenant = %outbound.tenant, token = %outbound.token, ?resolution, "an unknown outcome was resolved");
            core.outbox.wake();
            core.tell();
        }
        Ok(false) => {}
        Err(error) => tracing::error!(%error, "an unknown outcome could not be resolved"),
    }
}

/// What to do, if it is time to do anything.
fn resolution(unsure: &Unsure, route: Option<&Route>, now: Moment) -> Option<Resolution> {
    if unsure.record.state == SendState::Held {
        return None;
    }
    let Some(route) = route else {
        return Some(Resolution::Hold);
    };
    let waited = now.since(unsure.since);
    if waited < route.unsure_after {
        return None;
    }
    match route.if_unsure {
        IfUnsure::Hold => Some(Resolution::Hold),
        IfUnsure::Resend if unsure.resent => Some(Resolution::Hold),
        // Statuses do come back from this number, and none came for this send: it never left.
        IfUnsure::Resend if unsure.later_confirmed => Some(Resolution::Resend),
        // No evidence either way: the next send on this number will bring some.
        IfUnsure::Resend => (waited >= limits::UNSURE_MOST).then_some(Resolution::Hold),
    }
}
