//! A change's value: each of its messages, statuses, echoes, preferences, calls and errors becomes a notice.

use model::{Detail, NoticeBody, NoticeKey, NumberId};

use super::around::{Around, dialled};
use super::part::Part;
use super::people::People;
use super::stamp::stamp;
use super::{
    Found, Outside, Parsed, Unreadable, echo, errors, message, preference, status, update,
};

/// The lists of a value that we read.
pub(super) const LISTS: [&str; 6] = [
    "messages",
    "statuses",
    "message_echoes",
    "user_preferences",
    "calls",
    "user_id_update",
];

/// What an element of each is, and of the errors.
const ELEMENTS: [&str; 7] = [
    "message",
    "status",
    "echo",
    "preference",
    "call",
    "user_id_update",
    "errors",
];

/// Whether a part has any of those lists, with something in it.
pub(super) fn has_lists(part: Part<'_>) -> bool {
    let mut members = part.members();
    members.any(|(name, value)| LISTS.contains(&name) && says_anything(value))
}

/// It is there, and no empty list.
pub(super) fn says_anything(part: Part<'_>) -> bool {
    part.count() > 0 || is_no_list(part)
}

fn is_no_list(part: Part<'_>) -> bool {
    !part.is_absent() && !part.is_list() && !part.is_object()
}

/// Whether it is our field, whatever is in it: what others call `messages` may as well be a count of them.
fn is_ours(field: &str) -> bool {
    field.is_empty()
        || field.ends_with("message_echoes")
        || matches!(field, "history" | "standby")
        || LISTS.contains(&field)
}

/// Reads a value. `whole` is what is kept if there is nothing in it that we know.
pub(super) fn read<'a>(
    value: Part<'a>,
    whole: Part<'a>,
    outside: &Outside<'a>,
    found: &mut Found,
) -> Result<(), Unreadable> {
    let before = found.len();
    let [messages, statuses, echoes, preferences, calls, user_ids] =
        LISTS.map(|name| value.at(name));
    let metadata = value.at("metadata");
    let number = [metadata.at("phone_number_id"), value.at("phone_number_id")]
        .into_iter()
        .find_map(|number| NumberId::new(number.own_label()?).ok());
    let parts = [messages, statuses, echoes, preferences, calls, user_ids];
    let around = Around {
        received: found.received,
        number: number.or_else(|| found.number.clone()),
        dialled: metadata
            .at("display_phone_number")
            .label()
            .and_then(dialled),
        people: People::read(value.at("contacts")),
        is_alone: parts.iter().map(|list| list.count()).sum::<usize>() == 1,
        time: outside.time,
    };
    let field = outside.field.unwrap_or_default();
    if matches!(field, "history" | "standby") {
        // What was said before we were there, or to another that answers, is not ours to answer, and tells of nobody who talks now.
        for part in messages.elements().chain(echoes.elements()) {
            found.push(around.update(field, Detail::Other, part, stamp(part.at("timestamp"))))?;
        }
        if !value.at("history").is_absent() {
            found.push(around.update(field, Detail::Other, whole, stamp(outside.time)))?;
        }
    } else {
        let is_ours = field.ends_with("message_echoes");
        for part in messages.elements() {
            found.push(match part {
                part if is_ours || echo::is_one(part, &around) => echo(part, &around),
                part => message(part, &around),
            })?;
        }
        for part in echoes.elements() {
            found.push(echo(part, &around))?;
        }
    }
    for part in statuses.elements() {
        found.push(match field {
            "calls" => call_status(part, &around),
            _ => status(part, &around),
        })?;
    }
    for part in preferences.elements() {
        found.push(preference(part, &around))?;
    }
    for part in calls.elements() {
        let detail = update::call(part, &around).map_or(Detail::Other, Detail::Call);
        found.push(around.update("calls", detail, part, stamp(part.at("timestamp"))))?;
    }
    for part in user_ids.elements() {
        let detail = update::new_user_id(part, &around).unwrap_or(Detail::Other);
        found.push(around.update("user_id_update", detail, part, stamp(part.at("timestamp"))))?;
    }
    let wrong = value.at("errors");
    if wrong.count() > 0 {
        let errors = errors::read(wrong);
        let at = stamp(outside.time);
        found.push(around.update("errors", Detail::Errors { errors }, wrong, at))?;
    }
    if found.len() > before || is_ours(field) {
        let parts = parts.into_iter().chain([wrong]).zip(ELEMENTS);
        for (part, what) in parts.filter(|(part, _)| is_no_list(*part)) {
            found.push(around.unreadable(what, "it is no list".to_owned(), part))?;
        }
    }
    if found.len() == before {
        let at = stamp(value.at("timestamp")).or_else(|| stamp(outside.time));
        let field = outside.field.unwrap_or_else(|| told_of(value));
        found.push(around.update(field, update::detail(field, value), whole, at))?;
    }
    Ok(())
}

/// What a value is about that does not say so: by what it has and others have not.
fn told_of(value: Part<'_>) -> &str {
    let is_usual =
        |name: &str| ["object", "messaging_product", "metadata", "contacts"].contains(&name);
    let mut names = value.members().map(|(name, _)| name);
    names.find(|name| !is_usual(name)).unwrap_or("messages")
}

fn message(part: Part<'_>, around: &Around<'_>) -> Parsed {
    if let Some((preference, at)) = preference::in_chat(part, around) {
        let key = around.digest(part, &part.keep());
        return around.parsed(key, at, NoticeBody::Preference(preference));
    }
    match message::read(part, around) {
        Ok((message, at)) => {
            around.parsed(NoticeKey::of(&message), at, NoticeBody::Message(message))
        }
        Err(cause) => around.unreadable("message", cause, part),
    }
}

fn status(part: Part<'_>, around: &Around<'_>) -> Parsed {
    if part.at("type").words() == Some("call") {
        return call_status(part, around);
    }
    match status::read(part, around) {
        Ok((status, at)) => {
            let key = NoticeKey::status(&status, at.map_or(0, |at| at.0 / 1000));
            around.parsed(key, at, NoticeBody::Status(status))
        }
        Err(cause) => around.unreadable("status", cause, part),
    }
}

/// It bears a status's members, and says nothing of a message.
fn call_status(part: Part<'_>, around: &Around<'_>) -> Parsed {
    around.update("calls", Detail::Other, part, stamp(part.at("timestamp")))
}

fn echo(part: Part<'_>, around: &Around<'_>) -> Parsed {
    match echo::read(part, around) {
        Ok((echo, at)) => around.parsed(NoticeKey::echo(&echo.id), at, NoticeBody::Echo(echo)),
        Err(cause) => around.unreadable("echo", cause, part),
    }
}

fn preference(part: Part<'_>, around: &Around<'_>) -> Parsed {
    match preference::read(part, around) {
        Ok(Some((preference, at))) => {
            let key = around.digest(part, &part.keep());
            around.parsed(key, at, NoticeBody::Preference(preference))
        }
        Ok(None) => around.update(
            "user_preferences",
            Detail::Other,
            part,
            stamp(part.at("timestamp")),
        ),
        Err(cause) => around.unreadable("preference", cause, part),
    }
}
