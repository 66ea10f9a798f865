//! The unmodified SDK against the simulator, over real sockets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected ends there"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use aws::{Credentials, EumCarrier, EumOptions};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use carrier::{Action, Carrier, Report};
use gate::{Leaving, OptIn, Pass, Policy, Rates, Release, release};
use model::{
    Contact, ContactId, ContactKey, MediaKind, MediaSource, Mode, Moment, NumberId, Outbound,
    Outgoing, OutgoingMedia, Phone, Purpose, SendToken, Span, Template, TemplateCategory,
    TemplateParameter, TenantId, Wamid,
};
use serde_json::{Value, json};
use simulator::Running;
use tokio::net::TcpListener;

const AWS_NUMBER: &str = "phone-number-id-0123456789abcdef0123456789abcdef";

fn number() -> NumberId {
    NumberId::new("100200300").unwrap()
}

/// The gate's leave for one text.
fn pass(token: &str) -> Pass {
    let body = "olá".to_owned();
    pass_for(token, Outgoing::Text { body })
}

fn pass_for(token: &str, message: Outgoing) -> Pass {
    let now = Moment::from_seconds(1_700_000_000);
    let key = ContactKey::Phone(Phone::new("5511900000001").unwrap());
    let contact = Contact {
        last_inbound: BTreeMap::from([(number(), now)]),
        version: 1,
        ..Contact::new(
            TenantId::new("shop").unwrap(),
            ContactId(1),
            key.clone(),
            now,
        )
    };
    let outbound = Outbound {
        tenant: contact.tenant.clone(),
        token: SendToken::new(token).unwrap(),
        number: number(),
        contact: contact.id,
        to: key,
        message,
        quoting: None,
        cause: Wamid::new("wamid.cause").unwrap(),
        purpose: Purpose::Reply,
        decided_at: now,
    };
    let policy = Policy {
        desks: ["support", "sales", "night"]
            .map(|desk| model::DeskName::new(desk).unwrap())
            .into(),
        numbers: BTreeSet::from([number()]),
        simulated: BTreeSet::from([number()]),
        mode: Mode::DryRun,
        opt_in: OptIn::Inbound,
        window_margin: Span::from_minutes(2),
        bearable_wait: Span::from_seconds(30),
        pace: std::collections::BTreeMap::new(),
        bounds: gate::Bounds::default(),
        answer_within: Span::from_hours(6),
    };
    match release(
        outbound,
        &Leaving {
            now,
            policy: &policy,
            contact: &contact,
            stops: &[],
            reach: gate::Reach::default(),
        },
        &mut Rates::new(),
    ) {
        Release::Go(pass) => pass,
        held => panic!("the gate did not let it go: {held:?}"),
    }
}

async fn carrier(address: SocketAddr, timeout: Duration) -> EumCarrier {
    let options = EumOptions {
        region: "eu-west-1".to_owned(),
        endpoint_url: Some(format!("http://{address}")),
        api_version: "v24.0".to_owned(),
        timeout,
        numbers: BTreeMap::from([(number(), AWS_NUMBER.to_owned())]),
        credentials: Credentials::Fixed {
            access_key_id: "AKIDEXAMPLE".into(),
            secret_access_key: "example".into(),
        },
    };
    EumCarrier::new(options).await.unwrap()
}

/// A simulator whose host takes every webhook.
async fn network() -> (Running, EumCarrier) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host_url = format!("http://{}", listener.local_addr().unwrap());
    let host = Router::new().route("/webhooks/whatsapp", post(|| async { StatusCode::OK }));
    tokio::spawn(async move { axum::serve(listener, host).await });
    let options = simulator::Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        host_url,
        app_secret: b"secret".to_vec(),
        number: number().to_string(),
        numbers: BTreeMap::from([(AWS_NUMBER.to_owned(), number().to_string())]),
    };
    let running = simulator::start(options).await.unwrap();
    let carrier = carrier(running.addr(), Duration::from_secs(10)).await;
    (running, carrier)
}

async fn put_faults(simulator: &Running, faults: Value) {
    let url = format!("http://{}/_sim/faults", simulator.addr());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    assert!(
        client
            .put(url)
            .json(&faults)
            .send()
            .await
            .unwrap()
            .status()
            .is_success()
    );
}

async fn read(simulator: &Running, path: &str) -> Value {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client
        .get(format!("http://{}{path}", simulator.addr()))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap()
}

#[tokio::test]
async fn an_accepted_send_bears_its_token() {
    let (simulator, carrier) = network().await;
    assert_eq!(
        carrier.deliver(pass("token-1")).await,
        Report::Accepted(None),
        "AWS's id is no wamid"
    );
    let sends = read(&simulator, "/_sim/record").await["sends"].clone();
    assert_eq!(sends.as_array().unwrap().len(), 1);
    assert_eq!(sends[0]["outcome"], "accepted");
    assert_eq!(
        (&sends[0]["via"], &sends[0]["number"]),
        (&json!("aws"), &json!("100200300"))
    );
    assert_eq!(
        (&sends[0]["token"], &sends[0]["to"]),
        (&json!("token-1"), &json!("5511900000001"))
    );
    assert_eq!(sends[0]["message"]["text"]["body"], "olá");
}

#[tokio::test]
async fn every_kind_travels_as_the_same_json_that_meta_takes() {
    let (simulator, carrier) = network().await;
    let template = Template {
        name: "order_sent".to_owned(),
        language: "pt_BR".to_owned(),
        category: TemplateCategory::Utility,
        header: None,
        parameters: vec![TemplateParameter {
            name: None,
            text: "Ana 👋".to_owned(),
        }],
        buttons: vec![],
    };
    let file = OutgoingMedia {
        media: MediaKind::Voice,
        source: MediaSource::Id("77".to_owned()),
        caption: None,
        filename: None,
    };
    let reaction = Outgoing::Reaction {
        message: Wamid::new("wamid.question").unwrap(),
        emoji: "👍".to_owned(),
    };
    let expected = [
        (
            Outgoing::Template(template),
            json!({ "type": "template", "template": {
                "name": "order_sent", "language": { "code": "pt_BR" },
                "components": [{ "type": "body", "parameters": [{ "type": "text", "text": "Ana 👋" }] }],
            } }),
        ),
        (
            Outgoing::Media(file),
            json!({ "type": "audio", "audio": { "id": "77" } }),
        ),
        (
            reaction,
            json!({ "type": "reaction", "reaction": { "message_id": "wamid.question", "emoji": "👍" } }),
        ),
    ];
    for (place, (message, json)) in expected.into_iter().enumerate() {
        let report = carrier.deliver(pass_for("t", message)).await;
        assert_eq!(report, Report::Accepted(None));
        let mut whole = json!({
            "messaging_product": "whatsapp", "recipient_type": "individual", "to": "+5511900000001",
            "biz_opaque_callback_data": "t",
        });
        whole
            .as_object_mut()
            .unwrap()
            .extend(json.as_object().unwrap().clone());
        let sends = read(&simulator, "/_sim/record").await["sends"].clone();
        assert_eq!(sends[place]["message"], whole);
    }
}

#[tokio::test]
async fn a_throttled_send_may_be_tried_again_and_was_tried_once() {
    let (simulator, carrier) = network().await;
    put_faults(&simulator, json!({ "throttle": 1.0 })).await;
    let Report::Refused(rejection) = carrier.deliver(pass("t")).await else {
        panic!("it is refused")
    };
    assert_eq!(rejection.code, "ThrottledRequestException");
    assert!(matches!(rejection.action, Action::Retry { .. }));
    assert_eq!(read(&simulator, "/_sim/record").await["next"], 1);
}

#[tokio::test]
async fn i11_an_internal_error_is_unknown_and_was_tried_once() {
    let (simulator, carrier) = network().await;
    put_faults(&simulator, json!({ "error": 1.0 })).await;
    let Report::Unknown { cause } = carrier.deliver(pass("t")).await else {
        panic!("nobody knows")
    };
    assert!(cause.contains("InternalServiceException"), "{cause}");
    assert_eq!(read(&simulator, "/_sim/record").await["next"], 1);
}

#[tokio::test]
async fn i11_a_dropped_reply_is_unknown_and_the_message_went_out_once() {
    let (simulator, carrier) = network().await;
    // On a connection that is there already, and on a new one.
    carrier.deliver(pass("warm")).await;
    put_faults(&simulator, json!({ "drop_reply": 1.0 })).await;
    for token in ["t1", "t2"] {
        let report = carrier.deliver(pass(token)).await;
        assert!(matches!(report, Report::Unknown { .. }), "{report:?}");
    }
    let sends = read(&simulator, "/_sim/record?after=1").await["sends"].clone();
    let seen: Vec<_> = sends
        .as_array()
        .unwrap()
        .iter()
        .map(|send| (&send["token"], &send["outcome"]))
        .collect();
    let dropped = json!("dropped_reply");
    assert_eq!(seen, [(&json!("t1"), &dropped), (&json!("t2"), &dropped)]);
}

#[tokio::test]
async fn i11_a_reply_that_takes_too_long_is_unknown() {
    let (simulator, _) = network().await;
    put_faults(&simulator, json!({ "late_ms": [20_000, 20_000] })).await;
    let hasty = carrier(simulator.addr(), Duration::from_millis(700)).await;
    let report = hasty.deliver(pass("t")).await;
    assert!(matches!(report, Report::Unknown { .. }), "{report:?}");
    assert_eq!(
        read(&simulator, "/_sim/record").await["sends"][0]["outcome"],
        "accepted"
    );
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_sent() {
    let address = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let carrier = carrier(address, Duration::from_secs(5)).await;
    let Report::Refused(rejection) = carrier.deliver(pass("t")).await else {
        panic!("nothing was sent")
    };
    assert_eq!(rejection.code, "unreachable");
    assert!(matches!(rejection.action, Action::Retry { .. }));
}

#[tokio::test]
async fn a_read_mark_reaches_the_contact_and_is_no_send() {
    let (simulator, carrier) = network().await;
    carrier
        .mark_read(&number(), &Wamid::new("wamid.A").unwrap())
        .await;
    assert_eq!(
        read(&simulator, "/_sim/marks").await["marks"][0]["message_id"],
        "wamid.A"
    );
    assert_eq!(read(&simulator, "/_sim/record").await["next"], 0);
}
