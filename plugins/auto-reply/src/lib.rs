//! The plugin behind `reply.pt = "…"` and its like: answers the contact with words and what stands beneath them, a file, a
//! reaction, an approved template.
//!
//! Promises: one message a turn, in the turn's language as far as there is text for it, and a reaction besides if the rule
//! says so: the reaction goes first, and the reply does not depend on it. With a template for the closed window, the gate
//! is asked for the reply first, so that the template goes out only when nothing else may. A refusal is no failure: the
//! turn ends unanswered, and the rule's `if_refused` decides.
//! Bounds: WhatsApp's limits, all checked when the rule is saved, by a text's own words and its defaults; what a contact's
//! values make too long is cut with an ellipsis, so that a long name never costs somebody the answer.

mod check;
mod message;
mod settings;

use sdk::{Description, Failure, Known, Outcome, Plugin, Problems, Refusal, Turn, log};

pub use settings::Settings;
use settings::When;

/// The plugin.
pub struct AutoReply;

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
        check::check(settings, known, problems);
    }

    fn handle(turn: &Turn, settings: &Settings) -> Result<Outcome, Failure> {
        let reacted = settings.react.as_deref().map(sdk::react);
        if let Some(Err(refusal)) = &reacted {
            log::info(&format!("the reaction was refused: {}", refusal.why()));
        }
        let answered = settings.answer(turn)?;
        match answered.or(reacted) {
            Some(verdict) => Ok(verdict.into()),
            None => Err(Failure::new("there is nothing to say in any language")),
        }
    }
}

sdk::export_plugin!(AutoReply);

impl Settings {
    /// Says what there is to say; nothing if a reaction is all.
    fn answer(&self, turn: &Turn) -> Result<Option<Result<(), Refusal>>, Failure> {
        let send = if self.quoting {
            sdk::reply_quoting
        } else {
            sdk::reply
        };
        let template = self.template.as_ref();
        if let Some(form) = template.filter(|form| self.when(form) == When::Always) {
            return Ok(Some(send(form.fill(turn)?.into())));
        }
        let Some(message) = self.message(turn)? else {
            return Ok(None);
        };
        Ok(Some(match (send(message), template) {
            (Err(Refusal::WindowClosed(true)), Some(form)) => sdk::reply(form.fill(turn)?),
            (verdict, _) => verdict,
        }))
    }
}
