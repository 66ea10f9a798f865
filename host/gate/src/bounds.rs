//! Budgets and breakers that an operator sets for a tenant. Each can be a shadow: then it is counted, and refuses nothing.

use model::{Moment, Span};

use crate::limits;

/// How much a tenant's automation may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// When two machines seem to be talking to each other.
    pub loops: LoopBreaker,
    /// Sends to one contact in an hour. A person's count, and are not held back by it.
    pub contact_hourly: Bound,
    /// Contacts reached outside of windows in any 24 hours: WhatsApp's messaging limit. No bound if nothing is said.
    pub tier: Option<Bound>,
    /// The rates refuse nothing when a send is proposed; on leaving they are kept all the same.
    pub rates_shadow: bool,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            loops: LoopBreaker {
                at_once: limits::LOOP_TURNS,
                within: limits::LOOP_WITHIN,
                hourly: limits::LOOP_HOURLY,
                shadow: false,
            },
            contact_hourly: Bound {
                most: limits::CONTACT_HOURLY,
                shadow: false,
            },
            tier: None,
            rates_shadow: false,
        }
    }
}

/// So many at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// How many.
    pub most: u32,
    /// Counted, and nothing is refused.
    pub shadow: bool,
}

/// Two machines in a loop answer each other at once, or for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoopBreaker {
    /// The turn that goes to the desk, if the contact answered each of those before at once.
    pub at_once: u32,
    /// What at once means.
    pub within: Span,
    /// Automatic turns in an hour.
    pub hourly: u32,
    /// Counted, and nothing is refused.
    pub shadow: bool,
}

/// What is known of the contacts that a tenant has reached outside of windows in the last 24 hours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reach {
    /// How many.
    pub contacts: u32,
    /// This one is among them: once more costs nothing.
    pub includes_this: bool,
    /// When the one reached longest ago falls out of the 24 hours.
    pub opens: Option<Moment>,
}

/// How fast a number may send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// Messages in any one second.
    pub per_second: u32,
    /// The account that it shares a rate with others in, whoever's they are.
    pub account: Option<AccountPace>,
}

/// Of a number of which nothing else is said.
pub(crate) static USUAL_PACE: Pace = Pace {
    per_second: limits::NUMBER_BURST,
    account: None,
};

impl Default for Pace {
    fn default() -> Self {
        USUAL_PACE.clone()
    }
}

/// The rate of an account, shared by its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountPace {
    /// Its name.
    pub account: String,
    /// Messages in any one second.
    pub per_second: u32,
}
