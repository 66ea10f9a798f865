//! Refusals in words.

use crate::Refusal;

impl Refusal {
    /// The word for it, as rules and records have it: `opted-out`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotGranted(_) => "not-granted",
            Self::NotAllowlisted => "not-allowlisted",
            Self::Stopped => "stopped",
            Self::Invalid(_) => "invalid",
            Self::OptedOut => "opted-out",
            Self::NotOptedIn => "not-opted-in",
            Self::Paused(_) => "paused",
            Self::WindowClosed(_) => "window-closed",
            Self::LoopSuspected => "loop-suspected",
            Self::QuotaExceeded(_) => "quota-exceeded",
            Self::RateLimited(_) => "rate-limited",
        }
    }

    /// The word, and what the gate says besides: for a line in the log.
    ///
    /// ```
    /// assert_eq!(sdk::Refusal::Invalid("the text is blank".to_owned()).why(), "invalid: the text is blank");
    /// assert_eq!(sdk::Refusal::OptedOut.why(), "opted-out");
    /// ```
    #[must_use]
    pub fn why(&self) -> String {
        match self {
            Self::NotGranted(what) | Self::Invalid(what) => format!("{}: {what}", self.word()),
            _ => self.word().to_owned(),
        }
    }
}
