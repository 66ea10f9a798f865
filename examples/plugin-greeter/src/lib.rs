//! A first plugin: greets the contact by name, with a text from its settings.
#![deny(unsafe_code)]

use sdk::{
    Description, Failure, Known, Outcome, Outgoing, Plugin, Problems, Turn, Unanswered, placeholder,
};

/// The plugin.
pub struct Greeter;

/// What a rule writes under `with`.
#[derive(serde::Deserialize)]
pub struct Settings {
    /// The text, with placeholders.
    greeting: String,
}

impl Plugin for Greeter {
    type Settings = Settings;

    fn describe() -> Description {
        let schema = r#"{"type": "object", "properties": {"greeting": {"type": "string"}}, "required": ["greeting"]}"#;
        Description::new("greeter", env!("CARGO_PKG_VERSION"), schema)
            .wants("gate", "it sends the greeting")
    }

    fn check(settings: &Settings, known: &Known, problems: &mut Problems) {
        placeholder::check(&settings.greeting, "greeting", known, problems);
    }

    fn handle(turn: &Turn, settings: &Settings) -> Result<Outcome, Failure> {
        let text = placeholder::render(&settings.greeting, turn);
        Ok(match sdk::reply(&Outgoing::Text(text)) {
            Ok(()) => Outcome::Handled,
            Err(_) => Outcome::Unanswered(Unanswered::Refused),
        })
    }
}

sdk::export_plugin!(Greeter);
