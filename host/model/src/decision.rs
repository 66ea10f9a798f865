//! The whole record of one message: what was looked at, run, proposed, refused, and what it cost.

use serde::{Deserialize, Serialize};

use crate::{
    Asked, ContactId, DeskName, Language, Moment, NumberId, Outcome, PluginName, Proposal,
    RuleName, TenantId, Unanswered, Verdict, Wamid,
};

/// The trace of one message, settled together with its effects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The shape of this record; a reader knows all shapes up to its own.
    pub version: u16,
    /// Of which message.
    pub id: DecisionId,
    /// From whom.
    pub contact: ContactId,
    /// Its place in the contact's order.
    pub sequence: u64,
    /// The edition it was decided on.
    pub edition: String,
    /// When the attempt began: the `now` that rules, plugins and gate saw.
    pub now: Moment,
    /// Which attempt this was, from 1.
    pub attempt: u32,
    /// The language chosen.
    pub language: Language,
    /// The rules looked at, in order.
    pub looks: Vec<Look>,
    /// Rules looked at beyond those that are listed.
    pub looks_left_out: usize,
    /// Rules that stood before the one that was found and listen for something that this message does not have: the index ruled
    /// them out, and nobody looked at them.
    #[serde(default)]
    pub ruled_out: usize,
    /// What was run.
    pub steps: Vec<Step>,
    /// How it ended.
    pub ending: Ending,
    /// What it took.
    pub cost: Cost,
}

/// A message is known by (tenant, number, wamid), and so is its decision.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DecisionId {
    /// Whose.
    pub tenant: TenantId,
    /// Received on.
    pub number: NumberId,
    /// The message.
    pub message: Wamid,
}

/// One rule looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Which.
    pub rule: RuleName,
    /// What came of it.
    pub result: LookResult,
}

/// Whether a rule applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookResult {
    /// All its conditions held.
    Matched,
    /// The first that did not.
    Missed {
        /// The condition's key.
        condition: String,
        /// What was seen instead.
        seen: String,
    },
}

/// One rule's part in a decision: it stands or falls as a whole (I3).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The rule; `opt_out` and `opt_in` for those sections.
    pub rule: RuleName,
    /// Its runs, in order.
    pub runs: Vec<Run>,
    /// Whether its proposals take effect.
    pub result: StepResult,
}

/// Whether a step's proposals take effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepResult {
    /// They do.
    Stands,
    /// The plugin passed: they do not, and the search goes on.
    Passed,
    /// The plugin failed: they do not.
    Failed,
    /// The rule is a shadow: it ran and was recorded, they do not, and the search goes on.
    Shadow,
}

/// One plugin's run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Which plugin.
    pub plugin: PluginName,
    /// What it asked for and was told, in order.
    pub proposed: Vec<Proposed>,
    /// How it ended.
    pub result: RunResult,
    /// What it logged.
    pub log: Vec<String>,
    /// Fuel it burnt.
    pub fuel: u64,
    /// What it asked the world, in order.
    #[serde(default)]
    pub asked: Vec<Asked>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunResult {
    /// The plugin said how.
    Ended(Outcome),
    /// It did not get that far.
    Failed(Failure),
}

/// Why a run did not end by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "failure", rename_all = "snake_case")]
pub enum Failure {
    /// The plugin returned a failure.
    Said {
        /// Its words.
        message: String,
    },
    /// It trapped: a panic, an access out of bounds, an exhausted stack.
    Trapped {
        /// What and where.
        message: String,
    },
    /// It passed a limit (I8).
    Limit {
        /// Which.
        which: String,
        /// What it used.
        used: u64,
        /// What it was allowed.
        allowed: u64,
    },
    /// It failed too often of late and is left alone for a while: it was not run.
    Quarantined {
        /// Until when.
        until: Moment,
    },
    /// The host could not run it: retried, and not the guest's fault.
    Host {
        /// What happened.
        message: String,
    },
}

impl Failure {
    /// Its kind in one word, for logs and metrics: never the plugin's own words (I12).
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Said { .. } => "failure",
            Self::Trapped { .. } => "trap",
            Self::Limit { .. } => "limit",
            Self::Quarantined { .. } => "quarantine",
            Self::Host { .. } => "host",
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Said { message } => write!(f, "the plugin failed: {message}"),
            Self::Trapped { message } => write!(f, "the plugin trapped: {message}"),
            Self::Limit {
                which,
                used,
                allowed,
            } => write!(
                f,
                "the plugin passed its limit of {which}: {used} of {allowed}"
            ),
            Self::Quarantined { .. } => {
                f.write_str("the plugin failed too often of late and is left alone for a while")
            }
            Self::Host { message } => write!(f, "the host could not run the plugin: {message}"),
        }
    }
}

/// One proposal and its verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposed {
    /// What was asked.
    pub proposal: Proposal,
    /// What was answered.
    pub verdict: Verdict,
    /// The gate's checks, in order, up to the one that refused.
    pub checks: Vec<Check>,
    /// Admitted and not sent: it became a draft at this desk, for a person to send, change or drop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drafted_to: Option<DeskName>,
}

/// One check of the gate and what it saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The check's name.
    pub name: String,
    /// What it saw.
    pub saw: String,
    /// Whether it let the proposal through.
    pub passed: bool,
    /// It would have refused, and its limit is a shadow: counted, and nothing more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shadowed: bool,
}

/// How a decision ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ending", rename_all = "snake_case")]
pub enum Ending {
    /// A rule answered.
    Answered {
        /// Which.
        rule: RuleName,
    },
    /// A rule applied, and its plugin had no answer that could go out.
    Unanswered {
        /// Which rule.
        rule: RuleName,
        /// Why not.
        why: Unanswered,
    },
    /// It was written in a group, or WhatsApp itself told it: it is kept, and no rule looks at it.
    Aside,
    /// No rule applied.
    NoRule,
    /// Older than the tenant answers: to the desk, unanswered.
    TooOld,
    /// It could not be done: a dead letter with this cause.
    DeadLetter {
        /// Why.
        cause: String,
    },
}

/// What a decision took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Fuel of all runs.
    pub fuel: u64,
    /// Wall time of the attempt in microseconds.
    pub micros: u64,
}

impl Decision {
    /// The rule that answered last, if any: what people mean by "which rule was it".
    #[must_use]
    pub fn answered_by(&self) -> Option<&RuleName> {
        match &self.ending {
            Ending::Answered { rule } => Some(rule),
            _ => None,
        }
    }

    /// What became drafts, in order, by rule and desk: a person looks at it before it is sent.
    pub fn drafted(&self) -> impl Iterator<Item = (&RuleName, &DeskName)> {
        let standing = self
            .steps
            .iter()
            .filter(|step| step.result == StepResult::Stands);
        standing.flat_map(|step| {
            let proposed = step.runs.iter().flat_map(|run| &run.proposed);
            proposed.filter_map(|proposed| Some((&step.rule, proposed.drafted_to.as_ref()?)))
        })
    }

    /// Every refusal, in order. What a shadow was refused was not to be sent anyway.
    pub fn refusals(&self) -> impl Iterator<Item = &crate::Refusal> {
        self.steps
            .iter()
            .filter(|step| step.result != StepResult::Shadow)
            .flat_map(|step| &step.runs)
            .flat_map(|run| &run.proposed)
            .filter_map(|proposed| match &proposed.verdict {
                Verdict::Refused(refusal) => Some(refusal),
                Verdict::Admitted => None,
            })
    }
}
