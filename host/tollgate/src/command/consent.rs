//! `tollgate consent`: what contacts allowed, recorded by people.

mod bulk;
mod file;
mod set;

use clap::{Args, Subcommand};

use super::Failure;

/// Record what contacts allowed, and take it in and out in bulk.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate consent set c7 out --evidence \"asked on the phone\"
  tollgate consent set +15550100001 in --marketing --evidence \"form of 3 May, signed\"
  tollgate consent import list.csv --dry-run
  tollgate consent export > consent.csv")]
pub(super) struct Consent {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Record one contact's opt-in or opt-out
    Set(set::Set),
    /// Take over what was recorded elsewhere, from a CSV file
    Import(bulk::Import),
    /// Print all that is on record, as CSV
    Export(bulk::Export),
}

impl Consent {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self.act {
            Act::Set(set) => set.run().await,
            Act::Import(import) => import.run().await,
            Act::Export(export) => export.run().await,
        }
    }
}
