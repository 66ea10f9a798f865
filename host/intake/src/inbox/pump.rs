//! Empties one queue: receive, accept, delete, in this order, for ever.

use std::convert::Infallible;
use std::future::Future;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use model::Span;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::backoff::Backoff;
use super::hand::{Hand, Held, Then};
use super::trouble::{Asked, Trouble};
use super::{Inbox, Receipt};
use crate::{Accept, Answer, Door, NotAccepted, Numbers, Tally, Voucher, limits};

/// What one pump works with. Several may share a queue and its inbox; each shows its own trouble.
pub struct Pump {
    /// The queue's name in `tollgate.toml`: what it vouches for, and what logs call it.
    pub queue: String,
    /// The queue.
    pub inbox: Arc<dyn Inbox>,
    /// Whose number is whose.
    pub numbers: Arc<Numbers>,
    /// Who takes the notices in.
    pub accept: Arc<dyn Accept>,
    /// Where everything is counted.
    pub tally: Arc<Tally>,
    /// Where the queue's trouble is shown while there is any: a line for people.
    pub trouble: watch::Sender<Option<String>>,
    /// True, or closed, when it is time to end.
    pub stopping: watch::Receiver<bool>,
}

/// How a pump ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Deliveries that were in hand, and that others can receive at once.
    pub given_back: usize,
    /// Deliveries that were in hand and could not be given back: others can receive them when their visibility ends.
    pub left: usize,
}

impl Pump {
    /// Runs until it is told to stop; what is in hand then is finished or given back.
    pub async fn run(self) -> Drained {
        let visibility = self.inbox.visibility().duration();
        let mut working = Working {
            voucher: Voucher::Queue(self.queue.clone()),
            trouble: Trouble::new(self.queue.clone(), self.trouble.clone()),
            hand: Hand::new(visibility),
            receiving: Backoff::default(),
            accepting: Backoff::default(),
            pump: self,
        };
        while !working.pump.is_stopping() {
            working.fetch().await;
            // What came while we were stopped is given back, not begun.
            if !working.hand.is_empty() && !working.pump.is_stopping() {
                working.settle().await;
            }
        }
        working.give_back().await
    }

    fn is_stopping(&self) -> bool {
        *self.stopping.borrow() || self.stopping.has_changed().is_err()
    }

    async fn stop(&self) {
        // An error says that whoever could stop us is gone, which is a stop.
        let _ = self.stopping.clone().wait_for(|stopping| *stopping).await;
    }

    /// Work, as long as nobody stops us; after a stop it may take so long still.
    async fn until_stop<T>(&self, goodbye: Duration, work: impl Future<Output = T>) -> Option<T> {
        tokio::pin!(work);
        tokio::select! {
            biased;
            done = &mut work => Some(done),
            () = self.stop() => timeout(goodbye, work).await.ok(),
        }
    }
}

/// A pump at work.
struct Working {
    pump: Pump,
    voucher: Voucher,
    trouble: Trouble,
    hand: Hand,
    receiving: Backoff,
    accepting: Backoff,
}

impl Working {
    /// Receives as much as the hand takes, if there is room for it.
    async fn fetch(&mut self) {
        let pump = &self.pump;
        let most = self.hand.room();
        if most == 0 {
            return;
        }
        // Something may be in hand still, and is tried again whatever the queue brings beside it.
        let is_idle = self.hand.is_empty();
        // Back-pressure: what is not received stays safe where it is.
        let has_room = match is_idle {
            true => pump.until_stop(Duration::ZERO, pump.accept.room()).await,
            false => timeout(Duration::ZERO, pump.accept.room()).await.ok(),
        };
        if has_room.is_none() || pump.is_stopping() {
            return;
        }
        let wait = match is_idle {
            true => limits::QUEUE_POLL,
            false => Span::default(),
        };
        let began = Instant::now();
        let receive = pump.inbox.receive(most, wait);
        let receive = pump.until_stop(limits::QUEUE_POLL_GOODBYE, receive);
        match held(pump, &mut self.hand, &mut self.trouble, receive).await {
            None => {}
            Some(Ok(deliveries)) => {
                self.trouble.over(Asked::Receive);
                if is_idle && deliveries.is_empty() && began.elapsed() < limits::QUEUE_RETRY_FIRST {
                    // It does not wait although it was asked to: it must not be asked all the time.
                    return self.pause_after_receive().await;
                }
                self.receiving.reset();
                for delivery in deliveries {
                    // What is let go of comes again when its visibility ends, until the queue's redrive policy has enough.
                    if let Some(read) = self.pump.read(&self.voucher, delivery) {
                        self.hand.take_up(read);
                    }
                }
            }
            Some(Err(error)) => {
                self.trouble.met(Asked::Receive, error);
                // Else what is in hand sets the pace.
                if is_idle {
                    self.pause_after_receive().await;
                }
            }
        }
    }

    async fn pause_after_receive(&mut self) {
        let wait = self.receiving.next();
        self.pause(wait).await;
    }

    /// Accepts what is in hand, in one go if that works, and deletes what is durable then.
    async fn settle(&mut self) {
        let old = self.hand.let_go_of_the_old().len();
        if old > 0 {
            let queue = self.pump.queue.as_str();
            tracing::error!(
                queue,
                deliveries = old,
                "could not be accepted for as long as the queue lets them be held: they come again"
            );
        }
        let portion = self.hand.portion();
        let wait = match self.accept(portion.clone()).await {
            None => return,
            Some(Ok(())) => None,
            Some(Err(NotAccepted::Ledger { .. })) if portion.len() > 1 => {
                // It may be the fault of one: that must not cost its neighbours.
                self.accept_each(portion).await
            }
            Some(Err(refused)) => Some(self.wait_after(&refused)),
        };
        // I1: only what is durable is deleted.
        let done = self.hand.let_go_of_the_accepted();
        if !done.is_empty() {
            self.accepting.reset();
        }
        for held in &done {
            self.pump.count(&self.voucher, held);
        }
        self.delete(done).await;
        if self.hand.is_empty() {
            // Nothing is left that would have to be held: a page must not show for ever what was once.
            self.trouble.over(Asked::Hold);
        }
        if let Some(wait) = wait {
            self.pause(wait).await;
        }
    }

    /// One accept for all of these. Nothing if we were stopped before it ended.
    async fn accept(&mut self, portion: Range<usize>) -> Option<Result<(), NotAccepted>> {
        let notices = self.hand.notices(portion.clone());
        let accepted = if notices.is_empty() {
            Some(Ok(()))
        } else {
            let pump = &self.pump;
            let accept = pump.until_stop(limits::QUEUE_GOODBYE, pump.accept.accept(notices));
            held(pump, &mut self.hand, &mut self.trouble, accept).await
        };
        if let Some(Ok(())) = accepted {
            self.hand.accepted(portion);
        }
        accepted
    }

    /// One accept for each of these; how long to wait before the next try, if there must be one.
    async fn accept_each(&mut self, portion: Range<usize>) -> Option<Duration> {
        let mut last = None;
        let mut some_were_accepted = false;
        for one in portion.clone() {
            match self.accept(one..one + 1).await {
                None => return None,
                Some(Ok(())) => some_were_accepted = true,
                Some(Err(refused)) => {
                    let is_full = matches!(refused, NotAccepted::Full { .. });
                    last = Some(refused);
                    if is_full || self.pump.is_stopping() {
                        break;
                    }
                }
            }
        }
        let last = last?;
        if some_were_accepted && matches!(last, NotAccepted::Ledger { .. }) {
            for refused in self.hand.let_go_of_the_refused(portion) {
                tracing::error!(
                    queue = self.pump.queue.as_str(),
                    id = refused.id,
                    "cannot be accepted although its neighbours can: it stays for the queue's redrive policy"
                );
            }
        }
        Some(self.wait_after(&last))
    }

    fn wait_after(&mut self, refused: &NotAccepted) -> Duration {
        let queue = self.pump.queue.as_str();
        let wait = self.accepting.next();
        match refused {
            NotAccepted::Full { retry_after } => {
                self.pump.tally.answered(Door::Sqs, Answer::Full);
                tracing::debug!(queue, "the backlog is full: what is in hand is held");
                let most = limits::QUEUE_RETRY_MOST;
                retry_after
                    .duration()
                    .clamp(limits::QUEUE_RETRY_FIRST, most)
            }
            NotAccepted::Ledger { cause } => {
                self.pump.tally.answered(Door::Sqs, Answer::NotStored);
                tracing::warn!(
                    queue,
                    cause,
                    "nothing can be stored: what is in hand is held"
                );
                wait
            }
        }
    }

    /// Deletes what is to be deleted, and leaves the rest to the queue.
    async fn delete(&mut self, done: Vec<Held>) {
        let mut receipts: Vec<Receipt> = done
            .into_iter()
            .filter(|held| held.then == Then::Delete)
            .map(|held| held.receipt)
            .collect();
        let mut backoff = Backoff::default();
        for attempt in 1..=limits::QUEUE_DELETE_TRIES {
            if receipts.is_empty() {
                return;
            }
            let pump = &self.pump;
            let delete = pump.until_stop(limits::QUEUE_GOODBYE, pump.inbox.delete(&receipts));
            match held(pump, &mut self.hand, &mut self.trouble, delete).await {
                None => break,
                Some(Ok(undone)) => {
                    self.trouble.over(Asked::Delete);
                    receipts = undone.again;
                }
                Some(Err(error)) => self.trouble.met(Asked::Delete, error),
            }
            if self.pump.is_stopping() {
                break;
            }
            if !receipts.is_empty() && attempt < limits::QUEUE_DELETE_TRIES {
                self.pause(backoff.next()).await;
            }
        }
        // Harmless: they come again, and are known (I2).
        if !receipts.is_empty() {
            let queue = self.pump.queue.as_str();
            tracing::warn!(
                queue,
                deliveries = receipts.len(),
                "accepted and not deleted: they come again and are known then"
            );
        }
    }

    /// Waits, holding what is in hand, unless we are stopped.
    async fn pause(&mut self, wait: Duration) {
        let pump = &self.pump;
        let nap = pump.until_stop(Duration::ZERO, sleep(wait));
        held(pump, &mut self.hand, &mut self.trouble, nap).await;
    }

    async fn give_back(self) -> Drained {
        let receipts = self.hand.receipts();
        let in_hand = receipts.len();
        let given_back = if receipts.is_empty() {
            0
        } else {
            let release = self.pump.inbox.release(&receipts);
            match timeout(limits::QUEUE_GOODBYE, release).await {
                Ok(Ok(undone)) => in_hand.saturating_sub(undone.again.len() + undone.never.len()),
                Ok(Err(_)) | Err(_) => 0,
            }
        };
        let drained = Drained {
            given_back,
            left: in_hand - given_back,
        };
        let queue = self.pump.queue.as_str();
        tracing::info!(
            queue,
            drained.given_back,
            drained.left,
            "the pump has ended"
        );
        drained
    }
}

/// Does some work while everything in hand is held: its visibility is extended before it ends.
async fn held<T>(
    pump: &Pump,
    hand: &mut Hand,
    trouble: &mut Trouble,
    work: impl Future<Output = T>,
) -> T {
    tokio::pin!(work);
    tokio::select! {
        biased;
        done = &mut work => done,
        never = extend(pump, hand, trouble) => match never {},
    }
}

async fn extend(pump: &Pump, hand: &mut Hand, trouble: &mut Trouble) -> Infallible {
    loop {
        let Some(at) = hand.next_extension() else {
            return std::future::pending().await;
        };
        sleep_until(at).await;
        let due = hand.due();
        let visibility = pump.inbox.visibility();
        match pump.inbox.hold(&due, visibility).await {
            Ok(undone) => {
                trouble.over(Asked::Hold);
                hand.extended(&due, true);
                hand.extended(&undone.again, false);
            }
            Err(error) => {
                trouble.met(Asked::Hold, error);
                hand.extended(&due, false);
            }
        }
    }
}
