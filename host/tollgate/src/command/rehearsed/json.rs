//! Tests as data: one JSON object in a line for each. docs/rules.md describes the fields; they are only ever added to.

use engine::rehearsal::{Coverage, Heard, Red, Rehearsed, Why};
use model::LookResult;
use serde_json::{Value, json};

/// One object for each test.
pub(super) fn tests(tests: &[Rehearsed]) -> String {
    let line = |test: &Rehearsed| format!("{}\n", object(test));
    tests.iter().map(line).collect()
}

fn object(test: &Rehearsed) -> Value {
    json!({
        "kind": "test",
        "tenant": test.tenant,
        "test": test.name,
        "file": test.file,
        "line": test.line,
        "green": test.is_green(),
        "millis": u64::try_from(test.took.as_millis()).unwrap_or(u64::MAX),
        "red": test.red.iter().map(red).collect::<Vec<_>>(),
        "turns": test.turns.iter().map(turn).collect::<Vec<_>>(),
    })
}

fn red(red: &Red) -> Value {
    json!({
        "key": red.key,
        "turn": red.turn,
        "expected": red.expected,
        "seen": red.seen,
        "line": red.diagnostic.line,
        "column": red.diagnostic.column,
        "message": red.diagnostic.message,
        "help": red.diagnostic.help,
    })
}

fn turn(turn: &Heard) -> Value {
    json!({
        "said": turn.said,
        "at": turn.at,
        "rules": turn.answered,
        "replies": turn.replies,
        "drafts": turn.drafts.iter().map(|(desk, message)| json!({"desk": desk, "message": message})).collect::<Vec<_>>(),
        "refused": turn.decision.refusals().map(model::Refusal::word).collect::<Vec<_>>(),
        "handed_to": turn.hand_offs.iter().map(|hand_off| &hand_off.desk).collect::<Vec<_>>(),
        "why": turn.why.as_ref().map(why),
        "decision": turn.decision,
    })
}

fn why(why: &Why) -> Value {
    let absent = why.absent.iter();
    let before = why.before.iter().filter_map(|look| match &look.result {
        LookResult::Missed { condition, seen } => {
            Some(json!({ "rule": look.rule, "condition": condition, "seen": seen }))
        }
        LookResult::Matched => None,
    });
    json!({
        "expected": absent
            .map(|(rule, hindrance)| json!({ "rule": rule, "because": hindrance.to_string() }))
            .collect::<Vec<_>>(),
        "ended_by": why.ended_by,
        "before": before.collect::<Vec<_>>(),
        "left_out": why.left_out,
    })
}

/// One object for each tenant.
pub(super) fn coverage(all: &[Coverage]) -> String {
    let line = |coverage: &Coverage| {
        let rules = coverage.rules.iter().map(|rule| {
            let untaken = rule.untaken.iter();
            json!({
                "rule": rule.rule,
                "file": rule.file,
                "line": rule.line,
                "tests": rule.tests,
                "unheard": rule.unheard,
                "untaken": untaken.map(|(key, to)| json!({ "key": key, "rule": to })).collect::<Vec<_>>(),
            })
        });
        let languages = coverage.by_language().into_iter();
        let languages = languages.map(
            |(language, (heard, of))| json!({ "language": language, "rules": of, "heard": heard }),
        );
        let object = json!({
            "kind": "coverage",
            "tenant": coverage.tenant,
            "green": coverage.unreached().next().is_none(),
            "unreached": coverage.unreached().map(|rule| &rule.rule).collect::<Vec<_>>(),
            "languages": languages.collect::<Vec<_>>(),
            "rules": rules.collect::<Vec<_>>(),
        });
        format!("{object}\n")
    };
    all.iter().map(line).collect()
}
