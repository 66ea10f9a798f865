//! A message that nobody wrote, of somebody whom nobody knows.

use std::collections::BTreeSet;

use model::{
    Channel, Contact, ContactId, ContactKey, Content, Language, Message, Moment, NumberId, Phone,
    Span, TenantId, Wamid,
};
use rulebook::{Circumstances, Draft};

use super::{About, number_name};
use crate::Tenant;

/// Who writes, if nobody says: a number of no country, so that it suggests no language.
const SOMEBODY: &str = "99900000001";
/// Who wrote before did so this long ago.
const BEFORE: Span = Span::from_hours(1);

/// What is known of somebody whom nobody knows.
#[derive(Debug, Clone, Default)]
pub struct Nobody {
    /// Their phone.
    pub phone: Option<Phone>,
    /// The language they used last.
    pub language: Option<Language>,
    /// Their tags.
    pub tags: BTreeSet<String>,
    /// They wrote an hour before.
    pub wrote_before: bool,
}

/// A message of somebody whom nobody knows, at a time.
#[must_use]
pub fn nobody(
    (tenant_id, tenant, draft): (&TenantId, &Tenant, &Draft),
    number: &NumberId,
    content: Content,
    who: Nobody,
    now: Moment,
) -> Option<(Circumstances, About)> {
    let phone = match who.phone {
        Some(phone) => phone,
        None => Phone::new(SOMEBODY).ok()?,
    };
    let key = ContactKey::Phone(phone);
    let previous = who.wrote_before.then(|| now.minus(BEFORE));
    let contact = Contact {
        language: who.language.clone(),
        tags: who.tags,
        previous_inbound: previous,
        ..Contact::new(
            tenant_id.clone(),
            ContactId(0),
            key,
            previous.unwrap_or(now),
        )
    };
    let (mut circumstances, mut about) = made_up((tenant, draft), number, content, contact, now)?;
    // What somebody says of the language counts for more than what a short text looks like.
    if let Some(language) = who.language {
        about.language = language.clone();
        circumstances.language = language;
    }
    about.contact = None;
    Some((circumstances, about))
}

/// A message that nobody wrote, of a contact.
pub(super) fn made_up(
    (tenant, draft): (&Tenant, &Draft),
    number: &NumberId,
    content: Content,
    contact: Contact,
    now: Moment,
) -> Option<(Circumstances, About)> {
    let id = Wamid::new("wamid.made-up").ok()?;
    let message = Message::new(id, contact.key.clone(), now, content);
    Some(circumstances(
        (tenant, draft),
        number,
        message,
        contact,
        now,
        false,
    ))
}

/// All that a search would know, and what to say of it.
pub(super) fn circumstances(
    (tenant, draft): (&Tenant, &Draft),
    number: &NumberId,
    message: Message,
    contact: Contact,
    now: Moment,
    stored: bool,
) -> (Circumstances, About) {
    let language = draft.language(&message, &contact);
    let about = About {
        stored,
        contact: Some(contact.id),
        number: number.clone(),
        language: language.clone(),
        at: now,
        local_time: draft.in_local_time(now),
    };
    let circumstances = Circumstances {
        message,
        contact,
        number: number.clone(),
        number_name: number_name(tenant, number).to_owned(),
        language,
        channel: Channel::WhatsApp,
        counts: Vec::new(),
        now,
    };
    (circumstances, about)
}
