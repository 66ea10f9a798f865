//! Drafts: replies that wait at a desk, and what a person makes of them.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use engine::Undecided;
use ledger::{ReplyDraft, ReplyDraftFilter};
use model::{ReplyDraftId, ReplyDraftState};
use serde::{Deserialize, Serialize};

use crate::parameters::{Parameters, parse};
use crate::problem::Problem;
use crate::{Console, body};

const A_DRAFT: &str = "a draft's id, such as `d12`";

#[derive(Serialize)]
pub(crate) struct Drafts {
    drafts: Vec<ReplyDraft>,
    next: u64,
}

/// `GET /v1/drafts`: those after `after`, oldest first; of one desk, and of one state, if they are given.
pub(crate) async fn drafts(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
) -> Result<Json<Drafts>, Problem> {
    let parameters = parameters.only(&["tenant", "desk", "state", "after", "limit", "wait_ms"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let state = match parameters.text("state") {
        Some(word) => Some(
            ReplyDraftState::parse(word).ok_or_else(|| Problem::parameter("state", states()))?,
        ),
        None => None,
    };
    let filter = ReplyDraftFilter {
        desk: parameters.parsed("desk", "a desk's name")?,
        state,
    };
    let (after, limit, wait) = (parameters.after()?, parameters.limit()?, parameters.wait()?);
    let ledger = console.engine.ledger();
    let look = || async {
        let found = ledger.reply_drafts(&tenant, filter.clone(), after, limit);
        Ok(found.await?)
    };
    let drafts = console
        .waiting
        .until(&console.engine, wait, look, |found| !found.is_empty())
        .await?;
    let next = drafts.last().map_or(after.unwrap_or(0), |last| last.id.0);
    Ok(Json(Drafts { drafts, next }))
}

fn states() -> String {
    let words: Vec<&str> = ReplyDraftState::ALL
        .into_iter()
        .map(ReplyDraftState::word)
        .collect();
    format!("it is one of {}", words.join(", "))
}

/// What a person says with their decision. All of it may be left out, and the body with it.
#[derive(Deserialize)]
struct Said {
    /// Other words than the rule's.
    text: Option<String>,
    /// Who decides.
    by: Option<String>,
}

/// `POST /v1/drafts/{id}/send`: sends it, in the words of the body if it has any, and shows the draft as it then stands.
pub(crate) async fn send(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    parameters: Parameters,
    body: Body,
) -> Result<Json<ReplyDraft>, Problem> {
    let parameters = parameters.only(&["tenant"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let id: ReplyDraftId = parse("id", &id, A_DRAFT)?;
    let said = said(body).await?;
    let (text, by) = (said.text.as_deref(), said.by.as_deref());
    let sent = console.engine.send_reply_draft(&tenant, id, text, by).await;
    sent.map(Json).map_err(undecided)
}

/// `POST /v1/drafts/{id}/drop`: sees to it that it is never sent, and shows the draft as it then stands.
pub(crate) async fn discard(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    parameters: Parameters,
    body: Body,
) -> Result<Json<ReplyDraft>, Problem> {
    let parameters = parameters.only(&["tenant"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let id: ReplyDraftId = parse("id", &id, A_DRAFT)?;
    let said = said(body).await?;
    if said.text.is_some() {
        return Err(Problem::body("what is dropped has no `text`"));
    }
    let by = said.by.as_deref();
    let dropped = console.engine.drop_reply_draft(&tenant, id, by).await;
    dropped.map(Json).map_err(undecided)
}

async fn said(body: Body) -> Result<Said, Problem> {
    let example = r#"{"text": "…", "by": "Rita"}, or nothing at all"#;
    let said: Said = body::read(body, &["text", "by"], example).await?;
    Ok(Said {
        by: body::by(said.by)?,
        ..said
    })
}

fn undecided(undecided: Undecided) -> Problem {
    match undecided {
        Undecided::Unknown => Problem::not_found("the tenant has no such draft"),
        Undecided::Decided(_) => Problem::conflict(undecided.to_string()),
        Undecided::Refused(refusal) => {
            Problem::not_admitted("not sent, and the draft waits as before", refusal)
        }
        Undecided::Ledger(error) => error.into(),
    }
}
