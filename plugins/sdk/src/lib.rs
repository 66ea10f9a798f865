//! What a plugin written in Rust needs: the contract's types, typed settings, texts with placeholders, messages put together,
//! memory, knowledge and lookups, an allocator, and a host to test against.
//!
//! Implement [`Plugin`], name it in [`export_plugin!`], build for `wasm32-unknown-unknown`: the result is a component that
//! imports what it uses and nothing else. Natively the same code runs against [`testing::Host`], so that a plugin's tests are
//! ordinary `cargo test`, whole conversations included.
//!
//! | to | use |
//! |---|---|
//! | look at the message | [`Turn::text`], [`Turn::option`], [`Turn::value`], or the fields of [`Turn`] themselves |
//! | answer | [`answer`], [`reply`], [`reply_quoting`], [`react`] |
//! | put a message together | [`text`], [`buttons`], [`menu`], [`link`], [`media`], [`template`], … in [`outgoing`] |
//! | have texts by language, with placeholders | [`Texts`] in the settings, [`Texts::say`], [`Texts::check_needed`] |
//! | remember | [`memory::recall`], [`memory::keep`]; for all contacts [`shared_memory`] |
//! | ask | [`knowledge::ask`], [`lookup::get_json`] |
//! | involve people | [`desk`] |
//! | draw a number | [`Turn::seeded`] |
//!
//! Promises: settings that do not fit are [`Problem`]s with a path, all unknown keys at once. A value put into a text is
//! never read as markup or as another placeholder. No state outlives a turn but [`memory`]: every turn has a fresh instance.
//! Bounds: a turn's memory is never freed before its end (see `allocator`), so keep what a turn makes small.
//!
//! ```
//! use sdk::{Description, Failure, Known, Outcome, Plugin, Problems, Texts, Turn, limits};
//!
//! #[derive(serde::Deserialize)]
//! struct Settings {
//!     greeting: Texts,
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
//!         settings.greeting.check_needed("greeting", "text to greet with", limits::TEXT, known, problems);
//!     }
//!
//!     fn handle(turn: &Turn, settings: &Settings) -> Result<Outcome, Failure> {
//!         match settings.greeting.say(turn, limits::TEXT) {
//!             Some(text) => Ok(sdk::answer(text)),
//!             None => Ok(Outcome::Passed),
//!         }
//!     }
//! }
//!
//! sdk::export_plugin!(Greeter);
//!
//! let mut host = sdk::testing::Host::new();
//! host.run::<Greeter>(&sdk::testing::turn("en", "hi"), r#"{"greeting": "Hello {contact.name|there}!"}"#)?;
//! assert_eq!(host.said(), ["Hello there!"]);
//! # Ok::<(), Failure>(())
//! ```

#[cfg(all(target_arch = "wasm32", not(feature = "standard-allocator")))]
mod allocator;
pub mod bindings;
pub mod consent;
pub mod desk;
mod emoji;
pub mod gate;
pub mod knowledge;
pub mod limits;
pub mod log;
pub mod lookup;
pub mod memory;
pub mod outgoing;
pub mod placeholder;
mod plugin;
mod problems;
mod refusal;
mod reply;
mod seeded;
pub mod settings;
pub mod shared_memory;
mod span;
mod spelling;
pub mod testing;
mod texts;
mod turn;

// Where the host's functions are: the component's imports, or natively the host that a test sets up.
#[cfg(target_arch = "wasm32")]
use bindings::tollgate::plugin as host;
#[cfg(not(target_arch = "wasm32"))]
use testing::imports as host;

pub use bindings::tollgate::plugin::types::{
    Ad, Button, Card, Contact, Content, Description, Edit, Entry, Failure, Form, HeaderMedia,
    Known, KnownValue, Link, Location, Media, MediaKind, MediaSource, Menu, MenuRow, MenuSection,
    Message, Moment, Number, Order, OrderItem, OtherContent, Outcome, Outgoing, OutgoingMedia,
    Permission, Problem, Quota, Reaction, Recipient, Refusal, Tap, TapOrigin, Template,
    TemplateButton, TemplateButtonFill, TemplateCategory, TemplateHeader, TemplateParameter,
    TextWithButtons, Turn, Unanswered, Value, Want,
};
pub use emoji::is_emoji;
pub use outgoing::{buttons, link, location, media, media_at, menu, reaction, template, text};
pub use plugin::{Exported, Plugin};
pub use problems::Problems;
pub use reply::{answer, react, reply, reply_quoting, write_to};
pub use seeded::Seeded;
pub use span::{SpanError, span_ms};
pub use spelling::{check_among, nearest};
pub use texts::Texts;
