//! The ledger: all durable state.
//!
//! Owns: the [`Ledger`] trait, what it takes and gives, the conformance suite that every implementation passes
//! ([`conformance`]), and the embedded implementation ([`sqlite`]).
//! Promises: what it acknowledged is on disk (I1); a notice has effect once (I2); a settle is one atomic write (I3) that
//! demands its predecessor (I4); sends are marked in flight in a transaction that judges them again (I6); every stored key
//! begins with its tenant (I13).
//! Bounds: [`limits`].
#![forbid(unsafe_code)]

pub mod chain;
pub mod conformance;
mod keeping;
pub mod limits;
mod operations;
mod reply_drafts;
pub mod said;
pub mod search;
pub mod sqlite;
pub mod state;

pub use keeping::*;
pub use operations::*;
pub use reply_drafts::*;
