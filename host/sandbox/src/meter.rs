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
}

/// Counts.
#[derive(Debug)]
pub(crate) struct Meter {
    pub(crate) limits: RunLimits,
    host_calls: u32,
    sends: u32,
    boundary_bytes: usize,
    log_bytes: usize,
    pub(crate) log: Vec<String>,
    /// The memory it asked for and did not get.
    pub(crate) memory_denied: Option<usize>,
}

impl Meter {
    pub(crate) fn new(limits: RunLimits) -> Self {
        Self {
            limits,
            host_calls: 0,
            sends: 0,
            boundary_bytes: 0,
            log_bytes: 0,
            log: Vec::new(),
            memory_denied: None,
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

    /// A send that was admitted.
    pub(crate) fn count_send(&mut self) -> Result<(), Stop> {
        self.sends += 1;
        within("sends", self.sends.into(), self.limits.sends.into())
    }

    /// One string that crosses the boundary by itself: settings.
    pub(crate) fn cross_string(&mut self, bytes: usize) -> Result<(), Stop> {
        within("string bytes", wide(bytes), wide(self.limits.string_bytes))?;
        self.cross(bytes)
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
        self.log_bytes = self.log_bytes.saturating_add(text.len());
        within(
            "log bytes",
            wide(self.log_bytes),
            wide(self.limits.log_bytes),
        )?;
        within(
            "log lines",
            wide(self.log.len()).saturating_add(1),
            wide(self.limits.log_lines),
        )?;
        self.log.push(format!("{level}: {text}"));
        Ok(())
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
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let fits = desired <= self.limits.memory_bytes;
        if !fits {
            self.memory_denied = Some(desired);
        }
        Ok(fits)
    }

    fn table_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= limits::TABLE_ENTRIES)
    }
}
