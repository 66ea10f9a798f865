//! The typing mark: a contact whose question takes a moment sees that somebody is at it. Best effort, unstored (I3).

use std::sync::Arc;

use model::{Contact, Moment, NumberId, TenantId, Wamid};

use crate::{Core, Tenant, limits};

/// Shows that an answer is being written, if an answer could leave at all. Nobody waits for it.
pub(crate) fn show_typing(
    core: &Arc<Core>,
    tenant: (&TenantId, &Tenant),
    number: &NumberId,
    message: &Wamid,
    contact: &Contact,
    now: Moment,
) {
    let (id, tenant) = tenant;
    let is_silent = contact.stop_pending
        || contact.consent.everything.is_out()
        || contact
            .pause
            .as_ref()
            .is_some_and(|pause| pause.until > now);
    if is_silent || !tenant.policy.lets_leave(number) || core.is_stopping() {
        return;
    }
    let Some(route) = core.plan.route(id, number) else {
        return;
    };
    // At the limit the mark is left out: it is worth less than a wait.
    let Ok(place) = Arc::clone(&core.marks).try_acquire_owned() else {
        tracing::debug!(%number, most = limits::MARKS_AT_ONCE, "a typing mark was left out: too many are on their way");
        return;
    };
    let (carrier, number, message) = (Arc::clone(&route.carrier), number.clone(), message.clone());
    tokio::spawn(async move {
        carrier.mark_read(&number, &message).await;
        drop(place);
    });
}
