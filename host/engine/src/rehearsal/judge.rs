//! Compares what happened with what a test expects.

use std::collections::BTreeSet;

use model::{
    Decision, Ending, Outcome, Outgoing, RuleName, RunResult, Step, StepResult, Unanswered,
};
use rulebook::{Bot, HandedTo, Opted, RuleTest};

use super::Mismatch;
use super::play::Turn;

/// Everything that was not as expected.
pub(super) fn judge(test: &RuleTest, turns: &[Turn]) -> Vec<Mismatch> {
    let mut found = Vec::new();
    rules(test, turns, &mut found);
    replies(test, turns, &mut found);
    drafts(test, turns, &mut found);
    refusals(test, turns, &mut found);
    ending(test, turns, &mut found);
    // Whatever a test expects: a plugin that failed is never what anybody wants unseen.
    for (index, turn) in turns.iter().enumerate() {
        if let Ending::DeadLetter { cause } = &turn.heard.decision.ending {
            let expected = format!("message {} is done", index + 1);
            found.push(Mismatch::new("says", expected, cause.clone()).in_turn(index));
        }
    }
    found
}

impl Mismatch {
    fn new(key: impl Into<String>, expected: impl Into<String>, seen: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            expected: expected.into(),
            seen: seen.into(),
            turn: None,
        }
    }

    fn in_turn(self, index: usize) -> Self {
        let turn = Some(index);
        Self { turn, ..self }
    }
}

fn rules(test: &RuleTest, turns: &[Turn], found: &mut Vec<Mismatch>) {
    for (index, (expected, turn)) in test.expect.rules.iter().flatten().zip(turns).enumerate() {
        let answered = &turn.heard.answered;
        if expected != answered {
            let key = format!("expect.rules.{index}");
            found.push(Mismatch::new(key, names(expected), names(answered)).in_turn(index));
        }
    }
}

/// The rules that answered a message, in order: those whose steps stand.
pub(super) fn answered(decision: &Decision) -> Vec<RuleName> {
    let steps = decision.steps.iter();
    let standing = steps.filter(|step| step.result == StepResult::Stands && !had_no_answer(step));
    let mut names: Vec<RuleName> = standing.map(|step| step.rule.clone()).collect();
    // A repeated opt-out is an answer, too, though nothing ran.
    if let (Ending::Answered { rule }, []) = (&decision.ending, names.as_slice()) {
        names.push(rule.clone());
    }
    names
}

/// It knew nothing to say, and another rule went on. A send that the gate held back was an answer all the same.
fn had_no_answer(step: &Step) -> bool {
    matches!(
        step.runs.last().map(|run| &run.result),
        Some(RunResult::Ended(Outcome::Unanswered(
            Unanswered::NoAnswer | Unanswered::Blocked | Unanswered::Slow
        )))
    )
}

fn names(rules: &[RuleName]) -> String {
    match rules {
        [] => "none".to_owned(),
        rules => rules
            .iter()
            .map(RuleName::as_str)
            .collect::<Vec<_>>()
            .join(", "),
    }
}

fn replies(test: &RuleTest, turns: &[Turn], found: &mut Vec<Mismatch>) {
    let expect = &test.expect;
    let messages: Vec<&Outgoing> = turns.iter().flat_map(|turn| &turn.heard.replies).collect();
    let by_turn = turns.iter().enumerate();
    let said_in: Vec<usize> = by_turn
        .flat_map(|(index, turn)| turn.heard.replies.iter().map(move |_| index))
        .collect();
    let said: Vec<String> = messages.iter().map(|message| words(message)).collect();
    if let Some(expected) = &expect.reply {
        for (index, expected) in expected.iter().enumerate() {
            let body = messages.get(index).map(|message| message.body());
            if body != Some(expected) {
                let seen = body.map_or_else(|| "nothing".to_owned(), quoted);
                found.push(Mismatch {
                    turn: said_in.get(index).copied(),
                    ..Mismatch::new(format!("expect.reply.{index}"), quoted(expected), seen)
                });
            }
        }
        for body in said.iter().skip(expected.len()) {
            found.push(Mismatch::new(
                "expect.reply",
                "nothing further",
                quoted(body),
            ));
        }
    }
    for (index, part) in expect.reply_has.iter().enumerate() {
        if !said.iter().any(|text| text.contains(part)) {
            let key = format!("expect.reply_has.{index}");
            let expected = format!("{} in some send", quoted(part));
            found.push(Mismatch::new(key, expected, all(&said)));
        }
    }
    for (index, part) in expect.reply_lacks.iter().enumerate() {
        if let Some(text) = said.iter().find(|text| text.contains(part)) {
            let key = format!("expect.reply_lacks.{index}");
            let expected = format!("{} in no send", quoted(part));
            found.push(Mismatch::new(key, expected, quoted(text)));
        }
    }
    if let Some(sends) = expect.sends
        && sends != messages.len()
    {
        let seen = match said.as_slice() {
            [] => "none".to_owned(),
            said => format!("{}: {}", said.len(), all(said)),
        };
        let expected = match sends {
            0 => "no send".to_owned(),
            1 => "1 send".to_owned(),
            several => format!("{several} sends"),
        };
        found.push(Mismatch::new("expect.sends", expected, seen));
    }
}

/// Drafts are no sends: a person sends them, or nobody does.
fn drafts(test: &RuleTest, turns: &[Turn], found: &mut Vec<Mismatch>) {
    let expect = &test.expect;
    let drafts = turns.iter().flat_map(|turn| &turn.heard.drafts);
    if let Some(expected) = &expect.drafted_to {
        let seen = drafts.clone().next_back();
        let seen = seen.map_or(HandedTo::Nobody, |(desk, _)| HandedTo::Desk(desk.clone()));
        if seen != *expected {
            let word = |to: &HandedTo| match to {
                HandedTo::Nobody => "no draft".to_owned(),
                HandedTo::Desk(desk) => format!("a draft at {desk}"),
            };
            found.push(Mismatch::new(
                "expect.drafted_to",
                word(expected),
                word(&seen),
            ));
        }
    }
    let written: Vec<String> = drafts.map(|(_, message)| words(message)).collect();
    for (index, part) in expect.draft_has.iter().enumerate() {
        if !written.iter().any(|text| text.contains(part)) {
            let key = format!("expect.draft_has.{index}");
            let expected = format!("{} in some draft", quoted(part));
            let seen = match written.as_slice() {
                [] => "no draft was left".to_owned(),
                written => all(written),
            };
            found.push(Mismatch::new(key, expected, seen));
        }
    }
}

/// All that a contact can read of a message, also what can be tapped.
fn words(message: &Outgoing) -> String {
    let mut parts = vec![message.body().to_owned()];
    match message {
        Outgoing::Buttons { buttons, frame, .. } => {
            parts.extend(frame.header.clone());
            parts.extend(buttons.iter().map(|button| button.title.clone()));
            parts.extend(frame.footer.clone());
        }
        Outgoing::Menu(menu) => {
            parts.extend(menu.frame.header.clone());
            parts.push(menu.label.clone());
            for row in menu.sections.iter().flat_map(|section| &section.rows) {
                parts.push(row.title.clone());
                parts.extend(row.description.clone());
            }
            parts.extend(menu.frame.footer.clone());
        }
        Outgoing::Link(link) => parts.extend([link.label.clone(), link.url.clone()]),
        Outgoing::Template(template) => {
            parts.extend(
                template
                    .parameters
                    .iter()
                    .map(|parameter| parameter.text.clone()),
            );
        }
        _ => {}
    }
    parts.join("\n")
}

fn refusals(test: &RuleTest, turns: &[Turn], found: &mut Vec<Mismatch>) {
    let Some(expected) = &test.expect.refused else {
        return;
    };
    let refused = turns.iter().flat_map(|turn| turn.heard.decision.refusals());
    let seen: Vec<&str> = refused.map(model::Refusal::word).collect();
    if seen != expected.iter().map(String::as_str).collect::<Vec<_>>() {
        let expected = match expected.as_slice() {
            [] => "nothing refused".to_owned(),
            expected => format!("refused: {}", list(expected)),
        };
        found.push(Mismatch::new("expect.refused", expected, list(&seen)));
    }
}

fn ending(test: &RuleTest, turns: &[Turn], found: &mut Vec<Mismatch>) {
    let Some(last) = turns.last() else {
        return;
    };
    let expect = &test.expect;
    if let Some(expected) = expect.opted {
        let consent = &last.contact.consent;
        let seen = match (consent.everything, consent.marketing) {
            (everything, _) if everything.is_out() => Some(Opted::Out),
            (_, marketing) if marketing.is_out() => Some(Opted::OutOfMarketing),
            (everything, _) if everything.is_in() => Some(Opted::In),
            _ => None,
        };
        if seen != Some(expected) {
            let word = |opted: Option<Opted>| match opted {
                Some(Opted::In) => "a contact who opted in",
                Some(Opted::Out) => "a contact who opted out",
                Some(Opted::OutOfMarketing) => "a contact who opted out of marketing",
                None => "one who said nothing of it",
            };
            found.push(Mismatch::new(
                "expect.opted",
                word(Some(expected)),
                word(seen),
            ));
        }
    }
    if let Some(expected) = &expect.handed_to {
        let desk = turns
            .iter()
            .flat_map(|turn| &turn.heard.hand_offs)
            .next_back();
        let seen = desk.map_or(HandedTo::Nobody, |hand_off| {
            HandedTo::Desk(hand_off.desk.clone())
        });
        if seen != *expected {
            let word = |to: &HandedTo| match to {
                HandedTo::Nobody => "no hand-over".to_owned(),
                HandedTo::Desk(desk) => format!("a hand-over to {desk}"),
            };
            found.push(Mismatch::new(
                "expect.handed_to",
                word(expected),
                word(&seen),
            ));
        }
    }
    if let Some(expected) = expect.bot {
        let paused = last
            .contact
            .pause
            .as_ref()
            .is_some_and(|pause| pause.until > last.now);
        let seen = if paused { Bot::Paused } else { Bot::Speaks };
        if seen != expected {
            let word = |bot| match bot {
                Bot::Speaks => "a bot that speaks",
                Bot::Paused => "a paused bot",
            };
            found.push(Mismatch::new("expect.bot", word(expected), word(seen)));
        }
    }
    if let Some(expected) = &expect.tags
        && *expected != last.contact.tags
    {
        let word = |tags: &BTreeSet<String>| match tags.is_empty() {
            true => "no tags".to_owned(),
            false => format!("the tags {}", list(&tags.iter().collect::<Vec<_>>())),
        };
        found.push(Mismatch::new(
            "expect.tags",
            word(expected),
            word(&last.contact.tags),
        ));
    }
}

fn quoted(text: impl AsRef<str>) -> String {
    format!("{:?}", text.as_ref())
}

fn all(said: &[String]) -> String {
    match said {
        [] => "nothing was sent".to_owned(),
        said => said.iter().map(quoted).collect::<Vec<_>>().join(", "),
    }
}

fn list<T: AsRef<str>>(words: &[T]) -> String {
    match words {
        [] => "none".to_owned(),
        words => words
            .iter()
            .map(AsRef::as_ref)
            .collect::<Vec<_>>()
            .join(", "),
    }
}
