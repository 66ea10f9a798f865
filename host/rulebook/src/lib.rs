//! The rulebook: what business people wrote in TOML, read into a checked [`Draft`], and the search for the rule that applies.
//!
//! Owns: the rule language (keys, conditions, spans, hours, placeholders), its diagnostics and schema, folding of text, opt-out
//! words, the choice of language, the first-match search with its index, and why a rule does not answer. Tests that stand beside the rules are read and checked here, and played elsewhere.
//! Promises: [`read`] reports every problem at once, each with its place, and never panics whatever the text; a draft exists only
//! if there is no error. Nothing is silently ignored: a key that nobody knows is an error.
//! Searching is a function of its arguments: no input or output, no clock, no randomness.
//! Bounds: [`limits`] names how much it reads and how much it says.

#![forbid(unsafe_code)]

mod answer;
#[cfg(feature = "bench")]
mod bench;
mod bound;
mod calendar;
mod codes;
mod condition;
mod contradiction;
mod countries;
mod diagnostic;
mod doing;
mod draft;
mod expectation;
mod findings;
mod fold;
mod ground;
mod head;
mod hours;
mod index;
mod keys;
mod language;
mod leads;
pub mod limits;
mod looks;
mod loose;
mod media;
mod offer;
mod opening;
mod options;
mod pattern;
mod placeholder;
mod promise;
mod review;
mod routing;
mod rule;
mod rule_test;
mod said;
mod schema;
mod search;
mod section;
mod settings;
mod shadow;
mod slip;
mod source;
mod spoken;
mod statement;
mod syntax;
mod template;
mod texts;
mod trial;
mod value;
mod values;
mod when;
mod why_not;

#[cfg(feature = "bench")]
pub use bench::Built;
pub use bound::{Limit, Stage};
pub use codes::{Explanation, codes_page, explain, explanations};
pub use diagnostic::{Diagnostic, Severity};
pub use draft::{Action, Draft, Facts, Hit, Place, Rule, Search, Section};
pub use keys::{Described, described, nearest, tables};
pub use rule_test::{
    Bot, Earlier, Expect, Given, GivenKnowledge, GivenLookup, HandedTo, Opted, RuleTest, Said, What,
};
pub use schema::schema;
pub use source::{Names, Reading, Source, read};
pub use why_not::{
    Before, Change, Circumstances, Near, Passed, PassedRule, Remedy, RulePlace, WhyNot,
};
