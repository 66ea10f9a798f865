//! What a rule says of it.

use sdk::{Known, KnownValue, Outcome, Problems, Texts, Turn, Unanswered, limits};
use serde::Deserialize;

/// The settings.
#[derive(Debug, Deserialize)]
pub struct Settings {
    /// What the rule is for.
    pub(crate) step: Step,
    /// What brings the code: `{code}` and `{minutes}` are filled in.
    #[serde(default)]
    pub(crate) sent: Texts,
    /// What is said of a right code.
    #[serde(default)]
    pub(crate) right: Texts,
    /// What is said of a wrong one: `{tries}` is filled in.
    #[serde(default)]
    pub(crate) wrong: Texts,
    /// What is said when no code is good any more.
    #[serde(default)]
    pub(crate) spent: Texts,
    /// The tag of a contact whose code was right.
    #[serde(default = "verified")]
    pub(crate) tag: String,
}

/// What a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Step {
    /// It sends a code.
    Send,
    /// It compares the one that was typed.
    Check,
}

fn verified() -> String {
    "verified".to_owned()
}

impl Settings {
    pub(crate) fn check(&self, known: &Known, problems: &mut Problems) {
        let texts = [
            (Step::Send, "sent", &self.sent, &["code", "minutes"][..]),
            (Step::Check, "right", &self.right, &[]),
            (Step::Check, "wrong", &self.wrong, &["tries"]),
            (Step::Check, "spent", &self.spent, &[]),
        ];
        for (step, key, texts, values) in texts {
            let mut known = known.clone();
            known.values.extend(values.iter().map(|name| KnownValue {
                name: (*name).to_owned(),
                always: true,
            }));
            if step == self.step {
                texts.check_needed(key, "text", limits::TEXT, &known, problems);
            } else if !texts.is_empty() {
                problems.add_with_help(key, "this step does not say it", "take it out");
            }
        }
        for (path, text) in self.sent.with_paths("sent") {
            if !text.contains("{code") {
                problems.add_with_help(
                    path,
                    "the code is not in it",
                    "write `{code}` where it stands",
                );
            }
        }
        if self.tag.trim().is_empty() {
            problems.add("tag", "the tag is empty");
        }
        limits::TAG.check(&self.tag, "tag", problems);
    }

    /// Says one of the texts, with these values beside the turn's own.
    pub(crate) fn say(&self, texts: &Texts, turn: &Turn, values: &[(&str, &str)]) -> Outcome {
        let mut turn = turn.clone();
        turn.values
            .extend(values.iter().map(|(name, text)| sdk::Value {
                name: (*name).to_owned(),
                text: (*text).to_owned(),
            }));
        match texts.say(&turn, limits::TEXT) {
            Some(text) => sdk::answer(text),
            None => Outcome::Unanswered(Unanswered::NoAnswer),
        }
    }
}
