//! Carriers: they deliver what the gate lets out.
//!
//! Owns: the [`Carrier`] trait, what a delivery can come to ([`Report`]), the table of WhatsApp's error codes
//! ([`errors`]), Meta's JSON for a send ([`wire`]), and the carrier that speaks Meta's Graph API ([`graph`]).
//! Promises: one call of [`Carrier::deliver`] makes at most one request; it consumes the [`gate::Pass`] (I5). A reply that
//! was lost is reported as [`Report::Unknown`], never retried here (I11).
//! Bounds: [`limits`].

#![forbid(unsafe_code)]

pub mod errors;
pub mod graph;
pub mod limits;
pub mod wire;

use async_trait::async_trait;
use gate::Pass;
use model::{NumberId, Span, Wamid};

/// Delivers admitted sends to WhatsApp.
#[async_trait]
pub trait Carrier: Send + Sync {
    /// Makes one request, and says what came of it.
    async fn deliver(&self, pass: Pass) -> Report;

    /// Marks a contact's message as read and shows that an answer is being written. Best effort, unstored (I3).
    async fn mark_read(&self, number: &NumberId, message: &Wamid);
}

/// What came of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// WhatsApp took it; its id, if the reply held one that can be read.
    Accepted(Option<Wamid>),
    /// WhatsApp did not take it.
    Refused(Rejection),
    /// It may or may not have been taken.
    Unknown {
        /// What happened instead of a reply.
        cause: String,
    },
}

/// A refusal by WhatsApp or AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Meta's code or AWS's exception name.
    pub code: String,
    /// Its words.
    pub cause: String,
    /// What follows.
    pub action: Action,
}

/// What follows from a rejection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Try this send again after the span, at most `most` times in all.
    Retry {
        /// The first wait.
        after: Span,
        /// How many times longer each further wait is.
        growth: u32,
        /// Attempts in all.
        most: u32,
    },
    /// This send fails; others go on.
    Fail,
    /// This send fails, and every other of its template would: none leaves until an operator looks.
    StopTemplate,
    /// Nothing more leaves on this number until an operator looks: WhatsApp punishes what comes next.
    StopNumber,
    /// Nothing more leaves on any number of this carrier until an operator looks: it is not let in.
    StopCarrier,
}
