//! Wiring: a configuration becomes a plan, with carriers that can deliver and plugins that can be loaded.

mod doors;
mod reach;

pub use doors::{Doors, Queue, doors};
pub use reach::{no_endpoints, no_knowledge};

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws::{Credentials, EumCarrier, EumOptions};
use carrier::Carrier;
use carrier::graph::{GraphCarrier, GraphOptions};
use engine::{Component, IfUnsure, Line, Plan, PluginSource, Route, RuleSource, Tenant};
use gate::{Pace, Policy};
use model::{Mode, PluginName};
use sandbox::{Compiler, Sandbox, SandboxError};

use crate::config::{self, Config, Way};

/// The rulebook in the binary: what the embedded defaults answer with where there is no `rules` folder.
const EMBEDDED_RULES: &[(&str, &str)] = &[
    (
        "rules/00-opt-out.toml",
        include_str!("../../../rules/00-opt-out.toml"),
    ),
    (
        "rules/10-hours.toml",
        include_str!("../../../rules/10-hours.toml"),
    ),
    (
        "rules/20-people.toml",
        include_str!("../../../rules/20-people.toml"),
    ),
    (
        "rules/30-service.toml",
        include_str!("../../../rules/30-service.toml"),
    ),
    (
        "rules/90-fallback.toml",
        include_str!("../../../rules/90-fallback.toml"),
    ),
];

/// The configuration cannot be put to work.
#[derive(Debug, thiserror::Error)]
pub enum WiringError {
    /// A secret is missing.
    #[error("{place}: {error}")]
    Secret {
        /// Which key names it.
        place: String,
        /// What is missing.
        error: config::SecretError,
    },
    /// A carrier cannot be made.
    #[error("[carrier.{name}]: {cause}")]
    Carrier {
        /// Which.
        name: String,
        /// Why.
        cause: String,
    },
    /// What a Meta app signs would count as another's.
    #[error("[meta_app.{name}]: {cause}")]
    MetaApp {
        /// Which.
        name: String,
        /// Why.
        cause: String,
    },
    /// A topic's notifications cannot be verified.
    #[error("[topic.{name}]: {cause}")]
    Topic {
        /// Which.
        name: String,
        /// Why.
        cause: String,
    },
    /// A queue cannot be received from.
    #[error("[queue.{name}]: {cause}")]
    Queue {
        /// Which.
        name: String,
        /// Why.
        cause: String,
    },
    /// A shipped plugin is named that does not ship.
    #[error(
        "[plugin.{name}]: no plugin ships as {shipped:?}; {} do",
        shipped_names()
    )]
    NotShipped {
        /// The plugin.
        name: String,
        /// What it names.
        shipped: String,
    },
    /// A knowledge base cannot be opened.
    #[error("[tenant.{tenant}.knowledge.{name}]: {cause}")]
    Knowledge {
        /// Whose.
        tenant: String,
        /// Which.
        name: String,
        /// Why.
        cause: String,
    },
    /// An endpoint cannot be asked.
    #[error("[tenant.{tenant}.endpoint.{name}]: {cause}")]
    Endpoint {
        /// Whose.
        tenant: String,
        /// Which.
        name: String,
        /// Why.
        cause: String,
    },
    /// A name that should have been checked is not what it must be.
    #[error("{0}")]
    Name(#[from] model::InvalidId),
}

/// Whether sends may leave at all, whatever the configuration says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// As the configuration says.
    AsConfigured,
    /// `TOLLGATE_DRY_RUN=1`: nothing leaves, not even to a simulator.
    Withheld,
}

impl Sending {
    /// What the environment says.
    #[must_use]
    pub fn from_environment() -> Self {
        match std::env::var("TOLLGATE_DRY_RUN") {
            Ok(value) if !matches!(value.trim(), "" | "0" | "false" | "no") => Self::Withheld,
            _ => Self::AsConfigured,
        }
    }
}

/// The plan, with its carriers, knowledge bases and endpoints. `embedded` says that what folders would hold may come from the
/// binary where a folder is missing.
pub async fn plan(config: &Config, embedded: bool, sending: Sending) -> Result<Plan, WiringError> {
    let mut carriers = BTreeMap::new();
    for (name, carrier) in &config.carriers {
        carriers.insert(name.as_str(), make_carrier(config, name, carrier).await?);
    }
    let mut tenants = BTreeMap::new();
    for (id, tenant) in &config.tenants {
        let made = Tenant {
            knowledge: reach::knowledge(id, tenant, embedded)?,
            endpoints: reach::endpoints(id, tenant)?,
            ..make_tenant(config, tenant, &carriers, embedded, sending)
        };
        tenants.insert(id.clone(), Arc::new(made));
    }
    Ok(Plan {
        tenants,
        plugins: plugins(config)?,
    })
}

/// The plan for checking: rules and plugins as they would be, no secret asked for, and nothing that reaches out.
pub fn plan_for_checking(config: &Config, embedded: bool) -> Result<Plan, WiringError> {
    doors::topics(config)?;
    for (id, tenant) in &config.tenants {
        reach::demand_folders(id, tenant, embedded)?;
    }
    let tenants = config.tenants.iter().map(|(id, tenant)| {
        let made = Tenant {
            knowledge: reach::no_knowledge(tenant.knowledge.keys()),
            endpoints: reach::no_endpoints(tenant.endpoints.keys()),
            ..make_tenant(
                config,
                tenant,
                &BTreeMap::new(),
                embedded,
                Sending::Withheld,
            )
        };
        (id.clone(), Arc::new(made))
    });
    Ok(Plan {
        tenants: tenants.collect(),
        plugins: plugins(config)?,
    })
}

/// The word that makes this program the sandbox's compiler.
pub const COMPILE: &str = "compile-component";

/// The sandbox: it compiles in a child process, and keeps what it compiled below `data`, if that folder is there.
pub fn sandbox(data: Option<&Path>) -> Result<Arc<Sandbox>, SandboxError> {
    // On Linux this very program, also when an upgrade has replaced its file meanwhile.
    let itself = Path::new("/proc/self/exe");
    let program = match itself.exists() {
        true => Ok(itself.to_owned()),
        false => std::env::current_exe(),
    };
    let compiler = match program {
        Ok(program) => Compiler::Child {
            program,
            arguments: vec![COMPILE.into()],
        },
        Err(error) => {
            tracing::warn!(%error, "this program cannot be found again: plugins are compiled within it");
            Compiler::Within
        }
    };
    let cache = data
        .filter(|data| data.is_dir())
        .map(|data| data.join("compiled"));
    Sandbox::new(sandbox::Settings { compiler, cache }).map(Arc::new)
}

/// The sandbox of somebody who tries plugins, without a host's data: what it compiled is kept where this user's caches are.
pub fn developer_sandbox() -> Result<Arc<Sandbox>, SandboxError> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let caches = named("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| named("HOME").map(|home| PathBuf::from(home).join(".cache")));
    let ours = caches.map(|caches| caches.join("tollgate"));
    // Without a place to keep it in, everything is compiled anew: slower, and all the same.
    let kept = ours.filter(|ours| std::fs::create_dir_all(ours).is_ok());
    sandbox(kept.as_deref())
}

fn plugins(config: &Config) -> Result<BTreeMap<PluginName, PluginSource>, WiringError> {
    let mut plugins = BTreeMap::new();
    for (name, plugin) in &config.plugins {
        let component = match &plugin.component {
            config::Component::File(path) => Component::File(path.clone()),
            config::Component::Shipped(shipped) => {
                let found = shipped::all()
                    .into_iter()
                    .find(|(known, _)| *known == shipped.as_str());
                let missing = || WiringError::NotShipped {
                    name: name.to_string(),
                    shipped: shipped.to_string(),
                };
                Component::Embedded(found.ok_or_else(missing)?.1)
            }
        };
        plugins.insert(
            name.clone(),
            PluginSource {
                component,
                grants: plugin.grants.clone(),
                limits: plugin.limits,
                pin: plugin.pin.as_ref().map(|pin| pin.as_str().to_owned()),
            },
        );
    }
    Ok(plugins)
}

async fn make_carrier(
    config: &Config,
    name: &str,
    carrier: &config::Carrier,
) -> Result<Arc<dyn Carrier>, WiringError> {
    let failed = |cause: String| WiringError::Carrier {
        name: name.to_owned(),
        cause,
    };
    Ok(match &carrier.way {
        Way::Graph { url, token } => {
            let token = match token {
                Some(token) => reveal(&format!("[carrier.{name}] token"), token)?,
                // Only a simulator may do without, and it takes any.
                None => "simulator".into(),
            };
            let options = GraphOptions {
                base_url: url.as_str().to_owned(),
                api_version: carrier.api_version.as_str().to_owned(),
                token,
                timeout: carrier.timeout.duration(),
            };
            Arc::new(GraphCarrier::new(options).map_err(|error| failed(error.to_string()))?)
        }
        Way::Aws { url, region } => {
            let numbers = config
                .tenants
                .values()
                .flat_map(|tenant| tenant.numbers.values())
                .filter(|number| number.carrier == name)
                .map(|number| (number.id.clone(), number.carrier_id().to_owned()))
                .collect();
            let options = EumOptions {
                region: aws_region(region.as_deref(), carrier.simulator).unwrap_or_default(),
                endpoint_url: url.as_ref().map(|url| url.as_str().to_owned()),
                api_version: carrier.api_version.as_str().to_owned(),
                timeout: carrier.timeout.duration(),
                numbers,
                credentials: credentials(carrier.simulator),
            };
            Arc::new(
                EumCarrier::new(options)
                    .await
                    .map_err(|error| failed(error.to_string()))?,
            )
        }
    })
}

/// Who calls AWS. A simulator checks nobody, and must never see real credentials.
fn credentials(simulator: bool) -> Credentials {
    match simulator {
        true => Credentials::Fixed {
            access_key_id: "simulator".into(),
            secret_access_key: "simulator".into(),
        },
        false => Credentials::DefaultChain,
    }
}

/// The region that is configured, else the one that the environment names, as AWS's own tools take it.
fn aws_region(configured: Option<&str>, simulator: bool) -> Option<String> {
    let named = |name: &str| std::env::var(name).ok().filter(|region| !region.is_empty());
    let found = configured
        .map(str::to_owned)
        .or_else(|| named("AWS_REGION"))
        .or_else(|| named("AWS_DEFAULT_REGION"));
    found.or_else(|| simulator.then(|| "us-east-1".to_owned()))
}

fn make_tenant(
    config: &Config,
    tenant: &config::Tenant,
    carriers: &BTreeMap<&str, Arc<dyn Carrier>>,
    embedded: bool,
    sending: Sending,
) -> Tenant {
    let mut lines = BTreeMap::new();
    let mut simulated = BTreeSet::new();
    let mut pace = BTreeMap::new();
    for (alias, number) in &tenant.numbers {
        let settings = config.carriers.get(&number.carrier);
        let own = Pace {
            per_second: number.per_second,
            account: settings.and_then(|carrier| carrier.account.clone()),
        };
        pace.insert(number.id.clone(), own);
        if settings.is_some_and(|carrier| carrier.simulator) && sending == Sending::AsConfigured {
            simulated.insert(number.id.clone());
        }
        let route =
            settings
                .zip(carriers.get(number.carrier.as_str()))
                .map(|(settings, carrier)| Route {
                    carrier: Arc::clone(carrier),
                    unsure_after: settings.unsure_after,
                    if_unsure: match settings.if_unsure {
                        config::IfUnsure::Resend => IfUnsure::Resend,
                        config::IfUnsure::Hold => IfUnsure::Hold,
                    },
                });
        lines.insert(
            number.id.clone(),
            Line {
                alias: alias.clone(),
                title: number.title.as_str().to_owned(),
                route,
            },
        );
    }
    Tenant {
        title: tenant.title.as_str().to_owned(),
        policy: Policy {
            numbers: tenant
                .numbers
                .values()
                .map(|number| number.id.clone())
                .collect(),
            simulated,
            desks: tenant.desks.keys().cloned().collect(),
            mode: if sending == Sending::Withheld {
                Mode::DryRun
            } else {
                tenant.mode
            },
            opt_in: tenant.opt_in,
            window_margin: tenant.window_margin,
            bearable_wait: tenant.bearable_wait,
            pace,
            bounds: tenant.limits.clone(),
            answer_within: tenant.answer_within,
        },
        lines,
        stale_desk: tenant.stale_desk.clone(),
        agent_pause: tenant.agent_pause,
        rules: rules(&tenant.rules, embedded),
        knowledge: BTreeMap::new(),
        endpoints: BTreeMap::new(),
    }
}

/// What ships with the host, with what it is granted there.
#[must_use]
pub fn shipped_plugins() -> BTreeMap<PluginName, PluginSource> {
    // The embedded configuration names none, so it has those that ship.
    plugins(&Config::embedded()).unwrap_or_default()
}

fn shipped_names() -> String {
    shipped::all().map(|(name, _)| name).join(", ")
}

fn rules(folder: &Path, embedded: bool) -> RuleSource {
    if embedded && !folder.exists() {
        return RuleSource::Embedded(EMBEDDED_RULES);
    }
    RuleSource::Folder(folder.to_owned())
}

/// How long each tenant keeps what.
#[must_use]
pub fn retentions(config: &Config) -> engine::retention::Retentions {
    let tenants = config.tenants.iter();
    tenants
        .map(|(id, tenant)| (id.clone(), tenant.keep))
        .collect()
}

/// What a secret holds, or which key wants it and how to give it.
pub fn reveal(place: &str, secret: &config::Secret) -> Result<String, WiringError> {
    let revealed = secret.resolve().map_err(|error| WiringError::Secret {
        place: place.to_owned(),
        error,
    })?;
    Ok(revealed.into_exposed())
}
