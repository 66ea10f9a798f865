//! Saying something.

use crate::gate::{self, SendOptions};
use crate::{Outcome, Outgoing, Recipient, Refusal, Unanswered};

/// Answers the turn's contact: with words, or with anything that [`outgoing`](crate::outgoing) puts together.
pub fn reply(message: impl Into<Outgoing>) -> Result<(), Refusal> {
    send(&Recipient::Contact, &message.into(), false)
}

/// As [`reply`], as a reply that quotes the contact's message.
pub fn reply_quoting(message: impl Into<Outgoing>) -> Result<(), Refusal> {
    send(&Recipient::Contact, &message.into(), true)
}

/// Puts an emoji on the contact's message.
pub fn react(emoji: &str) -> Result<(), Refusal> {
    reply(crate::outgoing::reaction(emoji))
}

/// Writes to another phone (digits alone), which the operator must have granted by number.
pub fn write_to(phone: impl Into<String>, message: impl Into<Outgoing>) -> Result<(), Refusal> {
    send(&Recipient::Phone(phone.into()), &message.into(), false)
}

/// Answers the turn's contact and ends the turn: handled, or unanswered if the gate refuses.
pub fn answer(message: impl Into<Outgoing>) -> Outcome {
    reply(message).into()
}

fn send(to: &Recipient, message: &Outgoing, quoting: bool) -> Result<(), Refusal> {
    gate::send(
        to,
        message,
        &SendOptions {
            from: None,
            quoting,
        },
    )
}

/// Handled if the gate said yes; unanswered if it refused, so that the rule's `if_refused` decides.
impl From<Result<(), Refusal>> for Outcome {
    fn from(verdict: Result<(), Refusal>) -> Self {
        match verdict {
            Ok(()) => Self::Handled,
            Err(_) => Self::Unanswered(Unanswered::Refused),
        }
    }
}
