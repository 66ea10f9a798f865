//! From what was measured to figures, and from figures to a verdict.

use std::time::Duration;

use crate::{Fault, LINEAR_MESSAGES, MESSAGES_PER_ROUND};

/// A message may cost so many times as much among ten thousand rules as among ten.
const RATIO_AT_MOST: f64 = 2.0;
/// The index of ten thousand rules may take so many milliseconds.
const BUILD_MS_AT_MOST: f64 = 300.0;
/// Reading them, check and index included, may take so many.
const READING_MS_AT_MOST: f64 = 2_000.0;

/// All that was measured, the smallest rulebook first.
pub(crate) struct Figures {
    pub(crate) sizes: Vec<Measured>,
}

/// What was measured with one rulebook.
pub(crate) struct Measured {
    pub(crate) rules: usize,
    pub(crate) source_bytes: usize,
    pub(crate) index_bytes: usize,
    pub(crate) messages: usize,
    pub(crate) looks: usize,
    pub(crate) allocations: usize,
    readings: Vec<Duration>,
    builds: Vec<Duration>,
    /// Of a part of the messages, round by round.
    pub(crate) searches: Vec<Duration>,
    pub(crate) folds: Vec<Duration>,
    pub(crate) linear: Vec<Duration>,
}

/// What was found, and what it may be.
pub(crate) struct Target {
    pub(crate) what: &'static str,
    pub(crate) found: f64,
    pub(crate) at_most: f64,
}

impl Target {
    pub(crate) fn is_met(&self) -> bool {
        self.found <= self.at_most
    }
}

impl Figures {
    pub(crate) fn targets(&self) -> Result<[Target; 3], Fault> {
        let (Some(few), Some(many)) = (self.sizes.first(), self.sizes.last()) else {
            return Err("nothing was measured".into());
        };
        Ok([
            Target {
                what: "a message among 10,000 rules, times one among 10",
                found: many.ratio(few)?,
                at_most: RATIO_AT_MOST,
            },
            Target {
                what: "index of 10,000 rules, ms",
                found: many.build_ms()?,
                at_most: BUILD_MS_AT_MOST,
            },
            Target {
                what: "reading 10,000 rules, index included, ms",
                found: many.reading_ms()?,
                at_most: READING_MS_AT_MOST,
            },
        ])
    }
}

impl Measured {
    pub(crate) fn new(
        rules: usize,
        source_bytes: usize,
        readings: Vec<Duration>,
        builds: Vec<Duration>,
        index_bytes: usize,
    ) -> Self {
        Self {
            rules,
            source_bytes,
            index_bytes,
            messages: 0,
            looks: 0,
            allocations: 0,
            readings,
            builds,
            searches: Vec::new(),
            folds: Vec::new(),
            linear: Vec::new(),
        }
    }

    /// The median and the ninety-ninth percentile of what a message takes, in nanoseconds.
    pub(crate) fn search_ns(&self) -> Result<(f64, f64), Fault> {
        let each = self.each_ns(&self.searches, MESSAGES_PER_ROUND);
        Ok((percentile(each.clone(), 50)?, percentile(each, 99)?))
    }

    pub(crate) fn fold_ns(&self) -> Result<f64, Fault> {
        percentile(self.each_ns(&self.folds, MESSAGES_PER_ROUND), 50)
    }

    pub(crate) fn linear_ns(&self) -> Result<f64, Fault> {
        percentile(self.each_ns(&self.linear, LINEAR_MESSAGES), 50)
    }

    pub(crate) fn build_ms(&self) -> Result<f64, Fault> {
        percentile(milliseconds(&self.builds), 50)
    }

    pub(crate) fn reading_ms(&self) -> Result<f64, Fault> {
        percentile(milliseconds(&self.readings), 50)
    }

    /// How many times as much as with the other rulebook a message takes, round by round, so that what slows the machine slows both.
    pub(crate) fn ratio(&self, other: &Self) -> Result<f64, Fault> {
        let rounds = self.searches.iter().zip(&other.searches);
        let ratios = rounds.map(|(own, other)| own.as_secs_f64() / other.as_secs_f64());
        percentile(ratios.collect(), 50)
    }

    pub(crate) fn per_message(&self, all: usize) -> f64 {
        count(all) / count(self.messages)
    }

    fn each_ns(&self, rounds: &[Duration], messages: usize) -> Vec<f64> {
        let each = rounds
            .iter()
            .map(|round| round.as_secs_f64() * 1e9 / count(messages));
        each.collect()
    }
}

fn milliseconds(times: &[Duration]) -> Vec<f64> {
    times.iter().map(|time| time.as_secs_f64() * 1e3).collect()
}

fn percentile(mut values: Vec<f64>, hundredths: usize) -> Result<f64, Fault> {
    values.sort_by(f64::total_cmp);
    let found = values.get(values.len() * hundredths / 100);
    found.copied().ok_or_else(|| "nothing was measured".into())
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub(crate) fn count(of: usize) -> f64 {
    of as f64
}
