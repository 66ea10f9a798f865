//! Stop switches: what is stopped, by whom and why; thrown and lifted. Durable, and in force for the next send. And alerts: what a
//! person has to act on.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use engine::operating::{NotStopped, Stopping};
use engine::{Alert, Engine};
use model::{StopSwitch, StopTarget, TenantId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::parameters::Parameters;
use crate::problem::Problem;
use crate::{Console, body, limits};

const EXAMPLE: &str = r#"{"target": "tenant", "why": "wrong prices are going out", "by": "Rita"}; a target is "tenant", {"number": "store"} or {"template": "spring_sale"}"#;

/// A switch as it is shown: with what its number is called.
#[derive(Serialize)]
pub(crate) struct Shown {
    #[serde(flatten)]
    switch: StopSwitch,
    /// What the number is called, if it is one of the tenant's.
    alias: Option<String>,
}

/// What is stopped with a tenant, as pages show it.
pub(crate) fn shown(engine: &Engine, tenant: &TenantId) -> Vec<Shown> {
    let switches = engine.stops(tenant).into_iter();
    switches.map(|switch| one(engine, tenant, switch)).collect()
}

fn one(engine: &Engine, tenant: &TenantId, switch: StopSwitch) -> Shown {
    let alias = match &switch.target {
        StopTarget::Number(number) => engine
            .plan()
            .tenants
            .get(tenant)
            .and_then(|tenant| tenant.lines.get(number))
            .map(|line| line.alias.clone()),
        StopTarget::Tenant | StopTarget::Template(_) => None,
    };
    Shown { switch, alias }
}

#[derive(Serialize)]
pub(crate) struct Stops {
    stops: Vec<Shown>,
}

/// `GET /v1/stops`: what is stopped.
pub(crate) async fn stops(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
) -> Result<Json<Stops>, Problem> {
    let parameters = parameters.only(&["tenant"])?;
    let tenant = parameters.tenant(&console.engine)?;
    Ok(Json(Stops {
        stops: shown(&console.engine, &tenant),
    }))
}

#[derive(Serialize)]
pub(crate) struct Alerts {
    alerts: Vec<Alert>,
}

/// `GET /v1/alerts`: what WhatsApp said that a person has to act on, since the host began; newest first.
pub(crate) async fn alerts(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
) -> Result<Json<Alerts>, Problem> {
    let parameters = parameters.only(&["tenant"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let alerts = console.engine.alerts().into_iter();
    Ok(Json(Alerts {
        alerts: alerts.filter(|alert| alert.tenant == tenant).collect(),
    }))
}

#[derive(Deserialize)]
struct Wanted {
    target: Value,
    why: String,
    by: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Thrown {
    #[serde(flatten)]
    switch: Shown,
    /// False: it stood already, and stands as it was.
    thrown: bool,
}

/// `POST /v1/stops`: from now on nothing of the target leaves.
pub(crate) async fn throw(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
    body: Body,
) -> Result<Json<Thrown>, Problem> {
    let parameters = parameters.only(&["tenant"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let wanted: Wanted = body::read(body, &["target", "why", "by"], EXAMPLE).await?;
    let stopping = target(&wanted.target)?;
    let why = body::words("why", &wanted.why)?;
    let by = body::by(wanted.by)?;
    let engine = &console.engine;
    let thrown = engine
        .throw_switch(&tenant, &stopping, &why, by.as_deref())
        .await;
    let (switch, thrown) = thrown.map_err(not_stopped)?;
    Ok(Json(Thrown {
        switch: one(engine, &tenant, switch),
        thrown,
    }))
}

#[derive(Serialize)]
pub(crate) struct Lifted {
    target: StopTarget,
}

/// `DELETE /v1/stops/tenant`: the tenant may send again.
pub(crate) async fn lift_tenant(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
) -> Result<Json<Lifted>, Problem> {
    lift(&console, Stopping::Tenant, parameters).await
}

/// `DELETE /v1/stops/number/{name}`: the number may send again, named by its alias or id.
pub(crate) async fn lift_number(
    State(console): State<Arc<Console>>,
    Path(name): Path<String>,
    parameters: Parameters,
) -> Result<Json<Lifted>, Problem> {
    lift(&console, Stopping::Number(name), parameters).await
}

/// `DELETE /v1/stops/template/{name}`: the template may be sent again.
pub(crate) async fn lift_template(
    State(console): State<Arc<Console>>,
    Path(name): Path<String>,
    parameters: Parameters,
) -> Result<Json<Lifted>, Problem> {
    lift(&console, Stopping::Template(name), parameters).await
}

async fn lift(
    console: &Console,
    stopping: Stopping,
    parameters: Parameters,
) -> Result<Json<Lifted>, Problem> {
    let parameters = parameters.only(&["tenant", "by"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let by = body::by(parameters.text("by").map(str::to_owned))?;
    let lifted = console
        .engine
        .lift_switch(&tenant, &stopping, by.as_deref());
    let target = lifted.await.map_err(not_stopped)?;
    Ok(Json(Lifted { target }))
}

fn target(target: &Value) -> Result<Stopping, Problem> {
    let unlike = || Problem::body(format_args!("it is JSON like {EXAMPLE}"));
    if target.as_str() == Some("tenant") {
        return Ok(Stopping::Tenant);
    }
    let mut entries = target.as_object().ok_or_else(unlike)?.iter();
    let (Some((what, name)), None) = (entries.next(), entries.next()) else {
        return Err(unlike());
    };
    let name = name.as_str().filter(|name| !name.trim().is_empty());
    let name = name.ok_or_else(unlike)?;
    if name.chars().count() > limits::TARGET_CHARS {
        return Err(unlike());
    }
    match what.as_str() {
        "number" => Ok(Stopping::Number(name.to_owned())),
        "template" => Ok(Stopping::Template(name.to_owned())),
        _ => Err(unlike()),
    }
}

fn not_stopped(not_stopped: NotStopped) -> Problem {
    match not_stopped {
        NotStopped::NoTenant => Problem::not_found(not_stopped.to_string()),
        NotStopped::NoNumber { .. } => Problem::not_found(not_stopped.to_string()),
        NotStopped::IsOn => {
            Problem::not_found("it is not stopped: /v1/stops lists what is, with its target")
        }
        NotStopped::Ledger(error) => error.into(),
    }
}
