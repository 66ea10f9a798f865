//! What came of it, in numbers and sentences.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};

use super::book::Book;
use super::host::Host;
use super::judge::Verdict;
use super::load::Tally;
use super::record::Record;

/// Of one kind of finding, so many are named.
const NAMED: usize = 10;

#[derive(Default)]
pub struct Figures {
    /// Everything that is not as it must be, by kind.
    pub findings: BTreeMap<&'static str, Vec<String>>,
    pub tortured: Duration,
    /// From the end of the torture until nothing was left to do.
    pub rested: Duration,
    pub kills: u64,
    pub unknown: u64,
    pub answered: u64,
    lines: Vec<(&'static str, Vec<(&'static str, Value)>)>,
}

impl Figures {
    pub fn find(&mut self, what: &'static str, which: String) {
        self.findings.entry(what).or_default().push(which);
    }

    pub fn count(&mut self, host: &Host, record: &Record, tally: &Tally, book: &Book, held: usize) {
        self.kills = host.kills;
        let heard = &host.unknown;
        let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        let (by_kill, by_network) = (count(&heard.by_kill), count(&heard.by_network));
        self.unknown = by_kill + by_network;
        let resent = count(&heard.resent);
        // The log may end with the host that wrote it; what the network cut off must be told of all the same, for the most part.
        let cut = record.outcome("dropped_reply") + record.outcome("lost");
        if by_network * 2 < cut {
            let what = format!("{cut} calls were cut off, and the log tells of {by_network}");
            self.find("unknown outcomes are not logged", what);
        }
        if host.bad_ends > 0 {
            self.find(
                "ended badly when it was asked to end",
                format!("{} times", host.bad_ends),
            );
        }
        let acked = book
            .messages
            .iter()
            .filter(|message| message.acked.is_some())
            .count();
        let mut starts = host.starts.clone();
        starts.sort_unstable();
        let milliseconds =
            |span: Duration| json!(u64::try_from(span.as_millis()).unwrap_or(u64::MAX));
        self.lines.push((
            "load",
            vec![
                ("seconds", json!(self.tortured.as_secs())),
                ("messages", json!(book.messages.len())),
                ("acknowledged", json!(acked)),
                ("contacts", json!(book.contacts.len())),
                ("webhooks", json!(count(&tally.posts))),
                ("brought_again", json!(count(&tally.redelivered))),
                ("doubled_on_purpose", json!(count(&tally.doubled))),
            ],
        ));
        self.lines.push((
            "host",
            vec![
                ("kills", json!(host.kills)),
                ("of_them_while_starting", json!(host.kills_at_start)),
                ("ends_by_sigterm", json!(host.ends)),
                ("ready_p50_ms", milliseconds(share(&starts, 50))),
                ("ready_p99_ms", milliseconds(share(&starts, 99))),
                ("editions_of_rules", json!(host.editions.len())),
                ("edits_with_a_mistake", json!(host.bad_edits)),
            ],
        ));
        let outcomes = [
            "accepted",
            "dropped_reply",
            "lost",
            "throttled",
            "failed",
            "refused",
            "overloaded",
        ];
        self.lines.push((
            "network",
            outcomes
                .map(|name| (name, json!(record.outcome(name))))
                .to_vec(),
        ));
        self.lines.push((
            "unknown_outcomes",
            vec![
                ("by_kill", json!(by_kill)),
                ("by_network", json!(by_network)),
                (
                    "settled_by_status",
                    json!(self.unknown.saturating_sub(resent + count(&heard.held))),
                ),
                ("sent_once_more", json!(resent)),
                ("held_for_a_person", json!(held)),
            ],
        ));
        let times = record.answers.windows(2);
        let silence = times
            .map(|pair| pair[1].at_ms.saturating_sub(pair[0].at_ms))
            .max();
        self.lines.push((
            "silence",
            vec![(
                "longest_between_two_answers_ms",
                json!(silence.unwrap_or(0)),
            )],
        ));
        if record.outcome("refused") + record.outcome("unauthorized") > 0 {
            self.find(
                "calls that WhatsApp refuses",
                record.outcome("refused").to_string(),
            );
        }
    }

    pub fn judged(&mut self, verdict: Verdict) {
        self.answered = verdict.answered;
        self.lines.push((
            "answers",
            vec![
                ("answered_once", json!(verdict.answered)),
                ("stops_confirmed", json!(verdict.confirmed_stops)),
                ("taken_back_by_a_stop", json!(verdict.taken_back)),
                ("wait_p50_ms", json!(share(&verdict.waits_ms, 50))),
                ("wait_p99_ms", json!(share(&verdict.waits_ms, 99))),
                ("longest_wait_ms", json!(share(&verdict.waits_ms, 100))),
                (
                    "rest_after_ms",
                    json!(u64::try_from(self.rested.as_millis()).unwrap_or(u64::MAX)),
                ),
            ],
        ));
        for (what, mut which) in verdict.findings {
            self.findings.entry(what).or_default().append(&mut which);
        }
    }

    pub fn json(&self) -> Value {
        let lines: HashMap<_, HashMap<_, _>> = self
            .lines
            .iter()
            .map(|(name, figures)| (*name, figures.iter().cloned().collect()))
            .collect();
        json!({ "figures": lines, "findings": self.findings })
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (name, figures) in &self.lines {
            writeln!(formatter, "{}", name.replace('_', " "))?;
            for (what, value) in figures {
                writeln!(formatter, "  {value:>9}  {}", what.replace('_', " "))?;
            }
        }
        if self.findings.is_empty() {
            return writeln!(
                formatter,
                "0 lost, 0 sent twice, order kept, no stop overrun: all as it must be"
            );
        }
        for (what, which) in &self.findings {
            let more = which.len().saturating_sub(NAMED);
            let named = which
                .iter()
                .take(NAMED)
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join("; ");
            let more = if more > 0 {
                format!("; and {more} more")
            } else {
                String::new()
            };
            writeln!(formatter, "WRONG: {what} ({}): {named}{more}", which.len())?;
        }
        Ok(())
    }
}

/// So many in a hundred of what is sorted are not above it.
fn share<T: Copy + Default>(sorted: &[T], percent: usize) -> T {
    let place = (sorted.len().saturating_sub(1)) * percent / 100;
    sorted.get(place).copied().unwrap_or_default()
}
