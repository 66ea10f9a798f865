//! What operators and desks do to contacts, without a message.

use ledger::search::SearchText;
use ledger::{ContactFilter, LedgerError, limits as bounds};
use model::{Contact, ContactId, ContactKey, Moment, Outbound, Phone, Purpose, TenantId};

use super::contacts::{change, followed, load};
use super::due::merged;
use super::records::{Person, Send, contact_place, send_key, sharded};
use super::store::{END, Range, Store};
use super::work::Work;
use super::{aliases, changing, sends};

pub(super) async fn meet(
    work: &mut Work<'_>,
    tenant: &TenantId,
    key: &ContactKey,
    now: Moment,
) -> Result<ContactId, LedgerError> {
    let id = aliases::resolve(work, tenant, key, now).await?;
    changing::join_if_idle(work, tenant, id, now).await?;
    Ok(id)
}

/// Page by page, until as many are found as were asked for, or there are no more.
pub(super) async fn contacts(
    store: &Store,
    tenant: &TenantId,
    filter: &ContactFilter,
    after: Option<ContactId>,
    most: usize,
) -> Result<Vec<Contact>, LedgerError> {
    let most = most.min(bounds::ROWS_PER_READ);
    let text = SearchText::new(&filter.text);
    let mut found = Vec::new();
    let lists = sharded(tenant, "contacts");
    let from = after.map_or_else(String::new, |after| {
        format!("{}\u{1}", contact_place(after))
    });
    let mut range = Range::between(from, END.to_string()).most(crate::limits::DYNAMO_CONTACT_LOOK);
    loop {
        let (keys, known_to) = merged(store, 1, &lists, &range).await?;
        let mut work = Work::new(store);
        work.look_at(&keys).await?;
        for key in &keys {
            let Some(person) = work.peek::<Person>(key).await? else {
                continue;
            };
            // Those that joined another, or are to, are not listed: the other is.
            let is_listed = person.into.is_none() && person.erased_at.is_none();
            if !is_listed
                || !text.stands_in(
                    person.name.as_deref(),
                    person.phone.as_ref().map(Phone::as_str),
                )
            {
                continue;
            }
            // As it stands: with what forbids the one that it is being joined with.
            if let Some(contact) = load(&mut work, tenant, person.id).await?
                && filter.takes(&contact)
            {
                if found.len() == most {
                    return Ok(found);
                }
                found.push(contact);
            }
        }
        match known_to {
            Some(known_to) => range.from = format!("{known_to}\u{1}"),
            None => return Ok(found),
        }
    }
}

pub(super) async fn pause(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    until: Moment,
    now: Moment,
) -> Result<bool, LedgerError> {
    let is_there = load(work, tenant, id).await?.is_some();
    match is_there && until > now {
        true => changing::pause(work, tenant, id, until).await,
        false => Ok(is_there),
    }
}

/// The token is looked for first: a request that is repeated must not count twice.
pub(super) async fn send(
    work: &mut Work<'_>,
    send: &Outbound,
    now: Moment,
) -> Result<bool, LedgerError> {
    let tenant = &send.tenant;
    let known: Option<Send> = work.load(&send_key(tenant, &send.token)).await?;
    let contact = followed(work, tenant, send.contact).await?;
    // A contact may have been erased since it was judged: nobody could ever judge what waits for it.
    let is_there = load(work, tenant, contact).await?.is_some();
    if known.is_some() || !is_there {
        return Ok(false);
    }
    let send = Outbound {
        contact,
        ..send.clone()
    };
    let cause = sends::Cause {
        number: &send.number,
        now,
    };
    queue_counted(work, &send, cause).await?;
    Ok(true)
}

/// Queues what a person sends, and counts it: what automation may still send in this hour is the less for it. An attempt in course
/// runs again, or its settle would take the count back.
pub(super) async fn queue_counted(
    work: &mut Work<'_>,
    send: &Outbound,
    cause: sends::Cause<'_>,
) -> Result<(), LedgerError> {
    sends::queue(work, send, cause).await?;
    change(work, &send.tenant, send.contact, |person| {
        let tempo = &mut person.state.tempo;
        if send.purpose == Purpose::Person {
            gate::tempo::relax(tempo);
        }
        gate::tempo::send(tempo, 1, cause.now);
    })
    .await
    .map(drop)
}
