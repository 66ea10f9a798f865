//! How the network is told to misbehave. What befalls a send follows from the seed and the send's number alone.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::fields::nearest;
use crate::{limits, status};

/// What is in force. Shares are between 0 and 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Faults {
    /// Share of sends answered "too fast".
    pub(crate) throttle: f64,
    /// Share of the others answered "something went wrong here".
    pub(crate) error: f64,
    /// Share of the others that are lost on their way: nothing is taken, and the caller hears nothing.
    pub(crate) drop_call: f64,
    /// Share of accepted sends whose caller never hears of it.
    pub(crate) drop_reply: f64,
    /// Shortest and longest wait before a send is answered.
    pub(crate) late_ms: [u64; 2],
    /// Shortest and longest wait before a send's first status.
    pub(crate) late_status_ms: [u64; 2],
    /// Share of statuses that come twice.
    pub(crate) duplicate_status: f64,
    /// Statuses come in any order.
    pub(crate) reorder: bool,
    /// Share of accepted sends that no status ever follows.
    pub(crate) no_status: f64,
    /// Share of the others that are never delivered, which a `failed` status says later.
    pub(crate) fail_status: f64,
    /// Meta's code in that status.
    pub(crate) fail_code: u64,
    /// Another seed, another course of events.
    pub(crate) seed: u64,
}

const KEYS: [&str; 12] = [
    "throttle",
    "error",
    "drop_call",
    "drop_reply",
    "late_ms",
    "late_status_ms",
    "duplicate_status",
    "reorder",
    "no_status",
    "fail_status",
    "fail_code",
    "seed",
];

/// What befalls one send.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fate {
    pub(crate) answer: Answer,
    pub(crate) late_ms: u64,
    pub(crate) late_status_ms: u64,
    pub(crate) statuses: Statuses,
}

/// What follows an accepted send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Statuses {
    None,
    /// Sent, delivered and read.
    Delivered([StatusFate; 3]),
    /// Failed, with Meta's code, and nothing else.
    Failed(u64, StatusFate),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Throttle,
    Error,
    /// Lost on its way.
    Lost,
    Accept,
    AcceptInSilence,
}

/// When a status comes, and whether it comes twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StatusFate {
    /// How long after the send, if statuses are reordered; else they follow one another.
    pub(crate) at_ms: Option<u64>,
    pub(crate) twice: bool,
}

impl Fate {
    /// Meta's code, if the send is accepted and fails later.
    pub(crate) fn failed(&self) -> Option<u64> {
        match self.statuses {
            Statuses::Failed(code, _) => Some(code),
            Statuses::None | Statuses::Delivered(_) => None,
        }
    }
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            throttle: 0.0,
            error: 0.0,
            drop_call: 0.0,
            drop_reply: 0.0,
            late_ms: [0, 0],
            late_status_ms: [0, 0],
            duplicate_status: 0.0,
            reorder: false,
            no_status: 0.0,
            fail_status: 0.0,
            fail_code: status::UNDELIVERABLE,
            seed: 0,
        }
    }
}

impl Faults {
    /// From the body of `PUT /_sim/faults`. Absent keys are off.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, String> {
        let asked: Map<String, Value> = serde_json::from_slice(body)
            .map_err(|error| format!("the body is no JSON object: {error}"))?;
        let mut faults = Self::default();
        for (key, value) in &asked {
            match key.as_str() {
                "throttle" => faults.throttle = share(key, value)?,
                "error" => faults.error = share(key, value)?,
                "drop_call" => faults.drop_call = share(key, value)?,
                "drop_reply" => faults.drop_reply = share(key, value)?,
                "duplicate_status" => faults.duplicate_status = share(key, value)?,
                "no_status" => faults.no_status = share(key, value)?,
                "fail_status" => faults.fail_status = share(key, value)?,
                "fail_code" => {
                    faults.fail_code = value
                        .as_u64()
                        .filter(|code| *code < limits::ERROR_CODE)
                        .ok_or("fail_code is one of Meta's error codes, like 131050")?;
                }
                "late_ms" => faults.late_ms = span(key, value)?,
                "late_status_ms" => faults.late_status_ms = span(key, value)?,
                "reorder" => faults.reorder = value.as_bool().ok_or("reorder is true or false")?,
                "seed" => {
                    faults.seed = value.as_u64().ok_or("seed is a whole number, 0 or more")?;
                }
                _ => {
                    return Err(format!(
                        "unknown key {key:?}: did you mean {:?}?",
                        nearest(key, &KEYS)
                    ));
                }
            }
        }
        Ok(faults)
    }

    /// What befalls the send with this number, counted from when these faults were set.
    pub(crate) fn fate(&self, send: u64) -> Fate {
        let dice = Dice {
            seed: self.seed,
            send,
        };
        let answer = if dice.happens("throttle", self.throttle) {
            Answer::Throttle
        } else if dice.happens("error", self.error) {
            Answer::Error
        } else if dice.happens("drop_call", self.drop_call) {
            Answer::Lost
        } else if dice.happens("drop_reply", self.drop_reply) {
            Answer::AcceptInSilence
        } else {
            Answer::Accept
        };
        let status = |when, again| StatusFate {
            at_ms: self
                .reorder
                .then(|| dice.between(when, 0, limits::REORDER_SPAN_MS)),
            twice: dice.happens(again, self.duplicate_status),
        };
        let statuses = if dice.happens("no_status", self.no_status) {
            Statuses::None
        } else if dice.happens("fail_status", self.fail_status) {
            Statuses::Failed(self.fail_code, status("failed_at", "failed_twice"))
        } else {
            Statuses::Delivered([
                status("sent_at", "sent_twice"),
                status("delivered_at", "delivered_twice"),
                status("read_at", "read_twice"),
            ])
        };
        let late =
            |question, [shortest, longest]: [u64; 2]| dice.between(question, shortest, longest);
        Fate {
            answer,
            late_ms: late("late", self.late_ms),
            late_status_ms: late("late_status", self.late_status_ms),
            statuses,
        }
    }
}

fn share(key: &str, value: &Value) -> Result<f64, String> {
    value
        .as_f64()
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| format!("{key} is a share between 0 and 1, not {value}"))
}

fn span(key: &str, value: &Value) -> Result<[u64; 2], String> {
    let wrong = || {
        format!(
            "{key} is [shortest, longest] in milliseconds, at most {}, not {value}",
            limits::LATE_MS
        )
    };
    match value.as_array().map(Vec::as_slice) {
        Some([shortest, longest]) => match (shortest.as_u64(), longest.as_u64()) {
            (Some(shortest), Some(longest))
                if shortest <= longest && longest <= limits::LATE_MS =>
            {
                Ok([shortest, longest])
            }
            _ => Err(wrong()),
        },
        _ => Err(wrong()),
    }
}

/// Chance that is none: the same send under the same seed always has the same luck, whatever else is thrown.
struct Dice {
    seed: u64,
    send: u64,
}

impl Dice {
    fn throw(&self, question: &str) -> u64 {
        let salt = question
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            });
        mix(mix(mix(self.seed) ^ self.send) ^ salt)
    }

    fn happens(&self, question: &str, share: f64) -> bool {
        // 32 bits are fine enough for a share, and exact in a float.
        let bits = u32::try_from(self.throw(question) >> 32).unwrap_or(0);
        f64::from(bits) / (f64::from(u32::MAX) + 1.0) < share
    }

    fn between(&self, question: &str, least: u64, most: u64) -> u64 {
        least + self.throw(question) % (most - least + 1)
    }
}

/// The finaliser of SplitMix64: every bit of the input moves every bit of the output.
fn mix(value: u64) -> u64 {
    let mut mixed = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_keys_are_off_and_wrong_ones_are_named() {
        assert_eq!(Faults::parse(b"{}"), Ok(Faults::default()));
        let cases = [
            (r#"{"throtle":0.1}"#, "did you mean \"throttle\"?"),
            (r#"{"duplicate":0.1}"#, "did you mean \"duplicate_status\"?"),
            (r#"{"error":1.1}"#, "between 0 and 1"),
            (r#"{"error":-0.1}"#, "between 0 and 1"),
            (r#"{"error":"often"}"#, "between 0 and 1"),
            (r#"{"late_ms":[5,1]}"#, "[shortest, longest]"),
            (r#"{"late_ms":7}"#, "[shortest, longest]"),
            (
                r#"{"late_status_ms":7}"#,
                "late_status_ms is [shortest, longest]",
            ),
            (r#"{"late_ms":[0,600000]}"#, "at most 60000"),
            (r#"{"reorder":1}"#, "true or false"),
            (r#"{"seed":-1}"#, "whole number"),
            (r#"{"fail_status":2}"#, "between 0 and 1"),
            (r#"{"fail_code":"131050"}"#, "like 131050"),
            ("[]", "no JSON object"),
        ];
        for (body, expected) in cases {
            let problem = Faults::parse(body.as_bytes()).unwrap_err();
            assert!(problem.contains(expected), "{body}: {problem}");
        }
    }

    #[test]
    fn the_same_seed_has_the_same_course_and_another_has_another() {
        let faults = |seed| Faults {
            throttle: 0.3,
            error: 0.3,
            drop_reply: 0.3,
            reorder: true,
            seed,
            ..Faults::default()
        };
        let course = |seed| {
            (0..200)
                .map(|send| faults(seed).fate(send))
                .collect::<Vec<_>>()
        };
        assert_eq!(course(7), course(7));
        assert_ne!(course(7), course(8));
    }

    #[test]
    fn shares_come_true_in_the_long_run() {
        let faults = Faults {
            throttle: 0.2,
            late_ms: [10, 20],
            no_status: 0.5,
            seed: 3,
            ..Faults::default()
        };
        let fates: Vec<_> = (0..10_000).map(|send| faults.fate(send)).collect();
        let throttled = fates
            .iter()
            .filter(|fate| fate.answer == Answer::Throttle)
            .count();
        let silent = fates
            .iter()
            .filter(|fate| fate.statuses == Statuses::None)
            .count();
        assert!((1_800..2_200).contains(&throttled), "{throttled}");
        assert!((4_700..5_300).contains(&silent), "{silent}");
        assert!(fates.iter().all(|fate| (10..=20).contains(&fate.late_ms)));
        let failing = Faults {
            fail_status: 0.2,
            fail_code: 131_050,
            ..faults
        };
        let fates: Vec<_> = (0..10_000).map(|send| failing.fate(send)).collect();
        let failed = fates.iter().filter_map(Fate::failed).collect::<Vec<_>>();
        assert!(
            (800..1_200).contains(&failed.len()),
            "a fifth of the half that is not silent: {}",
            failed.len()
        );
        assert!(failed.iter().all(|code| *code == 131_050));
        let always = Faults {
            throttle: 1.0,
            ..Faults::default()
        };
        let never = Faults::default();
        assert!((0..1000).all(|send| always.fate(send).answer == Answer::Throttle));
        assert!((0..1000).all(|send| never.fate(send).answer == Answer::Accept));
    }
}
