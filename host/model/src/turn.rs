//! What a plugin is given, and what it says when it is done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Contact, Language, Message, Moment, NumberId, RuleName};

/// One plugin's turn at one message. Everything it may know; nothing else reaches it (I7, I9).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// What arrived.
    pub message: Message,
    /// From whom, as known when the attempt began.
    pub contact: Contact,
    /// The business number it arrived on.
    pub number: NumberId,
    /// What people call that number.
    pub number_name: String,
    /// The rule that applies.
    pub rule: RuleName,
    /// The language to answer in.
    pub language: Language,
    /// The languages of the rule's file; the first is the fallback.
    pub languages: Vec<Language>,
    /// The start of the attempt: the only time there is.
    pub now: Moment,
    /// Whatever placeholders can name.
    pub values: BTreeMap<String, String>,
    /// Chance that repeats: the same whenever this message is attempted, and nobody else can guess it (I9).
    #[serde(default)]
    pub seed: [u8; 32],
}

/// How a plugin ended its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done.
    Handled,
    /// Not for it: its proposals are dropped and the search goes on.
    Passed,
    /// It tried, and the rule's `if_…` decides what follows.
    Unanswered(Unanswered),
}

/// Why a plugin has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unanswered {
    /// Nothing known.
    NoAnswer,
    /// A guardrail stepped in.
    Blocked,
    /// It took too long.
    Slow,
    /// The gate refused.
    Refused,
}

/// The values that settings may name in placeholders, for `check`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Each value, and whether it is always there.
    pub values: BTreeMap<String, ValuePresence>,
    /// The languages of the rule's file.
    pub languages: Vec<Language>,
    /// The desks of the tenant.
    pub desks: Vec<String>,
    /// The named hours of the rule's file.
    pub hours: Vec<String>,
    /// The knowledge bases that the plugin may ask.
    pub knowledge: Vec<String>,
    /// The endpoints that the plugin may ask.
    pub endpoints: Vec<String>,
}

/// Whether a value is there in every turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValuePresence {
    /// Always there.
    Always,
    /// May be missing: a placeholder needs a default.
    Sometimes,
}

/// What a plugin finds wrong with its settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Where in the settings: keys and indices, joined by dots (`reply.pt`).
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}
