//! `tollgate plugin test`: the tests beside a plugin's rules, in the real sandbox.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use engine::rehearsal::{self, Pace};
use engine::{Component, Plan, PluginSource, RuleSource, Tenant, edition};
use gate::{OptIn, Policy};
use model::{DeskName, Grants, Mode, NumberId, PluginName, Span, TenantId};

use super::project::Project;
use super::{check, roomy, wanted};
use crate::command::Failure;
use crate::command::rehearsed::{self, Extent, Report};
use crate::wiring;

/// Build a plugin if need be, and run the `[[test]]`s of its rule files against its component: the real sandbox, gate and
/// ledger, with knowledge, endpoints, clock and contact as the tests give them. It is granted what it says it wants.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate plugin test                                        the plugin in this folder, its rules in rules/
  tollgate plugin test --component dist/stock-check.wasm      without building it
  tollgate plugin test --rules other-rules --verbose          and what happened in each turn
  tollgate plugin test --format json | jq 'select(.green | not)'")]
pub(super) struct Test {
    /// The plugin's folder
    #[arg(default_value = ".", value_name = "FOLDER")]
    folder: PathBuf,
    /// The component, instead of building it
    #[arg(long, value_name = "FILE")]
    component: Option<PathBuf>,
    /// What the rules call the plugin, instead of what it calls itself
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The folder of rule files, instead of `rules` in the plugin's folder
    #[arg(long, value_name = "FOLDER")]
    rules: Option<PathBuf>,
    #[command(flatten)]
    set: Set,
    #[command(flatten)]
    report: Report,
}

/// The business that the rules are tested in.
#[derive(Debug, Args)]
struct Set {
    /// A desk that rules may name
    #[arg(long, value_name = "NAME", default_values = ["support", "sales"])]
    desk: Vec<String>,
    /// A knowledge base that the plugin may ask; a test gives its answer with `given.knowledge`
    #[arg(long, value_name = "NAME", default_values = ["handbook"])]
    knowledge: Vec<String>,
    /// An endpoint that the plugin may ask; a test gives its answer with `given.lookup.NAME`
    #[arg(long, value_name = "NAME", default_values = ["orders"])]
    endpoint: Vec<String>,
}

impl Default for Set {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            desk: names(&["support", "sales"]),
            knowledge: names(&["handbook"]),
            endpoint: names(&["orders"]),
        }
    }
}

impl Test {
    /// The tests of a project whose component is built.
    pub(super) fn of(project: &Project, component: PathBuf) -> Self {
        Self {
            folder: project.root.clone(),
            component: Some(component),
            name: None,
            rules: Some(project.rules()),
            set: Set::default(),
            report: Report::default(),
        }
    }

    pub(super) async fn run(self) -> Result<(), Failure> {
        let component = match &self.component {
            Some(component) => component.clone(),
            None => Project::find(&self.folder)?.build().await?,
        };
        let sandbox = super::sandbox()?;
        let rules = self
            .rules
            .clone()
            .unwrap_or_else(|| self.folder.join("rules"));
        let loaded = check::load(&sandbox, &component, check::read(&component)?).await?;
        let description = loaded.description();
        let name = self.name.as_deref().unwrap_or(&description.name);
        let name = PluginName::new(name).map_err(|error| {
            Failure::usage(format!(
                "error: the plugin calls itself {name:?}: {error}\n  help: name it with --name, as the rules do"
            ))
        })?;
        let source = PluginSource {
            component: Component::File(component),
            grants: Grants {
                endpoints: self.set.endpoint.iter().cloned().collect(),
                ..wanted(description)
            },
            limits: roomy(),
            pin: None,
        };
        let plan = Arc::new(stage(name, source, rules.clone(), &self.set)?);
        let edition = edition::make(&plan, &sandbox, None)
            .await
            .map_err(|refused| rehearsed::refused(&refused))?;
        let edition = Arc::new(edition);
        let tests = rehearsal::rehearse(&plan, &sandbox, &edition, Pace::Hurried).await;
        if tests.is_empty() {
            return Err(Failure::found(format!(
                "error: {} holds no test\n  help: add a `[[test]]` with `says` and `expect.…` to a rule file there",
                rules.display()
            )));
        }
        self.report.tell(&tests, &edition, Extent::All)
    }
}

/// A tenant of one number with the plugin under test beside those that ship.
fn stage(
    name: PluginName,
    source: PluginSource,
    rules: PathBuf,
    set: &Set,
) -> Result<Plan, Failure> {
    let wrong = |error: model::InvalidId| Failure::found(format!("error: {error}"));
    let number = NumberId::new("100000000000001").map_err(wrong)?;
    let line = engine::Line {
        alias: "store".to_owned(),
        title: "The store".to_owned(),
        route: None,
    };
    let desks = set.desk.iter().map(DeskName::new);
    let desks = desks.collect::<Result<_, _>>().map_err(wrong)?;
    let tenant = Tenant {
        title: "Rehearsal".to_owned(),
        policy: Policy {
            numbers: [number.clone()].into(),
            simulated: [number.clone()].into(),
            desks,
            mode: Mode::DryRun,
            opt_in: OptIn::default(),
            window_margin: Span::from_minutes(2),
            bearable_wait: Span::from_minutes(1),
            pace: std::collections::BTreeMap::new(),
            bounds: gate::Bounds::default(),
            answer_within: Span::from_hours(6),
        },
        lines: [(number, line)].into(),
        stale_desk: None,
        agent_pause: Span::from_minutes(30),
        rules: RuleSource::Folder(rules),
        knowledge: wiring::no_knowledge(set.knowledge.iter()),
        endpoints: wiring::no_endpoints(set.endpoint.iter()),
    };
    let mut plugins = wiring::shipped_plugins();
    plugins.insert(name, source);
    Ok(Plan {
        tenants: [(TenantId::new("rehearsal").map_err(wrong)?, Arc::new(tenant))].into(),
        plugins,
    })
}
