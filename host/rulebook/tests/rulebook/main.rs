//! The rulebook as its users see it: files in, diagnostics or a draft out, messages matched.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod consent_and_language;
mod doing;
mod golden;
mod matching;
mod names;
mod opening;
mod reading;
mod scene;
mod shipped;
mod tests_beside_rules;
