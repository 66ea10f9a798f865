//! What a run has used, against what it may.

use wasmtime::ResourceLimiter;

use crate::limits::{self, RunLimits};

/// Why the host ended a run. It travels through the guest as a trap.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Stop {
    /// A limit was passed.
    #[error("{which}: {used} used, {allowed} allowed")]
    Limit {
        which: &'static str,
        used: u64,
        allowed: u64,
    },
    /// It held the processor for too long although its fuel lasted: the host's fault.
    #[error("it held the processor for {used_ms} ms with fuel left")]
    Backstop { used_ms: u128 },
    /// It acted where nothing may be proposed.
    #[error("`{call}` was called outside of `handle`")]
    OutsideOfHandle { call: &'static str },
    /// It ended itself as a program would: a plugin returns.
    #[error("it ended itself through wasi:cli/exit, with code {code}, instead of returning")]
    Exit { code: u8 },
}

/// What a run used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Fuel: about one for each WebAssembly instruction.
    pub fuel: u64,
    /// Linear memory at its largest, all memories together.
    pub memory_bytes: usize,
    /// Calls to granted interfaces.
    pub host_calls: u32,
    /// Strings across the boundary, in and out.
    pub boundary_bytes: usize,
    /// Bytes logged.
    pub log_bytes: usize,
}

/// Counts.
#[derive(Debug)]
pub(crate) struct Meter {
    pub(crate) limits: RunLimits,
    host_calls: u32,
    wasi_calls: u32,
    sends: u32,
    boundary_bytes: usize,
    log_bytes: usize,
    memory_bytes: usize,
    pub(crate) log: Vec<String>,
    /// The growth it asked for and did not get.
    pub(crate) denied: Option<Denied>,
}

/// Growth that was refused. The guest is told -1, as always, and most give up then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denied {
    Memory { bytes: usize },
    Table { entries: usize },
}

impl Meter {
    pub(crate) fn new(limits: RunLimits) -> Self {
        Self {
            limits,
            host_calls: 0,
            wasi_calls: 0,
            sends: 0,
            boundary_bytes: 0,
            log_bytes: 0,
            memory_bytes: 0,
            log: Vec::new(),
            denied: None,
        }
    }

    /// What was used so far, but for the fuel, which the engine counts.
    pub(crate) fn usage(&self, fuel: u64) -> Usage {
        Usage {
            fuel,
            memory_bytes: self.memory_bytes,
            host_calls: self.host_calls,
            boundary_bytes: self.boundary_bytes,
            log_bytes: self.log_bytes,
        }
    }

    /// A call to a granted interface.
    pub(crate) fn count_host_call(&mut self) -> Result<(), Stop> {
        self.host_calls += 1;
        within(
            "host calls",
            self.host_calls.into(),
            self.limits.host_calls.into(),
        )
    }

    /// A call to the virtual WASI: cheap, and yet work that fuel does not see.
    pub(crate) fn count_wasi_call(&mut self) -> Result<(), Stop> {
        self.wasi_calls += 1;
        within(
            "WASI calls",
            self.wasi_calls.into(),
            limits::WASI_CALLS.into(),
        )
    }

    /// A send that was admitted.
    pub(crate) fn count_send(&mut self) -> Result<(), Stop> {
        self.sends += 1;
        within("sends", self.sends.into(), self.limits.sends.into())
    }

    /// One string that crosses the boundary by itself.
    pub(crate) fn cross_string(&mut self, bytes: usize) -> Result<(), Stop> {
        self.fits_a_string(bytes)?;
        self.cross(bytes)
    }

    /// Strings that cross the boundary together, the longest of them being of this length.
    pub(crate) fn cross_strings(&mut self, bytes: usize, longest: usize) -> Result<(), Stop> {
        self.fits_a_string(longest)?;
        self.cross(bytes)
    }

    fn fits_a_string(&self, bytes: usize) -> Result<(), Stop> {
        within("string bytes", wide(bytes), wide(self.limits.string_bytes))
    }

    /// Strings that cross the boundary.
    pub(crate) fn cross(&mut self, bytes: usize) -> Result<(), Stop> {
        self.boundary_bytes = self.boundary_bytes.saturating_add(bytes);
        within(
            "boundary bytes",
            wide(self.boundary_bytes),
            wide(self.limits.boundary_bytes),
        )
    }

    /// A line logged.
    pub(crate) fn log(&mut self, level: &str, text: &str) -> Result<(), Stop> {
        self.cross(text.len())?;
        self.fits_the_log(text.len())?;
        within(
            "log lines",
            wide(self.log.len()).saturating_add(1),
            wide(self.limits.log_lines),
        )?;
        self.log_bytes = self.log_bytes.saturating_add(text.len());
        self.log.push(format!("{level}: {text}"));
        Ok(())
    }

    /// Whether the log has room for so many bytes more.
    pub(crate) fn fits_the_log(&self, bytes: usize) -> Result<(), Stop> {
        within(
            "log bytes",
            wide(self.log_bytes.saturating_add(bytes)),
            wide(self.limits.log_bytes),
        )
    }
}

fn within(which: &'static str, used: u64, allowed: u64) -> Result<(), Stop> {
    if used <= allowed {
        Ok(())
    } else {
        Err(Stop::Limit {
            which,
            used,
            allowed,
        })
    }
}

pub(crate) fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // All memories of an instance share what one may have.
        let all = self
            .memory_bytes
            .saturating_add(desired.saturating_sub(current));
        if all > self.limits.memory_bytes {
            self.denied = Some(Denied::Memory { bytes: all });
            return Ok(false);
        }
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.memory_bytes = all;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let fits = desired <= limits::TABLE_ENTRIES;
        if !fits {
            self.denied = Some(Denied::Table { entries: desired });
        }
        Ok(fits)
    }
}
