//! How much a run may use, and how much the sandbox as a whole, each with its reason.

use model::Span;

/// What one run may use. The defaults are the contract's; an operator changes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunLimits {
    /// Linear memory, in bytes.
    pub memory_bytes: usize,
    /// Fuel: about one for each WebAssembly instruction. It strikes at the same place on every replay (I9).
    pub fuel: u64,
    /// All of a run by the clock, host calls included.
    pub wall: Span,
    /// Calls to granted interfaces.
    pub host_calls: u32,
    /// Sends admitted. The gate refuses the next one by its own count; a run that gets past that ends here.
    pub sends: u32,
    /// Bytes logged.
    pub log_bytes: usize,
    /// Lines logged.
    pub log_lines: usize,
    /// One string across the boundary; out of the plugin, also all strings of one call together.
    pub string_bytes: usize,
    /// All strings of a run across the boundary, in and out.
    pub boundary_bytes: usize,
}

impl Default for RunLimits {
    fn default() -> Self {
        Self {
            // A Rust plugin needs 128 KiB, one with a large table or an interpreter inside a few MiB.
            memory_bytes: 8 * 1024 * 1024,
            // 50 ms at eight a nanosecond, measured on sorting; an ordinary reply burns less than a thousandth of it.
            fuel: 400_000_000,
            // A knowledge call may take 15 s, and a contact does not wait longer than this.
            wall: Span::from_seconds(20),
            // Eight sends with their looks around; more is a loop.
            host_calls: 64,
            // More than eight messages to one is a flood.
            sends: 8,
            // The log is stored with the decision, which holds at most 300 KiB.
            log_bytes: 64 * 1024,
            // As many lines as a person reads.
            log_lines: 64,
            // Sixteen times the longest text of WhatsApp's, at four bytes a character.
            string_bytes: 256 * 1024,
            // What is copied is work that fuel does not see.
            boundary_bytes: 1024 * 1024,
        }
    }
}

/// A component's size before it is compiled: compiling takes time in proportion, about 0.3 s for each MiB.
pub const COMPONENT_BYTES: usize = 8 * 1024 * 1024;

/// Runs at once: each holds a slot of the pool. Further ones wait.
pub const CONCURRENT_RUNS: u32 = 128;

/// How long a run waits for a slot: as long as the run before it may take.
pub const SLOT_WAIT: Span = Span::from_seconds(20);

/// Processor time of one run before the host stops it, whatever its fuel: a backstop against a miscounted budget, and
/// the host's fault. Fuel for 50 ms runs out long before, on any machine worth running on.
pub const BACKSTOP: Span = Span::from_seconds(1);

/// How often the backstop looks. It is late by at most this much.
pub const TICK: Span = Span::from_millis(100);

/// Fuel between two moments at which a run lets other tasks have the thread: about five milliseconds.
pub const FUEL_BETWEEN_YIELDS: u64 = 40_000_000;

/// The stack of WebAssembly code. Rust plugins keep their own 64 KiB in linear memory and need little of it.
pub const WASM_STACK_BYTES: usize = 512 * 1024;

/// The stack that a run's host calls share with it.
pub const RUN_STACK_BYTES: usize = 1024 * 1024;

/// Core modules in one component: a Rust plugin has three, of which two are glue; an interpreter with adapters more.
pub const MODULES_PER_COMPONENT: u32 = 8;

/// Tables in one component, as modules.
pub const TABLES_PER_COMPONENT: u32 = 8;

/// Entries of one table: functions whose address is taken. A Rust plugin has about a hundred.
pub const TABLE_ENTRIES: usize = 10_000;

/// Bytes of linear memory that a slot keeps resident between runs. Returning them to the system and faulting them in
/// again costs more than clearing them, and does not scale with cores.
pub const RESIDENT_BYTES: usize = 256 * 1024;

/// Bytes of tables that a slot keeps resident, likewise.
pub const RESIDENT_TABLE_BYTES: usize = 64 * 1024;

/// Address space of one linear memory, or more if a run may have more. It costs nothing else.
pub const MEMORY_RESERVATION_BYTES: usize = 16 * 1024 * 1024;

/// Bytes of a failure's message that are kept: it is stored with the decision and shown to people.
pub const MESSAGE_BYTES: usize = 4 * 1024;
