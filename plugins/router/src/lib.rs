//! The plugin behind `hand_to`, `pause_bot`, `note`, `tag` and `untag`: gets people to take a conversation.
//!
//! Promises: it sends nothing. Tags come first, then the hand-over, then the pause, so that whoever takes the
//! conversation sees the contact as the rule meant. The first refusal ends the turn unanswered, and nothing of it stands.
//! Bounds: one hand-over and one pause a turn; the note is for people and speaks the first language of the rule's file.

use sdk::{
    Description, Failure, Known, Outcome, Plugin, Problems, Refusal, Texts, Turn, Unanswered, desk,
    nearest, placeholder, span_ms,
};
use serde::Deserialize;

/// The plugin.
pub struct Router;

/// Its settings.
#[derive(Debug, Deserialize)]
pub struct Settings {
    /// Which desk takes over.
    hand_to: Option<String>,
    /// What the person there should know.
    #[serde(default)]
    note: Texts,
    /// How long the bot keeps silent.
    pause_bot: Option<String>,
    /// The bot may speak again.
    #[serde(default)]
    resume: bool,
    /// Tags to put on.
    #[serde(default)]
    tag: Vec<String>,
    /// Tags to take off.
    #[serde(default)]
    untag: Vec<String>,
}

impl Plugin for Router {
    type Settings = Settings;

    fn describe() -> Description {
        Description::new(
            "router",
            env!("CARGO_PKG_VERSION"),
            include_str!("../settings.schema.json"),
        )
        .wants(
            "desk",
            "it hands conversations to people, pauses the bot and tags contacts",
        )
    }

    fn check(settings: &Settings, known: &Known, problems: &mut Problems) {
        settings.check_that_it_acts(problems);
        settings.check_desk(known, problems);
        settings.check_pause(problems);
        settings.check_tags(problems);
        settings.note.check("note", known, problems);
        for (path, text) in settings.note.with_paths("note") {
            placeholder::check(text, &path, known, problems);
        }
    }

    fn handle(turn: &Turn, settings: &Settings) -> Result<Outcome, Failure> {
        for action in settings.actions(turn)? {
            if action.propose().is_err() {
                return Ok(Outcome::Unanswered(Unanswered::Refused));
            }
        }
        Ok(Outcome::Handled)
    }
}

sdk::export_plugin!(Router);

/// One thing to ask of the host.
#[derive(Debug, PartialEq, Eq)]
enum Action {
    Tag(String),
    Untag(String),
    HandOver { desk: String, note: String },
    Pause { ms: u64 },
    Resume,
}

impl Action {
    fn propose(&self) -> Result<(), Refusal> {
        match self {
            Self::Tag(tag) => desk::tag(tag),
            Self::Untag(tag) => desk::untag(tag),
            Self::HandOver { desk, note } => desk::hand_over(desk, note),
            Self::Pause { ms } => desk::pause(*ms),
            Self::Resume => desk::resume(),
        }
    }
}

impl Settings {
    /// What to do in this turn, in order.
    fn actions(&self, turn: &Turn) -> Result<Vec<Action>, Failure> {
        let mut actions: Vec<_> = self.untag.iter().cloned().map(Action::Untag).collect();
        actions.extend(self.tag.iter().cloned().map(Action::Tag));
        if let Some(desk) = &self.hand_to {
            let first = turn.languages.first().unwrap_or(&turn.language);
            let note = self
                .note
                .choose_in(first, &turn.languages)
                .unwrap_or_default();
            actions.push(Action::HandOver {
                desk: desk.clone(),
                note: placeholder::render(note, turn),
            });
        }
        if let Some(span) = &self.pause_bot {
            let ms = span_ms(span).map_err(|error| Failure::new(format!("pause_bot: {error}")))?;
            actions.push(Action::Pause { ms });
        }
        if self.resume {
            actions.push(Action::Resume);
        }
        Ok(actions)
    }

    fn check_that_it_acts(&self, problems: &mut Problems) {
        let idle = self.hand_to.is_none()
            && self.pause_bot.is_none()
            && !self.resume
            && self.tag.is_empty()
            && self.untag.is_empty();
        if idle {
            problems.add_with_help(
                "",
                "there is nothing to do",
                "set one of hand_to, pause_bot, resume, tag, untag",
            );
        }
        if self.hand_to.is_none() && !self.note.is_empty() {
            problems.add_with_help(
                "note",
                "a note goes with a hand-over",
                "add `hand_to`, or take the note out",
            );
        }
    }

    fn check_desk(&self, known: &Known, problems: &mut Problems) {
        let Some(desk) = &self.hand_to else { return };
        if known.desks.contains(desk) {
            return;
        }
        let help = match nearest(desk, known.desks.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if known.desks.is_empty() => {
                "there is no desk yet: the operator adds one".to_owned()
            }
            None => format!("the desks are {}", known.desks.join(", ")),
        };
        problems.add_with_help("hand_to", format!("there is no desk `{desk}`"), help);
    }

    fn check_pause(&self, problems: &mut Problems) {
        let Some(span) = &self.pause_bot else { return };
        let help = "write it like \"90s\", \"15m\", \"2h\" or \"7d\"";
        match span_ms(span) {
            Err(error) => problems.add_with_help("pause_bot", error.to_string(), help),
            Ok(0) => problems.add_with_help("pause_bot", "a pause of no length is none", help),
            Ok(_) if self.resume => {
                problems.add_with_help(
                    "resume",
                    "the bot cannot pause and resume at once",
                    "take one of them out",
                );
            }
            Ok(_) => {}
        }
    }

    fn check_tags(&self, problems: &mut Problems) {
        for (key, tags) in [("tag", &self.tag), ("untag", &self.untag)] {
            for (index, _) in tags
                .iter()
                .enumerate()
                .filter(|(_, tag)| tag.trim().is_empty())
            {
                problems.add(format!("{key}.{index}"), "the tag is empty");
            }
        }
        for (index, tag) in self
            .untag
            .iter()
            .enumerate()
            .filter(|(_, tag)| self.tag.contains(tag))
        {
            let message = format!("`{tag}` is put on and taken off at once");
            problems.add_with_help(format!("untag.{index}"), message, "take one of them out");
        }
    }
}

#[cfg(test)]
mod tests {
    use sdk::testing::{problems, turn};

    use super::*;

    #[test]
    fn tags_come_before_the_hand_over_and_the_pause_after_it() {
        let settings = r#"{"hand_to": "support", "note": {"en": "asks: {message.text}", "pt": "pergunta: {message.text}"},
                           "pause_bot": "2h", "tag": ["x"], "untag": ["y"]}"#;
        let settings = sdk::settings::parse::<Settings>(settings).0.unwrap();
        assert_eq!(
            settings.actions(&turn("en", "where is it?")).unwrap(),
            [
                Action::Untag("y".to_owned()),
                Action::Tag("x".to_owned()),
                // The desk reads the file's first language, whatever the contact writes.
                Action::HandOver {
                    desk: "support".to_owned(),
                    note: "pergunta: where is it?".to_owned()
                },
                Action::Pause { ms: 7_200_000 },
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_found_when_the_rule_is_saved() {
        for (settings, expected) in [
            (
                "{}",
                ": there is nothing to do (set one of hand_to, pause_bot, resume, tag, untag)",
            ),
            (
                r#"{"hand_to": "suport"}"#,
                "hand_to: there is no desk `suport` (did you mean `support`?)",
            ),
            (
                r#"{"hand_to": "kitchen"}"#,
                "hand_to: there is no desk `kitchen` (the desks are support, sales)",
            ),
            (
                r#"{"pause_bot": "2 hours"}"#,
                "pause_bot: \"2 hours\" is no span of time (write it like",
            ),
            (
                r#"{"pause_bot": "0s"}"#,
                "pause_bot: a pause of no length is none",
            ),
            (
                r#"{"pause_bot": "2h", "resume": true}"#,
                "resume: the bot cannot pause and resume at once",
            ),
            (r#"{"tag": ["a", " "]}"#, "tag.1: the tag is empty"),
            (
                r#"{"tag": ["a"], "untag": ["a"]}"#,
                "untag.0: `a` is put on and taken off at once",
            ),
            (
                r#"{"tag": ["a"], "note": "x"}"#,
                "note: a note goes with a hand-over",
            ),
            (
                r#"{"hand_to": "sales", "note": "{contact.name}"}"#,
                "note: `{contact.name}` may be missing",
            ),
            (r#"{"tag": "vip"}"#, "tag: expected a list, found a text"),
            (
                r#"{"hand_too": "sales", "tag": ["a"]}"#,
                "hand_too: unknown key `hand_too` (did you mean `hand_to`?)",
            ),
        ] {
            let found = problems::<Router>(settings);
            assert_eq!(found.len(), 1, "{settings}: {found:?}");
            assert!(found[0].starts_with(expected), "{settings}: {found:?}");
        }
    }

    #[test]
    fn settings_that_do_something_are_no_problem() {
        for settings in [
            r#"{"hand_to": "support", "note": "diz: {message.text}", "pause_bot": "1h 30m"}"#,
            r#"{"resume": true}"#,
            r#"{"untag": ["vip"]}"#,
        ] {
            assert_eq!(problems::<Router>(settings), [""; 0], "{settings}");
        }
    }
}
