//! The circuit breaker: a plugin that fails again and again for a tenant is left alone for a while.
//!
//! A row of failures without a success between them opens it. Then nothing of that plugin is run for that tenant until a
//! back-off has passed; one run is let through as a probe; if it succeeds all is well again, if it fails the back-off doubles.
//! Only the guest's own faults count: a host in trouble is no plugin's fault.

use std::collections::HashMap;
use std::sync::Mutex;

use model::{Moment, PluginName, RunResult, Span, TenantId};

use crate::{limits, locked};

/// All breakers of a host.
#[derive(Debug, Default)]
pub(crate) struct Breakers(Mutex<HashMap<(PluginName, TenantId), Breaker>>);

/// One plugin's standing with one tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is run.
    Trusted {
        /// Failures since its last success.
        failures: u32,
    },
    /// It is left alone.
    Quarantined {
        /// Until when; then one run is let through.
        until: Moment,
        /// How often in a row that came about.
        times: u32,
    },
    /// One run is under way to see whether it works again.
    Probing {
        /// Since when.
        since: Moment,
        /// How often in a row it was left alone.
        times: u32,
    },
}

type Breaker = Standing;

impl Default for Standing {
    fn default() -> Self {
        Self::Trusted { failures: 0 }
    }
}

impl Standing {
    /// The word for it, in metrics and on pages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Trusted { .. } => "trusted",
            Self::Quarantined { .. } => "quarantined",
            Self::Probing { .. } => "probing",
        }
    }
}

impl Breakers {
    /// Whether the plugin may run now; if not, until when it is left alone.
    pub(crate) fn admit(
        &self,
        plugin: &PluginName,
        tenant: &TenantId,
        now: Moment,
    ) -> Result<(), Moment> {
        let mut breakers = locked(&self.0);
        let Some(standing) = breakers.get_mut(&(plugin.clone(), tenant.clone())) else {
            return Ok(());
        };
        match *standing {
            Standing::Trusted { .. } => Ok(()),
            Standing::Quarantined { until, .. } if now < until => Err(until),
            Standing::Quarantined { times, .. } => {
                *standing = Standing::Probing { since: now, times };
                Ok(())
            }
            // A probe that never came back (its attempt was lost to a stop, say) does not close the door for ever.
            Standing::Probing { since, times } if now.since(since) > limits::PROBE_MOST => {
                *standing = Standing::Probing { since: now, times };
                Ok(())
            }
            Standing::Probing { since, .. } => Err(since.plus(limits::PROBE_MOST)),
        }
    }

    /// Whether the plugin is in good standing; if not, until when it is left alone. Whoever asks this notes nothing, and takes
    /// nobody's probe.
    pub(crate) fn is_trusted(&self, plugin: &PluginName, tenant: &TenantId) -> Result<(), Moment> {
        match locked(&self.0).get(&(plugin.clone(), tenant.clone())) {
            None | Some(Standing::Trusted { .. }) => Ok(()),
            Some(Standing::Quarantined { until, .. }) => Err(*until),
            Some(Standing::Probing { since, .. }) => Err(since.plus(limits::PROBE_MOST)),
        }
    }

    /// Notes how a run ended. True if that changed whether the plugin is run.
    pub(crate) fn note(
        &self,
        plugin: &PluginName,
        tenant: &TenantId,
        result: &RunResult,
        now: Moment,
    ) -> bool {
        let key = (plugin.clone(), tenant.clone());
        let mut breakers = locked(&self.0);
        let before = breakers.get(&key).copied().unwrap_or_default();
        let after = match (is_fault_of_the_guest(result), before) {
            (None, _) => return false,
            (Some(false), _) => Standing::default(),
            (Some(true), Standing::Trusted { failures }) => match failures.saturating_add(1) {
                failures if failures < limits::FAILURES_IN_A_ROW => Standing::Trusted { failures },
                _ => quarantine(1, now),
            },
            (Some(true), Standing::Probing { times, .. }) => {
                quarantine(times.saturating_add(1), now)
            }
            // A run that began before the door was shut: it is shut already.
            (Some(true), shut @ Standing::Quarantined { .. }) => shut,
        };
        if after == Standing::default() {
            breakers.remove(&key);
        } else if breakers.len() < limits::BREAKERS || breakers.contains_key(&key) {
            breakers.insert(key, after);
        }
        before.word() != after.word()
    }

    /// All that are not simply trusted, and those with failures on their account.
    pub(crate) fn standings(&self) -> Vec<(PluginName, TenantId, Standing)> {
        let breakers = locked(&self.0);
        let mut all: Vec<_> = breakers
            .iter()
            .map(|((plugin, tenant), standing)| (plugin.clone(), tenant.clone(), *standing))
            .collect();
        all.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
        all
    }

    /// A plugin whose code or grants changed begins anew.
    pub(crate) fn forgive(&self, plugin: &PluginName) {
        locked(&self.0).retain(|(name, _), _| name != plugin);
    }
}

fn quarantine(times: u32, now: Moment) -> Standing {
    let doublings = times.saturating_sub(1).min(16);
    let back_off = limits::FIRST_BACK_OFF
        .milliseconds()
        .saturating_mul(1 << doublings);
    let back_off =
        Span::from_millis(u64::try_from(back_off).unwrap_or(0)).min(limits::LONGEST_QUARANTINE);
    Standing::Quarantined {
        until: now.plus(back_off),
        times,
    }
}

/// Nothing if the run says nothing about the plugin.
fn is_fault_of_the_guest(result: &RunResult) -> Option<bool> {
    match result {
        RunResult::Ended(_) => Some(false),
        RunResult::Failed(
            model::Failure::Said { .. }
            | model::Failure::Trapped { .. }
            | model::Failure::Limit { .. },
        ) => Some(true),
        RunResult::Failed(model::Failure::Quarantined { .. } | model::Failure::Host { .. }) => None,
    }
}

#[cfg(test)]
mod tests {
    use model::{Failure, Outcome};

    use super::*;

    fn names() -> (PluginName, TenantId) {
        (
            PluginName::new("greeter").unwrap(),
            TenantId::new("shop").unwrap(),
        )
    }

    fn failed() -> RunResult {
        RunResult::Failed(Failure::Trapped {
            message: "unreachable".into(),
        })
    }

    fn ended() -> RunResult {
        RunResult::Ended(Outcome::Handled)
    }

    fn shut(breakers: &Breakers, now: Moment) {
        let (plugin, tenant) = names();
        for _ in 0..limits::FAILURES_IN_A_ROW {
            assert_eq!(breakers.admit(&plugin, &tenant, now), Ok(()));
            breakers.note(&plugin, &tenant, &failed(), now);
        }
    }

    #[test]
    fn failures_in_a_row_shut_the_door_and_a_success_between_them_does_not_let_it_come_to_that() {
        let breakers = Breakers::default();
        let (plugin, tenant) = names();
        let now = Moment(0);
        for _ in 0..3 {
            for _ in 1..limits::FAILURES_IN_A_ROW {
                breakers.note(&plugin, &tenant, &failed(), now);
            }
            breakers.note(&plugin, &tenant, &ended(), now);
        }
        assert_eq!(breakers.standings(), []);
        shut(&breakers, now);
        let until = breakers.admit(&plugin, &tenant, now).unwrap_err();
        assert_eq!(until, now.plus(limits::FIRST_BACK_OFF));
        let other = TenantId::new("bank").unwrap();
        assert_eq!(breakers.admit(&plugin, &other, now), Ok(()));
    }

    #[test]
    fn one_probe_is_let_through_and_its_success_opens_the_door() {
        let breakers = Breakers::default();
        let (plugin, tenant) = names();
        shut(&breakers, Moment(0));
        let later = Moment(0).plus(limits::FIRST_BACK_OFF);
        assert_eq!(breakers.admit(&plugin, &tenant, later), Ok(()));
        assert!(
            breakers.admit(&plugin, &tenant, later).is_err(),
            "one probe at a time"
        );
        assert!(breakers.note(&plugin, &tenant, &ended(), later));
        assert_eq!(breakers.admit(&plugin, &tenant, later), Ok(()));
    }

    #[test]
    fn each_failed_probe_doubles_the_back_off_up_to_its_most() {
        let breakers = Breakers::default();
        let (plugin, tenant) = names();
        let mut now = Moment(0);
        shut(&breakers, now);
        let mut back_offs = Vec::new();
        for _ in 0..20 {
            let until = breakers.admit(&plugin, &tenant, now).unwrap_err();
            back_offs.push(until.since(now));
            now = until;
            assert_eq!(breakers.admit(&plugin, &tenant, now), Ok(()));
            breakers.note(&plugin, &tenant, &failed(), now);
        }
        assert_eq!(back_offs[1].milliseconds(), 2 * back_offs[0].milliseconds());
        assert_eq!(back_offs[19], limits::LONGEST_QUARANTINE);
    }

    #[test]
    fn a_probe_that_never_comes_back_does_not_shut_the_door_for_ever() {
        let breakers = Breakers::default();
        let (plugin, tenant) = names();
        shut(&breakers, Moment(0));
        let later = Moment(0).plus(limits::FIRST_BACK_OFF);
        assert_eq!(breakers.admit(&plugin, &tenant, later), Ok(()));
        let much_later = later.plus(limits::PROBE_MOST).plus(Span::from_millis(1));
        assert_eq!(breakers.admit(&plugin, &tenant, much_later), Ok(()));
    }

    #[test]
    fn whoever_only_looks_takes_no_probe() {
        let breakers = Breakers::default();
        let (plugin, tenant) = names();
        assert_eq!(breakers.is_trusted(&plugin, &tenant), Ok(()));
        shut(&breakers, Moment(0));
        let until = Moment(0).plus(limits::FIRST_BACK_OFF);
        assert_eq!(breakers.is_trusted(&plugin, &tenant), Err(until));
        assert_eq!(
            breakers.admit(&plugin, &tenant, until),
            Ok(()),
            "the probe is still there"
        );
        assert!(breakers.is_trusted(&plugin, &tenant).is_err());
        breakers.note(&plugin, &tenant, &ended(), until);
        assert_eq!(breakers.is_trusted(&plugin, &tenant), Ok(()));
    }

    #[test]
    fn the_host_s_own_faults_do_not_count() {
        let breakers = Breakers::default();
        let (plugin, tenant) = names();
        let fault = RunResult::Failed(Failure::Host {
            message: "no room".into(),
        });
        for _ in 0..100 {
            assert!(!breakers.note(&plugin, &tenant, &fault, Moment(0)));
        }
        assert_eq!(breakers.standings(), []);
    }
}
