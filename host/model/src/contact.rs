//! A person as one tenant knows them, and what they allowed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    ContactId, DeskName, Language, Moment, NumberId, Phone, RuleCount, RuleName, Tempo, TenantId,
    UserId, Wamid,
};

/// By what a contact is found: a phone, a business-scoped user id, or both. Never neither.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactKey {
    /// A phone alone.
    Phone(Phone),
    /// A user id alone.
    User(UserId),
    /// Both.
    Both(Phone, UserId),
}

impl ContactKey {
    /// From what a payload held; nothing if it held neither.
    #[must_use]
    pub fn new(phone: Option<Phone>, user: Option<UserId>) -> Option<Self> {
        match (phone, user) {
            (Some(phone), Some(user)) => Some(Self::Both(phone, user)),
            (Some(phone), None) => Some(Self::Phone(phone)),
            (None, Some(user)) => Some(Self::User(user)),
            (None, None) => None,
        }
    }

    /// The phone, if known.
    #[must_use]
    pub fn phone(&self) -> Option<&Phone> {
        match self {
            Self::Phone(phone) | Self::Both(phone, _) => Some(phone),
            Self::User(_) => None,
        }
    }

    /// The user id, if known.
    #[must_use]
    pub fn user(&self) -> Option<&UserId> {
        match self {
            Self::User(user) | Self::Both(_, user) => Some(user),
            Self::Phone(_) => None,
        }
    }

    /// For logs and pages: never the full number (I12).
    #[must_use]
    pub fn masked(&self) -> String {
        match self {
            Self::Phone(phone) | Self::Both(phone, _) => phone.masked(),
            Self::User(user) => {
                let text = user.as_str();
                format!(
                    "user …{}",
                    text.get(text.len().saturating_sub(4)..).unwrap_or(text)
                )
            }
        }
    }
}

/// What a tenant knows of a contact. The ledger keeps it; a settle changes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Whose contact.
    pub tenant: TenantId,
    /// Opaque and permanent.
    pub id: ContactId,
    /// Phone and user id.
    pub key: ContactKey,
    /// The name the contact gave themselves.
    pub name: Option<String>,
    /// The language they last used, or that a person set.
    pub language: Option<Language>,
    /// Marks that rules and desks put on them.
    pub tags: BTreeSet<String>,
    /// What they allowed.
    pub consent: Consent,
    /// A stop was accepted and is not settled yet: the gate takes it as an opt-out (I6).
    pub stop_pending: bool,
    /// A person has the conversation.
    pub pause: Option<Pause>,
    /// When they first wrote.
    pub first_seen: Moment,
    /// When they last wrote, by the number they wrote to: each has a service window of its own.
    pub last_inbound: BTreeMap<NumberId, Moment>,
    /// When they wrote the message before the one being handled, on whichever number; nothing if that one is their first.
    /// Settle moves it on to the message it settles, accept does not touch it: messages wait in line, and each must see the one
    /// before it, not the newest. `when.first` rests on it.
    #[serde(default)]
    pub previous_inbound: Option<Moment>,
    /// The desk that last had the conversation.
    #[serde(default)]
    pub last_desk: Option<DeskName>,
    /// The rule that last answered, and when: the second step of a conversation rests on it.
    #[serde(default)]
    pub last_rule: Option<(RuleName, Moment)>,
    /// When a rule with `once_per` last answered.
    pub fired: BTreeMap<RuleName, Moment>,
    /// How often rules with a `limit` per contact answered, in the period that each last answered in.
    #[serde(default)]
    pub counts: Vec<RuleCount>,
    /// How fast the conversation goes.
    #[serde(default)]
    pub tempo: Tempo,
    /// Counts the changes that a settle must not overwrite unseen.
    pub version: u64,
}

impl Contact {
    /// Somebody of whom no more is known.
    #[must_use]
    pub fn new(tenant: TenantId, id: ContactId, key: ContactKey, first_seen: Moment) -> Self {
        Self {
            tenant,
            id,
            key,
            name: None,
            language: None,
            tags: BTreeSet::new(),
            consent: Consent::default(),
            stop_pending: false,
            pause: None,
            first_seen,
            last_inbound: BTreeMap::new(),
            previous_inbound: None,
            last_desk: None,
            last_rule: None,
            fired: BTreeMap::new(),
            counts: Vec::new(),
            tempo: Tempo::default(),
            version: 0,
        }
    }
}

/// The bot keeps silent: a person has the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Until when.
    pub until: Moment,
    /// The message whose decision paused: what that decision itself sends still passes.
    pub by: Option<Wamid>,
}

/// What a contact allowed: everything, and marketing on top.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Any message at all.
    pub everything: Permission,
    /// Messages that advertise.
    pub marketing: Permission,
}

/// Whether, and since when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", content = "since", rename_all = "snake_case")]
pub enum Permission {
    /// Never said either way.
    #[default]
    Unasked,
    /// Said yes.
    In(Moment),
    /// Said no.
    Out(Moment),
}

impl Permission {
    /// Said no.
    #[must_use]
    pub fn is_out(self) -> bool {
        matches!(self, Self::Out(_))
    }

    /// Said yes.
    #[must_use]
    pub fn is_in(self) -> bool {
        matches!(self, Self::In(_))
    }
}

/// What a consent change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentScope {
    /// Any message at all.
    Everything,
    /// Messages that advertise.
    Marketing,
}

/// An opt-in or opt-out, with what proves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentChange {
    /// What it is about.
    pub scope: ConsentScope,
    /// True for in, false for out.
    pub opted_in: bool,
    /// What proves it.
    pub evidence: Evidence,
    /// When.
    pub at: Moment,
}

/// Why we believe that the contact wanted it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Where it came from: `message`, `preference`, `operator`, …
    pub source: String,
    /// The message that said so.
    pub message: Option<Wamid>,
    /// Its words.
    pub text: Option<String>,
}

impl Consent {
    /// Applies a change.
    pub fn apply(&mut self, change: &ConsentChange) {
        let permission = if change.opted_in {
            Permission::In(change.at)
        } else {
            Permission::Out(change.at)
        };
        match change.scope {
            ConsentScope::Everything => self.everything = permission,
            ConsentScope::Marketing => self.marketing = permission,
        }
    }
}
