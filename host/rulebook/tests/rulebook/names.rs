//! What a tenant's `tollgate.toml` would define in these tests.

use model::{DeskName, NumberId, PluginName, Span};
use rulebook::Names;

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
