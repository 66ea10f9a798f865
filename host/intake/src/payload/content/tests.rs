//! Every kind of message from Meta's JSON to its type, as it should be and as it should not.

mod baskets;
mod changes;
mod files;
mod news;
mod odd_ones;
mod places_and_cards;
mod taps;

use model::{Message, Moment, NoticeBody, Wamid};
use serde_json::{Value as Json, json};

use super::super::parse;
use super::*;

/// The message with these members, read out of a whole webhook.
fn message(members: &Json) -> Message {
    let mut message =
        json!({ "from": "5511900000001", "id": "wamid.K", "timestamp": "1700000000" });
    message
        .as_object_mut()
        .unwrap()
        .extend(members.as_object().unwrap().clone());
    // What follows it in the batch is read whatever it holds.
    let neighbour = json!({ "from": "5511900000002", "id": "wamid.N", "timestamp": "1", "type": "text",
        "text": { "body": "me too" } });
    let body = json!({ "entry": [{ "changes": [{ "field": "messages", "value": {
        "metadata": { "phone_number_id": "100000000000001" }, "messages": [message, neighbour] } }] }] });
    let found = parse(body.to_string().as_bytes(), Moment(0)).unwrap();
    match found.as_slice() {
        [first, second] => {
            assert!(
                matches!(&second.body, NoticeBody::Message(second) if second.content == words("me too")),
                "{members}: {second:?}"
            );
            match &first.body {
                NoticeBody::Message(first) => first.clone(),
                other => panic!("{members} is lost: {other:?}"),
            }
        }
        other => panic!("{members}: {other:?}"),
    }
}

fn words(body: &str) -> Content {
    Content::Text { body: body.into() }
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn id(text: &str) -> Wamid {
    Wamid::new(text).unwrap()
}

/// A message of a kind is read as this.
fn check(kind: &str, part: &Json, expected: &Content) {
    let found = message(&json!({ "type": kind, kind: part })).content;
    assert_eq!(found, *expected, "{kind}: {part}");
}

/// A message of a kind is kept as it came.
fn kept(kind: &str, part: &Json) {
    let members = json!({ "type": kind, kind: part });
    match message(&members).content {
        Content::Other { name, raw } => {
            assert_eq!((name.as_str(), &raw[kind]), (kind, part));
            assert_eq!(raw["id"], "wamid.K", "the whole message is kept");
        }
        other => panic!("{members}: {other:?}"),
    }
}

/// What Meta never sends, where it sends something else.
fn nonsense() -> [Json; 6] {
    [
        json!(null),
        json!(7),
        json!(""),
        json!([]),
        json!({}),
        json!(true),
    ]
}
