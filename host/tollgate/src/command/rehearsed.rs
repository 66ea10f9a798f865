//! How tests went, in words and as data: for `tollgate test` and `tollgate plugin test`.

use std::fmt::Write;

use engine::Refused;
use engine::rehearsal::{Heard, Rehearsed};
use model::Ending;
use serde_json::json;

use super::{Failure, is_colourful};
use crate::{explain, shown};

/// One line for each test, all that differed for the red ones, and every turn if asked for.
pub(super) fn words(tests: &[Rehearsed], verbose: bool) -> String {
    let colour = is_colourful(&std::io::stdout());
    let mut text = String::new();
    for test in tests {
        let mark = if test.is_green() { "ok  " } else { "RED " };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{mark} {}", test.name);
        for red in &test.red {
            let _ = writeln!(text, "{}", red.render(colour).trim_end());
        }
        if verbose || !test.is_green() {
            for turn in &test.turns {
                let _ = write!(text, "{}", turn_in_words(turn));
            }
        }
    }
    let red = tests.iter().filter(|test| !test.is_green()).count();
    let _ = writeln!(text, "{} passed, {red} failed", tests.len() - red);
    text
}

fn turn_in_words(turn: &Heard) -> String {
    let mut text = format!("     » {}\n", turn.said);
    let decision = &turn.decision;
    let ending = match &decision.ending {
        Ending::Answered { rule } => format!("rule {rule}"),
        Ending::Unanswered { rule, why } => format!("rule {rule}, unanswered: {why:?}"),
        Ending::Aside => explain::ASIDE.to_owned(),
        Ending::NoRule => "no rule applies".to_owned(),
        Ending::TooOld => "too old to answer".to_owned(),
        Ending::DeadLetter { cause } => format!("dead letter: {cause}"),
    };
    let _ = writeln!(text, "       {ending} · fuel {}", decision.cost.fuel);
    for reply in &turn.replies {
        let _ = writeln!(text, "     « {}", shown::outgoing(reply));
    }
    for refusal in decision.refusals() {
        let _ = writeln!(text, "       refused: {refusal}");
    }
    let runs = decision.steps.iter().flat_map(|step| &step.runs);
    for line in runs.flat_map(|run| &run.log) {
        let _ = writeln!(text, "       log: {line}");
    }
    text
}

/// One JSON object for each test.
pub(super) fn json(tests: &[Rehearsed]) -> String {
    let one = |test: &Rehearsed| {
        let red: Vec<_> = test
            .red
            .iter()
            .map(|red| json!({"line": red.line, "column": red.column, "message": red.message}))
            .collect();
        let turns: Vec<_> = test
            .turns
            .iter()
            .map(|turn| json!({"said": turn.said, "replies": turn.replies, "decision": turn.decision}))
            .collect();
        let object = json!({
            "tenant": test.tenant, "test": test.name, "file": test.file,
            "green": test.is_green(), "red": red, "turns": turns,
        });
        format!("{object}\n")
    };
    tests.iter().map(one).collect()
}

/// Exit code 1 if any is red.
pub(super) fn verdict(tests: &[Rehearsed]) -> Result<(), Failure> {
    if tests.iter().all(Rehearsed::is_green) {
        return Ok(());
    }
    // The report said all there is to say.
    Err(Failure::found(""))
}

/// Rules or plugins that make no edition.
pub(super) fn refused(refused: &Refused) -> Failure {
    let colour = is_colourful(&std::io::stderr());
    let faults: Vec<String> = refused
        .faults
        .iter()
        .map(|fault| fault.render(colour))
        .collect();
    Failure::found(format!("{}\n{}", faults.join("\n"), refused.tally()))
}
