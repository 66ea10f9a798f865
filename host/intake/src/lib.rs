//! Intake: what arrives from outside becomes [`model::Notice`]s, verified and parsed.
//!
//! Owns: the Meta webhook ([`webhook`]) with its signature ([`signature`]), SNS over HTTPS ([`sns`]), what a queue holds
//! ([`envelope`]) and the pump that empties one ([`inbox`]), Meta's payloads ([`payload`]); which number belongs to whom and whose
//! word counts for it ([`Numbers`]); what all doors share ([`Entrance`]), and the counters ([`Tally`]).
//! Promises: nothing is answered 200 before [`Accept::accept`] said that it is durable (I1); a signature is verified over the
//! raw bytes, in constant time, before anything is parsed; a voucher's word counts for its own numbers alone (I13); one
//! message that cannot be read never costs its neighbours.
//! Bounds: [`limits`].
#![forbid(unsafe_code)]

mod answer;
mod entrance;
pub mod envelope;
pub mod inbox;
pub mod limits;
mod numbers;
pub mod payload;
pub mod signature;
pub mod sns;
mod tally;
pub mod webhook;

use async_trait::async_trait;
use model::{Moment, Notice, Span};

pub use answer::{Answer, Door};
pub use entrance::{Entrance, Settings, Taken, source_of};
pub use numbers::{Numbers, Owner, Voucher};
pub use tally::{Family, Row, Tally};

/// Takes notices in, durably. The engine is one.
#[async_trait]
pub trait Accept: Send + Sync + 'static {
    /// Returns once every notice is on disk, or none is.
    async fn accept(&self, notices: Vec<Notice>) -> Result<(), NotAccepted>;

    /// Returns when there is room for more: whoever fetches waits for it first.
    async fn room(&self);

    /// The time, by the clock that everything here goes by.
    fn now(&self) -> Moment;
}

/// Why nothing was taken in. The sender keeps it and tries again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAccepted {
    /// The backlog is full.
    #[error("the backlog is full")]
    Full {
        /// When to try again.
        retry_after: Span,
    },
    /// The ledger could not write.
    #[error("the ledger could not write: {cause}")]
    Ledger {
        /// What happened.
        cause: String,
    },
}
