//! One-time codes, with what a plugin remembers: six digits, five minutes, three tries, once.
//!
//! Two rules use it. One sends a code: it is drawn from the turn's seed, so that nobody can guess it and running the turn again
//! draws the same. The other compares what was typed with what is remembered. A right code is forgotten before it counts, so it
//! counts once; a new one takes the place of the old; the third wrong try takes it away.
//!
//! In this example the code is sent where it is typed, which proves nothing: it shows how it is done. Send it some other way
//! (`sdk::lookup::post` to what sends your mail) where it has to prove something.
#![deny(unsafe_code)]

mod code;
mod settings;

use sdk::{
    Description, Failure, Known, Outcome, Plugin, Problems, Refusal, Turn, Unanswered, desk,
};

use code::Verdict;
pub use settings::Settings;
use settings::Step;

/// The plugin.
pub struct Verify;

impl Plugin for Verify {
    type Settings = Settings;

    fn describe() -> Description {
        Description::new(
            "verify",
            env!("CARGO_PKG_VERSION"),
            include_str!("../settings.schema.json"),
        )
        .wants("gate", "it sends the code and says whether it was right")
        .wants("memory", "it remembers the code for five minutes")
        .wants("desk", "it tags the contact once the code was right")
    }

    fn check(settings: &Settings, known: &Known, problems: &mut Problems) {
        settings.check(known, problems);
    }

    fn handle(turn: &Turn, settings: &Settings) -> Result<Outcome, Failure> {
        let verdict = match (settings.step, turn.text().and_then(code::find)) {
            (Step::Send, _) => settings.send(turn),
            (Step::Check, Some(typed)) => settings.compare(turn, typed),
            (Step::Check, None) => return Ok(Outcome::Passed),
        };
        match verdict {
            Ok(outcome) => Ok(outcome),
            // Without memory there is no code, and without the tag it was for nothing.
            Err(refusal) => {
                sdk::log::warn(&format!("refused: {}", refusal.why()));
                Ok(Outcome::Unanswered(Unanswered::Refused))
            }
        }
    }
}

sdk::export_plugin!(Verify);

impl Settings {
    fn send(&self, turn: &Turn) -> Result<Outcome, Refusal> {
        let code = code::draw(turn)?;
        Ok(self.say(
            &self.sent,
            turn,
            &[("code", &code), ("minutes", &code::MINUTES.to_string())],
        ))
    }

    fn compare(&self, turn: &Turn, typed: &str) -> Result<Outcome, Refusal> {
        Ok(match code::compare(turn, typed)? {
            Verdict::Right => {
                desk::tag(&self.tag)?;
                self.say(&self.right, turn, &[])
            }
            Verdict::Wrong { tries } => {
                self.say(&self.wrong, turn, &[("tries", &tries.to_string())])
            }
            Verdict::Spent => self.say(&self.spent, turn, &[]),
        })
    }
}
