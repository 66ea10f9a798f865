//! What is stored: records, where each stands, and in which lists. Every key begins with its tenant (I13).
//!
//! The partition of a contact, `<tenant>#c#<id>`, holds the contact, its places in order, its memory, its notes and its log of consent:
//! what belongs together is read together and splits by contact. A contact's record holds what its sends' order is judged by, so that
//! neither a settle nor a departure needs a further item for that.

mod arriving;
mod deciding;
mod person;
mod proving;
mod remembering;
mod sending;

use model::{ContactId, Moment, TenantId};

use super::item::Key;
pub(super) use arriving::*;
pub(super) use deciding::*;
pub(super) use person::*;
pub(super) use proving::*;
pub(super) use remembering::*;
pub(super) use sending::*;

/// Parts of a list: one partition takes a thousand writes a second, and a list of four is read at once.
pub(super) const SHARDS: u64 = 4;

/// The parts of one list.
pub(super) type Parts = [String; SHARDS as usize];

fn parts(list: &str) -> Parts {
    [0, 1, 2, 3].map(|shard| format!("{list}#{shard}"))
}

pub(super) fn time(at: Moment) -> String {
    // Nothing is stored that was before 1970.
    format!("{:015}", at.0.max(0))
}

pub(super) fn place(ordinal: u64) -> String {
    format!("{ordinal:020}")
}

fn id_text(id: ContactId) -> String {
    format!("{:016}", id.0)
}

/// The place of a contact in lists that go by contact.
pub(super) fn contact_place(id: ContactId) -> String {
    id_text(id)
}

/// A tenant's list in parts: by the contact's id, or by the place in an order.
pub(super) fn sharded(tenant: &TenantId, what: &str) -> Parts {
    parts(&format!("{tenant}#{what}"))
}

/// Which part of a list by contact this one stands in. The order of the parts, and of ids in each, is the ledger's own order of lanes.
pub(super) fn part_of(id: ContactId) -> u64 {
    id.0 % SHARDS
}

pub(super) fn contact_partition(tenant: &TenantId, id: ContactId) -> String {
    format!("{tenant}#c#{}", id_text(id))
}

/// A list of what is a contact's and stands elsewhere.
pub(super) fn of_contact(tenant: &TenantId, id: ContactId, what: &str) -> String {
    format!("{}#{what}", contact_partition(tenant, id))
}

pub(super) fn contact_key(tenant: &TenantId, id: ContactId) -> Key {
    Key::new(contact_partition(tenant, id), "contact")
}

pub(super) fn tenants() -> &'static str {
    "_host#tenants"
}

pub(super) fn tenant_key(tenant: &TenantId) -> Key {
    Key::new(tenants(), tenant.as_str())
}

pub(super) fn order_key(tenant: &TenantId, what: &str) -> Key {
    Key::new(format!("{tenant}#order#{what}"), "last")
}

/// One of the parts in which a tenant's contacts are counted.
pub(super) fn tally_key(tenant: &TenantId, id: ContactId) -> Key {
    Key::new(
        format!("{tenant}#tally"),
        format!("contacts {}", part_of(id)),
    )
}
