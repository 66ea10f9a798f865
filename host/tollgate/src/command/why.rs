//! `tollgate why`: one decision, in words.

use clap::Args;
use serde_json::{Value, json};

use super::client::Client;
use super::made_up::MadeUp;
use super::{Failure, HostAddress, is_colourful, say};
use crate::explain;

/// Show why a message was answered as it was, or was not.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate why wamid.HBgL…            in words
  tollgate why wamid.HBgL… --json     the whole record
  tollgate why --says \"oi\"           which rule would answer, by the rule files: no host is needed
  tollgate why --says oi --at \"Sun 15:00\" --lang pt --first")]
pub(super) struct Why {
    /// The message's id, as /why in `tollgate chat` and the console show it
    #[arg(conflicts_with_all = ["says", "option"])]
    message: Option<String>,
    /// The number that it came in on (phone_number_id), if the tenant has several
    #[arg(long, value_name = "ID")]
    number: Option<String>,
    /// The whole record as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    made_up: MadeUp,
    #[command(flatten)]
    address: HostAddress,
}

impl Why {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let Some(message) = &self.message else {
            return if self.made_up.is_there() {
                self.foretell()
            } else {
                Err(Failure::usage(
                    "error: which message?\n  help: name one by its id, or make one up with --says",
                ))
            };
        };
        self.made_up.refuse_for_a_host()?;
        let client = Client::new(&self.address)?;
        let number = match &self.number {
            Some(number) => number.clone(),
            None => only_number(&client, self.address.tenant.as_deref()).await?,
        };
        let query = [("number", number.as_str()), ("message", message.as_str())];
        let found = client.get("/v1/decision", &query).await?;
        if self.json {
            say(&format!("{found:#}\n"));
        } else {
            say(&explain::decision(&found, is_colourful(&std::io::stdout())));
        }
        Ok(())
    }

    /// Which rule would answer a message that nobody wrote. No plugin runs.
    fn foretell(&self) -> Result<(), Failure> {
        let trial = self
            .made_up
            .read(self.address.tenant.as_deref(), self.number.as_deref())?;
        let told = trial.ask(|ground| ground.foretell(&trial.circumstances, trial.about.clone()));
        say(&if self.json {
            format!("{:#}\n", json!(told))
        } else {
            explain::foretold(&told, is_colourful(&std::io::stdout()))
        });
        Ok(())
    }
}

/// The tenant's number, if it has just one.
pub(super) async fn only_number(client: &Client, tenant: Option<&str>) -> Result<String, Failure> {
    let status = client.get("/v1/status", &[]).await?;
    let tenants = status
        .get("tenants")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let numbers: Vec<String> = tenants
        .iter()
        .filter(|each| {
            tenant.is_none_or(|tenant| each.get("id").and_then(Value::as_str) == Some(tenant))
        })
        .filter_map(|each| each.get("numbers")?.as_array())
        .flatten()
        .filter_map(|number| number.get("id")?.as_str().map(str::to_owned))
        .collect();
    match numbers.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Failure::usage(
            "error: there is no such tenant on this host",
        )),
        several => Err(Failure::usage(format!(
            "error: there are several numbers\n  help: name one with --number, of {}",
            several.join(", ")
        ))),
    }
}
