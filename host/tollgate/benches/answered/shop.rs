//! The folder that the host runs in: a shop with numbers enough that WhatsApp's rates are not what is measured.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::process::Process;

pub const SECRET: &str = "an app secret for measuring alone";

/// Its numbers. WhatsApp lets each send 1,000 a second at most.
pub const NUMBERS: u64 = 32;

/// Answers with the contact's name and words, so that each answer shows whose it is and what to.
const RULES: &str = r#"rules_version = 1
languages = ["en"]

[[rule]]
name = "parcel"
when.words = ["parcel", "order"]
reply.en = "Hello {contact.name|there}, we look into it and write to you today: {message.text|?}"
"#;

pub struct Shop {
    folder: tempfile::TempDir,
}

/// A host that runs.
pub struct Host {
    process: Process,
    pub address: String,
    /// From its start until it was ready.
    pub took: Duration,
    /// Warnings and errors in its log.
    pub complaints: Arc<AtomicU64>,
}

impl Shop {
    /// With answers that go to this stand-in for WhatsApp.
    pub fn new(network: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("rules")).unwrap();
        fs::write(folder.path().join("rules/10-parcels.toml"), RULES).unwrap();
        fs::write(folder.path().join("tollgate.toml"), configuration(network)).unwrap();
        Self { folder }
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub async fn open(&self) -> Host {
        let mut command = tollgate(self.folder.path());
        command.args(["--config", "tollgate.toml"]);
        start(command).await
    }

    /// With nothing but what is embedded in it.
    pub async fn open_as_shipped(&self) -> Host {
        let shipped = self.folder.path().join("shipped");
        fs::create_dir_all(&shipped).unwrap();
        start(tollgate(&shipped)).await
    }
}

impl Host {
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    pub async fn end(self) {
        assert!(self.process.end().await, "the host ended badly");
    }
}

fn tollgate(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
    command
        .args(["run", "--data", "data", "--listen", "127.0.0.1:0"])
        .current_dir(folder)
        .env("TOLLGATE_APP_SECRET", SECRET)
        .env(
            "TOLLGATE_VERIFY_TOKEN",
            "a verify token for measuring alone",
        );
    for unwanted in ["TOLLGATE_DRY_RUN", "TOLLGATE_API_KEY", "RUST_LOG"] {
        command.env_remove(unwanted);
    }
    command
}

async fn start(command: Command) -> Host {
    let complaints = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&complaints);
    let mut process = Process::start(command, move |line| {
        if line.contains(r#""level":"WARN""#) || line.contains(r#""level":"ERROR""#) {
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    let (url, took) = process.ready().await.unwrap();
    let address = url.strip_prefix("http://").unwrap().to_owned();
    Host {
        process,
        address,
        took,
        complaints,
    }
}

fn configuration(network: &str) -> String {
    let numbers: String = (0..NUMBERS)
        .map(|place| {
            format!(
                "\n[tenant.shop.number.n{place}]\nid = \"{}\"\ntitle = \"Number {place}\"\nmeta_app = \"main\"\ncarrier = \"network\"\nper_second = 1000\n",
                number(place)
            )
        })
        .collect();
    // The same people write every few seconds, faster than people do: nothing of that is what is measured.
    format!(
        r#"
[meta_app.main]
app_secret = "env:TOLLGATE_APP_SECRET"
verify_token = "env:TOLLGATE_VERIFY_TOKEN"

[carrier.network]
kind = "graph"
url = "{network}"
simulator = true

[tenant.shop]
title = "A shop"
rules = "rules"

[tenant.shop.limits]
shadow = ["loop", "contact"]
{numbers}
[tenant.shop.desk.support]
title = "Support"
"#
    )
}

pub fn number(place: u64) -> String {
    format!("1000000000000{:02}", place + 1)
}

/// The time as Meta writes it.
pub fn seconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}
