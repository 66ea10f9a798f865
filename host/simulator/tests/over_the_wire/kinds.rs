//! Each kind of message goes in on both faces, stands in the record and shows on the phone; a malformed one is refused.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::host::{AWS_NUMBER, both};

fn of(kind: &str, content: &Value) -> Value {
    json!({ "messaging_product": "whatsapp", "to": "+5511900000001", "type": kind, kind: content })
}

fn kinds() -> Vec<Value> {
    let interactive = |kind: &str, action: &Value| {
        of(
            "interactive",
            &json!({ "type": kind, "body": { "text": "Which?" }, "action": action }),
        )
    };
    vec![
        of("text", &json!({ "body": "oi" })),
        interactive(
            "button",
            &json!({ "buttons": [{ "type": "reply", "reply": { "id": "a", "title": "A" } }] }),
        ),
        interactive(
            "list",
            &json!({ "button": "Choose", "sections": [{ "rows": [{ "id": "a", "title": "A" }] }] }),
        ),
        interactive(
            "cta_url",
            &json!({ "name": "cta_url", "parameters": { "display_text": "Open", "url": "https://shop.example" } }),
        ),
        of("image", &json!({ "id": "77", "caption": "look" })),
        of("video", &json!({ "link": "https://shop.example/a" })),
        of("audio", &json!({ "id": "77" })),
        of("document", &json!({ "id": "77", "filename": "bill.pdf" })),
        of("sticker", &json!({ "id": "77" })),
        of(
            "template",
            &json!({ "name": "order_sent", "language": { "code": "pt_BR" },
                "components": [{ "type": "body", "parameters": [{ "type": "text", "text": "Ana" }] }] }),
        ),
        of(
            "location",
            &json!({ "latitude": -23.55, "longitude": -46.63 }),
        ),
        of(
            "contacts",
            &json!([{ "name": { "formatted_name": "Bo", "first_name": "Bo" } }]),
        ),
        of(
            "reaction",
            &json!({ "message_id": "wamid.A", "emoji": "👍" }),
        ),
    ]
}

fn in_base64(message: &Value) -> Value {
    json!({
        "originationPhoneNumberId": AWS_NUMBER, "message": STANDARD.encode(message.to_string()), "metaApiVersion": "v24.0",
    })
}

#[tokio::test]
async fn each_kind_is_taken_on_both_faces_recorded_and_shown() {
    let (_host, simulator) = both().await;
    for message in kinds() {
        let (status, answer) = simulator.graph(message.clone()).await.unwrap();
        assert_eq!(status, 200, "{message}: {answer}");
        let (status, answer) = simulator
            .call(Method::POST, "/v1/whatsapp/send", in_base64(&message))
            .await;
        assert_eq!(status, 200, "{message}: {answer}");
    }
    let expected: Vec<Value> = kinds()
        .into_iter()
        .flat_map(|kind| [kind.clone(), kind])
        .collect();
    let recorded: Vec<Value> = simulator
        .sends()
        .await
        .iter()
        .map(|sent| sent["message"].clone())
        .collect();
    assert_eq!(recorded, expected);
    let talk = simulator.read("/_sim/talk?phone=5511900000001").await;
    let shown: Vec<Value> = talk["talk"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["message"].clone())
        .collect();
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn a_malformed_one_of_each_kind_is_refused_on_both_faces() {
    let (host, simulator) = both().await;
    let mut refused = 0;
    for message in kinds() {
        let kind = message["type"].as_str().unwrap().to_owned();
        let hollow = of(&kind, &json!({}));
        let (status, answer) = simulator.graph(hollow.clone()).await.unwrap();
        assert_eq!((status, &answer["error"]["code"]), (400, &json!(100)));
        let details = answer["error"]["error_data"]["details"].as_str().unwrap();
        assert!(details.contains(&kind), "{hollow}: {details}");
        let (status, answer) = simulator
            .call(Method::POST, "/v1/whatsapp/send", in_base64(&hollow))
            .await;
        assert_eq!(
            (status, &answer["__type"]),
            (400, &json!("InvalidParametersException"))
        );
        refused += 2;
    }
    let sends = simulator.sends().await;
    assert_eq!(sends.len(), refused);
    assert!(sends.iter().all(|sent| sent["outcome"] == "refused"));
    assert!(host.all().is_empty());
}

#[tokio::test]
async fn what_a_person_says_in_short_arrives_in_metas_shape() {
    let (host, simulator) = both().await;
    let shorts = [
        (
            json!({ "tap": { "id": "r", "title": "Row", "on": "menu" } }),
            "/interactive/list_reply/id",
            json!("r"),
        ),
        (
            json!({ "media": { "kind": "voice" } }),
            "/audio/voice",
            json!(true),
        ),
        (
            json!({ "location": { "latitude": 1, "longitude": 2 } }),
            "/location/latitude",
            json!(1.0),
        ),
        (
            json!({ "reaction": { "message": "wamid.A", "emoji": "👍" } }),
            "/reaction/emoji",
            json!("👍"),
        ),
        (
            json!({ "order": { "items": [{ "product": "sku-1" }] } }),
            "/order/product_items/0/quantity",
            json!(1),
        ),
        (
            json!({ "contacts": [{ "name": "Bo" }] }),
            "/contacts/0/name/formatted_name",
            json!("Bo"),
        ),
        (
            json!({ "flow": { "answers": { "a": 1 } } }),
            "/interactive/nfm_reply/response_json",
            json!("{\"a\":1}"),
        ),
    ];
    for (short, pointer, expected) in shorts {
        let mut body = json!({ "from": "5511900000001" });
        body.as_object_mut()
            .unwrap()
            .extend(short.as_object().unwrap().clone());
        let answer = simulator.say(body).await;
        let message = host.at("/messages/0").pop().unwrap();
        assert_eq!(message["id"], answer["id"]);
        assert_eq!(message.pointer(pointer), Some(&expected), "{message}");
    }
    let both_at_once = json!({ "from": "5511900000001", "text": "oi", "location": { "latitude": 1, "longitude": 2 } });
    let (status, answer) = simulator
        .call(Method::POST, "/_sim/say", both_at_once)
        .await;
    assert_eq!(status, 400);
    assert!(
        answer
            .to_string()
            .contains("text and location are both there"),
        "{answer}"
    );
}
