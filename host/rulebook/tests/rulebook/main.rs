//! The rulebook as its users see it: files in, diagnostics or a draft out, messages matched.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod bounds;
mod codes;
mod consent_and_language;
mod doing;
mod golden;
mod matching;
mod names;
mod opening;
mod oracle;
mod pages;
mod reach;
mod reading;
mod scaffold;
mod scene;
mod schema;
mod shipped;
mod slips;
mod tables;
mod tests_beside_rules;
mod why_not;
