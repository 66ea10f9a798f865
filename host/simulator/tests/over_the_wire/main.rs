//! The simulator over real sockets, with a small host at the other end.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected ends there"
)]

mod faces;
mod faults;
mod golden;
mod host;
mod kinds;
mod record;
mod told;
mod webhooks;
