//! How fast a conversation goes: what the loop breaker and the hourly budget rest on.

use serde::{Deserialize, Serialize};

use crate::Moment;

/// What is known of a conversation's pace. Gate counts in it; settle keeps it with the contact.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tempo {
    /// Our automatic turns in a row that the contact answered at once: a machine does.
    pub answered_at_once: u32,
    /// When we last answered by ourselves, if nothing has answered that yet.
    pub spoke_at: Option<Moment>,
    /// What we did within the last hour, in slices of it, the oldest first.
    pub lately: Vec<TempoSlice>,
}

/// What happened in one slice of an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TempoSlice {
    /// When the slice began.
    pub since: Moment,
    /// Automatic turns: messages that we answered by ourselves. None are left once the contact has tapped: a person does.
    pub turns: u32,
    /// Sends, a person's included.
    pub sends: u32,
}
