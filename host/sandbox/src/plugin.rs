//! A loaded plugin: what it is, and how it is run.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use model::{Failure, Grants, Interface, Known, PluginName, Problem, RunResult, Span, Turn};
use wasmtime::{Store, UpdateDeadline};

use crate::calls::{AnyHost, Calls};
use crate::contract::PluginPre;
use crate::limits::RunLimits;
use crate::meter::{Stop, Usage};
use crate::{Host, HowLoaded, Limits, Shared, convert, ending, limits};

/// A component, compiled and inspected, with what it was granted. Cheap to clone; a run keeps its clone alive, so that
/// a newer version may take its place meanwhile.
#[derive(Clone)]
pub struct Plugin(pub(crate) Arc<Loaded>);

pub(crate) struct Loaded {
    pub(crate) name: PluginName,
    pub(crate) digest: String,
    pub(crate) description: Description,
    pub(crate) grants: Grants,
    pub(crate) limits: Limits,
    pub(crate) how_loaded: HowLoaded,
    /// Linked to what was granted and nothing else (I7).
    pub(crate) instances: PluginPre<Calls>,
    pub(crate) shared: Arc<Shared>,
}

/// What a plugin says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Its own name.
    pub name: String,
    /// Its own version.
    pub version: String,
    /// The interfaces it wants, and why.
    pub wants: Vec<Want>,
    /// A JSON Schema of its settings.
    pub settings_schema: String,
}

/// An interface that a plugin wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// Which.
    pub interface: Interface,
    /// Why, for the operator who grants it.
    pub reason: String,
}

/// How a run went.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// How it ended.
    pub result: RunResult,
    /// What it logged, each line with its level before it.
    pub log: Vec<String>,
    /// Fuel it burnt.
    pub fuel: u64,
    /// All that it used, for whoever sets its limits.
    pub usage: Usage,
}

impl Plugin {
    /// Its name in `tollgate.toml`.
    #[must_use]
    pub fn name(&self) -> &PluginName {
        &self.0.name
    }

    /// The SHA-256 of the component, in hex: what an edition's hash and a pin are made of.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.0.digest
    }

    /// What it says it is.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.0.description
    }

    /// What it was granted.
    #[must_use]
    pub fn grants(&self) -> &Grants {
        &self.0.grants
    }

    /// What it may use.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// How it came by its machine code.
    #[must_use]
    pub fn how_loaded(&self) -> HowLoaded {
        self.0.how_loaded
    }

    /// Asks the plugin what is wrong with these settings (the JSON of a rule's `with` table). It may propose nothing.
    pub async fn check(&self, settings: &str, known: &Known) -> Result<Vec<Problem>, Failure> {
        let _slot = self.0.shared.slot().await?;
        let mut store = self
            .0
            .shared
            .store(Calls::mute(self.0.limits.run), Patience::Yields);
        let run = async {
            let (known, bytes) = convert::known(known);
            let meter = &mut store.data_mut().meter;
            meter.cross_string(settings.len())?;
            meter.cross_strings(bytes.all, bytes.longest)?;
            let instance = self.0.instances.instantiate_async(&mut store).await?;
            instance.call_check(&mut store, settings, &known).await
        };
        let ended = within_wall(self.0.limits.run.wall, run).await;
        let problems = ended?.map_err(|error| failure(&error, &store))?;
        Ok(problems.into_iter().map(convert::problem).collect())
    }

    /// Gives the plugin its turn, in an instance of its own. The host comes back, whatever happened.
    ///
    /// Needs a tokio runtime with its clock on.
    pub async fn run<H: Host>(&self, turn: &Turn, settings: &str, host: H) -> (Report, H) {
        let shared = &self.0.shared;
        let _slot = match shared.slot().await {
            Ok(slot) => slot,
            Err(failure) => {
                return (
                    Report {
                        result: RunResult::Failed(failure),
                        log: Vec::new(),
                        fuel: 0,
                        usage: Usage::default(),
                    },
                    host,
                );
            }
        };
        let mut store = shared.store(
            Calls::turn(self.0.limits.run, turn, Box::new(host)),
            Patience::Yields,
        );
        let ended = self.handle(turn, settings, &mut store).await;
        let flushed = store.data_mut().finish_output();
        let result = match (ended, flushed) {
            (Ok(outcome), Ok(())) => RunResult::Ended(outcome),
            (Ok(_), Err(stop)) => RunResult::Failed(ending::stopped(&stop)),
            (Err(failure), _) => RunResult::Failed(failure),
        };
        let fuel = self
            .0
            .limits
            .run
            .fuel
            .saturating_sub(store.get_fuel().unwrap_or(0));
        let calls = store.into_data();
        (
            Report {
                result,
                usage: calls.meter.usage(fuel),
                log: calls.meter.log,
                fuel,
            },
            returned(calls.host),
        )
    }

    async fn handle(
        &self,
        turn: &Turn,
        settings: &str,
        store: &mut Store<Calls>,
    ) -> Result<model::Outcome, Failure> {
        let limits = &self.0.limits.run;
        let run = async {
            let (turn, bytes) = convert::turn(turn, limits.string_bytes);
            let meter = &mut store.data_mut().meter;
            meter.cross_string(settings.len())?;
            meter.cross_strings(bytes.all, bytes.longest)?;
            let instance = self.0.instances.instantiate_async(&mut *store).await?;
            instance.call_handle(&mut *store, &turn, settings).await
        };
        let ended = within_wall(limits.wall, run).await?;
        match ended.map_err(|error| failure(&error, store))? {
            Ok(outcome) => Ok(convert::outcome(outcome)),
            Err(failure) => Err(ending::said(failure.message)),
        }
    }
}

/// The host that was lent to a run.
pub(crate) fn returned<H: Host>(host: Option<Box<dyn AnyHost>>) -> H {
    let host = host.and_then(|host| (host as Box<dyn Any>).downcast::<H>().ok());
    #[allow(
        clippy::expect_used,
        reason = "`run` put this very host into the store, and nothing takes it out"
    )]
    *host.expect("the store holds the host it was given")
}

/// Whether a long run lets other tasks have the thread now and then.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Patience {
    /// It does.
    Yields,
    /// It keeps the thread: nobody polls it twice.
    Keeps,
}

impl Shared {
    /// A store for one run, with every limit set before anything of the guest's can begin: a start function may loop.
    pub(crate) fn store(&self, calls: Calls, patience: Patience) -> Store<Calls> {
        let RunLimits {
            fuel, string_bytes, ..
        } = calls.meter.limits;
        let mut store = Store::new(&self.engine, calls);
        store.limiter(|calls| &mut calls.meter);
        store.set_hostcall_fuel(string_bytes);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|store| {
            let own_time = store.data().own_time();
            if own_time > limits::BACKSTOP.duration() {
                return Err(Stop::Backstop {
                    used_ms: own_time.as_millis(),
                }
                .into());
            }
            Ok(UpdateDeadline::Continue(1))
        });
        // The engine counts fuel, so that neither can fail; if one did, the store would have no fuel and run nothing.
        let yields = matches!(patience, Patience::Yields).then_some(limits::FUEL_BETWEEN_YIELDS);
        let fuelled = store
            .set_fuel(fuel)
            .and_then(|()| store.fuel_async_yield_interval(yields));
        debug_assert!(fuelled.is_ok());
        store
    }
}

pub(crate) async fn within_wall<T>(wall: Span, run: impl Future<Output = T>) -> Result<T, Failure> {
    tokio::time::timeout(wall.duration(), run)
        .await
        .map_err(|_| {
            let allowed = u64::try_from(wall.milliseconds()).unwrap_or(u64::MAX);
            ending::limit("wall milliseconds", allowed.saturating_add(1), allowed)
        })
}

/// Why a call failed, with what its store saw.
pub(crate) fn failure(error: &wasmtime::Error, store: &Store<Calls>) -> Failure {
    ending::failure(error, store.data(), store.get_fuel().unwrap_or(0))
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digest = self.digest().get(..12).unwrap_or_default();
        f.debug_struct("Plugin")
            .field("name", &self.0.name)
            .field("digest", &digest)
            .finish_non_exhaustive()
    }
}
