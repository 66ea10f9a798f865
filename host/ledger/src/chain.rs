//! The chain of a contact's consent log: whoever changes, removes, inserts or reorders an entry, or cuts off the tail, is found out,
//! and what an entry says can be erased all the same. Pure: every implementation of the ledger chains and verifies with this.
//!
//! An entry's content is committed to under a salt of its own: `commitment = HMAC(salt, content)`. The links chain commitments, not
//! contents: `link = HMAC(ledger key, previous link, tenant, contact, sequence, commitment)`. Erasing removes content and salt, and
//! what remains says that something was recorded there, in this order, and nothing of what. The contact keeps how many entries there
//! are, and a seal over the last link: without the ledger's key nobody can make one for a shorter chain.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use model::{ConsentChange, ContactId, ContactKey, TenantId};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// The bytes of a link, a commitment, a salt or a seal.
pub type Digest = [u8; 32];

/// What links and suppressions are made with. Known to the host alone, and not in the ledger: whoever can write the file cannot make a
/// chain that holds.
#[derive(Clone, PartialEq, Eq)]
pub struct LedgerKey(Digest);

impl LedgerKey {
    /// The key of a host, from its secret.
    #[must_use]
    pub fn of_host(secret: &[u8; 32]) -> Self {
        Self(keyed(secret, &[b"tollgate ledger key"]))
    }

    /// The key of a ledger that proves nothing to anybody: rehearsals, tests.
    #[must_use]
    pub fn of_nobody() -> Self {
        Self(*b"a ledger nobody needs to trust..")
    }

    /// By which a ledger knows the key again without holding it.
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        keyed(&self.0, &[b"fingerprint"])
    }

    /// What remains of a phone or user id whose contact was erased: enough to know it again, for whoever has the key.
    #[must_use]
    pub fn suppression(&self, tenant: &TenantId, kind: &str, value: &str) -> Digest {
        let parts: [&[u8]; 4] = [
            b"suppression",
            tenant.as_str().as_bytes(),
            kind.as_bytes(),
            value.as_bytes(),
        ];
        keyed(&self.0, &parts)
    }

    /// Each of a key's suppressions: by its phone, and by its user id.
    #[must_use]
    pub fn suppressions(&self, tenant: &TenantId, key: &ContactKey) -> Vec<Digest> {
        let phone = key.phone().map(|phone| ("phone", phone.as_str()));
        let user = key.user().map(|user| ("user", user.as_str()));
        let both = phone.into_iter().chain(user);
        both.map(|(kind, value)| self.suppression(tenant, kind, value))
            .collect()
    }
}

impl fmt::Debug for LedgerKey {
    // I12: a key is in no log.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LedgerKey(…)")
    }
}

/// What an entry of the log says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Content {
    /// The contact proved to be one person with another: that one's chain, as it stood, goes on in this one.
    Joined {
        /// The other's end.
        joined: End,
    },
    /// An opt-in or opt-out.
    Change(ConsentChange),
}

/// A chain that ended in another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Whose chain it was.
    pub contact: ContactId,
    /// So many entries.
    pub count: u64,
    /// The last link, in hex.
    pub link: String,
}

/// One entry as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its place, from 1 on.
    pub sequence: u64,
    /// What it says, as the very text that was committed to. None once it was erased.
    pub content: Option<String>,
    /// The key of its commitment. None once it was erased.
    pub salt: Option<Digest>,
    /// To what it says.
    pub commitment: Digest,
    /// To all before it, too.
    pub link: Digest,
}

/// Where a chain stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Head {
    /// So many entries.
    pub count: u64,
    /// The last link; zeros before the first.
    pub link: Digest,
}

/// Whose chain it is, and with which key it is made.
#[derive(Debug, Clone, Copy)]
pub struct Chain<'a> {
    /// The ledger's key.
    pub key: &'a LedgerKey,
    /// Whose contact.
    pub tenant: &'a TenantId,
    /// Which.
    pub contact: ContactId,
}

impl Chain<'_> {
    /// The next entry. The salt must be random: it is all that keeps an erased entry from being guessed.
    #[must_use]
    pub fn append(&self, head: &Head, content: String, salt: Digest) -> Link {
        let commitment = keyed(&salt, &[content.as_bytes()]);
        let sequence = head.count + 1;
        Link {
            sequence,
            content: Some(content),
            salt: Some(salt),
            commitment,
            link: self.link(&head.link, sequence, &commitment),
        }
    }

    /// What the contact keeps beside the count: made with the key, so that nobody else can make one for a chain that they cut.
    #[must_use]
    pub fn seal(&self, head: &Head) -> Digest {
        self.keyed(b"seal", head.count, &[&head.link])
    }

    fn link(&self, previous: &Digest, sequence: u64, commitment: &Digest) -> Digest {
        self.keyed(b"link", sequence, &[previous, commitment])
    }

    fn keyed(&self, what: &[u8], place: u64, rest: &[&Digest]) -> Digest {
        let (contact, place) = (self.contact.0.to_be_bytes(), place.to_be_bytes());
        let mut parts: Vec<&[u8]> = vec![what, self.tenant.as_str().as_bytes(), &contact, &place];
        parts.extend(rest.iter().map(|digest| digest.as_slice()));
        keyed(&self.key.0, &parts)
    }
}

/// Verifies one chain, entry by entry, so that a long one need not be in memory.
#[derive(Debug)]
pub struct Verifier<'a> {
    chain: Chain<'a>,
    at: Head,
    faults: Vec<Fault>,
}

/// What is wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// What the entry says is not what was recorded.
    Changed(u64),
    /// The entry is not there any more.
    Missing(u64),
    /// The entry was not recorded at this place: it, or one before it, was put there, moved or exchanged.
    OutOfPlace(u64),
    /// What the entry says was removed, and its contact was not erased.
    Emptied(u64),
    /// Entries after this one are gone: the contact counts more.
    CutOff {
        /// The last that is there.
        last: u64,
        /// So many were recorded.
        recorded: u64,
    },
    /// The contact's count or seal was changed: it does not belong to the last entry.
    Unsealed(u64),
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed(entry) => {
                write!(formatter, "entry {entry} was changed after it was recorded")
            }
            Self::Missing(entry) => write!(formatter, "entry {entry} was removed"),
            Self::OutOfPlace(entry) => {
                write!(
                    formatter,
                    "entry {entry} was not recorded at this place: it, or the one before it, was put there, moved or exchanged"
                )
            }
            Self::Emptied(entry) => {
                write!(
                    formatter,
                    "entry {entry} was emptied, and the contact was not erased"
                )
            }
            Self::CutOff { last, recorded } => {
                write!(
                    formatter,
                    "the entries after {last} were removed: {recorded} were recorded"
                )
            }
            Self::Unsealed(last) => {
                write!(
                    formatter,
                    "the contact's seal does not belong to entry {last}, the last that is there: one of the two was changed"
                )
            }
        }
    }
}

impl<'a> Verifier<'a> {
    /// From the beginning.
    #[must_use]
    pub fn new(chain: Chain<'a>) -> Self {
        Self {
            chain,
            at: Head::default(),
            faults: Vec::new(),
        }
    }

    /// The next entry as stored. `may_be_erased`: the contact was erased.
    pub fn entry(&mut self, entry: &Link, may_be_erased: bool) {
        let expected = self.at.count + 1;
        // One that is gone is named; the next then cannot continue it, and that is no second fault.
        let follows = entry.sequence == expected;
        for missing in expected..entry.sequence.min(expected + MISSING_NAMED) {
            self.faults.push(Fault::Missing(missing));
        }
        let link = self
            .chain
            .link(&self.at.link, entry.sequence, &entry.commitment);
        if follows && link != entry.link {
            self.faults.push(Fault::OutOfPlace(entry.sequence));
        }
        match (&entry.content, &entry.salt) {
            (Some(content), Some(salt)) => {
                if keyed(salt, &[content.as_bytes()]) != entry.commitment {
                    self.faults.push(Fault::Changed(entry.sequence));
                }
            }
            (None, None) if may_be_erased => {}
            (None, None) => self.faults.push(Fault::Emptied(entry.sequence)),
            _ => self.faults.push(Fault::Changed(entry.sequence)),
        }
        self.at = Head {
            count: entry.sequence,
            link: entry.link,
        };
    }

    /// An entry that was chained with a key that is no longer there: believed as it stands.
    pub fn unverifiable(&mut self, entry: &Link) {
        self.at = Head {
            count: entry.sequence,
            link: entry.link,
        };
    }

    /// All that is wrong, once the last entry was seen. `seal` is none where it was made with a key that is no longer there.
    #[must_use]
    pub fn end(mut self, recorded: u64, seal: Option<&Digest>) -> Vec<Fault> {
        let last = self.at.count;
        if recorded > last {
            self.faults.push(Fault::CutOff { last, recorded });
        } else if recorded < last || seal.is_some_and(|seal| *seal != self.chain.seal(&self.at)) {
            self.faults.push(Fault::Unsealed(last));
        }
        self.faults
    }

    /// The chain as far as it was seen.
    #[must_use]
    pub fn at(&self) -> Head {
        self.at
    }
}

/// So many missing entries of one gap are named one by one.
const MISSING_NAMED: u64 = 16;

/// Parts cannot run into each other: each bears its length.
fn keyed(key: &Digest, parts: &[&[u8]]) -> Digest {
    // HMAC takes a key of any length.
    let Ok(mut code) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    for part in parts {
        code.update(&(part.len() as u64).to_be_bytes());
        code.update(part);
    }
    code.finalize().into_bytes().into()
}
