//! The engine: how code is compiled, where instances live, and the clock that stops what fuel did not.

use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;

use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
};

use crate::SandboxError;
use crate::limits::{self, RunLimits};
use crate::meter::wide;

/// An engine for runs within these limits.
pub(crate) fn engine(limits: &RunLimits) -> Result<Engine, SandboxError> {
    Engine::new(&config(limits)).map_err(|error| SandboxError::Engine {
        message: format!("{error:#}"),
    })
}

fn config(limits: &RunLimits) -> Config {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .epoch_interruption(true)
        // Linear in the size of the code: the default level is quadratic in that of a function, an attack on the host.
        .cranelift_opt_level(OptLevel::None)
        .max_wasm_stack(limits::WASM_STACK_BYTES)
        .async_stack_size(limits::RUN_STACK_BYTES)
        .memory_reservation(wide(
            limits.memory_bytes.max(limits::MEMORY_RESERVATION_BYTES),
        ))
        // A failure is told by the plugin's own words; frames of stripped code tell nothing and cost a walk.
        .wasm_backtrace_max_frames(None)
        // I9: what an instruction gives must not depend on the machine.
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits)));
    config
}

fn pool(limits: &RunLimits) -> PoolingAllocationConfig {
    // One slot beyond the runs': for describing a plugin when it is loaded, one at a time.
    let slots = limits::CONCURRENT_RUNS + 1;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots)
        .total_core_instances(slots * limits::MODULES_PER_COMPONENT)
        .total_memories(slots)
        .total_tables(slots * limits::TABLES_PER_COMPONENT)
        .total_stacks(slots)
        .max_core_instances_per_component(limits::MODULES_PER_COMPONENT)
        .max_memories_per_component(1)
        .max_memories_per_module(1)
        .max_tables_per_component(limits::TABLES_PER_COMPONENT)
        .max_tables_per_module(limits::TABLES_PER_COMPONENT)
        .max_memory_size(limits.memory_bytes)
        .table_elements(limits::TABLE_ENTRIES)
        .linear_memory_keep_resident(limits::RESIDENT_BYTES)
        .table_keep_resident(limits::RESIDENT_TABLE_BYTES)
        .pagemap_scan(Enabled::Auto);
    pool
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
