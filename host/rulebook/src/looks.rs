//! Every rule looked at, one after the other: what explains a decision in full. The search itself looks at candidates alone.

use model::{Look, LookResult};

use crate::condition::Seen;
use crate::{Draft, Facts, Rule};

impl Draft {
    /// What each rule has to say to this message, in order, whether or not an earlier one holds.
    #[must_use]
    pub fn looks(&self, facts: &Facts<'_>) -> Vec<Look> {
        let seen = Seen::new(facts);
        self.rules.iter().map(|rule| rule.look(&seen)).collect()
    }
}

impl Rule {
    /// Whether it holds, or the first of its conditions that does not.
    pub(crate) fn look(&self, seen: &Seen<'_>) -> Look {
        let missed = self.missed(seen, None);
        self.looked(missed.map_or(LookResult::Matched, |missed| missed.result(seen, self)))
    }
}
