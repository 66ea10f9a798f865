//! `tollgate test`: the tests beside a tenant's rules.

use std::sync::Arc;

use clap::Args;
use engine::{edition, rehearsal};

use super::{ConfigFile, Failure, rehearsed, say};
use crate::wiring;

/// Run the `[[test]]`s that stand beside rules: with the real plugins, sandbox and gate, on a ledger in memory.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate test                              the configuration here, or the embedded defaults
  tollgate test --config tollgate.toml -v    and what happened in each turn
  tollgate test --json | jq 'select(.green | not)'")]
pub(super) struct Test {
    #[command(flatten)]
    config: ConfigFile,
    /// Show every turn, also of tests that pass
    #[arg(long, short)]
    verbose: bool,
    /// One JSON object for each test
    #[arg(long)]
    json: bool,
}

impl Test {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let (config, is_embedded) = self.config.read()?;
        let plan = wiring::plan_for_checking(&config, is_embedded)
            .map_err(|error| Failure::usage(format!("error: {error}")))?;
        let plan = Arc::new(plan);
        let sandbox = wiring::sandbox(Some(&config.host.data))
            .map_err(|error| Failure::found(format!("error: {error}")))?;
        let edition = edition::make(&plan, &sandbox, None)
            .await
            .map_err(|refused| rehearsed::refused(&refused))?;
        let tests = rehearsal::rehearse(&plan, &sandbox, &Arc::new(edition)).await;
        if self.json {
            say(&rehearsed::json(&tests));
        } else {
            say(&rehearsed::words(&tests, self.verbose));
        }
        rehearsed::verdict(&tests)
    }
}
