//! How much a run may use, and how much the sandbox as a whole, each with its reason.

use std::num::NonZeroUsize;

use model::Span;

/// What one plugin may use. An operator changes it under `[plugin.NAME.limits]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// In one run.
    pub run: RunLimits,
    /// While it is loaded.
    pub load: LoadLimits,
}

/// What one run may use. The defaults are the contract's; an operator changes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunLimits {
    /// Linear memory, in bytes: at most [`MOST_MEMORY_BYTES`].
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

/// What loading one plugin may cost: how large a component is compiled, and what compiling it may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadLimits {
    /// The component's size: at most [`MOST_COMPONENT_BYTES`].
    pub component_bytes: usize,
    /// The size of one function's body.
    pub function_bytes: usize,
    /// How long compiling may take, by the clock.
    pub compile_time: Span,
    /// Memory that the compiler may use beyond what it begins with.
    pub compile_memory_bytes: usize,
}

impl Default for LoadLimits {
    fn default() -> Self {
        Self {
            // A Rust plugin has about 100 KB; compiling takes time in proportion, about 0.3 s for each MiB.
            component_bytes: 4 * 1024 * 1024,
            // Ten times the largest function of the plugins that ship; one past that is generated, or an attack.
            function_bytes: 128 * 1024,
            // Ten times what the largest component that is allowed by default takes.
            compile_time: Span::from_seconds(10),
            // Likewise; the compiler holds about fifty bytes for each byte of code.
            compile_memory_bytes: 512 * 1024 * 1024,
        }
    }
}

/// The most that `component_bytes` may be raised to: an interpreter with its library has about 40 MiB.
pub const MOST_COMPONENT_BYTES: usize = 64 * 1024 * 1024;

/// The most that `memory_bytes` may be raised to: interpreters need some ten MiB to begin with. Each slot of the pool
/// reserves address space for it, and nothing but address space.
pub const MOST_MEMORY_BYTES: usize = 128 * 1024 * 1024;

/// Compiled code of one component: about eight times the largest component there may be, of which code is a part.
pub const MOST_CODE_BYTES: usize = 512 * 1024 * 1024;

/// From this size on, that a component is being compiled is told: it takes so long that people wonder.
pub const TOLD_FROM_BYTES: usize = 1024 * 1024;

/// Bytes of the compiler's last words that are kept: the first line tells what happened, the rest is addresses.
pub const COMPILER_WORDS_BYTES: usize = 4 * 1024;

/// Files in the folder of compiled code: a hundred plugins in ten versions each. The oldest go first.
pub const CACHE_FILES: usize = 1_000;

/// Bytes in the folder of compiled code, likewise: a few interpreters, or thousands of Rust plugins.
pub const CACHE_BYTES: u64 = 1024 * 1024 * 1024;

/// Files of the folder that are looked at when it is tidied, so that a folder full of somebody else's files costs little.
pub const CACHE_LISTED: usize = 10 * CACHE_FILES;

/// The age at which a file that was never finished is somebody's who died over it.
pub const CACHE_UNFINISHED: Span = Span::from_hours(1);

/// Runs at once: each holds a slot of the pool. Further ones wait.
pub const CONCURRENT_RUNS: u32 = 128;

/// How long a run waits for a slot: as long as the run before it may take.
pub const SLOT_WAIT: Span = Span::from_seconds(20);

/// How long a run may compute by the clock before the host stops it, whatever its fuel: a backstop against a miscounted budget,
/// and the host's fault. Fuel for 50 ms runs out long before, also on two cores that eight others want.
pub const BACKSTOP: Span = Span::from_seconds(3);

/// How often the backstop looks. It is late by at most this much.
pub const TICK: Span = Span::from_millis(100);

/// Fuel between two moments at which a run lets other tasks have the thread: about five milliseconds.
pub const FUEL_BETWEEN_YIELDS: u64 = 40_000_000;

/// The stack of WebAssembly code. Rust plugins keep their own 64 KiB in linear memory and need little of it.
pub const WASM_STACK_BYTES: usize = 512 * 1024;

/// The stack that a run's host calls share with it.
pub const RUN_STACK_BYTES: usize = 1024 * 1024;

/// Core modules in one component, and core instances: a Rust plugin has three, of which two are glue; an interpreter one
/// for each of its libraries.
pub const MODULES_PER_COMPONENT: u32 = 64;

/// Components within a component, all levels together: glue around exported interfaces.
pub const COMPONENTS_PER_COMPONENT: u32 = 64;

/// How deep components and modules may be nested. Tools make one level.
pub const NESTING: u32 = 8;

/// Memories in one component: each run takes one slot of the pool.
pub const MEMORIES_PER_COMPONENT: u32 = 1;

/// Tables in one component: one of the program's, one of the glue's.
pub const TABLES_PER_COMPONENT: u32 = 8;

/// Entries of one table: functions whose address is taken. A Rust plugin has about a hundred, an interpreter some
/// ten thousand.
pub const TABLE_ENTRIES: usize = 32_768;

/// Functions in one component: a Rust plugin has some hundred, an interpreter some twenty thousand.
pub const FUNCTIONS_PER_COMPONENT: u32 = 60_000;

/// Imports of one component: the contract's and all of WASI's are forty.
pub const IMPORTS_PER_COMPONENT: u32 = 256;

/// Bytes of linear memory that a slot keeps resident between runs. Returning them to the system and faulting them in
/// again costs more than clearing them, and does not scale with cores.
pub const RESIDENT_BYTES: usize = 256 * 1024;

/// Bytes of tables that a slot keeps resident, likewise.
pub const RESIDENT_TABLE_BYTES: usize = 64 * 1024;

/// Characters of a component's own names that are shown in an error.
pub const NAME_SHOWN: usize = 120;

/// Calls to the virtual WASI in one run. An interpreter makes some hundred while it starts; each is cheap, but fuel does
/// not see it.
pub const WASI_CALLS: u32 = 10_000;

/// Frames that are looked at where a guest trapped: compilers and bindings put a dozen around what somebody wrote.
pub const FRAMES_WALKED: NonZeroUsize = NonZeroUsize::new(32).unwrap();

/// Frames that are told, of those that somebody wrote: as many as a person follows.
pub const FRAMES_SHOWN: usize = 8;

/// Bytes of a failure's message that are kept: it is stored with the decision and shown to people.
pub const MESSAGE_BYTES: usize = 4 * 1024;

/// Characters of the name that a plugin gives itself: it stands in lists, beside others.
pub const NAME_CHARS: usize = 64;

/// Characters of its version, likewise.
pub const VERSION_CHARS: usize = 64;

/// Characters of a reason for a grant: a sentence or two.
pub const REASON_CHARS: usize = 500;
