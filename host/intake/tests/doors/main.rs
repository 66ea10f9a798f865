//! The doors over real sockets: who gets in, what is stored, and when 200 is said.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test, a panic is the answer"
)]

mod floods;
mod logs;
mod said_on_the_simulator;
mod shelf;
mod signer;
mod sns;
mod webhook;
