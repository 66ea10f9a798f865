//! The plugin behind `reply.pt = "…"`: answers the contact with a text, with up to three buttons beneath if need be.
//!
//! Promises: one send a turn, in the turn's language as far as there is text for it. A refusal of the gate is no
//! failure: the turn ends unanswered, and the rule's `if_refused` decides.
//! Bounds: WhatsApp's limits on texts and buttons, checked when the rule is saved; the gate counts again what
//! placeholders made of them.

use std::collections::BTreeSet;

use sdk::{
    Button, Description, Failure, Known, Outcome, Outgoing, Plugin, Problems, TextWithButtons,
    Texts, Turn, Unanswered, placeholder,
};
use serde::Deserialize;

/// WhatsApp's limit on a text, in characters.
const TEXT_CHARS: usize = 4096;
/// WhatsApp's limit on a text with buttons beneath, in characters.
const TEXT_WITH_BUTTONS_CHARS: usize = 1024;
/// WhatsApp's limit on reply buttons.
const BUTTONS: usize = 3;
/// WhatsApp's limit on a button's title, in characters.
const TITLE_CHARS: usize = 20;
/// WhatsApp's limit on a button's id, in characters.
const ID_CHARS: usize = 256;

/// The plugin.
pub struct AutoReply;

/// Its settings.
#[derive(Debug, Deserialize)]
pub struct Settings {
    /// What to say.
    #[serde(default)]
    reply: Texts,
    /// What to offer beneath it.
    #[serde(default)]
    buttons: Vec<Offer>,
}

/// One button.
#[derive(Debug, Deserialize)]
struct Offer {
    id: String,
    title: Texts,
}

impl Plugin for AutoReply {
    type Settings = Settings;

    fn describe() -> Description {
        Description::new(
            "auto-reply",
            env!("CARGO_PKG_VERSION"),
            include_str!("../settings.schema.json"),
        )
        .wants("gate", "it sends the reply")
    }

    fn check(settings: &Settings, known: &Known, problems: &mut Problems) {
        check_reply(settings, known, problems);
        check_buttons(&settings.buttons, known, problems);
    }

    fn handle(turn: &Turn, settings: &Settings) -> Result<Outcome, Failure> {
        let message = settings.message(turn)?;
        Ok(match sdk::reply(&message) {
            Ok(()) => Outcome::Handled,
            Err(_) => Outcome::Unanswered(Unanswered::Refused),
        })
    }
}

sdk::export_plugin!(AutoReply);

impl Settings {
    /// What to send in this turn.
    fn message(&self, turn: &Turn) -> Result<Outgoing, Failure> {
        let text = |texts: &Texts, missing: &str| match texts.choose(turn) {
            Some(text) => Ok(placeholder::render(text, turn)),
            None => Err(Failure::new(missing)),
        };
        let body = text(&self.reply, "the reply has no text in any language")?;
        if self.buttons.is_empty() {
            return Ok(Outgoing::Text(body));
        }
        let buttons = self.buttons.iter().map(|offer| {
            Ok(Button {
                id: offer.id.clone(),
                title: text(&offer.title, "a button has no title in any language")?,
            })
        });
        Ok(Outgoing::Buttons(TextWithButtons {
            body,
            buttons: buttons.collect::<Result<_, Failure>>()?,
        }))
    }
}

fn check_reply(settings: &Settings, known: &Known, problems: &mut Problems) {
    if settings.reply.with_paths("reply").next().is_none() {
        let language = known.languages.first().map_or("en", String::as_str);
        problems.add_with_help(
            "reply",
            "there is no text to reply with",
            format!("add `reply.{language} = \"…\"`"),
        );
        return;
    }
    settings.reply.check("reply", known, problems);
    let (most, what) = if settings.buttons.is_empty() {
        (TEXT_CHARS, "a text")
    } else {
        (TEXT_WITH_BUTTONS_CHARS, "a text with buttons beneath")
    };
    for (path, text) in settings.reply.with_paths("reply") {
        check_length(&path, text, most, what, problems);
        placeholder::check(text, &path, known, problems);
    }
}

fn check_buttons(buttons: &[Offer], known: &Known, problems: &mut Problems) {
    if buttons.len() > BUTTONS {
        let message = format!(
            "there are {} buttons; WhatsApp shows at most {BUTTONS}",
            buttons.len()
        );
        problems.add_with_help("buttons", message, "keep three, or use a menu");
    }
    let mut ids = BTreeSet::new();
    for (index, offer) in buttons.iter().enumerate() {
        let id_path = format!("buttons.{index}.id");
        if offer.id.trim().is_empty() {
            problems.add(&id_path, "the id is empty");
        }
        if !ids.insert(offer.id.as_str()) {
            let message = format!("`{}` is the id of an earlier button", offer.id);
            problems.add_with_help(
                &id_path,
                message,
                "a tap is told apart by the id: choose another",
            );
        }
        check_length(&id_path, &offer.id, ID_CHARS, "a button's id", problems);

        let title_path = format!("buttons.{index}.title");
        if offer.title.with_paths(&title_path).next().is_none() {
            problems.add(&title_path, "the button has no title");
        }
        offer.title.check(&title_path, known, problems);
        for (path, title) in offer.title.with_paths(&title_path) {
            check_length(&path, title, TITLE_CHARS, "a button's title", problems);
            placeholder::check(title, &path, known, problems);
        }
    }
}

fn check_length(path: &str, text: &str, most: usize, what: &str, problems: &mut Problems) {
    let count = text.chars().count();
    if count > most {
        let help = format!(
            "{what} holds at most {most}: shorten it by {}",
            count - most
        );
        problems.add_with_help(path, format!("it has {count} characters"), help);
    }
}

#[cfg(test)]
mod tests {
    use sdk::testing::{problems, turn};

    use super::*;

    fn message(settings: &str, turn: &Turn) -> Outgoing {
        sdk::settings::parse::<Settings>(settings)
            .0
            .unwrap()
            .message(turn)
            .unwrap()
    }

    #[test]
    fn the_reply_is_in_the_turns_language_with_its_placeholders_filled_in() {
        let settings =
            r#"{"reply": {"pt": "Oi {contact.name|você}! Disse: {message.text}", "en": "Hi!"}}"#;
        assert_eq!(
            message(settings, &turn("pt", "{contact.name}")),
            Outgoing::Text("Oi você! Disse: {contact.name}".to_owned())
        );
        assert_eq!(
            message(settings, &turn("en", "hi")),
            Outgoing::Text("Hi!".to_owned())
        );
    }

    #[test]
    fn buttons_go_beneath() {
        let settings = r#"{"reply": {"pt": "Sim?"}, "buttons": [{"id": "yes", "title": {"pt": "Sim", "en": "Yes"}}]}"#;
        let expected = TextWithButtons {
            body: "Sim?".to_owned(),
            buttons: vec![Button {
                id: "yes".to_owned(),
                title: "Yes".to_owned(),
            }],
        };
        assert_eq!(
            message(settings, &turn("en", "hi")),
            Outgoing::Buttons(expected)
        );
    }

    #[test]
    fn what_is_wrong_is_found_when_the_rule_is_saved() {
        for (settings, expected) in [
            (
                r"{}",
                "reply: there is no text to reply with (add `reply.pt = \"…\"`)",
            ),
            (r#"{"reply": {"pt": " "}}"#, "reply.pt: the text is empty"),
            (
                r#"{"reply": {"pt": "a"}, "butons": []}"#,
                "butons: unknown key `butons` (did you mean `buttons`?)",
            ),
            (
                r#"{"reply": {"pt": "{contact.nam|}"}}"#,
                "reply.pt: `{contact.nam}` is no known placeholder (did you mean",
            ),
            (
                r#"{"reply": {"pt": "{contact.name}"}}"#,
                "reply.pt: `{contact.name}` may be missing and has no default",
            ),
            (
                r#"{"reply": {"es": "a"}}"#,
                "reply.es: `es` is no language of this rule file",
            ),
            (
                r#"{"reply": {"pt": "a"}, "buttons": [{"id": "a", "title": {"pt": "exactly 21 characters"}}]}"#,
                "buttons.0.title.pt: it has 21 characters (a button's title holds at most 20: shorten it by 1)",
            ),
            (
                r#"{"reply": {"pt": "a"}, "buttons": [{"id": "a", "title": "x"}, {"id": "a", "title": "y"}]}"#,
                "buttons.1.id: `a` is the id of an earlier button",
            ),
            (
                r#"{"reply": {"pt": "a"}, "buttons": [{"id": "", "title": "x"}]}"#,
                "buttons.0.id: the id is empty",
            ),
            (
                r#"{"reply": {"pt": "a"}, "buttons": [{"id": "a", "title": {}}]}"#,
                "buttons.0.title: the button has no title",
            ),
        ] {
            let found = problems::<AutoReply>(settings);
            assert_eq!(found.len(), 1, "{settings}: {found:?}");
            assert!(found[0].starts_with(expected), "{settings}: {found:?}");
        }
    }

    #[test]
    fn texts_are_counted_in_characters_and_less_fits_above_buttons() {
        let long = |count: usize, buttons: &str| {
            problems::<AutoReply>(&format!(
                r#"{{"reply": {{"pt": "{}"}}, "buttons": [{buttons}]}}"#,
                "é".repeat(count)
            ))
        };
        let button = r#"{"id": "a", "title": "x"}"#;
        assert!(long(4096, "").is_empty());
        assert!(
            long(4097, "")[0]
                .starts_with("reply.pt: it has 4097 characters (a text holds at most 4096")
        );
        assert!(long(1024, button).is_empty());
        assert!(
            long(1025, button)[0]
                .starts_with("reply.pt: it has 1025 characters (a text with buttons")
        );
    }

    #[test]
    fn a_fourth_button_is_one_too_many() {
        let buttons: Vec<_> = (0..4)
            .map(|index| format!(r#"{{"id": "{index}", "title": "x"}}"#))
            .collect();
        let found = problems::<AutoReply>(&format!(
            r#"{{"reply": "a", "buttons": [{}]}}"#,
            buttons.join(",")
        ));
        assert_eq!(
            found,
            ["buttons: there are 4 buttons; WhatsApp shows at most 3 (keep three, or use a menu)"]
        );
    }

    #[test]
    fn the_schema_is_json() {
        let schema = AutoReply::describe().settings_schema;
        assert!(
            sdk::settings::parse::<std::collections::BTreeMap<String, Texts>>(&schema)
                .1
                .into_list()
                .len()
                <= 1
        );
        assert!(schema.contains("\"reply\"") && schema.contains("\"buttons\""));
    }
}
