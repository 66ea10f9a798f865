//! I8: a length that lies, and a list that is huge, cost the host no memory. In a process of its own, which it measures.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    dead_code,
    reason = "helpers of tests are tests, too, and not all are used here"
)]

#[path = "sandbox/handmade.rs"]
mod handmade;
#[path = "sandbox/stage.rs"]
mod stage;

use model::RunResult;
use sandbox::{RunLimits, Sandbox, Settings};

use crate::handmade::handmade;
use crate::stage::{Recorder, everything, load_into, turn};

/// What the guests claim to send: a gibibyte, 19 GiB of cards, and 2.4 MB of strings.
const GUESTS: [&str; 4] = [
    "lying-string",
    "lying-list",
    "aliased-strings",
    "overlapping-strings",
];

/// Far below what any of them claims, far above what a run needs.
const ALLOWED_KIB: u64 = 2 * 1024;

/// The most that this process ever held, since it was last asked to forget it.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn forget_the_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

#[tokio::test]
async fn i08_what_is_claimed_and_not_there_costs_the_host_nothing() {
    let sandbox = Sandbox::new(Settings::default()).unwrap();
    let limits = RunLimits::default();
    for guest in GUESTS {
        let plugin = load_into(&sandbox, guest, &handmade(guest), &everything(), limits).unwrap();
        let run = async || {
            let (report, _) = plugin.run(&turn("oi"), "{}", Recorder::default()).await;
            assert!(matches!(report.result, RunResult::Failed(_)), "{guest}");
        };
        // Whatever a first run sets up.
        run().await;
        forget_the_peak();
        let before = peak_kib();
        for _ in 0..10 {
            run().await;
        }
        let grown = peak_kib().saturating_sub(before);
        assert!(grown < ALLOWED_KIB, "{guest}: {grown} KiB");
    }
}
