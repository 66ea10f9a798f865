//! A scene in which everything is fine, to change one thing at a time.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses its part of it"
)]

use std::collections::{BTreeMap, BTreeSet};

use gate::{Admitted, Judgement, Leaving, OptIn, Policy, Rates, Reach, Release, Scene};
use model::{
    Contact, ContactId, ContactKey, Grants, Interface, Mode, Moment, NumberId, Outgoing, Phone,
    Proposal, Purpose, Recipient, SendToken, Span, StopSwitch, StopTarget, StoppedBy, Template,
    TemplateCategory, TenantId, Wamid,
};

/// 2027-01-15, a Friday.
pub const NOW: Moment = Moment(1_800_000_000_000);

/// What is known when a send is proposed, and when it leaves.
pub struct Fine {
    pub now: Moment,
    pub policy: Policy,
    pub grants: Grants,
    pub contact: Contact,
    pub number: NumberId,
    pub message: Wamid,
    pub purpose: Purpose,
    pub sends_in_run: usize,
    pub effects_in_decision: usize,
    pub memory: gate::memory::Held,
    pub stops: Vec<StopSwitch>,
    pub reach: Reach,
    pub plugin_sends: u32,
    pub rates: Rates,
    pub to: Recipient,
    pub from: Option<NumberId>,
    pub outgoing: Outgoing,
    pub quoting: bool,
}

impl Fine {
    pub fn new() -> Self {
        Self {
            now: NOW,
            policy: policy(),
            grants: Grants {
                interfaces: Interface::ALL.into(),
                ..Grants::default()
            },
            contact: contact(1),
            number: number(1),
            message: wamid("wamid.question"),
            purpose: Purpose::Reply,
            sends_in_run: 0,
            effects_in_decision: 0,
            memory: gate::memory::Held::default(),
            stops: Vec::new(),
            reach: Reach::default(),
            plugin_sends: 0,
            rates: Rates::default(),
            to: Recipient::Contact,
            from: None,
            outgoing: text("Até as 18:00."),
            quoting: false,
        }
    }

    pub fn changed(change: impl FnOnce(&mut Self)) -> Self {
        let mut fine = Self::new();
        change(&mut fine);
        fine
    }

    pub fn judge(&self) -> Judgement {
        let (to, from, message) = (self.to.clone(), self.from.clone(), self.outgoing.clone());
        self.judge_proposal(&Proposal::Send {
            to,
            from,
            message,
            quoting: self.quoting,
        })
    }

    pub fn judge_proposal(&self, proposal: &Proposal) -> Judgement {
        let scene = Scene {
            now: self.now,
            policy: &self.policy,
            grants: &self.grants,
            contact: &self.contact,
            number: &self.number,
            message: &self.message,
            purpose: self.purpose,
            sends_in_run: self.sends_in_run,
            effects_in_decision: self.effects_in_decision,
            memory: self.memory,
            stops: &self.stops,
            reach: self.reach,
            plugin_sends: self.plugin_sends,
            rates: &self.rates,
            token: SendToken::new("token-1").unwrap(),
        };
        gate::judge(proposal, &scene)
    }

    pub fn admitted(&self) -> Admitted {
        self.judge()
            .verdict
            .expect("it is admitted")
            .expect("it is a send")
    }

    pub fn release(&mut self, admitted: &Admitted) -> Release {
        let leaving = Leaving {
            now: self.now,
            policy: &self.policy,
            contact: &self.contact,
            stops: &self.stops,
            reach: self.reach,
        };
        gate::release(admitted.outbound().clone(), &leaving, &mut self.rates)
    }

    /// So many were sent to the contact within the hour.
    pub fn sent(&mut self, sends: u32) {
        gate::tempo::send(&mut self.contact.tempo, sends, self.now);
    }

    /// So many have left for the contact just now.
    pub fn spend(&mut self, count: i64) {
        for _ in 0..count {
            let pace = self.policy.pace_of(&self.number);
            self.rates
                .note(&self.number, pace, self.contact.id, self.now);
        }
    }
}

/// An operator stopped it.
pub fn stopped(target: StopTarget) -> StopSwitch {
    StopSwitch {
        target,
        by: StoppedBy::Operator(None),
        why: "a bad day".into(),
        at: NOW,
    }
}

/// WhatsApp stopped it.
pub fn stopped_by_the_network(target: StopTarget) -> StopSwitch {
    StopSwitch {
        by: StoppedBy::Network("131048".into()),
        ..stopped(target)
    }
}

/// So many contacts were reached outside of windows, the first of them a day less a minute ago.
pub fn reached(contacts: u32) -> Reach {
    Reach {
        contacts,
        includes_this: false,
        opens: Some(NOW.plus(Span::from_minutes(1))),
    }
}

pub fn policy() -> Policy {
    Policy {
        desks: ["support", "sales", "night"]
            .map(|desk| model::DeskName::new(desk).unwrap())
            .into(),
        numbers: [number(1), number(2)].into(),
        simulated: BTreeSet::new(),
        mode: Mode::Live,
        opt_in: OptIn::Inbound,
        window_margin: Span::from_minutes(10),
        bearable_wait: Span::from_seconds(5),
        pace: std::collections::BTreeMap::new(),
        bounds: gate::Bounds::default(),
        answer_within: Span::from_hours(6),
    }
}

/// They wrote to the first number an hour ago, and to no other.
pub fn contact(id: u64) -> Contact {
    let wrote = NOW.minus(Span::from_hours(1));
    Contact {
        name: Some("Ana".into()),
        last_inbound: BTreeMap::from([(number(1), wrote)]),
        version: 1,
        ..Contact::new(
            TenantId::new("shop").unwrap(),
            ContactId(id),
            ContactKey::Phone(phone(id)),
            wrote,
        )
    }
}

pub fn number(which: u64) -> NumberId {
    NumberId::new(format!("10000000000000{which}")).unwrap()
}

pub fn phone(which: u64) -> Phone {
    Phone::new(format!("551190000000{which}")).unwrap()
}

pub fn wamid(text: &str) -> Wamid {
    Wamid::new(text).unwrap()
}

pub fn text(body: &str) -> Outgoing {
    Outgoing::Text { body: body.into() }
}

/// An approved template with nothing to fill in.
pub fn template(category: TemplateCategory) -> Outgoing {
    Outgoing::Template(Template {
        name: "order_sent".into(),
        language: "pt_BR".into(),
        category,
        header: None,
        parameters: Vec::new(),
        buttons: Vec::new(),
    })
}
