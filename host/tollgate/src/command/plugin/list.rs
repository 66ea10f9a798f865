//! `tollgate plugin list`: what a running host has loaded, and how it does.

use clap::Args;
use serde_json::Value;

use crate::command::client::Client;
use crate::command::{Failure, HostAddress, say};

/// Show a running host's plugins: version, digest, grants, and whether one is left alone because it failed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate plugin list
  tollgate plugin list --json | jq '.[] | select(.standings != [])'")]
pub(super) struct List {
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    address: HostAddress,
}

impl List {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.address)?;
        let status = client.get("/v1/status", &[]).await?;
        let plugins = status.get("plugins").and_then(Value::as_array);
        let plugins = plugins.map(Vec::as_slice).unwrap_or_default();
        if self.json {
            say(&format!("{:#}\n", Value::from(plugins)));
            return Ok(());
        }
        let now = status
            .get("now")
            .and_then(Value::as_i64)
            .unwrap_or_default();
        let name = |plugin: &Value| text(plugin, "name").to_owned();
        let width = plugins
            .iter()
            .map(|plugin| name(plugin).len())
            .max()
            .unwrap_or(0);
        for plugin in plugins {
            let grants: Vec<&str> = plugin
                .pointer("/grants/interfaces")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            say(&format!(
                "{:width$}  {:8}  {}{}  {}\n",
                text(plugin, "name"),
                text(plugin, "version"),
                text(plugin, "digest").get(..12).unwrap_or_default(),
                if plugin.get("is_pinned").and_then(Value::as_bool) == Some(true) {
                    " pinned"
                } else {
                    ""
                },
                grants.join(", "),
            ));
            let standings = plugin.get("standings").and_then(Value::as_array);
            for standing in standings.into_iter().flatten() {
                say(&format!("{:width$}  {}\n", "", in_words(standing, now)));
            }
        }
        Ok(())
    }
}

/// How a plugin stands with one tenant.
fn in_words(standing: &Value, now: i64) -> String {
    let tenant = text(standing, "tenant");
    let count = standing
        .get("count")
        .and_then(Value::as_u64)
        .unwrap_or_default();
    match text(standing, "standing") {
        "quarantined" => {
            let until = standing.get("until").and_then(Value::as_i64).unwrap_or(now);
            let seconds = until.saturating_sub(now).max(0) / 1000;
            format!(
                "! {tenant}: left alone for another {seconds} s, it failed too often; its rules follow if_fails"
            )
        }
        "probing" => format!("! {tenant}: being tried again"),
        _ => format!("- {tenant}: {count} failures since its last success"),
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
