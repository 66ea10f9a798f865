//! Who may ask: the bearer of the key, or without a key this machine alone.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;

/// Hosts by which a browser on this machine names this machine. Any other name may have been pointed here by its owner
/// (DNS rebinding), and then a stranger's page asks.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

/// What a page may load and who may frame it: this host alone, nobody.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// What a caller must show.
pub(crate) struct Access {
    key: Option<String>,
}

impl Access {
    pub(crate) fn new(key: Option<String>) -> Self {
        Self { key }
    }

    fn admit(&self, request: &Request) -> Result<(), Problem> {
        match &self.key {
            Some(key) => match bearer(request.headers()) {
                Some(shown) if alike(key.as_bytes(), shown.as_bytes()) => Ok(()),
                _ => Err(Problem::key_needed()),
            },
            None => this_machine(request),
        }
    }
}

/// Lets a call through, or answers it.
pub(crate) async fn check(
    State(access): State<Arc<Access>>,
    request: Request,
    next: Next,
) -> Response {
    match access.admit(&request) {
        Ok(()) => {
            let mut response = next.run(request).await;
            // Records are people's words: no cache keeps them.
            response
                .headers_mut()
                .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(problem) => problem.into_response(),
    }
}

/// Puts the headers on that keep a browser strict.
pub(crate) async fn harden(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

fn this_machine(request: &Request) -> Result<(), Problem> {
    let Some(host) = authority(request) else {
        return Err(Problem::forbidden(
            "the header Host is missing or malformed",
        ));
    };
    if !LOOPBACK
        .iter()
        .any(|name| host.host().eq_ignore_ascii_case(name))
    {
        return Err(Problem::forbidden(
            "without an API key this host answers to 127.0.0.1, [::1] and localhost alone: set a key",
        ));
    }
    let changes = !matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    match request.headers().get(header::ORIGIN) {
        Some(origin) if changes && !is_of(origin, &host) => Err(Problem::forbidden(
            "a page of another origin may not change anything here",
        )),
        _ => Ok(()),
    }
}

/// Whom the caller took us for.
fn authority(request: &Request) -> Option<Authority> {
    let mut named = request.headers().get_all(header::HOST).iter();
    match (named.next(), named.next(), request.uri().authority()) {
        (Some(host), None, _) => host.to_str().ok()?.parse().ok(),
        (None, None, Some(authority)) => Some(authority.clone()),
        _ => None,
    }
}

/// Whether an origin is this host's own. Another port of the same machine is another origin.
fn is_of(origin: &HeaderValue, host: &Authority) -> bool {
    let Some((scheme, rest)) = origin.to_str().ok().and_then(|text| text.split_once("://")) else {
        return false;
    };
    (scheme == "http" || scheme == "https") && rest.eq_ignore_ascii_case(host.as_str())
}

/// Equality whose time does not tell how much of it fitted.
fn alike(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left
            .iter()
            .zip(right)
            .fold(0, |differing, (a, b)| differing | (a ^ b))
            == 0
}
