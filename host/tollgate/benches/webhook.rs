//! What a sender of webhooks waits for: the real binary in a process of its own, on a ledger with fsync, with the shipped rules
//! and plugins, while signed messages arrive at a fixed rate. `cargo xtask bench webhook` runs it.
//!
//! The rate is kept whatever the host does: a post that starts late, because earlier ones have not been answered, counts its wait
//! from the moment it was due. Load and host share the machine.
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark: what fails ends it, with the place"
)]

#[path = "driving/machine.rs"]
mod machine;
#[path = "driving/process.rs"]
mod process;
#[path = "driving/signer.rs"]
mod signer;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use process::Process;
use serde_json::{Value, json};
use signer::Signer;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const SECRET: &str = "an app secret for measuring alone";
const NUMBER: &str = "100000000000001";

/// What is asked of a host on two cores.
const RATE: u32 = 1000;
const P99: Duration = Duration::from_millis(50);

/// Before it counts: connections are made, and the host has seen its first messages.
const WARM_UP: Duration = Duration::from_secs(3);
const MEASURED: Duration = Duration::from_secs(20);
/// People who write, each in turn.
const CONTACTS: u64 = 5000;
/// Posts under way at once; past it the load itself is behind, and that counts.
const AT_ONCE: usize = 2000;

struct Options {
    rate: u32,
    json: bool,
    report_only: bool,
}

fn main() {
    let mut options = Options {
        rate: RATE,
        json: false,
        report_only: false,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--json" => options.json = true,
            "--report-only" => options.report_only = true,
            "--rate" => {
                options.rate = words
                    .next()
                    .and_then(|rate| rate.parse().ok())
                    .expect("--rate 1000");
            }
            // What cargo itself adds.
            "--bench" => {}
            other => panic!("unknown option {other:?}"),
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let is_met = runtime.block_on(measure(&options));
    if !is_met && !options.report_only {
        std::process::exit(1);
    }
}

async fn measure(options: &Options) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let mut host = host(folder.path());
    let (url, _) = host.ready().await.unwrap();
    let idle = machine::resident_mb(host.id());
    let client = reqwest::Client::builder()
        .pool_max_idle_per_host(64)
        .build()
        .unwrap();
    post_at(&client, &url, options.rate, WARM_UP, 0).await;
    let begun = u64::from(options.rate) * WARM_UP.as_secs();
    let mut waits = post_at(&client, &url, options.rate, MEASURED, begun).await;
    let loaded = machine::resident_mb(host.id());
    let refused = waits.iter().filter(|(_, status)| *status != 200).count();
    waits.sort_unstable();
    let share = |part: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place in a list of some thousands"
        )]
        let place = ((waits.len() - 1) as f64 * part) as usize;
        waits.get(place).map_or(Duration::ZERO, |(wait, _)| *wait)
    };
    let undone = settles(&client, &url).await;
    let is_met = share(0.99) <= P99 && refused == 0 && undone == 0;
    let milliseconds = |wait: Duration| (wait.as_secs_f64() * 1e5).round() / 100.0;
    if options.json {
        println!(
            "{}",
            json!({
                "rate": options.rate, "posts": waits.len(), "not_200": refused, "undone_at_end": undone,
                "p50_ms": milliseconds(share(0.5)), "p99_ms": milliseconds(share(0.99)), "p999_ms": milliseconds(share(0.999)),
                "longest_ms": milliseconds(share(1.0)), "resident_idle_mb": idle, "resident_loaded_mb": loaded, "met": is_met,
            })
        );
        return is_met;
    }
    println!(
        "{} signed webhooks, {} a second, acknowledged after they were on disk and answered by the shipped rules:",
        waits.len(),
        options.rate
    );
    for (name, part) in [
        ("half", 0.5),
        ("99 %", 0.99),
        ("99.9 %", 0.999),
        ("all", 1.0),
    ] {
        println!("  {name:>7} within {:>8.2} ms", milliseconds(share(part)));
    }
    println!(
        "  {refused} not answered 200; {undone} undone 60 s later; {idle} MB resident idle, {loaded} MB at the end"
    );
    println!(
        "target: 99 % within {} ms and all of them done: {}",
        P99.as_millis(),
        if is_met { "met" } else { "MISSED" }
    );
    is_met
}

/// Posts at the rate, for so long, and gives how long each took from when it was due.
async fn post_at(
    client: &reqwest::Client,
    host: &str,
    rate: u32,
    span: Duration,
    first: u64,
) -> Vec<(Duration, u16)> {
    let url = format!("{host}/webhooks/whatsapp");
    let signer = Signer::new(SECRET);
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let begin = Instant::now();
    let mut posts = JoinSet::new();
    let count = u64::from(rate) * span.as_secs();
    for place in 0..count {
        let due = begin + Duration::from_secs_f64(place as f64 / f64::from(rate));
        tokio::time::sleep_until(due.into()).await;
        let body = webhook(first + place);
        let signature = signer.sign(&body);
        let permit = Arc::clone(&places).acquire_owned().await.unwrap();
        let request = client
            .post(&url)
            .header("content-type", "application/json")
            .header("x-hub-signature-256", signature)
            .body(body);
        posts.spawn(async move {
            let status = match request.send().await {
                Ok(response) => response.status().as_u16(),
                Err(_) => 0,
            };
            drop(permit);
            (due.elapsed(), status)
        });
    }
    posts.join_all().await
}

/// A message as Meta sends one: about 1.2 KB with what stands around it.
fn webhook(which: u64) -> Vec<u8> {
    let phone = format!("1555010{:04}", which % CONTACTS);
    let seconds = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    json!({
        "object": "whatsapp_business_account",
        "entry": [{"id": "100000000000077", "changes": [{"field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550100000", "phone_number_id": NUMBER},
            "contacts": [{"profile": {"name": format!("Customer {which}")}, "wa_id": phone}],
            "messages": [{
                "from": phone, "id": format!("wamid.HBgNBENCH{which:024}"), "timestamp": seconds.to_string(), "type": "text",
                "context": {"from": "15550100000", "id": "wamid.HBgNBEFOREHAND000000000000000000000000"},
                "text": {"body": format!("I wrote to you before and nobody came back to me ({which}). {}", "Could you tell me where my parcel is? ".repeat(14))},
            }],
        }}]}],
    })
    .to_string()
    .into_bytes()
}

/// Waits until everything is done, a minute at most, and gives what is not.
async fn settles(client: &reqwest::Client, url: &str) -> u64 {
    let mut undone = u64::MAX;
    for _ in 0..600 {
        let status = client.get(format!("{url}/v1/status")).send().await.unwrap();
        let status: Value = status.json().await.unwrap();
        undone = status["counts"]["undone"].as_u64().unwrap();
        if undone == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    undone
}

fn host(folder: &Path) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
    command
        .args(["run", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.join("data"))
        .current_dir(folder)
        .env("TOLLGATE_APP_SECRET", SECRET)
        .env(
            "TOLLGATE_VERIFY_TOKEN",
            "a verify token for measuring alone",
        )
        // No network stands behind it: everything but the sending.
        .env("TOLLGATE_DRY_RUN", "1")
        .env_remove("TOLLGATE_API_KEY")
        .env_remove("RUST_LOG");
    Process::start(command, |_| {})
}
