//! What a plugin written in Rust needs: the contract's types, typed settings, texts with placeholders, an allocator.
//!
//! Implement [`Plugin`], name it in [`export_plugin!`], build for `wasm32-unknown-unknown`: the result is a component
//! that imports what it uses and nothing else. Everything here but the host calls also runs natively, so that a
//! plugin's own tests are ordinary `cargo test`; keep what calls the host ([`gate`], [`desk`], …) at the rim.
//!
//! Promises: settings that do not fit are [`Problem`]s with a path, all unknown keys at once. A value put into a text is
//! never read as markup or as another placeholder. No state outlives a turn: every turn has a fresh instance.
//! Bounds: a turn's memory is never freed before its end (see `allocator`), so keep what a turn makes small.
//!
//! ```
//! use sdk::{Description, Failure, Known, Outcome, Plugin, Problems, Turn, Unanswered};
//!
//! #[derive(serde::Deserialize)]
//! struct Settings {
//!     greeting: String,
//! }
//!
//! struct Greeter;
//!
//! impl Plugin for Greeter {
//!     type Settings = Settings;
//!
//!     fn describe() -> Description {
//!         Description::new("greeter", "1.0.0", r#"{"type": "object"}"#).wants("gate", "it answers the contact")
//!     }
//!
//!     fn check(settings: &Settings, known: &Known, problems: &mut Problems) {
//!         sdk::placeholder::check(&settings.greeting, "greeting", known, problems);
//!     }
//!
//!     fn handle(turn: &Turn, settings: &Settings) -> Result<Outcome, Failure> {
//!         let text = sdk::placeholder::render(&settings.greeting, turn);
//!         Ok(match sdk::reply(&sdk::Outgoing::Text(text)) {
//!             Ok(()) => Outcome::Handled,
//!             Err(_) => Outcome::Unanswered(Unanswered::Refused),
//!         })
//!     }
//! }
//!
//! sdk::export_plugin!(Greeter);
//! # fn main() {}
//! ```

#[cfg(target_arch = "wasm32")]
mod allocator;
pub mod bindings;
pub mod placeholder;
mod plugin;
mod problems;
pub mod settings;
mod span;
mod spelling;
pub mod testing;
mod texts;

pub use bindings::tollgate::plugin::types::{
    Button, Contact, Content, Description, Failure, Known, KnownValue, Media, Message, Moment,
    Number, OtherContent, Outcome, Outgoing, Permission, Problem, Quota, Recipient, Refusal, Tap,
    TapOrigin, TextWithButtons, Turn, Unanswered, Value, Want,
};
pub use bindings::tollgate::plugin::{consent, desk, gate, log};
pub use plugin::{Exported, Plugin, reply};
pub use problems::Problems;
pub use span::{SpanError, span_ms};
pub use spelling::nearest;
pub use texts::Texts;
