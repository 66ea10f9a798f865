//! Alerts: what WhatsApp says that a person has to act on. Each is a line of the log, is counted, and is among the newest that are
//! kept. What follows by itself, a stop switch, is thrown here.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use carrier::{Action, errors};
use model::{
    Delivery, Moment, Notice, NoticeBody, NumberId, Outgoing, SendToken, StopSwitch, StopTarget,
    StoppedBy, TenantId,
};
use serde::Serialize;

use crate::{Core, Engine, limits, locked, switches};

/// Something that a person has to act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alert {
    /// What sort of thing: `stopped`, `payment`.
    pub alert: &'static str,
    /// WhatsApp's code, or AWS's word.
    pub code: String,
    /// Whose.
    pub tenant: TenantId,
    /// On which number, if on one.
    pub number: Option<NumberId>,
    /// What happened.
    pub what: String,
    /// The command that undoes it once its cause is gone.
    pub fix: Option<String>,
    /// When it was last said.
    pub at: Moment,
    /// How often it was said.
    pub times: u64,
}

/// The newest alerts, and how many there were.
#[derive(Debug, Default)]
pub(crate) struct Alerts(Mutex<Raised>);

#[derive(Debug, Default)]
struct Raised {
    /// The newest last.
    newest: VecDeque<Alert>,
    counts: BTreeMap<(&'static str, String), u64>,
}

impl Alerts {
    pub(crate) fn raise(&self, alert: Alert) {
        let mut raised = locked(&self.0);
        let mut key = (alert.alert, alert.code.clone());
        if raised.counts.len() >= limits::ALERT_CODES && !raised.counts.contains_key(&key) {
            "other".clone_into(&mut key.1);
        }
        *raised.counts.entry(key).or_default() += 1;
        let is_same = |other: &Alert| {
            (
                other.alert,
                &other.code,
                &other.tenant,
                &other.number,
                &other.what,
            ) == (
                alert.alert,
                &alert.code,
                &alert.tenant,
                &alert.number,
                &alert.what,
            )
        };
        let former = raised.newest.iter().position(is_same);
        let former = former.and_then(|place| raised.newest.remove(place));
        let times = former.map_or(1, |former| former.times.saturating_add(1));
        if raised.newest.len() >= limits::ALERTS_KEPT {
            raised.forget_one();
        }
        raised.newest.push_back(Alert { times, ..alert });
    }
}

impl Raised {
    /// The oldest of whoever has most: what one tenant is told again and again pushes out nothing of the others.
    fn forget_one(&mut self) {
        let mut of: BTreeMap<&TenantId, usize> = BTreeMap::new();
        for alert in &self.newest {
            *of.entry(&alert.tenant).or_default() += 1;
        }
        let noisy = of.into_iter().max_by_key(|(_, alerts)| *alerts);
        let noisy = noisy.map(|(tenant, _)| tenant);
        let oldest = self
            .newest
            .iter()
            .position(|alert| Some(&alert.tenant) == noisy);
        if let Some(oldest) = oldest {
            self.newest.remove(oldest);
        }
    }
}

impl Engine {
    /// The newest alerts since the host began, newest first.
    #[must_use]
    pub fn alerts(&self) -> Vec<Alert> {
        let raised = locked(&self.core.alerts.0);
        raised.newest.iter().rev().cloned().collect()
    }

    /// How many alerts there were since the host began, by what they are and by code.
    #[must_use]
    pub fn alert_counts(&self) -> Vec<(&'static str, String, u64)> {
        let raised = locked(&self.core.alerts.0);
        let counts = raised.counts.iter();
        counts
            .map(|((alert, code), count)| (*alert, code.clone(), *count))
            .collect()
    }
}

/// What WhatsApp refused, at once or later.
#[derive(Clone, Copy)]
pub(crate) struct Refused<'a> {
    pub(crate) line: (&'a TenantId, &'a NumberId),
    pub(crate) code: &'a str,
    pub(crate) cause: &'a str,
    /// The template that it was, if it was one.
    pub(crate) template: Option<&'a str>,
}

/// Stops what the table of errors wants stopped, durably, and tells people what they have to know.
pub(crate) async fn follow(core: &Core, refused: &Refused<'_>, action: Action) {
    let (tenant, number) = refused.line;
    let alert = refused.code.parse().ok().and_then(errors::alert);
    if let Some(alert) = alert {
        tracing::error!(alert, %tenant, %number, code = refused.code, cause = refused.cause, "WhatsApp asks for a person");
        core.alerts.raise(Alert {
            alert,
            code: refused.code.to_owned(),
            tenant: tenant.clone(),
            number: Some(number.clone()),
            what: format!("{}: {}", refused.code, refused.cause),
            fix: None,
            at: core.clock.now(),
            times: 1,
        });
        core.tell();
    }
    match (action, refused.template) {
        (Action::StopTemplate, Some(name)) => {
            let target = StopTarget::Template(name.to_owned());
            stop(core, tenant, target, refused).await;
        }
        (Action::StopNumber, _) => {
            stop(core, tenant, StopTarget::Number(number.clone()), refused).await;
        }
        (Action::StopCarrier, _) => {
            for (tenant, number) in of_the_same_carrier(core, refused.line) {
                stop(core, &tenant, StopTarget::Number(number), refused).await;
            }
        }
        (Action::StopTemplate, None) | (Action::Retry { .. } | Action::Fail, _) => {}
    }
}

/// A switch that cannot be written would leave the number sending: try for long.
async fn stop(core: &Core, tenant: &TenantId, target: StopTarget, refused: &Refused<'_>) {
    let switch = StopSwitch {
        target,
        by: StoppedBy::Network(refused.code.to_owned()),
        why: format!("{}: {}", refused.code, refused.cause),
        at: core.clock.now(),
    };
    while let Err(error) = switches::throw(core, tenant, switch.clone()).await {
        tracing::error!(%tenant, target = %switch.target, %error, "a stop switch could not be thrown");
        if core.is_stopping() {
            return;
        }
        core.pause(limits::LEDGER_WAIT).await;
    }
}

fn of_the_same_carrier(
    core: &Core,
    (tenant, number): (&TenantId, &NumberId),
) -> Vec<(TenantId, NumberId)> {
    let Some(route) = core.plan.route(tenant, number) else {
        return vec![(tenant.clone(), number.clone())];
    };
    let mut lines = Vec::new();
    for (tenant, settings) in &core.plan.tenants {
        for (number, line) in &settings.lines {
            let other = line.route.as_ref();
            if other.is_some_and(|other| Arc::ptr_eq(&other.carrier, &route.carrier)) {
                lines.push((tenant.clone(), number.clone()));
            }
        }
    }
    lines
}

/// A send of ours that WhatsApp took, and then refused.
pub(crate) struct RefusedLater {
    tenant: TenantId,
    number: NumberId,
    errors: Vec<(i64, String)>,
}

impl RefusedLater {
    /// If the notice tells of one that the table has something to say of beside that it failed.
    pub(crate) fn of(notice: &Notice) -> Option<Self> {
        let NoticeBody::Status(status) = &notice.body else {
            return None;
        };
        if status.errors.is_empty() || status.delivery != Delivery::Failed {
            return None;
        }
        let errors = status.errors.iter();
        let errors: Vec<_> = errors
            .filter(|error| is_followed(error.code))
            .map(|error| (error.code, errors::cause(&error.title)))
            .collect();
        (!errors.is_empty()).then(|| Self {
            tenant: notice.tenant.clone(),
            number: notice.number.clone(),
            errors,
        })
    }

    /// The same follows as if it had been refused at once, but that it is not tried again: it has failed.
    pub(crate) async fn follow(&self, core: &Core, token: &SendToken) {
        for (code, cause) in &self.errors {
            let Some(action) = errors::listed(*code) else {
                continue;
            };
            let template = match action {
                Action::StopTemplate => self.template(core, token).await,
                _ => None,
            };
            let refused = Refused {
                line: (&self.tenant, &self.number),
                code: &code.to_string(),
                cause,
                template: template.as_deref(),
            };
            follow(core, &refused, action).await;
        }
    }

    async fn template(&self, core: &Core, token: &SendToken) -> Option<String> {
        match core.ledger.send_record(&self.tenant, token).await {
            Ok(record) => match record?.outbound.message {
                Outgoing::Template(template) => Some(template.name),
                _ => None,
            },
            Err(error) => {
                tracing::error!(tenant = %self.tenant, %token, %error, "a refused template could not be read");
                None
            }
        }
    }
}

fn is_followed(code: i64) -> bool {
    let stops = matches!(
        errors::listed(code),
        Some(Action::StopTemplate | Action::StopNumber | Action::StopCarrier)
    );
    stops || errors::alert(code).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(code: usize, at: i64) -> Alert {
        Alert {
            alert: "stopped",
            code: code.to_string(),
            tenant: TenantId::new("shop").unwrap(),
            number: None,
            what: "it is stopped".into(),
            fix: None,
            at: Moment(at),
            times: 1,
        }
    }

    #[test]
    fn i14_the_newest_alerts_are_kept_and_what_repeats_counts_once() {
        let alerts = Alerts::default();
        for at in 0..3 {
            alerts.raise(alert(0, at));
        }
        let kept = |alerts: &Alerts| locked(&alerts.0).newest.clone();
        assert_eq!(
            kept(&alerts),
            [Alert {
                times: 3,
                ..alert(0, 2)
            }]
        );
        for code in 1..2 * limits::ALERT_CODES {
            alerts.raise(alert(code, 9));
        }
        assert_eq!(kept(&alerts).len(), limits::ALERTS_KEPT);
        let raised = locked(&alerts.0);
        assert_eq!(raised.counts.len(), limits::ALERT_CODES + 1);
        assert_eq!(raised.counts[&("stopped", "0".to_owned())], 3);
        assert!(raised.counts[&("stopped", "other".to_owned())] > 200);
    }

    #[test]
    fn i13_a_tenant_with_many_alerts_pushes_out_nothing_of_the_others() {
        let alerts = Alerts::default();
        let quiet = |code, at| Alert {
            tenant: TenantId::new("bakery").unwrap(),
            ..alert(code, at)
        };
        alerts.raise(quiet(1, 0));
        for code in 0..3 * limits::ALERTS_KEPT {
            alerts.raise(alert(code, 1));
        }
        alerts.raise(quiet(2, 2));
        let raised = locked(&alerts.0);
        assert_eq!(raised.newest.len(), limits::ALERTS_KEPT);
        let bakerys = raised
            .newest
            .iter()
            .filter(|alert| alert.tenant.as_str() == "bakery");
        let bakerys: Vec<_> = bakerys.cloned().collect();
        assert_eq!(bakerys, [quiet(1, 0), quiet(2, 2)]);
        let newest = raised
            .newest
            .iter()
            .rev()
            .find(|alert| alert.tenant.as_str() == "shop");
        let last = 3 * limits::ALERTS_KEPT - 1;
        assert_eq!(
            newest,
            Some(&alert(last, 1)),
            "and the newest of its own stay"
        );
    }
}
