//! Sending. Grant: `gate`. [`reply`](crate::reply) and its like are shorter.

use crate::host;
use crate::{Outgoing, Recipient, Refusal};

pub use crate::bindings::tollgate::plugin::gate::SendOptions;

/// Proposes a message. The gate answers at once. An admitted message leaves when the turn has succeeded and its decision
/// is stored, and not otherwise.
pub fn send(to: &Recipient, message: &Outgoing, options: &SendOptions) -> Result<(), Refusal> {
    host::gate::send(to, message, options)
}
