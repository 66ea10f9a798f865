//! Whether everything is as it must be: the network's record against the load's own book. Pure.

use std::collections::{BTreeMap, HashMap};

use super::book::{Book, Kind};
use super::record::Answer;
use super::town::CONFIRMED;

/// Between a host's acknowledgement of a stop and the network's taking of what was in flight at that moment: a call takes as long as a
/// busy machine makes it. In a later life of the host nothing of that is left, and nothing is allowed.
const IN_FLIGHT_MS: u64 = 2_000;

/// One life of the host.
#[derive(Debug, Clone, Copy)]
pub struct Life {
    pub ready_ms: Option<u64>,
}

/// All that is known when it is over.
pub struct Evidence<'a> {
    pub book: &'a Book,
    pub answers: &'a [Answer],
    pub lives: &'a [Life],
    /// When each edition of the rules was written.
    pub editions: &'a [u64],
    /// Messages whose answer the host holds back for a person, and how often it was tried.
    pub held: &'a HashMap<usize, u64>,
}

#[derive(Debug, Default)]
pub struct Verdict {
    /// What is wrong, by kind: each message by its number.
    pub findings: BTreeMap<&'static str, Vec<String>>,
    /// Questions answered, once each.
    pub answered: u64,
    pub confirmed_stops: u64,
    /// Questions that a stop behind them took the answer from.
    pub taken_back: u64,
    /// From each acknowledgement to its answer, sorted.
    pub waits_ms: Vec<u64>,
}

impl Verdict {
    fn find(&mut self, what: &'static str, which: String) {
        self.findings.entry(what).or_default().push(which);
    }
}

pub fn judge(evidence: &Evidence<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    let heard = hear(evidence, &mut verdict);
    for (place, message) in evidence.book.messages.iter().enumerate() {
        let said = || {
            format!(
                "message {place} of {}",
                evidence.book.contacts[message.contact].phone
            )
        };
        let Some(acked) = message.acked else {
            verdict.find("never acknowledged, however often it was brought", said());
            continue;
        };
        let stops = evidence.book.contacts[message.contact].has_stopped;
        match (message.kind, heard.by_message.get(&place)) {
            (Kind::Stop, _) => match heard.confirmations.get(&message.contact) {
                None if evidence.held.contains_key(&place) => {}
                None => verdict.find("lost: a stop without its confirmation", said()),
                Some(_) => verdict.confirmed_stops += 1,
            },
            (Kind::AfterStop, Some(_)) => verdict.find("answered after a stop", said()),
            (Kind::AfterStop, None) => {}
            (Kind::Question, Some(at_ms)) => {
                verdict.answered += 1;
                verdict.waits_ms.push(at_ms.saturating_sub(acked.at_ms));
            }
            (Kind::Question, None) if stops => verdict.taken_back += 1,
            (Kind::Question, None) if evidence.held.contains_key(&place) => {}
            (Kind::Question, None) => verdict.find("lost", said()),
        }
    }
    for (message, tries) in evidence.held {
        let said = format!("message {message}");
        if heard.by_message.contains_key(message) {
            verdict.find("held for a person though it was delivered", said);
        } else if *tries < 2 {
            // I11: statuses do come, so that each is sent once more before a person is asked.
            verdict.find("held for a person without a second try", said);
        }
    }
    verdict.waits_ms.sort_unstable();
    verdict
}

#[derive(Default)]
struct Heard {
    /// When each message was answered.
    by_message: HashMap<usize, u64>,
    confirmations: HashMap<usize, u64>,
}

/// Goes through what phones saw, one by one.
fn hear(evidence: &Evidence<'_>, verdict: &mut Verdict) -> Heard {
    let book = evidence.book;
    let by_phone: HashMap<&str, usize> = book
        .contacts
        .iter()
        .enumerate()
        .map(|(place, contact)| (contact.phone.as_str(), place))
        .collect();
    let mut heard = Heard::default();
    // The newest answer of each contact: message and edition.
    let mut newest: HashMap<usize, (usize, usize)> = HashMap::new();
    for answer in evidence.answers {
        let Some(&contact) = by_phone.get(answer.to.trim_start_matches('+')) else {
            verdict.find("sent to a stranger", answer.to.clone());
            continue;
        };
        if answer.text == CONFIRMED {
            if !book.contacts[contact].has_stopped {
                verdict.find("a confirmation without a stop", answer.to.clone());
            } else if heard.confirmations.insert(contact, answer.at_ms).is_some() {
                verdict.find("sent twice: a confirmation", answer.to.clone());
            }
            continue;
        }
        let Some((edition, message)) = parse(&answer.text) else {
            verdict.find(
                "an answer that no edition gives",
                format!("{:?}", answer.text),
            );
            continue;
        };
        let said = format!("message {message} of {}", answer.to);
        if book.messages.get(message).map(|known| known.contact) != Some(contact) {
            verdict.find("somebody else's answer", said);
            continue;
        }
        if heard.by_message.insert(message, answer.at_ms).is_some() {
            verdict.find("sent twice", said);
            continue;
        }
        if evidence
            .editions
            .get(edition)
            .is_none_or(|written| *written > answer.at_ms)
        {
            verdict.find("answered by rules that were not in force", said.clone());
        }
        if let Some((message_before, edition_before)) = newest.insert(contact, (message, edition)) {
            if message_before > message {
                verdict.find("out of order", said.clone());
            } else if edition_before > edition {
                verdict.find(
                    "answered by older rules than the message before",
                    said.clone(),
                );
            }
        }
        if is_past_a_stop(evidence, contact, answer.at_ms) {
            verdict.find("sent though a stop had been acknowledged", said);
        }
    }
    heard
}

fn is_past_a_stop(evidence: &Evidence<'_>, contact: usize, at_ms: u64) -> bool {
    let book = evidence.book;
    let stops = book.contacts[contact]
        .messages
        .iter()
        .map(|message| &book.messages[*message]);
    stops
        .filter(|message| message.kind == Kind::Stop)
        .filter_map(|message| message.acked)
        .any(|acked| {
            let next_life = evidence
                .lives
                .iter()
                .skip(acked.life + 1)
                .find_map(|life| life.ready_ms);
            at_ms > acked.at_ms + IN_FLIGHT_MS || next_life.is_some_and(|ready| at_ms > ready)
        })
}

/// The edition and the message that an answer names.
fn parse(text: &str) -> Option<(usize, usize)> {
    let (edition, words) = text.strip_prefix('e')?.split_once(' ')?;
    let message = words.strip_prefix("say ")?;
    Some((edition.parse().ok()?, message.parse().ok()?))
}

/// The message whose answer a stored send is.
pub fn message_of(text: &str) -> Option<usize> {
    parse(text).map(|(_, message)| message)
}

#[cfg(test)]
#[allow(
    dead_code,
    reason = "a benchmark has no harness: these run in tests/torture.rs"
)]
mod tests;
