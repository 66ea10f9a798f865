//! The codes of diagnostics, and what there is to know about each: `tollgate explain`, docs/codes.md and a test of every example
//! are made of it. A number is never used for something else: R004 is of what once was not spoken yet.

mod errors;
mod page;
mod warnings;

pub(crate) use errors::*;
pub use page::codes_page;
pub(crate) use warnings::*;

use crate::Severity;

/// A diagnostic's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Code(pub(crate) &'static str);

/// What there is to know about a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explanation {
    /// `R012`.
    pub code: &'static str,
    /// Whether rules with it are still used.
    pub severity: Severity,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// Why it is reported and what to do, in two or three sentences.
    pub about: &'static str,
    /// Rules that are reported with it. Unless it begins with `rules_version`, it stands below the head of a file.
    pub wrong: &'static str,
    /// The same rules, mended.
    pub right: &'static str,
    /// What else has to be so for `wrong` to be reported, if it is not in the rules.
    pub given: Option<&'static str>,
}

/// What there is to know about a code of a diagnostic.
#[must_use]
pub fn explain(code: &str) -> Option<&'static Explanation> {
    explanations().find(|explanation| explanation.code == code)
}

/// All codes, errors first, in the order of their numbers.
pub fn explanations() -> impl Iterator<Item = &'static Explanation> + Clone {
    errors::ALL.iter().chain(warnings::ALL)
}

/// Constants for the codes, and what there is to know about each.
macro_rules! codes {
    ($severity:expr; $($name:ident = $code:literal $title:literal, $about:literal, wrong: $wrong:literal, right: $right:literal $(, given: $given:literal)?;)*) => {
        $(pub(crate) const $name: Code = Code($code);)*

        pub(super) const ALL: &[Explanation] = &[$(Explanation {
            code: $code,
            severity: $severity,
            title: $title,
            about: $about,
            wrong: $wrong,
            right: $right,
            given: codes!(@given $($given)?),
        }),*];
    };
    (@given) => { None };
    (@given $given:literal) => { Some($given) };
}
use codes;
