//! `tollgate check`: configuration, rules and plugins, without running anything.

use std::sync::Arc;

use clap::Args;
use engine::{Edition, Fault, Refused, edition, rehearsal};
use serde_json::{Value, json};

use super::{ConfigFile, Failure, is_colourful, say};
use crate::wiring;

/// Check configuration, rules and plugins without running anything: all problems at once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate check                                    the configuration here, or the embedded defaults
  tollgate check --config tollgate.toml             and exit with 1 if there is an error
  tollgate check --format json | jq -r .message     for scripts")]
pub(super) struct Check {
    #[command(flatten)]
    config: ConfigFile,
    /// How to print what is found
    #[arg(long, value_enum, default_value_t = Format::Full)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// With the source line and a caret
    Full,
    /// One line each
    Short,
    /// One JSON object each
    Json,
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
                let tests = rehearsal::rehearse(&plan, &sandbox, &edition).await;
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
            say(&match self.format {
                Format::Full => format!(
                    "{}\n",
                    fault.render(is_colourful(&std::io::stdout())).trim_end()
                ),
                Format::Short => format!("{fault}\n"),
                Format::Json => format!("{}\n", as_json(fault)),
            });
        }
    }
}

fn as_json(fault: &Fault) -> Value {
    let severity = if fault.is_error() { "error" } else { "warning" };
    match fault {
        Fault::Rule(diagnostic) => json!({
            "severity": severity,
            "code": diagnostic.code,
            "file": diagnostic.file,
            "line": diagnostic.line,
            "column": diagnostic.column,
            "message": diagnostic.message,
            "help": diagnostic.help,
        }),
        Fault::File {
            path,
            problem,
            help,
        } => {
            json!({"severity": severity, "file": path, "message": problem, "help": help})
        }
    }
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
