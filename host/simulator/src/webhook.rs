//! Meta's webhooks: the envelope, the signature, and the bytes that are signed.

use std::fmt::Write as _;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;

/// The business account all numbers belong to.
const ACCOUNT: &str = "100000000000001";
/// What a webhook shows as the business's own number.
const DISPLAY_NUMBER: &str = "15550100001";

/// One webhook, ready to be posted, as often as need be.
#[derive(Clone)]
pub(crate) struct Webhook {
    pub(crate) body: Bytes,
    pub(crate) signature: String,
}

/// Who is introduced beside a message.
pub(crate) struct Sender<'a> {
    pub(crate) phone: Option<&'a str>,
    pub(crate) user_id: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
}

/// Signs webhooks with the app's secret.
pub(crate) struct Signer(Hmac<Sha256>);

impl Signer {
    /// HMAC takes a key of any length: there is always one.
    pub(crate) fn new(secret: &[u8]) -> Option<Self> {
        Hmac::new_from_slice(secret).ok().map(Self)
    }

    /// A contact's message.
    pub(crate) fn message(&self, number: &str, sender: &Sender<'_>, message: &Value) -> Webhook {
        let members = [
            ("wa_id", sender.phone.map(|phone| json!(phone))),
            ("user_id", sender.user_id.map(|user_id| json!(user_id))),
            ("profile", sender.name.map(|name| json!({ "name": name }))),
        ];
        let contact: Map<String, Value> = members
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?)))
            .collect();
        self.webhook(
            number,
            &json!({ "contacts": [contact], "messages": [message] }),
        )
    }

    /// What happened to a message that was sent to a contact.
    pub(crate) fn status(&self, number: &str, status: &Value) -> Webhook {
        self.webhook(number, &json!({ "statuses": [status] }))
    }

    fn webhook(&self, number: &str, content: &Value) -> Webhook {
        let mut value = json!({
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": DISPLAY_NUMBER, "phone_number_id": number },
        });
        if let (Some(value), Some(content)) = (value.as_object_mut(), content.as_object()) {
            value.extend(content.clone());
        }
        let envelope = json!({
            "object": "whatsapp_business_account",
            "entry": [{ "id": ACCOUNT, "changes": [{ "field": "messages", "value": value }] }],
        });
        let body = Bytes::from(escaped(&envelope.to_string()));
        let mut code = self.0.clone();
        code.update(&body);
        let signature = format!("sha256={}", hex::encode(code.finalize().into_bytes()));
        Webhook { body, signature }
    }
}

/// Everything outside ASCII as `\u…`, which is how Meta writes what it signs. In JSON such characters stand in strings alone.
fn escaped(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len() + json.len() / 8);
    for character in json.chars() {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(ascii, "\\u{unit:04x}");
            }
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_ascii_and_means_the_same() {
        let text = json!({ "body": "olá 👋\n" }).to_string();
        let ascii = escaped(&text);
        assert_eq!(ascii, r#"{"body":"ol\u00e1 \ud83d\udc4b\n"}"#);
        assert_eq!(
            serde_json::from_str::<Value>(&ascii).unwrap(),
            serde_json::from_str::<Value>(&text).unwrap()
        );
    }
}
