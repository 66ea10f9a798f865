//! `tollgate ledger`: what is stored. Looking reads the file beside a running host; changing is asked of the host, if one runs.

mod erase;
mod looking;
mod place;
mod retain;

use clap::{Args, Subcommand};

use super::Failure;

/// See to what is stored: check it, measure it, hand a person what is theirs, erase them, remove what is past its time.
#[derive(Debug, Args)]
#[command(after_help = "\
check, stats and export only read: they work beside a running host, and without one. erase and retain are done by the host that has the
ledger open; if none has, they open it themselves.

Examples:
  tollgate ledger check                         is all of it sound, and no consent tampered with?
  tollgate ledger stats                         how much of what, how large, how old
  tollgate ledger export +15550100001           all that is stored about a person, as JSON lines
  tollgate ledger erase c7 --dry-run            what erasing would remove
  tollgate ledger erase c7                      remove it, for good
  tollgate ledger retain --dry-run              what is past its time

Exit codes: 0 fine, 1 something was found or failed, 2 wrong usage.")]
pub(super) struct Ledger {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Look for damage, contradictions, and consent that was tampered with
    Check(looking::Check),
    /// Show how many records of what there are, how large, and how old
    Stats(looking::Stats),
    /// Print all that is stored about a person
    Export(looking::Export),
    /// Erase a person: all that is stored about them, for good
    Erase(erase::Erase),
    /// Remove what is past its time now, instead of waiting for the host to do so
    Retain(retain::Retain),
}

impl Ledger {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self.act {
            Act::Check(check) => check.run(),
            Act::Stats(stats) => stats.run(),
            Act::Export(export) => export.run(),
            Act::Erase(erase) => erase.run().await,
            Act::Retain(retain) => retain.run().await,
        }
    }
}
