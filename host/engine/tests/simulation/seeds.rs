//! Where chance comes from: one number, from which everything in a world follows.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Worlds in an ordinary test run.
const USUAL: u64 = 2_000;

/// A stream of chance (splitmix64): small, fast, and the same on every machine.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        // Neighbouring seeds must not make neighbouring worlds.
        let mut chance = Self(seed ^ 0x746f_6c6c_6761_7465);
        chance.next();
        chance
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// Both ends included.
    pub fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last - first + 1)
    }

    /// True so many times in a thousand.
    pub fn odds(&mut self, per_mille: u64) -> bool {
        // Drawn even where the answer is known, so that a changed figure changes as little else as can be.
        self.below(1000) < per_mille
    }

    pub fn pick<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        let place = self.below(among.len() as u64);
        &among[usize::try_from(place).unwrap()]
    }

    pub fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap()
    }
}

/// How many worlds: `TOLLGATE_SEEDS` says, or the usual number.
pub fn many() -> u64 {
    asked("TOLLGATE_SEEDS").unwrap_or(USUAL)
}

/// The one world that `TOLLGATE_SEED` asks for.
pub fn one() -> Option<u64> {
    asked("TOLLGATE_SEED")
}

/// Where the seeds begin: `TOLLGATE_SEEDS_FROM`, so that a nightly run need not look at the same worlds each night.
pub fn first() -> u64 {
    asked("TOLLGATE_SEEDS_FROM").unwrap_or(0)
}

fn asked(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is a number, and not {text:?}")),
    )
}

/// Worlds that fail are looked for until so many are found: what breaks everything need not be seen in each.
pub const ENOUGH: usize = 20;

/// Runs `world` for every seed, on all processors, each world in one thread, until there are `enough` that give something; in the
/// order of their seeds.
pub fn find<T: Send>(
    seeds: Range<u64>,
    enough: usize,
    world: impl Fn(u64) -> Option<T> + Sync,
) -> Vec<(u64, T)> {
    let next = AtomicU64::new(seeds.start);
    let found = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return;
            }
            if let Some(outcome) = world(seed) {
                let mut found = found.lock().unwrap();
                found.push((seed, outcome));
                if found.len() >= enough {
                    next.store(seeds.end, Ordering::Relaxed);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let mut found = found.into_inner().unwrap();
    found.sort_by_key(|(seed, _)| *seed);
    found
}
