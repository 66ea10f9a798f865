//! I7 and I9 in components of other languages: the WASI that they get holds nothing of the machine's and repeats.

use model::{Failure, Interface, Moment, Outcome, RunResult, Turn};
use sandbox::{Plugin, Report, RunLimits, limits};

use crate::stage::{Recorder, assert_limit, grants, known, load, turn};

fn wasi_guest(limits: RunLimits) -> Plugin {
    let granted = grants(&[Interface::Gate, Interface::Wasi]);
    load("wasi-guest", shipped::WASI_GUEST, &granted, limits).unwrap()
}

async fn act(turn: &Turn, settings: &str) -> (Report, Recorder) {
    wasi_guest(RunLimits::default())
        .run(turn, settings, Recorder::default())
        .await
}

/// What the guest sends when it is told to.
async fn sent(turn: &Turn, settings: &str) -> String {
    let (report, host) = act(turn, settings).await;
    assert_eq!(report.result, RunResult::Ended(Outcome::Handled));
    host.sent().concat()
}

async fn failure(settings: &str) -> (Failure, Vec<String>) {
    let (report, _) = act(&turn("oi"), settings).await;
    match report.result {
        RunResult::Failed(failure) => (failure, report.log),
        ended @ RunResult::Ended(_) => panic!("{settings} ended as {ended:?}"),
    }
}

#[test]
fn i07_wasi_is_a_grant_like_any_other() {
    let error = load(
        "wasi-guest",
        shipped::WASI_GUEST,
        &grants(&[Interface::Gate]),
        RunLimits::default(),
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("is not granted `wasi`"),
        "{error}"
    );
    assert!(
        error.to_string().contains(r#"grants = ["gate", "wasi"]"#),
        "{error}"
    );
}

#[tokio::test]
async fn i07_nothing_of_the_machine_is_to_be_seen() {
    assert_eq!(
        sent(&turn("oi"), r#"{"act": "machine"}"#).await,
        "environment [], arguments [], cwd None, 0 directories, stdin closed and closed"
    );
}

#[tokio::test]
async fn i09_time_is_the_turns_and_chance_is_the_seeds() {
    let probe = r#"{"act": "probe"}"#;
    let first = sent(&turn("oi"), probe).await;
    assert_eq!(first, sent(&turn("oi"), probe).await);
    // 1,795,000,000,500 ms: both clocks, in their own units, and the resolution.
    let (time, chance) = first.split_once(" | ").unwrap();
    assert_eq!(time, "1795000000.500000000 1795000000500000000 1000000");

    let mut later = turn("oi");
    later.now = Moment(1_795_000_001_000);
    let said = sent(&later, probe).await;
    assert!(said.starts_with("1795000001.000000000 "), "{said}");
    assert!(said.ends_with(chance), "{said}");

    let mut other = turn("oi");
    other.seed = [8; 32];
    let said = sent(&other, probe).await;
    assert!(said.starts_with(time), "{said}");
    for (one, another) in chance.split(" | ").zip(said.split(" | ").skip(1)) {
        assert_ne!(one, another);
    }
}

#[tokio::test]
async fn i09_without_a_turn_there_is_neither_time_nor_chance() {
    let plugin = wasi_guest(RunLimits::default());
    let again = wasi_guest(RunLimits::default());
    assert!(plugin.description().version.starts_with("0.0."));
    assert_eq!(plugin.description(), again.description());
    let said = &plugin.check(r#"{"act": "probe"}"#, &known()).await.unwrap()[0].message;
    assert!(said.starts_with("0.000000000 0 1000000 | "), "{said}");
}

#[tokio::test]
async fn i08_no_sleep_waits() {
    // A year, in nanoseconds: whatever waited for it would be cut off by the wall clock.
    let said = sent(
        &turn("oi"),
        r#"{"act": "sleep", "count": 31536000000000000}"#,
    )
    .await;
    assert_eq!(said, "[0, 1] true");
}

#[tokio::test]
async fn i08_waiting_for_a_clock_that_stands_ends_the_run() {
    let (failure, _) = failure(r#"{"act": "await-time"}"#).await;
    assert_limit(&failure, "WASI calls", limits::WASI_CALLS.into());
}

#[tokio::test]
async fn i08_calls_that_fuel_does_not_see_are_counted() {
    let allowed = limits::WASI_CALLS;
    let flood = |count: u32| format!(r#"{{"act": "flood", "count": {count}}}"#);
    let (failure, _) = failure(&flood(allowed + 1)).await;
    assert_limit(&failure, "WASI calls", allowed.into());
    let (report, _) = act(&turn("oi"), &flood(allowed)).await;
    assert_eq!(report.result, RunResult::Ended(Outcome::Handled));
    // So many open streams are so many numbers: nothing but the count ends it.
    let (report, _) = act(
        &turn("oi"),
        &format!(r#"{{"act": "hoard", "count": {allowed}}}"#),
    )
    .await;
    assert_eq!(report.result, RunResult::Ended(Outcome::Handled));
}

#[tokio::test]
async fn i08_chance_is_bounded_before_it_is_made() {
    let limits = RunLimits::default();
    let string_bytes = u64::try_from(limits.string_bytes).unwrap();
    let (failure, _) = failure(r#"{"act": "random", "count": 60000000}"#).await;
    assert_limit(&failure, "string bytes", string_bytes);
    let said = sent(&turn("oi"), r#"{"act": "random", "count": 100000}"#).await;
    assert_eq!(said, "100000");
}

#[tokio::test]
async fn what_a_program_prints_is_logged_line_by_line() {
    let (report, _) = act(&turn("oi"), r#"{"act": "print", "count": 2}"#).await;
    assert_eq!(report.result, RunResult::Ended(Outcome::Handled));
    assert_eq!(
        report.log,
        [
            "stdout: line 0",
            "stdout: line 1",
            "stderr: oh",
            "stdout: the rest"
        ]
    );
}

#[tokio::test]
async fn i08_what_a_program_prints_is_bounded_as_a_log_is() {
    let (failure_of_lines, log) = failure(r#"{"act": "print", "count": 1000}"#).await;
    assert_limit(&failure_of_lines, "log lines", 64);
    assert_eq!(log.len(), 64);
    // The last line has no end, so that it is one too many only when the run is over.
    let (failure_at_the_end, _) = failure(r#"{"act": "print", "count": 63}"#).await;
    assert_limit(&failure_at_the_end, "log lines", 64);
    let (failure_of_bytes, _) = failure(r#"{"act": "print-bytes", "count": 1100}"#).await;
    assert_limit(&failure_of_bytes, "log bytes", 64 * 1024);
    let (failure_of_zeroes, _) =
        failure(r#"{"act": "print-zeroes", "count": 1000000000000}"#).await;
    assert_limit(&failure_of_zeroes, "log bytes", 64 * 1024);
}

#[tokio::test]
async fn ending_itself_is_no_way_to_end() {
    for (settings, code) in [
        (r#"{"act": "exit", "count": 0}"#, 0),
        (r#"{"act": "exit", "count": 1}"#, 1),
    ] {
        let (failure, _) = failure(settings).await;
        assert_eq!(
            failure,
            Failure::Trapped {
                message: format!(
                    "it ended itself through wasi:cli/exit, with code {code}, instead of returning"
                )
            }
        );
    }
}
