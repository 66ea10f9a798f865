//! `cargo xtask bench engine`, its first half: from accept to settle, in one process. The real engine on a real ledger with fsync, the
//! shipped auto-reply plugin in the real sandbox, a fresh instance for each message, a rule that answers, and sending withheld.
//!
//! Load and engine share the machine: the callers of `accept` run on the same workers. What a message has cost is the whole process's
//! processor time, the load's included.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark: what fails ends it, with the place"
)]

mod backlog;
mod house;
mod load;
mod machine;
mod report;
mod settled;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use house::Shop;
use load::{Load, Measured};

/// As the product has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Callers of `accept`, each of whom waits for its answer before it calls again.
const CONNECTIONS: [usize; 4] = [1, 8, 64, 256];
/// More than any machine of two cores takes: what is bounded then, and what becomes of what was taken.
const OVERLOAD: usize = 4096;

/// What is asked of two cores, at as many connections as it takes.
const TARGET: f64 = 20_000.0;
/// What overload may add to the memory of a host that is busy anyway.
const OVERLOAD_MB: u64 = 200;

struct Options {
    json: bool,
    report_only: bool,
    quick: bool,
    /// One number of connections instead of all, for a profile.
    only: Option<usize>,
    /// So many undone messages: filled, taken up again, drained.
    backlog: Option<u64>,
}

fn main() -> ExitCode {
    let options = options();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let is_met = runtime.block_on(run(&options));
    if is_met || options.report_only {
        return ExitCode::SUCCESS;
    }
    ExitCode::FAILURE
}

fn options() -> Options {
    let mut options = Options {
        json: false,
        report_only: false,
        quick: false,
        only: None,
        backlog: None,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--json" => options.json = true,
            "--report-only" => options.report_only = true,
            "--quick" => options.quick = true,
            "--only" => options.only = words.next().and_then(|count| count.parse().ok()),
            "--backlog" => options.backlog = words.next().and_then(|count| count.parse().ok()),
            // Cargo's own.
            "--bench" => {}
            other => {
                panic!("{other:?}: there are --json, --report-only, --quick, --only and --backlog")
            }
        }
    }
    options
}

async fn run(options: &Options) -> bool {
    let settled = settled::listen();
    let shop = Shop::new().await;
    if let Some(messages) = options.backlog {
        return backlog::run(&shop, &settled, messages, options.json).await;
    }
    let (warm_up, span) = match options.quick {
        true => (Duration::from_millis(1500), Duration::from_secs(4)),
        false => (Duration::from_secs(3), Duration::from_secs(12)),
    };
    let mut rows: Vec<Measured> = Vec::new();
    for connections in CONNECTIONS {
        if options.only.is_some_and(|only| only != connections) {
            continue;
        }
        let load = Load {
            connections,
            undone: 8 * connections,
            warm_up,
            span,
        };
        rows.push(load::measure(&shop, Arc::clone(&settled), load).await);
    }
    let overload = match options.only {
        None => {
            let load = Load {
                connections: OVERLOAD,
                undone: usize::MAX,
                warm_up,
                span,
            };
            Some(load::measure(&shop, Arc::clone(&settled), load).await)
        }
        Some(_) => None,
    };
    report::tell(options.json, &rows, overload.as_ref())
}
