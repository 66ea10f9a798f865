//! Consent that was recorded elsewhere, taken over entry by entry.

use ledger::{Consented, LedgerError};
use model::{ConsentChange, ConsentScope, ContactKey, Permission, TenantId};

use crate::Engine;

/// What an entry came to, or would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Imported {
    /// Recorded and applied.
    New,
    /// The same, with a contact who was not known until then.
    Met,
    /// It says nothing new, or less than what was said later.
    NoNews,
}

impl Engine {
    /// Takes over one entry, or with `dry_run` tells what would become of it. A time that is yet to come counts as now.
    pub async fn import_consent(
        &self,
        tenant: &TenantId,
        key: &ContactKey,
        change: ConsentChange,
        dry_run: bool,
    ) -> Result<Imported, LedgerError> {
        let core = &self.core;
        let now = core.clock.now();
        let change = ConsentChange {
            at: change.at.min(now),
            ..change
        };
        let known = match key.phone() {
            Some(phone) => core.ledger.contact_of(tenant, phone).await?,
            None => None,
        };
        if dry_run {
            return Ok(match known {
                None => Imported::Met,
                Some(contact) if is_news(&contact.consent, &change) => Imported::New,
                Some(_) => Imported::NoNews,
            });
        }
        let id = match &known {
            Some(contact) => contact.id,
            None => core.ledger.meet(tenant, key, now).await?,
        };
        let consented = core.ledger.consent(tenant, id, change).await?;
        core.tell();
        Ok(match (consented, known.is_some()) {
            (Consented::Done, true) => Imported::New,
            (Consented::Done, false) => Imported::Met,
            (Consented::NoNews | Consented::Unknown, _) => Imported::NoNews,
        })
    }
}

/// As the ledger will judge it.
fn is_news(consent: &model::Consent, change: &ConsentChange) -> bool {
    let stands = match change.scope {
        ConsentScope::Everything => consent.everything,
        ConsentScope::Marketing => consent.marketing,
    };
    match stands {
        Permission::Unasked => true,
        Permission::In(since) => change.at > since || (change.at == since && !change.opted_in),
        Permission::Out(since) => change.at > since,
    }
}
