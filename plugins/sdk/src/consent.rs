//! What the turn's contact allows. Grant: `consent`.

use crate::{Refusal, host};

pub use crate::bindings::tollgate::plugin::consent::{Direction, Scope};

/// Records what the turn's contact wants. The host adds the evidence: the turn's message, its words and its time.
pub fn change(scope: Scope, direction: Direction) -> Result<(), Refusal> {
    host::consent::change(scope, direction)
}
