//! What is kept of people: exported for them, erased when they ask for it, removed when it is past its time.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use engine::importing::Imported;
use ledger::{ContactFilter, Erased, ExportPage, Retained};
use model::{ConsentChange, ConsentScope, ContactId, ContactKey, Evidence, Moment, Phone};
use serde::{Deserialize, Serialize};

use crate::parameters::{Parameters, parse};
use crate::problem::Problem;
use crate::who::{A_CONTACT, ContactText};
use crate::{Console, limits};

/// `GET /v1/contacts/{id}/export`: all that is stored about a person, page by page: `after` is what the page before gave as `next`.
pub(crate) async fn export(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Json<ExportPage>, Problem> {
    let parameters = parameters.only(&["tenant", "after", "limit"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let ContactText(id) = parse("id", &id, A_CONTACT)?;
    let (after, limit) = (parameters.text("after"), parameters.limit()?);
    let page = console.engine.ledger().export(&tenant, id, after, limit);
    page.await?.map(Json).ok_or_else(no_contact)
}

/// What became of it, or would.
#[derive(Serialize)]
pub(crate) struct Told<T> {
    /// Nothing was removed: it was only asked.
    dry_run: bool,
    #[serde(flatten)]
    what: T,
}

/// `POST /v1/contacts/{id}/erase`: removes all that is stored about a person, for good; with `dry_run=true` tells what that would be.
pub(crate) async fn erase(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Json<Told<Erased>>, Problem> {
    let parameters = parameters.only(&["tenant", "dry_run", "by"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let ContactText(id) = parse("id", &id, A_CONTACT)?;
    let dry_run = parameters.flag("dry_run")?;
    let by = parameters.text("by");
    let erased = console.engine.erase(&tenant, id, by, dry_run).await?;
    let what = erased.ok_or_else(no_contact)?;
    Ok(Json(Told { dry_run, what }))
}

/// `POST /v1/retain`: removes a portion of what is past its time; `more` says that there is more. With `dry_run=true` tells how much
/// there is.
pub(crate) async fn retain(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
) -> Result<Json<Told<Retained>>, Problem> {
    let parameters = parameters.only(&["tenant", "dry_run"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let dry_run = parameters.flag("dry_run")?;
    let what = console.engine.retain(&tenant, dry_run).await?;
    Ok(Json(Told { dry_run, what }))
}

fn no_contact() -> Problem {
    Problem::not_found("the tenant has no such contact, or it was erased")
}

#[derive(Deserialize)]
struct Entries {
    #[serde(default)]
    dry_run: bool,
    entries: Vec<Entry>,
}

/// What was recorded elsewhere.
#[derive(Deserialize)]
struct Entry {
    phone: String,
    scope: ConsentScope,
    opted_in: bool,
    at: i64,
    source: String,
    text: Option<String>,
}

/// What became of each entry, in their order.
#[derive(Serialize)]
pub(crate) struct TakenOver {
    dry_run: bool,
    results: Vec<Imported>,
}

/// `POST /v1/consent/import`: takes over opt-ins and opt-outs that were recorded elsewhere; with `dry_run` tells what would become of
/// each. None of them, if one is wrong.
pub(crate) async fn import(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
    body: Body,
) -> Result<Json<TakenOver>, Problem> {
    let parameters = parameters.only(&["tenant"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let bytes = to_bytes(body, limits::CONSENT_BODY_BYTES)
        .await
        .map_err(|_| Problem::too_large(limits::CONSENT_BODY_BYTES))?;
    // What stands in it is not repeated: phones, and people's words (I12).
    let Entries { dry_run, entries } = serde_json::from_slice(&bytes).map_err(|error| {
        Problem::body(format!(
            "it is not of the form {{\"entries\": [{{\"phone\", \"scope\", \"opted_in\", \"at\", \"source\", \"text\"}}]}}: line {} column {}",
            error.line(),
            error.column()
        ))
    })?;
    if entries.len() > limits::CONSENT_ENTRIES {
        return Err(Problem::body(format!(
            "at most {} entries at once",
            limits::CONSENT_ENTRIES
        )));
    }
    let mut changes = Vec::with_capacity(entries.len());
    for (place, entry) in entries.into_iter().enumerate() {
        let phone = Phone::new(entry.phone.trim_start_matches('+'));
        let phone = phone.map_err(|_| {
            Problem::body(format!(
                "entry {}: `phone` is no phone's digits with the country's",
                place + 1
            ))
        })?;
        let change = ConsentChange {
            scope: entry.scope,
            opted_in: entry.opted_in,
            evidence: Evidence {
                source: entry.source,
                message: None,
                text: entry.text,
            },
            at: Moment(entry.at),
        };
        changes.push((ContactKey::Phone(phone), change));
    }
    let mut results = Vec::with_capacity(changes.len());
    for (key, change) in changes {
        let imported = console
            .engine
            .import_consent(&tenant, &key, change, dry_run);
        results.push(imported.await?);
    }
    Ok(Json(TakenOver { dry_run, results }))
}

/// A contact with all that they allowed and took back.
#[derive(Serialize)]
pub(crate) struct Allowed {
    contact: ContactId,
    key: ContactKey,
    log: Vec<ConsentChange>,
}

#[derive(Serialize)]
pub(crate) struct AllAllowed {
    contacts: Vec<Allowed>,
    next: Option<u64>,
}

/// `GET /v1/consent`: the log of consent, contact by contact behind `after`; `next` is where the next page begins.
pub(crate) async fn consent(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
) -> Result<Json<AllAllowed>, Problem> {
    let parameters = parameters.only(&["tenant", "after", "limit"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let (after, limit) = (parameters.after()?, parameters.limit()?);
    let ledger = console.engine.ledger();
    let filter = ContactFilter::default();
    let found = ledger
        .contacts(&tenant, filter, after.map(ContactId), limit)
        .await?;
    let next = (found.len() == limit).then(|| found.last().map_or(0, |last| last.id.0));
    let mut contacts = Vec::new();
    for contact in found {
        let log = ledger.consent_log(&tenant, contact.id).await?;
        if !log.is_empty() {
            contacts.push(Allowed {
                contact: contact.id,
                key: contact.key,
                log,
            });
        }
    }
    Ok(Json(AllAllowed { contacts, next }))
}
