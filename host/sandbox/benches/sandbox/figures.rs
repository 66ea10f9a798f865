//! From what was measured to figures, and from figures to a verdict.

use std::time::Duration;

use crate::loading::Loading;
use crate::workers::{Batch, Fault, Way};

/// Rounds without an interruption that it takes to judge how runs scale: fewer say more about the machine's other work.
const ROUNDS_NEEDED: usize = 10;

/// Half are below the median, one in a hundred is above the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) p99: f64,
}

impl Spread {
    pub(crate) fn of(mut values: Vec<f64>) -> Result<Self, Fault> {
        values.sort_by(f64::total_cmp);
        let at = |hundredths: usize| values.get(values.len() * hundredths / 100).copied();
        match (at(50), at(99)) {
            (Some(median), Some(p99)) => Ok(Self { median, p99 }),
            _ => Err("nothing was measured".into()),
        }
    }
}

pub(crate) fn microseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// One way of taking turns in one round: alone, and on two threads at once.
pub(crate) struct Pair {
    pub(crate) one: Vec<Batch>,
    pub(crate) two: Vec<Batch>,
}

/// All that was measured of one way.
pub(crate) struct Measured {
    pub(crate) way: Way,
    pub(crate) rounds: Vec<Pair>,
}

/// What one way costs, in microseconds for each turn.
pub(crate) struct Row {
    pub(crate) way: Way,
    pub(crate) one: Cost,
    pub(crate) two: Cost,
    /// Two threads' throughput over one's, in the rounds that nobody interrupted.
    pub(crate) scaling: Option<f64>,
    pub(crate) rounds_counted: usize,
}

pub(crate) struct Cost {
    pub(crate) wall: Spread,
    /// The mean.
    pub(crate) processor: f64,
}

impl Measured {
    pub(crate) fn row(&self) -> Result<Row, Fault> {
        let quiet: Vec<f64> = self.rounds.iter().filter_map(Pair::scaling).collect();
        let rounds_counted = quiet.len();
        let scaling = (rounds_counted >= ROUNDS_NEEDED).then_some(quiet);
        Ok(Row {
            way: self.way,
            one: cost(self.rounds.iter().flat_map(|pair| &pair.one))?,
            two: cost(self.rounds.iter().flat_map(|pair| &pair.two))?,
            scaling: match scaling {
                Some(quiet) => Some(Spread::of(quiet)?.median),
                None => None,
            },
            rounds_counted,
        })
    }

    /// How many times as much as the other a turn costs, round by round, so that what slows the machine slows both.
    pub(crate) fn over(&self, other: &Self) -> Result<f64, Fault> {
        let median = |pair: &Pair| median(&pair.one);
        let ratios: Result<_, Fault> = self
            .rounds
            .iter()
            .zip(&other.rounds)
            .map(|(own, other)| Ok(median(own)? / median(other)?))
            .collect();
        Ok(Spread::of(ratios?)?.median)
    }
}

impl Pair {
    /// Nothing if either was interrupted or one thread had no processor to begin with: then it tells of the machine and
    /// not of the sandbox. What slows a thread that runs is none of that, and counts.
    fn scaling(&self) -> Option<f64> {
        let mut both = self.one.iter().chain(&self.two);
        if both.any(|batch| batch.interrupted > 0) || !began_together(&self.two)? {
            return None;
        }
        Some(throughput(&self.two)? / throughput(&self.one)?)
    }
}

/// Whether the threads began within a tenth of the time that the shorter of them took.
fn began_together(batches: &[Batch]) -> Option<bool> {
    let first = batches.iter().map(|batch| batch.began).min()?;
    let last = batches.iter().map(|batch| batch.began).max()?;
    let shortest = batches
        .iter()
        .map(|batch| batch.ended - batch.began)
        .min()?;
    Some((last - first) * 10 <= shortest)
}

/// Turns for each second, from the first thread's beginning to the last one's end.
fn throughput(batches: &[Batch]) -> Option<f64> {
    let began = batches.iter().map(|batch| batch.began).min()?;
    let ended = batches.iter().map(|batch| batch.ended).max()?;
    let turns: usize = batches.iter().map(|batch| batch.turns.len()).sum();
    Some(count(turns) / (ended - began).as_secs_f64())
}

fn median(batches: &[Batch]) -> Result<f64, Fault> {
    let turns = batches.iter().flat_map(|batch| &batch.turns);
    Ok(Spread::of(
        turns
            .map(|nanoseconds| in_microseconds(*nanoseconds))
            .collect(),
    )?
    .median)
}

fn cost<'a>(batches: impl Iterator<Item = &'a Batch>) -> Result<Cost, Fault> {
    let mut walls = Vec::new();
    let mut processor = Duration::ZERO;
    for batch in batches {
        walls.extend(batch.turns.iter().map(|turn| in_microseconds(*turn)));
        processor += batch.processor;
    }
    Ok(Cost {
        processor: microseconds(processor) / count(walls.len()),
        wall: Spread::of(walls)?,
    })
}

#[allow(
    clippy::cast_precision_loss,
    reason = "far below 2^52 turns and nanoseconds"
)]
fn in_microseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e3
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^52 turns")]
fn count(turns: usize) -> f64 {
    turns as f64
}

/// What is demanded.
pub(crate) struct Target {
    pub(crate) what: &'static str,
    /// Nothing where the machine was too busy to tell.
    pub(crate) found: Option<f64>,
    pub(crate) bound: Bound,
    pub(crate) unit: &'static str,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
    /// Told, and not judged.
    Free,
}

impl Target {
    /// What could not be measured was not met.
    pub(crate) fn is_met(&self) -> bool {
        self.found.is_some_and(|found| match self.bound {
            Bound::AtMost(most) => found <= most,
            Bound::AtLeast(least) => found >= least,
            Bound::Free => true,
        })
    }
}

/// Every target, against what was measured.
pub(crate) fn targets(
    measured: &[Measured],
    rows: &[Row],
    loading: &Loading,
) -> Result<Vec<Target>, Fault> {
    let of = |way: Way| {
        let found = measured.iter().find(|measured| measured.way == way);
        found.ok_or("a way was not measured")
    };
    let fresh = of(Way::Fresh)?;
    let scaling = rows.iter().find(|row| row.way == Way::Fresh);
    Ok(vec![
        Target {
            what: "fresh / native, the plugin's code",
            found: Some(fresh.over(of(Way::NativePlugin)?)?),
            bound: Bound::AtMost(15.0),
            unit: "x",
        },
        Target {
            what: "fresh / the same with a turn of its own",
            found: Some(fresh.over(of(Way::NativePluginCopied)?)?),
            bound: Bound::Free,
            unit: "x",
        },
        Target {
            what: "fresh / native closure, by hand",
            found: Some(fresh.over(of(Way::NativeClosure)?)?),
            bound: Bound::Free,
            unit: "x",
        },
        Target {
            what: "fresh / reused",
            found: Some(fresh.over(of(Way::Reused)?)?),
            bound: Bound::AtMost(4.0),
            unit: "x",
        },
        Target {
            what: "two threads / one, fresh",
            found: scaling.and_then(|row| row.scaling),
            bound: Bound::AtLeast(1.7),
            unit: "x",
        },
        Target {
            what: "load of cached code, median",
            found: Some(loading.cached.median / 1e3),
            bound: Bound::AtMost(2.0),
            unit: " ms",
        },
    ])
}
