//! What an operator decided for a tenant.

use std::collections::BTreeSet;

use model::{DeskName, Mode, NumberId, Span};

/// One tenant's policy, parsed from `tollgate.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The numbers this tenant may send from.
    pub numbers: BTreeSet<NumberId>,
    /// Of these, the numbers whose carrier is a simulator: they deliver in every mode.
    pub simulated: BTreeSet<NumberId>,
    /// Where conversations may be handed to.
    pub desks: BTreeSet<DeskName>,
    /// Whether sends leave at all.
    pub mode: Mode,
    /// What counts as consent to service replies.
    pub opt_in: OptIn,
    /// Kept free before the service window ends: our clock and WhatsApp's differ.
    pub window_margin: Span,
    /// The longest wait for a rate that a contact should bear; past it a send is refused instead of queued.
    pub bearable_wait: Span,
}

impl Policy {
    /// Whether what this number sends leaves at all: live, or through a simulator.
    #[must_use]
    pub fn lets_leave(&self, number: &NumberId) -> bool {
        self.numbers.contains(number)
            && (self.mode == Mode::Live || self.simulated.contains(number))
    }
}

/// What counts as consent to service replies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OptIn {
    /// A message from the contact, for replies within its window.
    #[default]
    Inbound,
    /// Recorded consent alone.
    Explicit,
}
