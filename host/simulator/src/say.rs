//! `POST /_sim/say`: a person writes to the business.

mod acts;
mod beside;
mod kinds;

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Map, Value, json};

pub(crate) use acts::{edit, revoke};

use crate::delivery::{self, Content, Delivery, Sight};
use crate::fields::{is_phone, nearest, no_phone};
use crate::limits;
use crate::message::is_id;
use crate::network::{Network, Seen, now_ms};
use crate::server::problem;
use crate::webhook::{Change, Sender};

/// The keys that say who writes.
const WHO: [&str; 3] = ["from", "user_id", "name"];
/// What is said, one of these at a time.
const WHAT: [&str; 2] = ["text", "message"];

/// What a person does.
struct Say {
    who: Who,
    message: Map<String, Value>,
    delivery: Delivery,
    /// The phone or user id that is theirs from now on, if that is what they tell.
    moved_to: Option<String>,
    /// Whether it says by `quoting` what it replies to.
    quotes: bool,
}

/// Who writes.
pub(crate) struct Who {
    phone: Option<String>,
    user_id: Option<String>,
    name: Option<String>,
}

pub(crate) async fn say(State(network): State<Arc<Network>>, body: Bytes) -> Response {
    let said = match Say::parse(&body) {
        Ok(said) => said,
        Err(wrong) => return problem(StatusCode::BAD_REQUEST, &wrong),
    };
    let number = said.delivery.number(&network).to_owned();
    let (message, id) = said.message(&network);
    let sender = Sender {
        phone: said.who.phone.as_deref(),
        user_id: said.who.user_id.as_deref(),
        name: said.who.name.as_deref(),
    };
    // WhatsApp itself tells of a move: it introduces nobody.
    let introduced = said.moved_to.is_none().then_some(&sender);
    let change = Change::message(&number, introduced, &message);
    let sight = Sight {
        id,
        phones: said.who.id().into_iter().chain(said.moved_to).collect(),
        what: Some(Seen::Said {
            number,
            name: said.who.name.clone(),
            message,
        }),
    };
    said.delivery
        .bring(&network, &Content::Change(change), sight)
        .await
}

impl Say {
    fn parse(body: &[u8]) -> Result<Self, String> {
        let mut asked: Map<String, Value> = serde_json::from_slice(body)
            .map_err(|error| format!("the body is no JSON object: {error}"))?;
        let known = keys();
        if let Some(unknown) = asked.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(format!(
                "unknown key {unknown:?}: did you mean {:?}?",
                nearest(unknown, &known)
            ));
        }
        asked.retain(|_, value| !value.is_null());
        let delivery = Delivery::parse(&asked)?;
        let mut who = Who::parse(&asked)?;
        let message = content(&asked, &who)?;
        // What a raw message says of its sender goes before what stands beside it, and may be whatever the test is about.
        let raw = |key: &str| message.get(key).and_then(Value::as_str).map(str::to_owned);
        who.phone = raw("from").or(who.phone);
        who.user_id = raw("from_user_id").or(who.user_id);
        if who.id().is_none() {
            return Err(
                "from is missing: the phone number of who writes, digits without +".to_owned(),
            );
        }
        if who.user_id.as_deref().is_some_and(|id| !is_id(id)) {
            return Err(
                "user_id is no user id: ASCII without blanks, like \"BR.abc123\"".to_owned(),
            );
        }
        let moved_to = asked.get("moved_to").and_then(Value::as_str);
        Ok(Self {
            who,
            message,
            delivery,
            moved_to: moved_to.map(str::to_owned),
            quotes: asked.contains_key("quoting"),
        })
    }

    /// The message as the webhook bears it, and its id.
    fn message(&self, network: &Network) -> (Value, String) {
        let mut message = self.message.clone();
        if self.quotes {
            beside::quote(&mut message, network);
        }
        let mut fill = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                message.entry(key).or_insert(Value::String(value));
            }
        };
        // Who has another user id now is named by it nowhere but in the words.
        if self.moved_to.as_deref().is_none_or(is_phone) {
            fill("from", self.who.phone.clone());
            fill("from_user_id", self.who.user_id.clone());
        }
        fill("timestamp", Some((now_ms() / 1000).to_string()));
        fill("id", Some(network.new_id()));
        let id = message.get("id").map_or_else(String::new, |id| {
            id.as_str().map_or_else(|| id.to_string(), str::to_owned)
        });
        (Value::Object(message), id)
    }
}

impl Who {
    fn parse(asked: &Map<String, Value>) -> Result<Self, String> {
        let words = |key: &str| match asked.get(key) {
            None => Ok(None),
            Some(Value::String(words)) => Ok(Some(words.clone())),
            Some(_) => Err(format!("{key} is a string")),
        };
        let [phone, user_id, name] = [words("from")?, words("user_id")?, words("name")?];
        if let Some(phone) = phone.as_deref().filter(|phone| !is_phone(phone)) {
            return Err(no_phone("from", phone));
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
        })
    }

    /// By what their phone is asked for.
    fn id(&self) -> Option<String> {
        self.phone.clone().or_else(|| self.user_id.clone())
    }
}

fn keys() -> Vec<&'static str> {
    let whats = WHAT.into_iter().chain(kinds::KINDS).chain(acts::KINDS);
    WHO.into_iter()
        .chain(whats)
        .chain(beside::KEYS)
        .chain(delivery::KEYS)
        .collect()
}

/// What is said: one of the kinds, or a message as Meta bears it; and what stands beside it.
fn content(asked: &Map<String, Value>, who: &Who) -> Result<Map<String, Value>, String> {
    let said: Vec<(&str, &Value)> = WHAT
        .into_iter()
        .chain(kinds::KINDS)
        .chain(acts::KINDS)
        .filter_map(|key| Some((key, asked.get(key)?)))
        .collect();
    let (kind, message) = match said.as_slice() {
        [] => {
            let others: Vec<_> = kinds::KINDS.into_iter().chain(acts::KINDS).collect();
            return Err(format!(
                "text or message is missing, or one of {}",
                others.join(", ")
            ));
        }
        [("text", text)] => ("text", text_message("text", text)?),
        [("message", message)] => ("message", (*message).clone()),
        [(kind, value)] if acts::KINDS.contains(kind) => (*kind, acts::message(kind, value, who)?),
        [(kind, value)] => (*kind, kinds::message(kind, value)?),
        [(one, _), (other, _), ..] => {
            return Err(format!(
                "{one} and {other} are both there: one of them is enough"
            ));
        }
    };
    match message {
        Value::Object(mut message) => {
            beside::add(&mut message, kind, asked)?;
            Ok(message)
        }
        _ => Err("message is an object, as Meta sends it".to_owned()),
    }
}

/// A text message.
pub(crate) fn text_message(what: &str, text: &Value) -> Result<Value, String> {
    let text = text.as_str().ok_or_else(|| format!("{what} is a string"))?;
    let count = text.chars().count();
    if count == 0 || count > limits::TEXT_CHARS {
        return Err(format!(
            "{what} has {count} characters: WhatsApp allows 1 to {}",
            limits::TEXT_CHARS
        ));
    }
    Ok(json!({ "type": "text", "text": { "body": text } }))
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
            (
                r#"{"from":"5511900000001","revoke":"wamid.A","edit":{}}"#,
                "edit and revoke are both there",
            ),
            (
                r#"{"from":"5511900000001","revoek":"wamid.A"}"#,
                "did you mean \"revoke\"?",
            ),
            (
                r#"{"from":"5511900000001","forwardd":true,"text":"oi"}"#,
                "did you mean \"forwarded\"?",
            ),
            (
                r#"{"from":"5511900000001","text":"oi","wrap":"sqs"}"#,
                "wrap is \"eum\" or \"sns\", not \"sqs\"",
            ),
            (
                r#"{"from":"5511900000001","text":"oi","wrap":"sns","copies":2}"#,
                "wrap delivers nothing",
            ),
            (
                r#"{"from":"5511900000001","text":"oi","once":1}"#,
                "once is true or false",
            ),
        ];
        for (body, expected) in cases {
            let problem = Say::parse(body.as_bytes()).err().unwrap_or_default();
            assert!(problem.contains(expected), "{body}: {problem}");
        }
    }
}
