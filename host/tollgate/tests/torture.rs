//! The host is killed again and again under load: a short one of what `cargo xtask torture` does at length.

#[path = "../benches/torture/torture.rs"]
mod torture;

use std::time::Duration;

use serde_json::json;
use torture::{Options, torture};

#[tokio::test(flavor = "multi_thread")]
async fn i01_i02_i04_i06_i10_i11_a_host_that_is_killed_again_and_again_loses_nothing_doubles_nothing_and_keeps_order()
 {
    let figures = torture(&Options {
        binary: env!("CARGO_BIN_EXE_tollgate").into(),
        kills: 12,
        lasts: Duration::ZERO,
        rate: 60,
        seed: 1,
        talks: false,
    })
    .await;
    assert_eq!(figures.json()["findings"], json!({}), "{figures}");
    assert!(figures.kills >= 12, "{figures}");
    assert!(figures.answered > 100, "it was under load: {figures}");
    assert!(figures.unknown > 0, "some were in flight: {figures}");
}
