//! What limits that are shadows would have refused: counted, so that an operator sees what they would do before they do it.

use std::collections::BTreeMap;
use std::sync::Mutex;

use model::Check;

use crate::locked;

/// How often, by the check that would have refused. The gate has so many checks and no more.
#[derive(Debug, Default)]
pub(crate) struct ShadowRefusals(Mutex<BTreeMap<String, u64>>);

impl ShadowRefusals {
    /// Counts what a judgement lists.
    pub(crate) fn count(&self, checks: &[Check]) {
        for check in checks.iter().filter(|check| check.shadowed) {
            let mut counts = locked(&self.0);
            match counts.get_mut(&check.name) {
                Some(count) => *count += 1,
                None => drop(counts.insert(check.name.clone(), 1)),
            }
        }
    }

    /// As they stand.
    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        locked(&self.0).clone()
    }
}
