//! What can go wrong before a plugin runs.

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
    /// It is too large to be compiled.
    #[error(
        "plugin `{plugin}` cannot be loaded: the component has {bytes} bytes, and {allowed} are allowed"
    )]
    TooLarge {
        /// Which plugin.
        plugin: PluginName,
        /// Its size.
        bytes: usize,
        /// The cap.
        allowed: usize,
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
        spoken: &'static str,
    },
    /// It imports what no grant covers.
    #[error(
        "plugin `{plugin}` imports `{import}`, which no grant covers: a plugin may import types, log, {}; \
         build it for wasm32-unknown-unknown, where nothing else is imported",
        Names(&Interface::ALL)
    )]
    Foreign {
        /// Which plugin.
        plugin: PluginName,
        /// What it imports.
        import: String,
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
        let mut all = granted.interfaces.clone();
        all.extend(missing.iter().map(|(interface, _)| *interface));
        let grants: Vec<_> = all
            .into_iter()
            .map(|interface| format!("\"{interface}\""))
            .collect();
        Self::NotGranted {
            plugin: plugin.clone(),
            missing,
            grants: grants.join(", "),
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
        }
    }
}
