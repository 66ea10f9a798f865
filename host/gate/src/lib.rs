//! The gate: a proposal and what is known become a verdict.
//!
//! Owns: every reason why something may not leave, in one order (see [`judge`]), and the two proofs that it may:
//! [`Admitted`], made when a send is proposed, and [`Pass`], made when it leaves. Also what is counted for it: the [`Rates`] of what
//! has left, and the [`tempo`] of a conversation. A limit can be a shadow: then it is counted, and refuses nothing.
//! Promises: nothing else in the house can make either (I5); a `Pass` is neither `Clone` nor `Serialize`, and
//! `Carrier::deliver` consumes it. Pure: time and what is known are arguments.
//! Bounds: [`limits`].
#![forbid(unsafe_code)]

mod bounds;
mod budgets;
mod checks;
mod content;
mod judge;
mod leave;
pub mod limits;
pub mod memory;
mod policy;
mod rates;
mod stops;
pub mod tempo;

pub use bounds::{AccountPace, Bound, Bounds, LoopBreaker, Pace, Reach};
pub use judge::{Admitted, Judgement, Scene, asks_for_reach, judge};
pub use leave::{Leaving, Pass, Release, release};
pub use policy::{OptIn, Policy};
pub use rates::Rates;
