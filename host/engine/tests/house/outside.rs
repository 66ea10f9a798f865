//! What plugins ask outside, for tests: a knowledge base and an endpoint that say which call it was, and answer when they are let.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use knowledge::Knowledge;
use lookup::{Caller, Lookup};
use model::{Answer, Citation, LookupAnswer, Question, TenantId};
use tokio::sync::Semaphore;

use super::{Wishes, tenant};

/// Says which call it was; knows nothing, steps in, or waits, as it is asked.
pub struct Faq {
    calls: AtomicUsize,
    /// Who asks waits for one of these.
    pub lets_go: Semaphore,
}

impl Faq {
    pub fn open() -> Arc<Self> {
        Self::with_room_for(Semaphore::MAX_PERMITS)
    }

    pub fn with_room_for(answers: usize) -> Arc<Self> {
        Arc::new(Self {
            calls: AtomicUsize::new(0),
            lets_go: Semaphore::new(answers),
        })
    }

    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Knowledge for Faq {
    async fn ask(&self, asked: &TenantId, question: &Question) -> Answer {
        assert_eq!(*asked, tenant());
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        self.lets_go.acquire().await.unwrap().forget();
        match question.text.as_str() {
            text if text.contains("unknown") => Answer::NoAnswer,
            text if text.contains("secret") => Answer::Blocked,
            text if text.contains("at length") => Answer::Found {
                text: "a long story".to_owned(),
                citations: vec![chapter(); 10],
                session: None,
            },
            _ => Answer::Found {
                text: format!("answer {call}"),
                citations: vec![],
                session: None,
            },
        }
    }
}

/// Ten of these are more than a decision's record holds.
pub fn chapter() -> Citation {
    Citation {
        source: "book.md".to_owned(),
        title: None,
        url: None,
        passage: "and then ".repeat(4000),
        score: None,
    }
}

/// Remembers who asked what, and says where it stands.
pub struct Orders {
    pub seen: Mutex<Vec<(Caller, String)>>,
    /// Who asks waits for one of these.
    pub lets_go: Semaphore,
}

impl Orders {
    pub fn open() -> Arc<Self> {
        Self::with_room_for(Semaphore::MAX_PERMITS)
    }

    pub fn with_room_for(answers: usize) -> Arc<Self> {
        Arc::new(Self {
            seen: Mutex::default(),
            lets_go: Semaphore::new(answers),
        })
    }

    pub fn calls(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

#[async_trait]
impl Lookup for Orders {
    async fn ask(&self, _: &TenantId, caller: &Caller, request: &model::Lookup) -> LookupAnswer {
        let call = {
            let mut seen = self.seen.lock().unwrap();
            seen.push((caller.clone(), request.path.clone()));
            seen.len()
        };
        self.lets_go.acquire().await.unwrap().forget();
        LookupAnswer::Answered {
            status: 200,
            body: format!("order {call}"),
        }
    }
}

pub fn knowing(faq: &Arc<Faq>) -> Wishes {
    let faq = Arc::clone(faq) as Arc<dyn Knowledge>;
    Wishes {
        knowledge: BTreeMap::from([("faq".to_owned(), faq)]),
        ..Wishes::default()
    }
}

pub fn reaching(name: &str, endpoint: Arc<dyn Lookup>) -> Wishes {
    Wishes {
        endpoints: BTreeMap::from([(name.to_owned(), endpoint)]),
        ..Wishes::default()
    }
}
