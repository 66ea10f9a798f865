//! The structs that somebody in a hurry would write: every member that one would use, each demanded as it should be, nothing else.
#![expect(
    dead_code,
    reason = "what is read is not looked at: the reading is measured"
)]

use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Envelope {
    object: String,
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Change {
    field: String,
    value: Value,
}

#[derive(Deserialize)]
struct Value {
    messaging_product: String,
    metadata: Metadata,
    contacts: Vec<Contact>,
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Metadata {
    display_phone_number: String,
    phone_number_id: String,
}

#[derive(Deserialize)]
struct Contact {
    wa_id: String,
    user_id: String,
    profile: Profile,
}

#[derive(Deserialize)]
struct Profile {
    name: String,
}

#[derive(Deserialize)]
struct Message {
    from: String,
    id: String,
    timestamp: String,
    #[serde(rename = "type")]
    kind: String,
    text: Option<Text>,
    context: Option<Context>,
}

#[derive(Deserialize)]
struct Text {
    body: String,
}

#[derive(Deserialize)]
struct Context {
    from: String,
    id: String,
}

/// How many messages it holds.
pub(crate) fn count(envelope: &Option<Envelope>) -> usize {
    let changes = envelope
        .iter()
        .flat_map(|envelope| &envelope.entry)
        .flat_map(|entry| &entry.changes);
    changes.map(|change| change.value.messages.len()).sum()
}
