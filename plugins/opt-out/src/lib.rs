//! The plugin behind `[opt_out]` and `[opt_in]`: words the one confirmation.
//!
//! Promises: one send a turn and nothing else. The change of consent is the host's, and stands before this plugin runs.
//! Bounds: a text of WhatsApp's length. Without settings, built-in sentences that say what was left: all messages, or those
//! that advertise.

mod sentences;

use sdk::{Description, Failure, Known, Outcome, Plugin, Problems, Texts, Turn, limits};
use serde::Deserialize;

use sentences::Said;

/// The sections that this plugin answers for, by the name they have in a turn.
const OPT_OUT: &str = "opt_out";
const OPT_IN: &str = "opt_in";

/// The plugin.
pub struct OptOut;

/// Its settings.
#[derive(Debug, Deserialize)]
pub struct Settings {
    /// How to confirm.
    #[serde(default)]
    reply: Texts,
    /// What the section is about.
    #[serde(default)]
    covers: Covers,
}

/// What an opt-out or opt-in is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Covers {
    /// All messages.
    #[default]
    Everything,
    /// Messages that advertise.
    Marketing,
}

impl Plugin for OptOut {
    type Settings = Settings;

    fn describe() -> Description {
        Description::new(
            "opt-out",
            env!("CARGO_PKG_VERSION"),
            include_str!("../settings.schema.json"),
        )
        .wants("gate", "it sends the one confirmation")
    }

    fn check(settings: &Settings, known: &Known, problems: &mut Problems) {
        settings
            .reply
            .check_all("reply", limits::TEXT, known, problems);
    }

    fn handle(turn: &Turn, settings: &Settings) -> Result<Outcome, Failure> {
        Ok(sdk::answer(settings.confirmation(turn)?))
    }
}

sdk::export_plugin!(OptOut);

impl Settings {
    fn confirmation(&self, turn: &Turn) -> Result<String, Failure> {
        let said = match (turn.rule.as_str(), self.covers) {
            (OPT_OUT, Covers::Everything) => Said::LeftEverything,
            (OPT_OUT, Covers::Marketing) => Said::LeftMarketing,
            (OPT_IN, Covers::Everything) => Said::BackToEverything,
            (OPT_IN, Covers::Marketing) => Said::BackToMarketing,
            (other, _) => {
                let message =
                    format!("it answers for {OPT_OUT} and {OPT_IN}, not for rule `{other}`");
                return Err(Failure::new(message));
            }
        };
        let own = self.reply.say(turn, limits::TEXT);
        Ok(own.unwrap_or_else(|| said.sentence(turn).to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use sdk::testing::{Host, problems, schema_differences, turn};

    use super::*;

    /// What is said to the contact, once.
    fn confirmation(settings: &str, rule: &str, language: &str) -> Result<String, Failure> {
        let turn = Turn {
            rule: rule.to_owned(),
            ..turn(language, "STOP")
        };
        let mut host = Host::new();
        assert_eq!(host.run::<OptOut>(&turn, settings)?, Outcome::Handled);
        assert_eq!(host.did().len(), 1, "one confirmation: {host:?}");
        Ok(host.said().concat())
    }

    #[test]
    fn without_settings_a_built_in_sentence_confirms() {
        for (language, left, back) in [
            ("en", "You are unsubscribed", "Welcome back!"),
            (
                "pt_BR",
                "Sua inscrição foi cancelada",
                "Que bom ter você de volta!",
            ),
            (
                "es",
                "Tu suscripción está cancelada",
                "¡Qué bueno tenerte de vuelta!",
            ),
            ("fr", "Vous êtes désinscrit", "Content de vous revoir"),
            (
                "de",
                "Sie sind abgemeldet",
                "Schön, dass Sie wieder da sind!",
            ),
            ("it", "La tua iscrizione è annullata", "Bentornato!"),
        ] {
            let said = confirmation("{}", "opt_out", language).unwrap();
            assert!(said.starts_with(left) && said.contains("START"), "{said}");
            let said = confirmation("{}", "opt_in", language).unwrap();
            assert!(said.starts_with(back) && said.contains("STOP"), "{said}");
        }
        // No built-in sentence in Dutch: the file's first language, Portuguese, stands in.
        assert!(
            confirmation("{}", "opt_out", "nl")
                .unwrap()
                .starts_with("Sua inscrição")
        );
    }

    #[test]
    fn what_is_left_is_named() {
        let marketing = r#"{"covers": "marketing"}"#;
        for (language, left, back) in [
            ("en", "offers", "offers"),
            ("pt", "ofertas", "ofertas"),
            ("es", "ofertas", "ofertas"),
            ("fr", "offres", "offres"),
            ("de", "Angebote", "Angebote"),
            ("it", "offerte", "offerte"),
        ] {
            let said = confirmation(marketing, "opt_out", language).unwrap();
            assert!(said.contains(left), "{said}");
            assert_ne!(said, confirmation("{}", "opt_out", language).unwrap());
            let said = confirmation(marketing, "opt_in", language).unwrap();
            assert!(said.contains(back), "{said}");
            assert_ne!(said, confirmation("{}", "opt_in", language).unwrap());
        }
    }

    #[test]
    fn the_tenants_own_words_come_first() {
        let settings =
            r#"{"reply": {"pt": "Feito, {contact.name|pessoa}."}, "covers": "marketing"}"#;
        assert_eq!(
            confirmation(settings, "opt_out", "en").unwrap(),
            "Feito, pessoa."
        );
    }

    #[test]
    fn it_answers_for_no_other_rule() {
        let failure = confirmation("{}", "hours", "pt").unwrap_err();
        assert!(
            failure.message.contains("not for rule `hours`"),
            "{failure:?}"
        );
    }

    #[test]
    fn what_is_wrong_is_found_when_the_rule_is_saved() {
        let long = format!(r#"{{"reply": {{"pt": "{}"}}}}"#, "é".repeat(4097));
        for (settings, expected) in [
            (
                r#"{"reply": {"pt": "{nome}"}}"#,
                "reply.pt: `{nome}` is no known",
            ),
            (
                r#"{"repyl": {"pt": "x"}}"#,
                "repyl: unknown key `repyl` (did you mean `reply`?)",
            ),
            (
                r#"{"covers": "all"}"#,
                "covers: unknown word `all` (known are everything, marketing)",
            ),
            (
                &long,
                "reply.pt: it has 4097 characters (a text holds at most 4096",
            ),
        ] {
            let found = problems::<OptOut>(settings);
            assert_eq!(found.len(), 1, "{settings}: {found:?}");
            assert!(found[0].starts_with(expected), "{found:?}");
        }
    }

    #[test]
    fn the_schema_and_the_type_are_in_step() {
        let whole = [
            r#"{"reply": {"pt": "x"}, "covers": "marketing"}"#,
            r#"{"reply": "x"}"#,
            "{}",
        ];
        for settings in whole {
            assert_eq!(problems::<OptOut>(settings), [""; 0]);
        }
        assert_eq!(schema_differences::<OptOut>(&whole), [""; 0]);
    }
}
