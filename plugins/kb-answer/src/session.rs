//! The conversation with the knowledge base, from one message of a contact to the next.
//!
//! It ends with the service window, and when a desk took the contact over: what was asked before was settled by people.

use std::time::Duration;

use sdk::{Turn, log, memory};

/// WhatsApp's service window, for a contact of whom none is known.
const WINDOW: Duration = Duration::from_hours(24);

/// The conversation that this turn goes on with.
pub(crate) fn recall(turn: &Turn, base: &str) -> Option<String> {
    let entry = memory::get(&key(base)).ok().flatten()?;
    let (desk, session) = entry.value.split_once('\n')?;
    (desk == last_desk(turn)).then(|| session.to_owned())
}

/// Remembers the conversation, or that there is none. That it cannot is no reason to keep an answer back.
pub(crate) fn keep(turn: &Turn, base: &str, session: Option<&str>) {
    let kept = match session {
        Some(session) => {
            let left_ms = turn
                .contact
                .window_ends
                .map(|ends| ends.saturating_sub(turn.now));
            let left_ms = left_ms.and_then(|ms| u64::try_from(ms).ok());
            let left = left_ms.map_or(WINDOW, Duration::from_millis).min(WINDOW);
            let value = format!("{}\n{session}", last_desk(turn));
            memory::set(
                &key(base),
                &value,
                u64::try_from(left.as_millis()).unwrap_or(0),
            )
        }
        None => memory::delete(&key(base)),
    };
    if let Err(refusal) = kept {
        log::warn(&format!(
            "the conversation is not remembered: {}",
            refusal.why()
        ));
    }
}

fn key(base: &str) -> String {
    format!("session.{base}")
}

fn last_desk(turn: &Turn) -> &str {
    turn.contact.last_desk.as_deref().unwrap_or_default()
}
