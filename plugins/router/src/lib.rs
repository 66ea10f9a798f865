//! The plugin behind `hand_to`, `pause_bot`, `note`, `tag` and `untag`: gets people to take a conversation.
//!
//! Promises: it sends nothing. Tags come first, then the hand-over, then the pause, so that whoever takes the conversation
//! sees the contact as the rule meant. The first refusal ends the turn unanswered. If every desk that the rule names is
//! closed, the turn ends unanswered before anything was done, and the rule's `if_no_answer` decides.
//! Bounds: one hand-over and one pause a turn; the note is for people and speaks the first language of the rule's file.

mod check;
mod desk;
mod settings;

use sdk::{
    Description, Failure, Known, Outcome, Plugin, Problems, Refusal, Turn, Unanswered, limits, log,
    placeholder,
};

use desk::Choice;
pub use settings::Settings;

/// The plugin.
pub struct Router;

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
        check::check(settings, known, problems);
    }

    fn handle(turn: &Turn, settings: &Settings) -> Result<Outcome, Failure> {
        let desks = match settings.choose(turn) {
            Choice::Desks(desks) => desks,
            Choice::Closed => return Ok(Outcome::Unanswered(Unanswered::NoAnswer)),
            Choice::NotMeant => return Ok(Outcome::Passed),
        };
        let pause_ms = settings.pause_ms().map_err(Failure::new)?;
        Ok(settings.act(turn, &desks, pause_ms).into())
    }
}

sdk::export_plugin!(Router);

impl Settings {
    fn act(&self, turn: &Turn, desks: &[&str], pause_ms: Option<u64>) -> Result<(), Refusal> {
        self.untag
            .iter()
            .try_for_each(|tag| sdk::desk::untag(tag))?;
        self.tag.iter().try_for_each(|tag| sdk::desk::tag(tag))?;
        let note = self.note(turn);
        if !desks.is_empty() {
            hand_over(desks, &note)?;
        } else if !note.is_empty() {
            sdk::desk::note(&note)?;
        }
        if let Some(span_ms) = pause_ms {
            sdk::desk::pause(span_ms)?;
        }
        if self.resume {
            sdk::desk::resume()?;
        }
        Ok(())
    }

    fn note(&self, turn: &Turn) -> String {
        let first = turn.languages.first().unwrap_or(&turn.language);
        let note = self.note.choose_in(first, &turn.languages);
        limits::NOTE.fit(&placeholder::render(note.unwrap_or_default(), turn))
    }
}

/// To the first that is there: the desk that last had the contact may be gone since.
fn hand_over(desks: &[&str], note: &str) -> Result<(), Refusal> {
    let mut answer = Ok(());
    for desk in desks {
        answer = sdk::desk::hand_over(desk, note);
        match &answer {
            Ok(()) => break,
            Err(refusal) => log::info(&format!("desk {desk} was refused: {}", refusal.why())),
        }
    }
    answer
}
