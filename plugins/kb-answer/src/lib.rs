//! The plugin behind `use = "kb-answer"`: puts the contact's words to a knowledge base and says the answer the way one
//! writes in a chat.
//!
//! Promises: a contact never reads a model's way of saying that it knows nothing, nor, unless the rule allows it, words that
//! rest on no document: both are no answer, and the rule's `if_no_answer` decides. A guardrail's objection and a slow answer
//! end the turn as `blocked` and `slow`. An answer holds no address that no cited document holds.
//! Bounds: `max_chars` of answer, cut at the end of a sentence; three sources; the conversation with the knowledge base is
//! remembered for as long as the service window is open and no desk had the contact in between.

mod refusal;
mod session;
mod settings;
mod wording;

use sdk::knowledge::{self, Answer, Found};
use sdk::{Description, Failure, Known, Outcome, Plugin, Problems, Turn, Unanswered, log};

use settings::Citations;
pub use settings::Settings;

/// The plugin.
pub struct KbAnswer;

impl Plugin for KbAnswer {
    type Settings = Settings;

    fn describe() -> Description {
        Description::new(
            "kb-answer",
            env!("CARGO_PKG_VERSION"),
            include_str!("../settings.schema.json"),
        )
        .wants("gate", "it sends the answer")
        .wants("knowledge", "it asks the knowledge base")
        .wants(
            "memory",
            "it goes on with the conversation it had with the knowledge base",
        )
    }

    fn check(settings: &Settings, known: &Known, problems: &mut Problems) {
        settings.check(known, problems);
    }

    fn handle(turn: &Turn, settings: &Settings) -> Result<Outcome, Failure> {
        let Some(words) = turn.text() else {
            return Ok(Outcome::Passed);
        };
        let mut question = knowledge::question(&settings.base, words, &turn.language)
            .passages(settings.passages)
            .session(session::recall(turn, &settings.base));
        for (key, value) in &settings.filters {
            question = question.filter(key, value);
        }
        let unanswered = match knowledge::ask(&question) {
            Ok(Answer::Found(found)) => return Ok(settings.tell(turn, found)),
            Ok(Answer::NoAnswer) => Unanswered::NoAnswer,
            Ok(Answer::Blocked) => Unanswered::Blocked,
            Ok(Answer::Slow) => Unanswered::Slow,
            Err(refusal) => {
                log::warn(&format!("the question was refused: {}", refusal.why()));
                Unanswered::Refused
            }
        };
        Ok(Outcome::Unanswered(unanswered))
    }
}

sdk::export_plugin!(KbAnswer);

impl Settings {
    /// Says what was found, if it is worth saying.
    fn tell(&self, turn: &Turn, found: Found) -> Outcome {
        session::keep(turn, &self.base, found.session.as_deref());
        let fits = |score: Option<u16>| {
            let least = self.least_score.unwrap_or(0);
            score.is_none_or(|score| score >= least)
        };
        let cited = found.citations.into_iter();
        let cited: Vec<_> = cited.filter(|citation| fits(citation.score)).collect();

        let text = wording::for_chat(&found.text, &cited);
        let why_not = if text.is_empty() {
            Some("the answer is empty")
        } else if cited.is_empty() && self.citations == Citations::Required {
            Some("the answer rests on no document")
        } else if refusal::is_refusal(&text) {
            Some("the answer is a way of saying that there is none")
        } else {
            None
        };
        if let Some(why_not) = why_not {
            log::info(why_not);
            return Outcome::Unanswered(Unanswered::NoAnswer);
        }
        sdk::answer(wording::message(self, turn, &text, &cited))
    }
}
