//! Sends of unknown outcome, with their evidence, and what a person makes of those that are held (I11).

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use engine::operating::Unresolved;
use ledger::{SendRecord, Unsure};
use model::{Moment, SendToken};
use serde::{Deserialize, Serialize};

use crate::parameters::{Parameters, parse};
use crate::problem::Problem;
use crate::{Console, body};

const A_TOKEN: &str = "a send's token, as /v1/held shows it";

#[derive(Serialize)]
pub(crate) struct Held {
    held: Vec<Evidence>,
}

/// A send of unknown outcome, with all that speaks for or against its having left.
#[derive(Serialize)]
pub(crate) struct Evidence {
    send: SendRecord,
    /// Since when its outcome is unknown.
    since: Moment,
    /// It was sent once more already.
    resent: bool,
    /// A later send on the same number got its status: then this one probably never left.
    later_confirmed: bool,
}

impl From<Unsure> for Evidence {
    fn from(unsure: Unsure) -> Self {
        let Unsure {
            record,
            since,
            resent,
            later_confirmed,
        } = unsure;
        Self {
            send: record,
            since,
            resent,
            later_confirmed,
        }
    }
}

/// `GET /v1/held`: sends whose outcome nobody knows, those that are held for a person first. One alone with `token`.
pub(crate) async fn held(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
) -> Result<Json<Held>, Problem> {
    let parameters = parameters.only(&["tenant", "token", "limit"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let found = match parameters.parsed::<SendToken>("token", A_TOKEN)? {
        Some(token) => {
            let found = console.engine.ledger().unsure_of(&tenant, &token).await?;
            vec![found.ok_or_else(|| unresolved(Unresolved::Unknown))?]
        }
        None => console.engine.held(&tenant, parameters.limit()?).await?,
    };
    Ok(Json(Held {
        held: found.into_iter().map(Evidence::from).collect(),
    }))
}

#[derive(Deserialize)]
struct Said {
    by: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Resolved {
    token: SendToken,
    /// `resent` or `dropped`.
    resolved: &'static str,
}

/// `POST /v1/held/{token}/resend`: sends it once more, through the gate.
pub(crate) async fn resend(
    State(console): State<Arc<Console>>,
    Path(token): Path<String>,
    parameters: Parameters,
    body: Body,
) -> Result<Json<Resolved>, Problem> {
    resolve(&console, &token, parameters, body, true).await
}

/// `POST /v1/held/{token}/drop`: gives it up.
pub(crate) async fn discard(
    State(console): State<Arc<Console>>,
    Path(token): Path<String>,
    parameters: Parameters,
    body: Body,
) -> Result<Json<Resolved>, Problem> {
    resolve(&console, &token, parameters, body, false).await
}

async fn resolve(
    console: &Console,
    token: &str,
    parameters: Parameters,
    body: Body,
    resends: bool,
) -> Result<Json<Resolved>, Problem> {
    let parameters = parameters.only(&["tenant"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let token: SendToken = parse("token", token, A_TOKEN)?;
    let Said { by } = body::read(body, &["by"], r#"{"by": "Rita"}, or nothing at all"#).await?;
    let by = body::by(by)?;
    let engine = &console.engine;
    let resolved = if resends {
        engine.resend_held(&tenant, &token, by.as_deref()).await
    } else {
        engine.drop_held(&tenant, &token, by.as_deref()).await
    };
    resolved.map_err(unresolved)?;
    Ok(Json(Resolved {
        token,
        resolved: if resends { "resent" } else { "dropped" },
    }))
}

fn unresolved(unresolved: Unresolved) -> Problem {
    match unresolved {
        Unresolved::Unknown => Problem::not_found(
            "the tenant has no such send of unknown outcome: it was settled, or never was; /v1/held lists them",
        ),
        Unresolved::NotHeld | Unresolved::Settled => Problem::conflict(unresolved.to_string()),
        Unresolved::Ledger(error) => error.into(),
    }
}
