//! The rulebook: what business people wrote in TOML, read into a checked [`Draft`], and the search for the rule that applies.
//!
//! Owns: the rule language (keys, conditions, spans, placeholders), its diagnostics, folding of text, opt-out words, the choice
//! of language, the first-match search.
//! Promises: [`read`] reports every problem at once, each with its place, and never panics whatever the text; a draft exists only
//! if there is no error. Nothing is silently ignored: a key of the language that this version does not speak yet is an error.
//! Searching is a function of its arguments: no input or output, no clock, no randomness.
//! Bounds: [`limits`] names how much it reads and how much it says.

#![forbid(unsafe_code)]

mod codes;
mod condition;
mod countries;
mod diagnostic;
mod doing;
mod draft;
mod findings;
mod fold;
mod head;
mod keys;
mod language;
pub mod limits;
mod options;
mod promise;
mod review;
mod rule;
mod search;
mod section;
mod settings;
mod shadow;
mod source;
mod syntax;
mod texts;
mod value;
mod values;
mod when;

pub use codes::explain;
pub use diagnostic::{Diagnostic, Severity};
pub use draft::{Action, Draft, Facts, Hit, Place, Rule, Search, Section};
pub use source::{Names, Reading, Source, read};
