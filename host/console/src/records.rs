//! What the ledger holds of one tenant: decisions, sends, hand-offs, dead letters, notices, contacts.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use ledger::{DeadLetter, DecisionRecord, HandOff, Kept, SendRecord};
use model::{Contact, ContactId, DecisionId, SendState, TenantId};
use rulebook::Passed;
use serde::Serialize;

use crate::Console;
use crate::parameters::{NoPlace, Parameters, Place, parse};
use crate::problem::Problem;

const A_CONTACT: &str = "a contact's id, such as `7` or `c7`";

#[derive(Serialize)]
pub(crate) struct Decisions {
    decisions: Vec<DecisionRecord>,
    next: u64,
}

/// `GET /v1/decisions`: those after `after`, or the newest.
pub(crate) async fn decisions(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
) -> Result<Json<Decisions>, Problem> {
    let parameters = parameters.only(&["tenant", "after", "limit", "wait_ms"])?;
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

/// `GET /v1/contact`: one contact as it stands. A contact that was joined to another is found as that other.
pub(crate) async fn contact(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
) -> Result<Json<Contact>, Problem> {
    let parameters = parameters.only(&["tenant", "id"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let ContactText(id) = parameters.required("id", A_CONTACT)?;
    standing(&console, &tenant, id).await.map(Json)
}

/// `POST /v1/contacts/{id}/release`: ends a pause, and shows the contact as it then stands.
pub(crate) async fn release(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Json<Contact>, Problem> {
    let parameters = parameters.only(&["tenant"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let ContactText(id) = parse("id", &id, A_CONTACT)?;
    if !console.engine.release(&tenant, id).await? {
        return Err(no_contact());
    }
    standing(&console, &tenant, id).await.map(Json)
}

async fn standing(console: &Console, tenant: &TenantId, id: ContactId) -> Result<Contact, Problem> {
    let found = console.engine.ledger().contact(tenant, id).await?;
    found.ok_or_else(no_contact)
}

fn no_contact() -> Problem {
    // The id is not repeated: people put phone numbers where ids belong (I12).
    Problem::not_found("the tenant has no such contact")
}

/// A contact's id as JSON has it (`7`) or as logs show it (`c7`).
struct ContactText(ContactId);

impl std::str::FromStr for ContactText {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        text.strip_prefix('c')
            .unwrap_or(text)
            .parse()
            .map(|Place(id)| Self(ContactId(id)))
    }
}
