//! `POST /_sim/say`: a person writes to the business.

mod kinds;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::limits;
use crate::message::is_id;
use crate::network::{Network, Seen, now_ms};
use crate::server::problem;
use crate::webhook::Sender;

const KEYS: [&str; 14] = [
    "from", "user_id", "name", "text", "message", "copies", "number", "tap", "media", "location",
    "contacts", "flow", "reaction", "order",
];

/// What a person does.
struct Say {
    phone: Option<String>,
    user_id: Option<String>,
    name: Option<String>,
    message: Map<String, Value>,
    copies: Option<u64>,
    number: Option<String>,
}

pub(crate) async fn say(State(network): State<Arc<Network>>, body: Bytes) -> Response {
    let said = match Say::parse(&body) {
        Ok(said) => said,
        Err(wrong) => return problem(StatusCode::BAD_REQUEST, &wrong),
    };
    let copies = said.copies.unwrap_or(1);
    let Some(mut places) = usize::try_from(copies)
        .ok()
        .and_then(|copies| network.postman.places(copies))
    else {
        return problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many webhooks wait for the host: is it up?",
        );
    };

    let number = said
        .number
        .clone()
        .unwrap_or_else(|| network.number.clone());
    let (message, id) = said.message(&network);
    let who = said
        .phone
        .as_deref()
        .or(said.user_id.as_deref())
        .unwrap_or_default()
        .to_owned();
    let sender = Sender {
        phone: said.phone.as_deref(),
        user_id: said.user_id.as_deref(),
        name: said.name.as_deref(),
    };
    let webhook = network.signer.message(&number, &sender, &message);
    network.saw(
        &who,
        &id,
        Seen::Said {
            number,
            name: said.name.clone(),
            message,
        },
    );

    let attempts: Vec<_> = (0..copies)
        .filter_map(|_| places.split(1))
        .map(|place| {
            let (network, who, id) = (Arc::clone(&network), who.clone(), id.clone());
            let delivered = {
                let network = Arc::clone(&network);
                move || network.saw(&who, &id, Seen::Delivered)
            };
            network.postman.deliver(webhook.clone(), place, delivered)
        })
        .collect();
    let mut statuses = Vec::new();
    for attempt in attempts {
        statuses.push(attempt.await.unwrap_or(None));
    }

    let status = statuses.first().copied().flatten();
    if !statuses.contains(&Some(200)) {
        network.saw(
            &who,
            &id,
            Seen::Undelivered {
                host_status: status,
            },
        );
    }
    let answer = if said.copies.is_some() {
        json!({ "id": id, "message_id": id, "status": status, "statuses": statuses })
    } else {
        json!({ "id": id, "message_id": id, "status": status })
    };
    Json(answer).into_response()
}

impl Say {
    fn parse(body: &[u8]) -> Result<Self, String> {
        let mut asked: Map<String, Value> = serde_json::from_slice(body)
            .map_err(|error| format!("the body is no JSON object: {error}"))?;
        if let Some(unknown) = asked.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(format!(
                "unknown key {unknown:?}: did you mean {:?}?",
                nearest(unknown, &KEYS)
            ));
        }
        asked.retain(|_, value| !value.is_null());
        let words = |key: &str| match asked.get(key) {
            None => Ok(None),
            Some(Value::String(words)) => Ok(Some(words.clone())),
            Some(_) => Err(format!("{key} is a string")),
        };
        let (phone, user_id, name, number) = (
            words("from")?,
            words("user_id")?,
            words("name")?,
            words("number")?,
        );
        let copies = match asked.get("copies") {
            None => None,
            Some(copies) => Some(
                copies
                    .as_u64()
                    .filter(|copies| (1..=limits::COPIES).contains(copies))
                    .ok_or_else(|| {
                        format!(
                            "copies is a number from 1 to {}, not {copies}",
                            limits::COPIES
                        )
                    })?,
            ),
        };
        let message = content(&asked)?;
        if let Some(phone) = phone.as_deref().filter(|phone| !is_phone(phone)) {
            return Err(format!(
                "from {phone:?} is no phone number: digits without +, like \"5511900000001\""
            ));
        }
        // What a raw message says of its sender goes before what stands beside it, and may be whatever the test is about.
        let raw = |key: &str| message.get(key).and_then(Value::as_str).map(str::to_owned);
        let (phone, user_id) = (raw("from").or(phone), raw("from_user_id").or(user_id));
        if phone.is_none() && user_id.is_none() {
            return Err(
                "from is missing: the phone number of who writes, digits without +".to_owned(),
            );
        }
        if user_id.as_deref().is_some_and(|id| !is_id(id)) {
            return Err(
                "user_id is no user id: ASCII without blanks, like \"BR.abc123\"".to_owned(),
            );
        }
        if number.as_deref().is_some_and(|id| !is_id(id)) {
            return Err("number is no phone_number_id: ASCII without blanks".to_owned());
        }
        if name
            .as_deref()
            .is_some_and(|name| name.chars().count() > limits::NAME_CHARS)
        {
            return Err(format!(
                "name is longer than {} characters",
                limits::NAME_CHARS
            ));
        }
        Ok(Self {
            phone,
            user_id,
            name,
            message,
            copies,
            number,
        })
    }

    /// The message as the webhook bears it, and its id.
    fn message(&self, network: &Network) -> (Value, String) {
        let mut message = self.message.clone();
        let mut fill = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                message.entry(key).or_insert(Value::String(value));
            }
        };
        fill("from", self.phone.clone());
        fill("from_user_id", self.user_id.clone());
        fill("timestamp", Some((now_ms() / 1000).to_string()));
        fill("id", Some(network.new_id()));
        let id = message.get("id").map_or_else(String::new, |id| {
            id.as_str().map_or_else(|| id.to_string(), str::to_owned)
        });
        (Value::Object(message), id)
    }
}

/// What is said: one of the kinds, or a message as Meta bears it.
fn content(asked: &Map<String, Value>) -> Result<Map<String, Value>, String> {
    let said: Vec<(&str, &Value)> = ["text", "message"]
        .into_iter()
        .chain(kinds::KINDS)
        .filter_map(|key| Some((key, asked.get(key)?)))
        .collect();
    let message = match said.as_slice() {
        [] => {
            return Err(format!(
                "text or message is missing, or one of {}",
                kinds::KINDS.join(", ")
            ));
        }
        [("text", Value::String(text))] => {
            let count = text.chars().count();
            if count == 0 || count > limits::TEXT_CHARS {
                return Err(format!(
                    "text has {count} characters: WhatsApp allows 1 to {}",
                    limits::TEXT_CHARS
                ));
            }
            json!({ "type": "text", "text": { "body": text } })
        }
        [("text", _)] => return Err("text is a string".to_owned()),
        [("message", message)] => (*message).clone(),
        [(kind, value)] => kinds::message(kind, value)?,
        [(one, _), (other, _), ..] => {
            return Err(format!(
                "{one} and {other} are both there: one of them is enough"
            ));
        }
    };
    match message {
        Value::Object(message) => Ok(message),
        _ => Err("message is an object, as Meta sends it".to_owned()),
    }
}

fn is_phone(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= limits::PHONE_DIGITS
        && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The known word that is spelt most like the given one.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> &'a str {
    let likeness = |known: &str| strsim::jaro_winkler(word, known);
    known
        .iter()
        .copied()
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_said_is_refused_with_the_reason() {
        let cases = [
            ("", "no JSON object"),
            ("[]", "no JSON object"),
            (r#"{"from":"5511900000001"}"#, "text or message is missing"),
            (r#"{"text":"oi"}"#, "from is missing"),
            (r#"{"from":"+5511900000001","text":"oi"}"#, "without +"),
            (r#"{"from":5511900000001,"text":"oi"}"#, "from is a string"),
            (r#"{"from":"5511900000001","text":""}"#, "0 characters"),
            (
                r#"{"from":"5511900000001","txt":"oi"}"#,
                "did you mean \"text\"?",
            ),
            (
                r#"{"from":"5511900000001","text":"oi","message":{}}"#,
                "one of them",
            ),
            (
                r#"{"from":"5511900000001","message":"oi"}"#,
                "message is an object",
            ),
            (
                r#"{"from":"5511900000001","text":"oi","copies":0}"#,
                "from 1 to 200",
            ),
            (
                r#"{"from":"5511900000001","text":"oi","copies":100000}"#,
                "from 1 to 200",
            ),
            (
                r#"{"from":"5511900000001","text":"oi","number":"a b"}"#,
                "phone_number_id",
            ),
        ];
        for (body, expected) in cases {
            let problem = Say::parse(body.as_bytes()).err().unwrap_or_default();
            assert!(problem.contains(expected), "{body}: {problem}");
        }
    }
}
