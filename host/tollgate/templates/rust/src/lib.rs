//! The plugin `{{name}}`: greets whoever writes, in their language, and counts how often they came.

use sdk::{Description, Failure, Known, Outcome, Outgoing, Plugin, Problems, Texts, Turn, Unanswered, memory};
use serde::Deserialize;

struct {{Name}}Plugin;

/// What a rule may say under `with`.
#[derive(Deserialize)]
struct Settings {
    /// The greeting; `{visits}` stands for how often they came.
    greeting: Texts,
}

/// How long a contact is remembered: 30 days.
const REMEMBERED_MS: u64 = 30 * 24 * 3_600_000;

impl Plugin for {{Name}}Plugin {
    type Settings = Settings;

    fn describe() -> Description {
        Description::new("{{name}}", env!("CARGO_PKG_VERSION"), include_str!("../settings.schema.json"))
            .wants("gate", "it greets the contact")
            .wants("memory", "it counts how often a contact came")
    }

    fn check(settings: &Settings, known: &Known, problems: &mut Problems) {
        if settings.greeting.is_empty() {
            problems.add_with_help("greeting", "there is no greeting", "add `with.greeting.en = \"…\"`");
        }
        settings.greeting.check("greeting", known, problems);
    }

    fn handle(turn: &Turn, settings: &Settings) -> Result<Outcome, Failure> {
        let before = memory::get("visits").ok().flatten().and_then(|entry| entry.value.parse().ok());
        let visits = before.unwrap_or(0) + 1;
        // What is kept stays only if the turn succeeds: a refusal here is worth no failure.
        let _ = memory::set("visits", &visits.to_string(), REMEMBERED_MS);
        let Some(text) = greeting(turn, settings, visits) else {
            return Ok(Outcome::Passed);
        };
        Ok(match sdk::reply(&Outgoing::Text(text)) {
            Ok(()) => Outcome::Handled,
            Err(_) => Outcome::Unanswered(Unanswered::Refused),
        })
    }
}

sdk::export_plugin!({{Name}}Plugin);

/// The greeting in the turn's language. Apart from the host's calls everything runs natively, so tests are ordinary ones.
fn greeting(turn: &Turn, settings: &Settings, visits: u32) -> Option<String> {
    let text = settings.greeting.choose(turn)?;
    Some(text.replace("{visits}", &visits.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_is_in_the_contact_s_language() {
        let (settings, problems) = sdk::settings::parse::<Settings>(r#"{"greeting": {"en": "Visit {visits}", "pt": "Visita {visits}"}}"#);
        assert!(problems.is_empty());
        let turn = sdk::testing::turn("pt", "oi");
        assert_eq!(greeting(&turn, &settings.unwrap(), 3).unwrap(), "Visita 3");
    }
}
