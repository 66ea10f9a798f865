//! Whether the host is alive and ready, and its numbers for Prometheus. Nothing here names a person.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::Standing;
use intake::Tally;
use serde::Serialize;

use crate::Console;
use crate::problem::Problem;

/// The process answers: that is all this says.
pub(crate) async fn alive() -> &'static str {
    "alive\n"
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    edition: String,
    ledger: &'static str,
    carrier: &'static str,
    causes: Vec<String>,
}

/// Ready while the ledger can be read and written. A refused edit, a carrier that cannot be reached, or a queue that refuses
/// is a cause worth showing; but the edition in force still answers, and sends and queues wait.
pub(crate) async fn ready(State(console): State<Arc<Console>>) -> Response {
    let mut causes = Vec::new();
    let reading = console.engine.ledger().counts().await;
    if let Err(error) = &reading {
        causes.push(format!("the ledger cannot be read: {error}"));
    }
    let troubles = console.engine.troubles().await;
    causes.extend(
        troubles
            .ledger
            .iter()
            .map(|cause| format!("the ledger cannot be written: {cause}")),
    );
    causes.extend(
        troubles
            .carriers
            .iter()
            .map(|(number, cause)| format!("sends of number {number} do not leave: {cause}")),
    );
    causes.extend(troubles.stopped.iter().map(|stopped| {
        let model::StopSwitch { target, why, .. } = &stopped.switch;
        let tenant = &stopped.tenant;
        format!(
            "{target} of {tenant} is stopped: {why}; `{}` lets it send again",
            stopped.lift
        )
    }));
    // Several pumps of one queue have the same to say.
    let queues: BTreeSet<String> = console
        .queues
        .iter()
        .filter_map(|trouble| trouble.borrow().clone())
        .collect();
    causes.extend(queues);
    let is_stopping = *console.engine.stopping().borrow();
    if is_stopping {
        causes.push("this host is stopping".into());
    }
    if let Some(refused) = console.engine.last_refusal() {
        let faults = match refused.faults.len() {
            1 => "1 fault".to_owned(),
            several => format!("{several} faults"),
        };
        causes.push(format!("the rules or plugins as they are now were refused with {faults}; the edition in force stays"));
    }
    let ready = reading.is_ok() && troubles.ledger.is_none() && !is_stopping;
    let ledger = match (reading.is_ok(), troubles.ledger.is_none()) {
        (true, true) => "fine",
        (true, false) => "not writable",
        (false, _) => "unreadable",
    };
    let carrier = if troubles.carriers.is_empty() {
        "fine"
    } else {
        "in trouble"
    };
    let readiness = Readiness {
        ready,
        edition: console.engine.edition().hash().to_owned(),
        ledger,
        carrier,
        causes,
    };
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(readiness)).into_response()
}

/// Prometheus' text format.
pub(crate) async fn metrics(State(console): State<Arc<Console>>) -> Result<Response, Problem> {
    let counts = console.engine.ledger().counts().await?;
    let (waiting, turned_away) = console.waiting.counts();
    let refused = u64::from(console.engine.last_refusal().is_some());
    let mut text = String::new();
    let mut metric = |name: &str, kind: &str, help: &str, labels: &str, value: u64| {
        // Writing into a string cannot fail.
        let _ = write!(
            text,
            "# HELP {name} {help}\n# TYPE {name} {kind}\n{name}{labels} {value}\n"
        );
    };
    metric(
        "tollgate_messages_undone",
        "gauge",
        "Messages accepted and not settled.",
        "",
        counts.undone,
    );
    metric(
        "tollgate_sends_ready",
        "gauge",
        "Sends waiting to leave.",
        "",
        counts.ready,
    );
    metric(
        "tollgate_sends_unknown",
        "gauge",
        "Sends of unknown outcome, held ones included.",
        "",
        counts.unknown,
    );
    metric(
        "tollgate_dead_letters",
        "gauge",
        "Messages that could not be done.",
        "",
        counts.dead_letters,
    );
    metric(
        "tollgate_contacts",
        "gauge",
        "Contacts of all tenants.",
        "",
        counts.contacts,
    );
    // A hash is hexadecimal: nothing in it needs escaping.
    let edition = format!("{{edition=\"{}\"}}", console.engine.edition().hash());
    metric(
        "tollgate_edition_info",
        "gauge",
        "The edition in force.",
        &edition,
        1,
    );
    metric(
        "tollgate_edition_refused",
        "gauge",
        "1 while the files as they are now are refused.",
        "",
        refused,
    );
    metric(
        "tollgate_calls_waiting",
        "gauge",
        "Calls that wait for news.",
        "",
        waiting as u64,
    );
    metric(
        "tollgate_calls_turned_away_total",
        "counter",
        "Calls that found no place to wait.",
        "",
        turned_away,
    );
    plugin_metrics(&console, &mut text);
    alert_metrics(&console, &mut text);
    shadow_metrics(&console, &mut text);
    if let Some(tally) = &console.tally {
        intake_metrics(tally, &mut text);
    }
    Ok((
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        text,
    )
        .into_response())
}

/// How plugins stand with tenants. Names of both are letters, digits and hyphens: nothing in them needs escaping.
fn plugin_metrics(console: &Console, text: &mut String) {
    let standings = console.engine.standings();
    let mut family = |name: &str, help: &str, value: fn(&Standing) -> u64| {
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n");
        for (plugin, tenant, standing) in &standings {
            let value = value(standing);
            let _ = writeln!(
                text,
                "{name}{{plugin=\"{plugin}\",tenant=\"{tenant}\"}} {value}"
            );
        }
    };
    family(
        "tollgate_plugin_quarantined",
        "1 while a plugin that failed too often is left alone, or probed.",
        |standing| u64::from(!matches!(standing, Standing::Trusted { .. })),
    );
    family(
        "tollgate_plugin_failures",
        "Failures of a plugin since its last success.",
        |standing| match standing {
            Standing::Trusted { failures } => u64::from(*failures),
            Standing::Quarantined { .. } | Standing::Probing { .. } => {
                u64::from(engine::limits::FAILURES_IN_A_ROW)
            }
        },
    );
}

/// What limits that are shadows would have refused, by the gate's check: words of our own.
fn shadow_metrics(console: &Console, text: &mut String) {
    let name = "tollgate_shadow_refusals_total";
    let _ = write!(
        text,
        "# HELP {name} What limits that are shadows would have refused.\n# TYPE {name} counter\n"
    );
    for (check, count) in console.engine.shadow_refusals() {
        let _ = writeln!(text, "{name}{{check=\"{check}\"}} {count}");
    }
}

/// What a person had to act on. A code comes from outside: what cannot stand in a label is left out of it.
fn alert_metrics(console: &Console, text: &mut String) {
    let name = "tollgate_alerts_total";
    let _ = write!(
        text,
        "# HELP {name} What WhatsApp said that a person has to act on.\n# TYPE {name} counter\n"
    );
    for (alert, code, count) in console.engine.alert_counts() {
        let code: String = code
            .chars()
            .filter(|character| character.is_ascii_alphanumeric() || "-_.".contains(*character))
            .collect();
        let _ = writeln!(text, "{name}{{alert=\"{alert}\",code=\"{code}\"}} {count}");
    }
}

/// What came in at the doors. The tally's labels need no escaping: it says so.
fn intake_metrics(tally: &Tally, text: &mut String) {
    for family in tally.families() {
        let (name, help) = (family.name, family.help);
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} counter\n");
        for row in family.rows {
            let labels: Vec<String> = row
                .labels
                .iter()
                .map(|(label, value)| format!("{label}=\"{value}\""))
                .collect();
            let _ = writeln!(text, "{name}{{{}}} {}", labels.join(","), row.value);
        }
    }
}
