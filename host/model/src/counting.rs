//! How often a rule answered: what `limit` rests on.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Moment, RuleName, Span};

/// How often a rule answered in one period: a contact, or all of a tenant's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleCount {
    /// Which rule.
    pub rule: RuleName,
    /// Counted by what.
    pub per: Period,
    /// When the period began. A count of an earlier period is over.
    pub since: Moment,
    /// How often.
    pub times: u32,
}

impl RuleCount {
    /// Whether both count the same, whatever they have come to.
    #[must_use]
    pub fn is_of_same(&self, other: &Self) -> bool {
        (&self.rule, self.per, self.since) == (&other.rule, other.per, other.since)
    }
}

/// What is counted by: a minute, hour, day or week of the calendar, in the timezone of the rule's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// From one full minute to the next.
    Minute,
    /// From one full hour to the next.
    Hour,
    /// From midnight to midnight.
    Day,
    /// From Monday to Sunday.
    Week,
}

impl Period {
    /// All, the shortest first.
    pub const ALL: [Self; 4] = [Self::Minute, Self::Hour, Self::Day, Self::Week];

    /// The word for it, in rules and in the ledger.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    /// None lasts longer, whatever the clocks do meanwhile: what was counted in one that began before that is over.
    #[must_use]
    pub fn longest(self) -> Span {
        match self {
            Self::Minute => Span::from_minutes(1),
            // Where clocks go back by half an hour, an hour of the clock lasts that much longer.
            Self::Hour => Span::from_hours(2),
            Self::Day => Span::from_hours(2 * 24),
            Self::Week => Span::from_hours(8 * 24),
        }
    }

    /// By its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.word() == word)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
