//! Attempts under way at once, and whose turn is next: tenants in turn, so that one tenant's flood costs the others a place, not
//! the queue.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use model::TenantId;
use tokio::sync::oneshot;

use crate::locked;

/// So many attempts at once. A tenant alone has them all; those who wait get them by turns.
pub(crate) struct Turns(Mutex<State>);

struct State {
    free: usize,
    /// Who waits, oldest first. A tenant without anybody is not there.
    waiting: BTreeMap<TenantId, VecDeque<oneshot::Sender<Turn>>>,
    /// The tenants that wait, the next one first.
    order: VecDeque<TenantId>,
}

/// A place, given back when it is dropped.
pub(crate) struct Turn(Option<Arc<Turns>>);

impl Turns {
    pub(crate) fn new(at_once: usize) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            free: at_once,
            waiting: BTreeMap::new(),
            order: VecDeque::new(),
        })))
    }

    /// Waits for this tenant's turn.
    pub(crate) async fn take(self: &Arc<Self>, tenant: &TenantId) -> Turn {
        loop {
            let called = {
                let mut state = locked(&self.0);
                if state.free > 0 {
                    state.free -= 1;
                    return Turn(Some(Arc::clone(self)));
                }
                let (call, called) = oneshot::channel();
                state.wait(tenant, call);
                called
            };
            // A call is never dropped unanswered; if one were, its tenant would ask again.
            if let Ok(turn) = called.await {
                return turn;
            }
        }
    }

    /// Hands a place to whoever is next.
    fn pass_on(self: &Arc<Self>) {
        let mut state = locked(&self.0);
        while let Some(call) = state.next() {
            match call.send(Turn(Some(Arc::clone(self)))) {
                Ok(()) => return,
                // Nobody waits for it any more. It goes to the next here, not by its end, which would ask for the lock that is held.
                Err(mut turn) => turn.0 = None,
            }
        }
        state.free += 1;
    }
}

impl State {
    fn wait(&mut self, tenant: &TenantId, call: oneshot::Sender<Turn>) {
        match self.waiting.get_mut(tenant) {
            Some(calls) => calls.push_back(call),
            None => {
                self.waiting.insert(tenant.clone(), VecDeque::from([call]));
                self.order.push_back(tenant.clone());
            }
        }
    }

    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let tenant = self.order.pop_front()?;
        let calls = self.waiting.get_mut(&tenant)?;
        let call = calls.pop_front();
        if calls.is_empty() {
            self.waiting.remove(&tenant);
        } else {
            self.order.push_back(tenant);
        }
        call
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(turns) = self.0.take() {
            turns.pass_on();
        }
    }
}

/// Where an attempt holds its turn. While it waits for somebody outside it holds none: others go on meanwhile.
#[derive(Default)]
pub(crate) struct Seat(Mutex<Option<(TenantId, Turn)>>);

impl Seat {
    /// Waits for a turn, and holds it.
    pub(crate) async fn sit_down(&self, turns: &Arc<Turns>, tenant: &TenantId) {
        let turn = turns.take(tenant).await;
        *locked(&self.0) = Some((tenant.clone(), turn));
    }

    /// Gives the turn back.
    pub(crate) fn leave(&self) {
        drop(locked(&self.0).take());
    }

    /// Waits for somebody outside, without a turn meanwhile.
    pub(crate) async fn away<T>(&self, outside: impl Future<Output = T>) -> T {
        let held = locked(&self.0).take();
        let Some((tenant, turn)) = held else {
            return outside.await;
        };
        let turns = turn.0.clone();
        drop(turn);
        let came = outside.await;
        if let Some(turns) = turns {
            self.sit_down(&turns, &tenant).await;
        }
        came
    }
}

impl std::fmt::Debug for Seat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seat")
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    type Waiting = Pin<Box<dyn Future<Output = Turn>>>;

    fn tenant(name: &str) -> TenantId {
        TenantId::new(name).unwrap()
    }

    fn waits(turns: &Arc<Turns>, name: &str) -> Waiting {
        let (turns, tenant) = (Arc::clone(turns), tenant(name));
        let mut waiting: Waiting = Box::pin(async move { turns.take(&tenant).await });
        assert!(has_turn(&mut waiting).is_none());
        waiting
    }

    fn has_turn(waiting: &mut Waiting) -> Option<Turn> {
        match waiting
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(turn) => Some(turn),
            Poll::Pending => None,
        }
    }

    async fn all(turns: &Arc<Turns>, count: usize) -> Vec<Turn> {
        let mut held = Vec::new();
        for _ in 0..count {
            held.push(turns.take(&tenant("flood")).await);
        }
        held
    }

    #[tokio::test]
    async fn i14_tenants_that_wait_get_their_turns_one_after_the_other_whoever_waits_longer() {
        let turns = Turns::new(2);
        let mut held = all(&turns, 2).await;
        let mut flood: Vec<Waiting> = (0..100).map(|_| waits(&turns, "flood")).collect();
        let mut quiet = waits(&turns, "quiet");
        let mut other = waits(&turns, "other");
        // The flood was there first, and has one; then each of the others has its own.
        held.remove(0);
        let first = flood.iter_mut().find_map(has_turn).unwrap();
        drop(first);
        let second = has_turn(&mut quiet).expect("the quiet tenant is next");
        drop(second);
        assert!(has_turn(&mut other).is_some());
    }

    #[tokio::test]
    async fn a_tenant_alone_has_all_the_places() {
        let turns = Turns::new(64);
        assert_eq!(all(&turns, 64).await.len(), 64);
    }

    #[tokio::test]
    async fn a_place_that_nobody_waits_for_any_more_goes_to_the_next() {
        let turns = Turns::new(1);
        let held = all(&turns, 1).await;
        let gone = waits(&turns, "gone");
        let mut there = waits(&turns, "there");
        drop(gone);
        drop(held);
        let turn = has_turn(&mut there).expect("it was passed on");
        drop(turn);
        assert_eq!(all(&turns, 1).await.len(), 1, "and none was lost");
    }

    #[tokio::test]
    async fn a_place_that_was_given_to_somebody_who_goes_is_not_lost() {
        let turns = Turns::new(1);
        let held = all(&turns, 1).await;
        let gone = waits(&turns, "gone");
        drop(held);
        drop(gone);
        assert_eq!(all(&turns, 1).await.len(), 1);
    }

    #[tokio::test]
    async fn who_waits_outside_holds_no_place_and_has_one_again_afterwards() {
        let turns = Turns::new(1);
        let seat = Seat::default();
        seat.sit_down(&turns, &tenant("slow")).await;
        seat.away(async {
            let other = turns.take(&tenant("other")).await;
            drop(other);
        })
        .await;
        let _other = waits(&turns, "other");
        seat.leave();
    }
}
