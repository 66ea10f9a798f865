//! What a plugin asked of the world during its run, in words.

use model::{Answer, Asked, LookupAnswer, Unanswered};

use super::{SHORT, reason, whose};
use crate::shown;

/// What was asked, and what came of it.
pub(super) fn words(asked: &Asked) -> (String, String) {
    match asked {
        Asked::Knowledge {
            question,
            answer,
            took_ms,
        } => {
            let answer = match answer {
                Ok(Answer::Found { citations, .. }) => match citations.as_slice() {
                    [] => "an answer without a source".to_owned(),
                    [one] => format!("an answer from {}", one.source),
                    [first, rest @ ..] => {
                        format!("an answer from {} and {} more", first.source, rest.len())
                    }
                },
                Ok(Answer::NoAnswer) => reason(Unanswered::NoAnswer).to_owned(),
                Ok(Answer::Blocked) => reason(Unanswered::Blocked).to_owned(),
                Ok(Answer::Slow) => reason(Unanswered::Slow).to_owned(),
                Err(refusal) => format!("refused, {refusal}"),
            };
            let what = format!(
                "asked {} {}",
                question.base,
                shown::quoted(&shown::shortened(&question.text, SHORT))
            );
            (what, format!("{answer}, {took_ms} ms"))
        }
        Asked::Lookup {
            request,
            answer,
            took_ms,
        } => {
            let answer = match answer {
                Ok(LookupAnswer::Answered { status, body }) => {
                    format!("status {status}, {} bytes", body.len())
                }
                Ok(LookupAnswer::Slow) => reason(Unanswered::Slow).to_owned(),
                Ok(LookupAnswer::Unreachable { cause }) => format!("not reached: {cause}"),
                Err(refusal) => format!("refused, {refusal}"),
            };
            let what = format!(
                "looked up {} {}",
                request.endpoint,
                shown::quoted(&request.path)
            );
            (what, format!("{answer}, {took_ms} ms"))
        }
        Asked::Memory { scope, key, answer } => {
            let answer = match answer {
                // The value is the plugin's own, and may be a secret of the contact's: `--json` has it.
                Ok(Some(_)) => "found".to_owned(),
                Ok(None) => "nothing there".to_owned(),
                Err(refusal) => format!("refused, {refusal}"),
            };
            let key = shown::quoted(key);
            (format!("looked into memory {}{key}", whose(*scope)), answer)
        }
    }
}
