//! What a contact's log of consent says in all, beside what the contact's record holds: for checks, whatever the ledger is made of.

use model::ConsentScope;

use crate::state::State;

/// What a chain's entries said, to compare with what the contact's record holds.
#[derive(Debug)]
pub struct Said {
    changes: Vec<(ConsentScope, bool)>,
    /// Nothing of it was erased or stands in another chain.
    pub is_whole: bool,
}

impl Default for Said {
    fn default() -> Self {
        Self {
            changes: Vec::new(),
            is_whole: true,
        }
    }
}

impl Said {
    /// Notes what an entry said.
    pub fn hear(&mut self, scope: ConsentScope, opted_in: bool) {
        if !self.changes.contains(&(scope, opted_in)) {
            self.changes.push((scope, opted_in));
        }
    }

    /// What the record holds and no entry proves: all entries were removed, or the record was changed.
    #[must_use]
    pub fn lacks(&self, state: &State) -> Option<String> {
        let scopes = [
            (
                ConsentScope::Everything,
                state.consent.everything,
                "messages",
            ),
            (
                ConsentScope::Marketing,
                state.consent.marketing,
                "marketing",
            ),
        ];
        scopes.into_iter().find_map(|(scope, permission, of)| {
            let opted_in = match () {
                () if permission.is_in() => true,
                () if permission.is_out() => false,
                () => return None,
            };
            let proved = self.changes.contains(&(scope, opted_in))
                // An opt-out of everything says the same of marketing, and back in likewise.
                || self.changes.contains(&(ConsentScope::Everything, opted_in));
            (!proved).then(|| {
                let way = if opted_in { "in" } else { "out" };
                format!("the contact stands as opted {way} for {of}, and no entry says so")
            })
        })
    }
}
