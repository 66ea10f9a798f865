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
}

/// An interface of the contract that must be granted. `types` and `log` need no grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interface {
    /// Propose sends.
    Gate,
    /// Propose opt-ins and opt-outs.
    Consent,
    /// Hand over, pause, tag.
    Desk,
}

impl Interface {
    /// All there are, in the order of the contract.
    pub const ALL: [Self; 3] = [Self::Gate, Self::Consent, Self::Desk];

    /// Its name in the contract and in `tollgate.toml`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gate => "gate",
            Self::Consent => "consent",
            Self::Desk => "desk",
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
