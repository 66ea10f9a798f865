//! Contacts: found, shown with what they allowed, paused, given back, and what they allowed recorded.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use engine::operating::{Allowance, Unchanged};
use ledger::{ContactFilter, Note};
use model::{ConsentChange, ConsentScope, Contact, ContactId, ContactKey, Span, TenantId};
use serde::{Deserialize, Serialize};

use crate::parameters::{Parameters, parse};
use crate::problem::Problem;
use crate::who::{A_CONTACT, ContactText, SOMEBODY, Who};
use crate::{Console, body, limits};

#[derive(Serialize)]
pub(crate) struct Contacts {
    contacts: Vec<Contact>,
    next: u64,
}

/// `GET /v1/contacts`: those after `after`, in the order of their ids; with a text in their name or phone, those that a person talks
/// to, those that opted out, if that is asked for.
pub(crate) async fn contacts(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
) -> Result<Json<Contacts>, Problem> {
    let parameters =
        parameters.only(&["tenant", "text", "paused", "opted_out", "after", "limit"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let text = parameters.text("text").unwrap_or_default().trim();
    if text.chars().count() > limits::SEARCH_CHARS {
        let most = limits::SEARCH_CHARS;
        return Err(Problem::parameter(
            "text",
            format_args!("at most {most} characters"),
        ));
    }
    let filter = ContactFilter {
        text: text.to_owned(),
        paused_at: parameters.flag("paused")?.then(|| console.engine.now()),
        opted_out: parameters.flag("opted_out")?,
    };
    let after = parameters.after()?;
    let found = console.engine.ledger().contacts(
        &tenant,
        filter,
        after.map(ContactId),
        parameters.limit()?,
    );
    let contacts = found.await?;
    let next = contacts.last().map_or(after.unwrap_or(0), |last| last.id.0);
    Ok(Json(Contacts { contacts, next }))
}

/// A contact as they stand, with what they allowed and when, and what was noted about them.
#[derive(Serialize)]
pub(crate) struct Standing {
    #[serde(flatten)]
    contact: Contact,
    /// Every opt-in and opt-out on record, oldest first.
    consent_log: Vec<ConsentChange>,
    /// The newest notes, oldest of them first.
    notes: Vec<Note>,
}

/// `GET /v1/contact`: one contact as it stands, by its `id`, or by its `phone`. A contact that was joined to another is found as that
/// other.
pub(crate) async fn contact(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
) -> Result<Json<Standing>, Problem> {
    let parameters = parameters.only(&["tenant", "id", "phone"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let ledger = console.engine.ledger();
    let found = match (parameters.text("id"), parameters.text("phone")) {
        (Some(_), Some(_)) => {
            return Err(Problem::parameter(
                "phone",
                "give `id` or `phone`, not both",
            ));
        }
        (None, Some(phone)) => {
            let digits = phone.strip_prefix('+').unwrap_or(phone);
            let phone = parse("phone", digits, "a phone's digits with the country's")?;
            ledger.contact_of(&tenant, &phone).await?
        }
        _ => {
            let ContactText(id) = parameters.required("id", A_CONTACT)?;
            ledger.contact(&tenant, id).await?
        }
    };
    standing(&console, &tenant, found.ok_or_else(no_contact)?).await
}

#[derive(Deserialize)]
struct Met {
    who: String,
}

/// `POST /v1/contacts`: the contact that is known by a phone or user id, made if there is none yet.
pub(crate) async fn meet(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
    body: Body,
) -> Result<Json<Standing>, Problem> {
    let parameters = parameters.only(&["tenant"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let Met { who } = body::read(body, &["who"], r#"{"who": "+15550100001"}"#).await?;
    let key: ContactKey = match who.parse() {
        Ok(Who::Known(key)) => key,
        _ => {
            return Err(Problem::body(
                "`who` is a phone's digits with the country's, such as `+15550100001`, or a user id, such as `BR.1a2b3c`",
            ));
        }
    };
    let met = console.engine.meet(&tenant, &key).await;
    standing(&console, &tenant, met.map_err(unchanged)?).await
}

#[derive(Deserialize)]
struct Paused {
    r#for: String,
    by: Option<String>,
}

/// `POST /v1/contacts/{id}/pause`: the bot keeps silent for so long, and shows the contact as it then stands. A longer pause stands.
pub(crate) async fn pause(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    parameters: Parameters,
    body: Body,
) -> Result<Json<Standing>, Problem> {
    let parameters = parameters.only(&["tenant"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let ContactText(id) = parse("id", &id, A_CONTACT)?;
    let example = r#"{"for": "2h", "by": "Rita"}"#;
    let Paused { r#for, by } = body::read(body, &["for", "by"], example).await?;
    let span: Span = r#for
        .parse()
        .ok()
        .filter(|span| *span > Span::default())
        .ok_or_else(|| Problem::body("`for` is a span of time, such as 30m, 2h or 1d"))?;
    let by = body::by(by)?;
    let paused = console.engine.pause(&tenant, id, span, by.as_deref()).await;
    standing(&console, &tenant, paused.map_err(unchanged)?).await
}

/// `POST /v1/contacts/{id}/release`: ends a pause, and shows the contact as it then stands.
pub(crate) async fn release(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Json<Standing>, Problem> {
    let parameters = parameters.only(&["tenant"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let ContactText(id) = parse("id", &id, A_CONTACT)?;
    if !console.engine.release(&tenant, id).await? {
        return Err(no_contact());
    }
    let found = console.engine.ledger().contact(&tenant, id).await?;
    standing(&console, &tenant, found.ok_or_else(no_contact)?).await
}

#[derive(Deserialize)]
struct Said {
    #[serde(default = "everything")]
    scope: ConsentScope,
    opted_in: bool,
    evidence: Option<String>,
    by: Option<String>,
}

fn everything() -> ConsentScope {
    ConsentScope::Everything
}

#[derive(Serialize)]
pub(crate) struct Recorded {
    /// It said something new; if not, nothing was written.
    recorded: bool,
    #[serde(flatten)]
    standing: Standing,
}

/// `POST /v1/contacts/{id}/consent`: records what a contact allowed, or does not allow any more, and shows it as it then stands.
pub(crate) async fn consent(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    parameters: Parameters,
    body: Body,
) -> Result<Json<Recorded>, Problem> {
    let parameters = parameters.only(&["tenant"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let ContactText(id) = parse("id", &id, A_CONTACT)?;
    let said: Said = body::read(
        body,
        &["scope", "opted_in", "evidence", "by"],
        r#"{"scope": "everything", "opted_in": false, "evidence": "asked on the phone", "by": "Rita"}; scope is everything or marketing"#,
    )
    .await?;
    let evidence = said.evidence.as_deref();
    let evidence = evidence
        .map(|text| body::words("evidence", text))
        .transpose()?;
    if said.opted_in && evidence.is_none() {
        return Err(Problem::body(
            "`evidence` is missing: say what proves that they want it, such as the form that they signed",
        ));
    }
    let allowance = Allowance {
        scope: said.scope,
        opted_in: said.opted_in,
        evidence,
        by: body::by(said.by)?,
    };
    let recorded = console.engine.record_consent(&tenant, id, allowance).await;
    let (contact, recorded) = recorded.map_err(unchanged)?;
    let Json(standing) = standing(&console, &tenant, contact).await?;
    Ok(Json(Recorded { recorded, standing }))
}

async fn standing(
    console: &Console,
    tenant: &TenantId,
    contact: Contact,
) -> Result<Json<Standing>, Problem> {
    let ledger = console.engine.ledger();
    Ok(Json(Standing {
        consent_log: ledger.consent_log(tenant, contact.id).await?,
        notes: ledger.notes(tenant, contact.id, limits::RECORDS).await?,
        contact,
    }))
}

fn unchanged(unchanged: Unchanged) -> Problem {
    match unchanged {
        Unchanged::Unknown => no_contact(),
        Unchanged::TooLong(_) => Problem::body(unchanged),
        Unchanged::Ledger(error) => error.into(),
    }
}

pub(crate) fn no_contact() -> Problem {
    // The id is not repeated: people put phone numbers where ids belong (I12).
    Problem::not_found("the tenant has no such contact")
}

/// Whom a field of a body names.
pub(crate) fn somebody(field: &str, text: &str) -> Result<Who, Problem> {
    let wrong = |_| {
        Problem::body(format_args!(
            "`{field}` is {SOMEBODY}, and something else stands there"
        ))
    };
    text.parse().map_err(wrong)
}
