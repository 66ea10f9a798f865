//! What a queue can hold: Meta's body as it is, an event of End User Messaging Social, an SNS notification of either, or what
//! AWS hands to a function. Verifies nothing: whoever opens an envelope trusts where it came from.

use model::{Moment, NumberId};

use crate::limits;
use crate::payload::{self, Found, Parsed, Part, Unreadable, with_bytes, with_text};

/// Takes a queue's body apart that came in at `received`, however it is wrapped.
pub fn open(body: &[u8], received: Moment) -> Result<Vec<Parsed>, Unreadable> {
    let mut found = Found::new(received);
    with_bytes(body, |part| unwrap(part, 0, &mut found))?;
    Ok(found.notices)
}

/// Takes the message apart that an SNS notification bore, once whoever verified it took it out.
pub fn open_message(message: &str, received: Moment) -> Result<Vec<Parsed>, Unreadable> {
    let mut found = Found::new(received);
    with_text(message, |part| unwrap(part, 0, &mut found))?;
    Ok(found.notices)
}

fn unwrap(part: Part<'_>, depth: usize, found: &mut Found) -> Result<(), Unreadable> {
    if depth > limits::WRAPPERS {
        return Err(Unreadable::TooDeep);
    }
    let records = part.at("Records");
    if records.count() > 0 {
        return open_records(records, depth, found);
    }
    if let Some(kind @ ("SubscriptionConfirmation" | "UnsubscribeConfirmation")) =
        part.at("Type").text()
    {
        let told = format!("it is SNS's {kind}: its topic is not subscribed as it should be");
        return Err(Unreadable::NotAnObject(told));
    }
    let message = part.at("Message");
    let is_notification = ["Type", "TopicArn", "MessageId"]
        .iter()
        .any(|name| part.at(name).words().is_some());
    if is_notification && !message.is_absent() {
        return open_inner(message, depth, found);
    }
    let entry = part.at("whatsAppWebhookEntry");
    let context = part.at("context");
    if !entry.is_absent() || part.at("aws_account_id").words().is_some() {
        // Older events bear the members of the context themselves.
        let context = if context.is_absent() { part } else { context };
        let outer = found.number.take();
        found.number = number(context).or_else(|| outer.clone());
        let opened = open_inner(entry, depth, found);
        found.number = outer;
        return opened;
    }
    payload::read(part, found)
}

/// What AWS hands to a function. A record that cannot be opened is told and costs no other; if none can, that is the body's error.
fn open_records(records: Part<'_>, depth: usize, found: &mut Found) -> Result<(), Unreadable> {
    let before = found.len();
    let (mut opened, mut first) = (false, None);
    for record in records.elements() {
        let [notification, body] = ["Sns", "body"].map(|name| record.at(name));
        let inner = if notification.is_absent() {
            body
        } else {
            notification
        };
        let begun = found.len();
        match open_inner(inner, depth, found) {
            Ok(()) => opened = true,
            Err(Unreadable::TooMany) => return Err(Unreadable::TooMany),
            Err(error) => {
                found.truncate(begun);
                found.push_unreadable("record", &error.to_string(), record)?;
                first = first.or(Some(error));
            }
        }
    }
    match first.filter(|_| !opened) {
        None => Ok(()),
        Some(error) => {
            found.truncate(before);
            Err(error)
        }
    }
}

/// What is wrapped: JSON within a string of JSON, or JSON as it is.
fn open_inner(inner: Part<'_>, depth: usize, found: &mut Found) -> Result<(), Unreadable> {
    match inner.text() {
        Some(text) => with_text(text, |part| unwrap(part, depth + 1, found)),
        None if inner.is_object() => unwrap(inner, depth + 1, found),
        None => Err(Unreadable::NotAnObject("the envelope is empty".to_owned())),
    }
}

/// The number that an event is for, if it says one and no other.
fn number(context: Part<'_>) -> Option<NumberId> {
    let numbers = context.at("MetaPhoneNumberIds");
    let number = match numbers.count() {
        0 => numbers,
        1 => numbers.elements().next()?,
        _ => return None,
    };
    let number = number
        .at("metaPhoneNumberId")
        .own_label()
        .or_else(|| number.own_label())?;
    NumberId::new(number).ok()
}

#[cfg(test)]
mod tests;
