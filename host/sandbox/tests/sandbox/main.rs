//! The sandbox with real components in it: the plugins that ship, and one that misbehaves on request.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests are tests, too"
)]

mod costs;
mod i07_grants;
mod i08_hostile;
mod i09_repeat;
mod shipped_plugins;
mod stage;
