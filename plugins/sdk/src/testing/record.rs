//! What a plugin did in a test.

use crate::{Outgoing, Recipient, consent, knowledge, log, lookup};

/// One thing that a plugin asked of the host.
#[derive(Debug, Clone, PartialEq)]
pub enum Did {
    /// It proposed a message.
    Send {
        /// To whom.
        to: Recipient,
        /// What.
        message: Outgoing,
        /// As a reply that quotes the contact's message.
        quoting: bool,
    },
    /// It proposed a change of consent.
    Consent(consent::Scope, consent::Direction),
    /// It proposed to hand the conversation over: to which desk, with which note.
    HandOver(String, String),
    /// It proposed to keep the bot silent, for so many milliseconds.
    Pause(u64),
    /// It proposed to let the bot speak again.
    Resume,
    /// It proposed to leave a note.
    Note(String),
    /// It proposed to put a tag on.
    Tag(String),
    /// It proposed to take a tag off.
    Untag(String),
    /// It asked a knowledge base.
    Ask(knowledge::Question),
    /// It asked an endpoint.
    LookUp(lookup::Request),
    /// It left a line for the people who look after it.
    Log(log::Level, String),
}
