//! What runs here: edition, tenants, plugins, counts. And taking up the files as they are now.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use engine::{Edition, Fault, Standing};
use ledger::Counts;
use model::{DeskName, Grants, Mode, Moment, NumberId, PluginName, TenantId};
use serde::Serialize;

use crate::parameters::Parameters;
use crate::problem::Problem;
use crate::{Console, stops};

/// What runs here, as one answer: the page's header and its rules view are made of it.
#[derive(Serialize)]
pub(crate) struct Status {
    version: &'static str,
    /// The host's time: a browser's clock may differ.
    now: Moment,
    /// Changes whenever there is something new to read; pass it as `after` to wait for that.
    news: u64,
    edition: String,
    warnings: Vec<String>,
    /// Every fault of the files as they are now, if those are not in force.
    refused: Option<Vec<String>>,
    tenants: Vec<TenantStatus>,
    plugins: Vec<PluginStatus>,
    counts: Counts,
    links: LinksStatus,
}

#[derive(Serialize)]
struct TenantStatus {
    id: TenantId,
    title: String,
    mode: Mode,
    numbers: Vec<NumberStatus>,
    desks: BTreeSet<DeskName>,
    rules: usize,
    /// What is stopped: whoever looks at anything should know.
    stops: Vec<stops::Shown>,
}

#[derive(Serialize)]
struct NumberStatus {
    id: NumberId,
    alias: String,
    title: String,
    /// Its carrier is a simulator: it delivers in every mode.
    simulated: bool,
}

#[derive(Serialize)]
struct PluginStatus {
    name: PluginName,
    version: String,
    digest: String,
    grants: Grants,
    /// Nothing but this code is loaded under its name.
    is_pinned: bool,
    /// It has been compiled before, or was compiled anew.
    was_cached: bool,
    /// Tenants with whom it failed since its last success there.
    standings: Vec<StandingStatus>,
}

/// How a plugin stands with a tenant.
#[derive(Serialize)]
struct StandingStatus {
    tenant: TenantId,
    /// `trusted`, `quarantined` or `probing`.
    standing: &'static str,
    /// Until when it is left alone.
    until: Option<Moment>,
    /// Failures since its last success, while it is trusted; else how often in a row it was left alone.
    count: u32,
}

#[derive(Serialize)]
struct LinksStatus {
    phone: Option<String>,
}

/// `GET /v1/status`, of all tenants unless one is named; with `after` and `wait_ms` it waits until there is something new to read, of whatever kind.
pub(crate) async fn status(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
) -> Result<Json<Status>, Problem> {
    let parameters = parameters.only(&["tenant", "after", "wait_ms"])?;
    let only = parameters
        .text("tenant")
        .map(|_| parameters.tenant(&console.engine))
        .transpose()?;
    let (after, wait) = (parameters.after()?, parameters.wait()?);
    let engine = &console.engine;
    // The news is read before the state: what comes between the two is told again, never missed.
    let look = || async { Ok(*engine.news().borrow()) };
    let news = console
        .waiting
        .until(engine, wait, look, |news| {
            after.is_none_or(|after| *news != after)
        })
        .await?;
    let counts = engine.ledger().counts().await?;
    let edition = engine.edition();
    Ok(Json(Status {
        version: env!("CARGO_PKG_VERSION"),
        now: engine.now(),
        news,
        edition: edition.hash().to_owned(),
        warnings: rendered(edition.warnings()),
        refused: engine
            .last_refusal()
            .map(|refused| rendered(&refused.faults)),
        tenants: tenants(&console, &edition, only.as_ref()),
        plugins: plugins(&console, &edition, only.as_ref()),
        counts,
        links: LinksStatus {
            phone: console.links.phone.clone(),
        },
    }))
}

fn tenants(console: &Console, edition: &Edition, only: Option<&TenantId>) -> Vec<TenantStatus> {
    let wanted = console
        .engine
        .plan()
        .tenants
        .iter()
        .filter(|(id, _)| only.is_none_or(|only| only == *id));
    let tenants = wanted.map(|(id, tenant)| TenantStatus {
        id: id.clone(),
        title: tenant.title.clone(),
        mode: tenant.policy.mode,
        numbers: tenant
            .lines
            .iter()
            .map(|(number, line)| NumberStatus {
                id: number.clone(),
                alias: line.alias.clone(),
                title: line.title.clone(),
                simulated: tenant.policy.simulated.contains(number),
            })
            .collect(),
        desks: tenant.policy.desks.clone(),
        rules: edition.rulebook(id).map_or(0, |draft| draft.rules().len()),
        stops: stops::shown(&console.engine, id),
    });
    tenants.collect()
}

fn plugins(console: &Console, edition: &Edition, only: Option<&TenantId>) -> Vec<PluginStatus> {
    let standings = console.engine.standings();
    let plugins = edition.plugins().map(|plugin| PluginStatus {
        name: plugin.name().clone(),
        version: plugin.description().version.clone(),
        digest: plugin.digest().to_owned(),
        grants: plugin.grants().clone(),
        is_pinned: console
            .engine
            .plan()
            .plugins
            .get(plugin.name())
            .is_some_and(|source| source.pin.is_some()),
        was_cached: plugin.how_loaded() == sandbox::HowLoaded::Cached,
        standings: standings
            .iter()
            .filter(|(name, tenant, _)| {
                name == plugin.name() && only.is_none_or(|only| only == tenant)
            })
            .map(|(_, tenant, standing)| standing_status(tenant, *standing))
            .collect(),
    });
    plugins.collect()
}

fn standing_status(tenant: &TenantId, standing: Standing) -> StandingStatus {
    let (until, count) = match standing {
        Standing::Trusted { failures } => (None, failures),
        Standing::Quarantined { until, times } => (Some(until), times),
        Standing::Probing { times, .. } => (None, times),
    };
    StandingStatus {
        tenant: tenant.clone(),
        standing: standing.word(),
        until,
        count,
    }
}

#[derive(Serialize)]
pub(crate) struct Reloaded {
    edition: String,
    warnings: Vec<String>,
}

/// `POST /v1/reload`: the files as they are now come into force whole, or not at all (I10).
pub(crate) async fn reload(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
) -> Result<Json<Reloaded>, Problem> {
    parameters.only(&[])?;
    match console.engine.reload().await {
        Ok(edition) => Ok(Json(Reloaded {
            edition: edition.hash().to_owned(),
            warnings: rendered(edition.warnings()),
        })),
        Err(refused) => Err(Problem::refused(rendered(&refused.faults))),
    }
}

fn rendered(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(|fault| fault.render(false)).collect()
}
