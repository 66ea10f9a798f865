//! Meta's JSON for what leaves: the Graph API takes it as it is, AWS takes it in base64.

use model::{Button, Outbound, Outgoing, Wamid};
use serde_json::{Value, json};

/// The message object for a send. Its token travels in `biz_opaque_callback_data`, which every status echoes (I11).
#[must_use]
pub fn message(outbound: &Outbound) -> Value {
    let (kind, content) = match &outbound.message {
        Outgoing::Text { body } => ("text", json!({ "preview_url": false, "body": body })),
        Outgoing::Buttons { body, buttons } => {
            let buttons: Vec<Value> = buttons.iter().map(button).collect();
            let content = json!({ "type": "button", "body": { "text": body }, "action": { "buttons": buttons } });
            ("interactive", content)
        }
    };
    let mut message = json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "type": kind,
        kind: content,
        "biz_opaque_callback_data": outbound.token.as_str(),
    });
    let to = match (outbound.to.phone(), outbound.to.user()) {
        // With its plus: without it, Meta puts the business's own country code before the number. The phone goes first
        // where both are known, because some sends are not supported for user ids (131062).
        (Some(phone), _) => Some(("to", json!(format!("+{phone}")))),
        (None, Some(user)) => Some(("recipient", json!(user.as_str()))),
        // A `ContactKey` holds one or the other; a message to nobody would be refused on the other side.
        (None, None) => None,
    };
    let context = outbound
        .quoting
        .as_ref()
        .map(|quoted| ("context", json!({ "message_id": quoted.as_str() })));
    if let Some(members) = message.as_object_mut() {
        members.extend(
            to.into_iter()
                .chain(context)
                .map(|(key, value)| (key.to_owned(), value)),
        );
    }
    message
}

/// Marks a message as read, and shows that an answer is being written.
#[must_use]
pub fn read_mark(message: &Wamid) -> Value {
    json!({
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": message.as_str(),
        "typing_indicator": { "type": "text" },
    })
}

fn button(button: &Button) -> Value {
    json!({ "type": "reply", "reply": { "id": button.id, "title": button.title } })
}

#[cfg(test)]
mod tests {
    use model::{
        ContactId, ContactKey, Moment, NumberId, Phone, Purpose, SendToken, TenantId, UserId,
    };

    use super::*;

    fn outbound(to: ContactKey, message: Outgoing, quoting: Option<&str>) -> Outbound {
        Outbound {
            tenant: TenantId::new("shop").unwrap(),
            token: SendToken::new("t-1").unwrap(),
            number: NumberId::new("100200300").unwrap(),
            contact: ContactId(1),
            to,
            message,
            quoting: quoting.map(|id| Wamid::new(id).unwrap()),
            cause: Wamid::new("wamid.cause").unwrap(),
            purpose: Purpose::Reply,
            decided_at: Moment(0),
        }
    }

    #[test]
    fn a_text_goes_to_the_phone_with_its_plus_and_bears_the_token() {
        let key = ContactKey::Both(
            Phone::new("5511900000001").unwrap(),
            UserId::new("BR.abc").unwrap(),
        );
        let sent = message(&outbound(key, Outgoing::Text { body: "oi".into() }, None));
        assert_eq!(
            sent,
            json!({
                "messaging_product": "whatsapp", "recipient_type": "individual", "to": "+5511900000001", "type": "text",
                "text": { "preview_url": false, "body": "oi" }, "biz_opaque_callback_data": "t-1",
            })
        );
    }

    #[test]
    fn buttons_to_a_user_id_quote_what_they_answer() {
        let key = ContactKey::User(UserId::new("BR.abc").unwrap());
        let buttons = vec![Button {
            id: "yes".into(),
            title: "Sim".into(),
        }];
        let sent = message(&outbound(
            key,
            Outgoing::Buttons {
                body: "?".into(),
                buttons,
            },
            Some("wamid.q"),
        ));
        assert_eq!(sent["recipient"], "BR.abc");
        assert_eq!(sent.get("to"), None);
        assert_eq!(sent["context"], json!({ "message_id": "wamid.q" }));
        assert_eq!(
            sent["interactive"],
            json!({
                "type": "button", "body": { "text": "?" },
                "action": { "buttons": [{ "type": "reply", "reply": { "id": "yes", "title": "Sim" } }] },
            })
        );
    }
}
