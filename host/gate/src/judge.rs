//! The checks at proposal time, in order; the first refusal wins.

use model::{
    Check, Contact, ContactKey, Grants, HandOver, Interface, Mode, Moment, NumberId, Outbound,
    Outgoing, Proposal, Purpose, Quota, Recipient, Refusal, SendToken, StopSwitch, Wamid,
};

use crate::checks::{Bid, Checks, To};
use crate::{Policy, Rates, Reach, content, memory};

/// What is known when a proposal is judged: one snapshot for the whole run.
pub struct Scene<'a> {
    /// The start of the attempt.
    pub now: Moment,
    /// The tenant's policy.
    pub policy: &'a Policy,
    /// What the plugin may do.
    pub grants: &'a Grants,
    /// The turn's contact, with what this decision has changed of its consent so far.
    pub contact: &'a Contact,
    /// The turn's number.
    pub number: &'a NumberId,
    /// The turn's message.
    pub message: &'a Wamid,
    /// What sends of this run are for.
    pub purpose: Purpose,
    /// Sends already admitted in this run.
    pub sends_in_run: usize,
    /// Effects already admitted in this decision.
    pub effects_in_decision: usize,
    /// For what is to be kept in memory: what stands there.
    pub memory: memory::Held,
    /// What is stopped with this tenant.
    pub stops: &'a [StopSwitch],
    /// For a template: whom the tenant has reached outside of windows.
    pub reach: Reach,
    /// What the plugin has sent for the tenant in this hour of the clock, this decision's sends included.
    pub plugin_sends: u32,
    /// What has left lately.
    pub rates: &'a Rates,
    /// The token for the send, if it is admitted.
    pub token: SendToken,
}

/// A verdict with the checks that led to it.
#[derive(Debug)]
pub struct Judgement {
    /// The proof of admission for a send; nothing for proposals that leave nothing.
    pub verdict: Result<Option<Admitted>, Refusal>,
    /// Each check made, in order.
    pub checks: Vec<Check>,
}

/// A send that passed the gate when it was proposed. Only [`judge`] makes one; `Ledger::settle` stores it.
#[derive(Debug, Clone, PartialEq)]
pub struct Admitted(Outbound);

impl Admitted {
    /// The send.
    #[must_use]
    pub fn outbound(&self) -> &Outbound {
        &self.0
    }
}

/// Judges one proposal: the checks in their order, the first refusal wins.
#[must_use]
pub fn judge(proposal: &Proposal, scene: &Scene<'_>) -> Judgement {
    let mut checks = Checks::default();
    let verdict = match proposal {
        Proposal::Send {
            to,
            from,
            message,
            quoting,
        } => {
            let send = Send {
                to,
                number: from.as_ref().unwrap_or(scene.number),
                message,
                quoting: *quoting,
            };
            send.judge(scene, &mut checks)
                .map(|()| Some(send.admitted(scene)))
        }
        Proposal::Consent(_) => granted(Interface::Consent, scene, &mut checks).map(|()| None),
        Proposal::HandOver(HandOver { desk, note }) => granted(Interface::Desk, scene, &mut checks)
            .and_then(|()| {
                let fault = content::desk_fault(desk, &scene.policy.desks)
                    .or_else(|| content::hand_over_fault(note));
                well_formed(fault, &mut checks)
            })
            .map(|()| None),
        Proposal::Note { text } => granted(Interface::Desk, scene, &mut checks)
            .and_then(|()| well_formed(content::note_fault(text), &mut checks))
            .map(|()| None),
        Proposal::Tag { tag } | Proposal::Untag { tag } => {
            granted(Interface::Desk, scene, &mut checks)
                .and_then(|()| well_formed(content::tag_fault(tag), &mut checks))
                .map(|()| None)
        }
        Proposal::Pause { span } => granted(Interface::Desk, scene, &mut checks)
            .and_then(|()| well_formed(content::pause_fault(*span), &mut checks))
            .map(|()| None),
        Proposal::Resume => granted(Interface::Desk, scene, &mut checks).map(|()| None),
        Proposal::Remember {
            scope,
            key,
            value,
            until,
        } => granted(memory::interface(*scope), scene, &mut checks)
            .and_then(|()| {
                let fault = memory::key_fault(key)
                    .or_else(|| memory::value_fault(value, *until, scene.now));
                well_formed(fault, &mut checks)
            })
            .and_then(|()| memory::room(*scope, scene.memory, &mut checks))
            .map(|()| None),
        Proposal::Forget { scope, key } => granted(memory::interface(*scope), scene, &mut checks)
            .and_then(|()| well_formed(memory::key_fault(key), &mut checks))
            .map(|()| None),
    };
    Judgement {
        verdict,
        checks: checks.0,
    }
}

/// Whether [`Scene::reach`] makes a difference: few proposals reach out, and looking takes its time.
#[must_use]
pub fn asks_for_reach(
    proposal: &Proposal,
    contact: &Contact,
    number: &NumberId,
    policy: &Policy,
    now: Moment,
) -> bool {
    let Proposal::Send { from, message, .. } = proposal else {
        return false;
    };
    let bid = Bid {
        contact,
        recipient: To::Contact,
        number: from.as_ref().unwrap_or(number),
        message,
        purpose: Purpose::Reply,
        policy,
        now,
    };
    policy.bounds.tier.is_some() && bid.reaches_out()
}

/// A send on its way through the checks.
struct Send<'a> {
    to: &'a Recipient,
    number: &'a NumberId,
    message: &'a Outgoing,
    quoting: bool,
}

impl Send<'_> {
    fn judge(&self, scene: &Scene<'_>, checks: &mut Checks) -> Result<(), Refusal> {
        granted(Interface::Gate, scene, checks)?;
        self.recipient(scene, checks)?;
        checks.number(self.number, scene.policy)?;
        checks.stops(self.number, self.message, scene.stops)?;
        well_formed(content::fault(self.message), checks)?;
        let bid = self.bid(scene);
        checks.consent(&bid)?;
        checks.pause(scene.contact, scene.purpose, scene.message, scene.now)?;
        checks.window(&bid)?;
        checks.loops(&bid)?;
        checks.run_budget(scene.sends_in_run)?;
        checks.plugin_budget(scene.grants, scene.plugin_sends)?;
        checks.contact_budget(scene.contact, scene.purpose, scene.policy, scene.now)?;
        checks.tier(&bid, scene.reach)?;
        self.rates(scene, checks)?;
        checks.note("mode", mode(scene.policy, self.number));
        Ok(())
    }

    fn recipient(&self, scene: &Scene<'_>, checks: &mut Checks) -> Result<(), Refusal> {
        let (saw, granted) = match self.to {
            Recipient::Contact => ("the turn's contact".to_owned(), true),
            Recipient::Phone(phone) => (
                format!("another number, {}", phone.masked()),
                scene.grants.recipients.contains(phone),
            ),
        };
        let what = "this recipient: the operator can name it in `recipients` of [plugin.NAME]";
        checks.pass_unless(
            "recipient",
            &saw,
            (!granted).then(|| Refusal::NotGranted { what: what.into() }),
        )
    }

    fn bid<'a>(&'a self, scene: &Scene<'a>) -> Bid<'a> {
        Bid {
            contact: scene.contact,
            recipient: match self.to {
                Recipient::Contact => To::Contact,
                Recipient::Phone(_) => To::Another,
            },
            number: self.number,
            message: self.message,
            purpose: scene.purpose,
            policy: scene.policy,
            now: scene.now,
        }
    }

    fn rates(&self, scene: &Scene<'_>, checks: &mut Checks) -> Result<(), Refusal> {
        let pace = scene.policy.pace_of(self.number);
        let opens = scene
            .rates
            .opens(self.number, pace, scene.contact.id, scene.now);
        let wait = opens.since(scene.now);
        let saw = format!(
            "it would wait {wait}, and {} is bearable",
            scene.policy.bearable_wait
        );
        let is_bearable = wait <= scene.policy.bearable_wait;
        let refusal = (!is_bearable).then_some(Refusal::RateLimited { retry_at: opens });
        checks.pass_within("rates", &saw, refusal, scene.policy.bounds.rates_shadow)
    }

    fn admitted(&self, scene: &Scene<'_>) -> Admitted {
        let to = match self.to {
            Recipient::Contact => scene.contact.key.clone(),
            Recipient::Phone(phone) => ContactKey::Phone(phone.clone()),
        };
        Admitted(Outbound {
            tenant: scene.contact.tenant.clone(),
            token: scene.token.clone(),
            number: self.number.clone(),
            contact: scene.contact.id,
            to,
            message: self.message.clone(),
            quoting: self.quoting.then(|| scene.message.clone()),
            cause: scene.message.clone(),
            purpose: scene.purpose,
            decided_at: scene.now,
        })
    }
}

/// The plugin holds the grant, and the decision has room for one more effect.
fn granted(interface: Interface, scene: &Scene<'_>, checks: &mut Checks) -> Result<(), Refusal> {
    let holds = scene.grants.interfaces.contains(&interface);
    checks.pass_unless(
        "grant",
        interface.name(),
        (!holds).then(|| memory::not_granted(interface)),
    )?;
    let most = model::limits::EFFECTS_PER_DECISION;
    let saw = format!(
        "{} of {most} effects of this decision",
        scene.effects_in_decision
    );
    let used_up = scene.effects_in_decision >= most;
    checks.pass_unless(
        "effects",
        &saw,
        used_up.then_some(Refusal::QuotaExceeded {
            which: Quota::Decision,
        }),
    )
}

fn well_formed(fault: Option<String>, checks: &mut Checks) -> Result<(), Refusal> {
    let saw = fault.clone().unwrap_or_else(|| "well formed".to_owned());
    let refusal = fault.map(|what| Refusal::Invalid { what });
    checks.pass_unless("content", &saw, refusal)
}

fn mode(policy: &Policy, number: &NumberId) -> &'static str {
    match policy.mode {
        _ if policy.simulated.contains(number) => "a simulator: it will leave",
        Mode::Live => "live: it will leave",
        Mode::DryRun => "dry run: admitted, and it will stay here",
    }
}
