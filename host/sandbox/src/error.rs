//! What can go wrong before a plugin runs.

use std::collections::BTreeSet;
use std::fmt;

use model::{Failure, Grants, Interface, PluginName};

/// Why there is no sandbox.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The WebAssembly engine refuses this machine or these limits.
    #[error("the sandbox cannot be set up: {message}")]
    Engine {
        /// What the engine says.
        message: String,
    },
    /// The thread that stops run-away plugins could not be started.
    #[error("the sandbox's clock thread cannot be started: {0}")]
    Ticker(#[from] std::io::Error),
}

/// Why a component was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is larger, or takes more to be compiled, than the operator allows.
    #[error(
        "plugin `{plugin}` cannot be loaded: {problem}; to allow it, write `{key} = \"{enough}\"` under \
         `[plugin.{plugin}.limits]` in tollgate.toml"
    )]
    PastLimit {
        /// Which plugin.
        plugin: PluginName,
        /// What is too much, and how much is allowed.
        problem: String,
        /// The key of the limit.
        key: &'static str,
        /// A value that would do, as TOML has it.
        enough: String,
    },
    /// The compiler is of no use, whatever the component: the host's fault.
    #[error("plugin `{plugin}` cannot be compiled: the compiler cannot be used: {message}")]
    Compiler {
        /// Which plugin.
        plugin: PluginName,
        /// Why.
        message: String,
    },
    /// It is no component of the contract's world, or one that cannot be compiled.
    #[error("plugin `{plugin}` cannot be loaded: {message}")]
    Component {
        /// Which plugin.
        plugin: PluginName,
        /// What is wrong with it.
        message: String,
    },
    /// It was built for a version of the contract that this host does not speak.
    #[error(
        "plugin `{plugin}` imports `{import}`: this host speaks version {spoken} of the plugin contract; \
         rebuild the plugin against that, or run a host that speaks its version"
    )]
    Version {
        /// Which plugin.
        plugin: PluginName,
        /// The import that bears the version.
        import: String,
        /// The versions that are spoken.
        spoken: String,
    },
    /// It imports what no grant covers.
    #[error("plugin `{plugin}` imports `{import}`, which no grant covers: {reason}")]
    Foreign {
        /// Which plugin.
        plugin: PluginName,
        /// What it imports.
        import: String,
        /// Why there is no such thing, or what to do instead.
        reason: String,
    },
    /// It describes itself as wanting an interface that does not exist.
    #[error("plugin `{plugin}` wants `{interface}`, which this host does not have: it has {}", Names(&Interface::ALL))]
    UnknownWant {
        /// Which plugin.
        plugin: PluginName,
        /// What it wants.
        interface: String,
    },
    /// It imports or wants what the operator has not granted.
    #[error("plugin `{plugin}` is not granted {}; to grant it, write `grants = [{grants}]` under `[plugin.{plugin}]` in tollgate.toml", Missing(.missing))]
    NotGranted {
        /// Which plugin.
        plugin: PluginName,
        /// What is missing, with the plugin's reason if it gave one.
        missing: Vec<(Interface, Option<String>)>,
        /// The whole list of grants that would let it load, as TOML has it.
        grants: String,
    },
    /// It imports WASI, which the operator has not granted.
    #[error(
        "plugin `{plugin}` imports `{import}` and is not granted `wasi`; to grant it a virtual one that holds nothing of \
         this machine, write `grants = [{grants}]` under `[plugin.{plugin}]` in tollgate.toml; a Rust plugin that is \
         built for wasm32-unknown-unknown imports none"
    )]
    WasiNotGranted {
        /// Which plugin.
        plugin: PluginName,
        /// One of its imports of WASI.
        import: String,
        /// The whole list of grants that its imports need, as TOML has it.
        grants: String,
    },
    /// It failed to say what it is.
    #[error("plugin `{plugin}` cannot be loaded: it could not say what it is: {}", Said(.failure))]
    Describe {
        /// Which plugin.
        plugin: PluginName,
        /// How.
        failure: Failure,
    },
}

impl LoadError {
    pub(crate) fn not_granted(
        plugin: &PluginName,
        granted: &Grants,
        missing: Vec<(Interface, Option<String>)>,
    ) -> Self {
        let grants = Self::with(granted, missing.iter().map(|(interface, _)| *interface));
        Self::NotGranted {
            plugin: plugin.clone(),
            missing,
            grants,
        }
    }

    /// Said before the component can say so itself: without WASI it could not even begin.
    pub(crate) fn wasi_not_granted(
        plugin: &PluginName,
        granted: &Grants,
        import: String,
        imported: &BTreeSet<Interface>,
    ) -> Self {
        Self::WasiNotGranted {
            plugin: plugin.clone(),
            import,
            grants: Self::with(granted, imported.iter().copied()),
        }
    }

    /// A list of grants with more in it, as TOML has it.
    fn with(granted: &Grants, more: impl Iterator<Item = Interface>) -> String {
        let mut all = granted.interfaces.clone();
        all.extend(more);
        let grants: Vec<_> = all
            .into_iter()
            .map(|interface| format!("\"{interface}\""))
            .collect();
        grants.join(", ")
    }
}

/// A number of bytes, exactly, in the largest unit that divides it: as `[plugin.NAME.limits]` has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bytes(pub(crate) usize);

const KIBIBYTE: usize = 1024;
const MEBIBYTE: usize = 1024 * KIBIBYTE;
const GIBIBYTE: usize = 1024 * MEBIBYTE;

impl Bytes {
    /// No less, in whole KiB.
    pub(crate) fn of_kibibytes(bytes: usize) -> Self {
        Self(bytes.div_ceil(KIBIBYTE).saturating_mul(KIBIBYTE))
    }

    /// No less, in whole MiB.
    pub(crate) fn of_mebibytes(bytes: usize) -> Self {
        Self(bytes.div_ceil(MEBIBYTE).saturating_mul(MEBIBYTE))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(GIBIBYTE, "GiB"), (MEBIBYTE, "MiB"), (KIBIBYTE, "KiB")];
        let unit = units
            .into_iter()
            .find(|(unit, _)| self.0 > 0 && self.0.is_multiple_of(*unit));
        match unit {
            Some((unit, name)) => write!(f, "{} {name}", self.0 / unit),
            None => write!(f, "{} bytes", self.0),
        }
    }
}

struct Names<'a>(&'a [Interface]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|interface| interface.name()).collect();
        f.write_str(&names.join(", "))
    }
}

struct Missing<'a>(&'a [(Interface, Option<String>)]);

impl fmt::Display for Missing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (interface, reason)) in self.0.iter().enumerate() {
            let gap = if index == 0 { "" } else { " and " };
            match reason {
                Some(reason) => write!(f, "{gap}`{interface}` (it says: {reason})")?,
                None => write!(f, "{gap}`{interface}` (it imports it and gives no reason)")?,
            }
        }
        Ok(())
    }
}

struct Said<'a>(&'a Failure);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Failure::Said { message }
            | Failure::Trapped { message }
            | Failure::Host { message } => f.write_str(message),
            Failure::Limit {
                which,
                used,
                allowed,
            } => write!(f, "{which}: {used} used, {allowed} allowed"),
            Failure::Quarantined { .. } => write!(f, "{}", self.0),
        }
    }
}
