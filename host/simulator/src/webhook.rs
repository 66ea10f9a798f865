//! Meta's webhooks: the envelope, the signature, and the bytes that are signed.

use std::fmt::Write as _;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::fields::object;

/// The business account all numbers belong to.
pub(crate) const ACCOUNT: &str = "100000000000001";
/// What a webhook shows as the business's own number.
pub(crate) const DISPLAY_NUMBER: &str = "15550100001";

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

/// One change that Meta tells of: the field that changed, and what it says.
pub(crate) struct Change {
    field: String,
    value: Value,
}

/// Signs webhooks with the app's secret.
pub(crate) struct Signer(Hmac<Sha256>);

impl Sender<'_> {
    /// The person as they stand in `contacts`.
    pub(crate) fn contact(&self) -> Value {
        object([
            ("wa_id", self.phone.map(|phone| json!(phone))),
            ("user_id", self.user_id.map(|user_id| json!(user_id))),
            ("profile", self.name.map(|name| json!({ "name": name }))),
        ])
    }
}

impl Change {
    /// As it is.
    pub(crate) fn new(field: &str, value: Value) -> Self {
        let field = field.to_owned();
        Self { field, value }
    }

    /// On a number, which the value then names first.
    pub(crate) fn on_number(field: &str, number: &str, content: Value) -> Self {
        let mut value = json!({
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": DISPLAY_NUMBER, "phone_number_id": number },
        });
        if let (Some(value), Value::Object(content)) = (value.as_object_mut(), content) {
            value.extend(content);
        }
        Self::new(field, value)
    }

    /// A contact's message; whoever wrote it is introduced beside it, or not.
    pub(crate) fn message(number: &str, sender: Option<&Sender<'_>>, message: &Value) -> Self {
        let content = object([
            ("contacts", sender.map(|sender| json!([sender.contact()]))),
            ("messages", Some(json!([message]))),
        ]);
        Self::on_number("messages", number, content)
    }

    /// What happened to a message that was sent to a contact.
    pub(crate) fn status(number: &str, status: &Value) -> Self {
        Self::on_number("messages", number, json!({ "statuses": [status] }))
    }

    /// The one entry of a webhook, and of AWS's event.
    pub(crate) fn entry(&self) -> Value {
        let Self { field, value } = self;
        json!({ "id": ACCOUNT, "changes": [{ "field": field, "value": value }] })
    }
}

impl Signer {
    /// HMAC takes a key of any length: there is always one.
    pub(crate) fn new(secret: &[u8]) -> Option<Self> {
        Hmac::new_from_slice(secret).ok().map(Self)
    }

    pub(crate) fn change(&self, change: &Change) -> Webhook {
        self.envelope(&json!({ "object": "whatsapp_business_account", "entry": [change.entry()] }))
    }

    /// A whole body, in the characters that Meta signs.
    pub(crate) fn envelope(&self, envelope: &Value) -> Webhook {
        self.bytes(Bytes::from(escaped(&envelope.to_string())))
    }

    /// Any bytes whatever.
    pub(crate) fn bytes(&self, body: Bytes) -> Webhook {
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
