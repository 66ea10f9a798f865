//! `cargo xtask torture`: the host is killed again and again under load, and nothing may be lost, sent twice or out of order.
#![allow(
    clippy::unwrap_used,
    reason = "a proof, not the product: what fails ends it, with the place"
)]

#[path = "torture.rs"]
mod torture;

use std::time::Duration;

use torture::{Options, torture};

fn main() {
    let mut options = Options {
        binary: env!("CARGO_BIN_EXE_tollgate").into(),
        kills: 200,
        lasts: Duration::ZERO,
        rate: 300,
        seed: 1,
        talks: true,
    };
    let mut as_json = false;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || {
            let given = words.next();
            let given = given.as_deref().and_then(|number| number.parse().ok());
            given.unwrap_or_else(|| {
                eprintln!("{word} takes a whole number");
                std::process::exit(2)
            })
        };
        match word.as_str() {
            "--kills" => options.kills = number(),
            "--seconds" => options.lasts = Duration::from_secs(number()),
            "--rate" => options.rate = u32::try_from(number()).unwrap_or(u32::MAX).max(1),
            "--seed" => options.seed = number(),
            "--json" => as_json = true,
            // What cargo itself adds.
            "--bench" => {}
            other => {
                eprintln!("unknown option {other:?}");
                std::process::exit(2);
            }
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let figures = runtime.block_on(torture(&options));
    if as_json {
        println!("{}", figures.json());
    } else {
        print!("{figures}");
    }
    if !figures.findings.is_empty() {
        std::process::exit(1);
    }
}
