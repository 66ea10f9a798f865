//! What a step has proposed so far: judged one by one, and merged only if the step stands (I3).

use std::sync::Arc;

use async_trait::async_trait;
use gate::{Admitted, Scene};
use hmac::{Hmac, KeyInit, Mac};
use model::{
    ConsentChange, Contact, Grants, HandOver, Moment, NumberId, Pause, Proposal, Proposed, Purpose,
    SendToken, TenantId, Verdict, Wamid,
};
use sha2::Sha256;

use crate::{Core, Tenant};

/// Effects that will settle with the decision.
#[derive(Debug, Clone, Default)]
pub(crate) struct Effects {
    pub(crate) sends: Vec<Admitted>,
    pub(crate) consent: Vec<ConsentChange>,
    pub(crate) hand_offs: Vec<HandOver>,
    /// All of them, changes to the contact included: they are bounded together.
    pub(crate) count: usize,
}

/// The contact and the effects as a step would leave them.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) contact: Contact,
    pub(crate) effects: Effects,
}

impl Stage {
    /// Stages a change of consent; what is judged afterwards sees it.
    pub(crate) fn consent(&mut self, change: ConsentChange) {
        self.contact.consent.apply(&change);
        self.effects.consent.push(change);
        self.effects.count += 1;
    }
}

/// Answers one run's host calls: each proposal goes to the gate, and what is admitted is staged.
pub(crate) struct RunHost {
    pub(crate) core: Arc<Core>,
    pub(crate) tenant: Arc<Tenant>,
    pub(crate) tenant_id: TenantId,
    pub(crate) grants: Grants,
    pub(crate) number: NumberId,
    pub(crate) message: Wamid,
    pub(crate) now: Moment,
    pub(crate) purpose: Purpose,
    pub(crate) stage: Stage,
    pub(crate) sends_in_run: usize,
    pub(crate) proposed: Vec<Proposed>,
}

#[async_trait]
impl sandbox::Host for RunHost {
    async fn propose(&mut self, proposal: Proposal) -> Verdict {
        self.judge(proposal)
    }
}

impl RunHost {
    /// Judges a proposal, and stages it if it is admitted.
    pub(crate) fn judge(&mut self, proposal: Proposal) -> Verdict {
        let judgement = {
            let rates = self.core.rates();
            let scene = Scene {
                now: self.now,
                policy: &self.tenant.policy,
                grants: &self.grants,
                contact: &self.stage.contact,
                number: &self.number,
                message: &self.message,
                purpose: self.purpose,
                sends_in_run: self.sends_in_run,
                effects_in_decision: self.stage.effects.count,
                rates: &rates,
                token: self.token(),
            };
            gate::judge(&proposal, &scene)
        };
        let verdict = match judgement.verdict {
            Ok(admitted) => {
                self.take(&proposal, admitted);
                Verdict::Admitted
            }
            Err(refusal) => Verdict::Refused(refusal),
        };
        self.proposed.push(Proposed {
            proposal,
            verdict: verdict.clone(),
            checks: judgement.checks,
        });
        verdict
    }

    fn take(&mut self, proposal: &Proposal, admitted: Option<Admitted>) {
        let Stage { contact, effects } = &mut self.stage;
        match proposal {
            Proposal::Send { .. } => {
                self.sends_in_run += 1;
                effects.sends.extend(admitted);
            }
            Proposal::Consent(change) => return self.stage.consent(change.clone()),
            Proposal::HandOver(hand_over) => effects.hand_offs.push(hand_over.clone()),
            Proposal::Pause { span } => {
                // What this very decision sends still passes: it tells the contact that a person will come.
                contact.pause = Some(Pause {
                    until: self.now.plus(*span),
                    by: Some(self.message.clone()),
                });
            }
            Proposal::Resume => contact.pause = None,
            Proposal::Tag { tag } => drop(contact.tags.insert(tag.clone())),
            Proposal::Untag { tag } => drop(contact.tags.remove(tag)),
        }
        effects.count += 1;
    }

    /// The same for the same message and place, so that running again proposes the same send (I9).
    fn token(&self) -> SendToken {
        token(
            &self.core.secret,
            &self.tenant_id,
            &self.number,
            &self.message,
            self.stage.effects.sends.len(),
        )
    }
}

fn token(
    secret: &[u8; 32],
    tenant: &TenantId,
    number: &NumberId,
    message: &Wamid,
    place: usize,
) -> SendToken {
    // Only a host's secret makes tokens, so a status cannot be made to fit a send by guessing.
    let mut text = String::from("tg");
    if let Ok(mut code) = Hmac::<Sha256>::new_from_slice(secret) {
        code.update(format!("send\0{tenant}\0{number}\0{message}\0{place}").as_bytes());
        text.push_str(&hex::encode(code.finalize().into_bytes()));
    }
    text.truncate(34);
    #[expect(
        clippy::expect_used,
        reason = "`tg` and hexadecimal digits, 34 of them, are always a token"
    )]
    SendToken::new(text).expect("a token of printable ASCII within its limit")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i09_a_token_repeats_for_the_same_place_and_differs_elsewhere() {
        let make = |secret: u8, message: &str, place| {
            let tenant = TenantId::new("shop").unwrap();
            let number = NumberId::new("100000000000001").unwrap();
            token(
                &[secret; 32],
                &tenant,
                &number,
                &Wamid::new(message).unwrap(),
                place,
            )
        };
        let first = make(1, "wamid.A", 0);
        assert_eq!(first, make(1, "wamid.A", 0));
        for other in [
            make(2, "wamid.A", 0),
            make(1, "wamid.B", 0),
            make(1, "wamid.A", 1),
        ] {
            assert_ne!(first, other);
        }
    }
}
