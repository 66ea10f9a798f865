//! One delivery: marked in flight in a transaction that judges the send again (I6), carried once, and what came of it recorded.

use std::sync::Arc;

use carrier::{Action, Rejection, Report};
use gate::{Leaving, Pass, Release};
use ledger::{Arrived, Departure, Due, Judge};
use model::{Outgoing, Refusal, Span};

use super::waiting::{Then, line_of};
use super::{carrier_of, set_going};
use crate::{Core, alerts, limits, locked};

pub(super) async fn deliver(core: Arc<Core>, due: Due) {
    let then = attempt(&core, &due).await;
    let carrier = carrier_of(&core, &due.tenant, &due.number);
    let lines = locked(&core.outbox.waiting).ended(&due, carrier, then);
    core.outbox.ended.notify_waiters();
    core.tell();
    for line in lines {
        set_going(&core, &line);
    }
}

async fn attempt(core: &Arc<Core>, due: &Due) -> Then {
    let now = core.clock.now();
    let judge = judge(core);
    let departure = core
        .ledger
        .depart(&due.tenant, &due.token, now, core.holds_back, judge)
        .await;
    locked(&core.outbox.waiting).judged(due);
    match departure {
        Ok(Departure::Go { pass, attempt }) => carried(core, due, pass, attempt).await,
        Ok(Departure::Cancelled(refusal)) => {
            tracing::warn!(tenant = %due.tenant, token = %due.token, refusal = refusal.word(), "taken back on leaving");
            Then::Next
        }
        Ok(Departure::Withheld | Departure::Gone) => Then::Next,
        Ok(Departure::Wait(until)) => {
            locked(&core.outbox.waiting).is_due_at(until);
            Then::Waits
        }
        Err(error) => {
            core.could_not_write(&error);
            tracing::error!(tenant = %due.tenant, token = %due.token, %error, "a send could not be marked in flight: it stays");
            core.pause(limits::LEDGER_WAIT).await;
            Then::AskAgain
        }
    }
}

/// The gate's judgement, to be made inside the ledger's transaction: by the time that it is then, however long the write had to wait.
fn judge(core: &Arc<Core>) -> Judge {
    let core = Arc::clone(core);
    Box::new(move |outbound, standing| {
        let Some(tenant) = core.plan.tenants.get(&outbound.tenant) else {
            return Release::Cancel(Refusal::NotAllowlisted);
        };
        let leaving = Leaving {
            now: core.clock.now(),
            policy: &tenant.policy,
            contact: &standing.contact,
            stops: &standing.stops,
            reach: standing.reach,
        };
        gate::release(outbound, &leaving, &mut core.rates())
    })
}

/// It is in flight. The number's next may leave meanwhile, the contact's may not.
async fn carried(core: &Arc<Core>, due: &Due, pass: Pass, attempt: u32) -> Then {
    let line = line_of(due);
    set_going(core, &line);
    let template = match &pass.outbound().message {
        Outgoing::Template(template) => Some(template.name.clone()),
        _ => None,
    };
    let report = match core.plan.route(&due.tenant, &due.number) {
        Some(route) => route.carrier.deliver(pass).await,
        None => Report::Refused(Rejection {
            code: "no-carrier".into(),
            cause: "the number has no carrier in tollgate.toml".into(),
            action: Action::Fail,
        }),
    };
    let arrived = arrived(core, due, report, attempt, template.as_deref()).await;
    // A record that cannot be written leaves the send in flight, which the next start takes as unknown (I11): try for long.
    while let Err(error) = core
        .ledger
        .arrive(&due.tenant, &due.token, arrived.clone(), core.clock.now())
        .await
    {
        core.could_not_write(&error);
        tracing::error!(tenant = %due.tenant, token = %due.token, %error, "what a carrier said could not be recorded");
        if core.is_stopping() {
            return Then::AskAgain;
        }
        core.pause(limits::LEDGER_WAIT).await;
    }
    then(core, due, &arrived)
}

fn then(core: &Core, due: &Due, arrived: &Arrived) -> Then {
    let now = core.clock.now();
    match arrived {
        Arrived::Sent(_) | Arrived::Failed { .. } => Then::Next,
        Arrived::Again { at, .. } => {
            locked(&core.outbox.waiting).is_due_at(*at);
            // Who waits for long loses the place in the contact's order.
            if at.since(now) > ledger::limits::KEEPS_ORDER {
                return Then::Next;
            }
            Then::Waits
        }
        Arrived::Unknown { .. } => {
            core.unsure.expect(core, &due.tenant, &due.number, now);
            locked(&core.outbox.waiting).is_due_at(now.plus(core.holds_back));
            Then::Waits
        }
    }
}

/// What a carrier's report comes to, by the table of errors.
async fn arrived(
    core: &Core,
    due: &Due,
    report: Report,
    attempt: u32,
    template: Option<&str>,
) -> Arrived {
    let (code, cause, action) = match report {
        Report::Accepted(wamid) => {
            core.health.carrier(&due.number, None);
            return Arrived::Sent(wamid);
        }
        Report::Unknown { cause } => {
            tracing::warn!(tenant = %due.tenant, token = %due.token, cause, "nobody knows whether this send left");
            return Arrived::Unknown { cause };
        }
        Report::Refused(Rejection {
            code,
            cause,
            action,
        }) => (code, cause, action),
    };
    tracing::warn!(tenant = %due.tenant, token = %due.token, code, cause, "a send was not taken");
    let now = core.clock.now();
    let refused = alerts::Refused {
        line: (&due.tenant, &due.number),
        code: &code,
        cause: &cause,
        template,
    };
    alerts::follow(core, &refused, action).await;
    let number = code.parse().ok();
    let cause = format!("{code}: {cause}");
    if action == carrier::errors::UNREACHABLE {
        core.health.carrier(&due.number, Some(cause.clone()));
    }
    if action == carrier::errors::RATE {
        // The number's other sends would be answered the same.
        let until = now.plus(carrier::limits::RATE_WAIT);
        locked(&core.outbox.waiting).hold(&line_of(due), until);
    }
    match action {
        Action::Retry {
            after,
            growth,
            most,
        } if attempt < most => Arrived::Again {
            at: now.plus(backoff(after, growth, attempt)),
            cause,
        },
        Action::Retry { .. } | Action::Fail | Action::StopTemplate => Arrived::Failed {
            code: number,
            cause,
        },
        // Nothing is lost: it is ready again, and its number is stopped.
        Action::StopNumber | Action::StopCarrier => Arrived::Again { at: now, cause },
    }
}

/// Longer with each attempt, but never for ever.
fn backoff(first: Span, growth: u32, attempt: u32) -> Span {
    let factor = u64::from(growth).saturating_pow(attempt.saturating_sub(1));
    let milliseconds = u64::try_from(first.milliseconds())
        .unwrap_or(0)
        .saturating_mul(factor);
    Span::from_millis(milliseconds).min(limits::LONGEST_BACKOFF.max(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_waits_longer_each_time_but_never_for_ever() {
        let waits: Vec<Span> = (1..=4)
            .map(|attempt| backoff(Span::from_seconds(4), 4, attempt))
            .collect();
        assert_eq!(waits, [4, 16, 64, 256].map(Span::from_seconds));
        assert_eq!(backoff(Span::from_seconds(1), 2, 3), Span::from_seconds(4));
        assert_eq!(
            backoff(Span::from_seconds(4), 4, 60),
            limits::LONGEST_BACKOFF
        );
        assert_eq!(
            backoff(Span::from_hours(24), 2, 1),
            Span::from_hours(24),
            "a day's wait stays a day"
        );
    }
}
