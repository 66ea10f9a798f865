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
        self.pause = match (self.pause.take(), &other.pause) {
            (Some(own), Some(other)) => Some(longer(own, other)),
            (own, other) => own.or_else(|| other.clone()),
        };
    }
}

/// Of two pauses neither lets pass what the other forbids: what either's own decision sends passes no more.
fn longer(own: Pause, other: &Pause) -> Pause {
    let by = own.by.filter(|by| other.by.as_ref() == Some(by));
    let until = own.until.max(other.until);
    Pause { until, by }
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

#[cfg(test)]
mod tests {
    use model::Wamid;

    use super::*;

    fn paused(until: i64, by: Option<&str>) -> State {
        let by = by.map(|by| Wamid::new(by).unwrap());
        let until = Moment(until);
        State {
            pause: Some(Pause { until, by }),
            ..State::default()
        }
    }

    #[test]
    fn i06_of_two_pauses_neither_lets_pass_what_the_other_forbids() {
        let cases = [
            (paused(10, Some("a")), paused(20, Some("b")), (20, None)),
            (paused(20, Some("a")), paused(10, None), (20, None)),
            (
                paused(10, Some("a")),
                paused(20, Some("a")),
                (20, Some("a")),
            ),
            (paused(10, Some("a")), State::default(), (10, Some("a"))),
            (State::default(), paused(10, Some("b")), (10, Some("b"))),
        ];
        for (mut own, other, (until, by)) in cases {
            own.restrict(&other);
            let pause = own.pause.unwrap();
            let found = (pause.until.0, pause.by.as_ref().map(Wamid::as_str));
            assert_eq!(found, (until, by));
        }
    }
}
