//! The ledger as a world has it: the real one, with a door in front of every operation. Behind the door an operation is slow, or
//! fails with nothing done, or the host dies: before the commit, or after it and before anybody was told. Every commit is shown to
//! the judge in its order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use gate::{Admitted, Reach, Release};
use ledger::sqlite::SqliteLedger;
use ledger::*;
use model::{
    Consent, ConsentChange, Contact, ContactId, ContactKey, DecisionId, Entry, Moment, NoticeKey,
    NumberId, Phone, PluginName, ReplyDraftId, RuleCount, SendState, SendToken, Span, StopSwitch,
    StopTarget, TenantId,
};

use crate::operations::operations;
use crate::sabotage::Sabotage;
use crate::world::World;

pub struct Faulty {
    pub world: Arc<World>,
    pub inner: Arc<SqliteLedger>,
}

/// Forwards what needs no judge: each operation goes through the door and on to the real ledger.
macro_rules! ledger {
    (
        reads { $(fn $read:ident($($ra:ident: $rt:ty),*) -> $ro:ty;)* }
        writes { $(fn $write:ident($($wa:ident: $wt:ty),*) -> $wo:ty;)* }
        decides { $(fn $decide:ident($($da:ident: $dt:ty),*) -> $do:ty;)* }
        judged { $($judged:tt)* }
    ) => {
        #[async_trait]
        impl Ledger for Faulty {
            $(async fn $read(&self, $($ra: $rt),*) -> Result<$ro, LedgerError> {
                self.world.reads(stringify!($read)).await?;
                self.inner.$read($($ra),*).await
            })*
            $(async fn $write(&self, $($wa: $wt),*) -> Result<$wo, LedgerError> {
                let door = self.world.writes(stringify!($write)).await?;
                let outcome = self.inner.$write($($wa),*).await;
                door.leave().await;
                outcome
            })*
            $($judged)*
        }
    };
}

operations! { ledger {
    judged {
        async fn accept(&self, arrivals: Vec<Arrival>, now: Moment) -> Result<Vec<Acceptance>, LedgerError> {
            let door = self.world.writes("accept").await?;
            let passed_on = match self.world.sabotage {
                Sabotage::AcknowledgesWithoutStoring if self.world.odds(20) => return Ok(Vec::new()),
                sabotage => sabotaged(sabotage, &arrivals, door.number()),
            };
            let mut accepted = self.inner.accept(passed_on, now).await;
            if self.world.sabotage == Sabotage::SwapsMessages
                && are_different(&arrivals)
                && let Ok(acceptances) = &mut accepted
            {
                acceptances.reverse();
            }
            if let Ok(acceptances) = &accepted {
                self.world.judge(|judge| judge.accepted(&arrivals, acceptances, now));
                for (arrival, acceptance) in arrivals.iter().zip(acceptances) {
                    self.world.note(|| format!("accepted {}: {acceptance:?}", said(arrival)));
                }
            }
            door.leave().await;
            accepted
        }

        async fn settle(&self, settlement: Settlement) -> Result<Settled, LedgerError> {
            let door = self.world.writes("settle").await?;
            let settlement = renamed(self.world.sabotage, settlement);
            let shown = settlement.clone();
            let settled = self.inner.settle(mutilated(self.world.sabotage, settlement)).await;
            if let Ok(Settled::Done) = &settled {
                self.world.note(|| {
                    let decision = &shown.decision;
                    let (id, sends) = (&decision.id, shown.sends.len());
                    format!("settled {} {} on {}: {:?}, {sends} sends", id.tenant, id.message, decision.edition, decision.ending)
                });
                self.world.judge(|judge| judge.settled(&shown));
            } else {
                self.world.note(|| format!("not settled {}: {settled:?}", shown.decision.id.message));
            }
            door.leave().await;
            settled
        }

        async fn join(&self, lane: &Lane, now: Moment) -> Result<Joined, LedgerError> {
            let door = self.world.writes("join").await?;
            let joined = self.inner.join(lane, now).await;
            self.world.note(|| format!("contact {} of {} comes to a join: {joined:?}", lane.contact, lane.tenant));
            door.leave().await;
            joined
        }

        async fn depart(&self, tenant: &TenantId, token: &SendToken, now: Moment, holds_back: Span, judge: Judge) -> Result<Departure, LedgerError> {
            let door = self.world.writes("depart").await?;
            let judge = blinded(self.world.sabotage, judge, now);
            let departure = self.inner.depart(tenant, token, now, holds_back, judge).await;
            match &departure {
                Ok(Departure::Go { pass, attempt }) => {
                    let outbound = pass.outbound();
                    self.world.note(|| format!("departs {token}, attempt {attempt}, judged at {}: {:?}", now.0, outbound.message.body()));
                    for overtaken in self.world.judge(|judge| judge.departed(outbound, now)) {
                        self.overtaken(&overtaken).await;
                    }
                }
                Ok(Departure::Cancelled(refusal)) => {
                    self.world.note(|| format!("cancelled {token}: {}", refusal.word()));
                    self.world.judge(|judge| judge.is_over(tenant, token));
                }
                Ok(Departure::Withheld) => self.world.judge(|judge| judge.is_over(tenant, token)),
                other => self.world.note(|| format!("stays {token}: {other:?}")),
            }
            door.leave().await;
            departure
        }

        async fn arrive(&self, tenant: &TenantId, token: &SendToken, arrival: Arrived, now: Moment) -> Result<(), LedgerError> {
            let door = self.world.writes("arrive").await?;
            let shown = arrival.clone();
            let recorded = self.inner.arrive(tenant, token, arrival, now).await;
            if recorded.is_ok() {
                self.world.note(|| format!("recorded {token}: {shown:?}"));
                self.world.judge(|judge| judge.arrived(tenant, token, &shown, now));
            }
            door.leave().await;
            recorded
        }

        async fn recover(&self, now: Moment) -> Result<usize, LedgerError> {
            let door = self.world.writes("recover").await?;
            if self.world.sabotage == Sabotage::RecoversNothing {
                return Ok(0);
            }
            let recovered = self.inner.recover(now).await;
            if let Ok(count) = &recovered {
                self.world.note(|| format!("recovered: {count} of unknown outcome"));
                self.world.judge(|judge| judge.recovered(now));
            }
            door.leave().await;
            recovered
        }

        async fn unsure(&self, after: Option<UnsurePlace>, most: usize) -> Result<Vec<Unsure>, LedgerError> {
            self.world.reads("unsure").await?;
            let mut unsure = self.inner.unsure(after, most).await?;
            if self.world.sabotage == Sabotage::ResendsBlindly {
                for unsure in &mut unsure {
                    unsure.later_confirmed = true;
                }
            }
            Ok(unsure)
        }

        async fn resolve(&self, tenant: &TenantId, token: &SendToken, resolution: Resolution, now: Moment) -> Result<bool, LedgerError> {
            let door = self.world.writes("resolve").await?;
            let resolved = self.inner.resolve(tenant, token, resolution, now).await;
            if let Ok(true) = &resolved {
                self.world.note(|| format!("resolved {token}: {resolution:?}"));
                self.world.judge(|judge| judge.resolved(tenant, token, resolution, now));
            }
            door.leave().await;
            resolved
        }

        async fn departures(&self, since: Moment) -> Result<Vec<Departed>, LedgerError> {
            self.world.reads("departures").await?;
            match self.world.sabotage {
                Sabotage::ForgetsRates => Ok(Vec::new()),
                _ => self.inner.departures(since).await,
            }
        }

        async fn throw_switch(&self, tenant: &TenantId, switch: StopSwitch) -> Result<bool, LedgerError> {
            let door = self.world.writes("throw_switch").await?;
            let target = switch.target.clone();
            let thrown = self.inner.throw_switch(tenant, switch).await;
            if thrown.is_ok() {
                self.world.note(|| format!("thrown: {target} of {tenant}"));
                self.world.judge(|judge| judge.switched(tenant, &target, true));
            }
            door.leave().await;
            thrown
        }

        async fn lift_switch(&self, tenant: &TenantId, target: &StopTarget, now: Moment) -> Result<bool, LedgerError> {
            let door = self.world.writes("lift_switch").await?;
            let lifted = self.inner.lift_switch(tenant, target, now).await;
            if lifted.is_ok() {
                self.world.note(|| format!("lifted: {target} of {tenant}"));
                self.world.judge(|judge| judge.switched(tenant, target, false));
            }
            door.leave().await;
            lifted
        }

        async fn send(&self, send: Admitted, now: Moment) -> Result<bool, LedgerError> {
            let door = self.world.writes("send").await?;
            let outbound = send.outbound().clone();
            let queued = self.inner.send(send, now).await;
            if let Ok(true) = &queued {
                self.world.note(|| format!("a person sends {}", outbound.token));
                self.world.judge(|judge| judge.queued(&outbound));
            }
            door.leave().await;
            queued
        }

        async fn end_pause(&self, tenant: &TenantId, id: ContactId, now: Moment) -> Result<bool, LedgerError> {
            let door = self.world.writes("end_pause").await?;
            let ended = self.inner.end_pause(tenant, id, now).await;
            if let Ok(true) = &ended {
                self.world.note(|| format!("the pause of contact {id} of {tenant} is over"));
                self.world.judge(|judge| judge.pause_is_over(tenant, id, now));
            }
            door.leave().await;
            ended
        }

        async fn release(&self, tenant: &TenantId, id: ContactId, now: Moment) -> Result<bool, LedgerError> {
            let door = self.world.writes("release").await?;
            let released = self.inner.release(tenant, id, now).await;
            if released.is_ok() {
                self.world.note(|| format!("released contact {id} of {tenant}"));
                self.world.judge(|judge| judge.released(tenant, id));
            }
            door.leave().await;
            released
        }
    }
} }

impl Faulty {
    /// Something left, and something before it waits: unless that is over by now, the order is broken.
    async fn overtaken(&self, overtaken: &crate::judge::Overtaken) {
        let sends = self.inner.sends(&overtaken.of).await.unwrap_or_default();
        let waits = |send: &SendRecord| {
            send.outbound.token == overtaken.what && send.state == SendState::Ready
        };
        if sends.iter().any(waits) {
            let blame = format!("I4: {} left before {}", overtaken.by, overtaken.what);
            self.world.judge(|judge| judge.blame(blame));
        }
    }
}

fn said(arrival: &Arrival) -> String {
    let notice = &arrival.notice;
    format!(
        "{} {} {}",
        notice.tenant,
        notice.number,
        notice.key.as_str()
    )
}

/// What a broken host would pass on.
fn sabotaged(sabotage: Sabotage, arrivals: &[Arrival], delivery: u64) -> Vec<Arrival> {
    let mut arrivals = arrivals.to_vec();
    match sabotage {
        Sabotage::ForgetsStops => {
            for arrival in &mut arrivals {
                arrival.is_stop = false;
            }
        }
        Sabotage::ForgetsKeys => {
            for (place, arrival) in arrivals.iter_mut().enumerate() {
                let fresh = format!("{}:{delivery}:{place}", arrival.notice.key.as_str());
                arrival.notice.key = NoticeKey::digest(&fresh);
            }
        }
        Sabotage::ForgetsEchoes => {
            for arrival in &mut arrivals {
                arrival.silent_until = arrival.silent_until.map(|_| Moment(0));
            }
        }
        Sabotage::SwapsMessages if are_different(&arrivals) => arrivals.reverse(),
        _ => {}
    }
    arrivals
}

/// The same one twice is no order to break.
fn are_different(arrivals: &[Arrival]) -> bool {
    let keys = arrivals.iter().map(|arrival| arrival.notice.key.as_str());
    keys.collect::<BTreeSet<_>>().len() == arrivals.len()
}

/// What a broken host would settle.
fn mutilated(sabotage: Sabotage, mut settlement: Settlement) -> Settlement {
    match sabotage {
        Sabotage::LosesSends => settlement.sends.clear(),
        Sabotage::ReversesSends => settlement.sends.reverse(),
        Sabotage::LosesConsent => settlement.contact.consent = Consent::default(),
        Sabotage::LosesConsentLog => settlement.consent.clear(),
        Sabotage::LosesMemory => settlement.memory.clear(),
        Sabotage::LosesCounts => settlement.counts.clear(),
        _ => {}
    }
    settlement
}

/// What a host decides that takes up another edition on the way.
fn renamed(sabotage: Sabotage, mut settlement: Settlement) -> Settlement {
    let editions = &crate::shop::works().editions;
    let mut others = editions
        .iter()
        .filter(|edition| edition.hash() != settlement.decision.edition);
    if sabotage == Sabotage::SaysAnotherEdition
        && let Some(other) = others.next()
    {
        other.hash().clone_into(&mut settlement.decision.edition);
    }
    settlement
}

/// What a gate would say that does not see everything.
fn blinded(sabotage: Sabotage, mut judge: Judge, now: Moment) -> Judge {
    let blind: fn(&mut Standing, Moment) = match sabotage {
        Sabotage::IgnoresConsent => |standing, _| {
            standing.contact.stop_pending = false;
            standing.contact.consent = Consent::default();
        },
        Sabotage::IgnoresPauses => |standing, _| standing.contact.pause = None,
        Sabotage::IgnoresSwitches => |standing, _| standing.stops.clear(),
        Sabotage::IgnoresWindows => |standing, now| {
            for wrote in standing.contact.last_inbound.values_mut() {
                *wrote = now;
            }
        },
        _ => return judge,
    };
    Box::new(move |outbound, standing| -> Release {
        let mut standing = standing.clone();
        blind(&mut standing, now);
        judge(outbound, &standing)
    })
}
