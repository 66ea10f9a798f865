//! Runs plugins: one component, one turn, one fresh instance, nothing but what was granted.
//!
//! Owns: wasmtime; loading and inspecting components, the contract's host side, limits, the verdict on how a run ended.
//! Promises: a plugin reaches what it was granted and nothing else (I7). Whatever it does ends its own run within its
//! budget and touches no other (I8). A run is a function of turn, settings and the answers of the [`Host`] (I9).
//! Every call that acts reaches the host as a [`model::Proposal`]; this crate judges none of them.
//! Bounds: [`RunLimits`] for one run, [`limits`] for the sandbox as a whole.
//!
//! [`Sandbox::load`] makes a [`Plugin`]; [`Plugin::check`] asks it about settings; [`Plugin::run`] gives it a turn.

mod calls;
mod contract;
mod convert;
mod ending;
mod engine;
mod error;
mod inspect;
pub mod limits;
mod load;
mod meter;
mod plugin;

use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use model::{Failure, Grants, PluginName, Proposal, Verdict};
use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::Engine;

pub use error::{LoadError, SandboxError};
pub use limits::RunLimits;
pub use plugin::{Description, Plugin, Report, Want};

/// What answers a plugin's calls during one run.
#[async_trait]
pub trait Host: Send + 'static {
    /// Judges a proposal. It takes effect only if the step succeeds and the message settles.
    async fn propose(&mut self, proposal: Proposal) -> Verdict;
}

/// Where plugins are loaded and run. Its clock thread ends with it and the last of its plugins.
pub struct Sandbox {
    shared: Arc<Shared>,
}

/// What a sandbox and its plugins share.
pub(crate) struct Shared {
    pub(crate) limits: RunLimits,
    pub(crate) engine: Engine,
    /// One permit for each slot of the pool, so that a run waits where the pool would refuse.
    slots: Semaphore,
    /// Held while a component describes itself.
    pub(crate) describing: Mutex<()>,
    _ticker: engine::Ticker,
}

impl Sandbox {
    /// Makes room for plugins that run within `limits`.
    pub fn new(limits: RunLimits) -> Result<Self, SandboxError> {
        let engine = engine::engine(&limits)?;
        let ticker = engine::Ticker::start(&engine)?;
        let slots = Semaphore::new(limits::CONCURRENT_RUNS as usize);
        Ok(Self {
            shared: Arc::new(Shared {
                limits,
                engine,
                slots,
                describing: Mutex::new(()),
                _ticker: ticker,
            }),
        })
    }

    /// Compiles a component, inspects its imports and asks it what it is, in an instance that is thrown away.
    ///
    /// This takes processor time in proportion to the component's size: call it where blocking does no harm.
    pub fn load(
        &self,
        name: &PluginName,
        component: &[u8],
        grants: &Grants,
    ) -> Result<Plugin, LoadError> {
        load::load(&self.shared, name, component, grants)
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
            .field("limits", &self.shared.limits)
            .finish_non_exhaustive()
    }
}
