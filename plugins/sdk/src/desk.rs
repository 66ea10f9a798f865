//! Work for people: handing a conversation over, keeping the bot silent, marking a contact. Grant: `desk`.

use crate::{Refusal, host};

/// Hands the conversation to a desk of the business, with a note for whoever takes it.
pub fn hand_over(desk: &str, note: &str) -> Result<(), Refusal> {
    host::desk::hand_over(desk, note)
}

/// Keeps the bot silent for this contact, for this many milliseconds. What this turn itself sends still leaves.
pub fn pause(span_ms: u64) -> Result<(), Refusal> {
    host::desk::pause(span_ms)
}

/// Lets the bot speak to this contact again.
pub fn resume() -> Result<(), Refusal> {
    host::desk::resume()
}

/// Leaves a note with the contact, for whoever has or takes the conversation.
pub fn note(text: &str) -> Result<(), Refusal> {
    host::desk::note(text)
}

/// Puts a tag on the contact.
pub fn tag(tag: &str) -> Result<(), Refusal> {
    host::desk::tag(tag)
}

/// Takes a tag off the contact.
pub fn untag(tag: &str) -> Result<(), Refusal> {
    host::desk::untag(tag)
}
