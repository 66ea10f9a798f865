//! What Meta tells of beside messages reaches the host, and the phones that it concerns.

use reqwest::Method;
use serde_json::{Value, json};

use crate::host::{Simulator, both, text};
use crate::webhooks::until_nothing_is_pending;

/// What a phone saw: of each event its kind, and the part that tells.
async fn seen(simulator: &Simulator, phone: &str, part: &str) -> Vec<(Value, Value)> {
    let talk = simulator.read(&format!("/_sim/talk?phone={phone}")).await;
    let events = talk["talk"].as_array().unwrap().clone();
    events
        .iter()
        .map(|event| {
            let part = event.pointer(part).cloned().unwrap_or_default();
            (event["kind"].clone(), part)
        })
        .collect()
}

#[tokio::test]
async fn an_echo_stands_on_the_phone_as_the_business_wrote_it() {
    let (_host, simulator) = both().await;
    let answer = simulator
        .tell(json!({ "echo": { "to": "5511900000001", "text": "Bom dia" } }))
        .await;
    assert!(answer["id"].as_str().unwrap().starts_with("wamid."));
    until_nothing_is_pending(&simulator).await;
    assert_eq!(
        seen(&simulator, "5511900000001", "/message/text/body").await,
        [
            (json!("echoed"), json!("Bom dia")),
            (json!("delivered"), Value::Null)
        ]
    );
    assert!(simulator.sends().await.is_empty(), "an echo is no send");
}

#[tokio::test]
async fn a_move_shows_on_both_phones_and_the_person_writes_on_from_the_new_one() {
    let (host, simulator) = both().await;
    let moved = json!({ "from": "5511900000001", "name": "Ana", "moved_to": "5511900000009" });
    simulator.say(moved).await;
    simulator
        .say(json!({ "from": "5511900000009", "name": "Ana", "text": "oi" }))
        .await;
    assert_eq!(
        host.at("/messages/0/from"),
        [json!("5511900000001"), json!("5511900000009")]
    );
    until_nothing_is_pending(&simulator).await;
    let told = (json!("said"), json!("user_changed_number"));
    let nothing = |kind: &str| (json!(kind), Value::Null);
    let part = "/message/system/type";
    assert_eq!(
        seen(&simulator, "5511900000001", part).await,
        [told.clone(), nothing("delivered")]
    );
    assert_eq!(
        seen(&simulator, "5511900000009", part).await,
        [told, nothing("said"), nothing("delivered")]
    );
}

#[tokio::test]
async fn what_is_no_message_is_a_line_on_the_phone_of_whom_it_concerns() {
    let (_host, simulator) = both().await;
    for told in [
        json!({ "preference": { "from": "5511900000001", "marketing": "stop" } }),
        json!({ "call": { "from": "5511900000001", "event": "connect" } }),
        json!({ "user_id": { "from": "5511900000001", "was": "BR.a", "is": "BR.b" } }),
        json!({ "template": { "name": "order_sent" } }),
    ] {
        simulator.tell(told).await;
    }
    until_nothing_is_pending(&simulator).await;
    let lines: Vec<_> = seen(&simulator, "5511900000001", "/words")
        .await
        .into_iter()
        .filter(|(kind, _)| kind == "noted")
        .map(|(_, words)| words)
        .collect();
    assert_eq!(
        lines,
        [
            "Stopped marketing messages",
            "Called",
            "Has another user id"
        ]
    );
}

#[tokio::test]
async fn a_quote_names_who_wrote_what_is_quoted() {
    let (host, simulator) = both().await;
    let own = simulator
        .say(json!({ "from": "5511900000001", "text": "oi" }))
        .await;
    let quote = json!({ "from": "5511900000002", "text": "oi!", "quoting": own["id"] });
    simulator.say(quote).await;
    assert_eq!(
        host.at("/messages/0/context"),
        [json!({ "id": own["id"], "from": "5511900000001" })]
    );
}

#[tokio::test]
async fn what_is_told_is_tried_until_it_is_answered_200_and_once_if_it_is_told_so() {
    let (host, simulator) = both().await;
    host.refuse(&[503, 500]);
    let told = json!({ "quality": { "event": "UPGRADE" } });
    assert_eq!(simulator.tell(told).await, json!({ "status": 503 }));
    host.until(|host| host.all().len() == 3).await;
    until_nothing_is_pending(&simulator).await;

    host.refuse(&[400]);
    let said = json!({ "from": "5511900000001", "text": "oi", "once": true });
    assert_eq!(simulator.say(said).await["status"], 400);
    until_nothing_is_pending(&simulator).await;
    assert_eq!(host.all().len(), 4, "its first answer was the last");
    assert_eq!(
        seen(&simulator, "5511900000001", "/given_up").await,
        [
            (json!("said"), Value::Null),
            (json!("undelivered"), json!(true))
        ]
    );
    let twice = json!({ "error": { "code": 131_000 }, "copies": 2 });
    assert_eq!(
        simulator.tell(twice).await,
        json!({ "status": 200, "statuses": [200, 200] })
    );
}

#[tokio::test]
async fn a_raw_body_is_signed_as_it_was_written() {
    let (host, simulator) = both().await;
    let url = format!("http://{}/_sim/tell", simulator.running.addr());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for (written, expected) in [
        (r#"{ "b": 1,  "a": [1.0, 1e2] }"#, None),
        ("[null]", None),
        ("null", None),
        (r#""not json {""#, Some("not json {")),
        (r#""{\"deep\":[[[[""#, Some(r#"{"deep":[[[["#)),
        (r#""""#, Some("")),
    ] {
        let answer = client
            .post(&url)
            .body(format!(r#"{{ "raw": {written}, "once": true }}"#))
            .send()
            .await
            .unwrap();
        assert_eq!(
            answer.json::<Value>().await.unwrap(),
            json!({ "status": 200 })
        );
        let body = host.bodies().pop().unwrap();
        assert_eq!(body, expected.unwrap_or(written).as_bytes());
    }
}

#[tokio::test]
async fn what_is_wrapped_is_handed_over_and_shown_but_not_delivered() {
    let (host, simulator) = both().await;
    let said = json!({ "from": "5511900000001", "text": "oi", "wrap": "sns" });
    let wrapped = simulator.say(said).await;
    let event: Value = serde_json::from_str(wrapped["Message"].as_str().unwrap()).unwrap();
    let entry = event["whatsAppWebhookEntry"].as_str().unwrap();
    let entry: Value = serde_json::from_str(entry).unwrap();
    let body = entry.pointer("/changes/0/value/messages/0/text/body");
    assert_eq!(body, Some(&json!("oi")));
    assert_eq!(
        seen(&simulator, "5511900000001", "/message/text/body").await,
        [(json!("said"), json!("oi"))]
    );
    assert_eq!(simulator.read("/_sim/state").await["pending"], 0);
    assert!(host.all().is_empty());
}

#[tokio::test]
async fn what_cannot_be_said_or_told_is_refused_with_the_reason() {
    let (host, simulator) = both().await;
    let ana = |more: Value| {
        let mut body = json!({ "from": "5511900000001" });
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        ("/_sim/say", body)
    };
    let told = |body: Value| ("/_sim/tell", body);
    let cases = [
        (
            ana(json!({ "edit": { "message": "wamid.A" } })),
            "edit.text is missing",
        ),
        (
            ana(json!({ "edit": { "text": "oi" } })),
            "edit.message is missing",
        ),
        (
            ana(json!({ "edit": { "mesage": "wamid.A", "text": "oi" } })),
            "did you mean \"message\"?",
        ),
        (
            ana(json!({ "edit": { "message": "a b", "text": "oi" } })),
            "edit.message is no id",
        ),
        (
            ana(json!({ "edit": { "message": "wamid.A", "text": "" } })),
            "edit.text has 0 characters",
        ),
        (
            ana(json!({ "revoke": "" })),
            "revoke is the id of a message",
        ),
        (ana(json!({ "welcome": "yes" })), "welcome is true"),
        (
            ana(json!({ "call_permission": "never" })),
            "\"accept\", \"always\" or \"reject\"",
        ),
        (
            ana(json!({ "moved_to": "+5511900000009" })),
            "digits without +",
        ),
        (
            ana(json!({ "moved_to": "5511900000001" })),
            "what from is already",
        ),
        (
            ana(json!({ "moved_to": "BR.abc123" })),
            "user_id is missing: what it was",
        ),
        (
            ana(json!({ "text": "oi", "group": "" })),
            "group is the id of a group",
        ),
        (
            ana(json!({ "text": "oi", "quoting": 7 })),
            "quoting is the id of a message",
        ),
        (
            ana(json!({ "text": "oi", "forwarded": "yes" })),
            "forwarded is true, or \"often\"",
        ),
        (
            ana(json!({ "text": "oi", "ad": { "type": "story" } })),
            "\"ad\" or \"post\"",
        ),
        (
            ana(json!({ "text": "oi", "ad": { "media": "audio" } })),
            "\"image\" or \"video\"",
        ),
        (
            ana(json!({ "text": "oi", "ad": { "headlin": "x" } })),
            "did you mean \"headline\"?",
        ),
        (
            ana(json!({ "revoke": "wamid.A", "forwarded": true })),
            "forwarded does not go with revoke",
        ),
        (
            ana(json!({ "message": {}, "quoting": "wamid.A" })),
            "message bears its own quoting",
        ),
        (
            ana(json!({ "text": "oi", "welcome": true })),
            "text and welcome are both there",
        ),
        (told(json!([])), "no JSON object"),
        (told(json!({})), "one of echo, preference"),
        (told(json!({ "ecko": {} })), "did you mean \"echo\"?"),
        (
            told(json!({ "quality": {}, "raw": {} })),
            "quality and raw are both there",
        ),
        (
            told(json!({ "echo": { "text": "oi" } })),
            "echo.to is missing",
        ),
        (
            told(json!({ "echo": { "to": "+55", "text": "oi" } })),
            "digits without +",
        ),
        (
            told(json!({ "echo": { "to": "55" } })),
            "one of text, edit, revoke, message",
        ),
        (
            told(json!({ "echo": { "to": "55", "text": "a", "revoke": "b" } })),
            "one of text",
        ),
        (
            told(json!({ "echo": { "to": "55", "message": "oi" } })),
            "echo.message is an object",
        ),
        (
            told(json!({ "preference": { "from": "55", "marketing": "no" } })),
            "\"stop\" or \"resume\"",
        ),
        (
            told(json!({ "preference": { "marketing": "stop" } })),
            "preference.from is missing",
        ),
        (
            told(json!({ "call": { "from": "55", "event": "ring" } })),
            "\"connect\" or \"terminate\"",
        ),
        (
            told(json!({ "call": { "from": "55", "event": "connect", "seconds": 1 } })),
            "go with the event",
        ),
        (
            told(json!({ "call": { "from": "55", "event": "terminate", "seconds": -1 } })),
            "whole number",
        ),
        (
            told(json!({ "call": { "from": "55", "event": "terminate", "status": "OK" } })),
            "\"COMPLETED\" or",
        ),
        (
            told(json!({ "user_id": { "was": "BR.a" } })),
            "user_id.is is missing",
        ),
        (
            told(json!({ "user_id": { "was": "BR.a", "is": "BR.a" } })),
            "is what user_id.was is",
        ),
        (
            told(json!({ "status": { "code": 131_047 } })),
            "goes with the status \"failed\"",
        ),
        (told(json!({ "template": {} })), "template.name is missing"),
        (told(json!({ "error": {} })), "like 130429"),
        (
            told(json!({ "update": { "field": "x" } })),
            "update.value is an object",
        ),
        (
            told(json!({ "object": "whatsapp" })),
            "anything else goes with raw",
        ),
        (
            told(json!({ "object": "instagram", "wrap": "sns" })),
            "leave wrap out",
        ),
        (told(json!({ "raw": {}, "wrap": "eum" })), "leave wrap out"),
        (
            told(json!({ "quality": {}, "copies": 201 })),
            "from 1 to 200",
        ),
        (
            told(json!({ "quality": {}, "number": "a b" })),
            "no phone_number_id",
        ),
    ];
    for ((path, body), expected) in cases {
        let (status, answer) = simulator.call(Method::POST, path, body.clone()).await;
        let problem = answer["error"].as_str().unwrap_or_default();
        assert_eq!(status, 400, "{body}: {answer}");
        assert!(problem.contains(expected), "{body}: {problem}");
    }
    assert!(host.all().is_empty());
}

#[tokio::test]
async fn a_status_names_whom_the_send_named_and_what_it_costs() {
    let (host, simulator) = both().await;
    let mut to_user = text("oi", "t");
    to_user.as_object_mut().unwrap().remove("to");
    to_user["recipient"] = json!("BR.abc123");
    simulator.graph(to_user).await.unwrap();
    let template = json!({
        "messaging_product": "whatsapp", "to": "+5511900000001", "type": "template",
        "template": { "name": "order_sent", "language": { "code": "pt_BR" } },
    });
    host.until(|host| host.all().len() == 3).await;
    simulator.graph(template).await.unwrap();
    host.until(|host| host.all().len() == 6).await;
    for status in host.at("/statuses/0").drain(..3) {
        assert_eq!(
            (status.get("recipient_id"), &status["recipient_user_id"]),
            (None, &json!("BR.abc123"))
        );
        let free = json!({ "billable": false, "pricing_model": "PMP", "type": "free_customer_service",
            "category": "service" });
        assert_eq!(status["pricing"], free);
    }
    for status in host.at("/statuses/0").drain(3..) {
        assert_eq!(
            (&status["recipient_id"], status.get("recipient_user_id")),
            (&json!("5511900000001"), None)
        );
        let paid = json!({ "billable": true, "pricing_model": "PMP", "type": "regular", "category": "marketing" });
        assert_eq!(status["pricing"], paid);
    }
}
