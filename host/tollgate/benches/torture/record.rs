//! What the network saw: its record, followed while it grows, complete or said not to be.

use std::collections::BTreeMap;

use serde_json::Value;

/// A send that reached a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub at_ms: u64,
    pub to: String,
    pub text: String,
}

#[derive(Default)]
pub struct Record {
    /// In the order in which they were taken.
    pub answers: Vec<Answer>,
    /// Calls by what became of them.
    pub outcomes: BTreeMap<String, u64>,
    /// The number of the newest entry seen.
    pub seen: u64,
    /// Entries that gave way before they were read: nothing can be proved then.
    pub missed: u64,
}

impl Record {
    /// Takes in a page of `GET /_sim/record`.
    pub fn read(&mut self, page: &Value) {
        for send in page["sends"].as_array().into_iter().flatten() {
            let sequence = send["seq"].as_u64().unwrap();
            self.missed += sequence - self.seen - 1;
            self.seen = sequence;
            let outcome = send["outcome"].as_str().unwrap();
            *self.outcomes.entry(outcome.to_owned()).or_default() += 1;
            if matches!(outcome, "accepted" | "dropped_reply") {
                self.answers.push(Answer {
                    at_ms: send["at_ms"].as_u64().unwrap(),
                    to: send["to"].as_str().unwrap().to_owned(),
                    text: send["message"]["text"]["body"]
                        .as_str()
                        .unwrap_or_default()
                        .to_owned(),
                });
            }
        }
    }

    pub fn outcome(&self, name: &str) -> u64 {
        self.outcomes.get(name).copied().unwrap_or(0)
    }
}
