//! A backlog on disk: filled with nobody working on it, taken up by a new host, drained.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger::sqlite::SqliteLedger;
use ledger::{Arrival, Ledger};

use engine::{Clock, SystemClock};

use crate::house::{self, Shop};
use crate::machine;
use crate::settled::Settled;

const TOGETHER: u64 = 1000;

/// True if memory stayed within what a busy host has.
pub(crate) async fn run(shop: &Shop, settled: &Arc<Settled>, messages: u64, as_json: bool) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let fill = Instant::now();
    {
        let ledger = SqliteLedger::open(&folder.path().join("ledger.db")).unwrap();
        for first in (0..messages).step_by(TOGETHER as usize) {
            let now = SystemClock.now();
            let which = first..messages.min(first + TOGETHER);
            let arrivals = which.map(|which| Arrival {
                notice: house::message(which, now),
                is_stop: false,
                silent_until: None,
            });
            ledger.accept(arrivals.collect(), now).await.unwrap();
        }
    }
    let filled = fill.elapsed();
    let bytes = machine::bytes_in(folder.path());
    let before = machine::resident_mb();
    settled.begin(0, None);
    let start = Instant::now();
    let engine = shop.open(folder.path()).await;
    let ready = start.elapsed();
    let mut most = machine::resident_mb();
    while settled.done() < messages {
        tokio::time::sleep(Duration::from_millis(100)).await;
        most = most.max(machine::resident_mb());
    }
    let drained = start.elapsed();
    engine.stop().await;
    let rate = messages as f64 / drained.as_secs_f64();
    if as_json {
        println!(
            "{}",
            serde_json::json!({
                "messages": messages, "filled_s": filled.as_secs_f64(), "file_bytes": bytes, "ready_ms": ready.as_millis() as u64,
                "drained_s": drained.as_secs_f64(), "settled_per_second": rate, "resident_before_mb": before, "resident_most_mb": most,
            })
        );
    } else {
        println!(
            "{messages} undone messages of {} contacts: filled in {:.1} s ({} MB), ready {:.0} ms after opening, drained in {:.1} s ({rate:.0}/s); {before} MB resident before, {most} MB at most",
            house::CONTACTS,
            filled.as_secs_f64(),
            bytes / 1_000_000,
            ready.as_secs_f64() * 1e3,
            drained.as_secs_f64(),
        );
    }
    true
}
