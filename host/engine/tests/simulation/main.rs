//! The proof: engine, ledger and network in one thread and in virtual time, all chance from one seed. The real engine, real plugins
//! in the real sandbox, the real SQLite ledger; around them a network and a disk that misbehave, operators, reloads, and hosts that
//! die at any commit. A judge that knows all of it holds what happened against the invariants.
//!
//! `cargo xtask simulate` runs many seeds, `cargo xtask simulate --seed N` one, with everything that happened in it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    unreachable_pub,
    reason = "in a test, a panic is the answer, and a replayed world is printed"
)]

mod faulty;
mod host;
mod judge;
mod network;
#[path = "../house/operations.rs"]
mod operations;
mod sabotage;
mod seeds;
mod shop;
mod story;
mod trace;
mod verdict;
mod world;

use host::Outcome;
use sabotage::Sabotage;
use seeds::Chance;
use story::{Crash, Side, Story};

/// The world of a seed.
fn world(seed: u64, sabotage: Sabotage) -> Outcome {
    let mut chance = Chance::new(seed);
    let story = Story::new(&mut chance);
    host::run(&story, chance, sabotage)
}

/// A world that broke a promise: its last events, and what the judge says.
fn told(seed: u64, outcome: &Outcome) -> String {
    format!(
        "seed {seed}, the last of {} events:\n{}\n\n{}\n\nall of it: cargo xtask simulate --seed {seed}",
        outcome.trace.len(),
        outcome.trace.last(),
        outcome.violations.join("\n"),
    )
}

fn first_blame(outcome: &Outcome) -> Option<&str> {
    outcome.violations.first().map(String::as_str)
}

#[test]
fn i01_to_i14_hold_in_every_world() {
    let first = seeds::first();
    let failed = seeds::find(first..first + seeds::many(), seeds::ENOUGH, |seed| {
        let outcome = world(seed, Sabotage::Nothing);
        let blame = first_blame(&outcome)?.to_owned();
        Some((blame, told(seed, &outcome)))
    });
    let list = |(seed, (blame, _)): &(u64, (String, String))| format!("{seed}: {blame}");
    let all: Vec<String> = failed.iter().map(list).collect();
    if let Some((_, (_, told))) = failed.first() {
        panic!("{told}\n\nworlds that failed:\n{}", all.join("\n"));
    }
}

/// The one that `TOLLGATE_SEED` names, with everything that happened in it; nothing if it names none.
#[test]
fn replay() {
    let Some(seed) = seeds::one() else { return };
    trace::Trace::shows();
    let outcome = world(seed, Sabotage::Nothing);
    println!(
        "\nseed {seed}: {} lives, {} commits, {} messages, {} requests taken, digest {:016x}",
        outcome.lives,
        outcome.writes,
        outcome.decided,
        outcome.taken,
        outcome.trace.digest()
    );
    let blames = outcome.violations.join("\n");
    assert!(outcome.violations.is_empty(), "{blames}");
}

#[test]
fn a_seed_makes_the_same_world_each_time() {
    let differing = seeds::find(0..40, 1, |seed| {
        let (one, other) = (
            world(seed, Sabotage::Nothing),
            world(seed, Sabotage::Nothing),
        );
        let differs = one.trace.differs(&other.trace);
        if differs.is_none() {
            assert_eq!(one.trace.digest(), other.trace.digest());
        }
        differs
    });
    if let Some((seed, line)) = differing.first() {
        panic!("seed {seed} differs from itself at {line}");
    }
}

/// Small stories in which nothing goes wrong but this: the host dies at one commit, each in turn, on either side of it.
#[test]
fn i01_i02_i03_i11_a_host_may_die_at_any_commit() {
    let stories = 4;
    let failed = seeds::find(0..stories, 1, |seed| {
        let dies = |crashes: Vec<Crash>| {
            let mut chance = Chance::new(seed);
            let mut story = Story::small(&mut chance);
            story.crashes = crashes;
            host::run(&story, chance, Sabotage::Nothing)
        };
        let whole = dies(Vec::new());
        if first_blame(&whole).is_some() {
            return Some(told(seed, &whole));
        }
        for nth in 1..=whole.writes {
            for side in [Side::Before, Side::After] {
                let crash = Crash {
                    operation: None,
                    nth,
                    side,
                };
                let outcome = dies(vec![crash]);
                if first_blame(&outcome).is_some() {
                    let told = told(seed, &outcome);
                    return Some(format!("died at commit {nth}, {side:?}: {told}"));
                }
            }
        }
        None
    });
    if let Some((_, told)) = failed.first() {
        panic!("{told}");
    }
}

/// A judge that never blames anybody proves nothing: each of these hosts is broken, and each is caught.
#[test]
fn a_broken_host_is_caught() {
    for sabotage in Sabotage::ALL {
        let caught = seeds::find(0..2_000, 1, |seed| {
            first_blame(&world(seed, sabotage)).map(str::to_owned)
        });
        let Some((seed, blame)) = caught.first() else {
            panic!("{sabotage:?} is never caught");
        };
        println!("{sabotage:?} is caught by seed {seed}: {blame}");
    }
}
