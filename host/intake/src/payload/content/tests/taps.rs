//! Taps, filled-in forms and permissions to call.

use model::{Form, TapOrigin};
use serde_json::json;

use super::*;

#[test]
fn taps_say_what_was_tapped() {
    let tap = |id: &str, title: &str, origin| Content::Tap {
        id: id.into(),
        title: title.into(),
        origin,
    };
    check(
        "interactive",
        &json!({ "type": "button_reply", "button_reply": { "id": "b1", "title": "Yes" } }),
        &tap("b1", "Yes", TapOrigin::Button),
    );
    check(
        "interactive",
        &json!({ "type": "list_reply", "list_reply": { "id": "r1", "title": "Row", "description": "more" } }),
        &tap("r1", "Row", TapOrigin::Menu),
    );
    check(
        "interactive",
        &json!({ "list_reply": { "id": "r1", "title": 3, "description": null } }),
        &tap("r1", "r1", TapOrigin::Menu),
    );
    check(
        "button",
        &json!({ "payload": "UNSUB", "text": "Unsubscribe" }),
        &tap("UNSUB", "Unsubscribe", TapOrigin::Template),
    );
    // An opt-out must be seen whichever of the two is there.
    check(
        "button",
        &json!({ "text": "Unsubscribe" }),
        &tap("Unsubscribe", "Unsubscribe", TapOrigin::Template),
    );
    check(
        "button",
        &json!({ "payload": "STOP", "text": "" }),
        &tap("STOP", "STOP", TapOrigin::Template),
    );
    check(
        "interactive",
        &json!({ "button_reply": { "title": "Yes" } }),
        &tap("Yes", "Yes", TapOrigin::Button),
    );
    kept("interactive", &json!({ "type": "list_reply" }));
    kept(
        "interactive",
        &json!({ "type": "payment_method", "payment_method": { "reference_id": "r" } }),
    );
    for part in nonsense() {
        kept("interactive", &part);
        kept("button", &part);
    }
}

#[test]
fn a_form_brings_its_answers_as_json() {
    let form = |name: &str, body: Option<&str>, answers: &str| {
        Content::Form(Form {
            name: name.into(),
            body: body.map(str::to_owned),
            answers: answers.into(),
        })
    };
    let answers = r#"{"flow_token":"t","day":"mon"}"#;
    check(
        "interactive",
        &json!({ "type": "nfm_reply", "nfm_reply": { "name": "booking", "body": "Sent", "response_json": answers } }),
        &form("booking", Some("Sent"), answers),
    );
    check(
        "interactive",
        &json!({ "type": "nfm_reply", "nfm_reply": { "name": null, "response_json": { "day": "mon" } } }),
        &form("flow", None, r#"{"day":"mon"}"#),
    );
    check(
        "interactive",
        &json!({ "nfm_reply": { "response_json": "{\"day\":\"\\ud83d\"}" } }),
        &form("flow", None, "{\"day\":\"\\ufffd\"}"),
    );
    for broken in [json!("{\"day\":"), json!(null), json!(7), json!([])] {
        kept(
            "interactive",
            &json!({ "type": "nfm_reply", "nfm_reply": { "name": "booking", "response_json": broken } }),
        );
    }
}

#[test]
fn a_permission_to_call_holds_until_its_end() {
    let permission = |allowed, until| Content::CallPermission { allowed, until };
    for (part, expected) in [
        (
            json!({ "response": "accept", "is_permanent": false, "expiration_timestamp": 1_700_604_800 }),
            permission(true, Some(Moment(1_700_604_800_000))),
        ),
        (
            json!({ "response": "accept", "expiration_timestamp": "1700604800" }),
            permission(true, Some(Moment(1_700_604_800_000))),
        ),
        (
            json!({ "response": "accept", "expiration_timestamp": "never" }),
            permission(true, None),
        ),
        (
            json!({ "response": "reject", "response_source": "user_action" }),
            permission(false, None),
        ),
    ] {
        let part = json!({ "type": "call_permission_reply", "call_permission_reply": part });
        check("interactive", &part, &expected);
    }
    for response in [json!("maybe"), json!(null), json!(true)] {
        kept(
            "interactive",
            &json!({ "call_permission_reply": { "response": response } }),
        );
    }
}
