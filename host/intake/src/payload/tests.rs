mod around;
mod bodies;
mod copies;
mod echoes;
mod misplaced;
mod people;
mod preferences;
mod properties;
mod statuses;
mod updates;

use model::{Echo, Message, Preference, Status, Unreadable};
use serde_json::{Value as Json, json};

use super::*;

/// When everything came in.
const NOW: Moment = Moment(1_800_000_000_000);
const NUMBER: &str = "100000000000001";

fn parsed(body: &Json) -> Vec<Parsed> {
    parse(body.to_string().as_bytes(), NOW).unwrap()
}

/// What is read out of a whole webhook of this field and value.
fn changed(field: &str, value: &Json) -> Vec<Parsed> {
    parsed(&json!({ "object": "whatsapp_business_account",
        "entry": [{ "id": "1", "changes": [{ "field": field, "value": value }] }] }))
}

/// The same of the usual field.
fn read(value: &Json) -> Vec<Parsed> {
    changed("messages", value)
}

fn metadata() -> Json {
    json!({ "display_phone_number": "15550100000", "phone_number_id": NUMBER })
}

/// A message with these members.
fn a_message(members: &Json) -> Json {
    with(
        json!({ "from": "5511900000001", "id": "wamid.A", "timestamp": "1700000000", "type": "text", "text": { "body": "oi" } }),
        members,
    )
}

/// A part with these members besides its own.
fn with(mut part: Json, members: &Json) -> Json {
    let all = part.as_object_mut().unwrap();
    all.extend(members.as_object().unwrap().clone());
    part
}

/// The one notice there is.
fn only(found: &[Parsed]) -> &Parsed {
    match found {
        [one] => one,
        other => panic!("{other:?}"),
    }
}

macro_rules! is {
    ($name:ident, $kind:ident) => {
        fn $name(parsed: &Parsed) -> &$kind {
            match &parsed.body {
                NoticeBody::$kind(found) => found,
                other => panic!("{other:?}"),
            }
        }
    };
}
is!(message, Message);
is!(status, Status);
is!(echo, Echo);
is!(preference, Preference);
is!(update, Update);
is!(unreadable, Unreadable);

/// The words for all of them, and for what kind.
fn words(found: &[Parsed]) -> Vec<(&str, &str)> {
    found
        .iter()
        .map(|parsed| (parsed.body.word(), parsed.body.kind()))
        .collect()
}

/// A contact by phone and user id, for comparing.
fn who(key: &model::ContactKey) -> (Option<&str>, Option<&str>) {
    (
        key.phone().map(model::Phone::as_str),
        key.user().map(model::UserId::as_str),
    )
}
