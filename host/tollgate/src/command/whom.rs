//! Which contact a command means: by its id, or by a phone.

use serde_json::{Value, json};

use super::Failure;
use super::client::Client;

/// The id of the contact that is meant.
pub(super) async fn contact(client: &Client, named: &str) -> Result<u64, Failure> {
    match id(named) {
        Some(id) => Ok(id),
        None => found(&client.get("/v1/contact", &[("phone", named)]).await?),
    }
}

/// The same; whoever is known by a phone or user id becomes a contact, if they are none yet.
pub(super) async fn contact_or_new(client: &Client, named: &str) -> Result<u64, Failure> {
    match id(named) {
        Some(id) => Ok(id),
        None => {
            let who = json!({"who": named});
            found(&client.post_json("/v1/contacts", &who).await?)
        }
    }
}

/// A contact's name in a line: `c7 Ana`.
pub(super) fn called(contact: &Value) -> String {
    let id = contact.get("id").and_then(Value::as_u64);
    let name = contact.get("name").and_then(Value::as_str);
    let id = id.unwrap_or_default();
    match name.map(crate::shown::tame) {
        Some(name) if !name.is_empty() => format!("c{id} {name}"),
        _ => format!("c{id}"),
    }
}

/// The phone or user id of a record's key, by its end: nobody should read a number over a shoulder. `--json` has it whole.
pub(super) fn masked(key: &Value) -> String {
    serde_json::from_value::<model::ContactKey>(key.clone())
        .map(|key| key.masked())
        .unwrap_or_default()
}

fn found(contact: &Value) -> Result<u64, Failure> {
    let id = contact.get("id").and_then(Value::as_u64);
    id.ok_or_else(|| Failure::found("error: the host's answer names no contact"))
}

/// `c7`, or a number too short for a phone.
fn id(named: &str) -> Option<u64> {
    const PHONE_DIGITS: usize = 7;
    match named.strip_prefix('c') {
        Some(digits) => digits.parse().ok(),
        None if named.starts_with('+') => None,
        None if named.len() < PHONE_DIGITS => named.parse().ok(),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_told_from_a_phone_as_the_host_does() {
        let cases = [
            ("c7", Some(7)),
            ("7", Some(7)),
            ("c15550100001", Some(15_550_100_001)),
            ("15550100001", None),
            ("+15550100001", None),
            ("+911", None),
            ("BR.1a2b3c", None),
        ];
        for (named, expected) in cases {
            assert_eq!(id(named), expected, "{named}");
        }
    }
}
