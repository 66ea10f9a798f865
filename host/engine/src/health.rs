//! What is wrong right now with what the engine leans on: the ledger, and the carriers.

use std::collections::BTreeMap;
use std::sync::Mutex;

use ledger::LedgerError;
use model::{NumberId, StopSwitch, TenantId};

use crate::{Core, locked};

/// Troubles as they are, not as they were: each goes when the thing works again.
#[derive(Debug, Default)]
pub(crate) struct Health {
    ledger: Mutex<Option<String>>,
    carriers: Mutex<BTreeMap<NumberId, String>>,
}

/// What is wrong, for readiness and for people. Empty if all is well.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Troubles {
    /// The ledger cannot be written: nothing is accepted.
    pub ledger: Option<String>,
    /// Numbers whose sends do not leave, and why. Messages are accepted all the same, and their sends wait.
    pub carriers: BTreeMap<NumberId, String>,
    /// What is stopped. Messages are accepted all the same.
    pub stopped: Vec<Stopped>,
}

/// A stop switch that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// Whose.
    pub tenant: TenantId,
    /// The switch.
    pub switch: StopSwitch,
    /// The command that lifts it.
    pub lift: String,
}

impl Health {
    pub(crate) fn ledger(&self, trouble: Option<String>) {
        *locked(&self.ledger) = trouble;
    }

    pub(crate) fn carrier(&self, number: &NumberId, trouble: Option<String>) {
        let mut carriers = locked(&self.carriers);
        match trouble {
            Some(trouble) => drop(carriers.insert(number.clone(), trouble)),
            None => drop(carriers.remove(number)),
        }
    }
}

impl Core {
    /// A write failed. Whether writing works again is looked into when somebody asks.
    pub(crate) fn could_not_write(&self, error: &LedgerError) {
        self.health.ledger(Some(error.to_string()));
    }

    /// Looks again at a ledger that failed: without traffic nobody else would.
    pub(crate) async fn troubles(&self) -> Troubles {
        let failed = locked(&self.health.ledger).is_some();
        if failed {
            let trouble = self.ledger.probe(self.clock.now()).await.err();
            self.health.ledger(trouble.map(|error| error.to_string()));
        }
        Troubles {
            ledger: locked(&self.health.ledger).clone(),
            carriers: locked(&self.health.carriers).clone(),
            stopped: self.stopped(),
        }
    }

    fn stopped(&self) -> Vec<Stopped> {
        let thrown = self.switches.all();
        let mut stopped = Vec::new();
        for (tenant, switches) in &*thrown {
            stopped.extend(switches.iter().map(|switch| Stopped {
                tenant: tenant.clone(),
                switch: switch.clone(),
                lift: self.plan.lifts(tenant, &switch.target),
            }));
        }
        stopped
    }
}
