//! The Graph carrier against the simulator, over real sockets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected ends there"
)]

mod kinds;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use carrier::graph::{GraphCarrier, GraphOptions};
use carrier::{Action, Carrier, Report};
use gate::{Leaving, OptIn, Pass, Policy, Rates, Release, release};
use model::{
    Button, Contact, ContactId, ContactKey, Frame, Mode, Moment, NumberId, Outbound, Outgoing,
    Phone, Purpose, SendToken, Span, TenantId, UserId, Wamid,
};
use serde_json::{Value, json};
use simulator::Running;
use tokio::net::TcpListener;

fn number() -> NumberId {
    NumberId::new("100200300").unwrap()
}

/// The gate's leave for one text.
fn pass(token: &str) -> Pass {
    let phone = ContactKey::Phone(Phone::new("5511900000001").unwrap());
    pass_for(
        token,
        phone,
        Outgoing::Text {
            body: "olá".to_owned(),
        },
        None,
    )
}

const NOW: Moment = Moment(1_700_000_000_000);

fn contact(key: ContactKey) -> Contact {
    Contact {
        last_inbound: BTreeMap::from([(number(), NOW)]),
        version: 1,
        ..Contact::new(TenantId::new("shop").unwrap(), ContactId(1), key, NOW)
    }
}

fn policy() -> Policy {
    Policy {
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
    }
}

fn pass_for(token: &str, key: ContactKey, message: Outgoing, quoting: Option<&str>) -> Pass {
    let contact = contact(key.clone());
    let outbound = Outbound {
        tenant: contact.tenant.clone(),
        token: SendToken::new(token).unwrap(),
        number: number(),
        contact: contact.id,
        to: key,
        message,
        quoting: quoting.map(|id| Wamid::new(id).unwrap()),
        cause: Wamid::new("wamid.cause").unwrap(),
        purpose: Purpose::Reply,
        decided_at: NOW,
    };
    let policy = policy();
    let leaving = Leaving {
        now: NOW,
        policy: &policy,
        contact: &contact,
        stops: &[],
        reach: gate::Reach::default(),
    };
    match release(outbound, &leaving, &mut Rates::new()) {
        Release::Go(pass) => pass,
        held => panic!("the gate did not let it go: {held:?}"),
    }
}

fn carrier(address: SocketAddr, timeout: Duration) -> GraphCarrier {
    let options = GraphOptions {
        base_url: format!("http://{address}"),
        api_version: "v24.0".to_owned(),
        token: "a-token".to_owned(),
        timeout,
    };
    GraphCarrier::new(options).unwrap()
}

/// A simulator whose host takes every webhook.
async fn network() -> (Running, GraphCarrier) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host_url = format!("http://{}", listener.local_addr().unwrap());
    let host = Router::new().route("/webhooks/whatsapp", post(|| async { StatusCode::OK }));
    tokio::spawn(async move { axum::serve(listener, host).await });
    let options = simulator::Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        host_url,
        app_secret: b"secret".to_vec(),
        number: number().to_string(),
        numbers: BTreeMap::new(),
    };
    let running = simulator::start(options).await.unwrap();
    let carrier = carrier(running.addr(), Duration::from_secs(10));
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

async fn sends(simulator: &Running) -> Vec<Value> {
    read(simulator, "/_sim/record").await["sends"]
        .as_array()
        .unwrap()
        .clone()
}

#[tokio::test]
async fn an_accepted_send_bears_its_token_and_comes_back_with_its_id() {
    let (simulator, carrier) = network().await;
    let Report::Accepted(Some(id)) = carrier.deliver(pass("token-1")).await else {
        panic!("it is accepted")
    };
    let sends = sends(&simulator).await;
    assert_eq!(sends.len(), 1);
    assert_eq!(
        (&sends[0]["wamid"], &sends[0]["outcome"]),
        (&json!(id.as_str()), &json!("accepted"))
    );
    assert_eq!(
        (&sends[0]["token"], &sends[0]["to"]),
        (&json!("token-1"), &json!("5511900000001"))
    );
    assert_eq!(sends[0]["message"]["to"], "+5511900000001");
    assert_eq!(sends[0]["message"]["text"]["body"], "olá");
}

#[tokio::test]
async fn buttons_to_a_user_id_quote_what_they_answer() {
    let (simulator, carrier) = network().await;
    let key = ContactKey::User(UserId::new("BR.abc123").unwrap());
    let buttons = vec![Button {
        id: "yes".to_owned(),
        title: "Sim".to_owned(),
    }];
    let message = Outgoing::Buttons {
        body: "Pode ser?".to_owned(),
        buttons,
        frame: Frame::default(),
    };
    let report = carrier
        .deliver(pass_for("t", key, message, Some("wamid.question")))
        .await;
    assert!(matches!(report, Report::Accepted(Some(_))), "{report:?}");
    let message = &sends(&simulator).await[0]["message"];
    assert_eq!(
        (&message["recipient"], message.get("to")),
        (&json!("BR.abc123"), None)
    );
    assert_eq!(message["context"]["message_id"], "wamid.question");
    assert_eq!(
        message["interactive"]["action"]["buttons"][0]["reply"],
        json!({ "id": "yes", "title": "Sim" })
    );
}

#[tokio::test]
async fn throttled_and_failed_sends_may_be_tried_again_and_were_tried_once() {
    let (simulator, carrier) = network().await;
    for (fault, code) in [("throttle", "130429"), ("error", "131000")] {
        put_faults(&simulator, json!({ fault: 1.0 })).await;
        let Report::Refused(rejection) = carrier.deliver(pass(fault)).await else {
            panic!("it is refused")
        };
        assert_eq!(rejection.code, code);
        assert!(matches!(rejection.action, Action::Retry { .. }));
    }
    assert_eq!(sends(&simulator).await.len(), 2);
}

#[tokio::test]
async fn a_message_that_whatsapp_does_not_take_fails() {
    let (_simulator, carrier) = network().await;
    let phone = ContactKey::Phone(Phone::new("5511900000001").unwrap());
    let message = Outgoing::Text {
        body: "x".repeat(5000),
    };
    let Report::Refused(rejection) = carrier.deliver(pass_for("t", phone, message, None)).await
    else {
        panic!("refused")
    };
    assert_eq!(
        (rejection.code.as_str(), rejection.action),
        ("100", Action::Fail)
    );
    assert!(
        rejection.cause.contains("5000 characters"),
        "{}",
        rejection.cause
    );
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
    let sends = sends(&simulator).await;
    let seen: Vec<_> = sends
        .iter()
        .skip(1)
        .map(|send| (&send["token"], &send["outcome"]))
        .collect();
    let dropped = json!("dropped_reply");
    assert_eq!(seen, [(&json!("t1"), &dropped), (&json!("t2"), &dropped)]);
}

#[tokio::test]
async fn i11_a_reply_that_takes_too_long_is_unknown() {
    let (simulator, _) = network().await;
    put_faults(&simulator, json!({ "late_ms": [20_000, 20_000] })).await;
    let report = carrier(simulator.addr(), Duration::from_millis(700))
        .deliver(pass("t"))
        .await;
    assert!(matches!(report, Report::Unknown { .. }), "{report:?}");
    assert_eq!(sends(&simulator).await[0]["outcome"], "accepted");
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_sent() {
    let address = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let Report::Refused(rejection) = carrier(address, Duration::from_secs(5))
        .deliver(pass("t"))
        .await
    else {
        panic!("nothing was sent")
    };
    assert_eq!(rejection.code, "unreachable");
    assert!(matches!(rejection.action, Action::Retry { .. }));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let elsewhere = Router::new()
        .route(
            "/v24.0/100200300/messages",
            post(|| async { axum::response::Redirect::temporary("/trap") }),
        )
        .route(
            "/trap",
            post(|| async { "{\"messages\":[{\"id\":\"wamid.trap\"}]}" }),
        );
    tokio::spawn(async move { axum::serve(listener, elsewhere).await });
    let Report::Refused(rejection) = carrier(address, Duration::from_secs(5))
        .deliver(pass("t"))
        .await
    else {
        panic!("it is refused")
    };
    assert_eq!(
        (rejection.code.as_str(), rejection.action),
        ("http-307", Action::StopCarrier)
    );
}

#[tokio::test]
async fn i14_a_reply_without_end_is_not_read_to_the_end() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let endless = Router::new().route(
        "/v24.0/100200300/messages",
        post(|| async { "x".repeat(10_000_000) }),
    );
    tokio::spawn(async move { axum::serve(listener, endless).await });
    let report = carrier(address, Duration::from_secs(5))
        .deliver(pass("t"))
        .await;
    let Report::Unknown { cause } = report else {
        panic!("nobody knows")
    };
    assert!(cause.contains("longer than any"), "{cause}");
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
    assert!(sends(&simulator).await.is_empty());
}
