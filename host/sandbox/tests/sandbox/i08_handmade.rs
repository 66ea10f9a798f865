//! I8 with guests written by hand: what no compiler makes, and what happens before anybody calls the guest.

use model::{Failure, Outcome, RunResult};
use sandbox::{LoadError, Plugin, RunLimits, Sandbox, Settings};

use crate::handmade::handmade;
use crate::stage::{Recorder, act, assert_limit, everything, load_into, stripped_test_guest, turn};

/// The defaults, but for less fuel: loops end soon, also on a machine that does much else.
fn limits() -> RunLimits {
    RunLimits {
        fuel: 20_000_000,
        ..RunLimits::default()
    }
}

/// A sandbox with the guest and a good neighbour in it.
fn beside_a_neighbour(guest: &str) -> (Result<Plugin, LoadError>, Plugin) {
    let sandbox = Sandbox::new(Settings::default()).unwrap();
    let load = |name: &str, component: &[u8]| {
        load_into(&sandbox, name, component, &everything(), limits())
    };
    let neighbour = load("neighbour", stripped_test_guest()).unwrap();
    (load(guest, &handmade(guest)), neighbour)
}

async fn assert_served(neighbour: &Plugin, after: &str) {
    let (report, host) = act(neighbour, r#"{"act": "send-once"}"#).await;
    assert_eq!(
        (report.result, host.sent()),
        (RunResult::Ended(Outcome::Handled), vec!["once"]),
        "after {after}"
    );
}

/// How a guest fails in its turn, with what it proposed before.
async fn failure(guest: &str) -> (Failure, Recorder) {
    let (plugin, neighbour) = beside_a_neighbour(guest);
    let plugin = plugin.unwrap_or_else(|error| panic!("{guest}: {error}"));
    let (report, host) = plugin.run(&turn("oi"), "{}", Recorder::default()).await;
    assert_served(&neighbour, guest).await;
    match report.result {
        RunResult::Failed(failure) => (failure, host),
        ended @ RunResult::Ended(_) => panic!("{guest} ended as {ended:?}"),
    }
}

/// How a guest fails while it is loaded.
async fn failure_at_load(guest: &str) -> Failure {
    let (plugin, neighbour) = beside_a_neighbour(guest);
    assert_served(&neighbour, guest).await;
    match plugin.unwrap_err() {
        LoadError::Describe { failure, .. } => failure,
        other => panic!("{guest}: {other}"),
    }
}

#[track_caller]
fn assert_trapped(failure: &Failure, expected: &str) {
    let Failure::Trapped { message } = failure else {
        panic!("{expected}: {failure:?}")
    };
    assert!(message.contains(expected), "{message}");
}

#[tokio::test]
async fn i08_a_table_grows_to_its_limit_and_no_further() {
    let (failure, _) = failure("table-bomb").await;
    let allowed = u64::try_from(sandbox::limits::TABLE_ENTRIES).unwrap();
    assert_limit(&failure, "table entries", allowed);
}

#[tokio::test]
async fn i08_recursion_that_uses_no_memory_ends_at_the_machines_stack() {
    assert_trapped(&failure("deep-recursion").await.0, "call stack exhausted");
}

#[tokio::test]
async fn i08_what_happens_in_a_start_function_is_bounded_as_a_run_is() {
    assert_limit(
        &failure_at_load("loop-in-start").await,
        "fuel",
        limits().fuel,
    );
    let memory_bytes = u64::try_from(limits().memory_bytes).unwrap();
    assert_limit(
        &failure_at_load("grow-in-start").await,
        "memory bytes",
        memory_bytes,
    );
    assert_trapped(
        &failure_at_load("trap-in-start").await,
        "`unreachable` instruction executed",
    );
}

#[tokio::test]
async fn i08_a_plugin_that_cannot_say_what_it_is_is_not_loaded() {
    assert_limit(
        &failure_at_load("loop-in-describe").await,
        "fuel",
        limits().fuel,
    );
    let string_bytes = u64::try_from(limits().string_bytes).unwrap();
    assert_limit(
        &failure_at_load("giant-description").await,
        "string bytes",
        string_bytes,
    );
}

#[tokio::test]
async fn i08_strings_that_are_one_memory_are_counted_one_by_one() {
    let string_bytes = u64::try_from(limits().string_bytes).unwrap();
    for guest in ["aliased-strings", "overlapping-strings"] {
        let (failure, host) = failure(guest).await;
        assert_limit(&failure, "string bytes", string_bytes);
        assert_eq!(host.proposals, [], "{guest}");
    }
}

#[tokio::test]
async fn i08_a_length_that_lies_is_not_believed() {
    for guest in ["lying-string", "lying-list"] {
        let (failure, host) = failure(guest).await;
        match &failure {
            Failure::Limit { which, .. } => assert_eq!(which, "string bytes", "{guest}"),
            other => assert_trapped(other, "out of bounds"),
        }
        assert_eq!(host.proposals, [], "{guest}");
    }
}

#[tokio::test]
async fn i08_what_is_no_value_of_the_contract_ends_the_run() {
    assert_trapped(&failure("torn-string").await.0, "utf-8");
    assert_trapped(&failure("bad-answer").await.0, "discriminant");
    assert_trapped(&failure("bad-allocator").await.0, "beyond end of memory");
    assert_limit(&failure("slow-allocator").await.0, "fuel", limits().fuel);
}
