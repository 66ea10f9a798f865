//! Sends, and what finds and stops them.

use model::{Moment, NumberId, Outbound, SendState, SendToken, StopSwitch, TenantId, Wamid};
use serde::{Deserialize, Serialize};

use super::{Parts, SHARDS, Waiting, id_text, of_contact, place, sharded, time};
use crate::dynamo::item::{Key, Places, Record};

pub(in crate::dynamo) fn send_key(tenant: &TenantId, token: &SendToken) -> Key {
    Key::new(format!("{tenant}#s#{token}"), "send")
}

pub(in crate::dynamo) fn wamid_key(tenant: &TenantId, number: &NumberId, wamid: &Wamid) -> Key {
    Key::new(format!("{tenant}#wamid#{number} {wamid}"), "send")
}

pub(in crate::dynamo) fn numbers(tenant: &TenantId) -> String {
    format!("{tenant}#numbers")
}

/// One send.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::dynamo) struct Send {
    pub(in crate::dynamo) body: Outbound,
    pub(in crate::dynamo) ordinal: u64,
    /// The number that the message came in on that it answers.
    pub(in crate::dynamo) cause_number: NumberId,
    pub(in crate::dynamo) state: SendState,
    pub(in crate::dynamo) not_before: Moment,
    pub(in crate::dynamo) attempts: u32,
    pub(in crate::dynamo) resent: bool,
    pub(in crate::dynamo) wamid: Option<Wamid>,
    /// How far statuses say it got; never back.
    pub(in crate::dynamo) rank: u8,
    pub(in crate::dynamo) remark: Option<String>,
    pub(in crate::dynamo) departed_at: Option<Moment>,
    pub(in crate::dynamo) unsure_since: Option<Moment>,
    pub(in crate::dynamo) status_at: Option<Moment>,
    pub(in crate::dynamo) changed_at: Moment,
    /// Who has it in flight, and until when nobody else asks what became of it.
    pub(in crate::dynamo) lease: Option<Lease>,
}

/// A host's claim to a send in flight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::dynamo) struct Lease {
    pub(in crate::dynamo) host: String,
    pub(in crate::dynamo) until: Moment,
}

impl Send {
    /// As its contact's record has it; none once it has come to its end.
    pub(in crate::dynamo) fn waiting(&self) -> Option<Waiting> {
        let is_open = matches!(
            self.state,
            SendState::Ready | SendState::InFlight | SendState::Unknown | SendState::Held
        );
        is_open.then(|| Waiting {
            ordinal: self.ordinal,
            token: self.body.token.clone(),
            number: self.body.number.clone(),
            state: self.state,
            not_before: self.not_before,
            unsure_since: self.unsure_since,
        })
    }

    /// It has not come to its end.
    pub(in crate::dynamo) fn is_open(&self) -> bool {
        self.waiting().is_some()
    }
}

/// Sends of a state that is left again, in parts.
pub(in crate::dynamo) fn of_state(tenant: &TenantId, state: SendState) -> Parts {
    sharded(tenant, &format!("is#{}", state.word()))
}

pub(in crate::dynamo) fn left(tenant: &TenantId, number: &NumberId) -> String {
    format!("{tenant}#left#{number}")
}

pub(in crate::dynamo) fn caused_by(
    tenant: &TenantId,
    number: &NumberId,
    message: &Wamid,
) -> String {
    format!("{tenant}#cause#{number} {message}")
}

impl Record for Send {
    const WHAT: &'static str = "send";

    fn key(&self) -> Key {
        send_key(&self.body.tenant, &self.body.token)
    }

    /// 1: the contact's. 2: the tenant's. 3: those that one message led to. 4: those of a state that is left again. 5: what left a
    /// number, by time.
    fn places(&self) -> Places {
        let Outbound {
            tenant,
            token,
            number,
            contact,
            cause,
            ..
        } = &self.body;
        let at = place(self.ordinal);
        let shard = self.ordinal % SHARDS;
        let state = self.is_open().then(|| {
            let since = match (self.state, self.unsure_since) {
                (SendState::Unknown | SendState::Held, Some(since)) => time(since),
                _ => at.clone(),
            };
            let list = format!("{tenant}#is#{}#{shard}", self.state.word());
            (list, format!("{since} {token}"))
        });
        [
            Some((of_contact(tenant, *contact, "sends"), at.clone())),
            Some((format!("{tenant}#sends#{shard}"), at.clone())),
            Some((caused_by(tenant, &self.cause_number, cause), at)),
            state,
            self.departed_at.map(|at| {
                let place = format!("{} {} {token}", time(at), id_text(*contact));
                (left(tenant, number), place)
            }),
        ]
    }
}

/// Which send bears an id of WhatsApp's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::dynamo) struct Named {
    pub(in crate::dynamo) tenant: TenantId,
    pub(in crate::dynamo) number: NumberId,
    pub(in crate::dynamo) wamid: Wamid,
    pub(in crate::dynamo) token: SendToken,
}

impl Record for Named {
    const WHAT: &'static str = "message's id";

    fn key(&self) -> Key {
        wamid_key(&self.tenant, &self.number, &self.wamid)
    }
}

/// A stop switch.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::dynamo) struct Thrown {
    pub(in crate::dynamo) tenant: TenantId,
    pub(in crate::dynamo) kind: String,
    pub(in crate::dynamo) value: String,
    pub(in crate::dynamo) switch: StopSwitch,
}

pub(in crate::dynamo) fn switches(tenant: &TenantId) -> String {
    format!("{tenant}#switches")
}

impl Record for Thrown {
    const WHAT: &'static str = "stop switch";

    fn key(&self) -> Key {
        Key::new(
            switches(&self.tenant),
            format!("{} {}", self.kind, self.value),
        )
    }
}
