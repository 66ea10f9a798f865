//! A contact's record, and what stands beside it.

use std::collections::{BTreeMap, BTreeSet};

use ledger::chain::{Digest, Head};
use ledger::state::State;
use model::{
    ContactId, ContactKey, Moment, NumberId, Phone, SendState, SendToken, TenantId, UserId,
};
use serde::{Deserialize, Serialize};

use super::{Parts, Send, contact_key, id_text, part_of, parts, place, time};
use crate::dynamo::item::{Item, Key, Places, Record};

/// By what a contact is found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(in crate::dynamo) struct Alias {
    pub(in crate::dynamo) kind: Kind,
    pub(in crate::dynamo) value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::dynamo) enum Kind {
    Phone,
    User,
}

impl Kind {
    pub(in crate::dynamo) fn word(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::User => "user",
        }
    }
}

impl Alias {
    pub(in crate::dynamo) fn phone(phone: &Phone) -> Self {
        Self {
            kind: Kind::Phone,
            value: phone.as_str().to_owned(),
        }
    }

    pub(in crate::dynamo) fn user(user: &UserId) -> Self {
        Self {
            kind: Kind::User,
            value: user.as_str().to_owned(),
        }
    }
}

/// A contact's record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::dynamo) struct Person {
    pub(in crate::dynamo) tenant: TenantId,
    pub(in crate::dynamo) id: ContactId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::dynamo) phone: Option<Phone>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::dynamo) user: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::dynamo) name: Option<String>,
    pub(in crate::dynamo) state: State,
    pub(in crate::dynamo) last_inbound: BTreeMap<NumberId, Moment>,
    pub(in crate::dynamo) first_seen: Moment,
    pub(in crate::dynamo) stop_pending: bool,
    /// The last place given in its order, and the last that is done (I4).
    pub(in crate::dynamo) accepted: u64,
    pub(in crate::dynamo) done: u64,
    pub(in crate::dynamo) version: u64,
    /// Places of stops that are undone.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(in crate::dynamo) stops: BTreeSet<u64>,
    /// All by which it is found.
    pub(in crate::dynamo) aliases: BTreeSet<Alias>,
    /// Whom it has joined, or is to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::dynamo) into: Option<Tie>,
    /// Who has joined it, or is to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::dynamo) from: Vec<Tie>,
    /// Where its chain of consent stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::dynamo) chain: Option<ChainEnd>,
    /// Its sends that have not come to their end, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::dynamo) waiting: Vec<Waiting>,
    /// The last place in the order of its sends.
    #[serde(default)]
    pub(in crate::dynamo) last_send: u64,
    /// The last place given to notes.
    #[serde(default)]
    pub(in crate::dynamo) notes: u64,
    /// When a send reached it last outside of windows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::dynamo) reached: Option<Moment>,
    /// Nobody is behind it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::dynamo) erased_at: Option<Moment>,
}

/// A join, as one of the two knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::dynamo) struct Tie {
    pub(in crate::dynamo) contact: ContactId,
    pub(in crate::dynamo) is_done: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::dynamo) struct ChainEnd {
    pub(in crate::dynamo) count: u64,
    #[serde(with = "super::proving::in_hex")]
    pub(in crate::dynamo) link: Digest,
    #[serde(with = "super::proving::in_hex")]
    pub(in crate::dynamo) seal: Digest,
    pub(in crate::dynamo) era: u64,
}

impl ChainEnd {
    pub(in crate::dynamo) fn head(&self) -> Head {
        Head {
            count: self.count,
            link: self.link,
        }
    }
}

/// A send as far as its contact's order goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::dynamo) struct Waiting {
    pub(in crate::dynamo) ordinal: u64,
    pub(in crate::dynamo) token: SendToken,
    pub(in crate::dynamo) number: NumberId,
    pub(in crate::dynamo) state: SendState,
    pub(in crate::dynamo) not_before: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::dynamo) unsure_since: Option<Moment>,
}

impl Person {
    pub(in crate::dynamo) fn new(tenant: TenantId, id: ContactId, first_seen: Moment) -> Self {
        Self {
            tenant,
            id,
            phone: None,
            user: None,
            name: None,
            state: State::default(),
            last_inbound: BTreeMap::new(),
            first_seen,
            stop_pending: false,
            accepted: 0,
            done: 0,
            version: 0,
            stops: BTreeSet::new(),
            aliases: BTreeSet::new(),
            into: None,
            from: Vec::new(),
            chain: None,
            waiting: Vec::new(),
            last_send: 0,
            notes: 0,
            reached: None,
            erased_at: None,
        }
    }

    pub(in crate::dynamo) fn contact_key(&self) -> Option<ContactKey> {
        ContactKey::new(self.phone.clone(), self.user.clone())
    }

    /// Places in its lane that are joins and undone.
    pub(in crate::dynamo) fn joins_ahead(&self) -> u64 {
        let ties = self.into.iter().chain(&self.from);
        ties.filter(|tie| !tie.is_done).count() as u64
    }

    /// Messages that are undone.
    pub(in crate::dynamo) fn undone(&self) -> u64 {
        (self.accepted.saturating_sub(self.done)).saturating_sub(self.joins_ahead())
    }

    /// Notes where a send stands now.
    pub(in crate::dynamo) fn note_send(&mut self, send: &Send) {
        self.waiting
            .retain(|waiting| waiting.token != send.body.token);
        if let Some(waiting) = send.waiting() {
            let at = self
                .waiting
                .partition_point(|other| other.ordinal < waiting.ordinal);
            self.waiting.insert(at, waiting);
        }
    }

    /// Those of its sends that may be its first at some time, by what is known now: one that comes due no earlier than another before it
    /// is behind that one until it is gone. None while one is in flight.
    fn candidates(&self) -> Vec<&Waiting> {
        let mut found: Vec<&Waiting> = Vec::new();
        for send in &self.waiting {
            match send.state {
                SendState::InFlight => return Vec::new(),
                SendState::Ready => {
                    let is_first = found
                        .last()
                        .is_none_or(|last| send.not_before < last.not_before);
                    if is_first {
                        found.push(send);
                    }
                }
                _ => {}
            }
        }
        found
    }
}

/// Where a number's due sends stand: by time, and in parts by contact.
pub(in crate::dynamo) fn due_partitions(tenant: &TenantId, number: &NumberId) -> Parts {
    parts(&format!("{tenant}#due#{number}"))
}

/// Contacts that were reached in a slice of time.
pub(in crate::dynamo) fn reached_partition(tenant: &TenantId, slice: i64) -> String {
    format!("{tenant}#reached#{slice:012}")
}

pub(in crate::dynamo) const REACHED_SLICE_MS: i64 = 900_000;

impl Record for Person {
    const WHAT: &'static str = "contact";

    fn key(&self) -> Key {
        contact_key(&self.tenant, self.id)
    }

    /// 1: the tenant's contacts. 2: those with something undone. 3: those with a pause that ends.
    fn places(&self) -> Places {
        let Self { tenant, id, .. } = self;
        let (shard, at) = (part_of(*id), id_text(*id));
        let listed = self.erased_at.is_none() && self.into.is_none();
        let ahead = self.accepted > self.done;
        let paused = self
            .state
            .pause
            .as_ref()
            .filter(|_| self.erased_at.is_none());
        [
            listed.then(|| (format!("{tenant}#contacts#{shard}"), at.clone())),
            ahead.then(|| (format!("{tenant}#lanes#{shard}"), at.clone())),
            paused.map(|pause| {
                let place = format!("{} {at}", time(pause.until));
                (format!("{tenant}#timers"), place)
            }),
            None,
            None,
        ]
    }

    /// How many messages are undone.
    fn figure(&self) -> Option<i64> {
        let undone = i64::try_from(self.undone()).unwrap_or(i64::MAX);
        (self.accepted > self.done).then_some(undone)
    }

    fn beside(&self) -> Vec<(Key, Item)> {
        let Self { tenant, id, .. } = self;
        let shard = part_of(*id);
        let mut marks: Vec<(Key, Item)> = self
            .candidates()
            .into_iter()
            .map(|send| {
                let partition = format!("{tenant}#due#{}#{shard}", send.number);
                let sort = format!(
                    "{} {} {}",
                    time(send.not_before),
                    place(send.ordinal),
                    id_text(*id)
                );
                (Key::new(partition, sort), Item::mark())
            })
            .collect();
        if let Some(at) = self.reached.filter(|_| self.erased_at.is_none()) {
            let partition = reached_partition(tenant, at.0.div_euclid(REACHED_SLICE_MS));
            let sort = format!("{} {}", time(at), id_text(*id));
            let mark = Item {
                expires: Some(expires_after(at, gate::limits::TIER_SPAN)),
                ..Item::default()
            };
            marks.push((Key::new(partition, sort), mark));
        }
        marks
    }
}

/// In seconds since 1970, with an hour to spare: whoever reads looks at the time itself.
pub(in crate::dynamo) fn expires_after(at: Moment, life: model::Span) -> i64 {
    at.plus(life).0.div_euclid(1000) + 3600
}
