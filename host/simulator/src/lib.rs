//! A stand-in for the WhatsApp network, on loopback: Meta's Graph API and AWS's SendWhatsAppMessage on one side, signed
//! webhooks to the host on the other.
//!
//! Owns: people who write (`POST /_sim/say`), everything else that Meta tells of (`POST /_sim/tell`), the record of every send (`GET /_sim/record`), statuses with their token
//! echoed, read marks, misbehaviour on request (`PUT /_sim/faults`), and a phone in the browser (`GET /`).
//! Promises: what it accepts it delivers once, records before it answers, and follows with statuses; a webhook is tried until
//! the host answers 200; the same seed brings the same faults to the same sends. It speaks to loopback alone.
//! The outcomes in the record: `accepted`; `dropped_reply` (delivered too, but the caller was not told); `lost` (not
//! delivered, and the caller was not told); `throttled`, `failed`, `refused`, `unauthorized`, `overloaded` (not delivered).
//! Bounds: [`limits`].

#![forbid(unsafe_code)]

mod aws;
mod delivery;
mod error;
mod faults;
mod fields;
mod graph;
mod journal;
pub mod limits;
mod line;
mod message;
mod network;
mod page;
mod postman;
mod say;
mod server;
mod status;
mod stop;
mod tell;
mod webhook;
mod wrap;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use reqwest::Url;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use error::SimulatorError;

use crate::line::{Exchange, Line};
use crate::network::Network;
use crate::postman::Postman;
use crate::stop::{Stop, Stopper};

/// Where the host takes webhooks.
const WEBHOOK_PATH: &str = "/webhooks/whatsapp";

/// What a simulator needs to know.
#[derive(Clone)]
pub struct Options {
    /// Where it listens: loopback alone; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// The host under test, `http://127.0.0.1:8080`: loopback alone. It need not be up.
    pub host_url: String,
    /// The Meta app's secret, with which webhooks are signed.
    pub app_secret: Vec<u8>,
    /// The `phone_number_id` that people write to when they do not say which.
    pub number: String,
    /// AWS's ids of numbers (or their ARNs), and Meta's. If it is empty, every AWS id means `number`.
    pub numbers: BTreeMap<String, String>,
}

/// A simulator at work. It ends when this is dropped.
pub struct Running {
    address: SocketAddr,
    stopper: Stopper,
    server: JoinHandle<()>,
}

/// Starts a simulator on the current tokio runtime.
pub async fn start(options: Options) -> Result<Running, SimulatorError> {
    if !options.listen.ip().is_loopback() {
        return Err(SimulatorError::ListenNotLoopback(options.listen));
    }
    let webhook = webhook_url(&options.host_url)?;
    if options.app_secret.is_empty() {
        return Err(SimulatorError::NoSecret);
    }
    let listen_error = |cause| SimulatorError::Listen {
        address: options.listen,
        cause,
    };
    let listener = TcpListener::bind(options.listen)
        .await
        .map_err(listen_error)?;
    let address = listener.local_addr().map_err(listen_error)?;

    let (stop, stopper) = Stop::new();
    let network = Network::new(&options, Postman::new(webhook, stop.clone())?, stop.clone())?;
    let service = server::router(network).into_make_service_with_connect_info::<Line>();
    let mut end = stop;
    let server = tokio::spawn(async move {
        let serve = axum::serve(Exchange::new(listener), service)
            .with_graceful_shutdown(async move { end.stopped().await });
        // It ends when it is told to, and has no other errors.
        let _ = serve.await;
    });
    Ok(Running {
        address,
        stopper,
        server,
    })
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Ends it: webhooks that were not delivered are forgotten, open requests are answered or cut off.
    pub async fn stop(mut self) {
        self.stopper.stop();
        if tokio::time::timeout(limits::STOP_WAIT, &mut self.server)
            .await
            .is_err()
        {
            self.server.abort();
        }
    }
}

fn webhook_url(host_url: &str) -> Result<Url, SimulatorError> {
    let wrong = |cause: String| SimulatorError::HostAddress {
        url: host_url.to_owned(),
        cause,
    };
    let url = Url::parse(host_url).map_err(|error| wrong(error.to_string()))?;
    if url.scheme() != "http" {
        return Err(wrong("it begins with http://".to_owned()));
    }
    if !is_loopback(&url) {
        return Err(SimulatorError::HostNotLoopback(host_url.to_owned()));
    }
    let base = url.path().trim_end_matches('/').to_owned();
    let mut webhook = url;
    webhook.set_path(&format!("{base}{WEBHOOK_PATH}"));
    webhook.set_query(None);
    Ok(webhook)
}

/// Whether an address can only mean this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
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
