//! The engine: how code is compiled, where instances live, and the clock that stops what fuel did not.

use std::hash::{Hash, Hasher};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;

use sha2::{Digest, Sha256};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
    WasmBacktraceDetails,
};

use crate::meter::wide;
use crate::{SandboxError, limits};

/// The engine that all plugins share.
pub(crate) fn engine() -> Result<Engine, SandboxError> {
    let mut config = config();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
    Engine::new(&config).map_err(|error| SandboxError::Engine {
        message: format!("{error:#}"),
    })
}

/// An engine that compiles and runs nothing: it needs no pool, which is no part of what code depends on.
pub(crate) fn compiler() -> wasmtime::Result<Engine> {
    Engine::new(&config())
}

/// What compiled code depends on. There is this one function, so that what one process compiles another can run.
fn config() -> Config {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .epoch_interruption(true)
        // Linear in the size of the code: the default level is quadratic in that of a function, an attack on the host.
        .cranelift_opt_level(OptLevel::None)
        .max_wasm_stack(limits::WASM_STACK_BYTES)
        .async_stack_size(limits::RUN_STACK_BYTES)
        .memory_reservation(wide(limits::MOST_MEMORY_BYTES))
        // A trap is told by functions and lines of the plugin's source, where the component carries them. The walk costs
        // a few microseconds, and only a run that trapped.
        .wasm_backtrace_max_frames(Some(limits::FRAMES_WALKED))
        .wasm_backtrace_details(WasmBacktraceDetails::Enable)
        // I9: what an instruction gives must not depend on the machine.
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false);
    config
}

fn pool() -> PoolingAllocationConfig {
    // One slot beyond the runs': for describing a plugin when it is loaded, one at a time.
    let slots = limits::CONCURRENT_RUNS + 1;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots)
        .total_core_instances(slots * limits::MODULES_PER_COMPONENT)
        .total_memories(slots * limits::MEMORIES_PER_COMPONENT)
        .total_tables(slots * limits::TABLES_PER_COMPONENT)
        .total_stacks(slots)
        .max_core_instances_per_component(limits::MODULES_PER_COMPONENT)
        .max_memories_per_component(limits::MEMORIES_PER_COMPONENT)
        .max_memories_per_module(limits::MEMORIES_PER_COMPONENT)
        .max_tables_per_component(limits::TABLES_PER_COMPONENT)
        .max_tables_per_module(limits::TABLES_PER_COMPONENT)
        // The most that any plugin may have; its own limit is kept by its stores.
        .max_memory_size(limits::MOST_MEMORY_BYTES)
        .table_elements(limits::TABLE_ENTRIES)
        .linear_memory_keep_resident(limits::RESIDENT_BYTES)
        .table_keep_resident(limits::RESIDENT_TABLE_BYTES)
        // Asking the kernel what is dirty is a system call for each run: clearing the little that there is costs less (docs/benchmarks.md).
        .pagemap_scan(Enabled::No);
    pool
}

/// What code must have been compiled for to be run here: this version of the host, of the engine, of its settings, and
/// this kind of processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Build(pub(crate) [u8; 32]);

impl Build {
    pub(crate) fn of(engine: &Engine) -> Self {
        let mut hasher = Digesting(Sha256::new());
        env!("CARGO_PKG_VERSION").hash(&mut hasher);
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Self(hasher.0.finalize().into())
    }
}

/// Turns what is hashed into a digest: two builds must not be taken for each other.
struct Digesting(Sha256);

impl Hasher for Digesting {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        // Nobody asks: the digest is taken instead.
        0
    }
}

/// The thread that moves the engine's epoch on. It ends with this value.
#[derive(Debug)]
pub(crate) struct Ticker {
    /// Dropped to end the thread.
    alive: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    pub(crate) fn start(engine: &Engine) -> Result<Self, SandboxError> {
        let (alive, ended) = sync_channel(0);
        let engine = engine.weak();
        let thread = std::thread::Builder::new()
            .name("sandbox-clock".to_owned())
            .spawn(move || {
                while let Err(RecvTimeoutError::Timeout) =
                    ended.recv_timeout(limits::TICK.duration())
                {
                    match engine.upgrade() {
                        Some(engine) => engine.increment_epoch(),
                        None => break,
                    }
                }
            })?;
        Ok(Self {
            alive: Some(alive),
            thread: Some(thread),
        })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.alive.take());
        if let Some(thread) = self.thread.take() {
            // It cannot have panicked, and if it had there would be nothing to do about it here.
            drop(thread.join());
        }
    }
}
