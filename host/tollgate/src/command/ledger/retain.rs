//! `tollgate ledger retain`: what is past its time is removed now.

use std::collections::BTreeMap;

use clap::Args;
use ledger::{Ledger, Retained};
use model::TenantId;
use serde_json::{Value, json};

use super::erase::now;
use super::place::{Found, Place, failed, line, listed, unwritable};
use crate::command::client::Client;
use crate::command::{Failure, HostAddress, say};

/// Remove what is past its time now, instead of waiting for the host to do so.
#[derive(Debug, Args)]
#[command(after_help = "\
How long what is kept stands in the configuration, [tenant.NAME.keep]. A running host removes it by itself, bit by bit.

Examples:
  tollgate ledger retain --dry-run      how much is past its time
  tollgate ledger retain")]
pub(super) struct Retain {
    /// Tell how much is past its time, and remove nothing
    #[arg(long)]
    dry_run: bool,
    /// As JSON, a line for each tenant
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    address: HostAddress,
}

impl Retain {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let found = self.place.found()?;
        let tenants: Vec<TenantId> = match &self.address.tenant {
            Some(named) => found
                .config
                .tenants
                .keys()
                .filter(|tenant| tenant.as_str() == named)
                .cloned()
                .collect(),
            None => found.config.tenants.keys().cloned().collect(),
        };
        if tenants.is_empty() {
            return Err(Failure::usage(
                "error: the configuration has no such tenant\n  help: name it with --tenant as in [tenant.NAME]",
            ));
        }
        for tenant in &tenants {
            let keep = found.config.tenants.get(tenant).map(|tenant| tenant.keep);
            let removed = if self.dry_run {
                let look = found.look()?;
                let expired = look.expired(tenant, &keep.unwrap_or_default(), now());
                serde_json::to_value(expired.map_err(failed)?.removed).map_err(unwritable)?
            } else if found.has_a_host() {
                self.by_the_host(tenant).await?
            } else {
                here(&found, tenant).await?
            };
            self.tell(tenant, &removed)?;
        }
        Ok(())
    }

    async fn by_the_host(&self, tenant: &TenantId) -> Result<Value, Failure> {
        let address = HostAddress {
            tenant: Some(tenant.as_str().to_owned()),
            ..self.address.clone()
        };
        let client = Client::new(&address)?;
        let mut all: BTreeMap<String, u64> = BTreeMap::new();
        loop {
            let retained = client.post("/v1/retain").await?;
            let removed = retained.get("removed").and_then(Value::as_object);
            for (class, count) in removed.into_iter().flatten() {
                *all.entry(class.clone()).or_default() += count.as_u64().unwrap_or(0);
            }
            if retained.get("more").and_then(Value::as_bool) != Some(true) {
                return Ok(json!(all));
            }
        }
    }

    fn tell(&self, tenant: &TenantId, removed: &Value) -> Result<(), Failure> {
        if self.json {
            say(&line(
                &json!({"tenant": tenant, "dry_run": self.dry_run, "removed": removed}),
            )?);
            return Ok(());
        }
        let verb = if self.dry_run {
            "past its time"
        } else {
            "removed"
        };
        match listed(removed) {
            none if none.is_empty() => say(&format!("{tenant}: nothing is past its time\n")),
            classes => say(&format!("{tenant}: {verb}\n{classes}")),
        }
        Ok(())
    }
}

/// No host has the ledger open: this is the one writer.
async fn here(found: &Found, tenant: &TenantId) -> Result<Value, Failure> {
    let ledger = found.open()?;
    let Some(settings) = found.config.tenants.get(tenant) else {
        return Ok(json!({}));
    };
    let mut all = Retained::default();
    loop {
        let most = ledger::limits::RETAINED_PER_CALL;
        let retained = ledger.retain(tenant, &settings.keep, now(), most).await;
        let retained = retained.map_err(failed)?;
        for (class, count) in retained.removed {
            *all.removed.entry(class).or_default() += count;
        }
        if !retained.more {
            return serde_json::to_value(all.removed).map_err(unwritable);
        }
    }
}
