//! What a tenant's `tollgate.toml` would define in these tests, and files of rules read with it.

use model::{DeskName, NumberId, PluginName, Span};
use rulebook::{Draft, Names, Reading, Source, read};

pub(crate) fn names() -> Names {
    Names {
        plugins: ["auto-reply", "router", "opt-out", "kb-answer"]
            .into_iter()
            .map(|name| PluginName::new(name).unwrap())
            .collect(),
        desks: ["support", "sales"]
            .into_iter()
            .map(|name| DeskName::new(name).unwrap())
            .collect(),
        numbers: [("main", "100001"), ("second", "100002")]
            .map(|(alias, id)| (alias.to_owned(), NumberId::new(id).unwrap()))
            .into(),
        answer_within: Span::from_hours(6),
    }
}

fn reading(text: String) -> Reading {
    let name = "a.toml".to_owned();
    read(&[Source { name, text }], &names())
}

fn shown(reading: &Reading) -> String {
    let found = reading.diagnostics.iter();
    let found: Vec<_> = found.map(|found| found.render(false)).collect();
    found.join("\n")
}

/// The draft of a file without errors.
pub(crate) fn drafted(text: String) -> Draft {
    let reading = reading(text);
    let shown = shown(&reading);
    reading.draft.unwrap_or_else(|| panic!("{shown}"))
}

/// The draft of a file of which nothing is said.
pub(crate) fn spotless(text: String) -> Draft {
    let reading = reading(text);
    assert!(reading.diagnostics.is_empty(), "{}", shown(&reading));
    reading.draft.unwrap()
}
