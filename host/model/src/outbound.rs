//! An admitted send as the outbox keeps it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ContactId, ContactKey, Moment, NumberId, Outgoing, SendToken, TenantId, Wamid};

/// One send in the outbox. It leaves only with a `Pass`, which the gate makes on leaving (I5, I6).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outbound {
    /// Whose.
    pub tenant: TenantId,
    /// Ties it to its statuses; unique within the tenant.
    pub token: SendToken,
    /// From which number.
    pub number: NumberId,
    /// In whose lane it waits: sends of one contact leave in order.
    pub contact: ContactId,
    /// To whom.
    pub to: ContactKey,
    /// What.
    pub message: Outgoing,
    /// The message it quotes.
    pub quoting: Option<Wamid>,
    /// The message whose decision made it.
    pub cause: Wamid,
    /// What it is for.
    pub purpose: Purpose,
    /// When it was decided.
    pub decided_at: Moment,
}

/// What a send is for: decides which checks it may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// An answer within the service window.
    Reply,
    /// The one confirmation of an opt-out: consent does not hold it back.
    Confirmation,
    /// A person of ours sends it: it does not wait until people are done talking.
    Person,
}

/// Whether a tenant's sends leave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Admitted, recorded, withheld.
    #[default]
    DryRun,
    /// They leave.
    Live,
}

/// Where a send stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendState {
    /// Waiting to leave.
    Ready,
    /// Handed to the carrier, no word yet.
    InFlight,
    /// Taken by WhatsApp.
    Sent,
    /// On the contact's device.
    Delivered,
    /// Seen by the contact.
    Read,
    /// It did not arrive, and will not.
    Failed,
    /// It left, and nobody can say whether it arrived (I11).
    Unknown,
    /// Unknown for too long: a person decides.
    Held,
    /// The gate took it back on leaving.
    Cancelled,
    /// Dry run: admitted, and it stays here.
    Withheld,
}

impl SendState {
    /// All, in the order of a send's life.
    pub const ALL: [Self; 10] = [
        Self::Ready,
        Self::InFlight,
        Self::Sent,
        Self::Delivered,
        Self::Read,
        Self::Failed,
        Self::Unknown,
        Self::Held,
        Self::Cancelled,
        Self::Withheld,
    ];

    /// The word for it, in the ledger and on pages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::InFlight => "in_flight",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Held => "held",
            Self::Cancelled => "cancelled",
            Self::Withheld => "withheld",
        }
    }

    /// By its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

impl fmt::Display for SendState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
