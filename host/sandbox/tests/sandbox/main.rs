//! The sandbox with real components in it: the plugins that ship, and one that misbehaves on request.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests are tests, too"
)]

mod caching;
mod costs;
mod handmade;
mod i07_grants;
mod i07_wasi;
mod i08_budget;
mod i08_compile;
mod i08_flood;
mod i08_handmade;
mod i08_hostile;
mod i08_waiting;
mod i09_repeat;
mod loading;
mod shipped_plugins;
mod stage;
mod traps;
mod versions;
