//! I8: a plugin that loops, grows, recurses, floods or traps ends its own run, within its budget, and nothing else.

use std::time::{Duration, Instant};

use model::{Content, Failure, Outcome, Quota, Refusal, RunResult, Verdict};
use sandbox::{Plugin, RunLimits};

use crate::stage::{Recorder, act, assert_limit, known, test_guest, turn};

/// Acts and says how it failed; then the same plugin must serve another turn as if nothing had been.
async fn failure(plugin: &Plugin, settings: &str) -> Failure {
    let (report, _) = act(plugin, settings).await;
    let (next, host) = act(plugin, r#"{"act": "send-once"}"#).await;
    assert_eq!(
        (next.result, host.sent()),
        (RunResult::Ended(Outcome::Handled), vec!["once"]),
        "after {settings}"
    );
    match report.result {
        RunResult::Failed(failure) => failure,
        ended @ RunResult::Ended(_) => panic!("{settings} ended as {ended:?}"),
    }
}

#[tokio::test]
async fn i08_a_loop_ends_when_its_fuel_does() {
    let limits = RunLimits::default();
    let began = Instant::now();
    assert_limit(
        &failure(&test_guest(limits), r#"{"act": "loop"}"#).await,
        "fuel",
        limits.fuel,
    );
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn i08_growth_ends_at_the_memory_limit() {
    let limits = RunLimits::default();
    assert_limit(
        &failure(&test_guest(limits), r#"{"act": "grow"}"#).await,
        "memory bytes",
        8 * 1024 * 1024,
    );
}

#[tokio::test]
async fn i08_recursion_ends_at_the_stack() {
    let failure = failure(&test_guest(RunLimits::default()), r#"{"act": "recurse"}"#).await;
    let Failure::Trapped { message } = failure else {
        panic!("{failure:?}")
    };
    assert!(message.contains("recursion"), "{message}");
}

#[tokio::test]
async fn i08_a_panic_is_told_in_its_own_words() {
    let failure = failure(&test_guest(RunLimits::default()), r#"{"act": "panic"}"#).await;
    let Failure::Trapped { message } = failure else {
        panic!("{failure:?}")
    };
    assert!(
        message.contains("asked to panic by rule greeting"),
        "{message}"
    );
    assert!(message.contains("test-guest/src/lib.rs"), "{message}");
}

#[tokio::test]
async fn i08_a_trap_without_words_is_told_by_its_kind() {
    let failure = failure(&test_guest(RunLimits::default()), r#"{"act": "trap"}"#).await;
    let Failure::Trapped { message } = failure else {
        panic!("{failure:?}")
    };
    assert!(
        message
            .starts_with("wasm trap: wasm `unreachable` instruction executed; where is not known"),
        "{message}"
    );
}

#[tokio::test]
async fn i08_a_flooded_log_ends_the_run() {
    let plugin = test_guest(RunLimits::default());
    assert_limit(
        &failure(&plugin, r#"{"act": "log-lines", "count": 1000000}"#).await,
        "log lines",
        64,
    );
    assert_limit(
        &failure(&plugin, r#"{"act": "log-bytes", "count": 70000}"#).await,
        "log bytes",
        64 * 1024,
    );
    let (report, _) = act(&plugin, r#"{"act": "log-lines", "count": 64}"#).await;
    assert_eq!(
        (report.result, report.log.len()),
        (RunResult::Ended(Outcome::Handled), 64)
    );
}

#[tokio::test]
async fn i08_a_giant_string_is_never_copied() {
    let plugin = test_guest(RunLimits::default());
    for settings in [
        r#"{"act": "send-bytes", "count": 300000}"#,
        r#"{"act": "send-bytes", "count": 3000000}"#,
        r#"{"act": "log-bytes", "count": 3000000}"#,
        r#"{"act": "fail", "count": 3000000}"#,
    ] {
        assert_limit(
            &failure(&plugin, settings).await,
            "string bytes",
            256 * 1024,
        );
    }
}

#[tokio::test]
async fn i08_a_long_failure_is_kept_short() {
    let failure = failure(
        &test_guest(RunLimits::default()),
        r#"{"act": "fail", "count": 200000}"#,
    )
    .await;
    let Failure::Said { message } = failure else {
        panic!("{failure:?}")
    };
    assert_eq!(message.chars().count(), sandbox::limits::MESSAGE_BYTES + 1);
}

#[tokio::test]
async fn i08_ten_thousand_sends_end_the_run() {
    let plugin = test_guest(RunLimits::default());
    let (report, host) = act(&plugin, r#"{"act": "send", "count": 10000}"#).await;
    let RunResult::Failed(failure) = report.result else {
        panic!("{report:?}")
    };
    // A gate that admits without counting: the ninth is one too many.
    assert_limit(&failure, "sends", 8);
    assert_eq!(host.proposals.len(), 9);

    // A gate that refuses: the plugin may go on asking until its calls are used up.
    let refusals =
        std::iter::repeat_with(|| Verdict::Refused(Refusal::QuotaExceeded { which: Quota::Run }))
            .take(10_000);
    let host = Recorder::answering(refusals);
    let (report, host) = plugin
        .run(&turn("oi"), r#"{"act": "send", "count": 10000}"#, host)
        .await;
    let RunResult::Failed(failure) = report.result else {
        panic!("{report:?}")
    };
    assert_limit(&failure, "host calls", 64);
    assert_eq!(host.proposals.len(), 64);
}

#[tokio::test]
async fn i08_what_crosses_the_boundary_is_counted_in_all() {
    let limits = RunLimits {
        boundary_bytes: 30_000,
        ..RunLimits::default()
    };
    let plugin = test_guest(limits);
    let (report, _) = plugin
        .run(
            &turn(&"w".repeat(12_000)),
            r#"{"act": "echo"}"#,
            Recorder::default(),
        )
        .await;
    let RunResult::Failed(failure) = report.result else {
        panic!("{report:?}")
    };
    assert_limit(&failure, "boundary bytes", 30_000);
}

#[tokio::test]
async fn i08_settings_past_the_limit_never_enter() {
    let settings = format!(r#"{{"act": "pass", "filler": "{}"}}"#, "x".repeat(300_000));
    let plugin = test_guest(RunLimits::default());
    assert_limit(
        &failure(&plugin, &settings).await,
        "string bytes",
        256 * 1024,
    );
    assert_limit(
        &plugin.check(&settings, &known()).await.unwrap_err(),
        "string bytes",
        256 * 1024,
    );
}

#[tokio::test]
async fn a_giant_message_of_an_unknown_kind_is_still_answered() {
    let mut turn = turn("oi");
    let raw = serde_json::json!({ "blob": "x".repeat(300_000) });
    turn.message.content = Content::Other {
        name: "hologram".to_owned(),
        raw,
    };
    let (report, host) = test_guest(RunLimits::default())
        .run(&turn, r#"{"act": "echo"}"#, Recorder::default())
        .await;
    assert_eq!(report.result, RunResult::Ended(Outcome::Handled));
    assert!(
        host.sent()[0].contains(r#"name: "hologram", raw: None"#),
        "{:?}",
        host.sent()
    );
}

#[tokio::test]
async fn i08_a_loop_in_check_ends_too() {
    let limits = RunLimits::default();
    let failure = test_guest(limits)
        .check(r#"{"act": "loop-in-check"}"#, &known())
        .await
        .unwrap_err();
    assert_limit(&failure, "fuel", limits.fuel);
}

#[tokio::test]
async fn i08_a_run_with_fuel_left_is_stopped_by_the_clock_and_that_is_the_hosts_fault() {
    let limits = RunLimits {
        fuel: u64::MAX / 2,
        ..RunLimits::default()
    };
    let began = Instant::now();
    let failure = failure(&test_guest(limits), r#"{"act": "loop"}"#).await;
    let Failure::Host { message } = failure else {
        panic!("{failure:?}")
    };
    assert!(message.contains("with fuel left"), "{message}");
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i08_neighbours_of_hostile_runs_are_served_and_more_runs_than_slots_wait() {
    let plugin = test_guest(RunLimits {
        fuel: 2_000_000,
        ..RunLimits::default()
    });
    let rounds = usize::try_from(sandbox::limits::CONCURRENT_RUNS).unwrap() / 2;
    let mut tasks = tokio::task::JoinSet::new();
    for index in 0..rounds * 5 {
        let plugin = plugin.clone();
        let hostile = ["loop", "grow", "recurse", "panic", "send-once"][index % 5];
        tasks.spawn(async move {
            (
                hostile,
                act(&plugin, &format!(r#"{{"act": "{hostile}"}}"#))
                    .await
                    .0
                    .result,
            )
        });
    }
    let mut served = 0;
    while let Some(ended) = tasks.join_next().await {
        let (act, result) = ended.unwrap();
        match result {
            RunResult::Ended(Outcome::Handled) => served += usize::from(act == "send-once"),
            RunResult::Failed(Failure::Limit { .. } | Failure::Trapped { .. }) => {
                assert_ne!(act, "send-once");
            }
            other => panic!("{act}: {other:?}"),
        }
    }
    assert_eq!(served, rounds);
}
