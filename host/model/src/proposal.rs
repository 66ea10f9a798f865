//! What a plugin asks for, and what it is told.

use serde::{Deserialize, Serialize};

use crate::{
    ConsentChange, DeskName, MemoryScope, Moment, NumberId, Outgoing, Phone, Refusal, Span,
};

/// What a plugin asks for through a host call. It takes effect only if the step succeeds and the message settles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "proposal", rename_all = "snake_case")]
pub enum Proposal {
    /// Send a message.
    Send {
        /// To whom.
        to: Recipient,
        /// From which of the tenant's numbers; the turn's own if not said.
        from: Option<NumberId>,
        /// What.
        message: Outgoing,
        /// As a reply that quotes the contact's message.
        quoting: bool,
    },
    /// Record an opt-in or opt-out of the turn's contact.
    Consent(ConsentChange),
    /// Hand the conversation to people.
    HandOver(HandOver),
    /// Keep the bot silent for this contact.
    Pause {
        /// How long.
        span: Span,
    },
    /// Let the bot speak again.
    Resume,
    /// Put a tag on the contact.
    Tag {
        /// Which.
        tag: String,
    },
    /// Take a tag off the contact.
    Untag {
        /// Which.
        tag: String,
    },
    /// Leave a note with the contact, for whoever has or takes the conversation.
    Note {
        /// Its words.
        text: String,
    },
    /// Keep something for later turns.
    Remember {
        /// Whose memory.
        scope: MemoryScope,
        /// Under which key.
        key: String,
        /// What.
        value: String,
        /// Until when.
        until: Moment,
    },
    /// Forget it.
    Forget {
        /// Whose memory.
        scope: MemoryScope,
        /// Which key.
        key: String,
    },
}

/// To whom a send goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// The contact of this turn.
    Contact,
    /// Another number, which the operator must have granted.
    Phone(Phone),
}

/// A conversation handed to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    /// To which desk.
    pub desk: DeskName,
    /// What the person should know.
    pub note: String,
}

/// The gate's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It will take effect when the message settles.
    Admitted,
    /// It will not.
    Refused(Refusal),
}
