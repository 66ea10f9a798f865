//! Stop switches: what an operator, or WhatsApp itself, has stopped from sending.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Moment, NumberId};

/// Nothing of this leaves until the switch is lifted. Durable: a restart does not lift it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopSwitch {
    /// What is stopped.
    pub target: StopTarget,
    /// Who stopped it.
    pub by: StoppedBy,
    /// Why, in their words.
    pub why: String,
    /// Since when.
    pub at: Moment,
}

/// What a switch stops. Each has one switch at most.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopTarget {
    /// Everything that the tenant sends.
    Tenant,
    /// What leaves from this number.
    Number(NumberId),
    /// This template, by name.
    Template(String),
}

impl fmt::Display for StopTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tenant => f.write_str("the tenant"),
            Self::Number(number) => write!(f, "the number {number}"),
            Self::Template(name) => write!(f, "the template {name}"),
        }
    }
}

/// Who threw a switch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoppedBy {
    /// A person, by the name they gave. What waits is taken back: on a bad day nothing of it must go out later.
    Operator(Option<String>),
    /// WhatsApp, with this code: it would refuse, or punish, whatever came next. What waits to leave a number goes on waiting.
    Network(String),
}
