//! A shop that uses the fleet's ledger: what a test says and does, in a line each.

use std::collections::{BTreeMap, BTreeSet};

use gate::{Admitted, Bounds, Leaving, OptIn, Policy, Rates, Reach, Scene};
use ledger::{
    Acceptance, Arrival, Departure, Head, Judge, Lane, Ledger, Next, SendRecord, Settlement,
};
use model::{
    Channel, ContactKey, Content, Cost, Decision, DecisionId, Delivery, Ending, Grants, Interface,
    Language, Message, Mode, Moment, Notice, NoticeBody, NoticeKey, NumberId, Outgoing, Phone,
    Proposal, Purpose, Recipient, SendToken, Span, Status, TenantId, Wamid,
};

pub(crate) const ANA: &str = "5511900000001";
pub(crate) const HOLDS_BACK: Span = Span::from_seconds(10);

pub(crate) fn at(second: u64) -> Moment {
    Moment(1_800_000_000_000).plus(Span::from_seconds(second))
}

pub(crate) fn tenant() -> TenantId {
    TenantId::new("shop").unwrap()
}

pub(crate) fn number() -> NumberId {
    NumberId::new("100000000000001").unwrap()
}

pub(crate) fn token(text: &str) -> SendToken {
    SendToken::new(text).unwrap()
}

pub(crate) fn arrival(from: &str, id: &str, words: &str) -> Arrival {
    let message = Message {
        name: Some("Ana".into()),
        ..Message::new(
            Wamid::new(id).unwrap(),
            ContactKey::Phone(Phone::new(from).unwrap()),
            at(0),
            Content::Text { body: words.into() },
        )
    };
    of(
        NoticeKey::message(&message.id),
        NoticeBody::Message(message),
    )
}

pub(crate) fn status(of_token: &str, delivery: Delivery) -> Arrival {
    let status = Status {
        token: Some(token(of_token)),
        ..Status::new(
            Wamid::new(format!("wamid.sent.{of_token}")).unwrap(),
            delivery,
            at(9),
        )
    };
    of(
        NoticeKey::status(&status, status.at.0),
        NoticeBody::Status(status),
    )
}

fn of(key: NoticeKey, body: NoticeBody) -> Arrival {
    Arrival {
        notice: Notice {
            tenant: tenant(),
            number: number(),
            channel: Channel::WhatsApp,
            key,
            body,
        },
        is_stop: false,
        silent_until: None,
    }
}

pub(crate) async fn hears(ledger: &dyn Ledger, from: &str, id: &str) -> Lane {
    let accepted = ledger.accept(vec![arrival(from, id, "oi")], at(0)).await;
    match accepted.unwrap().pop() {
        Some(Acceptance::Queued(lane)) => lane,
        other => panic!("a new message is queued: {other:?}"),
    }
}

pub(crate) async fn head(ledger: &dyn Ledger, lane: &Lane) -> Head {
    match ledger.next(lane).await.unwrap() {
        Some(Next::Message(head)) => head,
        other => panic!("a message waits: {other:?}"),
    }
}

/// What settles this head with these sends.
pub(crate) fn settlement(lane: &Lane, head: &Head, tokens: &[&str]) -> Settlement {
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
        now: at(1),
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
        sends: tokens.iter().map(|text| admitted(head, text)).collect(),
        drafts: Vec::new(),
        consent: Vec::new(),
        hand_offs: Vec::new(),
        notes: Vec::new(),
        memory: Vec::new(),
        counts: Vec::new(),
        dead_letter: None,
        now: at(1),
    }
}

pub(crate) fn admitted(head: &Head, with: &str) -> Admitted {
    let rates = Rates::default();
    let scene = Scene {
        now: at(1),
        policy: &policy(),
        grants: &Grants {
            interfaces: Interface::ALL.into(),
            ..Grants::default()
        },
        contact: &head.contact,
        number: &head.number,
        message: &head.message.id,
        purpose: Purpose::Reply,
        sends_in_run: 0,
        effects_in_decision: 0,
        memory: gate::memory::Held::default(),
        stops: &[],
        reach: Reach::default(),
        plugin_sends: 0,
        rates: &rates,
        token: token(with),
    };
    let proposal = Proposal::Send {
        to: Recipient::Contact,
        from: None,
        message: Outgoing::Text {
            body: format!("answer {with}"),
        },
        quoting: false,
    };
    let judged = gate::judge(&proposal, &scene);
    judged.verdict.expect("the gate admits it").unwrap()
}

fn policy() -> Policy {
    Policy {
        desks: BTreeSet::new(),
        numbers: [number()].into(),
        simulated: BTreeSet::new(),
        mode: Mode::Live,
        opt_in: OptIn::Inbound,
        window_margin: Span::from_minutes(10),
        bearable_wait: Span::from_minutes(1),
        pace: BTreeMap::new(),
        bounds: Bounds::default(),
        answer_within: Span::from_hours(6),
    }
}

pub(crate) fn the_gate(now: Moment) -> Judge {
    Box::new(move |outbound, standing| {
        let leaving = Leaving {
            now,
            policy: &policy(),
            contact: &standing.contact,
            stops: &standing.stops,
            reach: standing.reach,
        };
        gate::release(outbound, &leaving, &mut Rates::default())
    })
}

pub(crate) async fn departs(ledger: &dyn Ledger, of: &str, second: u64) -> Departure {
    let now = at(second);
    let (tenant, token) = (tenant(), token(of));
    let departure = ledger.depart(&tenant, &token, now, HOLDS_BACK, the_gate(now));
    departure.await.unwrap()
}

pub(crate) async fn send(ledger: &dyn Ledger, of: &str) -> SendRecord {
    let found = ledger.send_record(&tenant(), &token(of)).await.unwrap();
    found.expect("the send is there")
}
