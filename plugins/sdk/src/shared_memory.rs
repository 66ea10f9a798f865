//! What this plugin keeps for all contacts of a business together. Grant: `shared-memory`, apart from `memory`, because what
//! one contact says can reach another this way.
//!
//! The functions are those of [`memory`](crate::memory). A plugin has at most 1024 keys with a business. Turns that write the
//! same key at the same time are run again, one after the other, so that none overwrites what it did not see.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::memory::{ms, read, written};
use crate::{Entry, Refusal, host};

/// What stands under a key, unless its time is over: the text, and when it is forgotten.
pub fn get(key: &str) -> Result<Option<Entry>, Refusal> {
    host::shared_memory::get(key)
}

/// Keeps a text under a key, for this many milliseconds.
pub fn set(key: &str, value: &str, time_to_live_ms: u64) -> Result<(), Refusal> {
    host::shared_memory::set(key, value, time_to_live_ms)
}

/// Forgets a key.
pub fn delete(key: &str) -> Result<(), Refusal> {
    host::shared_memory::delete(key)
}

/// What [`keep`] put under a key; what has another shape is nothing.
pub fn recall<T: DeserializeOwned>(key: &str) -> Result<Option<T>, Refusal> {
    get(key).map(read)
}

/// Keeps a value under a key, as JSON.
pub fn keep<T: Serialize>(key: &str, value: &T, span: Duration) -> Result<(), Refusal> {
    set(key, &written(value)?, ms(span))
}
