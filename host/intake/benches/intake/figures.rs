//! From what was measured to figures, and from figures to a verdict.

use std::time::Duration;

use crate::{Fault, Way};

/// Ours may cost so many times what the bare way does.
const AT_MOST: f64 = 1.3;

/// All that was measured.
pub(crate) struct Figures {
    pub(crate) one: Measured,
    pub(crate) thousand: Measured,
}

/// What one body cost, each way, round by round.
pub(crate) struct Measured {
    pub(crate) bytes: usize,
    pub(crate) notices: usize,
    rounds: Vec<[Duration; Way::ALL.len()]>,
}

/// Ours over the bare way, and what it may be.
pub(crate) struct Target {
    pub(crate) found: f64,
    pub(crate) at_most: f64,
}

impl Figures {
    pub(crate) fn target(&self) -> Result<Target, Fault> {
        Ok(Target {
            found: self.one.ratio(Way::Ours, Way::Bare)?,
            at_most: AT_MOST,
        })
    }
}

impl Target {
    pub(crate) fn is_met(&self) -> bool {
        self.found <= self.at_most
    }
}

impl Measured {
    pub(crate) fn new(bytes: usize, notices: usize) -> Self {
        Self {
            bytes,
            notices,
            rounds: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, times: [Duration; Way::ALL.len()]) {
        self.rounds.push(times);
    }

    /// The median and the ninety-ninth percentile, in microseconds.
    pub(crate) fn spread(&self, way: Way) -> Result<(f64, f64), Fault> {
        let times: Vec<f64> = self.times(way).collect();
        Ok((percentile(times.clone(), 50)?, percentile(times, 99)?))
    }

    /// How many times as much as the other a body costs, round by round, so that what slows the machine slows both.
    pub(crate) fn ratio(&self, way: Way, other: Way) -> Result<f64, Fault> {
        let ratios = self
            .times(way)
            .zip(self.times(other))
            .map(|(own, other)| own / other);
        percentile(ratios.collect(), 50)
    }

    fn times(&self, way: Way) -> impl Iterator<Item = f64> {
        let times = self
            .rounds
            .iter()
            .flat_map(move |round| Way::ALL.into_iter().zip(round));
        times
            .filter(move |(measured, _)| *measured == way)
            .map(|(_, time)| time.as_secs_f64() * 1e6)
    }
}

fn percentile(mut values: Vec<f64>, hundredths: usize) -> Result<f64, Fault> {
    values.sort_by(f64::total_cmp);
    let found = values.get(values.len() * hundredths / 100);
    found.copied().ok_or_else(|| "nothing was measured".into())
}
