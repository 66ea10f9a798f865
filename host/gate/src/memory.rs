//! What a plugin may keep from turn to turn: whose memory, how long a key and a value, how many, until when.

use model::{Grants, Interface, MemoryScope, Moment, Quota, Refusal};

use crate::checks::Checks;
use crate::limits;

/// What is known of the memory that a proposal is about, with what the decision has staged so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// How many keys stand in it.
    pub keys: usize,
    /// The proposal's own key stands among them.
    pub is_there: bool,
}

/// Whether a plugin may look at what stands under a key.
pub fn recall(grants: &Grants, scope: MemoryScope, key: &str) -> Result<(), Refusal> {
    let interface = interface(scope);
    if !grants.interfaces.contains(&interface) {
        return Err(not_granted(interface));
    }
    key_fault(key).map_or(Ok(()), |what| Err(Refusal::Invalid { what }))
}

/// The refusal of what was not granted, with what to add.
pub(crate) fn not_granted(interface: Interface) -> Refusal {
    let what = format!("`{interface}`: the operator can add it to `grants` of [plugin.NAME]");
    Refusal::NotGranted { what }
}

/// Which grant a memory needs.
pub(crate) fn interface(scope: MemoryScope) -> Interface {
    match scope {
        MemoryScope::Contact => Interface::Memory,
        MemoryScope::Shared => Interface::SharedMemory,
    }
}

/// How many keys a memory holds at most.
#[must_use]
pub fn most_keys(scope: MemoryScope) -> usize {
    match scope {
        MemoryScope::Contact => limits::MEMORY_KEYS,
        MemoryScope::Shared => limits::MEMORY_SHARED_KEYS,
    }
}

/// There is room for the key: it stands there already, or the memory is not full.
pub(crate) fn room(scope: MemoryScope, held: Held, checks: &mut Checks) -> Result<(), Refusal> {
    let most = most_keys(scope);
    let saw = if held.is_there {
        format!("an overwritten key, one of {} of {most}", held.keys)
    } else {
        format!("{} of {most} keys", held.keys)
    };
    let is_full = !held.is_there && held.keys >= most;
    checks.pass_unless(
        "memory",
        &saw,
        is_full.then_some(Refusal::QuotaExceeded {
            which: Quota::Memory,
        }),
    )
}

/// What is wrong with a key.
pub(crate) fn key_fault(key: &str) -> Option<String> {
    let most = limits::MEMORY_KEY_BYTES;
    (key.is_empty() || key.len() > most)
        .then(|| format!("a key of {} bytes, and 1 to {most} are allowed", key.len()))
}

/// What is wrong with a value, or with how long it is to be kept.
pub(crate) fn value_fault(value: &str, until: Moment, now: Moment) -> Option<String> {
    let most = limits::MEMORY_VALUE_BYTES;
    if value.len() > most {
        Some(format!(
            "a value of {} bytes, and {most} are allowed",
            value.len()
        ))
    } else if until <= now {
        Some("it would be forgotten at once: `until` is not in the future".to_owned())
    } else if until > now.plus(limits::MEMORY_SPAN) {
        Some(format!(
            "it would be kept for {}, and {} is the longest",
            until.since(now),
            limits::MEMORY_SPAN
        ))
    } else {
        None
    }
}
