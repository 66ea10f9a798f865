//! For the benchmark alone: the index by itself, and the search without it.

use crate::condition::{Condition, Seen};
use crate::index::{Index, Patterns};
use crate::pattern::Pattern;
use crate::{Draft, Facts, limits};

/// An index.
#[derive(Debug)]
pub struct Built(#[expect(dead_code, reason = "it is held for its weight")] Index);

impl Draft {
    /// Builds the index again; none if it is refused, which a draft's never is.
    #[must_use]
    pub fn build_index(&self) -> Option<Built> {
        let patterns = self.rules.iter().filter(|rule| !rule.only_called);
        let patterns = patterns
            .filter_map(|rule| match crate::index::handle(&rule.conditions)? {
                (_, Condition::Pattern(patterns)) => Some(patterns),
                _ => None,
            })
            .flatten();
        let patterns = Patterns::new(patterns.map(Pattern::as_str), limits::PATTERNS_BYTES)?;
        Some(Built(Index::new(&self.rules, patterns)))
    }

    /// The first rule that holds, one looked at after the other.
    #[must_use]
    pub fn search_without_index(&self, facts: &Facts<'_>) -> Option<usize> {
        let seen = Seen::new(facts);
        self.rules.iter().position(|rule| rule.holds(&seen))
    }

    /// Folds a message's words, as each search begins.
    #[must_use]
    pub fn fold_alone(&self, facts: &Facts<'_>) -> bool {
        Seen::new(facts).text.is_empty()
    }
}
