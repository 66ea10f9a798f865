//! The plugin behind `[opt_out]` and `[opt_in]`: words the one confirmation.
//!
//! Promises: one send a turn and nothing else. The change of consent is the host's, and stands before this plugin runs.
//! Bounds: a text of WhatsApp's length. Without settings, built-in sentences in English, Portuguese, Spanish and French.

use std::collections::BTreeMap;

use sdk::{
    Description, Failure, Known, Outcome, Outgoing, Plugin, Problems, Texts, Turn, Unanswered,
    placeholder,
};
use serde::Deserialize;

/// WhatsApp's limit on a text, in characters.
const TEXT_CHARS: usize = 4096;

/// The sections that this plugin answers for, by the name they have in a turn.
const OPT_OUT: &str = "opt_out";
const OPT_IN: &str = "opt_in";

/// START brings a contact back in every language: it is one of the host's built-in words.
const LEFT: [(&str, &str); 4] = [
    (
        "en",
        "You are unsubscribed and will get no more messages from us. To come back, send START.",
    ),
    (
        "pt",
        "Sua inscrição foi cancelada e você não vai mais receber mensagens nossas. Para voltar, envie START.",
    ),
    (
        "es",
        "Tu suscripción está cancelada y no te enviaremos más mensajes. Para volver, envía START.",
    ),
    (
        "fr",
        "Vous êtes désinscrit et ne recevrez plus de messages de notre part. Pour revenir, envoyez START.",
    ),
];
const BACK: [(&str, &str); 4] = [
    (
        "en",
        "Welcome back! You will get our messages again. To leave, send STOP.",
    ),
    (
        "pt",
        "Que bom ter você de volta! Você vai receber nossas mensagens de novo. Para sair, envie STOP.",
    ),
    (
        "es",
        "¡Qué bueno tenerte de vuelta! Recibirás nuestros mensajes otra vez. Para salir, envía STOP.",
    ),
    (
        "fr",
        "Content de vous revoir ! Vous recevrez de nouveau nos messages. Pour partir, envoyez STOP.",
    ),
];

/// The plugin.
pub struct OptOut;

/// Its settings.
#[derive(Debug, Deserialize)]
pub struct Settings {
    /// How to confirm.
    #[serde(default)]
    reply: Texts,
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
        settings.reply.check("reply", known, problems);
        for (path, text) in settings.reply.with_paths("reply") {
            let count = text.chars().count();
            if count > TEXT_CHARS {
                let help = format!(
                    "a text holds at most {TEXT_CHARS}: shorten it by {}",
                    count - TEXT_CHARS
                );
                problems.add_with_help(&path, format!("it has {count} characters"), help);
            }
            placeholder::check(text, &path, known, problems);
        }
    }

    fn handle(turn: &Turn, settings: &Settings) -> Result<Outcome, Failure> {
        let text = settings.confirmation(turn)?;
        Ok(match sdk::reply(&Outgoing::Text(text)) {
            Ok(()) => Outcome::Handled,
            Err(_) => Outcome::Unanswered(Unanswered::Refused),
        })
    }
}

sdk::export_plugin!(OptOut);

impl Settings {
    fn confirmation(&self, turn: &Turn) -> Result<String, Failure> {
        let built_in = match turn.rule.as_str() {
            OPT_OUT => LEFT,
            OPT_IN => BACK,
            other => {
                return Err(Failure::new(format!(
                    "it answers for {OPT_OUT} and {OPT_IN}, not for rule `{other}`"
                )));
            }
        };
        if let Some(text) = self.reply.choose(turn) {
            return Ok(placeholder::render(text, turn));
        }
        let sentences: BTreeMap<_, _> = built_in
            .map(|(language, text)| (language.to_owned(), text.to_owned()))
            .into();
        Texts::Each(sentences)
            .choose(turn)
            .map(str::to_owned)
            .ok_or_else(|| Failure::new("no built-in sentence fits"))
    }
}

#[cfg(test)]
mod tests {
    use sdk::testing::{problems, turn};

    use super::*;

    fn confirmation(settings: &str, rule: &str, language: &str) -> Result<String, Failure> {
        let turn = Turn {
            rule: rule.to_owned(),
            ..turn(language, "STOP")
        };
        sdk::settings::parse::<Settings>(settings)
            .0
            .unwrap()
            .confirmation(&turn)
    }

    #[test]
    fn without_settings_a_built_in_sentence_confirms() {
        for (language, left) in LEFT {
            assert_eq!(confirmation("{}", "opt_out", language).unwrap(), left);
        }
        for (language, back) in BACK {
            assert_eq!(confirmation("{}", "opt_in", language).unwrap(), back);
        }
        // No built-in sentence in German: the file's first language, Portuguese, stands in.
        assert_eq!(confirmation("{}", "opt_out", "de").unwrap(), LEFT[1].1);
    }

    #[test]
    fn the_tenants_own_words_come_first() {
        let settings = r#"{"reply": {"pt": "Feito, {contact.name|pessoa}."}}"#;
        assert_eq!(
            confirmation(settings, "opt_out", "en").unwrap(),
            "Feito, pessoa."
        );
    }

    #[test]
    fn it_answers_for_no_other_rule() {
        assert!(
            confirmation("{}", "hours", "pt")
                .unwrap_err()
                .message
                .contains("not for rule `hours`")
        );
    }

    #[test]
    fn what_is_wrong_is_found_when_the_rule_is_saved() {
        assert_eq!(problems::<OptOut>("{}"), [""; 0]);
        assert!(
            problems::<OptOut>(r#"{"reply": {"pt": "{nome}"}}"#)[0]
                .starts_with("reply.pt: `{nome}` is no known")
        );
        assert!(
            problems::<OptOut>(r#"{"repyl": {"pt": "x"}}"#)[0].contains("did you mean `reply`?")
        );
        let long = format!(r#"{{"reply": {{"pt": "{}"}}}}"#, "é".repeat(4097));
        assert!(problems::<OptOut>(&long)[0].starts_with("reply.pt: it has 4097 characters"));
    }
}
