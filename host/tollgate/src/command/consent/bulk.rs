//! `tollgate consent import` and `export`: consent in bulk, as CSV.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use model::{ConsentChange, ConsentScope, ContactKey};
use serde_json::{Value, json};

use super::super::client::Client;
use super::super::{Failure, HostAddress, say};
use super::file::{self, COLUMNS, Entry, Slip};
use crate::shown;

/// Entries in one call: what a host takes.
const BATCH: usize = console::limits::CONSENT_ENTRIES;
/// Slips that are shown; the rest is counted.
const SLIPS_SHOWN: usize = 100;
/// A file in bytes: a million lines of consent.
const FILE_BYTES: u64 = 256 * 1024 * 1024;

/// Take over opt-ins and opt-outs that were recorded elsewhere.
#[derive(Debug, Args)]
#[command(after_help = "\
The first line names the columns: phone,scope,change,at,source,evidence,text. `scope` is everything or marketing, `change` in or out, `at` a
time like 2026-05-03T10:00:00Z or a day. An opt-in needs what proves it in one of the last three. Commas or semicolons.

A file with a slip changes nothing; all slips are told at once. What a contact said later stands. Imported twice, a file says nothing new.

Examples:
  tollgate consent import list.csv --dry-run
  tollgate consent import list.csv
  tollgate consent import list.csv --skip-bad     take over the lines that are right")]
pub(in super::super) struct Import {
    /// The file
    file: PathBuf,
    /// Tell what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Leave out lines that are wrong, and take over the others
    #[arg(long)]
    skip_bad: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    address: HostAddress,
}

impl Import {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let (entries, slips) = self.read()?;
        let shown = self.file.display();
        for Slip { line, what } in slips.iter().take(SLIPS_SHOWN) {
            eprintln!("{shown}:{line}: {what}");
        }
        if slips.len() > SLIPS_SHOWN {
            eprintln!("and {} more", slips.len() - SLIPS_SHOWN);
        }
        if !slips.is_empty() && !self.skip_bad {
            return Err(Failure::found(format!(
                "error: {} slips in {shown}: nothing was taken over\n  help: mend them, or leave those lines out with --skip-bad",
                slips.len()
            )));
        }
        let client = Client::new(&self.address)?;
        // First all of it for show: what a host would refuse is refused before anything is written.
        let mut came_to = self.send(&client, &entries, true).await?;
        if !self.dry_run {
            came_to = self.send(&client, &entries, false).await?;
        }
        self.tell(&came_to, slips.len());
        Ok(())
    }

    fn read(&self) -> Result<(Vec<Entry>, Vec<Slip>), Failure> {
        let shown = self.file.display();
        let unreadable = |what: String| {
            Failure::usage(format!(
                "error: {shown} cannot be read: {what}\n  help: name a CSV file; `tollgate consent export` writes one"
            ))
        };
        let size = std::fs::metadata(&self.file).map_err(|error| unreadable(error.to_string()))?;
        if size.len() > FILE_BYTES {
            return Err(unreadable(format!(
                "it is larger than {FILE_BYTES} bytes; split it"
            )));
        }
        let bytes = std::fs::read(&self.file).map_err(|error| unreadable(error.to_string()))?;
        let name = self.file.file_name().unwrap_or_default();
        Ok(file::read(&name.to_string_lossy(), &bytes))
    }

    async fn send(
        &self,
        client: &Client,
        entries: &[Entry],
        dry_run: bool,
    ) -> Result<BTreeMap<String, u64>, Failure> {
        let mut came_to = BTreeMap::new();
        for batch in entries.chunks(BATCH) {
            let bodies: Vec<&Value> = batch.iter().map(|entry| &entry.json).collect();
            let body = json!({"dry_run": dry_run, "entries": bodies});
            let answer = client.post_json("/v1/consent/import", &body).await;
            let answer = answer.map_err(|failure| {
                let line = batch.first().map_or(0, |entry| entry.line);
                let message = format!(
                    "{}\n  from line {line} on nothing was taken over; import the file again: what was taken over already says nothing new",
                    failure.message
                );
                Failure { message, ..failure }
            })?;
            let results = answer.get("results").and_then(Value::as_array);
            for result in results.into_iter().flatten().filter_map(Value::as_str) {
                *came_to.entry(result.to_owned()).or_default() += 1;
            }
        }
        Ok(came_to)
    }

    fn tell(&self, came_to: &BTreeMap<String, u64>, skipped: usize) {
        let count = |what| came_to.get(what).copied().unwrap_or(0);
        let (new, met, old) = (count("new"), count("met"), count("no_news"));
        if self.json {
            let told = json!({"dry_run": self.dry_run, "new": new, "met": met, "no_news": old, "skipped": skipped});
            say(&format!("{told}\n"));
            return;
        }
        if new + met == 0 && skipped == 0 {
            say(&format!("nothing new in {old} entries\n"));
            return;
        }
        let would = if self.dry_run { "would be " } else { "" };
        say(&format!(
            "{new} {would}recorded, {met} {would}recorded of contacts that are new, {old} say nothing new, {skipped} slips left out\n"
        ));
    }
}

/// Print every opt-in and opt-out on record, as CSV.
#[derive(Debug, Args)]
#[command(after_help = "\
Contacts whose phone nobody knows have none in their lines.

Examples:
  tollgate consent export > consent.csv
  tollgate consent export --tenant shop --json")]
pub(in super::super) struct Export {
    /// As JSON lines, a contact each
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    address: HostAddress,
}

impl Export {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.address)?;
        let unwritable =
            |error: String| Failure::found(format!("error: the CSV cannot be written: {error}"));
        if !self.json {
            say(&format!("{}\n", COLUMNS.join(",")));
        }
        let mut after = "0".to_owned();
        loop {
            let page = client
                .get("/v1/consent", &[("after", &after), ("limit", "200")])
                .await?;
            let contacts = page.get("contacts").and_then(Value::as_array);
            let mut writer = csv::Writer::from_writer(Vec::new());
            for contact in contacts.into_iter().flatten() {
                if self.json {
                    say(&format!("{contact}\n"));
                    continue;
                }
                let key = contact.get("key").cloned().unwrap_or(Value::Null);
                let key: Option<ContactKey> = serde_json::from_value(key).ok();
                let phone = key.as_ref().and_then(ContactKey::phone);
                let phone = phone.map(|phone| format!("+{}", phone.as_str()));
                let log = contact.get("log").cloned().unwrap_or(Value::Null);
                let log: Vec<ConsentChange> =
                    serde_json::from_value(log).map_err(|error| unwritable(error.to_string()))?;
                for change in &log {
                    writer
                        .write_record(fields(phone.as_deref().unwrap_or_default(), change))
                        .map_err(|error| unwritable(error.to_string()))?;
                }
            }
            let lines = writer
                .into_inner()
                .map_err(|error| unwritable(error.to_string()))?;
            say(&String::from_utf8_lossy(&lines));
            match page.get("next").and_then(Value::as_u64) {
                Some(next) => after = next.to_string(),
                None => return Ok(()),
            }
        }
    }
}

fn fields(phone: &str, change: &ConsentChange) -> [String; 7] {
    let scope = match change.scope {
        ConsentScope::Everything => "everything",
        ConsentScope::Marketing => "marketing",
    };
    let way = if change.opted_in { "in" } else { "out" };
    let evidence = change.evidence.message.as_ref();
    [
        phone.to_owned(),
        scope.to_owned(),
        way.to_owned(),
        shown::moment(change.at).unwrap_or_default(),
        unformulated(&change.evidence.source),
        unformulated(evidence.map(model::Wamid::as_str).unwrap_or_default()),
        unformulated(change.evidence.text.as_deref().unwrap_or_default()),
    ]
}

/// A customer's words that begin like a formula stay words when a spreadsheet opens them.
fn unformulated(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}
