//! Intake: what arrives from outside becomes [`model::Notice`]s, verified and parsed.
//!
//! Owns: the Meta webhook ([`webhook`]), its signature ([`signature`]) and its payloads ([`payload`]), and which number
//! belongs to which tenant and Meta app ([`Numbers`]).
//! Promises: nothing is answered 200 before [`Accept::accept`] said that it is durable (I1); a signature is verified over the
//! raw bytes, in constant time, before anything is parsed; an app's secret vouches for its own numbers alone (I13); one
//! message that cannot be read never costs its neighbours.
//! Bounds: [`limits`].
#![forbid(unsafe_code)]

pub mod limits;
mod numbers;
pub mod payload;
pub mod signature;
pub mod webhook;

use async_trait::async_trait;
use model::{Notice, Span};

pub use numbers::{AppName, Numbers, Owner};

/// Takes notices in, durably. The engine is one.
#[async_trait]
pub trait Accept: Send + Sync + 'static {
    /// Returns once every notice is on disk, or none is.
    async fn accept(&self, notices: Vec<Notice>) -> Result<(), NotAccepted>;
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
