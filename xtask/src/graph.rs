//! The crate graph stays as it was designed: which crate may know which, and what each keeps to itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::failure::Failure;
use crate::workspace;

/// What each crate of ours may depend on, of ours. A crate that is not here is a finding: say first where it belongs.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("rulebook", &["model"]),
    ("gate", &["model"]),
    ("sandbox", &["model"]),
    ("intake", &["model"]),
    ("knowledge", &["model"]),
    ("lookup", &["model"]),
    ("ledger", &["model", "gate"]),
    ("carrier", &["model", "gate"]),
    (
        "aws",
        &["model", "gate", "ledger", "carrier", "intake", "knowledge"],
    ),
    (
        "engine",
        &[
            "model",
            "rulebook",
            "gate",
            "sandbox",
            "ledger",
            "intake",
            "carrier",
            "knowledge",
            "lookup",
        ],
    ),
    (
        "console",
        &[
            "model",
            "rulebook",
            "gate",
            "sandbox",
            "ledger",
            "intake",
            "carrier",
            "knowledge",
            "lookup",
            "engine",
        ],
    ),
    ("simulator", &["model"]),
    (
        "tollgate",
        &[
            "model",
            "rulebook",
            "gate",
            "sandbox",
            "ledger",
            "intake",
            "carrier",
            "knowledge",
            "lookup",
            "aws",
            "engine",
            "console",
            "simulator",
            "shipped",
        ],
    ),
    ("sdk", &[]),
    ("harness", &[]),
    ("auto-reply", &["sdk"]),
    ("kb-answer", &["sdk"]),
    ("opt-out", &["sdk"]),
    ("router", &["sdk"]),
    ("test-guest", &["sdk"]),
    ("asking-guest", &["sdk"]),
    ("wasi-guest", &["sdk"]),
    ("fixture-v1", &[]),
    ("plugin-greeter", &["sdk"]),
    ("plugin-order-status", &["sdk"]),
    ("plugin-verify", &["sdk"]),
    ("shop-server", &[]),
    ("shipped", &[]),
    ("xtask", &[]),
];

/// Whoever is tested may be tested with these, which nothing else of theirs knows.
const TEST_COMPANIONS: &[&str] = &["shipped", "simulator"];

/// Whose tests may know more, and why.
const TESTED_WITH: &[(&str, &[&str])] = &[
    // Its benchmark runs a plugin's own code natively too: the difference is what the sandbox costs.
    ("sandbox", &["auto-reply", "sdk"]),
];

/// Who alone may name a dependency; a `*` at its end stands for any rest.
const KEPT_BY: &[(&str, &[&str])] = &[
    ("wasmtime*", &["sandbox"]),
    ("wasmparser", &["sandbox"]),
    ("aws-config", &["aws"]),
    ("aws-sdk-*", &["aws"]),
    ("rusqlite", &["ledger"]),
    ("tantivy", &["knowledge"]),
    // Both stand for plugins that were written without the sdk.
    ("wit-bindgen", &["sdk", "fixture-v1", "wasi-guest"]),
];

/// Crates that do no input or output, and what must not even be reached from them.
const PURE: &[&str] = &["model", "rulebook", "gate"];
const IMPURE: &[&str] = &[
    "tokio", "reqwest", "axum", "hyper", "rusqlite", "wasmtime", "notify", "mio", "socket2",
];

/// One crate of ours.
#[derive(Default)]
struct Crate {
    /// What it names in `[dependencies]` and `[build-dependencies]`.
    named: BTreeSet<String>,
    /// What it names for its tests.
    named_by_tests: BTreeSet<String>,
    /// All that is linked with it.
    reached: BTreeSet<String>,
}

type Graph = BTreeMap<String, Crate>;

/// Reads the graph from cargo and judges it.
pub(crate) fn check() -> Result<(), Failure> {
    let metadata = workspace::metadata(&["--offline"]).or_else(|_| workspace::metadata(&[]))?;
    let findings = findings(&graph(&metadata));
    if findings.is_empty() {
        Ok(())
    } else {
        Err(Failure::Finding(findings.join("\n")))
    }
}

fn findings(graph: &Graph) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, one) in graph {
        let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| known == name) else {
            findings.push(format!(
                "{name} is new: give it its arrows in xtask/src/graph.rs"
            ));
            continue;
        };
        let ours = |other: &&String| graph.contains_key(*other);
        for other in one
            .named
            .iter()
            .filter(ours)
            .filter(|other| !allowed.contains(&other.as_str()))
        {
            findings.push(format!(
                "{name} depends on {other}, and may on: {}",
                allowed.join(", ")
            ));
        }
        let may_test_with = |other: &&String| {
            allowed.contains(&other.as_str())
                || TEST_COMPANIONS.contains(&other.as_str())
                || TESTED_WITH
                    .iter()
                    .any(|(whose, with)| whose == name && with.contains(&other.as_str()))
                || *other == name
        };
        for other in one
            .named_by_tests
            .iter()
            .filter(ours)
            .filter(|other| !may_test_with(other))
        {
            findings.push(format!(
                "the tests of {name} depend on {other}, which {name} must not know"
            ));
        }
        for other in one.named.iter().chain(&one.named_by_tests) {
            for (_, keepers) in KEPT_BY
                .iter()
                .filter(|(kept, keepers)| fits(kept, other) && !keepers.contains(&name.as_str()))
            {
                let keepers = keepers.join(" and ");
                findings.push(format!(
                    "{name} names {other}, which is reached through {keepers} alone"
                ));
            }
        }
        if PURE.contains(&name.as_str()) {
            for impure in IMPURE
                .iter()
                .filter(|impure| one.reached.contains(**impure))
            {
                findings.push(format!("{name} is pure, and {impure} is linked with it"));
            }
        }
    }
    findings
}

fn fits(pattern: &str, name: &str) -> bool {
    pattern
        .strip_suffix('*')
        .map_or(pattern == name, |start| name.starts_with(start))
}

fn graph(metadata: &Value) -> Graph {
    let members: BTreeSet<&str> = list(metadata, "workspace_members")
        .filter_map(Value::as_str)
        .collect();
    let resolved: BTreeMap<&str, &Value> = metadata
        .get("resolve")
        .map(|resolve| list(resolve, "nodes"))
        .into_iter()
        .flatten()
        .filter_map(|node| Some((text(node, "id")?, node)))
        .collect();
    let names: BTreeMap<&str, &str> = list(metadata, "packages")
        .filter_map(|package| Some((text(package, "id")?, text(package, "name")?)))
        .collect();
    let ours = list(metadata, "packages")
        .filter(|package| text(package, "id").is_some_and(|id| members.contains(id)));
    ours.filter_map(|package| {
        let mut one = Crate::default();
        for dependency in list(package, "dependencies") {
            let named = if text(dependency, "kind") == Some("dev") {
                &mut one.named_by_tests
            } else {
                &mut one.named
            };
            named.extend(text(dependency, "name").map(str::to_owned));
        }
        let reached = reached(text(package, "id")?, &resolved);
        one.reached = reached
            .iter()
            .filter_map(|id| names.get(id))
            .map(|name| (*name).to_owned())
            .collect();
        Some((text(package, "name")?.to_owned(), one))
    })
    .collect()
}

/// All packages that are linked with this one; those of tests and build scripts are not.
fn reached<'m>(id: &'m str, resolved: &BTreeMap<&'m str, &'m Value>) -> BTreeSet<&'m str> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![id];
    while let Some(next) = waiting.pop() {
        let Some(node) = resolved.get(next) else {
            continue;
        };
        for dependency in list(node, "deps") {
            let linked = list(dependency, "dep_kinds")
                .any(|kind| kind.get("kind").is_none_or(Value::is_null));
            if let (true, Some(package)) = (linked, text(dependency, "pkg"))
                && reached.insert(package)
            {
                waiting.push(package);
            }
        }
    }
    reached
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn one(named: &[&str], named_by_tests: &[&str], reached: &[&str]) -> Crate {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Crate {
            named: set(named),
            named_by_tests: set(named_by_tests),
            reached: set(reached),
        }
    }

    fn judged(crates: Vec<(&str, Crate)>) -> String {
        let mut graph: Graph = ARROWS
            .iter()
            .map(|(name, _)| ((*name).to_owned(), Crate::default()))
            .collect();
        graph.extend(crates.into_iter().map(|(name, one)| (name.to_owned(), one)));
        findings(&graph).join("\n")
    }

    #[test]
    fn the_design_itself_has_no_findings() {
        assert_eq!(
            judged(vec![
                (
                    "gate",
                    one(&["model", "serde"], &["proptest"], &["model", "serde"])
                ),
                (
                    "sandbox",
                    one(
                        &["model", "wasmtime"],
                        &["shipped", "auto-reply", "sdk"],
                        &["wasmtime", "tokio"]
                    )
                ),
                (
                    "aws",
                    one(&["gate", "aws-config", "tokio"], &["simulator"], &["tokio"])
                ),
            ]),
            ""
        );
    }

    #[test]
    fn an_arrow_against_the_design_is_a_finding() {
        let table = [
            (
                ("gate", one(&["ledger"], &[], &[])),
                "gate depends on ledger",
            ),
            (("engine", one(&["aws"], &[], &[])), "engine depends on aws"),
            (
                ("simulator", one(&["gate"], &[], &[])),
                "simulator depends on gate",
            ),
            (
                ("engine", one(&["shipped"], &[], &[])),
                "engine depends on shipped",
            ),
            (
                ("router", one(&["model"], &[], &[])),
                "router depends on model",
            ),
            (
                ("gate", one(&[], &["engine"], &[])),
                "the tests of gate depend on engine",
            ),
            (
                ("sandbox", one(&["sdk"], &[], &[])),
                "sandbox depends on sdk",
            ),
            (
                ("engine", one(&[], &["sdk"], &[])),
                "the tests of engine depend on sdk",
            ),
            (
                ("engine", one(&["wasmtime"], &[], &[])),
                "engine names wasmtime, which is reached through sandbox alone",
            ),
            (
                ("tollgate", one(&["aws-config"], &[], &[])),
                "tollgate names aws-config",
            ),
            (
                ("console", one(&[], &["rusqlite"], &[])),
                "console names rusqlite",
            ),
            (
                ("rulebook", one(&["jiff"], &[], &["tokio"])),
                "rulebook is pure, and tokio is linked with it",
            ),
            (("helpers", one(&[], &[], &[])), "helpers is new"),
        ];
        for (case, expected) in table {
            let findings = judged(vec![case]);
            assert!(
                findings.contains(expected),
                "{expected:?} not in {findings:?}"
            );
        }
    }

    #[test]
    fn what_is_reached_leaves_out_tests_and_build_scripts() {
        let metadata = json!({
            "workspace_members": ["g"],
            "packages": [
                {"id": "g", "name": "gate", "dependencies": [{"name": "serde", "kind": null}, {"name": "tokio", "kind": "dev"}]},
                {"id": "s", "name": "serde", "dependencies": []}, {"id": "t", "name": "tokio", "dependencies": []},
                {"id": "c", "name": "cc", "dependencies": []},
            ],
            "resolve": {"nodes": [
                {"id": "g", "deps": [{"pkg": "s", "dep_kinds": [{"kind": null}]}, {"pkg": "t", "dep_kinds": [{"kind": "dev"}]}]},
                {"id": "s", "deps": [{"pkg": "c", "dep_kinds": [{"kind": "build"}]}]},
            ]},
        });
        let graph = graph(&metadata);
        let gate = &graph["gate"];
        assert_eq!(gate.reached, BTreeSet::from(["serde".to_owned()]));
        assert_eq!(gate.named_by_tests, BTreeSet::from(["tokio".to_owned()]));
    }

    #[test]
    fn this_workspace_is_as_designed() {
        check().unwrap();
    }
}
