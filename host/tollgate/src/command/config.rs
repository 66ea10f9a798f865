//! `tollgate config`: the configuration's reference and a sample; and how every command finds its configuration.

use std::path::Path;

use clap::{Args, Subcommand};

use super::{ConfigFile, Failure, say};
use crate::config;

/// Show the configuration's reference or a sample to begin with.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate config sample > tollgate.toml      begin a set-up of your own
  tollgate config reference | less            every key: type, default, meaning, example")]
pub(super) struct Config {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// A commented file to begin with
    Sample,
    /// Every key with type, default, meaning and example, as Markdown
    Reference,
    /// What runs when there is no file
    Defaults,
}

impl Config {
    pub(super) fn run(self) -> Result<(), Failure> {
        say(&match self.what {
            What::Sample => config::sample(),
            What::Reference => config::reference(),
            What::Defaults => config::EMBEDDED.to_owned(),
        });
        Ok(())
    }
}

/// The file that is read if none is named.
pub(super) const USUAL: &str = "tollgate.toml";

impl ConfigFile {
    /// The configuration, and whether it is the embedded one.
    pub(super) fn read(&self) -> Result<(config::Config, bool), Failure> {
        self.read_with(None)
    }

    /// The same, with the embedded simulator elsewhere.
    pub(super) fn read_with(
        &self,
        simulator: Option<&str>,
    ) -> Result<(config::Config, bool), Failure> {
        let usual = Path::new(USUAL);
        let named = self
            .config
            .as_deref()
            .or_else(|| (simulator.is_none() && usual.exists()).then_some(usual));
        let read = match (named, simulator) {
            (Some(path), _) => config::Config::read(path).map(|config| (config, false)),
            (None, None) => Ok((config::Config::embedded(), true)),
            (None, Some(url)) => {
                let text = config::EMBEDDED.replace("http://127.0.0.1:7071", url);
                config::Config::parse("embedded defaults, with --simulator", &text, Path::new(""))
                    .map(|config| (config, true))
            }
        };
        read.map_err(|problems| Failure::usage(problems.to_string()))
    }
}
