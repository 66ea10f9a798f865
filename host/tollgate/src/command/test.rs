//! `tollgate test`: the tests beside a tenant's rules.

mod choice;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use engine::rehearsal::{self, Pace};
use engine::{Edition, Plan, edition};
use sandbox::Sandbox;

use self::choice::Choice;
use super::rehearsed::{self, Report};
use super::{ConfigFile, Failure, say};
use crate::wiring;

/// Run the `[[test]]`s that stand beside rules: with the real plugins, sandbox and gate, on a ledger in memory.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate test                              the configuration here, or the embedded defaults
  tollgate test greeting \"on Sunday\"         tests with one of these in their name
  tollgate test --rule opening-hours -v      tests that expect this rule or run it, and what happened in each turn
  tollgate test --watch                      again after each change of a rule, a plugin or the configuration
  tollgate test --coverage                   and what no test reaches; --coverage=fail for build servers
  tollgate test --format junit > tests.xml   for build servers
  tollgate test --format json | jq 'select(.green | not)'

Exit codes: 0 all green, 1 a test is red or the rules have an error, 2 wrong usage or configuration.")]
pub(super) struct Test {
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    report: Report,
    /// List the tests instead of running them
    #[arg(long, conflicts_with_all = ["coverage", "verbose", "watch"])]
    list: bool,
    /// Run again whenever a rule file, a plugin or the configuration changes, until Ctrl-C
    #[arg(long, conflicts_with = "format")]
    watch: bool,
}

/// All that tests are run with.
struct Stage {
    plan: Arc<Plan>,
    sandbox: Arc<Sandbox>,
    edition: Arc<Edition>,
}

impl Test {
    pub(super) async fn run(self) -> Result<(), Failure> {
        if self.watch {
            return self.run_and_watch().await;
        }
        let plan = self.plan()?;
        let stage = plan.stage(None).await?;
        if self.list {
            let tests = self.choice.listed(&stage).await?;
            say(&choice::list(&tests, self.report.is_json()));
            return Ok(());
        }
        let (tests, extent) = self.choice.rehearsed(&stage).await?;
        self.report.tell(&tests, &stage.edition, extent)
    }

    /// What the configuration says now.
    fn plan(&self) -> Result<Planned, Failure> {
        let (config, is_embedded) = self.config.read()?;
        let plan = wiring::plan_for_checking(&config, is_embedded)
            .map_err(|error| Failure::usage(format!("error: {error}")))?;
        Ok(Planned {
            plan: Arc::new(plan),
            data: config.host.data,
        })
    }
}

/// A configuration, before any rule is read.
struct Planned {
    plan: Arc<Plan>,
    data: PathBuf,
}

impl Planned {
    /// What rules and plugins say now. Plugins of an earlier stage are not compiled again.
    async fn stage(self, earlier: Option<&Stage>) -> Result<Stage, Failure> {
        let sandbox = match earlier {
            Some(earlier) => Arc::clone(&earlier.sandbox),
            None => wiring::sandbox(Some(&self.data))
                .map_err(|error| Failure::found(format!("error: {error}")))?,
        };
        let previous = earlier.map(|earlier| Arc::clone(&earlier.edition));
        let edition = edition::make(&self.plan, &sandbox, previous)
            .await
            .map_err(|refused| rehearsed::refused(&refused))?;
        Ok(Stage {
            plan: self.plan,
            sandbox,
            edition: Arc::new(edition),
        })
    }
}

impl Stage {
    /// Runs those tests that are chosen.
    async fn rehearse(
        &self,
        chosen: impl Fn(&model::TenantId, &rulebook::RuleTest) -> bool,
    ) -> Vec<rehearsal::Rehearsed> {
        rehearsal::rehearse_some(
            &self.plan,
            &self.sandbox,
            &self.edition,
            Pace::Hurried,
            chosen,
        )
        .await
    }
}
