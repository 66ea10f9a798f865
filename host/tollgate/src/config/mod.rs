//! `tollgate.toml`: what an operator decides, parsed to types that cannot be wrong.
//!
//! Owns: the keys and their meaning (`keys.rs`, the only list there is), their parser, their reference and the sample file.
//! Promises: [`Config::parse`] reports every problem at once, each with its place, the source line and the line that fixes it.
//! An unknown key is an error. No secret stands in the file: a [`Secret`] says where it is, and what it holds is never shown (I12).
//! Bounds: [`limits`].
//!
//! A new key is one entry in `keys.rs`: the field, the parser, `docs/configuration.md` and the sample follow from it
//! (`UPDATE=1 cargo test -p tollgate config` writes the two files).

mod bounds;
mod check;
mod doors;
mod grants;
mod keep;
mod keys;
pub mod limits;
mod measure;
mod names;
mod problem;
mod reach;
mod reference;
mod secret;
mod section;
mod setting;
mod trap;
mod value;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

pub use check::{Carrier, Plugin, SHIPPED, Way};
pub use doors::{QueueUrl, TopicArn};
pub use keys::{
    Config, Desk, Endpoint, Host, KnowledgeBase, MetaApp, Number, Queue, Tenant, Topic,
};
pub use measure::Thousandths;
pub use problem::{Problem, Problems};
pub use reach::{KnowledgeKind, Methods, Pin};
pub use reference::{reference, sample};
pub use secret::{Revealed, Secret, SecretError, Secrets};
pub use setting::{ApiVersion, Component, IfUnsure, LogFilter, Title, Url};

use section::Reader;

/// What runs without a file: a shop on the simulator, for a first look.
pub const EMBEDDED: &str = r#"[host]
listen = "127.0.0.1:7070"
data = "data"

[meta_app.main]
app_secret = "env:TOLLGATE_APP_SECRET"
verify_token = "env:TOLLGATE_VERIFY_TOKEN"

[carrier.simulator]
kind = "graph"
url = "http://127.0.0.1:7071"
simulator = true

[tenant.shop]
title = "A shop"
rules = "rules"

[tenant.shop.number.store]
id = "100000000000001"
title = "Loja Aurora"
meta_app = "main"
carrier = "simulator"

[tenant.shop.desk.support]
title = "Support"

[tenant.shop.knowledge.handbook]
folder = "knowledge"
least_score = 250
"#;

/// The host would listen beyond loopback, and nothing would guard its API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{listen} can be reached from outside, and `/v1` would be open to all: add `api_key = \"env:TOLLGATE_API_KEY\"` to [host]"
)]
pub struct ApiKeyNeeded {
    listen: SocketAddr,
}

impl Config {
    /// Reads the file. Relative paths in it are resolved against its folder.
    pub fn read(path: &Path) -> Result<Self, Problems> {
        let name = path.display().to_string();
        let text = read_text(path).map_err(|problem| Problems::of_file(&name, problem))?;
        Self::parse(&name, &text, path.parent().unwrap_or(Path::new("")))
    }

    /// Parses a text: `name` stands in its problems, and relative paths in it are resolved against `base`.
    pub fn parse(name: &str, text: &str, base: &Path) -> Result<Self, Problems> {
        let (root, syntax) = toml::de::DeTable::parse_recoverable(text);
        let mut reader = Reader::new(text, base, root.get_ref());
        for error in &syntax {
            reader.syntax(error);
        }
        let config = reader.root();
        let problems = reader.finish(name);
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            _ => Err(problems),
        }
    }

    /// [`EMBEDDED`], with paths relative to the working directory.
    #[must_use]
    pub fn embedded() -> Self {
        match Self::parse("embedded defaults", EMBEDDED, Path::new("")) {
            Ok(config) => config,
            Err(problems) => unreachable!("a test parses the embedded defaults: {problems}"),
        }
    }

    /// Listens elsewhere than the file says, as `--listen` asks.
    pub fn listen_on(&mut self, listen: SocketAddr) -> Result<(), ApiKeyNeeded> {
        if !listen.ip().is_loopback() && self.host.api_key.is_none() {
            return Err(ApiKeyNeeded { listen });
        }
        self.host.listen = listen;
        Ok(())
    }

    /// Keeps the state elsewhere than the file says, as `--data` asks.
    pub fn keep_in(&mut self, data: PathBuf) {
        self.host.data = data;
    }
}

fn read_text(path: &Path) -> Result<String, String> {
    let wrong = |error: std::io::Error| {
        match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file; `tollgate config sample > tollgate.toml` writes one to begin with, and without --config the embedded defaults run".to_owned(),
        std::io::ErrorKind::InvalidData => "it is not UTF-8 text; save it as UTF-8".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
    };
    let file = std::fs::metadata(path).map_err(wrong)?;
    if !file.is_file() {
        return Err("it is no ordinary file".to_owned());
    }
    let size = file.len();
    if size > limits::FILE_BYTES {
        return Err(format!(
            "it has {size} bytes, and {} are allowed",
            limits::FILE_BYTES
        ));
    }
    std::fs::read_to_string(path).map_err(wrong)
}

#[cfg(test)]
mod tests;
