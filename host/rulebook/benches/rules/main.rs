//! `cargo xtask bench rules`: what it costs to find the rule that applies among ten rules and among ten thousand, and what the index
//! costs that makes it so.
//!
//! All sizes are searched in one process, in turn, less than a millisecond each, again and again, so that whatever else the machine does
//! slows all of them alike; what is judged is their ratio. It ends with 1 if a target is missed.
#![expect(
    clippy::indexing_slicing,
    reason = "lists of fixed length, by what is counted up to their length"
)]

mod counting;
mod figures;
mod report;
mod scene;
mod shop;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rulebook::{Draft, read};

use crate::figures::{Figures, Measured};
use crate::scene::Scene;

const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];
const WARM_UP_ROUNDS: usize = 40;
const ROUNDS: usize = 1_200;
/// Of each size, a quarter for each place where a rule may stand: near the top, in the middle, near the end, nowhere.
const MESSAGES: usize = 1_024;
/// As many of them as take less than a millisecond.
const MESSAGES_PER_ROUND: usize = 256;
const PLACES: [Option<usize>; 4] = [Some(0), Some(45), Some(90), None];
/// One rule looked at after the other takes its time: fewer of those.
const LINEAR_MESSAGES: usize = 32;
const LINEAR_ROUNDS: usize = 5;
const BUILDS: usize = 11;
const READINGS: usize = 3;

pub(crate) type Fault = Box<dyn std::error::Error>;

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
    let mut stages = Vec::new();
    for rules in SIZES {
        stages.push(Stage::new(rules)?);
    }
    measure(&mut stages);
    let figures = Figures {
        sizes: stages.into_iter().map(|stage| stage.measured).collect(),
    };
    if as_json {
        println!("{:#}", report::json(&figures)?);
    } else {
        println!("{}", report::table(&figures)?);
    }
    Ok(report_only || figures.targets()?.iter().all(figures::Target::is_met))
}

/// A rulebook of one size, and the messages that it is searched for.
struct Stage {
    draft: Draft,
    scenes: Vec<Scene>,
    measured: Measured,
}

impl Stage {
    fn new(rules: usize) -> Result<Self, Fault> {
        let sources = shop::rulebook(rules);
        let mut readings = Vec::new();
        let mut draft = None;
        for _ in 0..READINGS {
            drop(draft.take());
            let began = Instant::now();
            let reading = read(&sources, &scene::names()?);
            readings.push(began.elapsed());
            let found = reading.diagnostics.first();
            if let Some(found) = found {
                return Err(found.render(false).into());
            }
            draft = reading.draft;
        }
        let draft = draft.ok_or("there is no draft")?;
        let mut builds = Vec::new();
        let before = counting::live_bytes();
        let mut index_bytes = 0;
        for _ in 0..BUILDS {
            let began = Instant::now();
            let built = draft.build_index().ok_or("the index is refused")?;
            builds.push(began.elapsed());
            index_bytes = counting::live_bytes() - before;
            drop(built);
        }
        let mut drawn = shop::Drawn::new(1);
        let mut scenes = Vec::new();
        for number in 0..MESSAGES {
            let rule = PLACES[number % PLACES.len()]
                .map(|hundredths| shop::rule_at(hundredths, rules, &mut drawn));
            scenes.push(Scene::new(&shop::message(rule, &mut drawn), rule)?);
        }
        let source_bytes = sources.iter().map(|source| source.text.len()).sum();
        let mut measured = Measured::new(rules, source_bytes, readings, builds, index_bytes);
        count(&draft, &scenes, &mut measured)?;
        Ok(Self {
            draft,
            scenes,
            measured,
        })
    }

    /// A part of the messages, another one in each round.
    fn scenes(&self, round: usize) -> &[Scene] {
        let parts = self.scenes.chunks(MESSAGES_PER_ROUND);
        let part = round % parts.len().max(1);
        self.scenes
            .chunks(MESSAGES_PER_ROUND)
            .nth(part)
            .unwrap_or_default()
    }

    /// What searching takes.
    fn search(&self, round: usize) -> Duration {
        let began = Instant::now();
        for scene in self.scenes(round) {
            black_box(self.draft.search(black_box(&scene.facts()), 0));
        }
        began.elapsed()
    }

    /// What folding a message's words takes of that.
    fn fold(&self, round: usize) -> Duration {
        let began = Instant::now();
        for scene in self.scenes(round) {
            black_box(self.draft.fold_alone(black_box(&scene.facts())));
        }
        began.elapsed()
    }

    fn search_without_index(&self) -> Duration {
        let began = Instant::now();
        for scene in self.scenes.iter().take(LINEAR_MESSAGES) {
            black_box(self.draft.search_without_index(black_box(&scene.facts())));
        }
        began.elapsed()
    }
}

/// Finds each rule where it is expected, with and without the index, and counts what was looked at and allocated on the way.
fn count(draft: &Draft, scenes: &[Scene], measured: &mut Measured) -> Result<(), Fault> {
    for (number, scene) in scenes.iter().enumerate() {
        let before = counting::allocations();
        let search = draft.search(&scene.facts(), 0);
        measured.allocations += counting::allocations() - before;
        measured.looks += search.looks.len() + search.looks_left_out;
        let found = search.hit.map(|hit| hit.rule);
        if found != scene.rule {
            let (rule, text) = (scene.rule, scene.text());
            return Err(format!("{text:?} is for rule {rule:?}, and {found:?} was found").into());
        }
        if number < LINEAR_MESSAGES && draft.search_without_index(&scene.facts()) != found {
            return Err("with and without the index not the same is found".into());
        }
    }
    measured.messages = scenes.len();
    Ok(())
}

fn measure(stages: &mut [Stage]) {
    for round in 0..WARM_UP_ROUNDS + ROUNDS {
        for stage in stages.iter_mut() {
            let (search, fold) = (stage.search(round), stage.fold(round));
            if round >= WARM_UP_ROUNDS {
                stage.measured.searches.push(search);
                stage.measured.folds.push(fold);
            }
        }
    }
    for _ in 0..LINEAR_ROUNDS {
        for stage in stages.iter_mut() {
            let linear = stage.search_without_index();
            stage.measured.linear.push(linear);
        }
    }
}
