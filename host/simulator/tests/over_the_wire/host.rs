//! A host that verifies and remembers webhooks, and a simulator that speaks to it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use sha2::Sha256;
use simulator::{Options, Running};
use tokio::net::TcpListener;
use tokio::sync::Notify;

pub(crate) const SECRET: &[u8] = b"an app secret";
pub(crate) const NUMBER: &str = "100200300";
pub(crate) const AWS_NUMBER: &str = "phone-number-id-0123456789abcdef0123456789abcdef";
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// What the host saw, and what it answers.
#[derive(Default)]
pub(crate) struct Seen {
    webhooks: Mutex<Vec<Value>>,
    bodies: Mutex<Vec<Bytes>>,
    refuse: Mutex<Vec<u16>>,
    news: Notify,
}

impl Seen {
    /// The next webhooks are answered so, one each; those after them 200.
    pub(crate) fn refuse(&self, statuses: &[u16]) {
        *self.refuse.lock().unwrap() = statuses.iter().rev().copied().collect();
    }

    pub(crate) fn all(&self) -> Vec<Value> {
        self.webhooks.lock().unwrap().clone()
    }

    /// The bytes of all, as they came.
    pub(crate) fn bodies(&self) -> Vec<Bytes> {
        self.bodies.lock().unwrap().clone()
    }

    /// Members at a path of all webhooks that have it.
    pub(crate) fn at(&self, pointer: &str) -> Vec<Value> {
        let prefix = "/entry/0/changes/0/value";
        self.all()
            .iter()
            .filter_map(|webhook| webhook.pointer(&format!("{prefix}{pointer}")).cloned())
            .collect()
    }

    /// Waits until the host has seen enough.
    pub(crate) async fn until(&self, enough: impl Fn(&Self) -> bool) {
        let wait = async {
            loop {
                let news = self.news.notified();
                if enough(self) {
                    return;
                }
                news.await;
            }
        };
        if tokio::time::timeout(PATIENCE, wait).await.is_err() {
            panic!("the host never saw it; it saw {:#?}", self.all());
        }
    }
}

async fn webhook(State(seen): State<Arc<Seen>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut code = Hmac::<Sha256>::new_from_slice(SECRET).unwrap();
    code.update(&body);
    let expected = format!("sha256={}", hex::encode(code.finalize().into_bytes()));
    assert_eq!(
        headers["x-hub-signature-256"], expected,
        "the signature is over the raw body"
    );
    assert_eq!(headers["content-type"], "application/json");
    assert!(body.is_ascii(), "Meta escapes what is not ASCII");
    // Not everything that a test tells is JSON.
    let webhook = serde_json::from_slice(&body).unwrap_or(Value::Null);
    seen.webhooks.lock().unwrap().push(webhook);
    seen.bodies.lock().unwrap().push(body);
    let refused = seen.refuse.lock().unwrap().pop();
    seen.news.notify_waiters();
    refused.map_or(StatusCode::OK, |status| {
        StatusCode::from_u16(status).unwrap()
    })
}

/// Listens where it is told, until the test ends.
pub(crate) async fn listen(listener: TcpListener) -> Arc<Seen> {
    let seen = Arc::new(Seen::default());
    let router = Router::new()
        .route("/webhooks/whatsapp", post(webhook))
        .with_state(Arc::clone(&seen));
    tokio::spawn(async move { axum::serve(listener, router).await });
    seen
}

/// A simulator at work, and a client for it.
pub(crate) struct Simulator {
    pub(crate) running: Running,
    client: reqwest::Client,
}

impl Simulator {
    pub(crate) async fn start(host: &str) -> Self {
        let running = simulator::start(options(host)).await.unwrap();
        Self {
            running,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Value) -> Response {
        let url = format!("http://{}{path}", self.running.addr());
        self.client
            .request(method, url)
            .header("authorization", "Bearer anything")
            .json(&body)
            .send()
            .await
            .unwrap()
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let answer = self.send(method, path, body).await;
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    pub(crate) async fn read(&self, path: &str) -> Value {
        let url = format!("http://{}{path}", self.running.addr());
        self.client
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    pub(crate) async fn say(&self, body: Value) -> Value {
        let (status, answer) = self.call(Method::POST, "/_sim/say", body).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    pub(crate) async fn tell(&self, body: Value) -> Value {
        let (status, answer) = self.call(Method::POST, "/_sim/tell", body).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    pub(crate) async fn put_faults(&self, faults: Value) {
        let (status, answer) = self.call(Method::PUT, "/_sim/faults", faults).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// Sends as a host would through Graph; nothing if the connection closed without a reply.
    pub(crate) async fn graph(&self, message: Value) -> Option<(u16, Value)> {
        let url = format!("http://{}/v24.0/{NUMBER}/messages", self.running.addr());
        let answer = self
            .client
            .post(url)
            .header("authorization", "Bearer anything")
            .json(&message)
            .send()
            .await
            .ok()?;
        Some((answer.status().as_u16(), answer.json().await.unwrap()))
    }

    pub(crate) async fn sends(&self) -> Vec<Value> {
        self.read("/_sim/record").await["sends"]
            .as_array()
            .unwrap()
            .clone()
    }
}

pub(crate) fn options(host: &str) -> Options {
    Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        host_url: host.to_owned(),
        app_secret: SECRET.to_vec(),
        number: NUMBER.to_owned(),
        numbers: BTreeMap::from([(AWS_NUMBER.to_owned(), NUMBER.to_owned())]),
    }
}

/// A host and a simulator that know each other.
pub(crate) async fn both() -> (Arc<Seen>, Simulator) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listen(listener).await, Simulator::start(&url).await)
}

/// An address where nobody listens, until somebody does.
pub(crate) async fn free_address() -> std::net::SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
}

/// A text as a host sends it.
pub(crate) fn text(body: &str, token: &str) -> Value {
    json!({
        "messaging_product": "whatsapp", "to": "+5511900000001", "type": "text", "text": { "body": body },
        "biz_opaque_callback_data": token,
    })
}
