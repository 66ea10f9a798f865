//! `tollgate plugin pin`: from now on these very bytes, or none.

use std::path::{Path, PathBuf};

use clap::Args;
use sha2::{Digest, Sha256};
use toml_edit::{DocumentMut, Item, value};

use crate::command::{Failure, say};
use crate::config;

/// Write a component's digest into tollgate.toml: nothing else is loaded under that name from then on.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate plugin pin stock-check                     pin what `component` names now
  tollgate plugin pin stock-check --config prod.toml
  tollgate plugin pin stock-check --off               load whatever lies there")]
pub(super) struct Pin {
    /// The plugin's name in the configuration
    name: String,
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = "tollgate.toml")]
    config: PathBuf,
    /// Take the pin out
    #[arg(long)]
    off: bool,
}

impl Pin {
    pub(super) fn run(self) -> Result<(), Failure> {
        let shown = self.config.display();
        let wrong = |why: String| Failure::usage(format!("error: {shown}: {why}"));
        let text =
            std::fs::read_to_string(&self.config).map_err(|error| wrong(error.to_string()))?;
        let mut document: DocumentMut = text
            .parse()
            .map_err(|error: toml_edit::TomlError| wrong(error.to_string()))?;
        let config = self.without_pin(&text, &document)?;
        let entry = document
            .get_mut("plugin")
            .and_then(|plugins| plugins.get_mut(&self.name))
            .and_then(Item::as_table_like_mut)
            .ok_or_else(|| {
                let help = "shipped plugins come with the host and need no pin; write the section for your own";
                wrong(format!("there is no [plugin.{}]\n  help: {help}", self.name))
            })?;
        if self.off {
            let had = entry.remove("pin").is_some();
            self.write(&document, &text)?;
            let what = if had {
                "is not pinned any more"
            } else {
                "was not pinned"
            };
            say(&format!("{} {what}\n", self.name));
            return Ok(());
        }
        let plugin = config
            .plugins
            .iter()
            .find(|(name, _)| name.as_str() == self.name);
        let Some(config::Component::File(path)) = plugin.map(|(_, plugin)| &plugin.component)
        else {
            let why = format!("[plugin.{}] names no component file", self.name);
            return Err(wrong(format!(
                "{why}\n  help: what ships with the host comes with it and changes with it"
            )));
        };
        let bytes = super::check::read(path)?;
        let digest = hex::encode(Sha256::digest(&bytes));
        let mut pin = value(&digest);
        if let (Some(new), Some(old)) = (
            pin.as_value_mut(),
            entry.get("pin").and_then(Item::as_value),
        ) {
            // A comment behind the old one stays.
            *new.decor_mut() = old.decor().clone();
        }
        entry.insert("pin", pin);
        self.write(&document, &text)?;
        say(&format!("{} is pinned to {digest}\n", self.name));
        Ok(())
    }

    /// As the host reads it, less this very pin: what else is wrong with the file is said as everywhere, and a broken pin is mended.
    fn without_pin(&self, text: &str, document: &DocumentMut) -> Result<config::Config, Failure> {
        let mut document = document.clone();
        let entry = document
            .get_mut("plugin")
            .and_then(|plugins| plugins.get_mut(&self.name))
            .and_then(Item::as_table_like_mut);
        let text = match entry.and_then(|entry| entry.remove("pin")) {
            Some(_) => document.to_string(),
            None => text.to_owned(),
        };
        let base = self.config.parent().unwrap_or(Path::new(""));
        config::Config::parse(&self.config.display().to_string(), &text, base)
            .map_err(|problems| Failure::usage(problems.to_string()))
    }

    /// Replaces the file in one step: a host that reads it meanwhile sees the old or the new one. Links, permissions and line
    /// ends stay as they are.
    fn write(&self, document: &DocumentMut, old: &str) -> Result<(), Failure> {
        let mut text = document.to_string();
        if old.contains("\r\n") {
            text = text.replace("\r\n", "\n").replace('\n', "\r\n");
        }
        let failed = |error: std::io::Error| {
            Failure::found(format!("error: {}: {error}", self.config.display()))
        };
        let target = self.config.canonicalize().map_err(failed)?;
        let beside = target.with_extension("toml.new");
        let permissions = std::fs::metadata(&target).map_err(failed)?.permissions();
        std::fs::write(&beside, text)
            .and_then(|()| std::fs::set_permissions(&beside, permissions))
            .and_then(|()| std::fs::rename(&beside, &target))
            .map_err(|error| {
                let _ = std::fs::remove_file(&beside);
                failed(error)
            })
    }
}
