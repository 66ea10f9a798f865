//! Runs plugins: one component, one turn, one fresh instance, nothing but what was granted.
//!
//! Owns: wasmtime; loading and inspecting components, the contract's host side, limits, the verdict on how a run ended.
//! Promises: a plugin reaches what it was granted and nothing else (I7). Whatever it does ends its own run within its
//! budget and touches no other (I8). A run is a function of turn, settings and the answers of the [`Host`] (I9).
//! Every call that acts reaches the host as a [`model::Proposal`]; this crate judges none of them.
//! Loading is as contained as running: a component is looked over, then compiled in a child process ([`Compiler`]).
//! Bounds: [`Limits`] for one plugin, [`limits`] for the sandbox as a whole.
//!
//! [`Sandbox::load`] makes a [`Plugin`]; [`Plugin::check`] asks it about settings; [`Plugin::run`] gives it a turn.

mod anatomy;
mod cache;
mod calls;
mod code;
mod compile;
mod contract;
mod convert;
mod ending;
mod engine;
mod error;
mod frames;
mod inspect;
pub mod limits;
mod load;
mod meter;
mod plugin;
pub mod symbols;
#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod warm;
mod wasi;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use model::{
    Answer, Entry, Failure, Grants, Lookup, LookupAnswer, MemoryScope, PluginName, Proposal,
    Question, Refusal, Verdict,
};
use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::Engine;

use crate::cache::Cache;
use crate::engine::Build;

pub use anatomy::{Anatomy, anatomy};
pub use cache::CacheCounts;
pub use compile::{Compiler, compile_child};
pub use error::{LoadError, SandboxError};
pub use limits::{Limits, LoadLimits, RunLimits};
pub use meter::Usage;
pub use plugin::{Description, Plugin, Report, Want};

/// What answers a plugin's calls during one run.
#[async_trait]
pub trait Host: Send + 'static {
    /// Judges a proposal. It takes effect only if the step succeeds and the message settles.
    async fn propose(&mut self, proposal: Proposal) -> Verdict;

    /// What this plugin's memory holds under a key, as this turn sees it.
    async fn recall(&mut self, scope: MemoryScope, key: &str) -> Result<Option<Entry>, Refusal>;

    /// Asks a knowledge base, or repeats what it answered when the same was asked in an earlier attempt.
    async fn ask(&mut self, question: Question) -> Result<Answer, Refusal>;

    /// Asks an endpoint, likewise.
    async fn look_up(&mut self, request: Lookup) -> Result<LookupAnswer, Refusal>;
}

/// How a sandbox compiles.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Where.
    pub compiler: Compiler,
    /// The folder where compiled code is kept from one start to the next; it is made if need be. No other user may be
    /// able to write to it: otherwise nothing is kept.
    pub cache: Option<PathBuf>,
}

/// What a plugin is made from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its name in `tollgate.toml`.
    pub name: &'a PluginName,
    /// The component.
    pub component: &'a [u8],
    /// What it may reach.
    pub grants: &'a Grants,
    /// What it may use.
    pub limits: &'a Limits,
    /// Its unstripped build, if there is one: the same code with names, which traps then show.
    pub symbols: Option<&'a [u8]>,
}

/// How a plugin came by its machine code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HowLoaded {
    /// It was compiled before.
    Cached,
    /// It was compiled, which took so long.
    Compiled(Duration),
}

/// Where plugins are loaded and run. Its clock thread ends with it and the last of its plugins.
pub struct Sandbox {
    shared: Arc<Shared>,
}

/// What a sandbox and its plugins share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) build: Build,
    pub(crate) compiler: Compiler,
    pub(crate) cache: Option<Cache>,
    /// Held while a component is compiled: one at a time, so that the compiler's memory is bounded, too.
    pub(crate) compiling: Mutex<()>,
    /// One permit for each slot of the pool, so that a run waits where the pool would refuse.
    slots: Semaphore,
    /// Held while a component describes itself.
    pub(crate) describing: Mutex<()>,
    _ticker: engine::Ticker,
}

impl Sandbox {
    /// Makes room for plugins.
    ///
    /// A folder of compiled code that cannot be used is logged and done without.
    pub fn new(settings: Settings) -> Result<Self, SandboxError> {
        let engine = engine::engine()?;
        let ticker = engine::Ticker::start(&engine)?;
        let slots = Semaphore::new(limits::CONCURRENT_RUNS as usize);
        Ok(Self {
            shared: Arc::new(Shared {
                build: Build::of(&engine),
                engine,
                compiler: settings.compiler,
                cache: settings.cache.as_deref().and_then(Cache::open),
                compiling: Mutex::new(()),
                slots,
                describing: Mutex::new(()),
                _ticker: ticker,
            }),
        })
    }

    /// Looks a component over, compiles it, and asks it what it is, in an instance that is thrown away.
    ///
    /// This takes processor time in proportion to the component's size: call it where blocking does no harm.
    pub fn load(&self, source: Source<'_>) -> Result<Plugin, LoadError> {
        load::load(&self.shared, &source)
    }

    /// What became of looking for compiled code; nothing if none is kept.
    #[must_use]
    pub fn cache_counts(&self) -> Option<CacheCounts> {
        self.shared.cache.as_ref().map(Cache::counts)
    }
}

impl Shared {
    /// Waits for a slot of the pool.
    pub(crate) async fn slot(&self) -> Result<SemaphorePermit<'_>, Failure> {
        let none = |message: String| Failure::Host { message };
        match tokio::time::timeout(limits::SLOT_WAIT.duration(), self.slots.acquire()).await {
            Ok(slot) => slot.map_err(|error| none(error.to_string())),
            Err(_) => Err(none(format!(
                "all {} sandboxes were busy for {}",
                limits::CONCURRENT_RUNS,
                limits::SLOT_WAIT
            ))),
        }
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("compiler", &self.shared.compiler)
            .field("cache", &self.cache_counts())
            .finish_non_exhaustive()
    }
}
