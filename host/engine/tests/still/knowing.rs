//! A knowledge base that takes its time, in virtual time.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use knowledge::Knowledge;
use model::{Answer, Question, TenantId};

pub struct Slow {
    pub takes: Duration,
    pub asked: Mutex<Vec<TenantId>>,
}

impl Slow {
    pub fn of(takes: Duration) -> Self {
        Self {
            takes,
            asked: Mutex::default(),
        }
    }
}

#[async_trait]
impl Knowledge for Slow {
    async fn ask(&self, tenant: &TenantId, _: &Question) -> Answer {
        self.asked.lock().unwrap().push(tenant.clone());
        tokio::time::sleep(self.takes).await;
        Answer::Found {
            text: format!("what {tenant} knows"),
            citations: vec![],
            session: None,
        }
    }
}
