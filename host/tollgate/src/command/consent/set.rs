//! `tollgate consent set`: one contact's opt-in or opt-out, as a person learnt of it.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::super::client::Client;
use super::super::{Failure, HostAddress, say, whom};

/// Record one contact's opt-in or opt-out.
#[derive(Debug, Args)]
#[command(after_help = "\
It counts for the next send. Whoever is known by a phone becomes a contact, if they are none yet.

Examples:
  tollgate consent set c7 out --evidence \"asked on the phone\"
  tollgate consent set +15550100001 in --evidence \"form of 3 May, signed\" --by Rita
  tollgate consent set c7 out --marketing")]
pub(in super::super) struct Set {
    /// Their id, such as c7, or their phone with the country's code
    contact: String,
    /// What they said
    #[arg(value_enum)]
    said: Said,
    /// It is about messages that advertise, and not about any message at all
    #[arg(long)]
    marketing: bool,
    /// What proves it; an opt-in needs it
    #[arg(long, value_name = "TEXT")]
    evidence: Option<String>,
    /// Your name, to be kept with it
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    address: HostAddress,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Said {
    /// They want it
    In,
    /// They do not
    Out,
}

impl Set {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let opted_in = self.said == Said::In;
        if opted_in && self.evidence.is_none() {
            return Err(Failure::usage(
                "error: what proves that they want it?\n  help: --evidence \"the form that they signed on 3 May\"",
            ));
        }
        let client = Client::new(&self.address)?;
        let id = whom::contact_or_new(&client, &self.contact).await?;
        let scope = if self.marketing {
            "marketing"
        } else {
            "everything"
        };
        let body = json!({
            "scope": scope,
            "opted_in": opted_in,
            "evidence": self.evidence,
            "by": self.by,
        });
        let path = format!("/v1/contacts/{id}/consent");
        let contact = client.post_json(&path, &body).await?;
        let what = match scope {
            "marketing" => "messages that advertise",
            _ => "messages",
        };
        let recorded = contact.get("recorded").and_then(Value::as_bool);
        say(&format!(
            "{} {} {what}{}\n",
            whom::called(&contact),
            if opted_in { "wants" } else { "wants no" },
            if recorded == Some(true) {
                ""
            } else {
                ": that was on record already"
            },
        ));
        Ok(())
    }
}
