//! What operators do to a running host: send, pause, record consent, stop and go on, see to held sends and dead letters. Each goes
//! through the same gate and the same ledger as what rules do, and leaves a line in the log that says who did it.

mod dead_letters;
mod held;
mod sending;
mod stopping;

use ledger::{Consented, LedgerError};
use model::{
    ConsentChange, ConsentScope, Contact, ContactId, ContactKey, Evidence, Span, TenantId,
};

use crate::{Engine, Tenant};

pub use dead_letters::{NotRedriven, Redriven};
pub use held::Unresolved;
pub use sending::{Addressee, NotAdmitted, NotSent, Sending, Sent};
pub(crate) use sending::{Personal, admit};
pub use stopping::{NotStopped, Stopping};

/// What is on record for it when an operator says what a contact allowed.
const OPERATOR: &str = "operator";

/// Why a contact stays as it is.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Unchanged {
    /// The tenant has none with that id.
    #[error("the tenant has no such contact")]
    Unknown,
    /// Nobody is away for that long, and it would never end.
    #[error("a pause of {0}; at most {most} fit", most = gate::limits::LONGEST_PAUSE)]
    TooLong(Span),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// What an operator says a contact allowed, or does not allow any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// Of what.
    pub scope: ConsentScope,
    /// True for in, false for out.
    pub opted_in: bool,
    /// What proves it, in their words.
    pub evidence: Option<String>,
    /// Who says so.
    pub by: Option<String>,
}

impl Engine {
    /// The contact that is known by this; made if there is none yet.
    pub async fn meet(&self, tenant: &TenantId, key: &ContactKey) -> Result<Contact, Unchanged> {
        let core = &self.core;
        let id = core.ledger.meet(tenant, key, core.clock.now()).await?;
        self.standing(tenant, id).await
    }

    /// A person takes the conversation: the bot keeps silent for so long. A longer pause stands.
    pub async fn pause(
        &self,
        tenant: &TenantId,
        contact: ContactId,
        span: Span,
        by: Option<&str>,
    ) -> Result<Contact, Unchanged> {
        let core = &self.core;
        if span > gate::limits::LONGEST_PAUSE {
            return Err(Unchanged::TooLong(span));
        }
        let now = core.clock.now();
        if !core
            .ledger
            .pause(tenant, contact, now.plus(span), now)
            .await?
        {
            return Err(Unchanged::Unknown);
        }
        tracing::info!(%tenant, %contact, %span, by, "a person took the conversation");
        // What waits to leave is judged anew, and taken back.
        core.outbox.wake();
        core.timers.wake();
        core.tell();
        self.standing(tenant, contact).await
    }

    /// Records what an operator says a contact allowed. True if it said something new; then it counts for the next send.
    pub async fn record_consent(
        &self,
        tenant: &TenantId,
        contact: ContactId,
        allowance: Allowance,
    ) -> Result<(Contact, bool), Unchanged> {
        let core = &self.core;
        let Allowance {
            scope,
            opted_in,
            evidence,
            by,
        } = allowance;
        let text = match (&by, evidence) {
            (Some(by), Some(evidence)) => Some(format!("{by}: {evidence}")),
            (Some(by), None) => Some(format!("recorded by {by}")),
            (None, evidence) => evidence,
        };
        let change = ConsentChange {
            scope,
            opted_in,
            evidence: Evidence {
                source: OPERATOR.into(),
                message: None,
                text,
            },
            at: core.clock.now(),
        };
        let is_news = match core.ledger.consent(tenant, contact, change).await? {
            Consented::Done => true,
            Consented::NoNews => false,
            Consented::Unknown => return Err(Unchanged::Unknown),
        };
        if is_news {
            tracing::info!(%tenant, %contact, ?scope, opted_in, by, "a person recorded what a contact allowed");
            core.outbox.wake();
            core.tell();
        }
        Ok((self.standing(tenant, contact).await?, is_news))
    }

    async fn standing(&self, tenant: &TenantId, contact: ContactId) -> Result<Contact, Unchanged> {
        let found = self.core.ledger.contact(tenant, contact).await?;
        found.ok_or(Unchanged::Unknown)
    }
}

impl Tenant {
    /// One of its numbers, by its alias or its id.
    pub(crate) fn number_called(&self, name: &str) -> Option<&model::NumberId> {
        self.lines
            .iter()
            .find(|(id, line)| line.alias == name || id.as_str() == name)
            .map(|(id, _)| id)
    }

    /// What its numbers are called.
    pub(crate) fn aliases(&self) -> String {
        let aliases: Vec<&str> = self
            .lines
            .values()
            .map(|line| line.alias.as_str())
            .collect();
        aliases.join(", ")
    }
}
