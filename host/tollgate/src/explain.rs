//! A decision in words: what was looked at, what ran, what the gate said, what became of the sends.

mod asked;
mod why_not;

use std::fmt::Write;

use model::{
    Decision, Ending, MemoryScope, Outcome, Outgoing, Proposal, Recipient, RunResult, StepResult,
    Unanswered, Verdict,
};
use rulebook::Passed;
use serde::Deserialize;
use serde_json::Value;

pub(crate) use why_not::{foretold, why_not};

use crate::shown;
use crate::style::Style;

/// So many characters of a message's or note's words are told where it was proposed.
const SHORT: usize = 60;

/// What became of a message that is not for rules.
pub(crate) const ASIDE: &str = "kept aside: in a group, from your own number, told by WhatsApp itself, or not available yet; no rule looked at it";

/// The parts of a `/v1/decision` answer that are told.
#[derive(Deserialize)]
struct Told {
    record: Record,
    sends: Vec<Value>,
    /// What each rule had to say, if the edition is still in force.
    #[serde(default)]
    passed: Option<Passed>,
}

#[derive(Deserialize)]
struct Record {
    decision: Decision,
    message: model::Message,
}

/// The whole story, several lines.
pub(crate) fn decision(found: &Value, colour: bool) -> String {
    let told: Told = match serde_json::from_value(found.clone()) {
        Ok(told) => told,
        Err(error) => {
            return format!("the host's answer is of another version than this command: {error}\n");
        }
    };
    let style = Style { colour };
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = tell(&told, &style, &mut text);
    text
}

/// One line: which rule, and what the gate said.
pub(crate) fn summary(found: &Value) -> String {
    let Ok(told) = serde_json::from_value::<Told>(found.clone()) else {
        return String::new();
    };
    let decision = &told.record.decision;
    let first = match &decision.ending {
        // The gate's own words, further on, say more than that it refused.
        Ending::Unanswered {
            rule,
            why: Unanswered::Refused,
        } => format!("rule {rule}"),
        other => ending(other),
    };
    let mut parts = vec![first, decision.language.to_string()];
    let sends = told.sends.len();
    parts.extend(drafts(decision));
    parts.push(match sends {
        0 => "nothing sent".into(),
        1 => "1 message".into(),
        several => format!("{several} messages"),
    });
    parts.extend(
        decision
            .refusals()
            .map(|refusal| format!("refused: {refusal}")),
    );
    for send in &told.sends {
        let state = send
            .get("state")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if !matches!(state, "sent" | "delivered" | "read") {
            parts.push(state.replace('_', " "));
        }
    }
    parts.join(" · ")
}

fn tell(told: &Told, style: &Style, text: &mut String) -> std::fmt::Result {
    let decision = &told.record.decision;
    writeln!(
        text,
        "{} {}",
        style.strong(&shown::message(&told.record.message)),
        style.faint(told.record.message.id.as_str())
    )?;
    let because = why_not::because(decision, told.passed.as_ref());
    writeln!(
        text,
        "{}{}",
        style.strong(&ending(&decision.ending)),
        shown::tame(&because)
    )?;
    writeln!(
        text,
        "{}",
        style.faint(&format!(
            "edition {} · language {} · contact {} message {} · attempt {} · {} us · fuel {}",
            decision.edition,
            decision.language,
            decision.contact,
            decision.sequence,
            decision.attempt,
            decision.cost.micros,
            decision.cost.fuel
        ))
    )?;
    why_not::rules(decision, told.passed.as_ref(), style, text)?;
    for step in &decision.steps {
        let result = match step.result {
            StepResult::Stands => "",
            StepResult::Passed => " (passed: nothing of it takes effect)",
            StepResult::Failed => " (failed: nothing of it takes effect)",
            StepResult::Shadow => " (a shadow: it ran, and nothing of it takes effect)",
        };
        writeln!(text, "\nrule {}{result}", style.strong(step.rule.as_str()))?;
        for run in &step.runs {
            let end = match &run.result {
                RunResult::Ended(Outcome::Handled) => "done".to_owned(),
                RunResult::Ended(Outcome::Passed) => "passed: not for it".to_owned(),
                RunResult::Ended(Outcome::Unanswered(why)) => {
                    format!("unanswered: {}", reason(*why))
                }
                RunResult::Failed(failure) => style.bad(&in_one_line(&failure.to_string())),
            };
            writeln!(text, "  plugin {}: {end}", run.plugin)?;
            for proposed in &run.proposed {
                let is_shadow = step.result == StepResult::Shadow;
                let verdict = match &proposed.verdict {
                    Verdict::Admitted if is_shadow => "would be admitted".to_owned(),
                    Verdict::Refused(refusal) if is_shadow => {
                        format!("would be refused, {refusal}")
                    }
                    Verdict::Admitted => style.good(&match &proposed.drafted_to {
                        Some(desk) => format!("admitted, a draft at {desk}"),
                        None => "admitted".to_owned(),
                    }),
                    Verdict::Refused(refusal) => style.bad(&format!("refused, {refusal}")),
                };
                writeln!(text, "    {}: {verdict}", proposal(&proposed.proposal))?;
                for check in &proposed.checks {
                    let mark = match check.passed {
                        true if check.shadowed => style.bad("!"),
                        true => style.good("✓"),
                        false => style.bad("✗"),
                    };
                    writeln!(
                        text,
                        "      {mark} {}  {}",
                        check.name,
                        style.faint(&shown::tame(&check.saw))
                    )?;
                }
            }
            for one in &run.asked {
                let (what, came) = asked::words(one);
                writeln!(text, "    {what}: {}", style.faint(&in_one_line(&came)))?;
            }
            for line in &run.log {
                writeln!(
                    text,
                    "    {}",
                    style.faint(&format!("log: {}", shown::tame(line)))
                )?;
            }
        }
    }
    if let Some(drafts) = drafts(decision) {
        writeln!(
            text,
            "\n{drafts}: a person sends, changes or drops what was written (tollgate desk drafts)"
        )?;
    }
    if !told.sends.is_empty() {
        writeln!(text, "\nsends")?;
    }
    for send in &told.sends {
        let word = |key: &str| send.get(key).and_then(Value::as_str).unwrap_or_default();
        let message = send
            .pointer("/outbound/message")
            .and_then(|message| serde_json::from_value::<Outgoing>(message.clone()).ok());
        let body = message.as_ref().map(shown::outgoing).unwrap_or_default();
        let cause = word("cause");
        let cause = if cause.is_empty() {
            String::new()
        } else {
            format!(" ({})", shown::tame(cause))
        };
        writeln!(
            text,
            "  {}{cause}  {}",
            word("state").replace('_', " "),
            style.faint(&body)
        )?;
    }
    Ok(())
}

/// What waits, or waited, for a person: how many drafts, at which desks.
fn drafts(decision: &Decision) -> Option<String> {
    let desks: Vec<&str> = decision.drafted().map(|(_, desk)| desk.as_str()).collect();
    let count = match desks.len() {
        0 => return None,
        1 => "1 draft".to_owned(),
        several => format!("{several} drafts"),
    };
    let desks: std::collections::BTreeSet<&str> = desks.into_iter().collect();
    let desks: Vec<&str> = desks.into_iter().collect();
    Some(format!("{count} at {}", desks.join(", ")))
}

fn ending(ending: &Ending) -> String {
    match ending {
        Ending::Answered { rule } => format!("rule {rule}"),
        Ending::Unanswered { rule, why } => format!("rule {rule}, unanswered: {}", reason(*why)),
        Ending::Aside => ASIDE.into(),
        Ending::NoRule => "no rule applies".into(),
        Ending::TooOld => "too old to answer".into(),
        Ending::DeadLetter { cause } => format!("dead letter: {}", in_one_line(cause)),
    }
}

fn reason(why: Unanswered) -> &'static str {
    match why {
        Unanswered::Refused => "the gate refused",
        Unanswered::NoAnswer => "nothing known",
        Unanswered::Blocked => "a guardrail stepped in",
        Unanswered::Slow => "it took too long",
    }
}

fn proposal(proposal: &Proposal) -> String {
    match proposal {
        Proposal::Send { to, message, .. } => {
            let words = match message {
                Outgoing::Text { body } => shown::quoted(&shown::shortened(body, SHORT)),
                other => shown::outgoing_to(other, SHORT),
            };
            match to {
                Recipient::Contact => format!("send {words}"),
                Recipient::Phone(_) => format!("send to another number {words}"),
            }
        }
        Proposal::Consent(change) => format!("opt {}", if change.opted_in { "in" } else { "out" }),
        Proposal::HandOver(hand_over) => format!("hand over to {}", hand_over.desk),
        Proposal::Pause { span } => format!("pause the bot for {span}"),
        Proposal::Resume => "let the bot speak again".into(),
        Proposal::Tag { tag } => format!("tag {tag:?}"),
        Proposal::Untag { tag } => format!("untag {tag:?}"),
        Proposal::Note { text } => format!("note {:?}", shown::shortened(text, SHORT)),
        Proposal::Remember { scope, key, .. } => format!("remember {}{key:?}", whose(*scope)),
        Proposal::Forget { scope, key } => format!("forget {}{key:?}", whose(*scope)),
    }
}

fn whose(scope: MemoryScope) -> &'static str {
    match scope {
        MemoryScope::Contact => "",
        MemoryScope::Shared => "for everybody ",
    }
}

/// A panic's words may have several lines; the layout has one for them.
fn in_one_line(text: &str) -> String {
    shown::tame(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests;
