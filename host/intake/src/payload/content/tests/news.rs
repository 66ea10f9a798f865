//! What WhatsApp itself tells of a contact.

use model::{ContactKey, Phone, System, UserId};
use serde_json::json;

use super::*;

fn key(phone: Option<&str>, user: Option<&str>) -> Option<ContactKey> {
    ContactKey::new(
        phone.map(|phone| Phone::new(phone).unwrap()),
        user.map(|user| UserId::new(user).unwrap()),
    )
}

#[test]
fn another_number_or_id_is_what_a_contact_is_known_by_from_now_on() {
    let (old, new, other) = ("5511900000001", "5511900000009", "BR.2");
    for (part, event, now) in [
        (
            json!({ "type": "user_changed_number", "wa_id": new, "body": "Ana changed" }),
            "user_changed_number",
            key(Some(new), None),
        ),
        (
            json!({ "type": "user_changed_number", "new_wa_id": new }),
            "user_changed_number",
            key(Some(new), None),
        ),
        (
            json!({ "type": "customer_changed_number", "new_wa_id": 5_511_900_000_009_u64 }),
            "customer_changed_number",
            key(Some(new), None),
        ),
        (
            json!({ "new_wa_id": format!("+{new}") }),
            "user_changed_number",
            key(Some(new), None),
        ),
        (
            json!({ "type": "user_changed_number", "wa_id": new, "user_id": other }),
            "user_changed_number",
            key(Some(new), Some(other)),
        ),
        (
            json!({ "type": "user_changed_user_id", "wa_id": old, "user_id": other }),
            "user_changed_user_id",
            key(Some(old), Some(other)),
        ),
        (
            json!({ "type": "user_changed_user_id", "user_id": other }),
            "user_changed_user_id",
            key(None, Some(other)),
        ),
        (
            json!({ "type": "customer_identity_changed", "customer": old, "wa_id": old }),
            "customer_identity_changed",
            None,
        ),
        (
            json!({ "type": "customer_identity_changed", "identity": "hash" }),
            "customer_identity_changed",
            None,
        ),
        (
            json!({ "type": "customer_identity_changed", "wa_id": new }),
            "customer_identity_changed",
            key(Some(new), None),
        ),
        (
            json!({ "type": "something new\n", "wa_id": null, "user_id": [] }),
            "something new",
            None,
        ),
        (json!({ "type": 7 }), "system", None),
    ] {
        let body = part["body"].as_str().map(str::to_owned);
        let expected = System {
            event: event.into(),
            body,
            now_known_by: now,
        };
        check("system", &part, &Content::System(expected));
    }
    for part in [json!(null), json!(7), json!(""), json!([]), json!(true)] {
        kept("system", &part);
    }
}
