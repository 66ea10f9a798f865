//! An engine in one thread and in virtual time: time passes when nobody has anything left to do, or when a test lets it. What a clock
//! decides is tested here, to the millisecond and on the busiest machine: retries, deadlines, rolling windows, rates, retention.
//! The engine, the plugins in their sandbox and SQLite are the real ones; the network is a carrier that writes down what it is given.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    dead_code,
    unreachable_pub,
    reason = "in a test, a panic is the answer; and the ledger's doors are shared with other tests"
)]

mod accounts;
mod callers;
#[path = "../house/doors.rs"]
mod doors;
mod house;
mod knowing;
mod network;
#[path = "../house/operations.rs"]
mod operations;
mod readiness;
mod retention;
mod retries;
mod tenants;
mod tier;
mod timers;
mod typing;
