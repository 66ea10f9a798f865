//! What WhatsApp says that a person has to act on, as each tenant's own page shows it (I13).
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod house;

use console::Options;
use house::{ANA, House, problem};
use intake::Accept;
use model::{
    Channel, ContactKey, Content, Message, Notice, NoticeBody, NoticeKey, NumberId, Phone, TenantId,
};
use serde_json::{Value, json};

/// The bakery's number; the shop has the other.
const BAKERYS: &str = "100000000000002";

/// Ana writes to the bakery.
async fn writes_to_the_bakery(house: &House) {
    let from = ContactKey::Phone(Phone::new(ANA).unwrap());
    let body = "hello".to_owned();
    let message = Message::new(
        house.fresh_id(),
        from,
        house.engine.now(),
        Content::Text { body },
    );
    let notice = Notice {
        tenant: TenantId::new("bakery").unwrap(),
        number: NumberId::new(BAKERYS).unwrap(),
        channel: Channel::WhatsApp,
        key: NoticeKey::of(&message),
        body: NoticeBody::Message(message),
    };
    house.engine.accept(vec![notice]).await.unwrap();
}

async fn alerts(house: &House, of: &str) -> Value {
    house.read(&format!("/v1/alerts?tenant={of}")).await["alerts"].clone()
}

#[tokio::test]
async fn i13_alerts_of_one_tenant_are_shown_to_that_one_alone() {
    let house = House::build(&["shop", "bakery"], Options::default()).await;
    for of in ["shop", "bakery"] {
        assert_eq!(alerts(&house, of).await, json!([]), "{of}");
    }
    writes_to_the_bakery(&house).await;
    // WhatsApp has locked the bakery's number: it is stopped, and somebody has to see to it.
    let words = json!({"to": ANA, "message": {"kind": "text", "body": "locked"}});
    let sent = house.post("/v1/send?tenant=bakery");
    let sent = sent.header("idempotency-key", "one").json(&words);
    let sent = sent.send().await.unwrap();
    assert_eq!(sent.status(), 200, "{}", sent.text().await.unwrap());
    let told = house
        .until("an alert", async || {
            let told = alerts(&house, "bakery").await;
            (told != json!([])).then_some(told)
        })
        .await;
    let told = told.as_array().unwrap();
    assert!(!told.is_empty());
    for alert in told {
        assert_eq!(alert["tenant"], "bakery", "{alert}");
        assert_eq!(alert["number"], BAKERYS, "{alert}");
        assert_eq!(alert["code"], "131031", "{alert}");
    }
    assert_eq!(alerts(&house, "shop").await, json!([]));

    // And the other way round: neither sees the other's, whoever had one first.
    let id = house.say("say hello").await;
    house.decided(&id).await;
    let sent = house.post("/v1/send?tenant=shop");
    let sent = sent.header("idempotency-key", "one").json(&words);
    assert_eq!(sent.send().await.unwrap().status(), 200);
    let shops = house
        .until("the shop's alert", async || {
            let told = alerts(&house, "shop").await;
            (told != json!([])).then_some(told)
        })
        .await;
    for alert in shops.as_array().unwrap() {
        assert_eq!(alert["tenant"], "shop", "{alert}");
    }
    let bakerys = alerts(&house, "bakery").await;
    assert_eq!(bakerys.as_array().unwrap(), told, "as it was");

    // Whose they are must be said, and it must be somebody.
    for path in ["/v1/alerts", "/v1/alerts?tenant=nobody"] {
        let response = house.get(path).send().await.unwrap();
        let status = response.status().as_u16();
        assert!((400..500).contains(&status), "{path}: {status}");
        let told = problem(response, status).await.to_string();
        assert!(!told.contains("131031"), "{path}: {told}");
    }
    house.end().await;
}
