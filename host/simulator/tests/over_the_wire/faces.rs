//! Meta's and AWS's send operations refuse what the real ones refuse.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::host::{AWS_NUMBER, NUMBER, both, text};

#[tokio::test]
async fn without_a_token_graph_answers_401() {
    let (_host, simulator) = both().await;
    let url = format!(
        "http://{}/v24.0/{NUMBER}/messages",
        simulator.running.addr()
    );
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for bearer in [None, Some("Bearer "), Some("Basic abc")] {
        let mut request = client.post(&url).json(&text("oi", "t"));
        if let Some(bearer) = bearer {
            request = request.header("authorization", bearer);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.json::<Value>().await.unwrap()["error"]["code"], 190);
    }
    assert_eq!(simulator.sends().await[0]["outcome"], "unauthorized");
}

#[tokio::test]
async fn a_malformed_message_is_answered_400_with_code_100_and_recorded() {
    let (host, simulator) = both().await;
    let (status, answer) = simulator.graph(text("", "t")).await.unwrap();
    assert_eq!((status, &answer["error"]["code"]), (400, &json!(100)));
    assert_eq!(
        answer["error"]["error_data"]["details"],
        "text.body is empty"
    );
    let sent = &simulator.sends().await[0];
    assert_eq!(
        (&sent["outcome"], &sent["cause"], &sent["token"]),
        (&json!("refused"), &json!("text.body is empty"), &json!("t"))
    );
    assert!(host.all().is_empty());
}

fn call(message: &Value) -> Value {
    json!({
        "originationPhoneNumberId": AWS_NUMBER, "message": STANDARD.encode(message.to_string()), "metaApiVersion": "v24.0",
    })
}

#[tokio::test]
async fn aws_takes_a_message_in_base64_and_answers_with_an_id_of_its_own() {
    let (host, simulator) = both().await;
    let answer = simulator
        .send(Method::POST, "/v1/whatsapp/send", call(&text("oi", "t")))
        .await;
    assert_eq!(answer.status(), 200);
    assert!(answer.headers().contains_key("content-length"));
    let id = answer.json::<Value>().await.unwrap()["messageId"]
        .as_str()
        .unwrap()
        .to_owned();
    let sent = &simulator.sends().await[0];
    assert_eq!(
        (&sent["via"], &sent["number"], &sent["token"]),
        (&json!("aws"), &json!(NUMBER), &json!("t"))
    );
    assert_ne!(sent["wamid"], id.as_str());
    assert_eq!(id.len(), 36);
    host.until(|host| host.at("/statuses/0/biz_opaque_callback_data") == vec![json!("t"); 3])
        .await;

    let arn = format!(
        "arn:aws:social-messaging:eu-west-1:000000000000:phone-number-id/{}",
        &AWS_NUMBER[16..]
    );
    let mut by_arn = call(&text("oi", "t2"));
    by_arn["originationPhoneNumberId"] = json!(arn);
    assert_eq!(
        simulator
            .send(Method::POST, "/v1/whatsapp/send", by_arn)
            .await
            .status(),
        200
    );
}

#[tokio::test]
async fn aws_names_its_errors_in_a_header() {
    let (_host, simulator) = both().await;
    let with = |key: &str, value: Value| {
        let mut call = call(&text("oi", "t"));
        call[key] = value;
        call
    };
    let elsewhere = "phone-number-id-ffffffffffffffffffffffffffffffff";
    let cases = [
        (json!({}), 400, "ValidationException"),
        (
            with("originationPhoneNumberId", json!(NUMBER)),
            400,
            "ValidationException",
        ),
        (
            with("originationPhoneNumberId", json!(elsewhere)),
            404,
            "ResourceNotFoundException",
        ),
        (
            with("metaApiVersion", json!("v19.0")),
            400,
            "ValidationException",
        ),
        (
            with("message", json!("not base64!")),
            400,
            "ValidationException",
        ),
        (
            with("message", json!(STANDARD.encode("not json"))),
            400,
            "ValidationException",
        ),
        (call(&text("", "t")), 400, "InvalidParametersException"),
    ];
    for (body, status, exception) in cases {
        let answer = simulator
            .send(Method::POST, "/v1/whatsapp/send", body)
            .await;
        assert_eq!(
            (
                answer.status().as_u16(),
                answer.headers()["x-amzn-errortype"].to_str().unwrap()
            ),
            (status, exception)
        );
    }
    for (fault, status, exception) in [
        ("throttle", 429, "ThrottledRequestException"),
        ("error", 500, "InternalServiceException"),
    ] {
        simulator.put_faults(json!({ fault: 1.0 })).await;
        let answer = simulator
            .send(Method::POST, "/v1/whatsapp/send", call(&text("oi", "t")))
            .await;
        assert_eq!(
            (
                answer.status().as_u16(),
                answer.headers()["x-amzn-errortype"].to_str().unwrap()
            ),
            (status, exception)
        );
    }
}
