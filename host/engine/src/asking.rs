//! What a plugin asks through the host, recorded with what it was told (I9): memory, which each attempt reads anew; knowledge bases
//! and endpoints, which are asked once for a message, however often it is attempted.

mod answers;
mod bounds;
mod bulkheads;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use knowledge::Knowledge;
use lookup::{Caller, Unfit};
use model::{
    Answer, Asked, Entry, Interface, Lookup, LookupAnswer, MemoryScope, Question, Quota, Refusal,
    TenantId,
};
use sha2::Sha256;

use crate::stage::RunHost;
use crate::{limits, marks, record};

pub(crate) use answers::{Answers, Place};
use bounds::{question_fault, shortened};
pub(crate) use bulkheads::Bulkheads;

impl RunHost {
    pub(crate) async fn ask_memory(
        &mut self,
        scope: MemoryScope,
        key: &str,
    ) -> Result<Option<Entry>, Refusal> {
        let answer = match gate::memory::recall(&self.grants, scope, key) {
            Ok(()) => {
                if let Err(error) = self.found.look(&self.plugin, scope, key).await {
                    return Err(self.void(error));
                }
                let staged = &self.stage.effects.memory;
                Ok(self.found.entry(staged, &self.plugin, scope, key))
            }
            Err(refusal) => Err(refusal),
        };
        let asked = Asked::Memory {
            scope,
            key: key.to_owned(),
            answer,
        };
        let is_listed = self.list(&asked);
        match asked {
            Asked::Memory { answer, .. } if is_listed || answer.is_err() => answer,
            _ => Err(record_is_full()),
        }
    }

    pub(crate) async fn ask_knowledge(&mut self, question: Question) -> Result<Answer, Refusal> {
        let place = self.next_question();
        let asked = match self.answers.at(&place) {
            Some(former @ Asked::Knowledge { .. }) if asks(&former, &question) => former,
            _ => {
                let began = Instant::now();
                let answer = match self.base(&question) {
                    Ok(base) => Ok(self.answer_of(&*base, &question).await),
                    Err(refusal) => Err(refusal),
                };
                let asked = Asked::Knowledge {
                    question,
                    answer,
                    took_ms: milliseconds(began.elapsed()),
                };
                self.keep(place, asked)
            }
        };
        let is_listed = self.list(&asked);
        match asked {
            Asked::Knowledge { answer, .. } if is_listed || answer.is_err() => answer,
            _ => Err(record_is_full()),
        }
    }

    pub(crate) async fn ask_endpoint(&mut self, request: Lookup) -> Result<LookupAnswer, Refusal> {
        let place = self.next_question();
        let asked = match self.answers.at(&place) {
            Some(former @ Asked::Lookup { .. }) if requests(&former, &request) => former,
            _ => {
                let began = Instant::now();
                let answer = match self.endpoint(&request) {
                    Ok(endpoint) => Ok(self.response_of(&*endpoint, &request, &place).await),
                    Err(refusal) => Err(refusal),
                };
                let asked = Asked::Lookup {
                    request,
                    answer,
                    took_ms: milliseconds(began.elapsed()),
                };
                self.keep(place, asked)
            }
        };
        let is_listed = self.list(&asked);
        match asked {
            Asked::Lookup { answer, .. } if is_listed || answer.is_err() => answer,
            _ => Err(record_is_full()),
        }
    }

    fn next_question(&mut self) -> Place {
        let place = Place {
            step: self.step,
            run: self.run,
            plugin: self.plugin.clone(),
            question: self.questions,
        };
        self.questions += 1;
        place
    }

    /// Keeps an answer for a further attempt. A refusal is made anew each time: an operator may have granted it meanwhile.
    fn keep(&self, place: Place, asked: Asked) -> Asked {
        if let Asked::Knowledge { answer: Err(_), .. } | Asked::Lookup { answer: Err(_), .. } =
            &asked
        {
            return asked;
        }
        let asked = shortened(asked, self.room.left());
        self.answers.keep(place, asked.clone());
        asked
    }

    /// Records what was asked, if the record has room for it.
    fn list(&mut self, asked: &Asked) -> bool {
        let fits = self.room.take(record::bytes(asked));
        if fits {
            self.asked.push(asked.clone());
        } else {
            self.left_out += 1;
        }
        fits
    }

    /// The knowledge base that a question names, if it may be asked this.
    fn base(&self, question: &Question) -> Result<Arc<dyn Knowledge>, Refusal> {
        self.holds(Interface::Knowledge)?;
        let (name, plugin) = (&question.base, &self.plugin);
        let Some(base) = self.tenant.knowledge.get(name) else {
            return Err(self.not_there("knowledge", name, self.tenant.knowledge.keys()));
        };
        if let Some(granted) = &self.grants.knowledge
            && !granted.contains(name)
        {
            let what = format!(
                "the knowledge base \"{name}\": the operator can add it to `knowledge` of [plugin.{plugin}]"
            );
            return Err(Refusal::NotGranted { what });
        }
        self.is_askable(question_fault(question), record::bytes(question))?;
        Ok(Arc::clone(base))
    }

    /// The endpoint that a request names, if it may be asked this.
    fn endpoint(&self, request: &Lookup) -> Result<Arc<dyn lookup::Lookup>, Refusal> {
        self.holds(Interface::Lookup)?;
        let (name, plugin) = (&request.endpoint, &self.plugin);
        let Some(endpoint) = self.tenant.endpoints.get(name) else {
            return Err(self.not_there("endpoint", name, self.tenant.endpoints.keys()));
        };
        if !self.grants.endpoints.contains(name) {
            let what = format!(
                "the endpoint \"{name}\": the operator can add it to `endpoints` of [plugin.{plugin}]"
            );
            return Err(Refusal::NotGranted { what });
        }
        let unfit = endpoint.check(request).err();
        if let Some(unfit @ Unfit::Method(_)) = unfit {
            let tenant = &self.tenant_id;
            let what = format!(
                "{unfit}: they can add it to `methods` of [tenant.{tenant}.endpoint.{name}]"
            );
            return Err(Refusal::NotGranted { what });
        }
        self.is_askable(unfit.map(|unfit| unfit.to_string()), record::bytes(request))?;
        Ok(Arc::clone(endpoint))
    }

    fn holds(&self, interface: Interface) -> Result<(), Refusal> {
        if self.grants.interfaces.contains(&interface) {
            return Ok(());
        }
        let what = format!(
            "`{interface}`: the operator can add it to `grants` of [plugin.{}]",
            self.plugin
        );
        Err(Refusal::NotGranted { what })
    }

    fn not_there<'a>(
        &self,
        section: &str,
        name: &str,
        names: impl Iterator<Item = &'a String>,
    ) -> Refusal {
        let names: Vec<&str> = names.map(String::as_str).collect();
        let there = match names.as_slice() {
            [] => "there is none".to_owned(),
            names => format!("there is {}", names.join(", ")),
        };
        // A plugin chooses the name: what it repeats here is bounded.
        let name: String = name.chars().take(model::limits::NAME_CHARS).collect();
        let what = format!(
            "\"{name}\": {there}; the operator can define it by [tenant.{}.{section}.{name}]",
            self.tenant_id
        );
        Refusal::NotGranted { what }
    }

    /// It is well formed, and the record has room for it.
    fn is_askable(&self, fault: Option<String>, bytes: usize) -> Result<(), Refusal> {
        if let Some(what) = fault {
            return Err(Refusal::Invalid { what });
        }
        // What cannot be recorded is not asked: running the decision again would have nothing to go by.
        if self.room.left() < bytes.saturating_add(limits::ROOM_TO_ANSWER) {
            return Err(record_is_full());
        }
        Ok(())
    }

    async fn answer_of(&self, base: &dyn Knowledge, question: &Question) -> Answer {
        let bulkheads = &self.core.bulkheads;
        let asks = (&self.tenant_id, &self.plugin);
        let entered = bulkheads.enter(asks, Interface::Knowledge, &question.base);
        let Some(_place) = entered else {
            tracing::warn!(tenant = %self.tenant_id, base = question.base, most = limits::ASKED_AT_ONCE, "too many ask a knowledge base at once");
            return Answer::Slow;
        };
        self.show_typing();
        // Others have their turns meanwhile.
        let answer = answer_within(limits::KNOWLEDGE_WAIT, base, &self.tenant_id, question);
        self.answers.seat.away(answer).await
    }

    async fn response_of(
        &self,
        endpoint: &dyn lookup::Lookup,
        request: &Lookup,
        place: &Place,
    ) -> LookupAnswer {
        let bulkheads = &self.core.bulkheads;
        let asks = (&self.tenant_id, &self.plugin);
        let entered = bulkheads.enter(asks, Interface::Lookup, &request.endpoint);
        let Some(_place) = entered else {
            tracing::warn!(tenant = %self.tenant_id, endpoint = request.endpoint, most = limits::ASKED_AT_ONCE, "too many ask an endpoint at once");
            return LookupAnswer::Slow;
        };
        self.show_typing();
        let contact = &self.stage.contact;
        let caller = Caller {
            contact: contact.id,
            key: contact.key.clone(),
            request: self.request_id(place),
        };
        let response = endpoint.ask(&self.tenant_id, &caller, request);
        self.answers.seat.away(response).await
    }

    /// The same each time this message asks at this place, so that an endpoint knows a repetition (I9).
    fn request_id(&self, place: &Place) -> String {
        let mut id = String::new();
        if let Ok(mut code) = Hmac::<Sha256>::new_from_slice(&self.core.secret) {
            let Self {
                tenant_id,
                number,
                message,
                ..
            } = self;
            let Place {
                step,
                run,
                plugin,
                question,
            } = place;
            code.update(
                format!(
                    "lookup\0{tenant_id}\0{number}\0{message}\0{step}\0{run}\0{plugin}\0{question}"
                )
                .as_bytes(),
            );
            id = hex::encode(code.finalize().into_bytes());
        }
        id.truncate(32);
        id
    }

    fn show_typing(&self) {
        if !self.is_shadow && self.answers.begins_typing() {
            marks::show_typing(
                &self.core,
                (&self.tenant_id, &self.tenant),
                &self.number,
                &self.message,
                &self.stage.contact,
                self.now,
            );
        }
    }
}

/// What a knowledge base answers, if it does in time.
async fn answer_within(
    wait: Duration,
    base: &dyn Knowledge,
    tenant: &TenantId,
    question: &Question,
) -> Answer {
    let answered = tokio::time::timeout(wait, base.ask(tenant, question)).await;
    answered.unwrap_or_else(|_| {
        tracing::warn!(%tenant, base = question.base, "a knowledge base took too long");
        Answer::Slow
    })
}

fn asks(former: &Asked, now: &Question) -> bool {
    matches!(former, Asked::Knowledge { question, .. } if question == now)
}

fn requests(former: &Asked, now: &Lookup) -> bool {
    matches!(former, Asked::Lookup { request, .. } if request == now)
}

fn record_is_full() -> Refusal {
    Refusal::QuotaExceeded {
        which: Quota::Decision,
    }
}

fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}
