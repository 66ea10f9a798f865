//! The console: the HTTP API and the page.
//!
//! Owns: `/healthz`, `/readyz`, `/metrics`, everything under `/v1`, and the page at `/` with the files it consists of.
//! Promises: it reads the ledger and acts through the [`engine::Engine`] alone, so it never is a second writer. With a key,
//! no record is shown without it; without one, only to this machine, whatever a web page elsewhere makes a browser ask.
//! Every error is a problem (RFC 9457) that names what to change. No phone number and no message text stands in a metric, an
//! error or a log line (I12), and every record is asked for by its tenant (I13). The page needs nothing but this host.
//! Bounds: [`limits`].
#![forbid(unsafe_code)]

mod access;
mod body;
mod contacts;
mod dead_letters;
mod drafts;
mod health;
mod held;
mod keeping;
pub mod limits;
mod page;
mod parameters;
mod problem;
mod records;
mod sending;
mod status;
mod stops;
mod waiting;
mod who;
mod why_not;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{any, delete, get, post};
use engine::Engine;
use intake::Tally;
use tokio::sync::watch;

use crate::access::Access;
use crate::waiting::Waiting;

/// How the console is set up.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The key that callers must show as a bearer. Without one, the API answers this machine alone.
    pub api_key: Option<String>,
    /// Where the page points to.
    pub links: Links,
    /// What came in at the doors, for `/metrics`.
    pub tally: Option<Arc<Tally>>,
    /// What each queue refuses as long as it does, for `/readyz`.
    pub queues: Vec<watch::Receiver<Option<String>>>,
}

/// Addresses outside this host that the page points to.
#[derive(Debug, Clone, Default)]
pub struct Links {
    /// The simulator's phone, to chat with in development.
    pub phone: Option<String>,
}

/// What every handler can reach.
pub(crate) struct Console {
    pub(crate) engine: Engine,
    pub(crate) links: Links,
    pub(crate) tally: Option<Arc<Tally>>,
    pub(crate) queues: Vec<watch::Receiver<Option<String>>>,
    pub(crate) waiting: Waiting,
}

/// All routes of the console. It brings the fallback for unknown paths: a router it is merged with must have none.
pub fn router(engine: Engine, options: Options) -> Router {
    let Options {
        api_key,
        links,
        tally,
        queues,
    } = options;
    let console = Arc::new(Console {
        engine,
        links,
        tally,
        queues,
        waiting: Waiting::default(),
    });
    let access = Arc::new(Access::new(api_key));
    let guarded = Router::new()
        .route("/metrics", get(health::metrics))
        .route("/v1/status", get(status::status))
        .route("/v1/decisions", get(records::decisions))
        .route("/v1/decision", get(records::decision))
        .route("/v1/why-not", get(why_not::why_not))
        .route("/v1/rules", get(why_not::rules))
        .route("/v1/outbox", get(records::outbox))
        .route("/v1/hand-offs", get(records::hand_offs))
        .route("/v1/drafts", get(drafts::drafts))
        .route("/v1/drafts/{id}/send", post(drafts::send))
        .route("/v1/drafts/{id}/drop", post(drafts::discard))
        .route("/v1/send", post(sending::send))
        .route("/v1/held", get(held::held))
        .route("/v1/held/{token}/resend", post(held::resend))
        .route("/v1/held/{token}/drop", post(held::discard))
        .route("/v1/dead-letters", get(dead_letters::dead_letters))
        .route("/v1/dead-letters/redrive", post(dead_letters::redrive))
        .route("/v1/stops", get(stops::stops).post(stops::throw))
        .route("/v1/alerts", get(stops::alerts))
        .route("/v1/stops/tenant", delete(stops::lift_tenant))
        .route("/v1/stops/number/{name}", delete(stops::lift_number))
        .route("/v1/stops/template/{name}", delete(stops::lift_template))
        .route("/v1/notices", get(records::notices))
        .route("/v1/contact", get(contacts::contact))
        .route("/v1/contacts", get(contacts::contacts).post(contacts::meet))
        .route("/v1/contacts/{id}/pause", post(contacts::pause))
        .route("/v1/contacts/{id}/release", post(contacts::release))
        .route("/v1/contacts/{id}/consent", post(contacts::consent))
        .route("/v1/contacts/{id}/export", get(keeping::export))
        .route("/v1/contacts/{id}/erase", post(keeping::erase))
        .route("/v1/retain", post(keeping::retain))
        .route("/v1/consent", get(keeping::consent))
        .route("/v1/consent/import", post(keeping::import))
        .route("/v1/reload", post(status::reload))
        .route("/v1", any(problem::unknown_path))
        .route("/v1/{*rest}", any(problem::unknown_path))
        .method_not_allowed_fallback(problem::wrong_method)
        .route_layer(middleware::from_fn_with_state(access, access::check));
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .merge(page::routes())
        .method_not_allowed_fallback(problem::wrong_method)
        .merge(guarded)
        .fallback(problem::unknown_path)
        .layer(middleware::map_response(access::harden))
        .with_state(console)
}
