//! A check: what contradicts itself, and the chains of consent. It reads the whole table, page by page, and changes nothing.
//!
//! A host may write meanwhile: what looks wrong is read once more, as it stands then, before it is told.

use ledger::chain::{Chain, Content, End, Fault, Verifier};
use ledger::said::Said;
use ledger::{Checked, Finding, LedgerError};
use model::{ContactId, SendState, TenantId};

use super::contacts::person;
use super::item::{Item, Key, decode};
use super::measuring::class_of;
use super::records::{
    Bearer, ChainEnd, Decided, Draft, HandedOver, LogEntry, Person, Place, Send, What,
    contact_partition, place_key, send_key,
};
use super::store::{Range, Store};
use super::work::Work;

/// What is wrong with a record, and with whose.
struct Wrong {
    kind: &'static str,
    tenant: TenantId,
    contact: ContactId,
    what: String,
}

pub(super) async fn check(store: &Store) -> Result<Checked, LedgerError> {
    let mut checked = Checked::default();
    let mut from = None;
    loop {
        let (page, next) = store.scan(from).await?;
        for (key, stored) in page {
            let mut work = Work::new(store);
            if look_at(&mut work, &key, &stored.item).await?.is_empty() {
                continue;
            }
            // As it stands now, beside all that it leads to.
            let mut work = Work::new(store);
            let Some(again) = store.fetch(&key).await? else {
                continue;
            };
            for wrong in look_at(&mut work, &key, &again.item).await? {
                checked.found(Finding {
                    kind: wrong.kind,
                    tenant: Some(wrong.tenant),
                    contact: Some(wrong.contact),
                    what: wrong.what,
                });
            }
        }
        from = next;
        if from.is_none() {
            break;
        }
    }
    verify_chains(store, &mut checked).await?;
    Ok(checked)
}

async fn look_at(work: &mut Work<'_>, key: &Key, item: &Item) -> Result<Vec<Wrong>, LedgerError> {
    match class_of(key) {
        Some("contacts") => look_at_contact(work, &decode(item)?).await,
        Some("sends") => look_at_send(work, decode(item)?).await,
        Some("messages") => look_at_place(work, decode(item)?).await,
        Some("aliases") => look_at_alias(work, decode(item)?).await,
        Some("decisions") => look_at_decision(work, decode(item)?).await,
        Some("hand_offs") => {
            let record: HandedOver = decode(item)?;
            is_anybodys(work, record.tenant, record.contact, "hand-off").await
        }
        Some("drafts") => {
            let draft: Draft = decode(item)?;
            is_anybodys(work, draft.tenant, draft.contact, "draft").await
        }
        _ => Ok(Vec::new()),
    }
}

async fn look_at_contact(work: &mut Work<'_>, found: &Person) -> Result<Vec<Wrong>, LedgerError> {
    let (tenant, contact) = (&found.tenant, found.id);
    let mut wrong = Vec::new();
    let mut is_wrong = |kind, what| {
        wrong.push(Wrong {
            kind,
            tenant: tenant.clone(),
            contact,
            what,
        });
    };
    let Person { done, accepted, .. } = found;
    if done > accepted {
        is_wrong(
            "lane",
            format!("more is done than was accepted ({done} of {accepted})"),
        );
    }
    let keys: Vec<Key> = (done + 1..=*accepted)
        .map(|sequence| place_key(tenant, contact, sequence))
        .collect();
    work.look_at(&keys).await?;
    for (key, sequence) in keys.iter().zip(done + 1..) {
        if work.peek::<Place>(key).await?.is_none() {
            is_wrong(
                "lane",
                format!(
                    "the order of what is undone has a gap at {sequence}: {accepted} were accepted. The contact's lane stands still there"
                ),
            );
        }
    }
    let flying = |waiting: &&super::records::Waiting| waiting.state == SendState::InFlight;
    // Two that were joined may have had one each.
    if found.from.is_empty() && found.waiting.iter().filter(flying).count() > 1 {
        is_wrong(
            "outbox",
            "several sends are in flight at once: a contact's sends leave one after the other"
                .to_owned(),
        );
    }
    let keys: Vec<Key> = found
        .waiting
        .iter()
        .map(|waiting| send_key(tenant, &waiting.token))
        .collect();
    work.look_at(&keys).await?;
    for (key, waiting) in keys.iter().zip(&found.waiting) {
        let send: Option<Send> = work.peek(key).await?;
        if send.and_then(|send| send.waiting()).as_ref() != Some(waiting) {
            is_wrong(
                "outbox",
                format!(
                    "the contact's record has the send {} otherwise than it stands",
                    waiting.token
                ),
            );
        }
    }
    if let Some(tie) = &found.into
        && person(work, tenant, tie.contact).await?.is_none()
    {
        is_wrong(
            "contact",
            format!("it joined {}, who is not there", tie.contact),
        );
    }
    Ok(wrong)
}

async fn look_at_send(work: &mut Work<'_>, send: Send) -> Result<Vec<Wrong>, LedgerError> {
    let (tenant, contact) = (&send.body.tenant, send.body.contact);
    let token = &send.body.token;
    let owner = person(work, tenant, contact).await?;
    let what = match owner.filter(|owner| owner.erased_at.is_none()) {
        None => format!(
            "the send {token} is for a contact who is not there: it is never judged and never leaves"
        ),
        Some(owner) => {
            let known = owner.waiting.iter().find(|waiting| waiting.token == *token);
            if known == send.waiting().as_ref() {
                return Ok(Vec::new());
            }
            format!("the send {token} stands otherwise than its contact's record has it")
        }
    };
    Ok(vec![Wrong {
        kind: "outbox",
        tenant: tenant.clone(),
        contact,
        what,
    }])
}

async fn look_at_place(work: &mut Work<'_>, place: Place) -> Result<Vec<Wrong>, LedgerError> {
    let Place {
        tenant,
        contact,
        sequence,
        what,
        ..
    } = place;
    let owner = person(work, &tenant, contact).await?;
    let is_in_lane = owner.is_some_and(|owner| owner.accepted >= sequence);
    Ok(match is_in_lane {
        true => Vec::new(),
        false => vec![Wrong {
            kind: "lane",
            what: match what {
                What::Message { .. } => {
                    format!("the undone message {sequence} is in no lane: nobody answers it")
                }
                What::JoinWith(other) => format!("the join with {other} is in no lane"),
            },
            tenant,
            contact,
        }],
    })
}

async fn look_at_alias(work: &mut Work<'_>, bearer: Bearer) -> Result<Vec<Wrong>, LedgerError> {
    let Bearer {
        tenant,
        alias,
        contact,
    } = bearer;
    let owner = person(work, &tenant, contact).await?;
    let bears = |owner: &Person| {
        owner.erased_at.is_none() && owner.into.is_none() && owner.aliases.contains(&alias)
    };
    Ok(match owner.as_ref().is_some_and(bears) {
        true => Vec::new(),
        false => vec![Wrong {
            kind: "contact",
            what: format!(
                "a {} leads to a contact who is not there any more",
                alias.kind.word()
            ),
            tenant,
            contact,
        }],
    })
}

async fn look_at_decision(
    work: &mut Work<'_>,
    decided: Decided,
) -> Result<Vec<Wrong>, LedgerError> {
    let tenant = decided.decision.id.tenant.clone();
    let key = place_key(&tenant, decided.contact, decided.sequence);
    let place: Option<Place> = work.peek(&key).await?;
    Ok(match place {
        Some(_) => Vec::new(),
        None => vec![Wrong {
            kind: "decision",
            tenant,
            contact: decided.contact,
            what: format!(
                "decision {} has lost its message: it is not shown",
                decided.seq
            ),
        }],
    })
}

async fn is_anybodys(
    work: &mut Work<'_>,
    tenant: TenantId,
    contact: ContactId,
    what: &str,
) -> Result<Vec<Wrong>, LedgerError> {
    Ok(match person(work, &tenant, contact).await? {
        Some(_) => Vec::new(),
        None => vec![Wrong {
            kind: "contact",
            tenant,
            contact,
            what: format!("a {what} is of a contact who is not there"),
        }],
    })
}

/// Each contact's chain, one after the other; and entries whose contact is gone.
async fn verify_chains(store: &Store, checked: &mut Checked) -> Result<(), LedgerError> {
    let mut from = None;
    loop {
        let (page, next) = store.scan(from).await?;
        for (key, stored) in page {
            match class_of(&key) {
                Some("contacts") => verify(store, decode(&stored.item)?, checked).await?,
                Some("consent") => {
                    let entry: LogEntry = decode(&stored.item)?;
                    let owner = person(&mut Work::new(store), &entry.tenant, entry.contact).await?;
                    // A chain without its contact proves nothing of anybody.
                    if entry.seq == 1 && owner.is_none() {
                        checked.found(Finding {
                            kind: "chain",
                            tenant: Some(entry.tenant),
                            contact: Some(entry.contact),
                            what: "entries of consent are of a contact whose record was removed"
                                .to_owned(),
                        });
                    }
                }
                _ => {}
            }
        }
        from = next;
        if from.is_none() {
            return Ok(());
        }
    }
}

async fn verify(store: &Store, found: Person, checked: &mut Checked) -> Result<(), LedgerError> {
    let (tenant, contact) = (&found.tenant, found.id);
    let mut work = Work::new(store);
    let partition = contact_partition(tenant, contact);
    let entries: Vec<LogEntry> = work.query(&partition, &Range::beginning("l#")).await?;
    let consent = &found.state.consent;
    let says_something = consent.everything.is_in()
        || consent.everything.is_out()
        || consent.marketing.is_in()
        || consent.marketing.is_out();
    if entries.is_empty() && found.chain.is_none() && !says_something {
        return Ok(());
    }
    let may_be_erased = found.erased_at.is_some() || found.into.is_some_and(|tie| tie.is_done);
    let chain = Chain {
        key: &store.key,
        tenant,
        contact,
    };
    let mut verifier = Verifier::new(chain);
    let mut said = Said::default();
    let mut words = Vec::new();
    for entry in &entries {
        let link = entry.link();
        checked.entries += 1;
        checked.erased += u64::from(link.content.is_none());
        match link.content.as_deref().map(serde_json::from_str) {
            Some(Ok(Content::Change(change))) => said.hear(change.scope, change.opted_in),
            Some(Ok(Content::Joined { joined })) => {
                said.is_whole = false;
                words.extend(ends_elsewhere(&mut work, tenant, &joined).await?);
            }
            Some(Err(_)) => {}
            None => said.is_whole = false,
        }
        match entry.era == store.era {
            true => verifier.entry(&link, may_be_erased),
            false => {
                checked.unverifiable += 1;
                verifier.unverifiable(&link);
            }
        }
    }
    let count = verifier.at().count;
    let faults = match &found.chain {
        Some(end) => verifier.end(end.count, (end.era == store.era).then_some(&end.seal)),
        None if count > 0 => vec![Fault::Unsealed(count)],
        None => Vec::new(),
    };
    checked.chains += u64::from(found.chain.is_some());
    words.splice(0..0, faults.iter().map(Fault::to_string));
    let unproven = match words.is_empty() && said.is_whole && found.into.is_none() {
        true => said.lacks(&found.state),
        false => None,
    };
    let chained = words.into_iter().map(|what| ("chain", what));
    for (kind, what) in chained.chain(unproven.map(|what| ("unproven", what))) {
        checked.found(Finding {
            kind,
            tenant: Some(tenant.clone()),
            contact: Some(contact),
            what: format!("consent: {what}"),
        });
    }
    Ok(())
}

/// Whether the chain that a join names ends where the join says.
async fn ends_elsewhere(
    work: &mut Work<'_>,
    tenant: &TenantId,
    end: &End,
) -> Result<Option<String>, LedgerError> {
    let found = person(work, tenant, end.contact).await?;
    let head = found.and_then(|found| found.chain.as_ref().map(ChainEnd::head));
    let as_said =
        head.is_some_and(|head| head.count == end.count && hex::encode(head.link) == end.link);
    Ok((!as_said).then(|| {
        format!(
            "{} joined this contact with {} entries, and its chain ends elsewhere now",
            end.contact, end.count
        )
    }))
}
