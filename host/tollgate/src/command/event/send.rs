//! `tollgate event send`: a signed delivery to a running host, as Meta would make it.

use std::path::PathBuf;

use clap::Args;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::StatusCode;
use serde_json::json;
use sha2::Sha256;

use super::limits;
use super::source::Source;
use crate::command::{Failure, client, complain, say};
use crate::config::Config;
use crate::{shown, wiring};

/// Sign a payload with the app secret and post it to a running host's webhook, as Meta would.
#[derive(Debug, Args)]
#[command(after_help = "\
The bytes are sent as they are in the file: the id and the time stay. A
message that the host has seen is not answered again; one whose time is long
ago goes to the desk. --text makes a new message.

Examples:
  tollgate event send body.json
  tollgate event send --text 'oi' --from 15550100001
  tollgate event send --config tollgate.toml --app main *.json
  tollgate event send --host http://127.0.0.1:8080 --secret-env MY_SECRET body.json

Exit codes: 0 the host answered 200 to every one, 1 it did not, 2 wrong usage,
no secret, or a file that cannot be opened.")]
pub(super) struct Send {
    /// Files with one body each; `-`, or none, is standard input
    #[arg(value_name = "FILE", conflicts_with = "text")]
    files: Vec<Source>,
    /// Send a text message made for the occasion instead of a file
    #[arg(long, value_name = "WORDS")]
    text: Option<String>,
    /// Who writes it
    #[arg(
        long,
        value_name = "DIGITS",
        default_value = "5511900000001",
        requires = "text",
        conflicts_with = "files"
    )]
    from: String,
    /// The name that they gave themselves
    #[arg(
        long,
        default_value = "Ana",
        requires = "text",
        conflicts_with = "files"
    )]
    name: String,
    /// The business number (phone_number_id) that they write to
    #[arg(
        long,
        value_name = "ID",
        default_value = "100000000000001",
        requires = "text",
        conflicts_with = "files"
    )]
    number: String,
    /// The running host
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://127.0.0.1:7070",
        env = "TOLLGATE_HOST"
    )]
    host: String,
    /// The environment variable that holds the Meta app's secret
    #[arg(
        long,
        value_name = "NAME",
        default_value = "TOLLGATE_APP_SECRET",
        conflicts_with = "config"
    )]
    secret_env: String,
    /// The configuration that says where the secret is, instead
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The `[meta_app.NAME]` in it, if there are several
    #[arg(long, value_name = "NAME", requires = "config")]
    app: Option<String>,
}

impl Send {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let secret = self.secret()?;
        let http = client::http()?;
        let url = format!(
            "{}{}",
            self.host.trim_end_matches('/'),
            intake::webhook::PATH
        );
        let mut worst = 0;
        for (name, body) in self.bodies(&mut worst) {
            let signature = sign(&secret, &body);
            let request = http
                .post(&url)
                .header("content-type", "application/json")
                .header("x-hub-signature-256", signature)
                .body(body);
            let response = request
                .send()
                .await
                .map_err(|error| unsent(&self.host, &error))?;
            let status = response.status();
            let said = answer(response).await;
            say(&format!("{name}: {status}{}\n", after_a_colon(&said)));
            if status != StatusCode::OK {
                complain(help(status));
                worst = worst.max(1);
            }
        }
        match worst {
            0 => Ok(()),
            // Each was told with its answer.
            exit_code => Err(Failure {
                message: String::new(),
                exit_code,
            }),
        }
    }

    /// What is to be sent, with what it is called. A file that cannot be read is told, and the others go.
    fn bodies(&self, worst: &mut u8) -> Vec<(String, Vec<u8>)> {
        if let Some(text) = &self.text {
            let id = format!("wamid.event{}", now_ms());
            return vec![(id.clone(), self.message(&id, text).into_bytes())];
        }
        let mut bodies = Vec::new();
        for source in Source::or_standard_input(self.files.clone()) {
            match source.read() {
                Ok(body) => bodies.push((source.to_string(), body)),
                Err(trouble) => {
                    complain(&trouble.to_string());
                    *worst = (*worst).max(trouble.exit_code());
                }
            }
        }
        bodies
    }

    fn message(&self, id: &str, text: &str) -> String {
        json!({
            "object": "whatsapp_business_account",
            "entry": [{"id": "0", "changes": [{"field": "messages", "value": {
                "messaging_product": "whatsapp",
                "metadata": {"display_phone_number": "", "phone_number_id": self.number},
                "contacts": [{"wa_id": self.from, "profile": {"name": self.name}}],
                "messages": [{
                    "id": id,
                    "from": self.from,
                    "timestamp": (now_ms() / 1000).to_string(),
                    "type": "text",
                    "text": {"body": text},
                }],
            }}]}],
        })
        .to_string()
    }

    fn secret(&self) -> Result<Vec<u8>, Failure> {
        let Some(path) = &self.config else {
            let name = &self.secret_env;
            let found = std::env::var(name).ok().filter(|secret| !secret.is_empty());
            return found.map(String::into_bytes).ok_or_else(|| {
                Failure::usage(format!(
                    "error: the environment has no {name}, and Meta signs with the app's secret\n  help: `export {name}='…'`, the same as the host's; or --config tollgate.toml"
                ))
            });
        };
        let config = Config::read(path).map_err(|problems| Failure::usage(problems.to_string()))?;
        let (name, app) = match &self.app {
            Some(name) => config.meta_apps.get_key_value(name),
            None if config.meta_apps.len() == 1 => config.meta_apps.first_key_value(),
            None => None,
        }
        .ok_or_else(|| which_app(&config, self.app.as_deref()))?;
        let place = format!("[meta_app.{name}] app_secret");
        let first = app
            .app_secret
            .iter()
            .next()
            .map(|secret| wiring::reveal(&place, secret));
        match first {
            Some(Ok(secret)) => Ok(secret.into_bytes()),
            Some(Err(error)) => Err(Failure::usage(format!("error: {error}"))),
            None => Err(which_app(&config, Some(name))),
        }
    }
}

fn which_app(config: &Config, named: Option<&str>) -> Failure {
    let known: Vec<&str> = config.meta_apps.keys().map(String::as_str).collect();
    let what = match (named, known.is_empty()) {
        (_, true) => {
            "the configuration has no Meta app, and only Meta's webhook is signed with a secret"
                .to_owned()
        }
        (Some(named), false) => format!("the configuration has no [meta_app.{named}]"),
        (None, false) => "the configuration has several Meta apps".to_owned(),
    };
    let help = match known.is_empty() {
        true => String::new(),
        false => format!("\n  help: name one with --app, of {}", known.join(", ")),
    };
    Failure::usage(format!("error: {what}{help}"))
}

/// As Meta signs: HMAC-SHA256 over the raw bytes.
fn sign(secret: &[u8], body: &[u8]) -> String {
    // HMAC takes a key of any length: `new_from_slice` cannot fail.
    Hmac::<Sha256>::new_from_slice(secret).map_or_else(
        |_| String::new(),
        |mut code| {
            code.update(body);
            format!("sha256={}", hex::encode(code.finalize().into_bytes()))
        },
    )
}

/// What the host said, as one line; the rest of a long answer is left where it is.
async fn answer(mut response: reqwest::Response) -> String {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = limits::ANSWER_BYTES.saturating_sub(body.len());
        body.extend(chunk.iter().take(room));
        if body.len() >= limits::ANSWER_BYTES {
            break;
        }
    }
    shown::tame(&String::from_utf8_lossy(&body))
}

fn after_a_colon(said: &str) -> String {
    match said.is_empty() {
        true => String::new(),
        false => format!(": {said}"),
    }
}

fn help(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => {
            "  help: sign with the secret that the host has, in its variable (--secret-env) or by its file (--config)"
        }
        StatusCode::FORBIDDEN => {
            "  help: this app's word does not count for the number: see `meta_app` in [tenant.NAME.number.NAME]"
        }
        StatusCode::BAD_REQUEST => "  help: `tollgate event FILE` says what is wrong with the body",
        StatusCode::NOT_FOUND => "  help: another program answers there: name the host with --host",
        StatusCode::SERVICE_UNAVAILABLE => {
            "  help: it was not stored: look at the host's /readyz and send it again"
        }
        _ => "",
    }
}

fn unsent(host: &str, error: &reqwest::Error) -> Failure {
    if error.is_builder() {
        return Failure::usage(format!(
            "error: {host:?} is no address\n  help: write it like http://127.0.0.1:7070"
        ));
    }
    Failure::found(format!(
        "error: no host answers at {host}\n  help: start one with `cargo xtask up` or `tollgate run`, or name it with --host"
    ))
}

fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
