//! Where the ledger is, and whose contact is meant in it.

use std::path::PathBuf;

use clap::Args;
use ledger::LedgerError;
use ledger::chain::LedgerKey;
use ledger::sqlite::{Inspection, SqliteLedger, is_in_use};
use model::{ContactId, Phone, TenantId};

use crate::command::run::secret;
use crate::command::{ConfigFile, Failure};
use crate::config::Config;

/// Where the ledger is.
#[derive(Debug, Args)]
pub(super) struct Place {
    #[command(flatten)]
    config: ConfigFile,
    /// The folder of the state, instead of what the configuration says
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Place {
    pub(super) fn found(&self) -> Result<Found, Failure> {
        let (config, _) = self.config.read_with(None)?;
        let data = self
            .data
            .clone()
            .unwrap_or_else(|| config.host.data.clone());
        let path = data.join("ledger.db");
        if !path.is_file() {
            return Err(Failure::usage(format!(
                "error: there is no ledger at {}\n  help: name the host's folder with --data, or its configuration with --config",
                path.display()
            )));
        }
        Ok(Found { path, data, config })
    }
}

/// A ledger that is there.
pub(super) struct Found {
    pub(super) path: PathBuf,
    data: PathBuf,
    pub(super) config: Config,
}

impl Found {
    /// To look into it, whoever writes it.
    pub(super) fn look(&self) -> Result<Inspection, Failure> {
        let key = secret::known(&self.data).map(|secret| LedgerKey::of_host(&secret));
        Inspection::open(&self.path, key).map_err(failed)
    }

    /// A host has it open: what is to change is asked of it.
    pub(super) fn has_a_host(&self) -> bool {
        is_in_use(&self.path)
    }

    /// To change it: no host has it open.
    pub(super) fn open(&self) -> Result<SqliteLedger, Failure> {
        let secret = secret::host_secret(&self.data)?;
        SqliteLedger::open_with(&self.path, LedgerKey::of_host(&secret)).map_err(failed)
    }
}

/// The tenant that is meant: the one that is named, or the only one.
pub(super) fn tenant(look: &Inspection, named: Option<&str>) -> Result<TenantId, Failure> {
    let tenants = look.tenants().map_err(failed)?;
    let names = || {
        let names: Vec<_> = tenants.iter().map(TenantId::as_str).collect();
        names.join(", ")
    };
    match (named, tenants.as_slice()) {
        (Some(named), _) => tenants
            .iter()
            .find(|tenant| tenant.as_str() == named)
            .cloned()
            .ok_or_else(|| {
                Failure::usage(format!(
                    "error: the ledger has no contacts of a tenant {named:?}\n  help: it has {}",
                    names()
                ))
            }),
        (None, [only]) => Ok(only.clone()),
        (None, []) => Err(Failure::found("error: the ledger has no contacts yet")),
        (None, _) => Err(Failure::usage(format!(
            "error: whose contact is meant?\n  help: name the tenant with --tenant: {}",
            names()
        ))),
    }
}

/// The contact that is meant: by its id, `c7`, or by a phone.
pub(super) fn contact(
    look: &Inspection,
    tenant: &TenantId,
    named: &str,
) -> Result<ContactId, Failure> {
    if let Some(id) = named
        .strip_prefix('c')
        .and_then(|digits| digits.parse().ok())
        .filter(|id| i64::try_from(*id).is_ok())
    {
        return Ok(ContactId(id));
    }
    let phone = Phone::new(named.trim_start_matches('+')).map_err(|_| {
        Failure::usage("error: that is no contact\n  help: write an id such as c7, or a phone with its country's code such as +15550100001")
    })?;
    let found = look.contact_of(tenant, &phone).map_err(failed)?;
    // The number is not repeated: it may stand in a log of the terminal's (I12).
    found.map(|contact| contact.id).ok_or_else(|| {
        Failure::found(format!(
            "error: the tenant {tenant} knows nobody by that phone\n  help: `tollgate contact` finds contacts by their name"
        ))
    })
}

pub(super) fn nobody(id: ContactId) -> Failure {
    Failure::found(format!("error: there is no contact {id}, or it was erased"))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn failed(error: LedgerError) -> Failure {
    Failure::found(format!("error: {error}"))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn unwritable(error: serde_json::Error) -> Failure {
    Failure::found(format!("error: this cannot be shown as JSON: {error}"))
}

/// As one line of JSON.
pub(super) fn line(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string(value)
        .map(|text| format!("{text}\n"))
        .map_err(unwritable)
}

/// Counts as words: `2 messages, 1 decisions`.
pub(super) fn listed(removed: &serde_json::Value) -> String {
    let classes = removed.as_object();
    let words: Vec<String> = classes
        .into_iter()
        .flatten()
        .map(|(class, count)| format!("  {class:<16} {count}\n"))
        .collect();
    words.concat()
}
