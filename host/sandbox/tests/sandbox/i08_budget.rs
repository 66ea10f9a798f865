//! I8: each plugin has a budget of its own, what crosses the boundary is counted either way, and what was used is told.

use model::{Failure, Outcome, Proposal, RunResult};
use sandbox::{Plugin, RunLimits, Sandbox, Settings};

use crate::stage::{
    Recorder, act, assert_limit, everything, known, load, load_into, stripped_test_guest,
    test_guest, turn,
};

fn failed(result: RunResult) -> Failure {
    match result {
        RunResult::Failed(failure) => failure,
        ended @ RunResult::Ended(_) => panic!("{ended:?}"),
    }
}

#[tokio::test]
async fn i08_two_plugins_of_one_sandbox_meet_each_their_own_limits() {
    let sandbox = Sandbox::new(Settings::default()).unwrap();
    let plugin = |name: &str, limits: RunLimits| {
        let component = stripped_test_guest();
        load_into(&sandbox, name, component, &everything(), limits).unwrap()
    };
    let small = RunLimits {
        memory_bytes: 2 * 1024 * 1024,
        fuel: 20_000_000,
        host_calls: 3,
        log_lines: 2,
        string_bytes: 10_000,
        ..RunLimits::default()
    };
    let large = RunLimits {
        memory_bytes: 32 * 1024 * 1024,
        fuel: 300_000_000,
        host_calls: 30,
        log_lines: 20,
        string_bytes: 100_000,
        ..RunLimits::default()
    };
    let plugins = [
        (plugin("small", small), small),
        (plugin("large", large), large),
    ];
    for (settings, which, allowed) in [
        (
            r#"{"act": "loop"}"#,
            "fuel",
            (|limits| limits.fuel) as fn(&RunLimits) -> u64,
        ),
        (r#"{"act": "grow"}"#, "memory bytes", |limits| {
            limits.memory_bytes as u64
        }),
        (
            r#"{"act": "tag", "count": 10000}"#,
            "host calls",
            |limits| limits.host_calls.into(),
        ),
        (
            r#"{"act": "log-lines", "count": 1000}"#,
            "log lines",
            |limits| limits.log_lines as u64,
        ),
        (
            r#"{"act": "send-bytes", "count": 200000}"#,
            "string bytes",
            |limits| limits.string_bytes as u64,
        ),
    ] {
        for (plugin, limits) in &plugins {
            let (report, _) = act(plugin, settings).await;
            assert_limit(&failed(report.result), which, allowed(limits));
        }
    }
    for (plugin, _) in &plugins {
        let (report, _) = act(plugin, r#"{"act": "send-once"}"#).await;
        assert_eq!(report.result, RunResult::Ended(Outcome::Handled));
    }
}

/// A limit of strings is met before the guest gets anything: it burns no fuel.
async fn assert_refused_unseen(plugin: &Plugin, turn: &model::Turn, which: &str, allowed: u64) {
    let (report, host) = plugin
        .run(turn, r#"{"act": "send-once"}"#, Recorder::default())
        .await;
    assert_limit(&failed(report.result), which, allowed);
    assert_eq!((report.fuel, report.usage.memory_bytes), (0, 0));
    assert_eq!(host.proposals, []);
}

#[tokio::test]
async fn i08_a_turn_with_giant_values_never_enters() {
    let plugin = test_guest(RunLimits::default());
    let mut one = turn("oi");
    one.values.insert("a".to_owned(), "x".repeat(300_000));
    assert_refused_unseen(&plugin, &one, "string bytes", 256 * 1024).await;

    let mut many = turn("oi");
    for index in 0..20 {
        many.values.insert(format!("v{index}"), "x".repeat(100_000));
    }
    assert_refused_unseen(&plugin, &many, "boundary bytes", 1024 * 1024).await;

    let mut names = known();
    names.desks = vec!["d".repeat(300_000)];
    let failure = plugin
        .check(r#"{"act": "pass"}"#, &names)
        .await
        .unwrap_err();
    assert_limit(&failure, "string bytes", 256 * 1024);
}

#[tokio::test]
async fn i08_the_hosts_answers_are_counted_before_they_enter() {
    let plugin = load(
        "fixture",
        shipped::FIXTURE_V1,
        &everything(),
        RunLimits::default(),
    )
    .unwrap();
    let host = Recorder {
        answer: Some("x".repeat(2_000_000)),
        ..Recorder::default()
    };
    let (report, host) = plugin.run(&turn("oi"), "everything", host).await;
    assert_limit(&failed(report.result), "boundary bytes", 1024 * 1024);
    assert_eq!((host.questions.len(), host.lookups.len()), (1, 0));
}

#[tokio::test]
async fn i08_a_run_that_traps_half_way_has_failed_whatever_it_proposed() {
    let plugin = test_guest(RunLimits::default());
    let (report, host) = act(&plugin, r#"{"act": "send-then-trap"}"#).await;
    assert_eq!(host.sent(), ["it must never leave"]);
    assert!(
        host.proposals
            .iter()
            .any(|proposal| matches!(proposal, Proposal::Consent(_)))
    );
    let Failure::Trapped { message } = failed(report.result) else {
        panic!("it trapped")
    };
    assert!(message.contains("unreachable"), "{message}");
}

#[tokio::test]
async fn i08_a_flood_of_host_calls_ends_the_run() {
    let plugin = test_guest(RunLimits::default());
    let (report, host) = act(&plugin, r#"{"act": "tag", "count": 10000}"#).await;
    assert_limit(&failed(report.result), "host calls", 64);
    assert_eq!(host.proposals.len(), 64);
}

#[tokio::test]
async fn what_a_run_used_is_told() {
    let plugin = test_guest(RunLimits::default());
    let (idle, _) = act(&plugin, r#"{"act": "pass"}"#).await;
    let (busy, _) = act(&plugin, r#"{"act": "everything"}"#).await;
    assert_eq!(idle.usage.fuel, idle.fuel);
    assert!(busy.usage.fuel > idle.usage.fuel);
    assert_eq!((idle.usage.host_calls, busy.usage.host_calls), (0, 6));
    assert_eq!(
        (idle.usage.log_bytes, busy.usage.log_bytes),
        (0, "everything".len())
    );
    assert!(busy.usage.boundary_bytes > idle.usage.boundary_bytes);
    // What it begins with is counted, and what it grew to even though it failed.
    assert!(idle.usage.memory_bytes >= 64 * 1024, "{:?}", idle.usage);
    let (grown, _) = act(&plugin, r#"{"act": "grow"}"#).await;
    let limit = RunLimits::default().memory_bytes;
    assert!(
        grown.usage.memory_bytes > limit / 2 && grown.usage.memory_bytes <= limit,
        "{:?}",
        grown.usage
    );
}
