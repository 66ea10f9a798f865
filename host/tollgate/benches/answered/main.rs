//! `cargo xtask bench answered`: from webhook to answer, over HTTP. The real binary in a process of its own, on a ledger with fsync,
//! with the shipped plugins and a rule that answers each text; signed webhooks come in over connections that stay, and answers leave
//! for a stand-in of WhatsApp's network that holds each against what was asked. Load and stand-in share the machine with the host.
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark: what fails ends it, with the place"
)]

mod book;
mod crowd;
mod http;
mod load;
#[path = "../driving/machine.rs"]
mod machine;
mod network;
#[path = "../driving/process.rs"]
mod process;
mod report;
mod shop;
#[path = "../driving/signer.rs"]
mod signer;

use std::process::ExitCode;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use book::OF_A_NUMBER;
use load::{Measured, Pace, Plan};
use network::Network;
use report::{Found, Idle};
use shop::{Host, Shop};

/// As the product has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is asked of two cores.
const TARGET: f64 = 12_000.0;
const CONNECTIONS: usize = 256;
/// After its start, until a host is taken to be idle: the tests beside its rules have run by then.
const CALM: Duration = Duration::from_secs(3);
/// When all is answered, what comes a second time comes within this.
const AFTERWARDS: Duration = Duration::from_secs(3);

struct Options {
    json: bool,
    report_only: bool,
    quick: bool,
}

fn main() -> ExitCode {
    let mut options = Options {
        json: false,
        report_only: false,
        quick: false,
    };
    for word in std::env::args().skip(1) {
        match word.as_str() {
            "--json" => options.json = true,
            "--report-only" => options.report_only = true,
            "--quick" => options.quick = true,
            // Cargo's own.
            "--bench" => {}
            other => panic!("{other:?}: there are --json, --report-only and --quick"),
        }
    }
    // One thread: what the load takes is taken from the host.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let found = tokio::task::LocalSet::new().block_on(&runtime, run(options.quick));
    let is_met = report::tell(options.json, &found);
    if is_met || options.report_only {
        return ExitCode::SUCCESS;
    }
    ExitCode::FAILURE
}

async fn run(quick: bool) -> Found {
    let network = Network::open().await;
    let shop = Shop::new(&network.url);
    // The first start of all compiles the plugins.
    shop.open_as_shipped().await.end().await;
    let shipped = idle(shop.open_as_shipped().await).await;
    shop.open().await.end().await;
    let fresh = idle(shop.open().await).await;

    let host = shop.open().await;
    eprintln!("measuring: {} people introduce themselves", book::CONTACTS);
    assert!(
        load::introduce(&network, &host).await,
        "not all were answered"
    );
    let (warm_up, span) = match quick {
        true => (Duration::from_secs(1), Duration::from_secs(3)),
        false => (Duration::from_secs(3), Duration::from_secs(10)),
    };
    let usual = Plan {
        connections: CONNECTIONS,
        together: 1,
        tells: false,
        pace: Pace::Closed,
        warm_up,
        span,
    };
    let mut rows = Vec::new();
    for plan in [
        Plan {
            connections: 8,
            ..usual
        },
        usual,
        Plan {
            together: OF_A_NUMBER,
            ..usual
        },
        Plan {
            tells: true,
            ..usual
        },
    ] {
        rows.push(measure(&network, &host, &shop, plan).await);
    }
    let reached = rows[1].answered_per_second;
    let mut rates = vec![reached / 2.0];
    if reached >= TARGET {
        rates.insert(0, TARGET / 2.0);
    }
    let mut steady = Vec::new();
    for rate in rates {
        let plan = Plan {
            pace: Pace::Open(rate),
            ..usual
        };
        steady.push(measure(&network, &host, &shop, plan).await);
    }
    tokio::time::sleep(AFTERWARDS).await;
    let complaints = host.complaints.load(Ordering::Relaxed);
    host.end().await;

    let crowded = match quick {
        true => None,
        false => Some(crowded(&network).await),
    };
    let book = Rc::clone(&network.book);
    Found {
        shipped,
        fresh,
        crowded,
        rows,
        steady,
        wrong: book.wrong(),
        double: book.double(),
        lost: book.waiting(),
        named: book.named(),
        complaints,
    }
}

/// Says what it does meanwhile: all of it takes minutes.
async fn measure(network: &Rc<Network>, host: &Host, shop: &Shop, plan: Plan) -> Measured {
    eprintln!("measuring: {}", plan.name());
    load::measure(network, host, &shop.data(), plan).await
}

/// What a host takes that has nothing to do.
async fn idle(host: Host) -> Idle {
    let at_start_mb = machine::resident_mb(host.id());
    tokio::time::sleep(CALM).await;
    let idle = Idle {
        ready: host.took,
        at_start_mb,
        calm_mb: machine::resident_mb(host.id()),
    };
    host.end().await;
    idle
}

async fn crowded(network: &Rc<Network>) -> (Duration, Idle) {
    let shop = Shop::new(&network.url);
    eprintln!("measuring: {} contacts", crowd::CONTACTS);
    let filled = crowd::fill(&shop.data()).await;
    shop.open().await.end().await;
    (filled, idle(shop.open().await).await)
}
