//! `tollgate ledger check`, `stats` and `export`: they read the file, whether or not a host runs.

use clap::Args;
use ledger::{Checked, ClassStats};
use model::Moment;

use super::place::{Place, contact, failed, line, nobody, tenant};
use crate::command::{Failure, say};
use crate::shown;

/// Look for damage, contradictions, and consent that was tampered with.
#[derive(Debug, Args)]
#[command(after_help = "\
It changes nothing, and reads everything: on a large ledger it takes a while. The chains of consent are verified with the host-secret that
lies beside the ledger.

Examples:
  tollgate ledger check
  tollgate ledger check --data backup/ --json | jq '.findings[]'")]
pub(super) struct Check {
    #[command(flatten)]
    place: Place,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) fn run(self) -> Result<(), Failure> {
        let found = self.place.found()?;
        let look = found.look()?;
        let checked = look.check().map_err(failed)?;
        if self.json {
            say(&line(&checked)?);
        } else {
            say(&told(&checked, look.verifies_chains()));
        }
        match checked.findings.is_empty() {
            true => Ok(()),
            false => Err(Failure::found(help(&checked))),
        }
    }
}

fn told(checked: &Checked, verified: bool) -> String {
    let mut text = String::new();
    for finding in &checked.findings {
        let tenant = finding.tenant.as_ref().map(|tenant| format!("{tenant} "));
        let contact = finding.contact.map(|contact| format!("{contact} "));
        text.push_str(&format!(
            "{}: {}{}{}\n",
            finding.kind,
            tenant.unwrap_or_default(),
            contact.unwrap_or_default(),
            shown::tame(&finding.what)
        ));
    }
    if checked.left_out > 0 {
        text.push_str(&format!("and {} more\n", checked.left_out));
    }
    if verified {
        text.push_str(&format!(
            "consent: {} chains with {} entries verified, {} of them erased\n",
            checked.chains, checked.entries, checked.erased
        ));
    } else {
        text.push_str("consent: not verified, there is no host-secret beside the ledger\n");
    }
    if checked.unverifiable > 0 {
        text.push_str(&format!(
            "consent: {} entries were made with a secret that is gone, and cannot be verified\n",
            checked.unverifiable
        ));
    }
    if checked.findings.is_empty() {
        text.push_str("the ledger is sound\n");
    }
    text
}

/// What to do about it.
fn help(checked: &Checked) -> String {
    let count = checked.findings.len() as u64 + checked.left_out;
    let has = |kind| checked.findings.iter().any(|finding| finding.kind == kind);
    let help = if has("file") {
        "the file is damaged: stop the host, keep a copy of the folder, and restore the newest backup that this command finds sound"
    } else if has("chain") {
        "somebody changed the record of consent outside of the host: compare with a backup, and find out who can write the file"
    } else {
        "what contradicts itself was changed outside of the host, or is a fault of ours: keep a copy, and compare with a backup"
    };
    format!("error: {count} findings\n  help: {help}")
}

/// Show how many records of what there are, how large, and how old.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate ledger stats
  tollgate ledger stats --json | jq .bytes")]
pub(super) struct Stats {
    #[command(flatten)]
    place: Place,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Stats {
    pub(super) fn run(self) -> Result<(), Failure> {
        let stats = self.place.found()?.look()?.stats().map_err(failed)?;
        if self.json {
            say(&line(&stats)?);
            return Ok(());
        }
        let mut text = format!("{:<14} {:>10} {:>12}  oldest\n", "", "records", "bytes");
        for ClassStats {
            class,
            records,
            bytes,
            oldest,
        } in &stats.classes
        {
            let bytes = bytes.map_or_else(|| "-".to_owned(), |bytes| bytes.to_string());
            let oldest = oldest
                .and_then(|Moment(at)| shown::moment(Moment(at - at.rem_euclid(1000))))
                .unwrap_or_default();
            let row = format!("{class:<14} {records:>10} {bytes:>12}  {oldest}");
            text.push_str(row.trim_end());
            text.push('\n');
        }
        let since = stats.undone_since.and_then(shown::moment);
        text.push_str(&format!(
            "\n{} bytes in all, {} of them free\n{} messages undone{}\n",
            stats.bytes,
            stats.free_bytes,
            stats.undone,
            since
                .map(|since| format!(", the oldest since {since}"))
                .unwrap_or_default()
        ));
        say(&text);
        Ok(())
    }
}

/// Print all that is stored about a person, as JSON lines: `{\"class\": …, \"record\": …}`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate ledger export c7 > c7.jsonl
  tollgate ledger export +15550100001 --tenant shop | jq 'select(.class == \"consent\")'")]
pub(super) struct Export {
    /// Their id, such as c7, or their phone with the country's code
    contact: String,
    /// The tenant, if the ledger has several
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// It always is JSON: here for whoever writes it everywhere
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Records read at once.
const PAGE: usize = 500;

impl Export {
    pub(super) fn run(self) -> Result<(), Failure> {
        let look = self.place.found()?.look()?;
        let tenant = tenant(&look, self.tenant.as_deref())?;
        let id = contact(&look, &tenant, &self.contact)?;
        let mut after: Option<String> = None;
        loop {
            let page = look.export(&tenant, id, after.as_deref(), PAGE);
            let page = page.map_err(failed)?.ok_or_else(|| nobody(id))?;
            let mut text = String::new();
            for record in &page.records {
                text.push_str(&line(record)?);
            }
            say(&text);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }
}
