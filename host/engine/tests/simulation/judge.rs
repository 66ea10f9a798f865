//! The judge: it sees every commit, every request that the network took, and what the ledger says at the end, and holds all of it
//! against the invariants. Its model of a contact is its own, and naive.

mod arriving;
mod deciding;
mod leaving;

use std::collections::{BTreeMap, BTreeSet};

use model::{
    ContactId, DecisionId, Moment, NumberId, Outbound, SendToken, StopTarget, TenantId, Wamid,
};

use crate::shop;

/// A message, as far as it has come.
#[derive(Debug, Default)]
pub struct Heard {
    pub person: usize,
    pub words: String,
    pub acknowledged: bool,
    /// In whose lane, and the how-manyth there.
    pub accepted: Option<(ContactId, usize)>,
    pub decided: u32,
}

/// A contact, as its messages and their decisions make it.
#[derive(Debug, Default)]
pub struct Known {
    pub person: usize,
    /// Stops that were accepted and are not decided.
    pub stops: BTreeSet<DecisionId>,
    pub is_out: bool,
    /// Opt-ins and opt-outs that were settled.
    pub changes: usize,
    pub pause: Option<(Moment, Option<Wamid>)>,
    /// Every pause that it ever had.
    pauses: BTreeSet<Moment>,
    windows: BTreeMap<NumberId, Moment>,
    lane: Vec<DecisionId>,
    /// How many of its lane are decided.
    done: usize,
}

/// A send, as far as it has come.
#[derive(Debug)]
pub struct Sent {
    pub outbound: Outbound,
    /// The order in which sends were settled.
    pub ordinal: usize,
    pub is: Is,
    /// Nothing forbids that it leaves: it never did, or is known not to have been taken, or is to be sent once more.
    may_leave: bool,
    pub departures: u32,
    pub departed_at: Moment,
    pub resends: u32,
    /// How often the network took it.
    pub taken: u32,
    /// A status that is its own was accepted.
    pub is_confirmed: bool,
}

/// Where a send is, as the judge sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Is {
    Waiting,
    Flying,
    Unknown(Moment),
    Over,
}

/// One departure.
#[derive(Debug, Clone)]
pub struct Departed {
    pub tenant: TenantId,
    pub number: NumberId,
    pub contact: ContactId,
    pub at: Moment,
    pub token: SendToken,
    /// The network took it, this time.
    pub was_taken: bool,
    /// The clock had not been set until then: rates are counted by it.
    pub by_a_steady_clock: bool,
}

#[derive(Debug, Default)]
pub struct Judge {
    pub violations: Vec<String>,
    pub said: BTreeMap<DecisionId, Heard>,
    pub contacts: BTreeMap<(TenantId, ContactId), Known>,
    pub sends: BTreeMap<(TenantId, SendToken), Sent>,
    pub departures: Vec<Departed>,
    /// People who wrote under both of their names: what holds for either holds for both.
    united: BTreeSet<(TenantId, usize)>,
    switches: BTreeSet<(TenantId, StopTarget)>,
    /// The words of editions, by their hashes.
    editions: BTreeMap<String, &'static str>,
    flying_now: usize,
    pub clock_was_set: bool,
}

/// A send that left before one that stood before it: wrong, unless that one is over.
#[derive(Debug)]
pub struct Overtaken {
    pub by: SendToken,
    pub what: SendToken,
    pub of: DecisionId,
}

impl Judge {
    pub fn new() -> Self {
        let editions = shop::works().editions.iter();
        let words = editions
            .zip(shop::EDITIONS)
            .map(|(edition, word)| (edition.hash().to_owned(), word));
        Self {
            editions: words.collect(),
            ..Self::default()
        }
    }

    pub fn blame(&mut self, what: String) {
        self.violations.push(what);
    }

    /// Something is about to be sent to the host.
    pub fn said(&mut self, id: DecisionId, person: usize, words: &str) {
        let heard = self.said.entry(id).or_default();
        heard.person = person;
        words.clone_into(&mut heard.words);
    }

    pub fn acknowledged(&mut self, id: &DecisionId) {
        if let Some(heard) = self.said.get_mut(id) {
            heard.acknowledged = true;
        }
    }

    pub fn switched(&mut self, tenant: &TenantId, target: &StopTarget, is_thrown: bool) {
        let switch = (tenant.clone(), target.clone());
        match is_thrown {
            true => self.switches.insert(switch),
            false => self.switches.remove(&switch),
        };
    }

    /// A pause that was over was ended: it stays so, whatever the clock says later.
    pub fn pause_is_over(&mut self, tenant: &TenantId, contact: ContactId, now: Moment) {
        let Some(person) = self.person(tenant, contact) else {
            return;
        };
        for ((whose, _), known) in &mut self.contacts {
            let is_over = known.pause.as_ref().is_some_and(|(until, _)| *until <= now);
            if whose == tenant && known.person == person && is_over {
                known.pause = None;
            }
        }
    }

    /// A person gave the conversation back.
    pub fn released(&mut self, tenant: &TenantId, contact: ContactId) {
        let Some(person) = self.person(tenant, contact) else {
            return;
        };
        for ((whose, _), known) in &mut self.contacts {
            if whose == tenant && known.person == person {
                known.pause = None;
            }
        }
    }

    pub fn contact_of(&self, tenant: &TenantId, person: usize) -> Option<ContactId> {
        let mut theirs = self
            .contacts
            .iter()
            .filter(|((whose, _), known)| whose == tenant && known.person == person);
        theirs.next().map(|((_, id), _)| *id)
    }

    pub fn is_united(&self, tenant: &TenantId, person: usize) -> bool {
        self.united.contains(&(tenant.clone(), person))
    }

    /// What is known of them lies with more than one contact, or did until these were joined.
    pub fn has_two_names(&self, tenant: &TenantId, person: usize) -> bool {
        let theirs = self
            .contacts
            .iter()
            .filter(|((whose, _), known)| whose == tenant && known.person == person);
        theirs.count() > 1
    }

    fn person(&self, tenant: &TenantId, contact: ContactId) -> Option<usize> {
        let known = self.contacts.get(&(tenant.clone(), contact))?;
        Some(known.person)
    }

    fn known(&mut self, tenant: &TenantId, contact: ContactId, person: usize) -> &mut Known {
        let key = (tenant.clone(), contact);
        self.contacts.entry(key).or_insert_with(|| Known {
            person,
            ..Known::default()
        })
    }

    /// A contact's records: its own, and those of all its names once they are known to be one person's.
    fn group(&self, tenant: &TenantId, contact: ContactId) -> Vec<&Known> {
        let Some(person) = self.person(tenant, contact) else {
            return Vec::new();
        };
        let is_united = self.is_united(tenant, person);
        let theirs = self.contacts.iter().filter(|((whose, id), known)| {
            whose == tenant && (*id == contact || is_united && known.person == person)
        });
        theirs.map(|(_, known)| known).collect()
    }

    /// All records of whoever this contact is.
    fn of_the_same<'a>(
        &'a self,
        tenant: &'a TenantId,
        contact: ContactId,
    ) -> impl Iterator<Item = &'a Known> {
        let person = self.person(tenant, contact);
        let theirs = self
            .contacts
            .iter()
            .filter(move |((whose, _), known)| *whose == *tenant && Some(known.person) == person);
        theirs.map(|(_, known)| known)
    }

    fn of_person_mut(
        &mut self,
        tenant: &TenantId,
        contact: ContactId,
        person: usize,
    ) -> Vec<&mut Known> {
        self.known(tenant, contact, person);
        let theirs = self
            .contacts
            .iter_mut()
            .filter(|((whose, id), _)| whose == tenant && *id == contact);
        theirs.map(|(_, known)| known).collect()
    }
}

/// The message that made a send.
pub fn cause(outbound: &Outbound) -> DecisionId {
    DecisionId {
        tenant: outbound.tenant.clone(),
        number: outbound.number.clone(),
        message: outbound.cause.clone(),
    }
}
