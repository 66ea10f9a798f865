//! What the configuration says, as the engine uses it. It does not change while the engine runs; editions do.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use carrier::Carrier;
use gate::Policy;
use knowledge::Knowledge;
use lookup::Lookup;
use model::{DeskName, Grants, NumberId, PluginName, Span, StopTarget, TenantId};
use sandbox::Limits;

use crate::limits;

/// Everything that stays as it is while the engine runs.
pub struct Plan {
    /// The tenants.
    pub tenants: BTreeMap<TenantId, Arc<Tenant>>,
    /// The plugins they share.
    pub plugins: BTreeMap<PluginName, PluginSource>,
}

impl Plan {
    /// How long a send of unknown outcome holds back what follows it to the same contact: until a second try would have been
    /// made, but never longer than a person should wait for a reply that may never be told.
    pub(crate) fn holds_back(&self) -> Span {
        let second_try = self.unsure_after().plus(limits::SECOND_TRY);
        second_try.min(limits::UNKNOWN_HOLDS_BACK)
    }

    /// After how long an unknown outcome is looked into at the earliest.
    pub(crate) fn unsure_after(&self) -> Span {
        let lines = self
            .tenants
            .values()
            .flat_map(|tenant| tenant.lines.values());
        let soonest = lines
            .filter_map(|line| Some(line.route.as_ref()?.unsure_after))
            .min();
        soonest.unwrap_or(limits::UNKNOWN_HOLDS_BACK)
    }

    /// The command that lifts a stop switch.
    pub(crate) fn lifts(&self, tenant: &TenantId, target: &StopTarget) -> String {
        let settings = self.tenants.get(tenant);
        let mut command = match target {
            StopTarget::Tenant => "tollgate resume".to_owned(),
            StopTarget::Number(number) => {
                let line = settings.and_then(|settings| settings.lines.get(number));
                let name = line.map_or(number.as_str(), |line| line.alias.as_str());
                format!("tollgate resume --number {name}")
            }
            StopTarget::Template(name) => format!("tollgate resume --template {name}"),
        };
        if self.tenants.len() > 1 {
            command.push_str(" --tenant ");
            command.push_str(tenant.as_str());
        }
        command
    }

    /// How sends of this number leave.
    pub(crate) fn route(&self, tenant: &TenantId, number: &NumberId) -> Option<&Route> {
        self.tenants.get(tenant)?.lines.get(number)?.route.as_ref()
    }
}

/// One business.
pub struct Tenant {
    /// What people call it.
    pub title: String,
    /// What may leave.
    pub policy: Policy,
    /// Its numbers.
    pub lines: BTreeMap<NumberId, Line>,
    /// Its knowledge bases, by the operator's names for them.
    pub knowledge: BTreeMap<String, Arc<dyn Knowledge>>,
    /// The endpoints that its plugins may ask, by the operator's names for them.
    pub endpoints: BTreeMap<String, Arc<dyn Lookup>>,
    /// Where a message goes that is too old to answer.
    pub stale_desk: Option<DeskName>,
    /// How long the bot keeps silent after a person of theirs wrote to the contact from elsewhere.
    pub agent_pause: Span,
    /// Its rules.
    pub rules: RuleSource,
}

impl Tenant {
    /// The same tenant with nothing that reaches out: no carrier, no knowledge, no endpoint.
    pub(crate) fn without_ways_out(&self) -> Self {
        let line = |(number, line): (&NumberId, &Line)| {
            let line = Line {
                alias: line.alias.clone(),
                title: line.title.clone(),
                route: None,
            };
            (number.clone(), line)
        };
        Self {
            title: self.title.clone(),
            policy: self.policy.clone(),
            lines: self.lines.iter().map(line).collect(),
            stale_desk: self.stale_desk.clone(),
            agent_pause: self.agent_pause,
            rules: self.rules.clone(),
            knowledge: BTreeMap::new(),
            endpoints: BTreeMap::new(),
        }
    }
}

/// One of a tenant's numbers.
pub struct Line {
    /// Its name in rules and in `tollgate.toml`.
    pub alias: String,
    /// What people call it.
    pub title: String,
    /// How its sends leave; none where rules are only checked.
    pub route: Option<Route>,
}

/// How sends leave, and what follows when nobody knows whether one did.
#[derive(Clone)]
pub struct Route {
    /// Who delivers.
    pub carrier: Arc<dyn Carrier>,
    /// After how long an unknown outcome is looked into (I11).
    pub unsure_after: Span,
    /// What is done then.
    pub if_unsure: IfUnsure,
}

/// What is done with a send whose outcome stays unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IfUnsure {
    /// Sent once more, if a later send on the number got its status.
    #[default]
    Resend,
    /// Held for a person.
    Hold,
}

/// Where a tenant's rules come from.
#[derive(Debug, Clone)]
pub enum RuleSource {
    /// A folder of `.toml` files.
    Folder(PathBuf),
    /// Texts in the binary: name and content.
    Embedded(&'static [(&'static str, &'static str)]),
}

/// A plugin before it is loaded.
#[derive(Debug, Clone)]
pub struct PluginSource {
    /// Its code.
    pub component: Component,
    /// What it may reach.
    pub grants: Grants,
    /// How much it may use.
    pub limits: Limits,
    /// The SHA-256 that its code must have, in hex, if the operator pinned it.
    pub pin: Option<String>,
}

/// Where a plugin's code comes from.
#[derive(Debug, Clone)]
pub enum Component {
    /// A file.
    File(PathBuf),
    /// Bytes in the binary.
    Embedded(&'static [u8]),
}
