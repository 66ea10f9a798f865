//! `POST /_sim/tell`: Meta tells the host what is no message of a contact's.

mod business;
mod people;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::delivery::{self, Content, Delivery, Sight};
use crate::fields::nearest;
use crate::network::{Network, now_ms};
use crate::server::problem;

/// What is told, one of these at a time.
const KINDS: [&str; 11] = [
    "echo",
    "preference",
    "call",
    "user_id",
    "status",
    "template",
    "quality",
    "error",
    "update",
    "object",
    "raw",
];

/// What is told, and who sees it.
struct Told {
    content: Content,
    sight: Sight,
}

/// Where and when it is told.
struct Scene<'a> {
    network: &'a Network,
    number: &'a str,
    now: u64,
}

pub(crate) async fn tell(State(network): State<Arc<Network>>, body: Bytes) -> Response {
    match parse(&body, &network) {
        Ok((told, delivery)) => delivery.bring(&network, &told.content, told.sight).await,
        Err(wrong) => problem(StatusCode::BAD_REQUEST, &wrong),
    }
}

fn parse(body: &[u8], network: &Network) -> Result<(Told, Delivery), String> {
    let no_object = |error| format!("the body is no JSON object: {error}");
    let mut asked: Map<String, Value> = serde_json::from_slice(body).map_err(no_object)?;
    let known: Vec<&str> = KINDS.into_iter().chain(delivery::KEYS).collect();
    if let Some(unknown) = asked.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(format!(
            "unknown key {unknown:?}: did you mean {:?}?",
            nearest(unknown, &known)
        ));
    }
    // A body of null is worth a test.
    asked.retain(|key, value| key == "raw" || !value.is_null());
    let delivery = Delivery::parse(&asked)?;
    let kinds: Vec<&str> = KINDS
        .into_iter()
        .filter(|kind| asked.contains_key(*kind))
        .collect();
    let kind = match kinds.as_slice() {
        [kind] => *kind,
        [] => return Err(format!("one of {} is missing", KINDS.join(", "))),
        [one, other, ..] => {
            return Err(format!(
                "{one} and {other} are both there: one of them is enough"
            ));
        }
    };
    if kind == "raw" {
        let content = Content::Raw(raw(body).map_err(no_object)?);
        return Ok((Told::unseen(content), delivery));
    }
    let value = asked.get(kind).unwrap_or(&Value::Null);
    let scene = Scene {
        network,
        number: delivery.number(network),
        now: now_ms() / 1000,
    };
    let told = match kind {
        "echo" => people::echo(value, &scene)?,
        "preference" => people::preference(value, &scene)?,
        "call" => people::call(value, &scene)?,
        "user_id" => people::user_id(value, &scene)?,
        "status" => business::status(value, &scene)?,
        "template" => business::template(value)?,
        "quality" => business::quality(value)?,
        "error" => business::error(value, &scene)?,
        "update" => business::update(value)?,
        _ => object(value, &scene)?,
    };
    Ok((told, delivery))
}

impl Told {
    /// On nobody's phone.
    fn unseen(content: Content) -> Self {
        let sight = Sight::default();
        Self { content, sight }
    }
}

/// The bytes of `raw`: a string's own, anything else as it was written.
fn raw(body: &[u8]) -> Result<Bytes, serde_json::Error> {
    let members: BTreeMap<String, &RawValue> = serde_json::from_slice(body)?;
    let written = members.get("raw").map_or("", |raw| raw.get());
    let bytes = match serde_json::from_str(written)? {
        Value::String(text) => text.into_bytes(),
        _ => written.as_bytes().to_vec(),
    };
    Ok(Bytes::from(bytes))
}

/// What another of Meta's products says on the same webhook.
fn object(value: &Value, scene: &Scene<'_>) -> Result<Told, String> {
    let Some(product @ ("instagram" | "page")) = value.as_str() else {
        return Err(format!(
            "object is \"instagram\" or \"page\", not {value}: anything else goes with raw"
        ));
    };
    let at_ms = scene.now * 1000;
    let id = format!("m_{}", scene.network.new_uuid());
    let envelope = json!({
        "object": product,
        "entry": [{ "id": "100000000000009", "time": at_ms, "messaging": [{
            "sender": { "id": "1000000000000002" },
            "recipient": { "id": "100000000000009" },
            "timestamp": at_ms,
            "message": { "mid": id, "text": "oi" },
        }] }],
    });
    Ok(Told::unseen(Content::Envelope(envelope)))
}
