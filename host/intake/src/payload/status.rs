//! One status of something we sent.

use model::{
    ContactKey, Conversation, Delivery, GroupId, Moment, Pricing, SendToken, Status, Wamid,
};

use super::around::Around;
use super::part::Part;
use super::people::Mention;
use super::stamp::stamp;
use super::{errors, message, wording};

/// Reads one status, or says why it cannot be read. Beside it stands its own word on when it happened.
pub(super) fn read(
    part: Part<'_>,
    around: &Around<'_>,
) -> Result<(Status, Option<Moment>), String> {
    if !part.is_object() {
        return Err("it is no object".to_owned());
    }
    let wamid: Wamid = message::id(part)?;
    let word = part
        .at("status")
        .words()
        .ok_or("it does not say what happened")?;
    let word = wording::kind(word);
    let at = stamp(part.at("timestamp"));
    // A payment's status bears the same words, and says nothing of a message.
    let of_message = part.at("type").words().is_none_or(|kind| kind == "message");
    let delivery = if of_message {
        Delivery::parse(&word)
    } else {
        Delivery::Unknown
    };
    let (to, group) = recipient(part, around);
    let status = Status {
        word: word.into(),
        // Somebody else's sends on the same number carry whatever they like here: no token of ours, no error either.
        token: part
            .at("biz_opaque_callback_data")
            .own_label()
            .and_then(|token| SendToken::new(token).ok()),
        to,
        group,
        errors: errors::read(part.at("errors")),
        pricing: pricing(part.at("pricing")),
        conversation: conversation(part.at("conversation")),
        ..Status::new(wamid, delivery, at.unwrap_or(around.received))
    };
    Ok((status, at))
}

/// Whom it was sent to: a person, or a group, of which each member's status may come by itself.
fn recipient(part: Part<'_>, around: &Around<'_>) -> (Option<ContactKey>, Option<GroupId>) {
    let id = part.at("recipient_id");
    let is_group = part.at("recipient_type").words() == Some("group")
        || id.words().is_some_and(|id| id.ends_with("@g.us"));
    let (mention, group) = if is_group {
        // WhatsApp spells it either way.
        let either = |one: &str, other: &str| match part.at(one) {
            absent if absent.is_absent() => part.at(other),
            found => found,
        };
        let member = Mention::new(
            either("recipient_participant_id", "participant_recipient_id"),
            either(
                "recipient_participant_user_id",
                "participant_recipient_user_id",
            ),
        );
        (member, message::group(id))
    } else {
        let person = Mention::new(id, part.at("recipient_user_id"));
        (person, message::group(part.at("group_id")))
    };
    if is_group && mention.phone.is_none() && mention.user.is_none() {
        return (None, group);
    }
    let to = around
        .people
        .resolve(mention, around.is_alone && !is_group)
        .map(|(key, _)| key);
    (to, group)
}

fn pricing(part: Part<'_>) -> Option<Pricing> {
    let pricing = Pricing {
        billable: part.at("billable").answer(),
        model: part.at("pricing_model").own_words(),
        kind: part.at("type").own_words(),
        category: part.at("category").own_words(),
    };
    (pricing != Pricing::default()).then_some(pricing)
}

fn conversation(part: Part<'_>) -> Option<Conversation> {
    let origin = part.at("origin");
    let conversation = Conversation {
        id: part.at("id").own_label(),
        origin: origin.at("type").own_words().or_else(|| origin.own_words()),
        expires_at: stamp(part.at("expiration_timestamp")),
    };
    (conversation != Conversation::default()).then_some(conversation)
}
