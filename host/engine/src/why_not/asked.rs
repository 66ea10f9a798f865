//! What a running engine is asked: of a stored message, or of a contact who might write.

use ledger::{DecisionRecord, LedgerError};
use model::{
    Contact, ContactId, Content, DecisionId, Language, LookResult, Moment, NumberId, Outcome,
    Phone, RuleName, RunResult, Step, StepResult, TenantId,
};
use rulebook::{Circumstances, Draft, Passed};

use super::who::{circumstances, made_up};
use super::{About, Explanation, Ground, Nobody, nobody, only_number};
use crate::{Engine, Tenant};

/// What is asked about.
#[derive(Debug, Clone)]
pub enum Asked {
    /// A message that was decided, with the contact as they stand now.
    Message(DecisionId),
    /// What a contact might write now; the newest message of theirs, if nothing is said.
    Contact {
        /// Who.
        contact: ContactId,
        /// What.
        text: Option<String>,
        /// On which number; may be left out if there is one alone.
        number: Option<NumberId>,
    },
    /// The same by a phone: a contact, or somebody whom nobody knows.
    Phone {
        /// Who.
        phone: Phone,
        /// What.
        text: Option<String>,
        /// On which number; may be left out if there is one alone.
        number: Option<NumberId>,
    },
}

/// Why there is no explanation.
#[derive(Debug, thiserror::Error)]
pub enum NotExplained {
    /// The tenant is not configured, or has no rules.
    #[error("there is no such tenant")]
    NoTenant,
    /// It has no such rule.
    #[error("there is no such rule")]
    NoRule {
        /// Whose name is most like it.
        nearest: Option<RuleName>,
    },
    /// The message was not decided.
    #[error("no decision on that message")]
    NoDecision,
    /// There is no such contact.
    #[error("the tenant has no such contact")]
    NoContact,
    /// It has several numbers, or not this one.
    #[error("name one of the tenant's numbers")]
    NoNumber,
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// What came of it when it was decided.
struct Was {
    looks: Vec<(RuleName, LookResult)>,
    language: Language,
    /// The rules that answered it, and were counted for it.
    answered: Vec<RuleName>,
}

impl Engine {
    /// Why a rule does not answer, by the edition in force.
    pub async fn why_not(
        &self,
        tenant_id: &TenantId,
        rule: &RuleName,
        asked: Asked,
    ) -> Result<Explanation, NotExplained> {
        let edition = self.edition();
        let (Some(tenant), Some(draft)) = (
            self.plan().tenants.get(tenant_id),
            edition.rulebook(tenant_id),
        ) else {
            return Err(NotExplained::NoTenant);
        };
        // Before anything is read: the rule is what people misspell.
        if !draft.has_rule(rule) {
            let nearest = draft.nearest_rule(rule.as_str()).cloned();
            return Err(NotExplained::NoRule { nearest });
        }
        let whose = (tenant_id, tenant.as_ref(), draft);
        let (mut now, mut about, was) = match asked {
            Asked::Message(id) => self.stored(whose, &id).await?,
            Asked::Contact {
                contact,
                text,
                number,
            } => {
                let contact = self.ledger().contact(tenant_id, contact).await?;
                let contact = contact.ok_or(NotExplained::NoContact)?;
                self.of_contact(whose, contact, text, number).await?
            }
            Asked::Phone {
                phone,
                text,
                number,
            } => self.phoned(whose, phone, text, number).await?,
        };
        let counted = draft
            .rules()
            .iter()
            .flat_map(|rule| rule.counted(now.now))
            .collect::<Vec<_>>();
        if !counted.is_empty() {
            now.counts = self.ledger().rule_counts(tenant_id, &counted).await?;
        }
        if let Some(was) = &was {
            uncount(draft, &was.answered, &mut now);
            about.language = was.language.clone();
            now.language = was.language.clone();
        }
        let ground = Ground {
            edition: Some(edition.hash()),
            draft,
            tenant,
            stops: &self.core.switches.of(tenant_id),
            rates: &self.core.rates,
        };
        let mut explained = ground
            .why_not(rule, &now, about)
            .ok_or(NotExplained::NoRule { nearest: None })?;
        explained.was = was.and_then(|was| {
            was.looks
                .into_iter()
                .find(|(looked, _)| looked == rule)
                .map(|(_, result)| result)
        });
        Ok(explained)
    }

    /// What each rule that a decision came by had to say; nothing unless it was decided on the edition in force.
    #[must_use]
    pub fn passed(&self, record: &DecisionRecord) -> Option<Passed> {
        let edition = self.edition();
        let decision = &record.decision;
        if decision.edition != edition.hash() {
            return None;
        }
        let draft = edition.rulebook(&decision.id.tenant)?;
        Some(draft.passed(&record.message, decision))
    }

    /// A message that was decided: at its own time, with the contact as they stand now, without what it left itself.
    async fn stored(
        &self,
        (tenant_id, tenant, draft): (&TenantId, &Tenant, &Draft),
        id: &DecisionId,
    ) -> Result<(Circumstances, About, Option<Was>), NotExplained> {
        let record = self.ledger().decision(id).await?;
        let DecisionRecord {
            message, decision, ..
        } = record.ok_or(NotExplained::NoDecision)?;
        let contact = self.ledger().contact(tenant_id, decision.contact).await?;
        let mut contact = contact.ok_or(NotExplained::NoContact)?;
        let now = decision.now;
        contact.fired.retain(|_, at| *at != now);
        if contact.last_rule.as_ref().is_some_and(|(_, at)| *at == now) {
            contact.last_rule = None;
        }
        contact.previous_inbound = self
            .message_before(
                tenant_id,
                decision.contact,
                decision.sequence,
                contact.first_seen,
            )
            .await?;
        let (circumstances, about) =
            circumstances((tenant, draft), &id.number, message, contact, now, true);
        let was = Was {
            looks: decision
                .looks
                .into_iter()
                .map(|look| (look.rule, look.result))
                .collect(),
            language: decision.language,
            answered: decision
                .steps
                .into_iter()
                .filter(was_counted)
                .map(|step| step.rule)
                .collect(),
        };
        Ok((circumstances, about, Some(was)))
    }

    /// When a contact wrote the message before one; when they were first seen, if that stands under another id of theirs.
    async fn message_before(
        &self,
        tenant: &TenantId,
        contact: ContactId,
        sequence: u64,
        first_seen: Moment,
    ) -> Result<Option<Moment>, NotExplained> {
        if sequence <= 1 {
            return Ok(None);
        }
        let before = self
            .ledger()
            .decision_of(tenant, contact, Some(sequence), None);
        let before = before.await?;
        Ok(Some(
            before.map_or(first_seen, |record| record.message.sent_at),
        ))
    }

    /// What a contact might write, or the newest that they wrote.
    async fn of_contact(
        &self,
        whose: (&TenantId, &Tenant, &Draft),
        contact: Contact,
        text: Option<String>,
        number: Option<NumberId>,
    ) -> Result<(Circumstances, About, Option<Was>), NotExplained> {
        if let Some(text) = text {
            return self.written(whose, contact, text, number);
        }
        let last = self
            .ledger()
            .decision_of(whose.0, contact.id, None, number.as_ref());
        let last = last.await?.ok_or(NotExplained::NoDecision)?;
        self.stored(whose, &last.decision.id).await
    }

    fn written(
        &self,
        (_, tenant, draft): (&TenantId, &Tenant, &Draft),
        contact: Contact,
        text: String,
        number: Option<NumberId>,
    ) -> Result<(Circumstances, About, Option<Was>), NotExplained> {
        let last = || {
            contact
                .last_inbound
                .iter()
                .filter(|(number, _)| tenant.lines.contains_key(*number))
                .max_by_key(|(_, at)| **at)
                .map(|(number, _)| number.clone())
        };
        let number = match number {
            Some(number) if tenant.lines.contains_key(&number) => number,
            Some(_) => return Err(NotExplained::NoNumber),
            None => last()
                .or_else(|| only_number(tenant).cloned())
                .ok_or(NotExplained::NoNumber)?,
        };
        let content = Content::Text { body: text };
        let (now, about) = made_up((tenant, draft), &number, content, contact, self.now())
            .ok_or(NotExplained::NoNumber)?;
        Ok((now, about, None))
    }

    async fn phoned(
        &self,
        whose: (&TenantId, &Tenant, &Draft),
        phone: Phone,
        text: Option<String>,
        number: Option<NumberId>,
    ) -> Result<(Circumstances, About, Option<Was>), NotExplained> {
        let (tenant_id, tenant, _) = whose;
        if let Some(contact) = self.ledger().contact_of(tenant_id, &phone).await? {
            return self.of_contact(whose, contact, text, number).await;
        }
        // Who never wrote has no newest message.
        let text = text.ok_or(NotExplained::NoContact)?;
        let number = number
            .filter(|number| tenant.lines.contains_key(number))
            .or_else(|| only_number(tenant).cloned())
            .ok_or(NotExplained::NoNumber)?;
        let who = Nobody {
            phone: Some(phone),
            ..Nobody::default()
        };
        let content = Content::Text { body: text };
        let (now, about) =
            nobody(whose, &number, content, who, self.now()).ok_or(NotExplained::NoNumber)?;
        Ok((now, about, None))
    }
}

/// Takes back what these rules were counted for answering at that time.
fn uncount(draft: &Draft, answered: &[RuleName], now: &mut Circumstances) {
    let rules = answered.iter().filter_map(|rule| draft.rule_index(rule));
    for rule in rules.filter_map(|index| draft.rules().get(index)) {
        for (limit, begun) in rule.counts(now.now) {
            let counts = if limit.per_contact {
                &mut now.contact.counts
            } else {
                &mut now.counts
            };
            if let Some(count) = counts.iter_mut().find(|count| count.is_of_same(&begun)) {
                count.times = count.times.saturating_sub(1);
            }
        }
    }
}

/// What was held back, or came to no answer, was not counted.
fn was_counted(step: &Step) -> bool {
    let is_unanswered =
        |run: &model::Run| matches!(run.result, RunResult::Ended(Outcome::Unanswered(_)));
    step.result == StepResult::Stands && !step.runs.iter().any(is_unanswered)
}
