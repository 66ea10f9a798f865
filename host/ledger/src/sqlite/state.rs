//! What a settle changes of a contact.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Consent, Contact, DeskName, Language, Moment, Pause, Permission, RuleCount, RuleName, Tempo,
};
use serde::{Deserialize, Serialize};

/// What a settle changes, stored as one text. What was added since the first version is not there in older ones.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) language: Option<Language>,
    pub(super) tags: BTreeSet<String>,
    pub(super) consent: Consent,
    pub(super) pause: Option<Pause>,
    pub(super) previous_inbound: Option<Moment>,
    #[serde(default)]
    pub(super) last_desk: Option<DeskName>,
    #[serde(default)]
    pub(super) last_rule: Option<(RuleName, Moment)>,
    pub(super) fired: BTreeMap<RuleName, Moment>,
    #[serde(default)]
    pub(super) counts: Vec<RuleCount>,
    #[serde(default)]
    pub(super) tempo: Tempo,
}

impl State {
    pub(super) fn of(contact: &Contact) -> Self {
        Self {
            language: contact.language.clone(),
            tags: contact.tags.clone(),
            consent: contact.consent.clone(),
            pause: contact.pause.clone(),
            previous_inbound: contact.previous_inbound,
            last_desk: contact.last_desk.clone(),
            last_rule: contact.last_rule.clone(),
            fired: contact.fired.clone(),
            counts: contact.counts.clone(),
            tempo: contact.tempo.clone(),
        }
    }

    /// Nothing that either forbids is allowed by the other.
    pub(super) fn restrict(&mut self, other: &Self) {
        let Consent {
            everything,
            marketing,
        } = &mut self.consent;
        *everything = stricter(*everything, other.consent.everything);
        *marketing = stricter(*marketing, other.consent.marketing);
        let until = |pause: &Option<Pause>| pause.as_ref().map(|pause| pause.until);
        if until(&other.pause) > until(&self.pause) {
            self.pause.clone_from(&other.pause);
        }
    }
}

/// A no outweighs a yes, and a yes silence; of two alike the later.
fn stricter(one: Permission, other: Permission) -> Permission {
    use Permission::{In, Out, Unasked};
    match (one, other) {
        (Out(one), Out(other)) => Out(one.max(other)),
        (Out(since), _) | (_, Out(since)) => Out(since),
        (In(one), In(other)) => In(one.max(other)),
        (In(since), Unasked) | (Unasked, In(since)) => In(since),
        (Unasked, Unasked) => Unasked,
    }
}
