//! A shop that uses a ledger: what a case says and does, in a line each. Times are seconds since the case began.

use std::collections::BTreeSet;
use std::sync::Arc;

use gate::{Admitted, Leaving, OptIn, Pass, Policy, Rates, Release, Scene};
use model::{
    Channel, ConsentChange, ConsentScope, Contact, ContactKey, Content, Cost, Decision, DecisionId,
    Delivery, Ending, Entry, Evidence, Grants, HandOver, Interface, Language, MemoryScope, Message,
    Mode, Moment, Notice, NoticeBody, NoticeKey, NumberId, Outgoing, Phone, PluginName, Proposal,
    Purpose, Recipient, SendState, SendToken, Span, Status, TenantId, UserId, Wamid,
};

use crate::{
    Acceptance, Arrival, Arrived, Departure, Head, Judge, Lane, Ledger, MemoryWrite, Next,
    SendRecord, Settled, Settlement, SharedMemory, Stamp,
};

/// 2027-01-15, a Friday.
const BEGIN: Moment = Moment(1_800_000_000_000);

/// How long a send of unknown outcome holds back the next in these cases.
pub(super) const HOLDS_BACK: Span = Span::from_seconds(10);

pub(super) const ANA: &str = "5511900000001";
pub(super) const BRUNO: &str = "5511900000002";
pub(super) const CLARA: &str = "5511900000003";

pub(super) fn at(second: u64) -> Moment {
    BEGIN.plus(Span::from_seconds(second))
}

pub(super) fn tenant(name: &str) -> TenantId {
    TenantId::new(name).unwrap()
}

pub(super) fn number(which: u64) -> NumberId {
    NumberId::new(format!("10000000000000{which}")).unwrap()
}

pub(super) fn phone(digits: &str) -> ContactKey {
    ContactKey::Phone(Phone::new(digits).unwrap())
}

pub(super) fn user(id: &str) -> ContactKey {
    ContactKey::User(UserId::new(id).unwrap())
}

pub(super) fn both(digits: &str, id: &str) -> ContactKey {
    ContactKey::Both(Phone::new(digits).unwrap(), UserId::new(id).unwrap())
}

pub(super) fn wamid(text: &str) -> Wamid {
    Wamid::new(text).unwrap()
}

pub(super) fn token(text: &str) -> SendToken {
    SendToken::new(text).unwrap()
}

/// The shop's policy: live, on both of its numbers.
pub(super) fn policy() -> Policy {
    Policy {
        desks: ["support", "sales", "night"]
            .map(|desk| model::DeskName::new(desk).unwrap())
            .into(),
        numbers: [number(1), number(2)].into(),
        simulated: BTreeSet::new(),
        mode: Mode::Live,
        opt_in: OptIn::Inbound,
        window_margin: Span::from_minutes(10),
        bearable_wait: Span::from_minutes(1),
        pace: std::collections::BTreeMap::new(),
        bounds: gate::Bounds::default(),
        answer_within: Span::from_hours(6),
    }
}

/// The gate itself, as a dispatcher uses it.
pub(super) fn the_gate(policy: Policy, now: Moment) -> Judge {
    Box::new(move |outbound, standing| {
        gate::release(
            outbound,
            &Leaving {
                now,
                policy: &policy,
                contact: &standing.contact,
                stops: &standing.stops,
                reach: standing.reach,
            },
            &mut Rates::default(),
        )
    })
}

/// One business with one number; `elsewhere` and `on` give it others.
#[derive(Clone)]
pub(super) struct Shop {
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) tenant: TenantId,
    pub(super) number: NumberId,
}

impl Shop {
    pub(super) fn new(ledger: Arc<dyn Ledger>) -> Self {
        Self {
            ledger,
            tenant: tenant("shop"),
            number: number(1),
        }
    }

    /// Another tenant of the same ledger.
    pub(super) fn elsewhere(&self) -> Self {
        Self {
            tenant: tenant("elsewhere"),
            ..self.clone()
        }
    }

    /// Another number of the same tenant.
    pub(super) fn on(&self, which: u64) -> Self {
        Self {
            number: number(which),
            ..self.clone()
        }
    }

    pub(super) fn notice(&self, key: NoticeKey, body: NoticeBody) -> Arrival {
        let notice = Notice {
            tenant: self.tenant.clone(),
            number: self.number.clone(),
            channel: Channel::WhatsApp,
            key,
            body,
        };
        Arrival {
            notice,
            is_stop: false,
            silent_until: None,
        }
    }

    pub(super) fn message(&self, from: ContactKey, id: &str, sent_at: Moment) -> Arrival {
        let content = Content::Text {
            body: format!("this is {id}"),
        };
        let message = Message {
            name: Some("Ana".into()),
            ..Message::new(wamid(id), from, sent_at, content)
        };
        self.notice(
            NoticeKey::message(&message.id),
            NoticeBody::Message(message),
        )
    }

    pub(super) fn status(
        &self,
        id: &str,
        with: Option<&str>,
        delivery: Delivery,
        second: u64,
    ) -> Arrival {
        let status = Status {
            token: with.map(token),
            ..Status::new(wamid(id), delivery, at(second))
        };
        self.notice(
            NoticeKey::status(&status, status.at.0),
            NoticeBody::Status(status),
        )
    }

    pub(super) async fn accept(&self, arrival: Arrival, second: u64) -> Acceptance {
        let accepted = self.ledger.accept(vec![arrival], at(second)).await.unwrap();
        assert_eq!(accepted.len(), 1, "each arrival is answered");
        accepted.into_iter().next().unwrap()
    }

    /// A contact, by their phone, writes.
    pub(super) async fn hears(&self, digits: &str, id: &str, second: u64) -> Lane {
        queued(
            self.accept(self.message(phone(digits), id, at(second)), second)
                .await,
        )
    }

    /// A contact says stop.
    pub(super) async fn hears_stop(&self, digits: &str, id: &str, second: u64) -> Lane {
        let arrival = Arrival {
            is_stop: true,
            ..self.message(phone(digits), id, at(second))
        };
        queued(self.accept(arrival, second).await)
    }

    /// What happened to a send, as WhatsApp tells with our token.
    pub(super) async fn learns(&self, of: &str, delivery: Delivery, second: u64) -> Acceptance {
        self.accept(
            self.status(&format!("wamid.sent.{of}"), Some(of), delivery, second),
            second,
        )
        .await
    }

    pub(super) async fn head(&self, lane: &Lane) -> Head {
        match self.ledger.next(lane).await.unwrap() {
            Some(Next::Message(head)) => head,
            other => panic!("a message waits in this lane: {other:?}"),
        }
    }

    pub(super) async fn contact(&self, lane: &Lane) -> Contact {
        self.ledger
            .contact(&lane.tenant, lane.contact)
            .await
            .unwrap()
            .expect("the contact is there")
    }

    /// What settles the lane's head without any effect: a case adds its own.
    pub(super) async fn settlement(&self, lane: &Lane, second: u64) -> Settlement {
        settlement(lane, &self.head(lane).await, second)
    }

    pub(super) async fn settle(&self, settlement: Settlement) -> Settled {
        self.ledger.settle(settlement).await.unwrap()
    }

    /// Settles the lane's head without any effect.
    pub(super) async fn passes_over(&self, lane: &Lane, second: u64) {
        let settlement = self.settlement(lane, second).await;
        assert_eq!(self.settle(settlement).await, Settled::Done);
    }

    /// Settles the lane's head with these sends.
    pub(super) async fn answers(&self, lane: &Lane, tokens: &[&str], second: u64) {
        let head = self.head(lane).await;
        let sends = tokens
            .iter()
            .map(|text| admitted(&head, text, Purpose::Reply, second))
            .collect();
        assert_eq!(
            self.settle(Settlement {
                sends,
                ..settlement(lane, &head, second)
            })
            .await,
            Settled::Done
        );
    }

    /// The contact writes, and is answered with these sends.
    pub(super) async fn serves(
        &self,
        digits: &str,
        id: &str,
        tokens: &[&str],
        second: u64,
    ) -> Lane {
        let lane = self.hears(digits, id, second).await;
        self.answers(&lane, tokens, second).await;
        lane
    }

    pub(super) async fn tries(&self, of: &str, second: u64, judge: Judge) -> Departure {
        self.ledger
            .depart(&self.tenant, &token(of), at(second), HOLDS_BACK, judge)
            .await
            .unwrap()
    }

    /// The gate lets it leave, and it is in flight.
    pub(super) async fn departs(&self, of: &str, second: u64) -> (Pass, u32) {
        match self.tries(of, second, the_gate(policy(), at(second))).await {
            Departure::Go { pass, attempt } => (pass, attempt),
            other => panic!("{of} leaves: {other:?}"),
        }
    }

    pub(super) async fn arrives(&self, of: &str, arrival: Arrived, second: u64) {
        self.ledger
            .arrive(&self.tenant, &token(of), arrival, at(second))
            .await
            .unwrap();
    }

    /// It leaves, and nobody knows whether it arrived.
    pub(super) async fn loses(&self, of: &str, second: u64) {
        self.departs(of, second).await;
        self.arrives(
            of,
            Arrived::Unknown {
                cause: "the reply was lost".into(),
            },
            second,
        )
        .await;
    }

    /// The tokens of what is due, in the ledger's order.
    pub(super) async fn due(&self, second: u64) -> Vec<String> {
        let due = self
            .ledger
            .due(at(second), HOLDS_BACK, crate::Wanted::any(100))
            .await
            .unwrap();
        due.into_iter().map(|due| due.token.into()).collect()
    }

    pub(super) async fn send(&self, of: &str) -> SendRecord {
        let sends = self.ledger.outbox(&self.tenant, None, 100).await.unwrap();
        sends
            .into_iter()
            .find(|send| send.outbound.token == token(of))
            .expect("the send is in the outbox")
    }

    pub(super) async fn state(&self, of: &str) -> SendState {
        self.send(of).await.state
    }

    /// What a plugin keeps of a lane's contact, by key.
    pub(super) async fn memory(&self, by: &str, lane: &Lane, second: u64) -> Vec<(String, String)> {
        let found = self
            .ledger
            .memory(&self.tenant, &plugin(by), lane.contact, at(second))
            .await
            .unwrap();
        let entries = found.into_iter();
        entries.map(|(key, entry)| (key, entry.value)).collect()
    }

    /// What a plugin keeps under a key for all contacts.
    pub(super) async fn shared(&self, by: &str, key: &str, second: u64) -> SharedMemory {
        self.ledger
            .shared_memory(&self.tenant, &plugin(by), key, at(second))
            .await
            .unwrap()
    }

    /// A contact writes, and what is decided keeps and forgets this.
    pub(super) async fn keeps(
        &self,
        digits: &str,
        id: &str,
        memory: Vec<MemoryWrite>,
        second: u64,
    ) -> (Lane, Settled) {
        let lane = self.hears(digits, id, second).await;
        let settlement = Settlement {
            memory,
            ..self.settlement(&lane, second).await
        };
        (lane, self.settle(settlement).await)
    }

    /// The tokens of what is unsure, in the ledger's order.
    pub(super) async fn unsure(&self) -> Vec<String> {
        let unsure = self.ledger.unsure(None, 100).await.unwrap();
        unsure
            .into_iter()
            .map(|unsure| unsure.record.outbound.token.into())
            .collect()
    }
}

pub(super) fn queued(acceptance: Acceptance) -> Lane {
    match acceptance {
        Acceptance::Queued(lane) => lane,
        other => panic!("a new message is queued: {other:?}"),
    }
}

/// What settles this head without any effect.
pub(super) fn settlement(lane: &Lane, head: &Head, second: u64) -> Settlement {
    let decision = Decision {
        version: 1,
        id: DecisionId {
            tenant: lane.tenant.clone(),
            number: head.number.clone(),
            message: head.message.id.clone(),
        },
        contact: lane.contact,
        sequence: head.sequence,
        edition: "e1".into(),
        now: at(second),
        attempt: 1,
        language: Language::new("pt").unwrap(),
        looks: Vec::new(),
        looks_left_out: 0,
        ruled_out: 0,
        steps: Vec::new(),
        ending: Ending::NoRule,
        cost: Cost::default(),
    };
    Settlement {
        decision,
        expected_version: head.contact.version,
        contact: head.contact.clone(),
        was_stop: head.is_stop,
        sends: Vec::new(),
        drafts: Vec::new(),
        consent: Vec::new(),
        hand_offs: Vec::new(),
        notes: Vec::new(),
        memory: Vec::new(),
        counts: Vec::new(),
        dead_letter: None,
        now: at(second),
    }
}

/// A send in answer to this head, admitted by the gate.
pub(super) fn admitted(head: &Head, with: &str, purpose: Purpose, second: u64) -> Admitted {
    admitted_from(&head.number, head, with, purpose, second)
}

/// The same, from a number of our choice.
pub(super) fn admitted_from(
    from: &NumberId,
    head: &Head,
    with: &str,
    purpose: Purpose,
    second: u64,
) -> Admitted {
    let message = Outgoing::Text {
        body: format!("answer {with}"),
    };
    let turn = (&head.contact, &head.number, &head.message.id);
    admitted_in(turn, from, with, message, purpose, second)
}

/// What a person sends to this contact from the shop's number, admitted by the gate. No message caused it.
pub(super) fn by_a_person(
    shop: &Shop,
    contact: &Contact,
    with: &str,
    message: Outgoing,
    second: u64,
) -> Admitted {
    let none = wamid("by.hand");
    let turn = (contact, &shop.number, &none);
    admitted_in(turn, &shop.number, with, message, Purpose::Person, second)
}

fn admitted_in(
    (contact, number, cause): (&Contact, &NumberId, &Wamid),
    from: &NumberId,
    with: &str,
    message: Outgoing,
    purpose: Purpose,
    second: u64,
) -> Admitted {
    let (policy, rates) = (policy(), Rates::default());
    let scene = Scene {
        now: at(second),
        policy: &policy,
        grants: &Grants {
            interfaces: Interface::ALL.into(),
            ..Grants::default()
        },
        contact,
        number,
        message: cause,
        purpose,
        sends_in_run: 0,
        effects_in_decision: 0,
        memory: gate::memory::Held::default(),
        stops: &[],
        reach: gate::Reach::default(),
        plugin_sends: 0,
        rates: &rates,
        token: token(with),
    };
    let proposal = Proposal::Send {
        to: Recipient::Contact,
        from: Some(from.clone()),
        message,
        quoting: false,
    };
    gate::judge(&proposal, &scene)
        .verdict
        .expect("the gate admits it")
        .expect("it is a send")
}

pub(super) fn text(body: &str) -> Outgoing {
    Outgoing::Text { body: body.into() }
}

pub(super) fn opts_out(second: u64) -> ConsentChange {
    consent(false, second)
}

pub(super) fn consent(opted_in: bool, second: u64) -> ConsentChange {
    let evidence = Evidence {
        source: "message".into(),
        message: None,
        text: Some("as they said".into()),
    };
    ConsentChange {
        scope: ConsentScope::Everything,
        opted_in,
        evidence,
        at: at(second),
    }
}

pub(super) fn hand_over(note: &str) -> HandOver {
    HandOver {
        desk: model::DeskName::new("support").unwrap(),
        note: note.into(),
    }
}

pub(super) fn plugin(name: &str) -> PluginName {
    PluginName::new(name).unwrap()
}

/// A key of a contact's, kept for a thousand seconds.
pub(super) fn keeps(key: &str, value: &str, second: u64) -> MemoryWrite {
    MemoryWrite {
        plugin: plugin("counter"),
        scope: MemoryScope::Contact,
        key: key.into(),
        entry: Some(Entry {
            value: value.into(),
            until: at(second + 1000),
        }),
        expected: None,
    }
}

/// A key of all contacts', where the attempt found this.
pub(super) fn shares(key: &str, value: &str, expected: Option<Stamp>, second: u64) -> MemoryWrite {
    MemoryWrite {
        scope: MemoryScope::Shared,
        expected,
        ..keeps(key, value, second)
    }
}

/// The same key, forgotten.
pub(super) fn forgotten(write: MemoryWrite) -> MemoryWrite {
    MemoryWrite {
        entry: None,
        ..write
    }
}

/// A judge that must not be asked.
pub(super) fn nobody() -> Judge {
    Box::new(|outbound, _| -> Release {
        panic!("{} is not ready, so nobody judges it", outbound.token)
    })
}

/// A judge that makes it wait.
pub(super) fn waits(second: u64) -> Judge {
    Box::new(move |_, _| Release::Wait(at(second)))
}
