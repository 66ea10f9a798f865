//! The gate: a proposal and what is known become a verdict.
//!
//! Owns: every reason why something may not leave, in one order (see [`judge`]), and the two proofs that it may:
//! [`Admitted`], made when a send is proposed, and [`Pass`], made when it leaves.
//! Promises: nothing else in the house can make either (I5); a `Pass` is neither `Clone` nor `Serialize`, and
//! `Carrier::deliver` consumes it. Pure: time and what is known are arguments.
//! Bounds: [`limits`].
#![forbid(unsafe_code)]

mod checks;
mod content;
mod judge;
mod leave;
pub mod limits;
pub mod memory;
mod policy;
mod rates;

pub use judge::{Admitted, Judgement, Scene, judge};
pub use leave::{Leaving, Pass, Release, release};
pub use policy::{OptIn, Policy};
pub use rates::Rates;
