//! What arrived: places in a contact's order, aliases, keys of what was seen, notices that were kept raw.

use model::{ContactId, DecisionId, Message, Moment, NumberId, TenantId};
use serde::{Deserialize, Serialize};

use super::{Alias, contact_partition, place};
use crate::dynamo::item::{Key, Places, Record};

pub(in crate::dynamo) fn place_key(tenant: &TenantId, id: ContactId, sequence: u64) -> Key {
    Key::new(contact_partition(tenant, id), format!("m#{sequence:016}"))
}

pub(in crate::dynamo) fn alias_key(tenant: &TenantId, alias: &Alias) -> Key {
    let Alias { kind, value } = alias;
    Key::new(format!("{tenant}#alias#{} {value}", kind.word()), "alias")
}

pub(in crate::dynamo) fn seen_key(tenant: &TenantId, number: &NumberId, key: &str) -> Key {
    Key::new(format!("{tenant}#seen#{number} {key}"), "seen")
}

/// A place in a contact's order: a message, or a join that the lane comes to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::dynamo) struct Place {
    pub(in crate::dynamo) tenant: TenantId,
    pub(in crate::dynamo) contact: ContactId,
    pub(in crate::dynamo) sequence: u64,
    pub(in crate::dynamo) accepted_at: Moment,
    pub(in crate::dynamo) is_stop: bool,
    pub(in crate::dynamo) what: What,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, and the usual one is the large one"
)]
pub(in crate::dynamo) enum What {
    Message { number: NumberId, message: Message },
    JoinWith(ContactId),
}

impl Place {
    /// The decision on its message.
    pub(in crate::dynamo) fn decision(&self) -> Option<DecisionId> {
        match &self.what {
            What::Message { number, message } => Some(DecisionId {
                tenant: self.tenant.clone(),
                number: number.clone(),
                message: message.id.clone(),
            }),
            What::JoinWith(_) => None,
        }
    }
}

impl Record for Place {
    const WHAT: &'static str = "message";

    fn key(&self) -> Key {
        place_key(&self.tenant, self.contact, self.sequence)
    }
}

/// Whose an alias is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::dynamo) struct Bearer {
    pub(in crate::dynamo) tenant: TenantId,
    pub(in crate::dynamo) alias: Alias,
    pub(in crate::dynamo) contact: ContactId,
}

impl Record for Bearer {
    const WHAT: &'static str = "alias";

    fn key(&self) -> Key {
        alias_key(&self.tenant, &self.alias)
    }
}

/// I2: what was seen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::dynamo) struct Seen {
    pub(in crate::dynamo) tenant: TenantId,
    pub(in crate::dynamo) number: NumberId,
    pub(in crate::dynamo) key: String,
    pub(in crate::dynamo) at: Moment,
}

impl Record for Seen {
    const WHAT: &'static str = "notice's key";

    fn key(&self) -> Key {
        seen_key(&self.tenant, &self.number, &self.key)
    }

    fn expires(&self) -> Option<Moment> {
        Some(self.at.plus(ledger::limits::KEY_LIFE))
    }
}

/// A notice that was kept raw.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::dynamo) struct KeptNotice {
    pub(in crate::dynamo) tenant: TenantId,
    pub(in crate::dynamo) number: NumberId,
    pub(in crate::dynamo) key: String,
    pub(in crate::dynamo) ordinal: u64,
    pub(in crate::dynamo) notice: String,
    pub(in crate::dynamo) name: String,
    pub(in crate::dynamo) channel: String,
    pub(in crate::dynamo) cause: Option<String>,
    pub(in crate::dynamo) raw: serde_json::Value,
    pub(in crate::dynamo) at: Moment,
}

impl Record for KeptNotice {
    const WHAT: &'static str = "notice";

    fn key(&self) -> Key {
        Key::new(
            format!("{}#kept#{} {}", self.tenant, self.number, self.key),
            "kept",
        )
    }

    /// 1: the tenant's, in order. 2: those of a name.
    fn places(&self) -> Places {
        let Self { tenant, name, .. } = self;
        let at = place(self.ordinal);
        [
            Some((format!("{tenant}#kept"), at.clone())),
            Some((format!("{tenant}#kept#{name}"), at)),
            None,
            None,
            None,
        ]
    }

    fn expires(&self) -> Option<Moment> {
        Some(self.at.plus(ledger::limits::KEPT_LIFE))
    }
}

/// Something of no consequence.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::dynamo) struct Probe {
    pub(in crate::dynamo) host: String,
    pub(in crate::dynamo) at: Moment,
}

impl Record for Probe {
    const WHAT: &'static str = "probe";

    fn key(&self) -> Key {
        Key::new("_host#probe", self.host.clone())
    }
}
