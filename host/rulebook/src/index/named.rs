//! Rules by a name that a message or its contact bears.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::BuildHasherDefault;

/// Without randomness, which a pure crate draws none of: what is looked up is not inserted, so nobody can fill it with what collides.
pub(super) type Table<Value> = HashMap<Box<str>, Value, BuildHasherDefault<DefaultHasher>>;

/// Rules by a name, each list in order.
#[derive(Debug, Default)]
pub(super) struct Named(Table<Vec<u32>>);

impl Named {
    /// Adds a rule, which comes after all that were added before, under some names.
    pub(super) fn insert(&mut self, names: impl IntoIterator<Item = impl AsRef<str>>, rule: u32) {
        for name in names {
            let rules = self.0.entry(name.as_ref().into()).or_default();
            if rules.last() != Some(&rule) {
                rules.push(rule);
            }
        }
    }

    pub(super) fn get(&self, name: &str) -> &[u32] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
