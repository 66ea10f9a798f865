//! The typing mark: a contact whose question takes a moment sees that somebody is at it. Best effort, unstored (I3).

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use model::{Contact, Moment, NumberId, TenantId, Wamid};

use crate::{Core, Tenant, limits};

/// Waits for a run, and says so if it takes long. A run that has nothing to wait for ends at its first step, and sets no timer.
pub(crate) async fn if_slow<T>(run: impl Future<Output = T>, slow: impl FnOnce()) -> T {
    let mut run = pin!(run);
    if let Poll::Ready(ended) = poll_fn(|context| Poll::Ready(run.as_mut().poll(context))).await {
        return ended;
    }
    tokio::select! {
        biased;
        ended = run.as_mut() => ended,
        () = tokio::time::sleep(limits::TYPING_AFTER) => {
            slow();
            run.await
        }
    }
}

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

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_a_run_that_takes_long_shows_that_somebody_is_at_it_and_once() {
        for (takes_ms, expected) in [(0, 0), (900, 0), (1100, 1), (20_000, 1)] {
            let shown = Cell::new(0);
            let run = async {
                if takes_ms > 0 {
                    tokio::time::sleep(Duration::from_millis(takes_ms)).await;
                }
                takes_ms
            };
            let ended = if_slow(run, || shown.set(shown.get() + 1)).await;
            assert_eq!((ended, shown.get()), (takes_ms, expected));
        }
    }
}
