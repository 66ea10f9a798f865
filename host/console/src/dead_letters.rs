//! Dead letters: messages that could not be done, and taking them up again.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use engine::operating::{NotRedriven, Redriven};
use ledger::DeadLetter;
use model::{DecisionId, NumberId, Span, Wamid};
use serde::{Deserialize, Serialize};

use crate::parameters::{Parameters, only_number};
use crate::problem::Problem;
use crate::{Console, body};

const EXAMPLE: &str =
    r#"{"message": "wamid.…", "number": "…"} for one, or {"newer_than": "2h"} for all that are"#;

#[derive(Serialize)]
pub(crate) struct DeadLetters {
    dead_letters: Vec<DeadLetter>,
}

/// `GET /v1/dead-letters`: newest first.
pub(crate) async fn dead_letters(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
) -> Result<Json<DeadLetters>, Problem> {
    let parameters = parameters.only(&["tenant", "limit"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let dead_letters = console
        .engine
        .ledger()
        .dead_letters(&tenant, parameters.limit()?)
        .await?;
    Ok(Json(DeadLetters { dead_letters }))
}

#[derive(Deserialize)]
struct Wanted {
    message: Option<String>,
    number: Option<String>,
    newer_than: Option<String>,
    by: Option<String>,
}

/// `POST /v1/dead-letters/redrive`: one by its message, or all whose messages were written within a span. Each goes through rules and
/// gate as they are now.
pub(crate) async fn redrive(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
    body: Body,
) -> Result<Json<Redriven>, Problem> {
    let parameters = parameters.only(&["tenant"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let fields = ["message", "number", "newer_than", "by"];
    let wanted: Wanted = body::read(body, &fields, EXAMPLE).await?;
    let by = body::by(wanted.by)?;
    match (wanted.message, wanted.newer_than) {
        (Some(message), None) => {
            let wrong = |what| move |_| Problem::body(format_args!("`{what}` is no such id"));
            let message = Wamid::new(message).map_err(wrong("message"))?;
            let number = wanted.number.map(NumberId::new).transpose();
            let number = match number.map_err(wrong("number"))? {
                Some(number) => number,
                None => only_number(&console.engine, &tenant)?,
            };
            let id = DecisionId {
                tenant,
                number,
                message,
            };
            let redriven = console.engine.redrive(&id, by.as_deref()).await;
            redriven.map_err(not_redriven)?;
            Ok(Json(Redriven {
                redriven: 1,
                ..Redriven::default()
            }))
        }
        (None, Some(span)) => {
            if wanted.number.is_some() {
                return Err(Problem::body(
                    "`number` goes with `message`: leave it out, or name a message",
                ));
            }
            let span: Span = span.parse().map_err(|_| {
                Problem::body("`newer_than` is a span of time, such as 30m, 2h or 1d")
            })?;
            let redriven = console.engine.redrive_newer(&tenant, span, by.as_deref());
            Ok(Json(redriven.await?))
        }
        _ => Err(Problem::body(format_args!("it is JSON like {EXAMPLE}"))),
    }
}

fn not_redriven(not_redriven: NotRedriven) -> Problem {
    match not_redriven {
        NotRedriven::Unknown => Problem::not_found(
            "the tenant has no dead letter of that message on that number: /v1/dead-letters lists them",
        ),
        NotRedriven::Ledger(error) => error.into(),
    }
}
