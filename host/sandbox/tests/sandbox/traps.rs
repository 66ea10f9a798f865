//! Where a trap is told to have been: in the plugin's own words, if it carries them or somebody kept them beside it.

use model::{Failure, RunResult};
use sandbox::{Plugin, RunLimits, symbols};

use crate::stage::{act, everything, load, stripped_test_guest};

fn plugin(component: &[u8]) -> Plugin {
    load("test-guest", component, &everything(), RunLimits::default()).unwrap()
}

async fn message(component: &[u8], settings: &str) -> String {
    let (report, _) = act(&plugin(component), settings).await;
    match report.result {
        RunResult::Failed(Failure::Trapped { message }) => message,
        other => panic!("{other:?}"),
    }
}

fn lines_of(source: &str, wanted: &str) -> String {
    let at = source
        .lines()
        .position(|line| line.contains(wanted))
        .unwrap();
    format!("src/lib.rs:{}", at + 1)
}

#[tokio::test]
async fn a_trap_is_told_by_function_file_and_line() {
    let source = include_str!("../../../../plugins/test-guest/src/lib.rs");
    let said = message(shipped::TEST_GUEST, r#"{"act": "trap-deep"}"#).await;
    let price = format!(
        "called from test_guest::shop::price ({})",
        lines_of(source, "super::trap();")
    );
    let total = format!(
        "called from test_guest::shop::total ({})",
        lines_of(source, "black_box(price(black_box(count)))")
    );
    assert!(
        said.starts_with("wasm trap: wasm `unreachable` instruction executed in "),
        "{said}"
    );
    for expected in [
        price.as_str(),
        total.as_str(),
        "Plugin>::handle (src/lib.rs:",
    ] {
        assert!(said.contains(expected), "no {expected} in {said}");
    }
    // Nothing of this machine's, of the bindings' or of the standard library's.
    for unwanted in [
        "/work", "/home", "/root", "cargo", "_export_", "core::", "std::",
    ] {
        assert!(!said.contains(unwanted), "{unwanted} in {said}");
    }
    assert!(said.matches("called from").count() < 8, "{said}");
}

#[tokio::test]
async fn a_panic_is_told_in_its_own_words_and_by_its_callers() {
    let said = message(shipped::TEST_GUEST, r#"{"act": "panic-deep"}"#).await;
    assert!(
        said.contains("no such price\nin test_guest::shop::no_price (src/lib.rs:"),
        "{said}"
    );
    assert!(
        said.contains("called from test_guest::shop::total (src/lib.rs:"),
        "{said}"
    );
}

#[tokio::test]
async fn endless_recursion_is_told_once() {
    let said = message(shipped::TEST_GUEST, r#"{"act": "recurse"}"#).await;
    assert_eq!(said.matches("test_guest::recurse").count(), 1, "{said}");
}

#[tokio::test]
async fn without_names_it_is_said_once_how_to_get_them() {
    let said = message(stripped_test_guest(), r#"{"act": "trap-deep"}"#).await;
    assert!(!said.contains("shop"), "{said}");
    assert_eq!(
        said.matches("carries no function names").count(),
        1,
        "{said}"
    );
    assert!(
        said.contains("`strip = false`") && said.contains("symbols/DIGEST.wasm"),
        "{said}"
    );
}

#[tokio::test]
async fn a_stripped_component_gets_its_names_from_the_build_it_was_stripped_of() {
    let stripped = stripped_test_guest();
    assert!(stripped.len() < shipped::TEST_GUEST.len());
    symbols::matching(stripped, shipped::TEST_GUEST).unwrap();
    // The very same code: it burns the very same fuel.
    let settings = r#"{"act": "send", "count": 3}"#;
    let fuel = async |component| act(&plugin(component), settings).await.0.fuel;
    assert_eq!(fuel(stripped).await, fuel(shipped::TEST_GUEST).await);

    let error = symbols::matching(stripped, shipped::WASI_GUEST).unwrap_err();
    assert!(
        error.to_string().contains("not of this component"),
        "{error}"
    );
}
