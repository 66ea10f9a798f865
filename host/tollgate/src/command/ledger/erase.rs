//! `tollgate ledger erase`: a person asks to be forgotten.

use std::io::{BufRead, IsTerminal};

use clap::Args;
use ledger::Ledger;
use model::{Moment, TenantId};
use serde_json::Value;

use super::place::{Found, Place, contact, failed, line, listed, nobody, tenant, unwritable};
use crate::command::client::Client;
use crate::command::{Failure, HostAddress, say};

/// Erase a person: all that is stored about them, for good.
#[derive(Debug, Args)]
#[command(after_help = "\
What waits for them is never sent, what they wrote and nobody answered is never answered. What remains: that consent was recorded, and not
what; and if they had opted out, a keyed hash of their phone and user id, so that they begin opted out should they come back. Backups
are yours to see to.

Examples:
  tollgate ledger erase c7 --dry-run                 what it would remove
  tollgate ledger erase c7                           asks, and removes it
  tollgate ledger erase +15550100001 --yes --json    from a script")]
pub(super) struct Erase {
    /// Their id, such as c7, or their phone with the country's code
    contact: String,
    /// Tell what would be removed, and remove nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    address: HostAddress,
}

impl Erase {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let found = self.place.found()?;
        let (tenant, id, ahead) = {
            let look = found.look()?;
            let tenant = tenant(&look, self.address.tenant.as_deref())?;
            let id = contact(&look, &tenant, &self.contact)?;
            let ahead = look.erasure(&tenant, id, now()).map_err(failed)?;
            (tenant, id, ahead.ok_or_else(|| nobody(id))?)
        };
        let ahead = serde_json::to_value(ahead).map_err(unwritable)?;
        if self.dry_run {
            return self.tell(&ahead, "would remove");
        }
        if !self.yes {
            self.ask(&tenant, &id.to_string(), &ahead)?;
        }
        let erased = match found.has_a_host() {
            true => self.by_the_host(&tenant, id.0).await?,
            false => here(&found, &tenant, id).await?,
        };
        self.tell(&erased, "removed")
    }

    fn ask(&self, tenant: &TenantId, id: &str, ahead: &Value) -> Result<(), Failure> {
        if !std::io::stdin().is_terminal() {
            return Err(Failure::usage(
                "error: erasing cannot be taken back, and there is no terminal to ask at\n  help: --dry-run shows what it removes, --yes does it",
            ));
        }
        eprint!(
            "{}This cannot be taken back. Type {id} to erase {id} of {tenant}: ",
            listed(ahead.get("removed").unwrap_or(&Value::Null))
        );
        let mut typed = String::new();
        let read = std::io::stdin().lock().read_line(&mut typed);
        match read.is_ok() && typed.trim() == id {
            true => Ok(()),
            false => Err(Failure::found("nothing was erased")),
        }
    }

    async fn by_the_host(&self, tenant: &TenantId, id: u64) -> Result<Value, Failure> {
        let address = HostAddress {
            tenant: Some(tenant.as_str().to_owned()),
            ..self.address.clone()
        };
        let client = Client::new(&address)?;
        client.post(&format!("/v1/contacts/{id}/erase")).await
    }

    fn tell(&self, erased: &Value, verb: &str) -> Result<(), Failure> {
        if self.json {
            say(&line(erased)?);
            return Ok(());
        }
        let number = |key| erased.get(key).and_then(Value::as_u64).unwrap_or(0);
        let contact = number("contact");
        if erased.get("again").and_then(Value::as_bool) == Some(true) {
            say(&format!("c{contact} was erased before; nothing is left\n"));
            return Ok(());
        }
        let removed = listed(erased.get("removed").unwrap_or(&Value::Null));
        let mut text = format!("erasing c{contact} {verb}:\n{removed}");
        if number("suppressed") > 0 {
            text.push_str(
                "they had opted out: should they come back, they begin opted out (a keyed hash remains)\n",
            );
        }
        say(&text);
        Ok(())
    }
}

/// No host has the ledger open: this is the one writer.
async fn here(found: &Found, tenant: &TenantId, id: model::ContactId) -> Result<Value, Failure> {
    let ledger = found.open()?;
    let erased = ledger.erase(tenant, id, now()).await.map_err(failed)?;
    serde_json::to_value(erased.ok_or_else(|| nobody(id))?).map_err(unwritable)
}

pub(super) fn now() -> Moment {
    engine::Clock::now(&engine::SystemClock)
}
