//! `cargo xtask bench sandbox`: what a turn costs, as the plugin's own code takes it natively, in a reused instance, and as the product does it.
//!
//! All ways are measured in one process, in turn, about a millisecond each, again and again, so that whatever else the
//! machine does slows all of them alike; what is judged are ratios. It ends with 1 if one misses its target.

mod figures;
mod loading;
mod native_closure;
mod native_plugin;
mod report;
mod stage;
mod workers;

use std::process::ExitCode;

use sandbox::{Sandbox, Settings};

use crate::figures::{Measured, Pair, Row, Target};
use crate::workers::{Fault, Plugins, Way, Worker, measure};

/// As the product has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const WARM_UP_ROUNDS: usize = 20;
const ROUNDS: usize = 400;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("error: {fault}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool, Fault> {
    let (mut as_json, mut report_only) = (false, false);
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--json" => as_json = true,
            "--report-only" => report_only = true,
            // Cargo's own.
            "--bench" => {}
            other => return Err(format!("{other:?}: there are --json and --report-only").into()),
        }
    }
    let measured = turns()?;
    let loading = loading::measure()?;
    let rows: Vec<Row> = measured
        .iter()
        .map(Measured::row)
        .collect::<Result<_, _>>()?;
    let targets = figures::targets(&measured, &rows, &loading)?;
    if as_json {
        println!("{:#}", report::json(&rows, &loading, &targets));
    } else {
        println!("{}", report::table(&rows, &loading, &targets));
    }
    Ok(report_only || targets.iter().all(Target::is_met))
}

fn turns() -> Result<Vec<Measured>, Fault> {
    let sandbox = Sandbox::new(Settings::default())?;
    let plugins = Plugins {
        ours: stage::load(&sandbox, "auto-reply", shipped::AUTO_REPLY)?,
        with_standard_allocator: stage::load(
            &sandbox,
            "auto-reply-with-standard-allocator",
            shipped::AUTO_REPLY_WITH_STANDARD_ALLOCATOR,
        )?,
    };
    let workers = [Worker::start(plugins.clone())?, Worker::start(plugins)?];
    let (one, two) = (&workers[..1], &workers[..]);
    let mut measured = Way::ALL.map(|way| Measured {
        way,
        rounds: Vec::with_capacity(ROUNDS),
    });
    for round in 0..WARM_UP_ROUNDS + ROUNDS {
        for measured in &mut measured {
            let pair = Pair {
                one: measure(one, measured.way)?,
                two: measure(two, measured.way)?,
            };
            if round >= WARM_UP_ROUNDS {
                measured.rounds.push(pair);
            }
        }
    }
    Ok(measured.into())
}
