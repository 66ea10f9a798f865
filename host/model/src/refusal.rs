//! Why the gate said no. Denial is a value: it reaches the plugin, the decision and the metrics.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Moment;

/// Why the gate refused a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "refusal", rename_all = "kebab-case")]
pub enum Refusal {
    /// The plugin holds no grant for this, or the recipient is not the turn's contact.
    NotGranted {
        /// What to add to `tollgate.toml`.
        what: String,
    },
    /// The sending number is not on the tenant's allowlist.
    NotAllowlisted,
    /// Tenant, number or template is stopped.
    Stopped,
    /// The message is malformed or past a limit.
    Invalid {
        /// What, with the count.
        what: String,
    },
    /// The contact said stop.
    OptedOut,
    /// The tenant demands recorded consent, and there is none.
    NotOptedIn,
    /// A person has the conversation.
    Paused {
        /// Until when.
        until: Moment,
    },
    /// More than 24 hours since the contact wrote.
    WindowClosed {
        /// Whether a template would pass.
        template_would_pass: bool,
    },
    /// Two machines seem to be talking to each other.
    LoopSuspected,
    /// A budget is used up.
    QuotaExceeded {
        /// Which.
        which: Quota,
    },
    /// Decided too long ago: nobody wants an answer to yesterday's question. Found on leaving alone.
    TooLate,
    /// Too fast.
    RateLimited {
        /// When there is room again.
        retry_at: Moment,
    },
}

/// Which budget is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quota {
    /// Sends of one run.
    Run,
    /// Effects of one decision.
    Decision,
    /// Sends to one contact in an hour.
    ContactHour,
    /// What one plugin may send for a tenant.
    Plugin,
    /// Contacts reached outside of windows in a day.
    Tier,
    /// What a plugin may keep in memory.
    Memory,
}

impl Refusal {
    /// The word for it: in metrics, rules and pages.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotGranted { .. } => "not-granted",
            Self::NotAllowlisted => "not-allowlisted",
            Self::Stopped => "stopped",
            Self::Invalid { .. } => "invalid",
            Self::OptedOut => "opted-out",
            Self::NotOptedIn => "not-opted-in",
            Self::Paused { .. } => "paused",
            Self::WindowClosed { .. } => "window-closed",
            Self::LoopSuspected => "loop-suspected",
            Self::QuotaExceeded { .. } => "quota-exceeded",
            Self::TooLate => "too-late",
            Self::RateLimited { .. } => "rate-limited",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGranted { what } => write!(f, "not granted: {what}"),
            Self::NotAllowlisted => {
                f.write_str("the sending number is not on the tenant's allowlist")
            }
            Self::Stopped => f.write_str("sending is stopped until somebody lifts the switch"),
            Self::Invalid { what } => write!(f, "invalid: {what}"),
            Self::OptedOut => f.write_str("the contact opted out"),
            Self::NotOptedIn => {
                f.write_str("the contact has not opted in, and this tenant demands it")
            }
            Self::Paused { .. } => f.write_str("a person has the conversation"),
            Self::WindowClosed {
                template_would_pass: true,
            } => f.write_str("the 24-hour service window is closed; a template would pass"),
            Self::WindowClosed {
                template_would_pass: false,
            } => f.write_str("the 24-hour service window is closed"),
            Self::LoopSuspected => f.write_str("two machines seem to be talking to each other"),
            Self::QuotaExceeded { which: Quota::Run } => {
                f.write_str("this run's sends are used up")
            }
            Self::QuotaExceeded {
                which: Quota::Decision,
            } => f.write_str("this decision's effects are used up"),
            Self::QuotaExceeded {
                which: Quota::ContactHour,
            } => f.write_str("this contact's sends for the hour are used up"),
            Self::QuotaExceeded {
                which: Quota::Plugin,
            } => f.write_str("this plugin's sends are used up"),
            Self::QuotaExceeded { which: Quota::Tier } => {
                f.write_str("the day's contacts outside of windows are used up")
            }
            Self::QuotaExceeded {
                which: Quota::Memory,
            } => f.write_str("this plugin's memory is used up"),
            Self::TooLate => f.write_str("it was decided too long ago to be worth sending"),
            Self::RateLimited { .. } => f.write_str("too fast for WhatsApp's rates"),
        }
    }
}
