//! `tollgate check`: configuration, rules and plugins, without running anything.

mod format;

use std::collections::BTreeSet;
use std::sync::Arc;

use clap::Args;
use engine::rehearsal::{self, Pace};
use engine::{Edition, Fault, Refused, edition};

use super::{ConfigFile, Failure, complain, is_colourful, say};
use crate::wiring;
use format::Format;

/// Check configuration, rules and plugins without running anything: all problems at once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate check                                    the configuration here, or the embedded defaults
  tollgate check --config tollgate.toml             and exit with 1 if there is an error
  tollgate check --format json | jq -r .message     for scripts, one object a line
  tollgate check --format github                    in a GitHub workflow: findings stand beside the changed lines")]
pub(super) struct Check {
    #[command(flatten)]
    config: ConfigFile,
    /// How to print what is found
    #[arg(long, value_enum, default_value_t = Format::Full)]
    format: Format,
}

impl Check {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let (config, is_embedded) = self.config.read()?;
        let plan = wiring::plan_for_checking(&config, is_embedded)
            .map_err(|error| Failure::usage(format!("error: {error}")))?;
        let sandbox = wiring::sandbox(Some(&config.host.data))
            .map_err(|error| Failure::found(format!("error: {error}")))?;
        let plan = Arc::new(plan);
        match edition::make(&plan, &sandbox, None).await {
            Ok(edition) => {
                self.print(edition.warnings());
                let edition = Arc::new(edition);
                let tests = rehearsal::rehearse(&plan, &sandbox, &edition, Pace::Hurried).await;
                let red = rehearsal::faults(&tests);
                if !red.is_empty() {
                    self.print(&red);
                    return Err(Failure::found(Refused { faults: red }.tally()));
                }
                if self.format != Format::Json {
                    say(&format!("{}\n", summary(&edition, tests.len())));
                }
                Ok(())
            }
            Err(refused) => {
                self.print(&refused.faults);
                Err(Failure::found(refused.tally()))
            }
        }
    }

    fn print(&self, faults: &[Fault]) {
        for fault in faults {
            say(&self.format.show(fault, is_colourful(&std::io::stdout())));
        }
        if self.format == Format::Full {
            complain(&more(faults));
        }
    }
}

/// Where to read on about the codes that were shown.
fn more(faults: &[Fault]) -> String {
    const SHOWN: usize = 5;
    let codes: BTreeSet<&str> = faults
        .iter()
        .filter_map(|fault| match fault {
            Fault::Rule(diagnostic) => Some(diagnostic.code),
            Fault::File { .. } => None,
        })
        .collect();
    if codes.is_empty() {
        return String::new();
    }
    let shown: Vec<_> = codes.into_iter().take(SHOWN).collect();
    format!("tollgate explain {} tells more", shown.join(" "))
}

fn summary(edition: &Edition, tests: usize) -> String {
    let warnings = match edition.warnings().len() {
        0 => "no warnings".to_owned(),
        1 => "1 warning".to_owned(),
        several => format!("{several} warnings"),
    };
    format!(
        "fine: edition {}, {} plugins, {tests} tests green, {warnings}",
        edition.hash(),
        edition.plugins().count()
    )
}
