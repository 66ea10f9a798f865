//! `tollgate stop`, `tollgate resume` and `tollgate stops`: the stop switch, for bad days.

use clap::Args;
use serde_json::{Value, json};

use super::client::Client;
use super::table::{Table, records, text, when};
use super::{Failure, HostAddress, say};

/// Stop sending: everything, or one number or template. It holds until `tollgate resume`, restarts included.
#[derive(Debug, Args)]
#[command(after_help = "\
Takes effect on the next send. What waits to leave is taken back: it does not go out later. Messages are still received, and consent,
tags and hand-offs stay as real as ever.

Examples:
  tollgate stop --yes --why \"wrong prices are going out\"             everything that the tenant sends
  tollgate stop --number store --why \"complaints\" --by Rita
  tollgate stop --template spring_sale --why \"typo in the price\"")]
pub(super) struct Stop {
    #[command(flatten)]
    target: Target,
    /// Why, for whoever finds it stopped
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// Your name, to be kept with the switch
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Yes, everything that the tenant sends
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    address: HostAddress,
}

/// Let what was stopped send again.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate resume                        everything that was stopped with the tenant as a whole
  tollgate resume --number store
  tollgate resume --template spring_sale")]
pub(super) struct Resume {
    #[command(flatten)]
    target: Target,
    /// Your name, for the log
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    address: HostAddress,
}

/// Show what is stopped, by whom, and why.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate stops
  tollgate stops --json | jq .why")]
pub(super) struct Stops {
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    address: HostAddress,
}

/// What is meant; the whole tenant if nothing is said.
#[derive(Debug, Args)]
struct Target {
    /// What leaves from this number: its alias or id
    #[arg(long, value_name = "ALIAS", conflicts_with = "template")]
    number: Option<String>,
    /// This template, by name
    #[arg(long, value_name = "NAME")]
    template: Option<String>,
}

impl Stop {
    pub(super) async fn run(self) -> Result<(), Failure> {
        if self.target.is_tenant() && !self.yes && self.address.tenant.is_none() {
            return Err(Failure::usage(
                "error: this stops everything that the tenant sends\n  \
                 help: say so with --yes or --tenant NAME, or name less with --number or --template",
            ));
        }
        let client = Client::new(&self.address)?;
        let body = json!({"target": self.target.as_json(), "why": self.why, "by": self.by});
        let switch = client.post_json("/v1/stops", &body).await?;
        if switch.get("thrown").and_then(Value::as_bool) == Some(true) {
            say(&format!(
                "stopped: {}. `{}` lets it go on\n",
                named(&switch),
                self.target.resume()
            ));
        } else {
            say(&format!(
                "it is stopped already: {}, since {}, {}: {}\n",
                named(&switch),
                when(&switch, "/at"),
                by(&switch),
                crate::shown::tame(text(&switch, "/why")),
            ));
        }
        Ok(())
    }
}

impl Resume {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.address)?;
        let mut path = vec!["v1", "stops"];
        path.extend(self.target.path());
        let query: Vec<_> = self
            .by
            .as_deref()
            .map(|by| ("by", by))
            .into_iter()
            .collect();
        client.delete(&path, &query).await?;
        say(&format!(
            "{} may send again\n",
            self.target.path().join(" ")
        ));
        Ok(())
    }
}

impl Stops {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.address)?;
        let answer = client.get("/v1/stops", &[]).await?;
        let mut table = Table::new(&["what", "since", "by", "why"]);
        for switch in records(&answer, "stops") {
            if self.json {
                say(&format!("{switch}\n"));
                continue;
            }
            table.line([
                named(switch),
                when(switch, "/at"),
                by(switch),
                text(switch, "/why").to_owned(),
            ]);
        }
        if !self.json {
            table.show("nothing is stopped");
        }
        Ok(())
    }
}

impl Target {
    fn is_tenant(&self) -> bool {
        self.number.is_none() && self.template.is_none()
    }

    fn as_json(&self) -> Value {
        match (&self.number, &self.template) {
            (Some(number), _) => json!({"number": number}),
            (None, Some(template)) => json!({"template": template}),
            (None, None) => json!("tenant"),
        }
    }

    fn path(&self) -> Vec<&str> {
        match (&self.number, &self.template) {
            (Some(number), _) => vec!["number", number],
            (None, Some(template)) => vec!["template", template],
            (None, None) => vec!["tenant"],
        }
    }

    fn resume(&self) -> String {
        match (&self.number, &self.template) {
            (Some(number), _) => format!("tollgate resume --number {number}"),
            (None, Some(template)) => format!("tollgate resume --template {template}"),
            (None, None) => "tollgate resume".to_owned(),
        }
    }
}

/// What a switch stops.
fn named(switch: &Value) -> String {
    let target = switch.get("target").unwrap_or(&Value::Null);
    if target.as_str() == Some("tenant") {
        return "tenant".to_owned();
    }
    let alias = switch.get("alias").and_then(Value::as_str);
    match (text(target, "/number"), text(target, "/template")) {
        ("", template) => format!("template {template}"),
        (number, _) => format!("number {}", alias.unwrap_or(number)),
    }
}

/// Who threw it.
fn by(switch: &Value) -> String {
    match (
        text(switch, "/by/operator"),
        switch.pointer("/by/network").and_then(Value::as_str),
    ) {
        (_, Some(code)) => format!("WhatsApp ({code})"),
        ("", None) => "an operator".to_owned(),
        (name, None) => name.to_owned(),
    }
}
