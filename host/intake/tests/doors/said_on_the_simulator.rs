//! What a person does on the simulator's phone arrives as the kind that it is: over a real socket, signed.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::shelf::{Shelf, serve};
use intake::signature::App;
use intake::webhook::{self, Webhook};
use intake::{Settings, Voucher};
use model::{
    Card, Content, Form, Location, MediaKind, Message, NoticeBody, Order, OrderItem, TapOrigin,
    Wamid,
};
use serde_json::{Value, json};
use simulator::Running;

const NUMBER: &str = "100000000000001";

async fn host_and_simulator() -> (Arc<Shelf>, Running) {
    let shelf = Arc::new(Shelf::default());
    let owners = [(NUMBER, "shop", Voucher::App("main".into()))];
    let webhook = Webhook {
        apps: vec![App::new("main", &[b"secret".to_vec()])],
        verify_tokens: vec![],
        entrance: shelf.entrance(&owners, Settings::default()),
    };
    let host_url = format!("http://{}", serve(webhook::router(webhook)).await);
    let options = simulator::Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        host_url,
        app_secret: b"secret".to_vec(),
        number: NUMBER.to_owned(),
        numbers: BTreeMap::new(),
    };
    (shelf, simulator::start(options).await.unwrap())
}

/// Says it, and hands back the message that arrived.
async fn said(shelf: &Shelf, simulator: &Running, what: Value) -> Message {
    let mut body = json!({ "from": "5511900000001", "name": "Ana" });
    body.as_object_mut()
        .unwrap()
        .extend(what.as_object().unwrap().clone());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{}/_sim/say", simulator.addr());
    let answer: Value = client
        .post(url)
        .json(&body)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(answer["status"], 200, "{what}: {answer}");
    let notice = shelf
        .notices
        .lock()
        .unwrap()
        .pop()
        .expect("it was accepted");
    match notice.body {
        NoticeBody::Message(message) => message,
        other => panic!("{what}: {other:?}"),
    }
}

#[tokio::test]
async fn each_kind_that_can_be_said_is_read_as_that_kind() {
    let (shelf, simulator) = host_and_simulator().await;
    let words = |text: &str| Some(text.to_owned());
    let tap = |origin| Content::Tap {
        id: "a".into(),
        title: "A".into(),
        origin,
    };
    let bo = Card {
        name: "Bo".into(),
        phones: vec!["+1 555 010 0002".into()],
        emails: vec!["bo@shop.example".into()],
        organization: words("The shop"),
    };
    let cases = [
        (
            json!({ "text": "olá 👋" }),
            Content::Text {
                body: "olá 👋".into(),
            },
        ),
        (
            json!({ "tap": { "id": "a", "title": "A" } }),
            tap(TapOrigin::Button),
        ),
        (
            json!({ "tap": { "id": "a", "title": "A", "on": "menu" } }),
            tap(TapOrigin::Menu),
        ),
        (
            json!({ "tap": { "id": "a", "title": "A", "on": "template" } }),
            tap(TapOrigin::Template),
        ),
        (
            json!({ "location": { "latitude": -23.55, "longitude": -46.63, "name": "Here", "address": "Main street" } }),
            Content::Location(Location {
                latitude: -23.55,
                longitude: -46.63,
                name: words("Here"),
                address: words("Main street"),
            }),
        ),
        (
            json!({ "contacts": [{ "name": "Bo", "phones": ["+1 555 010 0002"], "emails": ["bo@shop.example"],
                "organization": "The shop" }] }),
            Content::Contacts { cards: vec![bo] },
        ),
        (
            json!({ "flow": { "name": "booking", "body": "Sent", "answers": { "day": "mon" } } }),
            Content::Form(Form {
                name: "booking".into(),
                body: words("Sent"),
                answers: "{\"day\":\"mon\"}".into(),
            }),
        ),
        (
            json!({ "reaction": { "message": "wamid.ours", "emoji": "👍" } }),
            Content::Reaction {
                message: Wamid::new("wamid.ours").unwrap(),
                emoji: words("👍"),
            },
        ),
        (
            json!({ "reaction": { "message": "wamid.ours" } }),
            Content::Reaction {
                message: Wamid::new("wamid.ours").unwrap(),
                emoji: None,
            },
        ),
        (
            json!({ "order": { "catalog": "900", "text": "please",
                "items": [{ "product": "sku-1", "quantity": 2, "price": "9.90", "currency": "BRL" }] } }),
            Content::Order(Order {
                catalog: "900".into(),
                text: words("please"),
                items: vec![OrderItem {
                    product: "sku-1".into(),
                    quantity: 2,
                    price: words("9.90"),
                    currency: words("BRL"),
                }],
            }),
        ),
        (
            json!({ "message": { "type": "request_welcome" } }),
            Content::Welcome,
        ),
    ];
    for (what, expected) in cases {
        let message = said(&shelf, &simulator, what.clone()).await;
        assert_eq!(message.content, expected, "{what}");
        assert_eq!(message.name.as_deref(), Some("Ana"));
    }
    for kind in MediaKind::ALL {
        let file = json!({ "media": { "kind": kind.word(), "caption": "look", "filename": "a" } });
        match said(&shelf, &simulator, file).await.content {
            Content::Media(media) => {
                assert_eq!((media.media, media.caption), (kind, words("look")));
                assert!(media.id.is_some() && media.mime_type.is_some() && media.sha256.is_some());
            }
            other => panic!("{kind:?}: {other:?}"),
        }
    }
}
