//! What hosts send is recorded, shown, and followed by statuses.

use reqwest::Method;
use serde_json::{Value, json};

use crate::host::{NUMBER, both, text};

#[tokio::test]
async fn an_accepted_send_stands_in_the_record_with_its_token() {
    let (_host, simulator) = both().await;
    let message = text("oi", "token-1");
    let (status, answer) = simulator.graph(message.clone()).await.unwrap();
    assert_eq!(status, 200);
    assert_eq!(answer["messaging_product"], "whatsapp");
    assert_eq!(
        answer["contacts"],
        json!([{ "input": "+5511900000001", "wa_id": "5511900000001" }])
    );

    let page = simulator.read("/_sim/record?after=0").await;
    let sent = &page["sends"][0];
    assert_eq!(page["next"], 1);
    assert_eq!(
        (&sent["seq"], &sent["number"], &sent["to"]),
        (&json!(1), &json!(NUMBER), &json!("5511900000001"))
    );
    assert_eq!(
        (&sent["token"], &sent["outcome"], &sent["via"]),
        (&json!("token-1"), &json!("accepted"), &json!("graph"))
    );
    assert_eq!(
        (&sent["wamid"], &sent["message"]),
        (&answer["messages"][0]["id"], &message)
    );
    assert!(sent["at_ms"].as_u64().unwrap() > 1_600_000_000_000);

    assert_eq!(
        simulator.read("/_sim/record?after=1").await["sends"],
        json!([])
    );
    simulator
        .call(Method::DELETE, "/_sim/record", Value::Null)
        .await;
    assert!(simulator.sends().await.is_empty());
    simulator.graph(text("again", "token-2")).await.unwrap();
    assert_eq!(
        simulator.read("/_sim/record?after=1").await["sends"][0]["seq"],
        2,
        "a reader's place stays valid"
    );
}

#[tokio::test]
async fn a_reader_may_wait_for_the_next_send() {
    let (_host, simulator) = both().await;
    let (page, _) = tokio::join!(
        simulator.read("/_sim/record?after=0&wait_ms=10000"),
        simulator.graph(text("oi", "t"))
    );
    assert_eq!(page["sends"][0]["token"], "t");
    assert_eq!(
        simulator.read("/_sim/record?after=1&wait_ms=1").await["sends"],
        json!([])
    );
}

#[tokio::test]
async fn every_send_is_followed_by_its_statuses_in_order_with_the_token_echoed() {
    let (host, simulator) = both().await;
    let (_, answer) = simulator.graph(text("oi", "token-1")).await.unwrap();
    host.until(|host| host.at("/statuses/0").len() == 3).await;
    let statuses = host.at("/statuses/0");
    let words: Vec<_> = statuses
        .iter()
        .map(|status| status["status"].as_str().unwrap())
        .collect();
    assert_eq!(words, ["sent", "delivered", "read"]);
    for status in statuses {
        assert_eq!(status["id"], answer["messages"][0]["id"]);
        assert_eq!(status["biz_opaque_callback_data"], "token-1");
        assert_eq!(status["recipient_id"], "5511900000001");
        assert_eq!(status["pricing"]["pricing_model"], "PMP");
    }
    assert_eq!(host.at("/metadata/phone_number_id"), vec![json!(NUMBER); 3]);
}

#[tokio::test]
async fn statuses_too_are_tried_until_they_are_answered_200() {
    let (host, simulator) = both().await;
    host.refuse(&[500, 500]);
    simulator.graph(text("oi", "t")).await.unwrap();
    host.until(|host| host.all().len() == 5).await;
    let words: Vec<_> = host.at("/statuses/0/status");
    assert_eq!(words, ["sent", "sent", "sent", "delivered", "read"]);
}

#[tokio::test]
async fn a_read_mark_is_no_send_and_shows_on_the_phone() {
    let (_host, simulator) = both().await;
    let said = simulator
        .say(json!({ "from": "5511900000001", "text": "oi" }))
        .await;
    let mark = json!({
        "messaging_product": "whatsapp", "status": "read", "message_id": said["id"], "typing_indicator": { "type": "text" },
    });
    assert_eq!(
        simulator.graph(mark).await.unwrap(),
        (200, json!({ "success": true }))
    );
    simulator.graph(text("olá", "t")).await.unwrap();
    assert_eq!(simulator.sends().await.len(), 1);
    let marks = simulator.read("/_sim/marks").await;
    assert_eq!(
        (
            &marks["marks"][0]["message_id"],
            &marks["marks"][0]["typing"]
        ),
        (&said["id"], &json!(true))
    );

    let talk = simulator.read("/_sim/talk?phone=5511900000001").await;
    let kinds: Vec<_> = talk["talk"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["said", "delivered", "read", "typing", "sent"]);
    assert_eq!(
        simulator.read("/_sim/talk?phone=5511900000002").await["talk"],
        json!([])
    );
}

#[tokio::test]
async fn the_page_is_one_file_under_a_strict_policy() {
    let (_host, simulator) = both().await;
    let page = simulator.send(Method::GET, "/", Value::Null).await;
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'sha256-"),
        "{policy}"
    );
    assert!(page.text().await.unwrap().contains("/_sim/say"));
}
