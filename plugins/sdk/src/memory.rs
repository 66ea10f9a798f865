//! What this plugin keeps of the turn's contact from turn to turn. Grant: `memory`.
//!
//! A turn sees what it wrote itself; what it wrote stays if the turn succeeds. A plugin has at most 64 keys with a contact,
//! of 128 bytes each, and 4096 bytes for each value; the longest that anything is kept is 400 days.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Basket {
//!     items: Vec<String>,
//! }
//!
//! # fn example() -> Result<(), sdk::Refusal> {
//! let mut basket = sdk::memory::recall("basket")?.unwrap_or(Basket { items: vec![] });
//! basket.items.push("bicycle".to_owned());
//! sdk::memory::keep("basket", &basket, Duration::from_hours(24))?;
//! # Ok(())
//! # }
//! ```

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Entry, Refusal, host};

/// What stands under a key, unless its time is over: the text, and when it is forgotten.
pub fn get(key: &str) -> Result<Option<Entry>, Refusal> {
    host::memory::get(key)
}

/// Keeps a text under a key, for this many milliseconds.
pub fn set(key: &str, value: &str, time_to_live_ms: u64) -> Result<(), Refusal> {
    host::memory::set(key, value, time_to_live_ms)
}

/// Forgets a key.
pub fn delete(key: &str) -> Result<(), Refusal> {
    host::memory::delete(key)
}

/// What [`keep`] put under a key. What has another shape, such as what an earlier version of the plugin kept, is nothing.
pub fn recall<T: DeserializeOwned>(key: &str) -> Result<Option<T>, Refusal> {
    get(key).map(read)
}

/// Keeps a value under a key, as JSON.
pub fn keep<T: Serialize>(key: &str, value: &T, span: Duration) -> Result<(), Refusal> {
    set(key, &written(value)?, ms(span))
}

pub(crate) fn read<T: DeserializeOwned>(entry: Option<Entry>) -> Option<T> {
    serde_json::from_str(&entry?.value).ok()
}

pub(crate) fn written<T: Serialize>(value: &T) -> Result<String, Refusal> {
    serde_json::to_string(value).map_err(|error| Refusal::Invalid(format!("no JSON: {error}")))
}

pub(crate) fn ms(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
