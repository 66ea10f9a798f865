//! What a test gives in place of the world: knowledge and endpoints that answer what it says, and no way out.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use knowledge::Knowledge;
use model::{Answer, Citation, LookupAnswer, Question, TenantId};
use rulebook::{GivenKnowledge, GivenLookup, RuleTest};

use crate::{Plan, Tenant};

/// The plan with one tenant, whose world is what the test gives.
pub(super) fn plan(id: &TenantId, tenant: &Tenant, test: &RuleTest) -> Arc<Plan> {
    let answers: Arc<dyn Knowledge> = Arc::new(Answers(test.given.knowledge.clone()));
    let knowledge = tenant
        .knowledge
        .keys()
        .map(|name| (name.clone(), Arc::clone(&answers)));
    let endpoints = tenant.endpoints.keys().map(|name| {
        let endpoint: Arc<dyn lookup::Lookup> =
            Arc::new(Endpoint(test.given.lookup.get(name).cloned()));
        (name.clone(), endpoint)
    });
    let tenant = Tenant {
        knowledge: knowledge.collect(),
        endpoints: endpoints.collect(),
        ..tenant.without_ways_out()
    };
    Arc::new(Plan {
        tenants: [(id.clone(), Arc::new(tenant))].into(),
        // An attempt has them from its edition.
        plugins: BTreeMap::new(),
    })
}

/// Every knowledge base of a test.
struct Answers(Option<GivenKnowledge>);

#[async_trait]
impl Knowledge for Answers {
    async fn ask(&self, _: &TenantId, _: &Question) -> Answer {
        match &self.0 {
            Some(GivenKnowledge::Text(text)) => Answer::Found {
                text: text.clone(),
                citations: vec![Citation {
                    source: "the test".to_owned(),
                    title: None,
                    url: None,
                    passage: text.clone(),
                    score: Some(1000),
                }],
                session: None,
            },
            Some(GivenKnowledge::Blocked) => Answer::Blocked,
            Some(GivenKnowledge::Slow) => Answer::Slow,
            // A test that gives nothing gives nothing to know: no real knowledge base is ever asked.
            Some(GivenKnowledge::NoAnswer) | None => Answer::NoAnswer,
        }
    }
}

/// One endpoint of a test.
struct Endpoint(Option<GivenLookup>);

#[async_trait]
impl lookup::Lookup for Endpoint {
    async fn ask(&self, _: &TenantId, _: &lookup::Caller, _: &model::Lookup) -> LookupAnswer {
        match &self.0 {
            Some(GivenLookup::Answered { status, body }) => LookupAnswer::Answered {
                status: *status,
                body: body.clone(),
            },
            Some(GivenLookup::Slow) => LookupAnswer::Slow,
            Some(GivenLookup::Unreachable) => LookupAnswer::Unreachable {
                cause: "the test says that it cannot be reached".to_owned(),
            },
            None => LookupAnswer::Unreachable {
                cause: "the test gives no answer for it: add `given.lookup.NAME = { status = 200, body = '…' }`"
                    .to_owned(),
            },
        }
    }
}
