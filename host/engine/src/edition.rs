//! Editions: rules joined with their plugins, checked as a whole, bearing a hash. Swapped whole or not at all (I10).

mod gather;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use model::{Known, PluginName, TenantId};
use rulebook::{Diagnostic, Draft, Names, Severity};
use sandbox::{Plugin, Sandbox};
use sha2::{Digest, Sha256};

use crate::{Plan, Tenant};

/// What runs: every tenant's rules with the plugins they use.
pub struct Edition {
    hash: String,
    rulebooks: BTreeMap<TenantId, Draft>,
    plugins: BTreeMap<PluginName, Plugin>,
    warnings: Vec<Fault>,
}

/// One thing wrong with what the files say.
#[derive(Debug, Clone)]
pub enum Fault {
    /// In a rule file, at a line.
    Rule(Box<Diagnostic>),
    /// With a folder, a file or a plugin as a whole.
    File {
        /// Which.
        path: String,
        /// What is wrong.
        problem: String,
        /// What to do about it.
        help: String,
    },
}

/// Files that make no edition: the one in force stays.
#[derive(Debug, Clone)]
pub struct Refused {
    /// All that is wrong.
    pub faults: Vec<Fault>,
}

impl Edition {
    /// Its hash: equal for equal rules, plugins and grants.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// A tenant's rules.
    #[must_use]
    pub fn rulebook(&self, tenant: &TenantId) -> Option<&Draft> {
        self.rulebooks.get(tenant)
    }

    /// All tenants' rules.
    pub fn rulebooks(&self) -> impl Iterator<Item = (&TenantId, &Draft)> {
        self.rulebooks.iter()
    }

    /// A plugin.
    #[must_use]
    pub fn plugin(&self, name: &PluginName) -> Option<&Plugin> {
        self.plugins.get(name)
    }

    /// All plugins.
    pub fn plugins(&self) -> impl Iterator<Item = &Plugin> {
        self.plugins.values()
    }

    /// What could be better.
    #[must_use]
    pub fn warnings(&self) -> &[Fault] {
        &self.warnings
    }
}

/// Makes an edition of what the files say now. Plugins that `previous` has loaded from the same bytes are not compiled again.
pub async fn make(
    plan: &Arc<Plan>,
    sandbox: &Arc<Sandbox>,
    previous: Option<Arc<Edition>>,
) -> Result<Edition, Refused> {
    let gathering = {
        let (plan, sandbox) = (Arc::clone(plan), Arc::clone(sandbox));
        // Reading files and compiling plugins both block.
        tokio::task::spawn_blocking(move || gather::gather(&plan, &sandbox, previous.as_deref()))
    };
    let mut gathered = gathering.await.map_err(|error| Refused {
        faults: vec![Fault::File {
            path: "edition".into(),
            problem: error.to_string(),
            help: "this is a fault of the host: report it".into(),
        }],
    })?;
    let mut rulebooks = BTreeMap::new();
    for (id, sources) in gathered.sources {
        let Some(tenant) = plan.tenants.get(&id) else {
            continue;
        };
        let reading = rulebook::read(&sources, &names(plan, tenant));
        gathered.faults.extend(
            reading
                .diagnostics
                .into_iter()
                .map(|diagnostic| Fault::Rule(Box::new(diagnostic))),
        );
        if let Some(draft) = reading.draft {
            let complaints = check_settings(&draft, &gathered.plugins, tenant).await;
            gathered.faults.extend(complaints);
            rulebooks.insert(id, draft);
        }
    }
    let (faults, warnings): (Vec<_>, Vec<_>) =
        gathered.faults.into_iter().partition(Fault::is_error);
    if !faults.is_empty() {
        return Err(Refused {
            faults: faults.into_iter().chain(warnings).collect(),
        });
    }
    let hash = hash(&rulebooks, &gathered.plugins);
    Ok(Edition {
        hash,
        rulebooks,
        plugins: gathered.plugins,
        warnings,
    })
}

/// A tenant's rules as the files say, with no plugin loaded: what its settings come to is not known.
pub fn rules(plan: &Plan, tenant: &Tenant) -> Result<Draft, Refused> {
    let refused = |faults| Refused { faults };
    let sources = gather::sources(&tenant.rules).map_err(|fault| refused(vec![fault]))?;
    let reading = rulebook::read(&sources, &names(plan, tenant));
    let faults = || {
        let faults = reading.diagnostics.into_iter();
        faults.map(|diagnostic| Fault::Rule(Box::new(diagnostic)))
    };
    reading.draft.ok_or_else(|| refused(faults().collect()))
}

/// What the plan defines for a tenant's rules to name.
fn names(plan: &Plan, tenant: &Tenant) -> Names {
    Names {
        plugins: plan.plugins.keys().cloned().collect(),
        desks: tenant.policy.desks.clone(),
        numbers: tenant
            .lines
            .iter()
            .map(|(number, line)| (line.alias.clone(), number.clone()))
            .collect(),
        answer_within: tenant.policy.answer_within,
    }
}

/// Every plugin checks the settings that rules give it; what it finds is shown at the rule's line.
async fn check_settings(
    draft: &Draft,
    plugins: &BTreeMap<PluginName, Plugin>,
    tenant: &Tenant,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (place, action) in draft.actions() {
        // A plugin that did not load has a fault of its own already.
        let Some(plugin) = plugins.get(&action.plugin) else {
            continue;
        };
        let grants = plugin.grants();
        let may_ask = |name: &&String| {
            let bases = grants.knowledge.as_ref();
            bases.is_none_or(|bases| bases.contains(*name))
        };
        let known = Known {
            knowledge: tenant.knowledge.keys().filter(may_ask).cloned().collect(),
            endpoints: tenant
                .endpoints
                .keys()
                .filter(|name| grants.endpoints.contains(*name))
                .cloned()
                .collect(),
            ..draft.known(place, &tenant.policy.desks)
        };
        match plugin.check(&action.settings.to_string(), &known).await {
            Ok(problems) => {
                faults.extend(
                    problems
                        .iter()
                        .map(|problem| Fault::Rule(Box::new(draft.locate(place, problem)))),
                );
            }
            Err(failure) => faults.push(Fault::File {
                path: format!("plugin {}", action.plugin),
                problem: format!("it could not check the settings of a rule: {failure}"),
                help: "mend the plugin's `check`, or let the rule use another plugin".into(),
            }),
        }
    }
    faults
}

fn hash(rulebooks: &BTreeMap<TenantId, Draft>, plugins: &BTreeMap<PluginName, Plugin>) -> String {
    let mut digest = Sha256::new();
    for (tenant, draft) in rulebooks {
        digest.update(format!("rules {tenant} {}\n", draft.digest()));
    }
    for (name, plugin) in plugins {
        digest.update(format!(
            "plugin {name} {} {:?}\n",
            plugin.digest(),
            plugin.grants()
        ));
    }
    let mut text = hex::encode(digest.finalize());
    text.truncate(12);
    text
}

impl Fault {
    /// It keeps the edition from being made; a warning does not.
    #[must_use]
    pub fn is_error(&self) -> bool {
        match self {
            Self::Rule(diagnostic) => diagnostic.severity == Severity::Error,
            Self::File { .. } => true,
        }
    }

    /// In full: with the source line and a caret where there is one.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        match self {
            Self::Rule(diagnostic) => diagnostic.render(colour),
            Self::File {
                path,
                problem,
                help,
            } => format!("{path}: error: {problem}\n  help: {help}\n"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(diagnostic) => diagnostic.fmt(f),
            Self::File { path, problem, .. } => write!(f, "{path}: error: {problem}"),
        }
    }
}

impl Refused {
    /// How many errors there are, in words.
    #[must_use]
    pub fn tally(&self) -> String {
        match self.faults.iter().filter(|fault| fault.is_error()).count() {
            1 => "1 error".to_owned(),
            several => format!("{several} errors"),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Refused {}
