//! To whom sends go that have not left yet: to the contact, by whatever they are known by then.

use ledger::LedgerError;
use model::{ContactId, SendToken, TenantId};

use super::contacts::{found, load, members, person, root};
use super::records::{Alias, Kind, Send, send_key};
use super::work::Work;

/// The contact that a send went to. None if it went to somebody else: to a phone that the operator granted; or if its contact was
/// erased while it was on its way.
pub(super) async fn recipient(
    work: &mut Work<'_>,
    tenant: &TenantId,
    token: &SendToken,
) -> Result<Option<ContactId>, LedgerError> {
    let send: Option<Send> = work.peek(&send_key(tenant, token)).await?;
    let Some(Send { body, .. }) = send else {
        return Ok(None);
    };
    let id = root(work, tenant, body.contact).await?;
    Ok((found(work, tenant, &body.to).await? == Some(id)).then_some(id))
}

/// What has not left yet goes to the contact as it is known now, where it was meant for the phone or user id that it had.
pub(super) async fn readdress(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    old: &Alias,
) -> Result<(), LedgerError> {
    let Some(contact) = load(work, tenant, id).await? else {
        return Ok(());
    };
    for member in members(work, tenant, id).await? {
        let Some(person) = person(work, tenant, member).await? else {
            continue;
        };
        for waiting in &person.waiting {
            let Some(mut send) = work.load::<Send>(&send_key(tenant, &waiting.token)).await? else {
                continue;
            };
            let to = &send.body.to;
            let was = match old.kind {
                Kind::Phone => to.phone().map(|phone| phone.as_str()),
                Kind::User => to.user().map(|user| user.as_str()),
            };
            if was == Some(old.value.as_str()) {
                send.body.to = contact.key.clone();
                work.save(&send)?;
            }
        }
    }
    Ok(())
}
