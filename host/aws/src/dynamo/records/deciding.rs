//! Decisions, and what was left of them for people: dead letters, hand-offs, drafts.

use ledger::DeadLetter;
use model::{
    ContactId, Decision, DecisionId, DeskName, Moment, NumberId, Outbound, ReplyDraftId,
    ReplyDraftState, RuleName, TenantId, Wamid,
};
use serde::{Deserialize, Serialize};

use super::{SHARDS, of_contact, place, time};
use crate::dynamo::item::{Key, Places, Record};

fn message_partition(id: &DecisionId) -> String {
    let DecisionId {
        tenant,
        number,
        message,
    } = id;
    format!("{tenant}#m#{number} {message}")
}

pub(in crate::dynamo) fn decision_key(id: &DecisionId) -> Key {
    Key::new(message_partition(id), "decision")
}

pub(in crate::dynamo) fn dead_key(id: &DecisionId) -> Key {
    Key::new(message_partition(id), "dead")
}

/// A decision.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::dynamo) struct Decided {
    pub(in crate::dynamo) seq: u64,
    /// Whose message, and its place: a dead letter that is taken up moves on.
    pub(in crate::dynamo) contact: ContactId,
    pub(in crate::dynamo) sequence: u64,
    pub(in crate::dynamo) decision: Decision,
    pub(in crate::dynamo) settled_at: Moment,
    /// When it was written, by the host's clock.
    pub(in crate::dynamo) written_ms: u64,
    pub(in crate::dynamo) is_dull: bool,
}

impl Record for Decided {
    const WHAT: &'static str = "decision";

    fn key(&self) -> Key {
        decision_key(&self.decision.id)
    }

    /// 1: the tenant's, in order. 2: those of which nothing came, by time.
    fn places(&self) -> Places {
        let tenant = &self.decision.id.tenant;
        let at = place(self.seq);
        [
            Some((
                format!("{tenant}#decisions#{}", self.seq % SHARDS),
                at.clone(),
            )),
            self.is_dull.then(|| {
                (
                    format!("{tenant}#dull"),
                    format!("{} {at}", time(self.settled_at)),
                )
            }),
            None,
            None,
            None,
        ]
    }
}

/// A message that could not be done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::dynamo) struct Dead {
    pub(in crate::dynamo) id: DecisionId,
    pub(in crate::dynamo) cause: String,
    pub(in crate::dynamo) at: Moment,
}

impl From<Dead> for DeadLetter {
    fn from(Dead { id, cause, at }: Dead) -> Self {
        Self { id, cause, at }
    }
}

impl Record for Dead {
    const WHAT: &'static str = "dead letter";

    fn key(&self) -> Key {
        dead_key(&self.id)
    }

    /// 1: the tenant's, by time.
    fn places(&self) -> Places {
        let DecisionId {
            tenant,
            number,
            message,
        } = &self.id;
        let at = format!("{} {number} {message}", time(self.at));
        [Some((format!("{tenant}#dead"), at)), None, None, None, None]
    }
}

/// A conversation handed to people.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::dynamo) struct HandedOver {
    pub(in crate::dynamo) tenant: TenantId,
    pub(in crate::dynamo) seq: u64,
    pub(in crate::dynamo) desk: DeskName,
    pub(in crate::dynamo) note: String,
    pub(in crate::dynamo) contact: ContactId,
    pub(in crate::dynamo) message: Wamid,
    pub(in crate::dynamo) at: Moment,
    pub(in crate::dynamo) written_ms: u64,
}

impl Record for HandedOver {
    const WHAT: &'static str = "hand-off";

    fn key(&self) -> Key {
        Key::new(
            format!("{}#hand_off#{}", self.tenant, place(self.seq)),
            "hand_off",
        )
    }

    /// 1: the contact's. 2: the tenant's, in order.
    fn places(&self) -> Places {
        let at = place(self.seq);
        [
            Some((
                of_contact(&self.tenant, self.contact, "hand_offs"),
                at.clone(),
            )),
            Some((format!("{}#hand_offs", self.tenant), at)),
            None,
            None,
            None,
        ]
    }
}

/// What waits for a person at a desk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::dynamo) struct Draft {
    pub(in crate::dynamo) tenant: TenantId,
    pub(in crate::dynamo) id: u64,
    pub(in crate::dynamo) desk: DeskName,
    pub(in crate::dynamo) rule: RuleName,
    pub(in crate::dynamo) contact: ContactId,
    pub(in crate::dynamo) cause_number: NumberId,
    pub(in crate::dynamo) body: Outbound,
    pub(in crate::dynamo) state: ReplyDraftState,
    pub(in crate::dynamo) decided_by: Option<String>,
    pub(in crate::dynamo) at: Moment,
    pub(in crate::dynamo) changed_at: Moment,
    pub(in crate::dynamo) written_ms: u64,
}

pub(in crate::dynamo) fn draft_key(tenant: &TenantId, id: ReplyDraftId) -> Key {
    Key::new(format!("{tenant}#draft#{}", place(id.0)), "draft")
}

impl Record for Draft {
    const WHAT: &'static str = "draft";

    fn key(&self) -> Key {
        draft_key(&self.tenant, ReplyDraftId(self.id))
    }

    /// 1: the contact's. 2: the tenant's, in order. 3: those that wait. 4: those that are decided, by time.
    fn places(&self) -> Places {
        let tenant = &self.tenant;
        let at = place(self.id);
        let waits = self.state == ReplyDraftState::Pending;
        [
            Some((of_contact(tenant, self.contact, "drafts"), at.clone())),
            Some((format!("{tenant}#drafts"), at.clone())),
            waits.then(|| (format!("{tenant}#drafts#pending"), at.clone())),
            (!waits).then(|| {
                let place = format!("{} {at}", time(self.changed_at));
                (format!("{tenant}#drafts#decided"), place)
            }),
            None,
        ]
    }
}

/// A place in an order whose record was removed soon after it was written.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::dynamo) struct Gone {
    pub(in crate::dynamo) tenant: TenantId,
    pub(in crate::dynamo) order: String,
    pub(in crate::dynamo) seq: u64,
    pub(in crate::dynamo) until: Moment,
}

pub(in crate::dynamo) fn gone_key(tenant: &TenantId, order: &str, seq: u64) -> Key {
    Key::new(format!("{tenant}#gone#{order}#{seq}"), "gone")
}

impl Record for Gone {
    const WHAT: &'static str = "gap";

    fn key(&self) -> Key {
        gone_key(&self.tenant, &self.order, self.seq)
    }

    fn expires(&self) -> Option<Moment> {
        Some(self.until.plus(model::Span::from_hours(1)))
    }
}
