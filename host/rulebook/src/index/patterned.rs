//! The patterns of all rules, looked for at once.
//!
//! What is looked for is a little more than the patterns say: without word boundaries and other places, and with anything that is
//! repeated as often as it likes. A set of such patterns runs as one small automaton over any text, where the boundaries of words
//! beyond ASCII would make it a hundred times slower; the few rules that it lets through have their own pattern looked at in full.

use regex::{RegexSet, RegexSetBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind, Repetition};

use super::handle;
use crate::condition::Condition;
use crate::findings::Findings;
use crate::head::Head;
use crate::pattern::Pattern;
use crate::rule::Draught;
use crate::{codes, limits};

/// Those patterns by which rules are found, as one.
#[derive(Debug)]
pub(crate) struct Patterns {
    set: RegexSet,
    /// For each pattern, its rule.
    rules: Vec<u32>,
}

impl Patterns {
    /// Of all rules that are in use; none, and a finding, if they take too much memory together.
    pub(crate) fn read(rules: &[(Draught, Head)], findings: &mut Findings) -> Option<Self> {
        let rules = rules
            .iter()
            .map(|(rule, _)| rule)
            .filter(|rule| !rule.off && !rule.only_called);
        let found_by_pattern = rules
            .filter_map(|rule| match handle(&rule.conditions)? {
                (_, Condition::Pattern(patterns)) => Some((rule, patterns)),
                _ => None,
            })
            .collect::<Vec<_>>();
        let patterns = found_by_pattern.iter().flat_map(|(_, patterns)| *patterns);
        let patterns = Self::new(patterns.map(Pattern::as_str), limits::PATTERNS_BYTES);
        if patterns.is_none()
            && let Some((rule, _)) = found_by_pattern.last()
        {
            let message = format!(
                "all patterns together, up to the one of this rule, take more than {} MB",
                limits::PATTERNS_BYTES / 1024 / 1024
            );
            findings
                .error(rule.pointer(), codes::PATTERN, message)
                .help("write [0-9a-z] rather than \\w and repeat less, or give rules when.words beside their pattern: those take none of it");
        }
        patterns
    }

    pub(crate) fn new<'a>(
        patterns: impl Iterator<Item = &'a str>,
        most_bytes: usize,
    ) -> Option<Self> {
        let patterns: Option<Vec<_>> = patterns.map(relaxed).collect();
        let set = RegexSetBuilder::new(patterns?)
            .size_limit(most_bytes)
            .build()
            .ok()?;
        Some(Self {
            set,
            rules: Vec::new(),
        })
    }

    /// Says whose the next of its patterns are.
    pub(super) fn insert(&mut self, patterns: usize, rule: u32) {
        self.rules.extend(std::iter::repeat_n(rule, patterns));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Hands over the rule of each pattern that may find something.
    pub(super) fn find<'a>(&'a self, text: &str, mut found: impl FnMut(&'a [u32])) {
        // No pattern finds anything in nothing.
        if text.is_empty() {
            return;
        }
        for index in &self.set.matches(text) {
            found(self.rules.get(index..=index).unwrap_or_default());
        }
    }
}

/// A pattern that finds something wherever the given one does, and is cheaper to look for.
fn relaxed(pattern: &str) -> Option<String> {
    // As `Pattern` is read.
    let mut parser = ParserBuilder::new().case_insensitive(true).build();
    let pattern = parser.parse(pattern).ok()?;
    Some(relax(&pattern).to_string())
}

/// Recursion ends where the parser's limit of nesting does.
fn relax(pattern: &Hir) -> Hir {
    match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) => Hir::empty(),
        HirKind::Literal(_) | HirKind::Class(_) => pattern.clone(),
        HirKind::Capture(capture) => relax(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(relax).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(relax).collect()),
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            min: repetition.min.min(1),
            max: repetition.max.filter(|most| *most <= 1),
            greedy: repetition.greedy,
            sub: Box::new(relax(&repetition.sub)),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a set of this one pattern lets its rule through.
    fn lets_through(pattern: &str, text: &str) -> bool {
        let mut patterns = Patterns::new([pattern].into_iter(), limits::PATTERNS_BYTES).unwrap();
        patterns.insert(1, 7);
        let mut found: Vec<u32> = Vec::new();
        patterns.find(text, |rules| found.extend(rules));
        assert!(found.is_empty() || found == [7]);
        found == [7]
    }

    #[test]
    fn what_a_pattern_finds_is_let_through_and_little_else() {
        for (pattern, text, expected) in [
            (r"\bpedido (\d{4,6})\b", "meu Pedido 4711!", true),
            (r"\bpedido (\d{4,6})\b", "expedido 4711", true),
            (r"\bpedido (\d{4,6})\b", "pedido", false),
            (r"^oi$", "OI", true),
            (r"^oi$", "ola", false),
            (r"(?i-u:b)|(?-i)[A-C]{3}", "xABCx", true),
            (r"(?-i)[A-C]{3}", "abc", false),
            (r"(?P<a>x{2,3}?)|y*z", "axxb", true),
            (r"(?P<a>x{2,3}?)|y*z", "yyy", false),
            (r"(?x) a \s b # a comment", "a b", true),
            ("ação", "AÇÃO", true),
            ("\u{1F44D}+", "ok \u{1F44D}", true),
            ("a", "", false),
        ] {
            assert_eq!(lets_through(pattern, text), expected, "{pattern} in {text}");
        }
    }

    #[test]
    fn patterns_that_take_too_much_memory_together_are_refused() {
        let many = (0..50).map(|number| format!("[a-z]+{number}[^ ]+"));
        let many: Vec<_> = many.collect();
        let of = |bytes| Patterns::new(many.iter().map(String::as_str), bytes);
        assert!(of(limits::PATTERNS_BYTES).is_some());
        assert!(of(1_024).is_none());
    }
}
