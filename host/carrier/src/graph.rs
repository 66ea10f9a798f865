//! The carrier that speaks Meta's Graph API.

use std::time::Duration;

use async_trait::async_trait;
use gate::Pass;
use model::{NumberId, Wamid};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Response, StatusCode, Url};
use serde::Deserialize;
use serde_json::Value;

use crate::{Action, Carrier, Rejection, Report, errors, limits, wire};

/// What a [`GraphCarrier`] needs to know.
#[derive(Clone)]
pub struct GraphOptions {
    /// `https://graph.facebook.com`, or a simulator's `http://127.0.0.1:…`.
    pub base_url: String,
    /// `v24.0`.
    pub api_version: String,
    /// The access token. It is sent, and shown nowhere (I12).
    pub token: String,
    /// A reply that was not there by then is lost; [`limits::REPLY_WAIT`] if there is no reason for another.
    pub timeout: Duration,
}

/// Why a carrier cannot be made of its options.
#[derive(Debug, thiserror::Error)]
pub enum GraphError {
    /// The address is none.
    #[error("base_url {url:?} is no address: {cause}")]
    Address {
        /// As given.
        url: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The token would travel in the clear.
    #[error(
        "base_url {0:?} would send the access token in the clear: use https, or a loopback address"
    )]
    InTheClear(String),
    /// The version is none.
    #[error("api_version {0:?} is no version: write it like \"v24.0\"")]
    Version(String),
    /// The token is empty or cannot stand in a header.
    #[error("the access token is empty or holds characters that no token has")]
    Token,
    /// The client could not be made.
    #[error("the HTTP client cannot start: {0}")]
    Client(#[source] reqwest::Error),
}

/// Delivers over Meta's Graph API: one request a delivery, no redirects, no retries.
pub struct GraphCarrier {
    client: Client,
    base: Url,
    version: String,
    bearer: HeaderValue,
}

impl GraphCarrier {
    /// Checks the options and prepares the connections; makes no request.
    pub fn new(options: GraphOptions) -> Result<Self, GraphError> {
        let GraphOptions {
            base_url,
            api_version,
            token,
            timeout,
        } = options;
        let wrong = |cause: String| GraphError::Address {
            url: base_url.clone(),
            cause,
        };
        let base = Url::parse(&base_url).map_err(|error| wrong(error.to_string()))?;
        if base.cannot_be_a_base() || !matches!(base.scheme(), "http" | "https") {
            return Err(wrong("it begins with https:// or http://".to_owned()));
        }
        if base.scheme() == "http" && !is_loopback(&base) {
            return Err(GraphError::InTheClear(base_url));
        }
        if !is_version(&api_version) {
            return Err(GraphError::Version(api_version));
        }
        let mut bearer = match HeaderValue::from_str(&format!("Bearer {token}")) {
            Ok(bearer)
                if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) =>
            {
                bearer
            }
            _ => return Err(GraphError::Token),
        };
        bearer.set_sensitive(true);

        let mut client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .timeout(timeout)
            .connect_timeout(limits::CONNECT_WAIT.min(timeout))
            .pool_idle_timeout(limits::IDLE_CONNECTION)
            .pool_max_idle_per_host(limits::IDLE_CONNECTIONS);
        if is_loopback(&base) {
            client = client.no_proxy();
        }
        Ok(Self {
            client: client.build().map_err(GraphError::Client)?,
            base,
            version: api_version,
            bearer,
        })
    }

    async fn post(
        &self,
        number: &NumberId,
        body: &Value,
        wait: Option<Duration>,
    ) -> Result<Response, reqwest::Error> {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty()
                .extend([self.version.as_str(), number.as_str(), "messages"]);
        }
        let mut request = self
            .client
            .post(url)
            .header(reqwest::header::AUTHORIZATION, self.bearer.clone())
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
        if let Some(wait) = wait {
            request = request.timeout(wait);
        }
        request.send().await
    }
}

#[async_trait]
impl Carrier for GraphCarrier {
    async fn deliver(&self, pass: Pass) -> Report {
        let outbound = pass.outbound();
        match self
            .post(&outbound.number, &wire::message(outbound), None)
            .await
        {
            Ok(response) => read(response).await,
            Err(error) => unsent_or_unknown(error),
        }
    }

    async fn mark_read(&self, number: &NumberId, message: &Wamid) {
        match self
            .post(number, &wire::read_mark(message), Some(limits::MARK_WAIT))
            .await
        {
            Ok(response) if response.status().is_success() => {}
            Ok(response) => {
                tracing::debug!(%number, status = response.status().as_u16(), "a read mark was refused");
            }
            Err(error) => {
                tracing::debug!(%number, cause = errors::chain(&error.without_url()), "a read mark was lost");
            }
        }
    }
}

/// Without an answer: either the connection was never there, or nobody knows.
fn unsent_or_unknown(error: reqwest::Error) -> Report {
    let (never_sent, malformed) = (error.is_connect(), error.is_builder());
    let cause = errors::chain(&error.without_url());
    if never_sent {
        return Report::Refused(Rejection {
            code: "unreachable".to_owned(),
            cause,
            action: errors::UNREACHABLE,
        });
    }
    if malformed {
        return Report::Refused(Rejection {
            code: "malformed".to_owned(),
            cause,
            action: Action::Fail,
        });
    }
    // I11: something may have been written; whether it was taken is not known.
    Report::Unknown { cause }
}

async fn read(mut response: Response) -> Report {
    let status = response.status();
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= limits::REPLY_BYTES => {
                body.extend_from_slice(&chunk);
            }
            Ok(Some(_)) => {
                return judge(status, None, "the reply is longer than any of WhatsApp's");
            }
            Ok(None) => return judge(status, Some(&body), ""),
            Err(error) => return judge(status, None, &errors::chain(&error.without_url())),
        }
    }
}

/// What a reply means: `body` is nothing if it could not be read to its end, for the reason in `broken`.
fn judge(status: StatusCode, body: Option<&[u8]>, broken: &str) -> Report {
    let code = status.as_u16();
    let reply = body
        .and_then(|body| serde_json::from_slice::<Value>(body).ok())
        .filter(Value::is_object);
    if status.is_success() {
        // A 200 that is not even JSON came from something between us and Meta.
        let Some(reply) = reply else {
            let cause = if body.is_some() {
                "the reply is no JSON object"
            } else {
                broken
            };
            return Report::Unknown {
                cause: format!("HTTP {code}: {cause}"),
            };
        };
        let id = reply.pointer("/messages/0/id").and_then(Value::as_str);
        return Report::Accepted(id.and_then(|id| Wamid::new(id).ok()));
    }
    if let Some(error) = reply.and_then(|reply| MetaError::deserialize(reply.get("error")?).ok()) {
        // A code that the table does not hold, on a server error, is no proof that the message was not taken.
        if status.is_server_error() && errors::listed(error.code).is_none() {
            return Report::Unknown {
                cause: format!("HTTP {code}, error {}: {}", error.code, error.words()),
            };
        }
        let action = errors::action(error.code, code);
        return Report::Refused(Rejection {
            code: error.code.to_string(),
            cause: error.words(),
            action,
        });
    }
    let refused = |action| {
        Report::Refused(Rejection {
            code: format!("http-{code}"),
            cause: "a reply that is not Meta's".to_owned(),
            action,
        })
    };
    match code {
        429 => refused(errors::RATE),
        // Not Meta's API: a redirect, a proxy that wants a login, a wrong address. Every further send would end like this.
        300..=399 | 401 | 403 | 404 | 405 | 407 => refused(Action::StopCarrier),
        408 => Report::Unknown {
            cause: "HTTP 408".to_owned(),
        },
        400..=499 => refused(Action::Fail),
        _ => Report::Unknown {
            cause: format!("HTTP {code} without an error that can be read"),
        },
    }
}

#[derive(Deserialize)]
struct MetaError {
    code: i64,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    error_data: Option<Value>,
}

impl MetaError {
    fn words(&self) -> String {
        let details = self
            .error_data
            .as_ref()
            .and_then(|more| more.get("details"))
            .and_then(Value::as_str);
        let words = match (self.message.as_deref(), details) {
            (Some(message), Some(details)) => format!("{message}: {details}"),
            (message, details) => message.or(details).unwrap_or("no words").to_owned(),
        };
        errors::cause(&words)
    }
}

fn is_version(text: &str) -> bool {
    let number = |text: &str| {
        !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    text.strip_prefix('v')
        .and_then(|rest| rest.split_once('.'))
        .is_some_and(|(major, minor)| number(major) && number(minor))
}

fn is_loopback(url: &Url) -> bool {
    let host = url
        .host_str()
        .unwrap_or_default()
        .trim_start_matches('[')
        .trim_end_matches(']');
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> GraphOptions {
        GraphOptions {
            base_url: "http://127.0.0.1:9".to_owned(),
            api_version: "v24.0".to_owned(),
            token: "token".to_owned(),
            timeout: limits::REPLY_WAIT,
        }
    }

    fn problem(options: GraphOptions) -> String {
        GraphCarrier::new(options)
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn options_are_checked_before_anything_is_sent() {
        assert_eq!(problem(options()), "");
        assert!(
            problem(GraphOptions {
                base_url: "graph".into(),
                ..options()
            })
            .contains("is no address")
        );
        assert!(
            problem(GraphOptions {
                base_url: "ftp://127.0.0.1".into(),
                ..options()
            })
            .contains("https://")
        );
        assert!(
            problem(GraphOptions {
                api_version: "24".into(),
                ..options()
            })
            .contains("\"v24.0\"")
        );
        assert!(
            problem(GraphOptions {
                token: String::new(),
                ..options()
            })
            .contains("token is empty")
        );
        let clear = problem(GraphOptions {
            base_url: "http://graph.example".into(),
            ..options()
        });
        assert!(clear.contains("in the clear"), "{clear}");
    }

    #[test]
    fn a_reply_is_believed_only_as_far_as_it_goes() {
        let word = |status: u16, body: Option<&str>| {
            let status = StatusCode::from_u16(status).unwrap();
            match judge(status, body.map(str::as_bytes), "cut off") {
                Report::Accepted(Some(id)) => format!("accepted {id}"),
                Report::Accepted(None) => "accepted".to_owned(),
                Report::Refused(Rejection {
                    action: Action::Retry { .. },
                    ..
                }) => "retry".to_owned(),
                Report::Refused(Rejection {
                    action: Action::Fail,
                    ..
                }) => "fail".to_owned(),
                Report::Refused(Rejection {
                    action: Action::StopCarrier,
                    ..
                }) => "stop".to_owned(),
                Report::Refused(Rejection { action, .. }) => format!("{action:?}"),
                Report::Unknown { .. } => "unknown".to_owned(),
            }
        };
        let meta = |code: i64| format!("{{\"error\":{{\"code\":{code},\"message\":\"no\"}}}}");
        let cases = [
            (
                200,
                Some(r#"{"messages":[{"id":"wamid.A"}]}"#.to_owned()),
                "accepted wamid.A",
            ),
            (
                200,
                Some(r#"{"messages":[{"id":"on two\nlines"}]}"#.to_owned()),
                "accepted",
            ),
            (200, Some("{}".to_owned()), "accepted"),
            (200, Some("<html>".to_owned()), "unknown"),
            (200, None, "unknown"),
            (400, Some(meta(131_047)), "fail"),
            (400, Some(meta(130_429)), "retry"),
            (500, Some(meta(131_000)), "retry"),
            (500, Some(meta(777)), "unknown"),
            (500, Some("oops".to_owned()), "unknown"),
            (502, None, "unknown"),
            (401, Some(meta(190)), "stop"),
            (403, Some(meta(368)), "StopNumber"),
            (400, Some(meta(132_015)), "StopTemplate"),
            (302, Some(String::new()), "stop"),
            (404, Some("not here".to_owned()), "stop"),
            (429, Some(String::new()), "retry"),
            (413, Some(String::new()), "fail"),
            (408, Some(String::new()), "unknown"),
        ];
        for (status, body, expected) in cases {
            assert_eq!(word(status, body.as_deref()), expected, "{status} {body:?}");
        }
    }
}
