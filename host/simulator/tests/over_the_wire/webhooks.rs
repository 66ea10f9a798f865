//! What people say reaches the host.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::host::{NUMBER, Simulator, both, free_address, listen, options};

#[tokio::test]
async fn what_a_person_says_arrives_signed_and_in_metas_shape() {
    let (host, simulator) = both().await;
    let answer = simulator
        .say(json!({ "from": "5511900000001", "name": "Ana", "text": "olá 👋" }))
        .await;
    assert_eq!(answer["status"], 200);
    assert_eq!(answer["id"], answer["message_id"]);
    assert_eq!(answer.get("statuses"), None);

    let webhook = host.all()[0].clone();
    assert_eq!(webhook["object"], "whatsapp_business_account");
    let value = &webhook["entry"][0]["changes"][0]["value"];
    assert_eq!(webhook["entry"][0]["changes"][0]["field"], "messages");
    assert_eq!(value["metadata"]["phone_number_id"], NUMBER);
    assert_eq!(
        value["contacts"],
        json!([{ "wa_id": "5511900000001", "profile": { "name": "Ana" } }])
    );
    let message = &value["messages"][0];
    assert_eq!(message["id"], answer["id"]);
    assert_eq!(message["text"]["body"], "olá 👋");
    assert!(
        message["timestamp"]
            .as_str()
            .unwrap()
            .parse::<u64>()
            .is_ok(),
        "a string of seconds"
    );
}

#[tokio::test]
async fn a_raw_message_keeps_what_it_says_and_gets_what_it_lacks() {
    let (host, simulator) = both().await;
    let tap = json!({ "type": "interactive", "interactive": { "type": "button_reply", "button_reply": { "id": "a", "title": "A" } } });
    simulator
        .say(json!({ "from": "5511900000001", "message": tap, "number": "777" }))
        .await;
    let kept = json!({ "id": "wamid.own", "from": "5511900000002", "timestamp": "1", "type": "unsupported" });
    let answer = simulator
        .say(json!({ "from": "5511900000001", "message": kept }))
        .await;
    assert_eq!(answer["id"], "wamid.own");
    assert_eq!(host.at("/metadata/phone_number_id")[0], "777");
    let messages = host.at("/messages/0");
    assert_eq!(messages[0]["interactive"], tap["interactive"]);
    assert_eq!(messages[0]["from"], "5511900000001");
    assert_eq!(messages[1], kept);
}

#[tokio::test]
async fn a_person_known_by_a_user_id_alone_has_no_phone() {
    let (host, simulator) = both().await;
    simulator
        .say(json!({ "user_id": "BR.abc123", "text": "oi" }))
        .await;
    assert_eq!(host.at("/contacts/0")[0], json!({ "user_id": "BR.abc123" }));
    let message = &host.at("/messages/0")[0];
    assert_eq!(
        (message.get("from"), &message["from_user_id"]),
        (None, &json!("BR.abc123"))
    );
}

#[tokio::test]
async fn copies_are_one_message_many_times() {
    let (host, simulator) = both().await;
    let answer = simulator
        .say(json!({ "from": "5511900000001", "text": "oi", "copies": 10 }))
        .await;
    assert_eq!(
        answer["statuses"],
        json!([200, 200, 200, 200, 200, 200, 200, 200, 200, 200])
    );
    assert_eq!(host.at("/messages/0/id"), vec![answer["id"].clone(); 10]);
}

#[tokio::test]
async fn a_webhook_is_tried_until_it_is_answered_200() {
    let (host, simulator) = both().await;
    host.refuse(&[503, 500, 202]);
    let answer = simulator
        .say(json!({ "from": "5511900000001", "text": "oi" }))
        .await;
    assert_eq!(answer["status"], 503, "say tells of the first attempt");
    host.until(|host| host.all().len() == 4).await;
    assert_eq!(host.at("/messages/0/id"), vec![answer["id"].clone(); 4]);
    until_nothing_is_pending(&simulator).await;
    assert_eq!(host.all().len(), 4, "answered 200, it is not sent again");
}

#[tokio::test]
async fn a_host_that_comes_back_hears_what_it_missed() {
    let address = free_address().await;
    let simulator = Simulator::start(&format!("http://{address}")).await;
    let answer = simulator
        .say(json!({ "from": "5511900000001", "text": "oi" }))
        .await;
    assert_eq!(answer["status"], Value::Null);
    assert_eq!(simulator.read("/_sim/state").await["pending"], 1);
    let host = listen(TcpListener::bind(address).await.unwrap()).await;
    host.until(|host| host.at("/messages/0/id") == [answer["id"].clone()])
        .await;
    until_nothing_is_pending(&simulator).await;
}

#[tokio::test]
async fn nonsense_is_answered_400_with_the_reason() {
    let (host, simulator) = both().await;
    for (body, expected) in [
        (json!({ "from": "5511900000001" }), "text or message"),
        (
            json!({ "form": "5511900000001", "text": "oi" }),
            "did you mean \\\"from\\\"?",
        ),
        (json!({ "from": "Ana", "text": "oi" }), "digits"),
    ] {
        let (status, answer) = simulator.call(Method::POST, "/_sim/say", body).await;
        assert_eq!(status, 400);
        assert!(answer.to_string().contains(expected), "{answer}");
    }
    let (status, answer) = simulator.call(Method::POST, "/_sim/sya", json!({})).await;
    assert_eq!(status, 404);
    assert!(answer.to_string().contains("/_sim/say"), "{answer}");
    assert!(host.all().is_empty());
}

#[tokio::test]
async fn it_stays_on_this_machine() {
    let elsewhere = simulator::Options {
        listen: "0.0.0.0:0".parse().unwrap(),
        ..options("http://127.0.0.1:1")
    };
    assert!(
        simulator::start(elsewhere)
            .await
            .err()
            .unwrap()
            .to_string()
            .contains("127.0.0.1")
    );
    for host in [
        "http://shop.example",
        "http://192.0.2.1:80",
        "http://127.0.0.1.shop.example",
    ] {
        let problem = simulator::start(options(host))
            .await
            .err()
            .unwrap()
            .to_string();
        assert!(problem.contains("loopback"), "{problem}");
    }
    let (_host, simulator) = both().await;
    let url = format!("http://{}/_sim/say", simulator.running.addr());
    let foreign = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = foreign
        .post(url)
        .header("origin", "https://evil.example")
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 403);
}

#[tokio::test]
async fn stopping_ends_it() {
    let (_host, simulator) = both().await;
    let address = simulator.running.addr();
    simulator.running.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

/// A webhook leaves the count of pending ones a moment after the host has answered it.
pub(crate) async fn until_nothing_is_pending(simulator: &Simulator) {
    let wait = async {
        while simulator.read("/_sim/state").await["pending"] != 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::host::PATIENCE, wait)
        .await
        .expect("webhooks are delivered in time");
}
