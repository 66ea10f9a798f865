//! What a settle changes of a contact, and what becomes of it when two contacts prove to be one. Pure: every implementation of the
//! ledger keeps it as one value, and joins it with this.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Consent, ConsentChange, ConsentScope, Contact, DeskName, Language, Moment, Pause, Permission,
    RuleCount, RuleName, Tempo,
};
use serde::{Deserialize, Serialize};

/// What a settle changes, stored as one text. What was added since the first version is not there in older ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// As [`Contact::language`].
    pub language: Option<Language>,
    /// As [`Contact::tags`].
    pub tags: BTreeSet<String>,
    /// As [`Contact::consent`].
    pub consent: Consent,
    /// As [`Contact::pause`].
    pub pause: Option<Pause>,
    /// As [`Contact::previous_inbound`].
    pub previous_inbound: Option<Moment>,
    /// As [`Contact::last_desk`].
    #[serde(default)]
    pub last_desk: Option<DeskName>,
    /// As [`Contact::last_rule`].
    #[serde(default)]
    pub last_rule: Option<(RuleName, Moment)>,
    /// As [`Contact::fired`].
    pub fired: BTreeMap<RuleName, Moment>,
    /// As [`Contact::counts`].
    #[serde(default)]
    pub counts: Vec<RuleCount>,
    /// As [`Contact::tempo`].
    #[serde(default)]
    pub tempo: Tempo,
}

impl State {
    /// A contact's.
    #[must_use]
    pub fn of(contact: &Contact) -> Self {
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
    pub fn restrict(&mut self, other: &Self) {
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

    /// Makes one of two: all of both, and of what they allowed the stricter.
    pub fn unite(&mut self, other: Self) {
        self.restrict(&other);
        self.tags.extend(other.tags);
        for (rule, at) in other.fired {
            let fired = self.fired.entry(rule).or_insert(at);
            *fired = (*fired).max(at);
        }
        for count in other.counts {
            join_count(&mut self.counts, count);
        }
        join_tempo(&mut self.tempo, other.tempo);
        // What a settle says of a conversation is as old as the message it settled.
        let is_later = other.previous_inbound > self.previous_inbound;
        later(is_later, &mut self.language, other.language);
        later(is_later, &mut self.last_desk, other.last_desk);
        let answered = |rule: &Option<(_, Moment)>| rule.as_ref().map(|(_, at)| *at);
        if answered(&other.last_rule) > answered(&self.last_rule) {
            self.last_rule = other.last_rule;
        }
        self.previous_inbound = self.previous_inbound.max(other.previous_inbound);
    }
}

/// Of two that say something the later counts; one that says nothing does not.
pub fn later<T>(other_is_later: bool, one: &mut Option<T>, other: Option<T>) {
    if other.is_some() && (other_is_later || one.is_none()) {
        *one = other;
    }
}

/// Whether a change says something new. Said at the same moment, a no outweighs a yes.
#[must_use]
pub fn is_news(consent: &Consent, change: &ConsentChange) -> bool {
    let stands = match change.scope {
        ConsentScope::Everything => consent.everything,
        ConsentScope::Marketing => consent.marketing,
    };
    match stands {
        Permission::Unasked => true,
        Permission::In(since) => change.at > since || (change.at == since && !change.opted_in),
        Permission::Out(since) => change.at > since,
    }
}

/// Of one period both count; of two the later is the one that matters.
fn join_count(counts: &mut Vec<RuleCount>, other: RuleCount) {
    let same = |count: &&mut RuleCount| (&count.rule, count.per) == (&other.rule, other.per);
    match counts.iter_mut().find(same) {
        Some(count) if count.since == other.since => {
            count.times = count.times.saturating_add(other.times);
        }
        Some(count) if count.since < other.since => *count = other,
        Some(_) => {}
        None => counts.push(other),
    }
}

/// What was done with either was done with one person: it counts together.
fn join_tempo(tempo: &mut Tempo, other: Tempo) {
    tempo.answered_at_once = tempo.answered_at_once.max(other.answered_at_once);
    tempo.spoke_at = tempo.spoke_at.max(other.spoke_at);
    for slice in other.lately {
        match tempo.lately.iter_mut().find(|own| own.since == slice.since) {
            Some(own) => {
                own.turns = own.turns.saturating_add(slice.turns);
                own.sends = own.sends.saturating_add(slice.sends);
            }
            None => tempo.lately.push(slice),
        }
    }
    tempo.lately.sort_by_key(|slice| slice.since);
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
