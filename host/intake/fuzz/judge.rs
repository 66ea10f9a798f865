//! What must hold of whatever was read.

use intake::payload::Parsed;
use model::{Channel, Moment, NoticeBody};
use serde_json::Value;

/// When everything came in.
pub const NOW: Moment = Moment(1_800_000_000_000);

/// What was read can be stored and read again, and its words are fit for records and metrics.
pub fn demand_storable(found: &[Parsed]) {
    for parsed in found {
        let stored = serde_json::to_string(&parsed.body).expect("a notice is stored as JSON");
        let again: NoticeBody = serde_json::from_str(&stored).expect("what is stored is read again");
        assert_eq!(again.kind(), parsed.body.kind());
        let kind = parsed.body.kind();
        assert!(!kind.is_empty() && kind.chars().count() <= 64 && !kind.contains(char::is_control), "{kind:?}");
    }
}

/// Nothing is lost and nothing made up: each part of a list that is read is one notice, and what has none of them is at most one.
pub fn demand_all(body: &[u8], found: &[Parsed]) {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        // Repaired on the way: nobody else has read it.
        return;
    };
    if let [one] = found
        && one.channel != Channel::WhatsApp
    {
        return;
    }
    let entries = match (&body["entry"], &body["changes"]) {
        (Value::Null, Value::Null) => return,
        (Value::Null, _) if body["object"].is_null() => vec![&body],
        (entry, _) => parts(entry),
    };
    let (mut least, mut most) = (0, usize::from(!body["entry"].is_null()) + astray(&body));
    for entry in entries {
        let changes = parts(&entry["changes"]);
        most += 1 + astray(entry);
        for change in changes {
            let value = &change["value"];
            let must = ["messages", "statuses", "message_echoes", "user_preferences"].map(|list| parts(&value[list]).len());
            let must = must.into_iter().sum::<usize>().max(1);
            least += must;
            most += must + astray(value) + astray(change);
        }
    }
    assert!((least..=most).contains(&found.len()), "{least}..={most}: {}", found.len());
}

/// What may come of lists that stand here, or of what stands in their place: an element each, or one for what is no list. Errors
/// and a history are one notice each, however long.
fn astray(place: &Value) -> usize {
    let lists = ["messages", "statuses", "message_echoes", "user_preferences", "calls", "user_id_update", "changes"];
    let each = lists.map(|list| parts(&place[list]).len().max(usize::from(!place[list].is_null())));
    each.into_iter().sum::<usize>() + 2
}

/// The elements of a list, or the one that stands in its place.
fn parts(list: &Value) -> Vec<&Value> {
    match list {
        Value::Array(elements) => elements.iter().collect(),
        Value::Object(_) => vec![list],
        _ => Vec::new(),
    }
}
