//! Aliases: by which phone and user id a contact is found. The user id decides, it never changes hands; a phone does. No phone is
//! ever put right by guessing.

use ledger::LedgerError;
use model::{ContactId, ContactKey, Moment, Phone, TenantId, UserId};

use super::contacts::{
    bearer, by_phone, by_user, count_on, found, members, phone_of, the_person, user_of,
};
use super::records::{Alias, Bearer, Kind, Person, alias_key, order_key, tally_key, tenant_key};
use super::work::Work;
use super::{addressing, erasing, joining};

/// The contact that bears this key: found, or made. What of the key is new is remembered, and a phone that came to belong to
/// somebody else goes to them.
pub(super) async fn resolve(
    work: &mut Work<'_>,
    tenant: &TenantId,
    key: &ContactKey,
    now: Moment,
) -> Result<ContactId, LedgerError> {
    let by_user = by_user(work, tenant, key.user()).await?;
    let by_phone = by_phone(work, tenant, key.phone()).await?;
    let id = match (by_user, by_phone, key.user()) {
        (Some(id), _, _) | (None, Some(id), None) => id,
        (None, Some(id), Some(_)) if user_of(work, tenant, id).await?.is_none() => id,
        (None, _, _) => make(work, tenant, now).await?,
    };
    if let (Some(user), None) = (key.user(), by_user) {
        attach_user(work, tenant, id, user).await?;
    }
    if let Some(phone) = key.phone()
        && by_phone != Some(id)
    {
        claim(work, tenant, id, phone, now).await?;
    }
    Ok(id)
}

/// A contact is known by something else from now on. Its old phone is free: whoever writes from it later is somebody new. Its old
/// user id is not: it never becomes anybody else's, and may come late. Nothing if nobody bore the old key.
pub(super) async fn moved(
    work: &mut Work<'_>,
    tenant: &TenantId,
    was: &ContactKey,
    is: &ContactKey,
    now: Moment,
) -> Result<Option<ContactId>, LedgerError> {
    let Some(id) = found(work, tenant, was).await? else {
        return Ok(None);
    };
    let old_phone = phone_of(work, tenant, id).await?;
    let old_user = user_of(work, tenant, id).await?;
    if let Some(new) = is.user() {
        if let Some(other) = by_user(work, tenant, Some(new)).await?
            && other != id
        {
            joining::queue(work, tenant, other, id, now).await?;
        }
        attach_user(work, tenant, id, new).await?;
        if let Some(old) = old_user {
            addressing::readdress(work, tenant, id, &Alias::user(&old)).await?;
        }
    }
    if let Some(new) = is.phone() {
        claim(work, tenant, id, new, now).await?;
        let old = was.phone().cloned().or(old_phone);
        if let Some(old) = old.filter(|old| old != new) {
            forget_phone(work, tenant, id, &old).await?;
            addressing::readdress(work, tenant, id, &Alias::phone(&old)).await?;
        }
    }
    for member in members(work, tenant, id).await? {
        count_on(work, tenant, member).await?;
    }
    Ok(Some(id))
}

/// A send of ours to this contact was taken for somebody by that key: what the contact lacks of it is learnt.
pub(super) async fn learn(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    key: &ContactKey,
    now: Moment,
) -> Result<ContactId, LedgerError> {
    let mut id = id;
    if let Some(new) = key.user()
        && user_of(work, tenant, id).await?.is_none()
    {
        match by_user(work, tenant, Some(new)).await? {
            Some(bearer) if bearer != id => {
                joining::queue(work, tenant, id, bearer, now).await?;
                id = bearer;
            }
            _ => attach_user(work, tenant, id, new).await?,
        }
    }
    if let Some(new) = key.phone()
        && phone_of(work, tenant, id).await?.is_none()
    {
        claim(work, tenant, id, new, now).await?;
    }
    Ok(id)
}

/// The phone is this contact's from now on, and the one that is shown. Whoever was found by it is the same person if they have no
/// user id, or this one has none; two user ids are two people, and the phone has changed hands.
async fn claim(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    phone: &Phone,
    now: Moment,
) -> Result<(), LedgerError> {
    match by_phone(work, tenant, Some(phone)).await? {
        Some(bearer) if bearer != id => {
            let is_another = user_of(work, tenant, bearer).await?.is_some()
                && user_of(work, tenant, id).await?.is_some();
            if is_another {
                forget_phone(work, tenant, bearer, phone).await?;
                // Nothing that was meant for the one may reach the other.
                addressing::readdress(work, tenant, bearer, &Alias::phone(phone)).await?;
                for member in members(work, tenant, bearer).await? {
                    count_on(work, tenant, member).await?;
                }
            } else {
                joining::queue(work, tenant, bearer, id, now).await?;
            }
        }
        _ => {}
    }
    let alias = Alias::phone(phone);
    let mut person = bears(work, tenant, id, &alias).await?;
    person.phone = Some(phone.clone());
    work.save(&person)?;
    erasing::recall(work, tenant, id, &alias).await
}

async fn attach_user(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    user: &UserId,
) -> Result<(), LedgerError> {
    let alias = Alias::user(user);
    let mut person = bears(work, tenant, id, &alias).await?;
    person.user = Some(user.clone());
    work.save(&person)?;
    erasing::recall(work, tenant, id, &alias).await
}

/// The contact, with an alias that is nobody's yet.
async fn bears(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    alias: &Alias,
) -> Result<Person, LedgerError> {
    let mut person = the_person(work, tenant, id).await?;
    if bearer(work, tenant, alias).await?.is_none() {
        work.save(&Bearer {
            tenant: tenant.clone(),
            alias: alias.clone(),
            contact: id,
        })?;
        person.aliases.insert(alias.clone());
    }
    Ok(person)
}

/// The contact is not found by this phone any more; another of theirs is shown instead, if there is one.
async fn forget_phone(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    phone: &Phone,
) -> Result<(), LedgerError> {
    let alias = Alias::phone(phone);
    let mut person = the_person(work, tenant, id).await?;
    if let Some(bearer) = work.peek::<Bearer>(&alias_key(tenant, &alias)).await?
        && bearer.contact == id
    {
        work.remove(&bearer)?;
        person.aliases.remove(&alias);
    }
    if person.phone.as_ref() == Some(phone) {
        let others = person
            .aliases
            .iter()
            .filter(|alias| alias.kind == Kind::Phone);
        let another = others.map(|alias| alias.value.clone()).max();
        person.phone = another.and_then(|value| Phone::new(value).ok());
    }
    work.save(&person)
}

/// All that led to the one leads to the other, whose own phone and user id stay the ones that are shown.
pub(super) async fn hand_over(
    work: &mut Work<'_>,
    tenant: &TenantId,
    from: ContactId,
    to: ContactId,
) -> Result<(), LedgerError> {
    let mut giver = the_person(work, tenant, from).await?;
    let mut taker = the_person(work, tenant, to).await?;
    for alias in std::mem::take(&mut giver.aliases) {
        // Read, so that nobody's later claim to it is lost.
        let _: Option<Bearer> = work.peek(&alias_key(tenant, &alias)).await?;
        work.save(&Bearer {
            tenant: tenant.clone(),
            alias: alias.clone(),
            contact: to,
        })?;
        taker.aliases.insert(alias);
    }
    let (phone, user) = (giver.phone.take(), giver.user.take());
    taker.phone = taker.phone.or(phone);
    taker.user = taker.user.or(user);
    work.save(&giver)?;
    work.save(&taker)
}

async fn make(
    work: &mut Work<'_>,
    tenant: &TenantId,
    now: Moment,
) -> Result<ContactId, LedgerError> {
    // Never given again, whatever becomes of this write.
    let order = order_key(tenant, "contacts");
    let id = ContactId(work.store.next_places(&order, 1).await?);
    work.register(tenant_key(tenant)).await?;
    work.raise(tally_key(tenant, id), 1, None, None);
    work.save(&Person::new(tenant.clone(), id, now))?;
    Ok(id)
}
