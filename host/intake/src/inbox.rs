//! Queues: what they hold is received, accepted, and only then deleted.
//!
//! A queue is transport and nothing else: it vouches for its numbers (I13), and whatever it hands out a second time is known
//! (I2). [`Pump`] empties one; several pumps may empty the same.

mod backoff;
mod hand;
mod pump;
mod reading;
mod trouble;

use async_trait::async_trait;
use model::Span;

pub use pump::{Drained, Pump};

/// A queue, as far as it is needed to empty it.
#[async_trait]
pub trait Inbox: Send + Sync + 'static {
    /// How long what was received stays hidden from others, if nobody extends it.
    fn visibility(&self) -> Span;

    /// Up to `most` deliveries; waits up to `wait` for the first.
    async fn receive(&self, most: usize, wait: Span) -> Result<Vec<Delivery>, InboxError>;

    /// Ends deliveries for good; says which it could not end.
    async fn delete(&self, receipts: &[Receipt]) -> Result<Undone, InboxError>;

    /// Hides deliveries from others for so long from now; says which it could not hide.
    async fn hold(&self, receipts: &[Receipt], span: Span) -> Result<Undone, InboxError>;

    /// Gives deliveries back: others receive them at once.
    async fn release(&self, receipts: &[Receipt]) -> Result<Undone, InboxError> {
        self.hold(receipts, Span::default()).await
    }
}

/// What a queue handed out, once.
#[derive(Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The handle for this one receive.
    pub receipt: Receipt,
    /// The queue's own id of it, the same at each receive.
    pub id: String,
    /// As it came.
    pub body: String,
    /// How often it has been received, this time included; 0 if the queue does not say.
    pub receives: u32,
}

/// The handle by which a delivery is deleted or held.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Receipt(pub String);

/// Those of a batch that were not deleted or held.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Undone {
    /// Worth another try.
    pub again: Vec<Receipt>,
    /// Not worth one: the receipt is of no use any more, the queue has handed the delivery out again, say.
    pub never: Vec<Receipt>,
}

/// A queue did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{cause}")]
pub struct InboxError {
    /// Tells one trouble from another: the queue's own code.
    pub code: String,
    /// What happened, in words that may stand on a page (I12).
    pub cause: String,
}

#[cfg(test)]
mod tests;
