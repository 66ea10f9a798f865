//! The fleet's ledger on Amazon DynamoDB Local: the conformance suite, and what is its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test, a panic is the answer"
)]

mod faults;
mod fleet;
mod local;
mod proxy;
mod shop;
mod table;

use local::Table;

ledger::conformance::cases!(match Table::new() {
    Some(table) => table,
    None => return,
});
