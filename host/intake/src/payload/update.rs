//! What the network tells beside messages and statuses, as far as we have words for it.

use model::{Call, Detail, UserId};

use super::around::Around;
use super::part::Part;
use super::people::Mention;
use super::stamp::stamp;
use super::wording;

/// What a change of a field says.
pub(super) fn detail(field: &str, value: Part<'_>) -> Detail {
    let understood = match field {
        "message_template_status_update" => template(value, "event"),
        "message_template_quality_update" => template(value, "new_quality_score"),
        "phone_number_quality_update" => quality(value),
        "account_update" => account(value.at("event")),
        "account_review_update" => account(value.at("decision")),
        _ => None,
    };
    understood.unwrap_or(Detail::Other)
}

fn template(value: Part<'_>, event: &str) -> Option<Detail> {
    Some(Detail::Template {
        name: value.at("message_template_name").own_label()?,
        language: value.at("message_template_language").own_words(),
        event: word(value.at(event))?,
        reason: word(value.at("reason")).filter(|reason| reason != "NONE"),
    })
}

fn quality(value: Part<'_>) -> Option<Detail> {
    Some(Detail::Quality {
        event: word(value.at("event"))?,
        limit: word(value.at("current_limit"))
            .or_else(|| word(value.at("max_daily_conversations_per_business"))),
    })
}

fn account(event: Part<'_>) -> Option<Detail> {
    Some(Detail::Account {
        event: word(event)?,
    })
}

/// A call, or one step of it.
pub(super) fn call(part: Part<'_>, around: &Around<'_>) -> Option<Call> {
    let is_inbound = match part.at("direction").words() {
        Some(direction) => !direction.eq_ignore_ascii_case("BUSINESS_INITIATED"),
        None => !part
            .at("from")
            .label()
            .is_some_and(|from| around.is_number(&from)),
    };
    let mention = match is_inbound {
        true => Mention::new(part.at("from"), part.at("from_user_id")),
        false => Mention::new(part.at("to"), part.at("to_user_id")),
    };
    Some(Call {
        id: part.at("id").own_label()?,
        with: around.people.resolve(mention, around.is_alone)?.0,
        is_inbound,
        event: word(part.at("event")).or_else(|| word(part.at("status")))?,
        at: stamp(part.at("timestamp")).unwrap_or(around.received),
    })
}

/// A contact's user id is another from now on.
pub(super) fn new_user_id(part: Part<'_>, around: &Around<'_>) -> Option<Detail> {
    let change = part.at("user_id");
    let was = Mention::new(part.at("wa_id"), change.at("previous"));
    Some(Detail::NewUserId {
        was: around.people.resolve(was, around.is_alone)?.0,
        is: UserId::new(change.at("current").own_label()?).ok()?,
    })
}

fn word(part: Part<'_>) -> Option<String> {
    part.label().map(|word| wording::kind(&word).into_owned())
}
