//! Errors as problems (RFC 9457): what went wrong, and what to change.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ledger::LedgerError;
use model::{Check, Refusal};
use serde::Serialize;

use crate::limits;

/// An answer other than the one asked for. Never holds a phone number or a message's text (I12).
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    faults: Option<Vec<String>>,
    /// What the gate said, as decisions have it.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    refused: Option<Box<Refused>>,
    #[serde(skip)]
    retry: bool,
}

/// What the gate said, with whatever explains it.
#[derive(Debug, Serialize)]
struct Refused {
    #[serde(flatten)]
    refusal: Refusal,
    /// What it looked at, in order; the last is what it said no to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checks: Vec<Check>,
    /// What would make it pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'static str>,
}

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            // The status says what kind it is: RFC 9457 has `about:blank` for just that.
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Problem"),
            status: status.as_u16(),
            detail: detail.into(),
            parameter: None,
            faults: None,
            refused: None,
            retry: false,
        }
    }

    /// A parameter that is missing, unknown or malformed: 400.
    pub(crate) fn parameter(name: &str, detail: impl std::fmt::Display) -> Self {
        let name = excerpt(name);
        Self {
            parameter: Some(name.clone()),
            ..Self::new(
                StatusCode::BAD_REQUEST,
                format!("parameter `{name}`: {detail}"),
            )
        }
    }

    /// A query that cannot be taken apart: 400.
    pub(crate) fn query(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// A body that is not what the call takes: 400.
    pub(crate) fn body(detail: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, format!("the body: {detail}"))
    }

    /// A body past its limit: 413.
    pub(crate) fn too_large(most: usize) -> Self {
        let detail = format!("the body: more than {most} bytes, or it ended too soon");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    /// Somebody was quicker: 409.
    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// The gate said no: 422, with its refusal. Nothing has changed.
    pub(crate) fn not_admitted(what: &str, refusal: Refusal) -> Self {
        let (checks, help) = (Vec::new(), None);
        Self::refused_by_gate(what, refusal, checks, help)
    }

    /// The same, with what the gate looked at and what to do about it.
    pub(crate) fn not_admitted_because(
        what: &str,
        refusal: Refusal,
        checks: Vec<Check>,
        help: &'static str,
    ) -> Self {
        Self::refused_by_gate(what, refusal, checks, Some(help))
    }

    fn refused_by_gate(
        what: &str,
        refusal: Refusal,
        checks: Vec<Check>,
        help: Option<&'static str>,
    ) -> Self {
        let detail = format!("{what}: {refusal}");
        Self {
            refused: Some(Box::new(Refused {
                refusal,
                checks,
                help,
            })),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
        }
    }

    /// No key, or the wrong one: 401.
    pub(crate) fn key_needed() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "this host wants its API key: send `Authorization: Bearer …`",
        )
    }

    /// From a place that may not ask: 403.
    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// Nothing there: 404.
    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// The files make no edition: 409, with every fault as it is shown in a terminal.
    pub(crate) fn refused(faults: Vec<String>) -> Self {
        let detail =
            "the files as they are now were refused as a whole; the edition in force stays";
        Self {
            faults: Some(faults),
            ..Self::new(StatusCode::CONFLICT, detail)
        }
    }

    /// Later: 503 with Retry-After.
    pub(crate) fn busy(detail: impl Into<String>) -> Self {
        Self {
            retry: true,
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
        }
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        tracing::error!(%error, "a call could not be answered");
        match error {
            LedgerError::Corrupt { .. } => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
            }
            LedgerError::Full { .. } | LedgerError::Store { .. } => Self::busy(error.to_string()),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // Strings and a number: serialising them cannot fail.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (
            status,
            [(header::CONTENT_TYPE, "application/problem+json")],
            body,
        )
            .into_response();
        let headers = response.headers_mut();
        if self.retry {
            headers.insert(
                header::RETRY_AFTER,
                HeaderValue::from(limits::RETRY_AFTER.as_secs()),
            );
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"tollgate\""),
            );
        }
        response
    }
}

pub(crate) async fn unknown_path() -> Problem {
    // The path is not repeated: it may hold what somebody took for an id (I12).
    Problem::not_found("there is nothing at this path")
}

pub(crate) async fn wrong_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "this path does not take that method: the header Allow names what it takes",
    )
}

/// So much of a caller's own words as an error repeats: the name of a parameter.
pub(crate) fn excerpt(text: &str) -> String {
    let mut short: String = text.chars().take(limits::ECHO_CHARS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
