//! The log of consent, with what it is made, and what remains of who was erased.

use ledger::chain::{Digest, Link};
use model::{ContactId, Moment, TenantId};
use serde::{Deserialize, Serialize};

use super::contact_partition;
use crate::dynamo::item::{Key, Record};

/// An entry of a contact's log of consent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::dynamo) struct LogEntry {
    pub(in crate::dynamo) tenant: TenantId,
    pub(in crate::dynamo) contact: ContactId,
    pub(in crate::dynamo) seq: u64,
    /// None once it was erased.
    pub(in crate::dynamo) content: Option<String>,
    #[serde(with = "in_hex_if_any")]
    pub(in crate::dynamo) salt: Option<Digest>,
    #[serde(with = "in_hex")]
    pub(in crate::dynamo) commitment: Digest,
    #[serde(with = "in_hex")]
    pub(in crate::dynamo) link: Digest,
    pub(in crate::dynamo) era: u64,
}

impl LogEntry {
    pub(in crate::dynamo) fn link(&self) -> Link {
        Link {
            sequence: self.seq,
            content: self.content.clone(),
            salt: self.salt,
            commitment: self.commitment,
            link: self.link,
        }
    }
}

impl Record for LogEntry {
    const WHAT: &'static str = "change of consent";

    fn key(&self) -> Key {
        Key::new(
            contact_partition(&self.tenant, self.contact),
            format!("l#{:016}", self.seq),
        )
    }
}

/// What remains of an erased contact who had opted out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::dynamo) struct Suppressed {
    pub(in crate::dynamo) tenant: TenantId,
    pub(in crate::dynamo) hash: String,
    pub(in crate::dynamo) everything: Option<Moment>,
    pub(in crate::dynamo) marketing: Option<Moment>,
}

pub(in crate::dynamo) fn suppressed_key(tenant: &TenantId, hash: &Digest) -> Key {
    Key::new(
        format!("{tenant}#suppressed#{}", hex::encode(hash)),
        "suppressed",
    )
}

impl Record for Suppressed {
    const WHAT: &'static str = "suppression";

    fn key(&self) -> Key {
        Key::new(
            format!("{}#suppressed#{}", self.tenant, self.hash),
            "suppressed",
        )
    }
}

/// A key that links were made with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::dynamo) struct Era {
    pub(in crate::dynamo) fingerprint: String,
    pub(in crate::dynamo) era: u64,
}

pub(in crate::dynamo) const ERAS: &str = "_host#keys";

impl Record for Era {
    const WHAT: &'static str = "ledger's key";

    fn key(&self) -> Key {
        Key::new(ERAS, self.fingerprint.clone())
    }
}

pub(super) mod in_hex {
    use ledger::chain::Digest;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(in crate::dynamo) fn serialize<S: Serializer>(
        digest: &Digest,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(digest))
    }

    /// What somebody wrote there instead is read as zeros: that verifies as nothing of ours.
    pub(in crate::dynamo) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Digest, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut digest = Digest::default();
        Ok(match hex::decode_to_slice(text, &mut digest) {
            Ok(()) => digest,
            Err(_) => Digest::default(),
        })
    }
}

mod in_hex_if_any {
    use ledger::chain::Digest;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(in crate::dynamo) fn serialize<S: Serializer>(
        digest: &Option<Digest>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match digest {
            Some(digest) => serializer.serialize_some(&hex::encode(digest)),
            None => serializer.serialize_none(),
        }
    }

    pub(in crate::dynamo) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Digest>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(text.map(|text| {
            let mut digest = Digest::default();
            match hex::decode_to_slice(text, &mut digest) {
                Ok(()) => digest,
                Err(_) => Digest::default(),
            }
        }))
    }
}
