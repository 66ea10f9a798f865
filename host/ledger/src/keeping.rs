//! How long things are kept, and what is seen of them: erasure, retention, checks, figures, a person's own data.

use std::collections::BTreeMap;

use model::{ContactId, Moment, Span, TenantId};
use serde::Serialize;

use crate::limits;

/// How many of what, by the name of its class: `messages`, `decisions`, `sends`, …
pub type ByClass = BTreeMap<&'static str, u64>;

/// What erasing a contact removed, or would remove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// The contact that remained of all who proved to be this person. Its id is never given again.
    pub contact: ContactId,
    /// Of each class how many records.
    pub removed: ByClass,
    /// They had opted out: so many of their phones and user ids are remembered, as keyed hashes, to be opted out from the first
    /// moment if they come back.
    pub suppressed: u64,
    /// They were erased before: nothing was there any more.
    pub again: bool,
}

/// How long each class of record is kept after it has come to its end. What is undone, waiting, in flight, of unknown outcome or held
/// is no such record, however old it is. The log of consent has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Decisions on messages that no rule applied to and of which nothing came, with the message.
    pub dull: Span,
    /// All others, with the message and its dead letter.
    pub decisions: Span,
    /// Sends that arrived, failed, or were taken back.
    pub sends: Span,
    /// Conversations that were handed to people.
    pub hand_offs: Span,
    /// Drafts that were sent or dropped.
    pub drafts: Span,
    /// What plugins noted about contacts.
    pub notes: Span,
    /// Messages that could not be done.
    pub dead_letters: Span,
    /// Notices that were kept raw.
    pub notices: Span,
}

impl Default for Retention {
    fn default() -> Self {
        const QUARTER: Span = Span::from_hours(90 * 24);
        Self {
            dull: Span::from_hours(7 * 24),
            decisions: QUARTER,
            sends: QUARTER,
            hand_offs: QUARTER,
            drafts: QUARTER,
            notes: Span::from_hours(365 * 24),
            dead_letters: QUARTER,
            notices: Span::from_hours(30 * 24),
        }
    }
}

/// What retention removed, or would remove.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Retained {
    /// Of each class how many records.
    pub removed: ByClass,
    /// There is more: the bound of one call was reached.
    pub more: bool,
}

impl Retained {
    /// How many records in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.removed.values().sum()
    }
}

/// What a check came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// What is wrong; nothing if all is well. Bounded: see [`crate::limits::FINDINGS`].
    pub findings: Vec<Finding>,
    /// Findings beyond that.
    pub left_out: u64,
    /// Contacts whose consent is chained.
    pub chains: u64,
    /// Entries whose chain was verified.
    pub entries: u64,
    /// Of them, those whose content was erased: what is left proves their order.
    pub erased: u64,
    /// Entries chained with a key that is not there: a lost secret. They cannot be verified.
    pub unverifiable: u64,
}

impl Checked {
    /// Adds what was found, as far as there is room.
    pub fn found(&mut self, finding: Finding) {
        match self.findings.len() < limits::FINDINGS {
            true => self.findings.push(finding),
            false => self.left_out += 1,
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Of what kind: `file`, `chain`, `unproven`, `lane`, `outbox`, `contact`, `decision`.
    pub kind: &'static str,
    /// Whose, if it is a tenant's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantId>,
    /// Which contact, if it is one's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
    /// What, in words, and what it means.
    pub what: String,
}

/// How large the ledger is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// By class of record.
    pub classes: Vec<ClassStats>,
    /// All of the store; a write-ahead log not included.
    pub bytes: u64,
    /// Of them unused: what was removed leaves room that is filled again.
    pub free_bytes: u64,
    /// Messages accepted and not settled.
    pub undone: u64,
    /// Since when the oldest of them waits.
    pub undone_since: Option<Moment>,
}

/// How large one class of record is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClassStats {
    /// Which.
    pub class: &'static str,
    /// How many records.
    pub records: u64,
    /// What they take, with what finds them; nothing where the store cannot tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// The oldest one's time, if they have times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest: Option<Moment>,
}

/// One page of all that is stored about a person.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ExportPage {
    /// In the order of the classes, and of time within each.
    pub records: Vec<ExportRecord>,
    /// Where the next page begins; none after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One record about a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExportRecord {
    /// Of which class.
    pub class: &'static str,
    /// As it is stored.
    pub record: serde_json::Value,
}
