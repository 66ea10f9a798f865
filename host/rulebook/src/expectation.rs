//! Reads what a test is given and what it expects.

use std::collections::{BTreeMap, BTreeSet};

use model::{RuleName, Span};

use crate::findings::Findings;
use crate::keys::words::{BOTS, KNOWLEDGE, LOOKUPS, OPTED, REFUSALS, Words};
use crate::keys::{ANSWER, EXPECT, GIVEN, TEST};
use crate::rule_test::{Expect, Given, GivenKnowledge, GivenLookup, HandedTo, Opted, Said};
use crate::trial::Trial;
use crate::value::{Entry, Value, refuse};
use crate::{codes, when};

/// How long a person has the conversation if a test says no more than `paused = true`.
const PAUSED: Span = Span::from_hours(1);

impl Trial<'_> {
    /// `given.…`
    pub(crate) fn given(&mut self, entry: Entry<'_>, findings: &mut Findings) -> Option<Given> {
        let mut given = Given::default();
        let header = entry
            .value
            .is_under_header()
            .then_some(("test.given", &TEST));
        for entry in entry.value.table(findings)? {
            let value = entry.value;
            self.note(format!("given.{}", entry.key), value.at());
            match entry.key {
                "name" => given.name = value.text(findings).map(|name| name.text.to_owned()),
                "tags" => given.tags = tags(value, findings).unwrap_or_default(),
                "opted" => given.opted = opted(value, findings),
                "paused" => {
                    given.paused = match value.as_truth() {
                        Some(paused) => paused.then_some(PAUSED),
                        None => value.span_of_time(findings),
                    }
                }
                "knowledge" => given.knowledge = knowledge(value, findings),
                "last_seen" => given.last_seen = value.span_of_time(findings),
                "lookup" => given.lookup = lookups(value, findings),
                "memory" => {
                    for entry in value.table(findings).unwrap_or_default() {
                        let kept = entry.value.text(findings);
                        let kept = kept.map(|text| (entry.key.to_owned(), text.text.to_owned()));
                        given.memory.extend(kept);
                    }
                }
                _ => refuse(&entry, &GIVEN, header, findings),
            }
        }
        Some(given)
    }

    /// `expect.…`
    pub(crate) fn expect(
        &mut self,
        entry: Entry<'_>,
        says: Option<&[Said]>,
        findings: &mut Findings,
    ) -> Option<Expect> {
        let mut expect = Expect::default();
        let header = entry
            .value
            .is_under_header()
            .then_some(("test.expect", &TEST));
        let entries = entry.value.table(findings)?;
        if entries.is_empty() {
            findings
                .error(&entry.at(), codes::MISSING, "this test expects nothing")
                .help("write what is to come of it: expect.rules = \"…\"");
        }
        for entry in &entries {
            let value = entry.value;
            self.note(format!("expect.{}", entry.key), value.at());
            match entry.key {
                "rules" => expect.rules = self.rules(value, says, findings),
                "reply" => expect.reply = texts(value, findings),
                "reply_has" => expect.reply_has = texts(value, findings).unwrap_or_default(),
                "reply_lacks" => expect.reply_lacks = texts(value, findings).unwrap_or_default(),
                "sends" => expect.sends = value.count(findings),
                "refused" => expect.refused = refused(value, findings),
                "opted" => expect.opted = opted(value, findings),
                "handed_to" => expect.handed_to = self.handed_to(value, findings),
                "drafted_to" => expect.drafted_to = self.handed_to(value, findings),
                "draft_has" => expect.draft_has = texts(value, findings).unwrap_or_default(),
                "bot" => {
                    expect.bot = word(value, &BOTS, findings);
                }
                "tags" => expect.tags = tags(value, findings),
                _ => refuse(entry, &EXPECT, header, findings),
            }
        }
        contradictions(&expect, &entries, findings);
        Some(expect)
    }

    /// For each message one rule, a list of rules, or `none`; a single text if there is one message.
    fn rules(
        &mut self,
        value: Value<'_>,
        says: Option<&[Said]>,
        findings: &mut Findings,
    ) -> Option<Vec<Vec<RuleName>>> {
        let turns = value.as_list().unwrap_or_else(|| vec![value]);
        let mut expected = Vec::new();
        for (index, turn) in turns.iter().enumerate() {
            self.note(format!("expect.rules.{index}"), turn.at());
            let names = turn.texts(findings).unwrap_or_default();
            let rules: Vec<_> = names
                .iter()
                .filter_map(|name| self.rule(name, findings))
                .collect();
            if rules.len() > 1
                && let Some(none) = names.iter().find(|name| name.text == "none")
            {
                findings
                    .error(
                        &none.at,
                        codes::TEST_SHAPE,
                        "either rules answer or none does",
                    )
                    .help("take \"none\" out of the list");
            }
            expected.push(
                rules
                    .into_iter()
                    .filter(|rule| rule.as_str() != "none")
                    .collect(),
            );
        }
        let messages = says?
            .iter()
            .filter(|said| !matches!(said, Said::Wait(_)))
            .count();
        if messages != expected.len() {
            let count = |count: usize, what: &str| {
                format!("{count} {what}{}", if count == 1 { "" } else { "s" })
            };
            let message = format!(
                "{} for {}",
                count(expected.len(), "expectation"),
                count(messages, "message")
            );
            findings
                .error(&value.at(), codes::TEST_SHAPE, message)
                .help("write one for each message in turn; \"none\" where no rule answers, [\"a\", \"b\"] where two do");
        }
        Some(expected)
    }

    fn handed_to(&self, value: Value<'_>, findings: &mut Findings) -> Option<HandedTo> {
        let text = value.text(findings)?;
        if text.text == "none" {
            return Some(HandedTo::Nobody);
        }
        self.ground.tenant.desk(&text, findings).map(HandedTo::Desk)
    }
}

/// Two expectations that cannot both come true.
fn contradictions(expect: &Expect, entries: &[Entry<'_>], findings: &mut Findings) {
    let replies = expect.reply.as_ref().map(Vec::len);
    let wanted = replies.or((!expect.reply_has.is_empty()).then_some(1));
    let at = entries
        .iter()
        .find(|entry| entry.key == "sends")
        .map(|entry| entry.value.at());
    if let (Some(sends), Some(wanted), Some(at)) = (expect.sends, wanted, at)
        && sends < wanted
    {
        let message =
            format!("the replies that this test expects take more than `sends = {sends}`");
        findings
            .error(&at, codes::TEST_SHAPE, message)
            .help("take one of the two out");
    }
    let both = expect
        .reply_has
        .iter()
        .find(|text| expect.reply_lacks.contains(text));
    let at = entries
        .iter()
        .find(|entry| entry.key == "reply_lacks")
        .map(|entry| entry.value.at());
    if let (Some(both), Some(at)) = (both, at) {
        findings
            .error(
                &at,
                codes::TEST_SHAPE,
                format!("\"{both}\" is to be there and not to be there"),
            )
            .help("take it out of `reply_has` or out of `reply_lacks`");
    }
}

fn texts(value: Value<'_>, findings: &mut Findings) -> Option<Vec<String>> {
    let texts = value.texts(findings)?;
    for empty in texts.iter().filter(|text| text.text.is_empty()) {
        findings
            .error(
                &empty.at,
                codes::BAD_VALUE,
                "the text is empty: every reply has that",
            )
            .help("write a part of what is to be said");
    }
    Some(texts.into_iter().map(|text| text.text.to_owned()).collect())
}

/// A list of tags; an empty one means none.
fn tags(value: Value<'_>, findings: &mut Findings) -> Option<BTreeSet<String>> {
    if value.as_list().is_some_and(|list| list.is_empty()) {
        return Some(BTreeSet::new());
    }
    let tags: Vec<_> = value
        .texts(findings)?
        .iter()
        .map(|text| when::tag(text, findings))
        .collect();
    tags.into_iter().collect()
}

fn refused(value: Value<'_>, findings: &mut Findings) -> Option<Vec<String>> {
    if value.as_list().is_some_and(|list| list.is_empty()) {
        return Some(Vec::new());
    }
    let mut refused = Vec::new();
    for text in value.texts(findings)? {
        if REFUSALS.parse(text.text).is_none() {
            findings
                .error(
                    &text.at,
                    codes::BAD_VALUE,
                    format!("unknown refusal \"{}\"", text.text),
                )
                .help(REFUSALS.suggestion(text.text));
        }
        refused.push(text.text.to_owned());
    }
    Some(refused)
}

fn opted(value: Value<'_>, findings: &mut Findings) -> Option<Opted> {
    word(value, &OPTED, findings)
}

/// One of a few words.
fn word<T: Clone>(value: Value<'_>, all: &Words<T>, findings: &mut Findings) -> Option<T> {
    let text = value.text(findings)?;
    let found = all.parse(text.text);
    if found.is_none() {
        findings
            .error(
                &text.at,
                codes::BAD_VALUE,
                format!("\"{}\" is not among what this can be", text.text),
            )
            .help(all.suggestion(text.text));
    }
    found.cloned()
}

fn knowledge(value: Value<'_>, findings: &mut Findings) -> Option<GivenKnowledge> {
    let text = value.text(findings)?.text;
    let word = KNOWLEDGE.parse(text).cloned();
    Some(word.unwrap_or_else(|| GivenKnowledge::Text(text.to_owned())))
}

/// `{ status = 200, body = "…" }`, `"slow"` or `"unreachable"` for each endpoint.
fn lookups(value: Value<'_>, findings: &mut Findings) -> BTreeMap<String, GivenLookup> {
    let entries = value.table(findings).unwrap_or_default();
    let read = |entry: Entry<'_>| {
        let answer = if entry.value.as_text().is_some() {
            word(entry.value, &LOOKUPS, findings)
        } else {
            lookup(entry.value, findings)
        };
        Some((entry.key.to_owned(), answer?))
    };
    entries.into_iter().filter_map(read).collect()
}

fn lookup(value: Value<'_>, findings: &mut Findings) -> Option<GivenLookup> {
    let (mut status, mut body) = (Some(200), Some(String::new()));
    let Some(entries) = value.as_table() else {
        return value.wrong(
            "{ status = 200, body = \"…\" }, or a text in quotes: \"slow\" or \"unreachable\"",
            findings,
        );
    };
    for entry in entries {
        match entry.key {
            "status" => {
                let count = entry.value.count(findings);
                status = count
                    .filter(|count| (100..600).contains(count))
                    .and_then(|count| u16::try_from(count).ok());
                if let (Some(count), None) = (count, status) {
                    findings
                        .error(
                            &entry.value.at(),
                            codes::BAD_VALUE,
                            format!("{count} is no status of HTTP"),
                        )
                        .help("write one like 200 or 404");
                }
            }
            // A table is what most endpoints say: it is handed over as JSON.
            "body" if entry.value.as_text().is_none() => {
                let json = entry.value.json("", &mut Vec::new(), findings);
                body = json.map(|json| json.to_string());
            }
            "body" => body = entry.value.as_text().map(|text| text.text.to_owned()),
            _ => {
                ANSWER.refuse(entry.key, &entry.at(), findings);
            }
        }
    }
    Some(GivenLookup::Answered {
        status: status?,
        body: body?,
    })
}
