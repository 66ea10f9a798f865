//! What an operator decided for a tenant.

use std::collections::{BTreeMap, BTreeSet};

use model::{DeskName, Mode, NumberId, Span};

use crate::{Bounds, Pace, bounds};

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
    /// How fast its numbers may send, where that is not WhatsApp's usual rate.
    pub pace: BTreeMap<NumberId, Pace>,
    /// What its automation may do at most.
    pub bounds: Bounds,
    /// An answer that has waited longer to leave is not wanted any more.
    pub answer_within: Span,
}

impl Policy {
    /// Whether what this number sends leaves at all: live, or through a simulator.
    #[must_use]
    pub fn lets_leave(&self, number: &NumberId) -> bool {
        self.numbers.contains(number)
            && (self.mode == Mode::Live || self.simulated.contains(number))
    }

    /// How fast a number may send.
    #[must_use]
    pub fn pace_of(&self, number: &NumberId) -> &Pace {
        self.pace.get(number).unwrap_or(&bounds::USUAL_PACE)
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
