//! What WhatsApp itself tells within a chat: the contact has another number, another id, another device.

use model::{ContactKey, Phone, System, UserId};

use super::super::part::Part;
use super::super::people::Mention;
use super::super::wording;

/// Reads what is told of a contact.
pub(super) fn read(part: Part<'_>, of: &ContactKey) -> Option<System> {
    if !part.is_object() {
        return None;
    }
    let now = now_known_by(part);
    let is_news = |now: &ContactKey| {
        let has = |phone: &Phone| of.phone() == Some(phone);
        let is = |user: &UserId| of.user() == Some(user);
        !(now.phone().is_none_or(has) && now.user().is_none_or(is))
    };
    let event = match part.at("type").words() {
        Some(event) => wording::kind(event).into_owned(),
        // Older versions tell of nothing else, and do not say so.
        None if now.is_some() => "user_changed_number".to_owned(),
        None => "system".to_owned(),
    };
    Some(System {
        event,
        body: part.at("body").own_words(),
        now_known_by: now.filter(is_news),
    })
}

/// Of whom it is told, where the message around it names nobody: by what they were known, or are from now on.
pub(in super::super) fn subject(part: Part<'_>) -> Option<ContactKey> {
    let before = Mention::new(part.at("customer"), Part::ABSENT).key();
    before
        .or_else(|| old_user(part))
        .or_else(|| now_known_by(part))
}

fn now_known_by(part: Part<'_>) -> Option<ContactKey> {
    let phone = [part.at("wa_id"), part.at("new_wa_id")]
        .into_iter()
        .find(|phone| !phone.is_absent());
    Mention::new(phone.unwrap_or(Part::ABSENT), part.at("user_id")).key()
}

/// The id that a contact had before, which WhatsApp tells in its sentence alone: `… changed from XX.1 to XX.2`.
fn old_user(part: Part<'_>) -> Option<ContactKey> {
    let now = part.at("user_id").words()?;
    let mut words = part.at("body").words()?.split_whitespace();
    let after_from = words.by_ref().skip_while(|word| *word != "from").nth(1)?;
    let is_told = words.next() == Some("to")
        && words
            .next()
            .is_some_and(|word| word.trim_end_matches('.') == now);
    let old = UserId::new(after_from).ok().filter(|_| is_told)?;
    ContactKey::new(None, Some(old))
}
