//! What a step has proposed so far: judged one by one, and merged only if the step stands (I3).

use std::sync::Arc;

use async_trait::async_trait;
use gate::{Admitted, Reach, Scene};
use hmac::{Hmac, KeyInit, Mac};
use ledger::{Counted, Drafted, LedgerError, Raise};
use model::{
    Answer, Asked, ConsentChange, Contact, Entry, Grants, HandOver, Lookup, LookupAnswer,
    MemoryScope, Moment, NumberId, Pause, PluginName, Proposal, Proposed, Purpose, Question, Quota,
    Refusal, SendToken, TenantId, Verdict, Wamid,
};
use sha2::Sha256;

use crate::asking::Answers;
use crate::memory::{Found, Staged};
use crate::record::{self, Room};
use crate::reply_drafts::Drafting;
use crate::switches::Thrown;
use crate::{Core, Tenant, counting, limits};

/// Effects that will settle with the decision.
#[derive(Debug, Clone, Default)]
pub(crate) struct Effects {
    pub(crate) sends: Vec<Admitted>,
    pub(crate) drafts: Vec<Drafted>,
    pub(crate) consent: Vec<ConsentChange>,
    pub(crate) hand_offs: Vec<HandOver>,
    pub(crate) notes: Vec<String>,
    pub(crate) memory: Staged,
    /// Counts over all contacts that the decision raises.
    pub(crate) counts: Vec<Raise>,
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

    /// What is sent beyond the first is left out, and counts for nothing.
    pub(crate) fn keep_first_send(&mut self, before: &Self) {
        if self.effects.sends.len() <= 1 {
            return;
        }
        self.effects.sends.truncate(1);
        self.effects
            .counts
            .iter_mut()
            .filter(|raise| matches!(raise.of, Counted::Sends(_)))
            .for_each(|raise| raise.by = 1);
        self.contact.tempo = before.contact.tempo.clone();
        for send in &self.effects.sends {
            gate::tempo::send(&mut self.contact.tempo, 1, send.outbound().decided_at);
        }
    }
}

/// Answers one run's host calls: each proposal goes to the gate, and what is admitted is staged.
pub(crate) struct RunHost {
    pub(crate) core: Arc<Core>,
    pub(crate) tenant: Arc<Tenant>,
    pub(crate) tenant_id: TenantId,
    pub(crate) plugin: PluginName,
    pub(crate) grants: Grants,
    pub(crate) number: NumberId,
    pub(crate) message: Wamid,
    pub(crate) now: Moment,
    pub(crate) purpose: Purpose,
    /// Where its sends wait for a person, if they do.
    pub(crate) drafting: Option<Drafting>,
    pub(crate) stage: Stage,
    pub(crate) sends_in_run: usize,
    /// What is stopped, as it was when the attempt began.
    pub(crate) stops: Arc<Thrown>,
    /// Whom the tenant has reached outside of windows, as far as it was looked up.
    pub(crate) reach: Option<Reach>,
    /// What the plugin had sent in this hour before this decision, as far as it was looked up.
    pub(crate) plugin_sends: Option<u32>,
    pub(crate) proposed: Vec<Proposed>,
    pub(crate) asked: Vec<Asked>,
    /// Where in the decision this run stands: which step, and which run of it.
    pub(crate) step: usize,
    pub(crate) run: usize,
    /// It is a shadow: nobody outside is to notice it.
    pub(crate) is_shadow: bool,
    /// What it has asked so far.
    pub(crate) questions: usize,
    /// What memory held when this attempt first looked.
    pub(crate) found: Arc<Found>,
    /// What is left of the decision's record.
    pub(crate) room: Arc<Room>,
    /// What was answered for this message, in this and in earlier attempts.
    pub(crate) answers: Arc<Answers>,
    /// Proposals and questions that the record had no room for.
    pub(crate) left_out: usize,
    /// The host could not answer: whatever the run came to is void, and the attempt begins anew.
    pub(crate) fault: Option<LedgerError>,
}

#[async_trait]
impl sandbox::Host for RunHost {
    async fn propose(&mut self, proposal: Proposal) -> Verdict {
        if let Proposal::Remember { scope, key, .. } | Proposal::Forget { scope, key } = &proposal
            && gate::memory::recall(&self.grants, *scope, key).is_ok()
            && let Err(error) = self.found.look(&self.plugin, *scope, key).await
        {
            return Verdict::Refused(self.void(error));
        }
        if let Err(error) = self.look_up_budgets(&proposal).await {
            return Verdict::Refused(self.void(error));
        }
        self.judge(proposal)
    }

    async fn recall(&mut self, scope: MemoryScope, key: &str) -> Result<Option<Entry>, Refusal> {
        self.ask_memory(scope, key).await
    }

    async fn ask(&mut self, question: Question) -> Result<Answer, Refusal> {
        self.ask_knowledge(question).await
    }

    async fn look_up(&mut self, request: Lookup) -> Result<LookupAnswer, Refusal> {
        self.ask_endpoint(request).await
    }
}

impl RunHost {
    /// The run is void: it is told anything, and nothing of it counts.
    pub(crate) fn void(&mut self, error: LedgerError) -> Refusal {
        self.fault.get_or_insert(error);
        Refusal::Invalid {
            what: "the host could not read what it keeps, and will run this turn again".into(),
        }
    }

    /// What the gate must know of budgets that are kept over all contacts: read once in a run, and only if they count.
    async fn look_up_budgets(&mut self, proposal: &Proposal) -> Result<(), LedgerError> {
        if !matches!(proposal, Proposal::Send { .. }) {
            return Ok(());
        }
        let (tenant, contact) = (&self.tenant_id, &self.stage.contact);
        let policy = &self.tenant.policy;
        if self.reach.is_none()
            && gate::asks_for_reach(proposal, contact, &self.number, policy, self.now)
        {
            self.reach = Some(self.core.ledger.reach(tenant, contact.id, self.now).await?);
        }
        if self.plugin_sends.is_none() && self.grants.hourly_sends.is_some() {
            let since = counting::hour_of(self.now);
            let sends = self.core.ledger.plugin_sends(tenant, &self.plugin, since);
            self.plugin_sends = Some(sends.await?);
        }
        Ok(())
    }

    /// Judges a proposal, and stages it if it is admitted and the record has room for it.
    pub(crate) fn judge(&mut self, proposal: Proposal) -> Verdict {
        let memory = match &proposal {
            Proposal::Remember { scope, key, .. } => {
                let staged = &self.stage.effects.memory;
                self.found.held(staged, &self.plugin, *scope, key)
            }
            _ => gate::memory::Held::default(),
        };
        // A draft that would be the last effect to fit leaves no room for its hand-over.
        let effects_in_decision = self.stage.effects.count + self.effects(&proposal) - 1;
        let staged_sends = counting::staged_sends(&self.plugin, &self.stage.effects);
        let plugin_sends = self.plugin_sends.unwrap_or_default();
        let stops = self.stops.get(&self.tenant_id);
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
                effects_in_decision,
                memory,
                stops: stops.map_or(&[], Vec::as_slice),
                reach: self.reach.unwrap_or_default(),
                plugin_sends: plugin_sends.saturating_add(staged_sends.unwrap_or_default()),
                rates: &rates,
                token: self.token(),
            };
            gate::judge(&proposal, &scene)
        };
        if !self.is_shadow {
            self.core.shadow_refusals.count(&judgement.checks);
        }
        let is_listed = self
            .room
            .take(record::bytes(&proposal).saturating_add(limits::VERDICT_BYTES));
        let verdict = match judgement.verdict {
            Ok(admitted) if is_listed => {
                self.take(&proposal, admitted);
                Verdict::Admitted
            }
            Ok(_) => Verdict::Refused(Refusal::QuotaExceeded {
                which: Quota::Decision,
            }),
            Err(refusal) => Verdict::Refused(refusal),
        };
        if is_listed {
            let is_send = matches!(proposal, Proposal::Send { .. });
            let drafting = self.drafting.as_ref();
            self.proposed.push(Proposed {
                drafted_to: drafting
                    .filter(|_| is_send && verdict == Verdict::Admitted)
                    .map(|drafting| drafting.desk.clone()),
                proposal,
                verdict: verdict.clone(),
                checks: judgement.checks,
            });
        } else {
            self.left_out += 1;
        }
        verdict
    }

    /// What people are told of proposals and questions that the record had no room for.
    pub(crate) fn left_out(&self) -> Option<String> {
        (self.left_out > 0).then(|| {
            format!(
                "host: {} more proposals or questions were refused and are not listed: a decision's record holds {} bytes of them",
                self.left_out,
                self.room.most()
            )
        })
    }

    /// How many effects a proposal comes to.
    fn effects(&self, proposal: &Proposal) -> usize {
        let so_far = &self.stage.effects;
        match (&self.drafting, proposal) {
            (Some(drafting), Proposal::Send { .. }) => drafting.effects(so_far),
            // The first send of a plugin with a budget brings a count with it.
            (None, Proposal::Send { .. })
                if self.grants.hourly_sends.is_some()
                    && counting::staged_sends(&self.plugin, so_far).is_none() =>
            {
                2
            }
            _ => 1,
        }
    }

    fn take(&mut self, proposal: &Proposal, admitted: Option<Admitted>) {
        let count = self.effects(proposal);
        let Stage { contact, effects } = &mut self.stage;
        match proposal {
            Proposal::Send { .. } => {
                self.sends_in_run += 1;
                match &self.drafting {
                    Some(Drafting { desk, rule }) => {
                        effects.drafts.extend(admitted.map(|send| Drafted {
                            desk: desk.clone(),
                            rule: rule.clone(),
                            send,
                        }));
                    }
                    None => {
                        effects.sends.extend(admitted);
                        gate::tempo::send(&mut contact.tempo, 1, self.now);
                        if let Some(most) = self.grants.hourly_sends {
                            counting::raise_sends(&self.plugin, most, self.now, effects);
                        }
                    }
                }
            }
            Proposal::Consent(change) => return self.stage.consent(change.clone()),
            Proposal::HandOver(hand_over) => {
                contact.last_desk = Some(hand_over.desk.clone());
                effects.hand_offs.push(hand_over.clone());
            }
            Proposal::Note { text } => effects.notes.push(text.clone()),
            Proposal::Remember {
                scope,
                key,
                value,
                until,
            } => {
                let entry = Entry {
                    value: value.clone(),
                    until: *until,
                };
                let place = (self.plugin.clone(), *scope, key.clone());
                effects.memory.insert(place, Some(entry));
            }
            Proposal::Forget { scope, key } => {
                let place = (self.plugin.clone(), *scope, key.clone());
                effects.memory.insert(place, None);
            }
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
        effects.count += count;
    }

    /// The same for the same message and place, so that running again proposes the same send (I9).
    fn token(&self) -> SendToken {
        token(
            &self.core.secret,
            &self.tenant_id,
            &self.number,
            &self.message,
            self.stage.effects.sends.len() + self.stage.effects.drafts.len(),
        )
    }
}

/// Chance for one message: the same in each attempt, and nobody without the secret can guess it (I9).
pub(crate) fn seed(
    secret: &[u8; 32],
    tenant: &TenantId,
    number: &NumberId,
    message: &Wamid,
) -> [u8; 32] {
    let Ok(mut code) = Hmac::<Sha256>::new_from_slice(secret) else {
        return [0; 32];
    };
    code.update(format!("seed\0{tenant}\0{number}\0{message}").as_bytes());
    code.finalize().into_bytes().into()
}

/// The token of a send that is judged and never stored.
pub(crate) fn no_token() -> SendToken {
    #[expect(
        clippy::expect_used,
        reason = "34 letters and digits are always a token"
    )]
    SendToken::new("tg00000000000000000000000000000000").expect("a token within its limit")
}

fn token(
    secret: &[u8; 32],
    tenant: &TenantId,
    number: &NumberId,
    message: &Wamid,
    place: usize,
) -> SendToken {
    token_of(
        secret,
        &format!("send\0{tenant}\0{number}\0{message}\0{place}"),
    )
}

/// The token of what is named so.
pub(crate) fn token_of(secret: &[u8; 32], name: &str) -> SendToken {
    // Only a host's secret makes tokens, so a status cannot be made to fit a send by guessing.
    let mut text = String::from("tg");
    if let Ok(mut code) = Hmac::<Sha256>::new_from_slice(secret) {
        code.update(name.as_bytes());
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

    #[test]
    fn i09_a_seed_repeats_for_the_same_message_and_differs_elsewhere() {
        let make = |secret: u8, tenant: &str, number: &str, message: &str| {
            seed(
                &[secret; 32],
                &TenantId::new(tenant).unwrap(),
                &NumberId::new(number).unwrap(),
                &Wamid::new(message).unwrap(),
            )
        };
        let first = make(1, "shop", "100", "wamid.A");
        assert_eq!(first, make(1, "shop", "100", "wamid.A"));
        for other in [
            make(2, "shop", "100", "wamid.A"),
            make(1, "bank", "100", "wamid.A"),
            make(1, "shop", "101", "wamid.A"),
            make(1, "shop", "100", "wamid.B"),
        ] {
            assert_ne!(first, other);
        }
    }
}
