//! What the judge sees of decisions: their order, their effects, their words.

use ledger::Settlement;
use model::{
    ConsentScope, ContactId, Moment, Outbound, Proposal, Refusal, Span, StepResult, TenantId,
    Verdict,
};

use super::{Is, Judge, Known, Sent};

impl Judge {
    /// A message is decided, and all its effects are durable.
    pub fn settled(&mut self, settlement: &Settlement) {
        let decision = &settlement.decision;
        let id = &decision.id;
        let Some(heard) = self.said.get_mut(id) else {
            return self.blame(format!("I13: {id:?} was decided, and nobody wrote it"));
        };
        heard.decided += 1;
        let (times, words, person) = (heard.decided, heard.words.clone(), heard.person);
        if times > 1 {
            self.blame(format!("I2: {id:?} was decided {times} times"));
        }
        let accepted = self.said.get(id).and_then(|heard| heard.accepted);
        let Some((contact, place)) = accepted else {
            return self.blame(format!("I1: {id:?} was decided, and never accepted"));
        };
        let tenant = id.tenant.clone();
        let is_stop = words == "stop";
        let known = self.known(&tenant, contact, person);
        let done = known.done;
        known.done = done.max(place + 1);
        known.stops.remove(id);
        if done != place {
            self.blame(format!(
                "I4: {id:?} is number {place} of its lane, and was decided when {done} were"
            ));
        }
        // The contact that it is by now: a join may have made another of it.
        self.known(&tenant, settlement.contact.id, person);
        for change in &settlement.consent {
            self.known(&tenant, settlement.contact.id, person).changes += 1;
            if change.scope == ConsentScope::Everything {
                self.opted(&tenant, settlement.contact.id, person, change.opted_in);
            }
        }
        if is_stop && !settlement.contact.consent.everything.is_out() {
            self.blame(format!(
                "I6: the stop {id:?} was decided, and changed nothing"
            ));
        }
        self.paused(settlement, person);
        self.sent(settlement, &words);
    }

    fn opted(&mut self, tenant: &TenantId, contact: ContactId, person: usize, opted_in: bool) {
        if opted_in {
            // Whatever they were known by when they stopped: who is to be joined stays out as long as either was, which is more
            // than the judge demands.
            for ((whose, _), known) in &mut self.contacts {
                if whose == tenant && known.person == person {
                    known.is_out = false;
                }
            }
        } else {
            self.known(tenant, contact, person).is_out = true;
        }
    }

    /// What a decision says of pauses.
    fn paused(&mut self, settlement: &Settlement, person: usize) {
        let decision = &settlement.decision;
        let tenant = &decision.id.tenant;
        for refusal in decision.refusals() {
            if let Refusal::Paused { until } = refusal {
                let knows = |known: &Known| known.pauses.contains(until);
                let ours = |((whose, _), known): &(&(TenantId, ContactId), &Known)| {
                    whose == tenant && known.person == person
                };
                let mut theirs = self.contacts.iter().filter(ours);
                if !theirs.any(|(_, known)| knows(known)) {
                    self.blame(format!(
                        "I6: {:?} met a pause until {} that nobody made",
                        decision.id, until.0
                    ));
                }
            }
        }
        let mut refusals = decision.refusals();
        if refusals.any(|refusal| matches!(refusal, Refusal::LoopSuspected)) {
            // The host itself hands the conversation over, and keeps silent for as long as it says.
            let made = settlement.contact.pause.clone();
            let known = self.known(tenant, settlement.contact.id, person);
            known.pauses.extend(made.iter().map(|pause| pause.until));
            known.pause = made
                .map(|pause| (pause.until, pause.by))
                .or(known.pause.take());
        }
        let standing = decision
            .steps
            .iter()
            .filter(|step| step.result == StepResult::Stands)
            .flat_map(|step| step.runs.iter().flat_map(|run| &run.proposed));
        let paused: Vec<Span> = standing
            .filter_map(|proposed| match (&proposed.proposal, &proposed.verdict) {
                (Proposal::Pause { span }, Verdict::Admitted) => Some(*span),
                _ => None,
            })
            .collect();
        for span in paused {
            let until = decision.now.plus(span);
            let known = self.known(tenant, settlement.contact.id, person);
            known.pauses.insert(until);
            known.pause = Some((until, Some(decision.id.message.clone())));
        }
    }

    /// What a decision sends.
    fn sent(&mut self, settlement: &Settlement, words: &str) {
        let decision = &settlement.decision;
        let id = &decision.id;
        let standing = decision
            .steps
            .iter()
            .filter(|step| step.result == StepResult::Stands)
            .flat_map(|step| step.runs.iter().flat_map(|run| &run.proposed));
        let admitted = standing
            .filter(|proposed| {
                matches!(proposed.proposal, Proposal::Send { .. })
                    && proposed.verdict == Verdict::Admitted
            })
            .count();
        if admitted != settlement.sends.len() {
            self.blame(format!(
                "I3: {id:?} was admitted {admitted} sends, and settled {}",
                settlement.sends.len()
            ));
        }
        if words == "stop" && settlement.sends.len() > 1 {
            self.blame(format!(
                "I6: the stop {id:?} has more than one confirmation"
            ));
        }
        let Some(word) = self.editions.get(&decision.edition).copied() else {
            return self.blame(format!(
                "I10: {id:?} was decided on an edition that is none: {}",
                decision.edition
            ));
        };
        for send in &settlement.sends {
            let outbound = send.outbound();
            let text = outbound.message.body();
            let counts = text.starts_with("own ") || text.starts_with("shared ");
            if !counts && !text.starts_with(&format!("{} {word} ", id.tenant)) {
                self.blame(format!(
                    "I10, I13: {id:?} was decided on {word}, and says {text:?}"
                ));
            }
            let answers = matches!(words, "stop" | "start") || text.ends_with(words);
            if !counts && !answers {
                self.blame(format!("I2: {id:?} said {words:?} and is told {text:?}"));
            }
            self.queued(outbound);
        }
    }

    /// A send is in the outbox.
    pub fn queued(&mut self, outbound: &Outbound) {
        let key = (outbound.tenant.clone(), outbound.token.clone());
        let sent = Sent {
            ordinal: self.sends.len(),
            outbound: outbound.clone(),
            is: Is::Waiting,
            may_leave: true,
            departures: 0,
            departed_at: Moment(0),
            resends: 0,
            taken: 0,
            is_confirmed: false,
        };
        if self.sends.insert(key, sent).is_some() {
            self.blame(format!("I2: {} is in the outbox twice", outbound.token));
        }
    }
}
