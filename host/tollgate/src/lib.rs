//! The parts of the `tollgate` binary.
//!
//! Owns: the command line ([`command`]), what `tollgate.toml` means ([`config`]), and the wiring of everything else
//! ([`wiring`]): only here are carriers, ledger, sandbox and faces put together.
//! Promises: a configuration that exists is whole; what is wrong is said all at once, with the line that fixes it; a command
//! that acts on a running host is a client of its `/v1` API, never a second writer of its ledger.
//! Bounds: `config::limits` names how large the file and its secrets may be.
#![forbid(unsafe_code)]

pub mod command;
pub mod config;
mod explain;
mod shown;
mod style;
pub mod wiring;
