//! A first plugin: greets the contact by name, with a text from its settings.
#![deny(unsafe_code)]

use sdk::{Description, Failure, Known, Outcome, Plugin, Problems, Turn, placeholder};

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
        Ok(sdk::answer(text))
    }
}

sdk::export_plugin!(Greeter);

#[cfg(test)]
mod tests {
    use sdk::testing::{Host, problems, turn, with_value};

    use super::*;

    #[test]
    fn it_greets_by_name() {
        let settings = r#"{"greeting": "Hello {contact.first_name|there}!"}"#;
        let mut host = Host::new();
        let ana = with_value(turn("en", "hi"), "contact.first_name", "Ana");
        assert_eq!(host.run::<Greeter>(&ana, settings), Ok(Outcome::Handled));
        assert_eq!(host.said(), ["Hello Ana!"]);
    }

    #[test]
    fn a_name_that_may_be_missing_needs_a_default() {
        let found = problems::<Greeter>(r#"{"greeting": "Hello {contact.name}!"}"#);
        assert!(
            found[0].starts_with("greeting: `{contact.name}` may be missing"),
            "{found:?}"
        );
    }
}
