//! What tells of a contact beside their messages: it changes them at once, and takes no place in their lane.

use model::{
    Call, ConsentChange, ConsentScope, ContactId, ContactKey, Delivery, Detail, Echo, Evidence,
    Moment, Notice, Pause, Preference, SendToken, Status, TenantId, Update,
};
use rusqlite::params;

use super::finding::{found, lacks, members};
use super::writer::Work;
use super::{addressing, aliases, consent, contacts, failed, joining, joins};
use crate::{Acceptance, Lane, LedgerError};

/// The contact stopped marketing: an error that a send of ours met.
pub(super) const STOPPED_MARKETING: i64 = 131_050;

/// Said in WhatsApp's own settings.
pub(super) fn prefer(
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
    let id = aliases::resolve(work, &notice.tenant, from, now)?;
    let evidence = Evidence {
        source: "preference".into(),
        message: None,
        text: Some(preference.word().into()),
    };
    // A clock that runs ahead must not outweigh what they say later.
    let at = (*at).min(now);
    let change = ConsentChange {
        scope: ConsentScope::Marketing,
        opted_in: *wants_marketing,
        evidence,
        at,
    };
    consent::say(work, &notice.tenant, id, &change)?;
    Ok(changed(&notice.tenant, id))
}

/// A person of ours is talking: the bot keeps silent. Unless it was we who sent it.
pub(super) fn silence(
    work: &mut Work<'_>,
    notice: &Notice,
    echo: &Echo,
    until: Option<Moment>,
    now: Moment,
) -> Result<Acceptance, LedgerError> {
    let Some(until) = until else {
        return Ok(Acceptance::Kept);
    };
    if is_ours(work, notice, echo)? {
        return Ok(Acceptance::Kept);
    }
    let tenant = &notice.tenant;
    let id = aliases::resolve(work, tenant, &echo.to, now)?;
    pause(work, tenant, id, until)?;
    Ok(changed(tenant, id))
}

/// The bot keeps silent until then; a longer pause stands. False if there is no such contact.
pub(super) fn pause(
    work: &Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    until: Moment,
) -> Result<bool, LedgerError> {
    let standing = joins::standing(work.connection, tenant, id)?;
    let Some(mut stored) = contacts::stored(work.connection, tenant, standing.at)? else {
        return Ok(false);
    };
    let is_longer = |pause: &Pause| pause.until >= until;
    if !stored.state.pause.as_ref().is_some_and(is_longer) {
        stored.state.pause = Some(Pause { until, by: None });
    }
    gate::tempo::relax(&mut stored.state.tempo);
    contacts::change(work.connection, tenant, standing.at, &stored.state)?;
    for other in standing.others {
        contacts::count_on(work.connection, tenant, other)?;
    }
    Ok(true)
}

/// By its id; and where its echo overtakes the carrier's reply, so that we do not know the id yet, by its words.
fn is_ours(work: &Work<'_>, notice: &Notice, echo: &Echo) -> Result<bool, LedgerError> {
    let Notice { tenant, number, .. } = notice;
    let exists = |index: &str,
                  condition: &str,
                  parameters: &[&dyn rusqlite::ToSql]|
     -> Result<bool, LedgerError> {
        let query = format!(
            "SELECT EXISTS (SELECT 1 FROM outbox INDEXED BY {index} WHERE tenant = ?1 AND number = ?2 AND {condition})"
        );
        work.connection
            .prepare_cached(&query)
            .and_then(|mut statement| statement.query_row(parameters, |row| row.get(0)))
            .map_err(failed("look for an echo among our sends"))
    };
    let (tenant_text, number) = (tenant.as_str(), number.as_str());
    if exists(
        "outbox_by_wamid",
        "wamid = ?3",
        params![tenant_text, number, echo.id.as_str()],
    )? {
        return Ok(true);
    }
    let (Some(words), Some(id)) = (
        echo.content.words(),
        found(work.connection, tenant, &echo.to)?,
    ) else {
        return Ok(false);
    };
    for member in members(work.connection, tenant, id)? {
        let condition =
            "contact = ?3 AND wamid IS NULL AND state IN ('in_flight', 'unknown', 'sent')
                         AND json_extract(body, '$.message.body') = ?4";
        if exists(
            "outbox_by_contact",
            condition,
            params![tenant_text, number, member.0, words],
        )? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A person gives the conversation back.
pub(super) fn release(
    work: &Work<'_>,
    tenant: &TenantId,
    id: ContactId,
) -> Result<bool, LedgerError> {
    let mut is_there = false;
    for member in members(work.connection, tenant, id)? {
        if let Some(mut stored) = contacts::stored(work.connection, tenant, member)? {
            stored.state.pause = None;
            contacts::change(work.connection, tenant, member, &stored.state)?;
            is_there = true;
        }
    }
    Ok(is_there)
}

/// What an update says of a contact, if it does.
pub(super) fn update(
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
            let id = aliases::resolve(work, tenant, with, now)?;
            contacts::open_window(work.connection, tenant, id, &notice.number, (*at).min(now))?;
            Some(id)
        }
        Detail::NewUserId { was, is } => {
            let is = model::ContactKey::User(is.clone());
            aliases::moved(work, tenant, was, &is, now)?
        }
        _ => None,
    };
    Ok(id.map_or(Acceptance::Kept, |id| changed(tenant, id)))
}

/// What a status says of whom we sent to. True if that may have changed a contact.
pub(super) fn told(
    work: &mut Work<'_>,
    tenant: &TenantId,
    (token, contact): (&SendToken, ContactId),
    status: &Status,
    now: Moment,
) -> Result<bool, LedgerError> {
    if status.delivery == Delivery::Unknown {
        return Ok(false);
    }
    let id = recipient(work, tenant, (token, contact), status, now)?;
    let stopped = |error: &&model::NetworkError| error.code == STOPPED_MARKETING;
    if let (Some(error), Some(id)) = (status.errors.iter().find(stopped), id) {
        let evidence = Evidence {
            source: "status".into(),
            message: Some(status.wamid.clone()),
            text: Some(error.title.clone()),
        };
        stops_marketing(work, tenant, id, evidence, status.at.min(now))?;
    }
    Ok(id.is_some())
}

/// A carrier refused a send of ours because its contact has stopped marketing.
pub(super) fn refused(
    work: &mut Work<'_>,
    tenant: &TenantId,
    token: &SendToken,
    cause: &str,
    now: Moment,
) -> Result<(), LedgerError> {
    let Some(id) = addressing::recipient(work, tenant, token)? else {
        return Ok(());
    };
    let evidence = Evidence {
        source: "carrier".into(),
        message: None,
        text: Some(cause.to_owned()),
    };
    stops_marketing(work, tenant, id, evidence, now)
}

fn stops_marketing(
    work: &Work<'_>,
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
    consent::say(work, tenant, id, &change).map(drop)
}

/// A status of somebody else's send on our number names a phone and a user id of one person: whoever bears one of them bears both.
/// True if that may have changed a contact.
pub(super) fn introduced(
    work: &mut Work<'_>,
    tenant: &TenantId,
    status: &Status,
    now: Moment,
) -> Result<bool, LedgerError> {
    let Some(key @ ContactKey::Both(..)) = status.to.as_ref().filter(|_| status.group.is_none())
    else {
        return Ok(false);
    };
    let Some(id) = found(work.connection, tenant, key)? else {
        return Ok(false);
    };
    learn(work, tenant, id, key, now)?;
    Ok(true)
}

/// The contact that a send went to, with what the status tells of its key learnt. None if it went to somebody else: to a phone
/// that the operator granted, or to a group.
fn recipient(
    work: &mut Work<'_>,
    tenant: &TenantId,
    (token, contact): (&SendToken, ContactId),
    status: &Status,
    now: Moment,
) -> Result<Option<ContactId>, LedgerError> {
    let stopped = status
        .errors
        .iter()
        .any(|error| error.code == STOPPED_MARKETING);
    let tells = match &status.to {
        // Nearly always the contact has what a status could tell.
        Some(key) => lacks(work.connection, tenant, contact, key)?,
        None => false,
    };
    if status.group.is_some() || !(stopped || tells) {
        return Ok(None);
    }
    let id = joins::root(work.connection, tenant, contact)?;
    let to = addressing::addressee(work, tenant, token)?;
    if found(work.connection, tenant, &to)? != Some(id) {
        return Ok(None);
    }
    let Some(key) = &status.to else {
        return Ok(Some(id));
    };
    learn(work, tenant, id, key, now).map(Some)
}

/// Nobody is told to wake a lane for a status: what can be joined at once is, and else a lane that is awake comes to it.
fn learn(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    key: &ContactKey,
    now: Moment,
) -> Result<ContactId, LedgerError> {
    let learnt = aliases::learn(work, tenant, id, key, now)?;
    join_if_idle(work, tenant, learnt, now)?;
    Ok(learnt)
}

/// Runs a join at once that waits for nothing.
pub(super) fn join_if_idle(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    now: Moment,
) -> Result<(), LedgerError> {
    let standing = joins::standing(work.connection, tenant, id)?;
    if standing.others.is_empty() {
        return Ok(());
    }
    let lane = Lane {
        tenant: tenant.clone(),
        contact: id,
    };
    joining::join(work, &lane, now).map(drop)
}

fn changed(tenant: &TenantId, contact: ContactId) -> Acceptance {
    Acceptance::Changed(Lane {
        tenant: tenant.clone(),
        contact,
    })
}
