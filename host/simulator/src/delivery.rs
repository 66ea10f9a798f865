//! How something reaches the host, or is shown instead: what `say` and `tell` have in common.

use std::sync::Arc;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::fields::object;
use crate::limits;
use crate::message::is_id;
use crate::network::{Network, Seen};
use crate::server::problem;
use crate::webhook::Change;
use crate::wrap::Wrap;

/// The keys that say how, whatever it is.
pub(crate) const KEYS: [&str; 4] = ["number", "copies", "once", "wrap"];

/// How it is brought.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Delivery {
    /// The business number it is about.
    number: Option<String>,
    copies: Option<u64>,
    /// Whether the first answer is the last, whatever it is.
    once: bool,
    /// Handed to the caller in AWS's wrapping, instead of being delivered.
    wrap: Option<Wrap>,
}

/// What is brought.
pub(crate) enum Content {
    /// A change of WhatsApp's.
    Change(Change),
    /// A whole body of another product's, in Meta's characters.
    Envelope(Value),
    /// These bytes.
    Raw(Bytes),
}

/// What it is called, if it has an id, and who sees it on their phone.
#[derive(Default)]
pub(crate) struct Sight {
    pub(crate) id: String,
    /// Phones or user ids. The first is told what the host answered.
    pub(crate) phones: Vec<String>,
    pub(crate) what: Option<Seen>,
}

impl Delivery {
    pub(crate) fn parse(asked: &Map<String, Value>) -> Result<Self, String> {
        let number = match asked.get("number") {
            None => None,
            Some(Value::String(number)) if is_id(number) => Some(number.clone()),
            Some(_) => return Err("number is no phone_number_id: ASCII without blanks".to_owned()),
        };
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
        let once = match asked.get("once") {
            None => false,
            Some(once) => once.as_bool().ok_or("once is true or false")?,
        };
        let wrap = asked.get("wrap").map(Wrap::parse).transpose()?;
        if wrap.is_some() && (copies.is_some() || once) {
            return Err("wrap delivers nothing: leave it out, or copies and once".to_owned());
        }
        Ok(Self {
            number,
            copies,
            once,
            wrap,
        })
    }

    pub(crate) fn number<'a>(&'a self, network: &'a Network) -> &'a str {
        self.number.as_deref().unwrap_or(&network.number)
    }

    /// Brings it, and answers what the host answered first.
    pub(crate) async fn bring(
        &self,
        network: &Arc<Network>,
        content: &Content,
        sight: Sight,
    ) -> Response {
        if let Some(wrap) = self.wrap {
            let Content::Change(change) = content else {
                return problem(
                    StatusCode::BAD_REQUEST,
                    "AWS bears WhatsApp's entries alone: leave wrap out",
                );
            };
            let wrapped = wrap.around(change, network, self.number(network));
            sight.show(network);
            return Json(wrapped).into_response();
        }
        let copies = self.copies.unwrap_or(1);
        let Some(mut places) = usize::try_from(copies)
            .ok()
            .and_then(|copies| network.postman.places(copies))
        else {
            return problem(
                StatusCode::SERVICE_UNAVAILABLE,
                "too many webhooks wait for the host: is it up?",
            );
        };
        let webhook = match content {
            Content::Change(change) => network.signer.change(change),
            Content::Envelope(envelope) => network.signer.envelope(envelope),
            Content::Raw(bytes) => network.signer.bytes(bytes.clone()),
        };
        sight.show(network);
        let is_said = matches!(sight.what, Some(Seen::Said { .. }));
        let Sight { id, phones, .. } = sight;
        let who = phones.into_iter().next();

        let attempts: Vec<_> = (0..copies)
            .filter_map(|_| places.split(1))
            .map(|place| {
                let delivered = {
                    let (network, who, id) = (Arc::clone(network), who.clone(), id.clone());
                    move || {
                        if let Some(who) = who {
                            network.saw(&who, &id, Seen::Delivered);
                        }
                    }
                };
                network
                    .postman
                    .deliver(webhook.clone(), place, self.once, delivered)
            })
            .collect();
        let mut statuses = Vec::new();
        for attempt in attempts {
            statuses.push(attempt.await.unwrap_or(None));
        }

        let status = statuses.first().copied().flatten();
        if let (Some(who), false) = (&who, statuses.contains(&Some(200))) {
            let given_up = self.once;
            network.saw(
                who,
                &id,
                Seen::Undelivered {
                    host_status: status,
                    given_up,
                },
            );
        }
        let named = (!id.is_empty()).then(|| json!(id));
        let answer = object([
            ("message_id", named.clone().filter(|_| is_said)),
            ("id", named),
            ("status", Some(json!(status))),
            ("statuses", self.copies.map(|_| json!(statuses))),
        ]);
        Json(answer).into_response()
    }
}

impl Sight {
    fn show(&self, network: &Network) {
        for phone in &self.phones {
            if let Some(what) = &self.what {
                network.saw(phone, &self.id, what.clone());
            }
        }
    }
}
