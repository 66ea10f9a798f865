//! What an operator lets a plugin reach (I7).

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Phone;

/// Everything a plugin may reach. Nothing else is linked into its sandbox.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grants {
    /// The interfaces it may import.
    pub interfaces: BTreeSet<Interface>,
    /// Numbers other than the turn's contact that it may write to.
    pub recipients: BTreeSet<Phone>,
    /// The endpoints that it may ask, by the operator's names for them.
    #[serde(default)]
    pub endpoints: BTreeSet<String>,
    /// The knowledge bases that it may ask, by the operator's names for them; every one of the tenant's if nothing is said.
    #[serde(default)]
    pub knowledge: Option<BTreeSet<String>>,
    /// So many sends in an hour of the clock for one tenant; as many as it likes if nothing is said.
    #[serde(default)]
    pub hourly_sends: Option<u32>,
}

/// An interface of the contract that must be granted. `types` and `log` need no grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Interface {
    /// Propose sends.
    Gate,
    /// Propose opt-ins and opt-outs.
    Consent,
    /// Hand over, pause, note, tag.
    Desk,
    /// Keep things of one contact from turn to turn.
    Memory,
    /// Keep things for all contacts of a tenant.
    SharedMemory,
    /// Ask the tenant's knowledge bases.
    Knowledge,
    /// Ask endpoints that the operator named.
    Lookup,
    /// A virtual WASI, for languages that cannot do without: it holds nothing of the machine's.
    Wasi,
}

impl Interface {
    /// All there are, in the order of the contract.
    pub const ALL: [Self; 8] = [
        Self::Gate,
        Self::Consent,
        Self::Desk,
        Self::Memory,
        Self::SharedMemory,
        Self::Knowledge,
        Self::Lookup,
        Self::Wasi,
    ];

    /// Its name in the contract and in `tollgate.toml`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gate => "gate",
            Self::Consent => "consent",
            Self::Desk => "desk",
            Self::Memory => "memory",
            Self::SharedMemory => "shared-memory",
            Self::Knowledge => "knowledge",
            Self::Lookup => "lookup",
            Self::Wasi => "wasi",
        }
    }

    /// By its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|interface| interface.name() == name)
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
