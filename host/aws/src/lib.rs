//! Everything that speaks to AWS. No other crate names an AWS SDK, and only the binary names this one.
//!
//! Owns: the carrier over End User Messaging Social ([`EumCarrier`]), the inbox on SQS ([`SqsInbox`]) and the fleet's ledger on
//! DynamoDB ([`DynamoLedger`]).
//! Promises: one call of `deliver` makes at most one request: the SDK's own retries are off, for there is no idempotency token
//! and a second request is a second message (I11). Only what is known not to have been taken is reported as refused. A queue's
//! calls may be repeated: what is received twice is known (I2). A write of the ledger is one transaction under one token: repeated, it
//! is done once (I3).
//! Bounds: [`limits`]; what is said of causes and waits is the carrier crate's.

#![forbid(unsafe_code)]

mod account;
mod dynamo;
mod eum;
pub mod limits;
mod outcome;
mod sqs;

pub use account::Credentials;
pub use dynamo::{DynamoError, DynamoLedger, DynamoOptions};
pub use eum::{EumCarrier, EumError, EumOptions};
pub use sqs::{SqsError, SqsInbox, SqsOptions};
