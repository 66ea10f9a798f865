//! In words: why a rule does not answer, and which one would.

use std::fmt::Write;

use engine::why_not::{About, Explanation, Foretold, GateSays};
use model::{Decision, Ending, Look, LookResult};
use rulebook::{Before, Passed, PassedRule};

use crate::shown;
use crate::style::Style;

/// Why a rule does not answer, and what to change: several lines.
pub(crate) fn why_not(explained: &Explanation, colour: bool) -> String {
    let style = Style { colour };
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = tell(explained, &style, &mut text);
    text
}

/// Which rule would answer, and what each has to say.
pub(crate) fn foretold(told: &Foretold, colour: bool) -> String {
    let style = Style { colour };
    let mut text = String::new();
    let _ = foretell(told, &style, &mut text);
    text
}

fn tell(explained: &Explanation, style: &Style, text: &mut String) -> std::fmt::Result {
    let rule = &explained.why_not;
    let place = format!("({}:{})", shown::tame(&rule.file), rule.line);
    writeln!(
        text,
        "{} {}",
        style.strong(&verdict(explained)),
        style.faint(&place)
    )?;
    about(&explained.about, explained.edition.as_deref(), style, text)?;
    let instead: Vec<&str> = explained.instead.iter().map(|rule| rule.as_str()).collect();
    match instead.as_slice() {
        _ if explained.answers || explained.first.is_some() => {}
        [] => writeln!(text, "as things are, no rule answers this message")?,
        [one] => writeln!(text, "as things are, {one} answers this message")?,
        several => writeln!(
            text,
            "as things are, {} answer this message, in this order",
            several.join(", ")
        )?,
    }
    if let Some(LookResult::Missed { condition, seen }) = &explained.was {
        let was = format!("when it was decided: {condition}, {}", shown::tame(seen));
        writeln!(text, "{}", style.faint(&was))?;
    }
    if let Some(first) = explained.first {
        writeln!(text, "\n{} {}", style.bad("✗"), first.words())?;
    }
    if !rule.changes.is_empty() {
        writeln!(text, "\nit would apply if")?;
    }
    for change in &rule.changes {
        let mark = style.bad("✗");
        writeln!(text, "  {mark} {}", shown::tame(&change.change))?;
        let mut seen = format!("{}: {}", change.key, shown::tame(&change.seen));
        if change.later {
            seen = format!("{seen}, once the others are changed");
        }
        writeln!(text, "      {}", style.faint(&seen))?;
        if let Some(near) = &change.near {
            writeln!(
                text,
                "      \"{}\" is close to \"{}\": if people write it so, add it to {}",
                shown::tame(&near.said),
                shown::tame(&near.listens_for),
                change.key
            )?;
        }
    }
    if let Some(from) = &rule.from {
        writeln!(text, "  all that waits for a time holds {from}")?;
    }
    if !rule.changes.is_empty() && !rule.enough {
        let why = if rule.changes.iter().any(|change| change.remedy.is_none()) {
            "no message alone makes it apply: the rule itself has to change"
        } else {
            "together these contradict each other: the rule itself has to change"
        };
        writeln!(text, "  {}", style.bad(why))?;
    }
    if !rule.holds.is_empty() {
        writeln!(text, "\nholds already")?;
    }
    for held in &rule.holds {
        writeln!(text, "  {} {}", style.good("✓"), shown::tame(held))?;
    }
    if !rule.before.is_empty() {
        writeln!(text, "\nbefore it")?;
    }
    for before in &rule.before {
        stands_before(before, style, text)?;
    }
    if explained.first.is_none()
        && let Some(first) = explained.first_then
    {
        writeln!(text, "\n{} then {}", style.bad("✗"), first.words())?;
    }
    gate(&explained.gate, style, text)
}

/// The answer in one line.
fn verdict(explained: &Explanation) -> String {
    let rule = &explained.why_not;
    let name = &rule.rule;
    let applies = rule.changes.is_empty();
    let before = rule.before.iter().find(|before| before.now);
    match (explained.first.is_some(), applies, before) {
        (true, ..) => format!("{name} is not looked at"),
        (_, true, None) if explained.shadow => {
            format!(
                "{name} would run as a shadow: it is recorded, nothing of it is sent, and the search goes on"
            )
        }
        (_, true, None) if explained.gate.admits => match &explained.draft_to {
            Some(desk) => {
                format!("{name} would answer with a draft, which waits at {desk} for a person")
            }
            None => format!("{name} would answer"),
        },
        (_, true, None) => format!("{name} applies, and the gate would refuse its answer"),
        (_, true, Some(before)) => format!("{name} applies, and {} answers before it", before.rule),
        (_, false, _) => match rule.changes.len() {
            1 => format!("{name} does not apply: one thing is missing"),
            several => format!("{name} does not apply: {several} things are missing"),
        },
    }
}

fn about(
    about: &About,
    edition: Option<&str>,
    style: &Style,
    text: &mut String,
) -> std::fmt::Result {
    let rules = edition.map_or_else(
        || "the rules as the files say".to_owned(),
        |edition| format!("edition {edition}"),
    );
    let who = match (about.stored, about.contact) {
        (true, Some(contact)) => {
            format!("a message that arrived, of contact {contact} as they stand now")
        }
        (_, Some(contact)) => format!("a message that nobody wrote, of contact {contact}"),
        (_, None) => "a message that nobody wrote, of somebody whom nobody knows".to_owned(),
    };
    let line = format!(
        "{who} · {} · language {} · {rules}",
        about.local_time, about.language
    );
    writeln!(text, "{}", style.faint(&line))
}

fn stands_before(before: &Before, style: &Style, text: &mut String) -> std::fmt::Result {
    let how = match (before.now, before.then) {
        (true, true) => "answers instead",
        (true, false) => "answers instead, and no more after the change",
        (false, _) => "would answer instead after the change",
    };
    let may_pass = if before.may_pass {
        ", unless its plugin passes"
    } else {
        ""
    };
    let because = if before.because.is_empty() {
        "it applies to every message".to_owned()
    } else {
        before.because.join(", ")
    };
    writeln!(
        text,
        "  {} {} {} {how}{may_pass}: {}",
        style.bad("✗"),
        style.strong(before.rule.as_str()),
        style.faint(&format!("({}:{})", shown::tame(&before.file), before.line)),
        shown::tame(&because)
    )?;
    for way in &before.ways_out {
        writeln!(text, "      - {}", shown::tame(way))?;
    }
    Ok(())
}

fn gate(gate: &GateSays, style: &Style, text: &mut String) -> std::fmt::Result {
    match &gate.refusal {
        None => writeln!(text, "\n{} the gate would let a text out", style.good("✓")),
        Some(refusal) => {
            let saw = gate.checks.last().map_or_else(String::new, |check| {
                format!(" ({}: {})", check.name, shown::tame(&check.saw))
            });
            writeln!(
                text,
                "\n{} the gate would refuse a text: {}{saw}",
                style.bad("✗"),
                shown::tame(refusal)
            )
        }
    }
}

fn foretell(told: &Foretold, style: &Style, text: &mut String) -> std::fmt::Result {
    let names: Vec<&str> = told.answers.iter().map(|rule| rule.as_str()).collect();
    let answer = match (told.first, names.as_slice()) {
        (Some(first), _) => first.words().to_owned(),
        (None, []) => "no rule would answer".to_owned(),
        (None, [one]) => format!("{one} would answer"),
        (None, several) => format!("{} would answer, in this order", several.join(", ")),
    };
    writeln!(text, "{}", style.strong(&answer))?;
    about(&told.about, told.edition.as_deref(), style, text)?;
    let order = match told.first {
        Some(_) => "rules, in order: none is asked, and this is what they would say",
        None => "rules, in order",
    };
    writeln!(text, "\n{order}")?;
    let last = told.answers.last();
    for rule in &told.rules {
        one_rule(rule, style, text)?;
        if Some(&rule.rule) == last && told.first.is_none() {
            let rest = told
                .rules
                .iter()
                .skip_while(|other| other.rule != rule.rule);
            if rest.count() > 1 {
                writeln!(
                    text,
                    "  {}",
                    style.faint("— the search ends here; what the others would say:")
                )?;
            }
        }
    }
    gate(&told.gate, style, text)
}

/// What a rule had to say, in one line.
pub(super) fn one_rule(rule: &PassedRule, style: &Style, text: &mut String) -> std::fmt::Result {
    match &rule.result {
        LookResult::Matched => {
            let because = if rule.because.is_empty() {
                "for every message".to_owned()
            } else {
                shown::tame(&rule.because.join(", "))
            };
            writeln!(
                text,
                "  {} {}  {}",
                style.good("✓"),
                rule.rule,
                style.faint(&because)
            )
        }
        LookResult::Missed { condition, seen } => {
            let missed = match (&rule.wants, rule.looked) {
                (Some(wants), true) => format!("only if {wants}; seen: {seen}"),
                (Some(wants), false) => format!("only if {wants}"),
                (None, _) if condition == "only" => "only if another rule calls it".to_owned(),
                (None, true) => format!("{condition}: {seen}"),
                (None, false) => condition.clone(),
            };
            writeln!(
                text,
                "  · {}  {}",
                rule.rule,
                style.faint(&shown::tame(&missed))
            )
        }
    }
}

/// What of the message the rule answered, after a decision's first line; nothing if nobody knows any more.
pub(super) fn because(decision: &Decision, passed: Option<&Passed>) -> String {
    let (Ending::Answered { rule } | Ending::Unanswered { rule, .. }) = &decision.ending else {
        return String::new();
    };
    // The last that applied: it answered, or led to the one that did.
    let told = passed.and_then(|passed| {
        let mut rules = passed.rules.iter();
        rules.rfind(|told| told.result == LookResult::Matched)
    });
    let Some(told) = told else {
        return String::new();
    };
    let because = told.because.join(", ");
    match (told.rule == *rule, because.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!(", because {because}"),
        (false, true) => format!(", to which {} led", told.rule),
        (false, false) => format!(", to which {} led, because {because}", told.rule),
    }
}

/// The rules that a decision came by, in order: all that are known of the edition in force, else those that were looked at.
pub(super) fn rules(
    decision: &Decision,
    passed: Option<&Passed>,
    style: &Style,
    text: &mut String,
) -> std::fmt::Result {
    if decision.looks.is_empty() && decision.ruled_out == 0 {
        return Ok(());
    }
    writeln!(text, "\nrules, in order")?;
    let unlooked = match passed {
        Some(passed) => {
            for rule in &passed.rules {
                one_rule(rule, style, text)?;
            }
            passed.more
        }
        None => {
            for look in &decision.looks {
                one_rule(&looked(look), style, text)?;
            }
            decision.ruled_out
        }
    };
    if decision.looks_left_out > 0 {
        writeln!(text, "  … and {} more", decision.looks_left_out)?;
    }
    match unlooked {
        0 => Ok(()),
        1 => writeln!(
            text,
            "  … and 1 more that listens for something that was not there: tollgate why-not RULE --message … tells of it"
        ),
        more => writeln!(
            text,
            "  … and {more} more that listen for something that was not there: tollgate why-not RULE --message … tells of each"
        ),
    }
}

/// A look of an edition that is not in force any more.
fn looked(look: &Look) -> PassedRule {
    PassedRule {
        rule: look.rule.clone(),
        file: String::new(),
        line: 0,
        looked: true,
        result: look.result.clone(),
        wants: None,
        because: Vec::new(),
    }
}
