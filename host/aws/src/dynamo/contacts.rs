//! Contacts as they are stored, and as they stand: who joined whom, who is found by what.

use ledger::LedgerError;
use ledger::state::State;
use model::{Contact, ContactId, ContactKey, Message, Moment, NumberId, Phone, TenantId, UserId};

use super::failure::corrupt;
use super::records::{Alias, Bearer, Person, alias_key, contact_key};
use super::work::Work;

/// One contact's own record, whomever it is to join.
pub(super) async fn person(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Option<Person>, LedgerError> {
    work.load(&contact_key(tenant, id)).await
}

/// One that others name: it must be there.
pub(super) async fn the_person(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Person, LedgerError> {
    let found = person(work, tenant, id).await?;
    found.ok_or_else(|| corrupt("contact", &format!("{tenant} {id} is not there")))
}

/// A contact among those that proved to be the same person.
pub(super) struct Standing {
    /// Where its id leads: itself, unless it has joined another.
    pub(super) at: ContactId,
    /// The one that will remain: itself, unless it is to join another.
    pub(super) root: ContactId,
    /// The others, joins between whom have not run yet. Nearly always none.
    pub(super) others: Vec<ContactId>,
}

pub(super) async fn standing(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Standing, LedgerError> {
    let at = followed(work, tenant, id).await?;
    let root = root(work, tenant, at).await?;
    let (mut others, mut ahead) = (Vec::new(), vec![root]);
    while let Some(one) = ahead.pop() {
        if one == at && root != at && others.contains(&one) {
            continue;
        }
        if let Some(person) = person(work, tenant, one).await? {
            let joins = person.from.iter().filter(|tie| !tie.is_done);
            ahead.extend(joins.map(|tie| tie.contact));
        }
        if one != at && !others.contains(&one) {
            others.push(one);
        }
    }
    Ok(Standing { at, root, others })
}

/// Where a contact's id leads.
pub(super) async fn followed(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
) -> Result<ContactId, LedgerError> {
    end_of_way(work, tenant, id, true).await
}

/// The contact that will remain of it.
pub(super) async fn root(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
) -> Result<ContactId, LedgerError> {
    end_of_way(work, tenant, id, false).await
}

async fn end_of_way(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    only_done: bool,
) -> Result<ContactId, LedgerError> {
    let mut at = id;
    let mut seen = vec![id];
    while let Some(person) = person(work, tenant, at).await? {
        let Some(tie) = person.into.filter(|tie| tie.is_done || !only_done) else {
            break;
        };
        // Each once, whatever somebody wrote into them.
        if seen.contains(&tie.contact) {
            break;
        }
        at = tie.contact;
        seen.push(at);
    }
    Ok(at)
}

/// Those that proved to be the same person as this one, itself first.
pub(super) async fn members(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Vec<ContactId>, LedgerError> {
    let standing = standing(work, tenant, id).await?;
    Ok([standing.at].into_iter().chain(standing.others).collect())
}

/// A contact as it stands: if it has joined another, that one; while it is being joined, with what the other forbids.
pub(super) async fn load(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Option<Contact>, LedgerError> {
    let standing = standing(work, tenant, id).await?;
    let Some(person) = person(work, tenant, standing.at).await? else {
        return Ok(None);
    };
    if person.erased_at.is_some() {
        return Ok(None);
    }
    let mut key = person.contact_key();
    let Person {
        name,
        mut state,
        last_inbound,
        first_seen,
        mut stop_pending,
        version,
        ..
    } = person;
    for other in &standing.others {
        // I6: what the other forbids holds for this one too, though the join has not run yet.
        let Some(found) = self::person(work, tenant, *other).await? else {
            continue;
        };
        state.restrict(&found.state);
        stop_pending |= found.stop_pending;
        if *other == standing.root {
            key = found.contact_key();
        }
    }
    let key = key.ok_or_else(|| {
        let cause = format!("{tenant} {id} has neither phone nor user id");
        corrupt("contact", &cause)
    })?;
    Ok(Some(Contact {
        tenant: tenant.clone(),
        id: standing.at,
        key,
        name,
        language: state.language,
        tags: state.tags,
        consent: state.consent,
        stop_pending,
        pause: state.pause,
        first_seen,
        last_inbound,
        previous_inbound: state.previous_inbound,
        last_desk: state.last_desk,
        last_rule: state.last_rule,
        fired: state.fired,
        counts: state.counts,
        tempo: state.tempo,
        version,
    }))
}

/// One that is named by a record: it must be there.
pub(super) async fn the_contact(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Contact, LedgerError> {
    let found = load(work, tenant, id).await?;
    found.ok_or_else(|| corrupt("contact", &format!("{tenant} {id} is not there")))
}

/// What a message changes at once: name, phone, window, stop. Gives its place in the order. The version stays: a talkative contact
/// would otherwise never be answered.
pub(super) async fn take_message(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    number: &NumberId,
    message: &Message,
    is_stop: bool,
    now: Moment,
) -> Result<u64, LedgerError> {
    let mut person = the_person(work, tenant, id).await?;
    // What is said in a group, or by WhatsApp itself, was not said to the business.
    if message.is_for_us() {
        open(&mut person, number, message.sent_at.min(now));
    }
    if message.name.is_some() {
        person.name = message.name.as_deref().map(str::to_owned);
    }
    // It may tell of another phone.
    let is_system = matches!(message.content, model::Content::System(_));
    if let (false, Some(phone)) = (is_system, message.from.phone()) {
        person.phone = Some(phone.clone());
    }
    person.accepted += 1;
    let sequence = person.accepted;
    if is_stop {
        person.stop_pending = true;
        person.stops.insert(sequence);
    }
    work.save(&person)?;
    Ok(sequence)
}

/// When they last wrote, this time included. A window never closes earlier for a message that comes late; the caller sees to it that
/// none lasts longer for a clock that runs ahead.
pub(super) fn open(person: &mut Person, number: &NumberId, wrote: Moment) {
    let window = person.last_inbound.entry(number.clone()).or_insert(wrote);
    *window = (*window).max(wrote);
}

/// Writes what was changed outside a settle: an attempt in course runs again.
pub(super) async fn change(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    change: impl FnOnce(&mut Person) + Send,
) -> Result<bool, LedgerError> {
    let Some(mut person) = person(work, tenant, id).await? else {
        return Ok(false);
    };
    change(&mut person);
    person.version += 1;
    work.save(&person)?;
    Ok(true)
}

/// An attempt in course runs again.
pub(super) async fn count_on(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
) -> Result<(), LedgerError> {
    change(work, tenant, id, |_| {}).await.map(drop)
}

/// What a settle changes.
pub(super) async fn settle(
    work: &mut Work<'_>,
    contact: &Contact,
    sequence: u64,
    clears_stop: bool,
) -> Result<(), LedgerError> {
    let state = own_part(work, contact).await?;
    change(work, &contact.tenant, contact.id, |person| {
        person.state = state;
        person.done = sequence;
        person.stops.retain(|place| *place > sequence);
        if clears_stop {
            person.stop_pending = !person.stops.is_empty();
        }
    })
    .await
    .map(drop)
}

/// What of a settled contact is its own. While it is being joined it was read with what the other forbids: what the attempt left
/// as it was read stays with whom it belongs to, so that neither is bound for ever by what the other has taken back.
async fn own_part(work: &mut Work<'_>, contact: &Contact) -> Result<State, LedgerError> {
    let Contact { tenant, id, .. } = contact;
    let mut state = State::of(contact);
    let standing = standing(work, tenant, *id).await?;
    if standing.others.is_empty() {
        return Ok(state);
    }
    let (Some(own), Some(read)) = (
        person(work, tenant, *id).await?,
        load(work, tenant, *id).await?,
    ) else {
        return Ok(state);
    };
    let was = own.state.consent.clone();
    if state.consent.everything == read.consent.everything {
        state.consent.everything = was.everything;
    }
    if state.consent.marketing == read.consent.marketing {
        state.consent.marketing = was.marketing;
    }
    if state.pause == read.pause {
        state.pause.clone_from(&own.state.pause);
    }
    if (&state.consent, &state.pause) != (&was, &own.state.pause) {
        for other in standing.others {
            count_on(work, tenant, other).await?;
        }
    }
    Ok(state)
}

/// The contact that bears this key, if one does.
pub(super) async fn found(
    work: &mut Work<'_>,
    tenant: &TenantId,
    key: &ContactKey,
) -> Result<Option<ContactId>, LedgerError> {
    match by_user(work, tenant, key.user()).await? {
        Some(id) => Ok(Some(id)),
        None => by_phone(work, tenant, key.phone()).await,
    }
}

pub(super) async fn by_user(
    work: &mut Work<'_>,
    tenant: &TenantId,
    user: Option<&UserId>,
) -> Result<Option<ContactId>, LedgerError> {
    match user {
        Some(user) => bearer(work, tenant, &Alias::user(user)).await,
        None => Ok(None),
    }
}

pub(super) async fn by_phone(
    work: &mut Work<'_>,
    tenant: &TenantId,
    phone: Option<&Phone>,
) -> Result<Option<ContactId>, LedgerError> {
    match phone {
        Some(phone) => bearer(work, tenant, &Alias::phone(phone)).await,
        None => Ok(None),
    }
}

/// Who bears an alias. The contact's own record names its aliases, and is what a write rests on: where the two contradict each other
/// somebody is moving the alias at this moment.
pub(super) async fn bearer(
    work: &mut Work<'_>,
    tenant: &TenantId,
    alias: &Alias,
) -> Result<Option<ContactId>, LedgerError> {
    let found: Option<Bearer> = work.peek(&alias_key(tenant, alias)).await?;
    let Some(Bearer { contact, .. }) = found else {
        return Ok(None);
    };
    let person = person(work, tenant, contact).await?;
    if !person.is_some_and(|person| person.aliases.contains(alias)) {
        work.stale();
    }
    Ok(Some(contact))
}

pub(super) async fn user_of(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Option<UserId>, LedgerError> {
    let person = person(work, tenant, id).await?;
    Ok(person.and_then(|person| person.user))
}

pub(super) async fn phone_of(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Option<Phone>, LedgerError> {
    let person = person(work, tenant, id).await?;
    Ok(person.and_then(|person| person.phone))
}
