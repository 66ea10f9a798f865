//! `tollgate plugin pin`: from now on these very bytes, or none.

use std::path::PathBuf;

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
        // As the host reads it: what is wrong with the file is said as everywhere.
        let config = config::Config::read(&self.config)
            .map_err(|problems| Failure::usage(problems.to_string()))?;
        let text =
            std::fs::read_to_string(&self.config).map_err(|error| wrong(error.to_string()))?;
        let mut document: DocumentMut = text
            .parse()
            .map_err(|error: toml_edit::TomlError| wrong(error.to_string()))?;
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
            self.write(&document)?;
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
        entry.insert("pin", value(&digest));
        self.write(&document)?;
        say(&format!("{} is pinned to {digest}\n", self.name));
        Ok(())
    }

    /// Replaces the file in one step: a host that reads it meanwhile sees the old or the new one.
    fn write(&self, document: &DocumentMut) -> Result<(), Failure> {
        let beside = self.config.with_extension("toml.new");
        std::fs::write(&beside, document.to_string())
            .and_then(|()| std::fs::rename(&beside, &self.config))
            .map_err(|error| {
                let _ = std::fs::remove_file(&beside);
                Failure::found(format!("error: {}: {error}", self.config.display()))
            })
    }
}
