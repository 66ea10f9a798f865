//! Kinds that carry nothing of their own, or that WhatsApp cannot name.

use model::NetworkError;
use serde_json::json;

use super::*;

#[test]
fn kinds_without_an_object_of_their_own() {
    let read = |members: Json| message(&members).content;
    assert_eq!(read(json!({ "type": "request_welcome" })), Content::Welcome);
    for untyped in [
        json!({}),
        json!({ "type": null }),
        json!({ "type": 7 }),
        json!({ "type": "" }),
        json!({ "type": "\u{7}" }),
    ] {
        assert!(
            matches!(message(&untyped).content, Content::Other { name, .. } if name == "unknown"),
            "{untyped}"
        );
    }
    let long = "x".repeat(1000);
    assert!(
        matches!(message(&json!({ "type": long })).content, Content::Other { name, .. } if name.len() == 64)
    );
    let colourful = json!({ "type": " holo\u{1b}[31mgram\n" });
    assert!(
        matches!(message(&colourful).content, Content::Other { name, .. } if name == "holo[31mgram")
    );
    for kind in ["hologram", "text"] {
        kept(kind, &json!({ "wa_id": "5511900000009" }));
    }
}

#[test]
fn what_whatsapp_cannot_carry_says_why() {
    let read = |members: Json| message(&members).content;
    let unsupported = |what: Option<&str>, error| Content::Unsupported {
        what: what.map(str::to_owned),
        error,
    };
    let error = |details: Option<&str>| {
        let details = details.map(str::to_owned);
        Some(NetworkError {
            code: 131_051,
            title: "Message type unknown".into(),
            details,
        })
    };
    for (errors, expected) in [
        (
            json!([{ "code": 131_051, "title": "Message type unknown", "error_data": { "details": "No such kind" } }]),
            error(Some("No such kind")),
        ),
        (
            json!([{ "code": "131051", "message": "Message type unknown", "details": "No such kind" }, {}]),
            error(Some("No such kind")),
        ),
        (
            json!({ "code": 131_051, "title": "Message type unknown", "message": "Message type unknown" }),
            error(None),
        ),
        (json!([{}, null, "wrong"]), None),
        (json!("wrong"), None),
        (json!(null), None),
    ] {
        for kind in ["unsupported", "unknown"] {
            assert_eq!(
                read(json!({ "type": kind, "errors": errors })),
                unsupported(None, expected.clone()),
                "{errors}"
            );
        }
    }
    assert_eq!(
        read(json!({ "type": "unsupported", "unsupported": { "type": "poll" } })),
        unsupported(Some("poll"), None)
    );
    assert_eq!(
        read(json!({ "type": "unsupported", "unsupported": { "type": 9 } })),
        unsupported(None, None)
    );
}

#[test]
fn a_message_that_does_not_say_what_it_is_is_what_it_holds() {
    for kind in [json!(null), json!(""), json!(7)] {
        let found = message(&json!({ "type": kind, "text": { "body": "oi" } }));
        assert_eq!(found.content, words("oi"), "{kind}");
        let found = message(
            &json!({ "type": kind, "interactive": { "button_reply": { "id": "a", "title": "A" } } }),
        );
        assert_eq!(found.content.kind(), "button");
        let found = message(&json!({ "type": kind, "text": null, "image": { "id": "7" } }));
        assert_eq!(found.content.kind(), "image");
    }
    let found = message(&json!({ "type": " text\n", "text": { "body": "" } }));
    assert_eq!(found.content, words(""), "nothing typed is still a text");
}
