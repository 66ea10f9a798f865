//! What tells of a contact beside their messages: it changes them at once, and takes no place in their lane.

use ledger::{Acceptance, Lane, LedgerError};
use model::{
    Call, ConsentChange, ConsentScope, ContactId, ContactKey, Delivery, Detail, Echo, Evidence,
    Moment, Notice, Outgoing, Pause, Preference, SendState, SendToken, Status, TenantId, Update,
};

use super::contacts::{change, count_on, found, members, open, person, root, standing, the_person};
use super::records::{Named, Send, of_contact, send_key, wamid_key};
use super::store::Range;
use super::work::Work;
use super::{addressing, aliases, consent, joining};
use crate::limits;

/// The contact stopped marketing: an error that a send of ours met.
pub(super) const STOPPED_MARKETING: i64 = 131_050;

/// Said in WhatsApp's own settings.
pub(super) async fn prefer(
    work: &mut Work<'_>,
    notice: &Notice,
    preference: &Preference,
    now: Moment,
) -> Result<Acceptance, LedgerError> {
    let Preference {
        from,
        wants_marketing,
        at,
    } = preference;
    let id = aliases::resolve(work, &notice.tenant, from, now).await?;
    let evidence = Evidence {
        source: "preference".into(),
        message: None,
        text: Some(preference.word().into()),
    };
    let change = ConsentChange {
        scope: ConsentScope::Marketing,
        opted_in: *wants_marketing,
        evidence,
        // A clock that runs ahead must not outweigh what they say later.
        at: (*at).min(now),
    };
    consent::say(work, &notice.tenant, id, &change).await?;
    Ok(changed(&notice.tenant, id))
}

/// A person of ours is talking: the bot keeps silent. Unless it was we who sent it.
pub(super) async fn silence(
    work: &mut Work<'_>,
    notice: &Notice,
    echo: &Echo,
    until: Option<Moment>,
    now: Moment,
) -> Result<Acceptance, LedgerError> {
    let Some(until) = until else {
        return Ok(Acceptance::Kept);
    };
    if is_ours(work, notice, echo).await? {
        return Ok(Acceptance::Kept);
    }
    let tenant = &notice.tenant;
    let id = aliases::resolve(work, tenant, &echo.to, now).await?;
    pause(work, tenant, id, until).await?;
    Ok(changed(tenant, id))
}

/// The bot keeps silent until then; a longer pause stands. False if there is no such contact.
pub(super) async fn pause(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    until: Moment,
) -> Result<bool, LedgerError> {
    let standing = standing(work, tenant, id).await?;
    let is_there = change(work, tenant, standing.at, |person| {
        let is_longer = |pause: &Pause| pause.until >= until;
        if !person.state.pause.as_ref().is_some_and(is_longer) {
            person.state.pause = Some(Pause { until, by: None });
        }
        gate::tempo::relax(&mut person.state.tempo);
    });
    if !is_there.await? {
        return Ok(false);
    }
    for other in standing.others {
        count_on(work, tenant, other).await?;
    }
    Ok(true)
}

/// By its id; and where its echo overtakes the carrier's reply, so that we do not know the id yet, by its words.
async fn is_ours(work: &mut Work<'_>, notice: &Notice, echo: &Echo) -> Result<bool, LedgerError> {
    let Notice { tenant, number, .. } = notice;
    let named: Option<Named> = work.peek(&wamid_key(tenant, number, &echo.id)).await?;
    if named.is_some() {
        return Ok(true);
    }
    let (Some(words), Some(id)) = (echo.content.words(), found(work, tenant, &echo.to).await?)
    else {
        return Ok(false);
    };
    for member in members(work, tenant, id).await? {
        // Those on their way are known for certain, those just taken by an index.
        let person = person(work, tenant, member).await?;
        let waiting = person.map(|person| person.waiting).unwrap_or_default();
        let keys: Vec<_> = waiting
            .iter()
            .map(|waiting| send_key(tenant, &waiting.token))
            .collect();
        work.look_at(&keys).await?;
        let mut sends = Vec::new();
        for key in &keys {
            sends.extend(work.peek::<Send>(key).await?);
        }
        let lately = Range::all().backwards().most(limits::DYNAMO_ECHO_LOOK);
        let list = of_contact(tenant, member, "sends");
        sends.extend(work.listed::<Send>(1, &list, &lately).await?);
        let is_it = |send: &Send| {
            use SendState::{InFlight, Sent, Unknown};
            let says = match &send.body.message {
                Outgoing::Text { body } | Outgoing::Buttons { body, .. } => Some(body.as_str()),
                Outgoing::Menu(menu) => Some(menu.body.as_str()),
                Outgoing::Link(link) => Some(link.body.as_str()),
                _ => None,
            };
            send.body.number == *number
                && send.wamid.is_none()
                && matches!(send.state, InFlight | Unknown | Sent)
                && says == Some(words)
        };
        if sends.iter().any(is_it) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A person gives the conversation back.
pub(super) async fn release(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
) -> Result<bool, LedgerError> {
    let mut is_there = false;
    for member in members(work, tenant, id).await? {
        let end = |person: &mut super::records::Person| person.state.pause = None;
        is_there |= change(work, tenant, member, end).await?;
    }
    Ok(is_there)
}

/// What an update says of a contact, if it does.
pub(super) async fn update(
    work: &mut Work<'_>,
    notice: &Notice,
    update: &Update,
    now: Moment,
) -> Result<Acceptance, LedgerError> {
    let tenant = &notice.tenant;
    let id = match &update.detail {
        Detail::Call(Call {
            with,
            is_inbound: true,
            at,
            ..
        }) => {
            let id = aliases::resolve(work, tenant, with, now).await?;
            let mut person = the_person(work, tenant, id).await?;
            open(&mut person, &notice.number, (*at).min(now));
            work.save(&person)?;
            Some(id)
        }
        Detail::NewUserId { was, is } => {
            let is = ContactKey::User(is.clone());
            aliases::moved(work, tenant, was, &is, now).await?
        }
        _ => None,
    };
    Ok(id.map_or(Acceptance::Kept, |id| changed(tenant, id)))
}

/// What a status says of whom we sent to.
pub(super) async fn told(
    work: &mut Work<'_>,
    tenant: &TenantId,
    send: &Send,
    status: &Status,
    now: Moment,
) -> Result<(), LedgerError> {
    if status.delivery == Delivery::Unknown {
        return Ok(());
    }
    let id = recipient(work, tenant, send, status, now).await?;
    let stopped = |error: &&model::NetworkError| error.code == STOPPED_MARKETING;
    if let (Some(error), Some(id)) = (status.errors.iter().find(stopped), id) {
        let evidence = Evidence {
            source: "status".into(),
            message: Some(status.wamid.clone()),
            text: Some(error.title.clone()),
        };
        stops_marketing(work, tenant, id, evidence, status.at.min(now)).await?;
    }
    Ok(())
}

/// A carrier refused a send of ours because its contact has stopped marketing.
pub(super) async fn refused(
    work: &mut Work<'_>,
    tenant: &TenantId,
    token: &SendToken,
    cause: &str,
    now: Moment,
) -> Result<(), LedgerError> {
    let Some(id) = addressing::recipient(work, tenant, token).await? else {
        return Ok(());
    };
    let evidence = Evidence {
        source: "carrier".into(),
        message: None,
        text: Some(cause.to_owned()),
    };
    stops_marketing(work, tenant, id, evidence, now).await
}

async fn stops_marketing(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    evidence: Evidence,
    at: Moment,
) -> Result<(), LedgerError> {
    let change = ConsentChange {
        scope: ConsentScope::Marketing,
        opted_in: false,
        evidence,
        at,
    };
    consent::say(work, tenant, id, &change).await.map(drop)
}

/// A status of somebody else's send on our number names a phone and a user id of one person: whoever bears one of them bears both.
pub(super) async fn introduced(
    work: &mut Work<'_>,
    tenant: &TenantId,
    status: &Status,
    now: Moment,
) -> Result<(), LedgerError> {
    let Some(key @ ContactKey::Both(..)) = status.to.as_ref().filter(|_| status.group.is_none())
    else {
        return Ok(());
    };
    match found(work, tenant, key).await? {
        Some(id) => learn(work, tenant, id, key, now).await.map(drop),
        None => Ok(()),
    }
}

/// The contact that a send went to, with what the status tells of its key learnt. None if it went to somebody else: to a phone
/// that the operator granted, or to a group.
async fn recipient(
    work: &mut Work<'_>,
    tenant: &TenantId,
    send: &Send,
    status: &Status,
    now: Moment,
) -> Result<Option<ContactId>, LedgerError> {
    let stopped = status
        .errors
        .iter()
        .any(|error| error.code == STOPPED_MARKETING);
    let tells = match &status.to {
        // Nearly always the contact has what a status could tell.
        Some(key) => lacks(work, tenant, send.body.contact, key).await?,
        None => false,
    };
    if status.group.is_some() || !(stopped || tells) {
        return Ok(None);
    }
    let id = root(work, tenant, send.body.contact).await?;
    if found(work, tenant, &send.body.to).await? != Some(id) {
        return Ok(None);
    }
    match &status.to {
        Some(key) => learn(work, tenant, id, key, now).await.map(Some),
        None => Ok(Some(id)),
    }
}

/// Whether this key has something that the contact's own record lacks.
async fn lacks(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    key: &ContactKey,
) -> Result<bool, LedgerError> {
    let person = the_person(work, tenant, id).await?;
    Ok((key.phone().is_some() && person.phone.is_none())
        || (key.user().is_some() && person.user.is_none()))
}

/// Nobody is told to wake a lane for a status: what can be joined at once is, and else a lane that is awake comes to it.
async fn learn(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    key: &ContactKey,
    now: Moment,
) -> Result<ContactId, LedgerError> {
    let learnt = aliases::learn(work, tenant, id, key, now).await?;
    join_if_idle(work, tenant, learnt, now).await?;
    Ok(learnt)
}

/// Runs a join at once that waits for nothing, if one write holds it. Else it waits in both lanes, where it is found.
pub(super) async fn join_if_idle(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    now: Moment,
) -> Result<(), LedgerError> {
    let standing = standing(work, tenant, id).await?;
    if standing.others.is_empty() {
        return Ok(());
    }
    let lane = Lane {
        tenant: tenant.clone(),
        contact: id,
    };
    joining::join_in(work, &lane, now).await.map(drop)
}

fn changed(tenant: &TenantId, contact: ContactId) -> Acceptance {
    Acceptance::Changed(Lane {
        tenant: tenant.clone(),
        contact,
    })
}
