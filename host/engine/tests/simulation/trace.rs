//! What happened in a world, in order, as people read it; and one number for all of it.

use std::sync::atomic::{AtomicBool, Ordering};

/// A world's events. A world that is run again has the same.
#[derive(Debug, Default)]
pub struct Trace {
    lines: Vec<String>,
    digest: u64,
}

static AT_ONCE: AtomicBool = AtomicBool::new(false);

/// Lines shown of a world that failed: what led to it is near the end.
const SHOWN: usize = 80;

impl Trace {
    pub fn note(&mut self, at_ms: u64, what: &str) {
        let line = format!("{:>4}.{:03}  {what}", at_ms / 1000, at_ms % 1000);
        for byte in line.bytes() {
            // FNV-1a: it tells two traces apart, nobody attacks it.
            self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if AT_ONCE.load(Ordering::Relaxed) {
            println!("{line}");
        }
        self.lines.push(line);
    }

    pub fn digest(&self) -> u64 {
        self.digest
    }

    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// From now on every event is shown as it happens.
    pub fn shows() {
        AT_ONCE.store(true, Ordering::Relaxed);
    }

    pub fn last(&self) -> String {
        let from = self.lines.len().saturating_sub(SHOWN);
        self.lines[from..].join("\n")
    }

    /// The first line in which two worlds differ.
    pub fn differs(&self, other: &Self) -> Option<String> {
        let pairs = self.lines.iter().zip(&other.lines);
        let differing = pairs.enumerate().find(|(_, (one, other))| one != other);
        match differing {
            Some((place, (one, other))) => Some(format!("line {place}:\n{one}\n{other}")),
            None if self.lines.len() == other.lines.len() => None,
            None => Some(format!(
                "{} lines and {}",
                self.lines.len(),
                other.lines.len()
            )),
        }
    }
}
