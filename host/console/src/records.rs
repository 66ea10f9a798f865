//! What the ledger holds of one tenant: decisions, sends, hand-offs, notices.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use ledger::{DecisionRecord, HandOff, Kept, SendRecord};
use model::{DecisionId, SendState};
use rulebook::Passed;
use serde::Serialize;

use crate::Console;
use crate::contacts::no_contact;
use crate::parameters::{Parameters, Place};
use crate::problem::Problem;
use crate::who::{A_CONTACT, ContactText};

#[derive(Serialize)]
pub(crate) struct Decisions {
    decisions: Vec<DecisionRecord>,
    next: u64,
}

/// `GET /v1/decisions`: those after `after`, or the newest. Of one `contact`: the newest, newest first, before the one with the sequence
/// `before`, which `next` of an answer says.
pub(crate) async fn decisions(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
) -> Result<Json<Decisions>, Problem> {
    if parameters.text("contact").is_some() {
        return decisions_of(&console, parameters).await;
    }
    let parameters = parameters.only(&["tenant", "after", "limit", "wait_ms", "contact"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let (after, limit, wait) = (parameters.after()?, parameters.limit()?, parameters.wait()?);
    let ledger = console.engine.ledger();
    let look = || async { Ok(ledger.decisions(&tenant, after, limit).await?) };
    let decisions = console
        .waiting
        .until(&console.engine, wait, look, |found| !found.is_empty())
        .await?;
    let next = decisions.last().map_or(after.unwrap_or(0), |last| last.seq);
    Ok(Json(Decisions { decisions, next }))
}

async fn decisions_of(
    console: &Console,
    parameters: Parameters,
) -> Result<Json<Decisions>, Problem> {
    let parameters = parameters.only(&["tenant", "contact", "before", "limit"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let ContactText(id) = parameters.required("contact", A_CONTACT)?;
    let ledger = console.engine.ledger();
    let contact = ledger
        .contact(&tenant, id)
        .await?
        .ok_or_else(no_contact)?
        .id;
    let mut before = parameters
        .parsed::<Place>(
            "before",
            "a whole number, as an earlier answer's `next` said",
        )?
        .map(|Place(before)| before);
    let mut decisions = Vec::new();
    while decisions.len() < parameters.limit()? {
        let found = ledger.decision_of(&tenant, contact, before, None).await?;
        let Some(record) = found else { break };
        before = Some(record.decision.sequence);
        decisions.push(record);
    }
    let next = before.unwrap_or(0);
    Ok(Json(Decisions { decisions, next }))
}

#[derive(Serialize)]
pub(crate) struct Decided {
    record: DecisionRecord,
    sends: Vec<SendRecord>,
    /// What each rule that it came by had to say, those included that nobody looked at; none if it was decided on another edition
    /// than the one in force.
    passed: Option<Passed>,
}

/// `GET /v1/decision`: one message's decision with its sends; waits for it, and with `settled_sends` for those as well.
pub(crate) async fn decision(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
) -> Result<Json<Decided>, Problem> {
    let parameters =
        parameters.only(&["tenant", "number", "message", "wait_ms", "settled_sends"])?;
    let id = DecisionId {
        tenant: parameters.tenant(&console.engine)?,
        number: parameters.required("number", "the id of a business number")?,
        message: parameters.required("message", "WhatsApp's id of a message")?,
    };
    let (wait, settled_sends) = (parameters.wait()?, parameters.flag("settled_sends")?);
    let ledger = console.engine.ledger();
    let look = || async {
        let Some(record) = ledger.decision(&id).await? else {
            return Ok(None);
        };
        Ok(Some(Decided {
            passed: console.engine.passed(&record),
            record,
            sends: ledger.sends(&id).await?,
        }))
    };
    let enough = |found: &Option<Decided>| {
        found
            .as_ref()
            .is_some_and(|decided| !settled_sends || decided.is_settled())
    };
    match console
        .waiting
        .until(&console.engine, wait, look, enough)
        .await?
    {
        Some(decided) => Ok(Json(decided)),
        None => Err(Problem::not_found(
            "no decision on that message: it never arrived on that number, or its turn has not come",
        )),
    }
}

impl Decided {
    /// No send of it is waiting to leave or on its way.
    fn is_settled(&self) -> bool {
        self.sends
            .iter()
            .all(|send| !matches!(send.state, SendState::Ready | SendState::InFlight))
    }
}

#[derive(Serialize)]
pub(crate) struct Outbox {
    sends: Vec<SendRecord>,
}

/// `GET /v1/outbox`: the newest sends, newest first; of one state if it is given.
pub(crate) async fn outbox(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
) -> Result<Json<Outbox>, Problem> {
    let parameters = parameters.only(&["tenant", "state", "limit"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let state = match parameters.text("state") {
        Some(word) => {
            Some(SendState::parse(word).ok_or_else(|| Problem::parameter("state", states()))?)
        }
        None => None,
    };
    let sends = console
        .engine
        .ledger()
        .outbox(&tenant, state, parameters.limit()?)
        .await?;
    Ok(Json(Outbox { sends }))
}

fn states() -> String {
    let words: Vec<&str> = SendState::ALL.into_iter().map(SendState::word).collect();
    format!("it is one of {}", words.join(", "))
}

#[derive(Serialize)]
pub(crate) struct HandOffs {
    hand_offs: Vec<HandOff>,
    next: u64,
}

/// `GET /v1/hand-offs`: those after `after`, oldest first.
pub(crate) async fn hand_offs(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
) -> Result<Json<HandOffs>, Problem> {
    let parameters = parameters.only(&["tenant", "after", "limit", "wait_ms"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let (after, limit, wait) = (parameters.after()?, parameters.limit()?, parameters.wait()?);
    let ledger = console.engine.ledger();
    let look = || async { Ok(ledger.hand_offs(&tenant, after, limit).await?) };
    let hand_offs = console
        .waiting
        .until(&console.engine, wait, look, |found| !found.is_empty())
        .await?;
    let next = hand_offs.last().map_or(after.unwrap_or(0), |last| last.seq);
    Ok(Json(HandOffs { hand_offs, next }))
}

#[derive(Serialize)]
pub(crate) struct Notices {
    notices: Vec<Kept>,
}

/// `GET /v1/notices`: what was kept raw, newest first; of one kind if it is given. Of `_unclaimed`, too.
pub(crate) async fn notices(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
) -> Result<Json<Notices>, Problem> {
    let parameters = parameters.only(&["tenant", "kind", "limit"])?;
    let tenant = parameters.tenant_or_unclaimed(&console.engine)?;
    let kind = parameters.text("kind");
    if kind == Some("") {
        return Err(Problem::parameter(
            "kind",
            "it is empty; it is a notice's kind, such as `account_update`, or left out",
        ));
    }
    let notices = console
        .engine
        .ledger()
        .kept(&tenant, kind, parameters.limit()?)
        .await?;
    Ok(Json(Notices { notices }))
}
