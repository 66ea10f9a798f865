//! From however a run ended to what is recorded about it.

use model::Failure;
use wasmtime::Trap;

use crate::calls::Calls;
use crate::frames::Place;
use crate::limits;
use crate::meter::{Denied, Stop, wide};

/// Said once where a trap's place cannot be told, for whoever looks after the plugin.
const HOW_TO_GET_NAMES: &str = "where is not known: the component carries no function names; build it with `strip = false` and \
     `debug = \"line-tables-only\"`, or put that build beside it as symbols/DIGEST.wasm";

/// Why a call into the guest returned an error.
pub(crate) fn failure(error: &wasmtime::Error, calls: &Calls, fuel_left: u64) -> Failure {
    if let Some(stop) = error.downcast_ref::<Stop>() {
        return stopped(stop);
    }
    let limits = &calls.meter.limits;
    let trap = error.downcast_ref::<Trap>().copied();
    if trap == Some(Trap::OutOfFuel) {
        let used = limits.fuel.saturating_sub(fuel_left);
        return limit("fuel", used.max(limits.fuel.saturating_add(1)), limits.fuel);
    }
    if is_too_much_data(error) {
        // The engine stops before it copies and does not say how much there would have been.
        let allowed = wide(limits.string_bytes);
        return limit("string bytes", allowed.saturating_add(1), allowed);
    }
    if error.is::<wasmtime::PoolConcurrencyLimitError>() {
        return Failure::Host {
            message: "no room for another instance".to_owned(),
        };
    }
    // Without words before it, `unreachable` after a refused growth is how allocators give up; without a trap it is an
    // instance that asked for too much to begin with.
    if let (Some(denied), Some(Trap::UnreachableCodeReached) | None, None) =
        (calls.meter.denied, trap, &calls.last_words)
    {
        return match denied {
            Denied::Memory { bytes } => {
                limit("memory bytes", wide(bytes), wide(limits.memory_bytes))
            }
            Denied::Table { entries } => {
                limit("table entries", wide(entries), wide(limits::TABLE_ENTRIES))
            }
        };
    }
    Failure::Trapped {
        message: short(trapped(error, trap, calls.last_words.as_deref())),
    }
}

/// What happened, and where in the plugin's own source.
fn trapped(error: &wasmtime::Error, trap: Option<Trap>, last_words: Option<&str>) -> String {
    let place = Place::of(error);
    if let Some(words) = last_words {
        return match place {
            Place::Named(place) => format!("{words}\nin {place}"),
            Place::Unnamed | Place::Nowhere => words.to_owned(),
        };
    }
    let what = match trap {
        Some(Trap::MemoryOutOfBounds) => {
            "it reached beyond its memory (endless recursion in Rust ends so, too)".to_owned()
        }
        Some(trap) => trap.to_string(),
        None => error.root_cause().to_string(),
    };
    match place {
        Place::Named(place) => format!("{what} in {place}"),
        Place::Unnamed if trap.is_some() => format!("{what}; {HOW_TO_GET_NAMES}"),
        Place::Unnamed | Place::Nowhere => what,
    }
}

/// Why the host stopped a run.
pub(crate) fn stopped(stop: &Stop) -> Failure {
    match stop {
        Stop::Limit {
            which,
            used,
            allowed,
        } => limit(which, *used, *allowed),
        Stop::Backstop { .. } => Failure::Host {
            message: stop.to_string(),
        },
        Stop::OutsideOfHandle { .. } | Stop::Exit { .. } => Failure::Trapped {
            message: stop.to_string(),
        },
    }
}

/// A limit passed.
pub(crate) fn limit(which: &str, used: u64, allowed: u64) -> Failure {
    Failure::Limit {
        which: which.to_owned(),
        used,
        allowed,
    }
}

/// The plugin's own failure.
pub(crate) fn said(message: String) -> Failure {
    Failure::Said {
        message: short(message),
    }
}

/// What a record keeps of a message.
fn short(mut message: String) -> String {
    if message.len() > limits::MESSAGE_BYTES {
        message.truncate(message.floor_char_boundary(limits::MESSAGE_BYTES));
        message.push('…');
    }
    message
}

/// The engine has no public type for this; `i08_a_giant_string_is_never_copied` notices if its words change.
fn is_too_much_data(error: &wasmtime::Error) -> bool {
    error
        .root_cause()
        .to_string()
        .contains("fuel allocated for hostcalls")
}
