//! The rulebook as its users see it: files in, diagnostics or a draft out, messages matched.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod consent_and_language;
mod golden;
mod matching;
mod names;
mod reading;
mod scene;
mod shipped;
