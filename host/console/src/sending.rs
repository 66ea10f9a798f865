//! `POST /v1/send`: what a person sends, through the gate like everything else.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use engine::operating::{Addressee, NotSent, Sending};
use ledger::SendRecord;
use model::{Outgoing, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::contacts::{no_contact, somebody};
use crate::parameters::Parameters;
use crate::problem::Problem;
use crate::who::Who;
use crate::{Console, body, limits};

/// By this header a caller names a send, so that it may ask again without sending twice.
const KEY: &str = "idempotency-key";
const EXAMPLE: &str =
    r#"{"to": "c7", "from": "store", "message": {"kind": "text", "body": "…"}, "by": "Rita"}"#;
const A_MESSAGE: &str = r#"{"kind": "text", "body": "…"} or {"kind": "template", "name": "…", "language": "pt_BR", "category": "utility", "parameters": [{"text": "…"}], "buttons": []}"#;

#[derive(Deserialize)]
struct Wanted {
    to: String,
    from: Option<String>,
    message: Value,
    by: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Sent {
    /// As the outbox has it.
    send: SendRecord,
    /// It was asked for before, with the same key: this is what came of it.
    repeated: bool,
}

/// `POST /v1/send`: admitted and in the outbox, or refused with the gate's reason and all that it looked at (422).
pub(crate) async fn send(
    State(console): State<Arc<Console>>,
    headers: HeaderMap,
    parameters: Parameters,
    body: Body,
) -> Result<Json<Sent>, Problem> {
    let parameters = parameters.only(&["tenant"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let key = key(&headers)?;
    let wanted: Wanted = body::read(body, &["to", "from", "message", "by"], EXAMPLE).await?;
    let sending = Sending {
        to: match somebody("to", &wanted.to)? {
            Who::Contact(id) => Addressee::Contact(id),
            Who::Known(key) => Addressee::Known(key),
        },
        from: wanted.from,
        message: body::part::<Outgoing>("message", &wanted.message, A_MESSAGE)?,
        key,
        by: body::by(wanted.by)?,
    };
    let sent = console.engine.send(&tenant, sending).await;
    let sent = sent.map_err(not_sent)?;
    Ok(Json(Sent {
        send: sent.record,
        repeated: sent.is_repeated,
    }))
}

fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let most = limits::KEY_CHARS;
    let key = headers.get(KEY).and_then(|key| key.to_str().ok());
    key.map(str::trim)
        .filter(|key| !key.is_empty() && key.len() <= most)
        .map(str::to_owned)
        .ok_or_else(|| {
            Problem::query(format!(
                "the header Idempotency-Key: 1 to {most} characters of your own that name this send; who asks again with the same \
                 key gets the same answer, and nothing is sent twice"
            ))
        })
}

fn not_sent(not_sent: NotSent) -> Problem {
    match not_sent {
        NotSent::NoTenant => Problem::not_found(not_sent.to_string()),
        NotSent::NoContact => no_contact(),
        NotSent::NoNumber { .. } | NotSent::WhichNumber { .. } => {
            Problem::body(format_args!("`from`: {not_sent}"))
        }
        NotSent::OtherSend => Problem::conflict(not_sent.to_string()),
        NotSent::Refused(refused) => {
            let help = remedy(&refused.refusal);
            Problem::not_admitted_because("not sent", refused.refusal, refused.checks, help)
        }
        NotSent::Ledger(error) => error.into(),
    }
}

/// What would make it pass.
fn remedy(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Stopped => {
            "`tollgate stops` shows who stopped it and why; `tollgate resume` lifts it"
        }
        Refusal::Invalid { .. } => "change the message as it says",
        Refusal::OptedOut => {
            "they asked for silence: nothing is sent until they opt in again, by writing so, or by another way that you can prove \
             (`tollgate consent set`)"
        }
        Refusal::NotOptedIn => {
            "record what proves that they want it: `tollgate consent set CONTACT in --evidence …`"
        }
        Refusal::WindowClosed {
            template_would_pass: true,
        } => "send an approved template instead, or wait until they write",
        Refusal::WindowClosed {
            template_would_pass: false,
        } => {
            "an approved template would pass once their opt-in is on record (`tollgate consent set CONTACT in --evidence …`); else wait \
             until they write"
        }
        Refusal::QuotaExceeded { .. } => {
            "wait until there is room again, or raise the budget in tollgate.toml"
        }
        Refusal::RateLimited { .. } | Refusal::Paused { .. } | Refusal::TooLate => {
            "try again a little later, with a new key"
        }
        Refusal::NotAllowlisted | Refusal::NotGranted { .. } => {
            "send from a number of this tenant's: /v1/status lists them"
        }
        Refusal::LoopSuspected => "look at the conversation first: a machine seems to answer",
    }
}
