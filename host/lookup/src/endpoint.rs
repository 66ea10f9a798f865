//! One endpoint over HTTP.

use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use model::{LookupAnswer, LookupMethod, TenantId};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response, Url};

use crate::{Caller, Lookup, Unfit, check, limits};

/// What an [`Endpoint`] needs to know.
#[derive(Debug, Clone)]
pub struct EndpointOptions {
    /// `https://…`, with a path if need be; plain http on loopback alone.
    pub url: String,
    /// What it wants to be shown.
    pub secret: Option<EndpointSecret>,
    /// How long it may take, at most [`limits::LONGEST_TIMEOUT`].
    pub timeout: Duration,
    /// What may be done with it.
    pub methods: Vec<LookupMethod>,
    /// The longest answer, at most [`limits::ANSWER_BYTES`].
    pub answer_bytes: usize,
}

/// What an endpoint wants to be shown. `Debug` does not show it (I12).
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointSecret {
    /// The header that it travels in, as it is; without one it is `authorization: Bearer …`.
    pub header: Option<String>,
    /// The secret.
    pub value: String,
}

impl fmt::Debug for EndpointSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointSecret")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

impl EndpointOptions {
    /// An endpoint that is read, without a secret, with the usual bounds.
    #[must_use]
    pub fn at(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            secret: None,
            timeout: limits::USUAL_TIMEOUT,
            methods: vec![LookupMethod::Get],
            answer_bytes: limits::ANSWER_BYTES,
        }
    }
}

/// Why an endpoint cannot be made of its options.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// The address is none.
    #[error("url {url:?} is no address of an endpoint: {cause}")]
    Address {
        /// As given.
        url: String,
        /// What is wrong with it.
        cause: String,
    },
    /// Phones and secrets would travel in the clear.
    #[error(
        "url {0:?} would send phones and secrets in the clear: use https, or a loopback address"
    )]
    InTheClear(String),
    /// The header is none, or the host's own.
    #[error(
        "header {0:?} cannot hold the secret: it is no header, or one that the host or HTTP itself sets"
    )]
    Header(String),
    /// The secret cannot stand in a header.
    #[error("the secret is empty or holds characters that cannot stand in a header")]
    Secret,
    /// Nothing may be done with it.
    #[error("methods is empty: an endpoint that may not be asked is no use")]
    Methods,
    /// It may take too long.
    #[error("timeout is {}, and at most {} s are allowed", seconds(*.0), limits::LONGEST_TIMEOUT.as_secs())]
    Timeout(Duration),
    /// The client could not be made.
    #[error("the HTTP client cannot start: {0}")]
    Client(#[source] reqwest::Error),
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}

#[async_trait]
impl Lookup for Endpoint {
    fn check(&self, request: &model::Lookup) -> Result<(), Unfit> {
        check(request)?;
        if self.methods.contains(&request.method) {
            Ok(())
        } else {
            Err(Unfit::Method(request.method))
        }
    }

    async fn ask(
        &self,
        tenant: &TenantId,
        caller: &Caller,
        request: &model::Lookup,
    ) -> LookupAnswer {
        match self.check(request) {
            Ok(()) => self.asked(tenant, caller, request).await,
            Err(unfit) => LookupAnswer::Unreachable {
                cause: unfit.to_string(),
            },
        }
    }
}

/// An endpoint, ready to be asked.
pub struct Endpoint {
    client: Client,
    base: Url,
    methods: Vec<LookupMethod>,
    secret: HeaderMap,
    timeout: Duration,
    answer_bytes: usize,
}

impl Endpoint {
    /// Checks the options; makes no request.
    pub fn new(options: EndpointOptions) -> Result<Self, EndpointError> {
        let base = address(&options.url)?;
        if options.methods.is_empty() {
            return Err(EndpointError::Methods);
        }
        if options.timeout > limits::LONGEST_TIMEOUT || options.timeout.is_zero() {
            return Err(EndpointError::Timeout(options.timeout));
        }
        let client = Client::builder()
            .user_agent("tollgate")
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            // Who may be asked is the operator's to say in one place, and not the environment's.
            .no_proxy()
            .connect_timeout(limits::CONNECT_WAIT.min(options.timeout))
            .pool_idle_timeout(limits::IDLE_CONNECTION)
            .pool_max_idle_per_host(limits::IDLE_CONNECTIONS)
            .build()
            .map_err(EndpointError::Client)?;
        Ok(Self {
            client,
            base,
            methods: options.methods,
            secret: options
                .secret
                .map_or_else(|| Ok(HeaderMap::new()), secret)?,
            timeout: options.timeout,
            answer_bytes: options.answer_bytes.min(limits::ANSWER_BYTES),
        })
    }

    /// Asks. The request has been checked.
    async fn asked(
        &self,
        tenant: &TenantId,
        caller: &Caller,
        request: &model::Lookup,
    ) -> LookupAnswer {
        match tokio::time::timeout(self.timeout, self.exchange(tenant, caller, request)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(Fault::Slow)) | Err(_) => {
                tracing::warn!(%tenant, endpoint = request.endpoint, "an endpoint took too long");
                LookupAnswer::Slow
            }
            Ok(Err(Fault::Unreachable { cause, details })) => {
                tracing::warn!(%tenant, endpoint = request.endpoint, cause, details, "an endpoint could not be asked");
                LookupAnswer::Unreachable {
                    cause: cause.to_owned(),
                }
            }
        }
    }

    async fn exchange(
        &self,
        tenant: &TenantId,
        caller: &Caller,
        request: &model::Lookup,
    ) -> Result<LookupAnswer, Fault> {
        let identity = identity(tenant, caller)
            .ok_or_else(|| Fault::of("the host cannot say on whose behalf it asks"))?;
        let url = self.url(request);
        let mut asked = match request.method {
            LookupMethod::Get => self.client.get(url),
            LookupMethod::Post => self.client.post(url),
        };
        if let Some(body) = &request.body {
            asked = asked
                .header(CONTENT_TYPE, "application/json")
                .body(body.clone());
        }
        let asked = asked
            .header(ACCEPT, "application/json, text/*;q=0.8")
            .headers(self.secret.clone())
            .headers(identity);
        let response = asked.send().await.map_err(Fault::of_http)?;
        let status = response.status().as_u16();
        let body = self.body(response).await?;
        Ok(LookupAnswer::Answered { status, body })
    }

    fn url(&self, request: &model::Lookup) -> Url {
        let mut url = self.base.clone();
        if let (false, Ok(mut path)) = (request.path.is_empty(), url.path_segments_mut()) {
            path.pop_if_empty().extend(request.path.split('/'));
        }
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        url
    }

    async fn body(&self, mut response: Response) -> Result<String, Fault> {
        let too_long = || Fault::of("its answer is too long");
        let most = u64::try_from(self.answer_bytes).unwrap_or(u64::MAX);
        if response
            .content_length()
            .is_some_and(|length| length > most)
        {
            return Err(too_long());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(Fault::of_http)? {
            if body.len() + chunk.len() > self.answer_bytes {
                return Err(too_long());
            }
            body.extend_from_slice(&chunk);
        }
        String::from_utf8(body).map_err(|_| Fault::of("its answer is no UTF-8 text"))
    }
}

/// Why there is no answer.
enum Fault {
    Slow,
    Unreachable {
        /// For the plugin: it learns nothing of the address.
        cause: &'static str,
        /// For the operator's log.
        details: String,
    },
}

impl Fault {
    fn of(cause: &'static str) -> Self {
        Self::Unreachable {
            cause,
            details: String::new(),
        }
    }

    fn of_http(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Slow;
        }
        let cause = if error.is_connect() {
            "nobody answers at its address"
        } else {
            "the connection broke off"
        };
        // I12: a query may hold what a contact wrote.
        let error = error.without_url();
        let mut details = error.to_string();
        let mut source = error.source();
        while let Some(inner) = source {
            details.push_str(": ");
            details.push_str(&inner.to_string());
            source = inner.source();
        }
        Self::Unreachable { cause, details }
    }
}

/// Says on whose behalf is asked.
fn identity(tenant: &TenantId, caller: &Caller) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    let mut add = |name: &'static str, value: &str| {
        let mut value = HeaderValue::from_str(value).ok()?;
        value.set_sensitive(true);
        headers.insert(HeaderName::from_static(name), value);
        Some(())
    };
    add("tollgate-tenant", tenant.as_str())?;
    add("tollgate-contact", &caller.contact.to_string())?;
    add("tollgate-request", &caller.request)?;
    if let Some(phone) = caller.key.phone() {
        add("tollgate-phone", phone.as_str())?;
    }
    if let Some(user) = caller.key.user() {
        add("tollgate-user", user.as_str())?;
    }
    Some(headers)
}

fn address(text: &str) -> Result<Url, EndpointError> {
    let wrong = |cause: &str| EndpointError::Address {
        url: text.to_owned(),
        cause: cause.to_owned(),
    };
    let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() {
        // I12: it is not repeated.
        return Err(EndpointError::Address {
            url: "…".to_owned(),
            cause: "no name and password stand in it: `secret` is for that".to_owned(),
        });
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("it ends with the path, without `?` or `#`"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(EndpointError::InTheClear(text.to_owned())),
        _ => Err(wrong("it begins with https://")),
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Headers that HTTP or the host sets: a secret in their place would break the one or forge the other.
const TAKEN: &[&str] = &[
    "accept",
    "connection",
    "content-length",
    "content-type",
    "expect",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// Whether a header is one that HTTP or the host sets, so that no secret may stand in it.
#[must_use]
pub fn is_reserved(header: &str) -> bool {
    let name = header.to_ascii_lowercase();
    TAKEN.contains(&name.as_str()) || name.starts_with("tollgate-")
}

fn secret(secret: EndpointSecret) -> Result<HeaderMap, EndpointError> {
    let EndpointSecret { header, value } = secret;
    if value.is_empty()
        || !value
            .bytes()
            .all(|byte| byte.is_ascii_graphic() || byte == b' ')
    {
        return Err(EndpointError::Secret);
    }
    let (name, value) = match header {
        None => (AUTHORIZATION, format!("Bearer {value}")),
        Some(header) => match HeaderName::try_from(header.to_ascii_lowercase()) {
            Ok(name) if !is_reserved(name.as_str()) => (name, value),
            _ => return Err(EndpointError::Header(header)),
        },
    };
    let mut value = HeaderValue::try_from(value).map_err(|_| EndpointError::Secret)?;
    value.set_sensitive(true);
    Ok(HeaderMap::from_iter([(name, value)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(options: EndpointOptions) -> String {
        Endpoint::new(options)
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    }

    fn with_secret(header: Option<&str>, value: &str) -> EndpointOptions {
        EndpointOptions {
            secret: Some(EndpointSecret {
                header: header.map(str::to_owned),
                value: value.to_owned(),
            }),
            ..EndpointOptions::at("https://orders.example/v1")
        }
    }

    #[test]
    fn options_are_checked_before_anything_is_asked() {
        for (url, expected) in [
            ("https://orders.example/v1/", ""),
            ("http://127.0.0.1:9/", ""),
            ("http://[::1]:9", ""),
            ("http://localhost:9", ""),
            ("http://orders.example", "in the clear"),
            ("http://127.0.0.1.evil.example", "in the clear"),
            ("ftp://orders.example", "https://"),
            ("orders", "no address"),
            ("https://orders.example/?a=b", "without `?`"),
            ("https://me:s3cret@orders.example", "`secret` is for that"),
        ] {
            let said = problem(EndpointOptions::at(url));
            assert!(
                said.contains(expected) && said.is_empty() == expected.is_empty(),
                "{url}: {said}"
            );
            assert!(!said.contains("s3cret"), "{said}");
        }
        assert_eq!(problem(with_secret(None, "s3cret")), "");
        assert_eq!(problem(with_secret(Some("X-Api-Key"), "s3cret")), "");
        for header in ["Host", "content-length", "Tollgate-Phone", "no header", ""] {
            assert!(
                problem(with_secret(Some(header), "s3cret")).contains("cannot hold the secret"),
                "{header}"
            );
        }
        for value in ["", "s3cret\nx: y", "s3crét"] {
            let said = problem(with_secret(None, value));
            assert!(
                said.contains("the secret is empty or holds") && !said.contains("s3cr"),
                "{said}"
            );
        }
        let slow = EndpointOptions {
            timeout: Duration::from_secs(16),
            ..EndpointOptions::at("https://orders.example")
        };
        assert_eq!(
            problem(slow),
            "timeout is 16 s, and at most 15 s are allowed"
        );
        let idle = EndpointOptions {
            methods: Vec::new(),
            ..EndpointOptions::at("https://orders.example")
        };
        assert!(problem(idle).contains("methods is empty"));
    }

    #[test]
    fn i12_a_secret_is_not_printed() {
        let shown = format!("{:?}", with_secret(Some("x-api-key"), "s3cret"));
        assert!(
            shown.contains("x-api-key") && !shown.contains("s3cret"),
            "{shown}"
        );
    }
}
