//! Tests in words, for a terminal of 100 columns.

use std::fmt::Write;

use engine::rehearsal::{Heard, Rehearsed, Why};
use model::{Decision, Ending, LookResult, RuleName, Step, StepResult};

use crate::style::Style;
use crate::{explain, shown};

/// Lines that we make up are no longer than this.
const COLUMNS: usize = 100;
/// Rules before the one that answered that are shown unless every turn is asked for.
const LOOKS_SHOWN: usize = 12;

/// One line for each green test; for a red one what was expected, what happened, and why.
pub(super) fn tests<'a>(
    tests: impl IntoIterator<Item = &'a Rehearsed>,
    verbose: bool,
    style: &Style,
) -> String {
    let mut text = String::new();
    for test in tests {
        test_in_words(test, verbose, style, &mut text);
    }
    text
}

/// `22 passed, 0 failed`.
pub(super) fn tally(tests: &[Rehearsed], style: &Style) -> String {
    let red = tests.iter().filter(|test| !test.is_green()).count();
    let tally = format!("{} passed, {red} failed", tests.len() - red);
    let tally = match red {
        0 => style.good(&tally),
        _ => style.bad(&tally),
    };
    format!("{tally}\n")
}

fn test_in_words(test: &Rehearsed, verbose: bool, style: &Style, text: &mut String) {
    // Writing to a string cannot fail.
    if test.is_green() {
        let _ = writeln!(text, "{} {}", style.good("ok  "), shown::tame(&test.name));
    } else {
        let name = style.strong(&shown::tame(&test.name));
        let _ = writeln!(text, "{} {name}", style.bad("RED "));
    }
    for red in &test.red {
        let _ = writeln!(text, "{}", red.diagnostic.render(style.colour).trim_end());
    }
    if verbose || !test.is_green() {
        for turn in &test.turns {
            turn_in_words(turn, verbose, style, text);
        }
        if !test.is_green() {
            text.push('\n');
        }
    }
}

fn turn_in_words(turn: &Heard, verbose: bool, style: &Style, text: &mut String) {
    let decision = &turn.decision;
    let when = style.faint(&format!("{}, {}", turn.at, decision.language));
    let said = shown::tame(&turn.said);
    let _ = writeln!(
        text,
        "{}   {when}",
        folded("  » ", "    ", &said).trim_end()
    );
    let fuel = match verbose && decision.cost.fuel > 0 {
        true => style.faint(&format!(" · fuel {}", decision.cost.fuel)),
        false => String::new(),
    };
    let _ = writeln!(text, "    {}{fuel}", course(decision, &turn.answered));
    for reply in &turn.replies {
        text.push_str(&folded("    « ", "      ", &shown::outgoing(reply)));
    }
    for (desk, draft) in &turn.drafts {
        let draft = format!("draft at {desk}: {}", shown::outgoing(draft));
        text.push_str(&folded("    ", "      ", &draft));
    }
    for refusal in decision.refusals() {
        let refused = format!("the gate refused: {refusal}");
        text.push_str(&folded("    ", "      ", &refused));
    }
    for hand_off in &turn.hand_offs {
        let note = match hand_off.note.as_str() {
            "" => String::new(),
            note => format!(": {}", shown::tame(note)),
        };
        let handed = format!("handed to {}{note}", hand_off.desk);
        text.push_str(&folded("    ", "      ", &handed));
    }
    let runs = decision.steps.iter().flat_map(|step| &step.runs);
    for line in runs.flat_map(|run| &run.log) {
        let line = format!("log: {}", shown::tame(line));
        text.push_str(&folded("    ", "      ", &line));
    }
    if let Some(why) = &turn.why {
        why_in_words(why, verbose, style, text);
    }
}

/// What a turn came to.
fn course(decision: &Decision, answered: &[RuleName]) -> String {
    let mut parts: Vec<String> = decision
        .steps
        .iter()
        .filter(|step| !answered.contains(&step.rule))
        .map(in_vain)
        .collect();
    match &decision.ending {
        Ending::Aside => parts.push(explain::ASIDE.to_owned()),
        Ending::TooOld => parts.push("too old to answer".to_owned()),
        Ending::DeadLetter { cause } => parts.push(format!("dead letter: {}", shown::tame(cause))),
        _ if answered.is_empty() => parts.push("no rule answers".to_owned()),
        _ => {}
    }
    if !answered.is_empty() {
        let names: Vec<_> = answered.iter().map(RuleName::as_str).collect();
        let verb = if names.len() == 1 {
            "answers"
        } else {
            "answer"
        };
        parts.push(format!("{} {verb}", names.join(", ")));
    }
    parts.join("; ")
}

fn in_vain(step: &Step) -> String {
    let came = match step.result {
        StepResult::Stands => "knows no answer",
        StepResult::Passed => "passes",
        StepResult::Failed => "fails",
        StepResult::Shadow => "runs as a shadow",
    };
    format!("{} {came}", step.rule)
}

/// The rules before the one that answered. What kept the expected one stands with the expectation.
fn why_in_words(why: &Why, verbose: bool, style: &Style, text: &mut String) {
    if why.before.is_empty() {
        return;
    }
    let _ = match &why.ended_by {
        Some(rule) => writeln!(text, "    before {rule}, and did not hold:"),
        None => writeln!(text, "    no rule held:"),
    };
    let most = if verbose { usize::MAX } else { LOOKS_SHOWN };
    let shown = why.before.iter().take(most);
    let names = shown.clone().map(|look| look.rule.as_str().chars().count());
    let width = names.max().unwrap_or_default().min(COLUMNS / 3);
    for look in shown {
        if let LookResult::Missed { condition, seen } = &look.result {
            let head = format!("      {:width$}  ", look.rule.as_str());
            let line = format!("{condition}, {}", shown::tame(seen));
            let hang = " ".repeat(width + 8);
            text.push_str(&style.faint(folded(&head, &hang, &line).trim_end()));
            text.push('\n');
        }
    }
    let more = why.left_out + why.before.len().saturating_sub(most);
    if more > 0 {
        let _ = writeln!(text, "{}", style.faint(&format!("      … and {more} more")));
    }
}

/// In lines of at most [`COLUMNS`], broken between words; ends with a line break.
fn folded(first: &str, next: &str, words: &str) -> String {
    let mut text = first.to_owned();
    let mut used = first.chars().count();
    let mut is_fresh = true;
    for word in words.split(' ') {
        let length = word.chars().count();
        if !is_fresh && used + 1 + length > COLUMNS {
            text.push('\n');
            text.push_str(next);
            used = next.chars().count();
            is_fresh = true;
        }
        if !is_fresh {
            text.push(' ');
            used += 1;
        }
        text.push_str(word);
        used += length;
        is_fresh = false;
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_between_words_and_none_is_lost() {
        let words = "word ".repeat(60);
        let text = folded("    « ", "      ", words.trim_end());
        assert!(
            text.lines().all(|line| line.chars().count() <= COLUMNS),
            "{text}"
        );
        assert!(
            text.lines()
                .skip(1)
                .all(|line| line.starts_with("      word")),
            "{text}"
        );
        assert_eq!(text.matches("word").count(), 60);
        let long = "x".repeat(300);
        assert_eq!(
            folded("« ", "  ", &long),
            format!("« {long}\n"),
            "a word is never broken"
        );
    }
}
