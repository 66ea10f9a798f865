//! Consent: the log that proves it, chained so that tampering shows.

use std::collections::BTreeSet;

use ledger::chain::{Chain, Content, Digest, End};
use ledger::state::is_news;
use ledger::{Consented, LedgerError};
use model::{ConsentChange, ContactId, TenantId};

use super::contacts::{change, count_on, followed, members, person, the_person};
use super::failure::{corrupt, store};
use super::records::{ChainEnd, LogEntry, contact_partition};
use super::store::{Range, Store};
use super::work::Work;

impl Store {
    pub(super) fn chain<'a>(&'a self, tenant: &'a TenantId, contact: ContactId) -> Chain<'a> {
        Chain {
            key: &self.key,
            tenant,
            contact,
        }
    }
}

/// Appends to a contact's chain. A chain that somebody else has brought out of order stays so: its seal is not made anew.
async fn append(
    work: &mut Work<'_>,
    tenant: &TenantId,
    contact: ContactId,
    content: String,
) -> Result<(), LedgerError> {
    let mut salt: Digest = [0; 32];
    getrandom::fill(&mut salt).map_err(|error| store("draw a salt", error.to_string()))?;
    let mut person = the_person(work, tenant, contact).await?;
    let chain = work.store.chain(tenant, contact);
    let before = person
        .chain
        .as_ref()
        .map(ChainEnd::head)
        .unwrap_or_default();
    let link = chain.append(&before, content, salt);
    let after = ledger::chain::Head {
        count: link.sequence,
        link: link.link,
    };
    let era = work.store.era;
    let seal = match &person.chain {
        Some(stored) if stored.era == era && stored.seal != chain.seal(&before) => stored.seal,
        _ => chain.seal(&after),
    };
    person.chain = Some(ChainEnd {
        count: after.count,
        link: after.link,
        seal,
        era,
    });
    work.save(&LogEntry {
        tenant: tenant.clone(),
        contact,
        seq: link.sequence,
        content: link.content,
        salt: link.salt,
        commitment: link.commitment,
        link: link.link,
        era,
    })?;
    work.save(&person)
}

pub(super) async fn entries(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Vec<LogEntry>, LedgerError> {
    let partition = contact_partition(tenant, id);
    work.query(&partition, &Range::beginning("l#")).await
}

/// What proves it, in the order of time: the contact's own entries and those of all who joined it. Nothing of what was erased.
pub(super) async fn log(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Vec<ConsentChange>, LedgerError> {
    let mut changes = Vec::new();
    let (mut ahead, mut seen) = (vec![id], BTreeSet::new());
    while let Some(contact) = ahead.pop() {
        // Each chain once, whatever somebody wrote into them.
        if !seen.insert(contact.0) {
            continue;
        }
        for entry in entries(work, tenant, contact).await? {
            let Some(content) = entry.content else {
                continue;
            };
            match serde_json::from_str(&content) {
                Ok(Content::Change(change)) => changes.push(change),
                Ok(Content::Joined { joined }) => ahead.push(joined.contact),
                Err(error) => return Err(corrupt("change of consent", &error.to_string())),
            }
        }
    }
    // Stable: what each said stays in its order.
    changes.sort_by_key(|change| change.at);
    Ok(changes)
}

pub(super) async fn record(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    change: &ConsentChange,
) -> Result<(), LedgerError> {
    append(work, tenant, id, text(change)?).await
}

fn text<T: serde::Serialize>(content: &T) -> Result<String, LedgerError> {
    serde_json::to_string(content).map_err(|error| corrupt("change of consent", &error.to_string()))
}

/// Applies what the contact said and records it, if it says something new. What they said later stands.
pub(super) async fn say(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    said: &ConsentChange,
) -> Result<Consented, LedgerError> {
    let (mut took, mut is_there) = (false, false);
    // One person: what they say now outweighs what was said before in either lane.
    let members = members(work, tenant, id).await?;
    for member in &members {
        let Some(person) = person(work, tenant, *member).await? else {
            continue;
        };
        if person.erased_at.is_some() {
            continue;
        }
        is_there = true;
        if is_news(&person.state.consent, said) {
            took = true;
            change(work, tenant, *member, |person| {
                person.state.consent.apply(said);
            })
            .await?;
        }
    }
    if took {
        // Each is read with what the others forbid: the attempts of all of them run again.
        for member in members {
            count_on(work, tenant, member).await?;
        }
    }
    match (is_there, took) {
        (false, _) => Ok(Consented::Unknown),
        (true, false) => Ok(Consented::NoNews),
        (true, true) => {
            let id = followed(work, tenant, id).await?;
            record(work, tenant, id, said)
                .await
                .map(|()| Consented::Done)
        }
    }
}

/// The joiner's chain ends, and the survivor's says where: both stay as they were recorded, and neither can be changed after.
pub(super) async fn unite(
    work: &mut Work<'_>,
    tenant: &TenantId,
    joiner: ContactId,
    survivor: ContactId,
) -> Result<(), LedgerError> {
    let Some(end) = the_person(work, tenant, joiner).await?.chain else {
        return Ok(());
    };
    let joined = Content::Joined {
        joined: End {
            contact: joiner,
            count: end.count,
            link: hex::encode(end.link),
        },
    };
    append(work, tenant, survivor, text(&joined)?).await
}
