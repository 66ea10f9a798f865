//! A client of a running host's `/v1`, and of a simulator.

use std::time::Duration;

use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;

use super::{Failure, HostAddress};
use crate::shown::tame;

/// How it begins if an answer was lost.
const LOST: &str = "error: the answer was lost";

/// Longer than any long poll.
const PATIENCE: Duration = Duration::from_secs(40);

/// Speaks to a running host.
#[derive(Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    key: Option<String>,
    tenant: Option<String>,
}

impl Client {
    pub(super) fn new(address: &HostAddress) -> Result<Self, Failure> {
        let key = std::env::var(&address.api_key_env)
            .ok()
            .filter(|key| !key.is_empty());
        let base = address.host.trim_end_matches('/').to_owned();
        Ok(Self {
            http: http()?,
            base,
            key,
            tenant: address.tenant.clone(),
        })
    }

    /// A GET below `/v1`.
    pub(super) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, Failure> {
        self.call(self.http.get(format!("{}{path}", self.base)).query(query))
            .await
    }

    /// A POST below `/v1`.
    pub(super) async fn post(&self, path: &str) -> Result<Value, Failure> {
        self.call(self.http.post(format!("{}{path}", self.base)))
            .await
    }

    /// A POST below `/v1`, with a body.
    pub(super) async fn post_json(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let request = self.http.post(format!("{}{path}", self.base));
        self.call(request.json(body)).await
    }

    /// A POST below `/v1` that the host does once, however often it is repeated with its key.
    pub(super) async fn post_once(
        &self,
        path: &str,
        body: &Value,
        key: &str,
    ) -> Result<Value, Failure> {
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request.header("idempotency-key", key).json(body);
        self.call(request).await.map_err(|failure| {
            if failure.message.starts_with(LOST) {
                let message = format!("{}, and --key {key}", failure.message);
                Failure { message, ..failure }
            } else {
                failure
            }
        })
    }

    /// A DELETE of what these parts of a path name.
    pub(super) async fn delete(
        &self,
        parts: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Value, Failure> {
        let no_address = || no_address(&format!("no host answers at {}", self.base));
        let mut url = reqwest::Url::parse(&self.base).map_err(|_| no_address())?;
        url.path_segments_mut()
            .map_err(|()| no_address())?
            .pop_if_empty()
            .extend(parts);
        self.call(self.http.delete(url).query(query)).await
    }

    async fn call(&self, mut request: RequestBuilder) -> Result<Value, Failure> {
        if let Some(tenant) = &self.tenant {
            request = request.query(&[("tenant", tenant)]);
        }
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        let missing = "start one with `cargo xtask up` or `tollgate run`, or name it with --host";
        answer(
            request,
            &format!("no host answers at {}", self.base),
            missing,
        )
        .await
    }
}

/// Speaks to a simulator.
#[derive(Clone)]
pub(super) struct Network {
    http: reqwest::Client,
    base: String,
}

impl Network {
    pub(super) fn new(url: &str) -> Result<Self, Failure> {
        Ok(Self {
            http: http()?,
            base: url.trim_end_matches('/').to_owned(),
        })
    }

    /// Delivers a message as a customer's phone would.
    pub(super) async fn say(&self, said: &Value) -> Result<Value, Failure> {
        let request = self.http.post(format!("{}/_sim/say", self.base)).json(said);
        self.call(request).await
    }

    /// What left since `after`.
    pub(super) async fn record(&self, after: u64, wait_ms: u64) -> Result<Value, Failure> {
        let query = [
            ("after", after.to_string()),
            ("wait_ms", wait_ms.to_string()),
        ];
        let request = self
            .http
            .get(format!("{}/_sim/record", self.base))
            .query(&query);
        self.call(request).await
    }

    async fn call(&self, request: RequestBuilder) -> Result<Value, Failure> {
        let missing =
            "start one with `cargo xtask up` or `tollgate simulator`, or name it with --simulator";
        answer(
            request,
            &format!("no simulator answers at {}", self.base),
            missing,
        )
        .await
    }
}

pub(super) fn http() -> Result<reqwest::Client, Failure> {
    reqwest::Client::builder()
        .timeout(PATIENCE)
        .no_proxy()
        .build()
        .map_err(|error| {
            Failure::found(format!("error: the HTTP client could not be made: {error}"))
        })
}

fn no_address(nobody: &str) -> Failure {
    Failure::usage(format!(
        "error: {nobody}: that is no address\n  help: write it like http://127.0.0.1:7070"
    ))
}

async fn answer(request: RequestBuilder, nobody: &str, fix: &str) -> Result<Value, Failure> {
    let response = request.send().await.map_err(|error| {
        if error.is_builder() {
            no_address(nobody)
        } else if error.is_connect() {
            Failure::found(format!("error: {nobody}\n  help: {fix}"))
        } else {
            Failure::found(format!(
                "{LOST}: nobody knows whether it was done\n  help: look, or do it again with the same words"
            ))
        }
    })?;
    let status = response.status();
    let body = response.text().await.unwrap_or_default();
    let value: Value = serde_json::from_str(&body).unwrap_or(Value::Null);
    if status.is_success() {
        return Ok(value);
    }
    let detail = value
        .get("detail")
        .or_else(|| value.get("error"))
        .and_then(Value::as_str)
        .map_or(body.as_str(), |detail| detail);
    let help = match status {
        StatusCode::UNAUTHORIZED => {
            "\n  help: put the host's API key into the variable that --api-key-env names".to_owned()
        }
        _ => {
            let help = value.get("help").and_then(Value::as_str);
            help.map(|help| format!("\n  help: {help}"))
                .unwrap_or_default()
        }
    };
    Err(Failure::found(format!(
        "error: the answer was {status}: {detail}{}{help}",
        looked_at(&value)
    )))
}

/// What the gate looked at before it said no, a line each.
fn looked_at(problem: &Value) -> String {
    let checks = problem.get("checks").and_then(Value::as_array);
    let lines = checks.into_iter().flatten().map(|check| {
        let text = |name: &str| check.get(name).and_then(Value::as_str).map(tame);
        let passed = check.get("passed").and_then(Value::as_bool) == Some(true);
        format!(
            "\n    {} {:9} {}",
            if passed { "✓" } else { "✗" },
            text("name").unwrap_or_default(),
            text("saw").unwrap_or_default(),
        )
    });
    lines.collect()
}
