//! The folder that a host runs in: its configuration, and rules that change while it runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub const SECRET: &str = "an app secret for torture alone";
/// What confirms a stop.
pub const CONFIRMED: &str = "You are out.";

pub struct Town {
    folder: tempfile::TempDir,
    binary: PathBuf,
    pub host_port: u16,
    numbers: usize,
}

impl Town {
    pub fn new(binary: &Path, numbers: usize) -> Self {
        // A port that was free a moment ago: the host has to come back where the network looks for it.
        let host_port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("rules")).unwrap();
        Self {
            folder,
            binary: binary.to_owned(),
            host_port,
            numbers,
        }
    }

    pub fn host_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.host_port)
    }

    pub fn number(place: usize) -> String {
        format!("1000000000000{:02}", place + 1)
    }

    /// The carrier has the times of any simulator, said aloud: what is proved depends on them.
    pub fn configure(&self, network: &str) {
        let numbers: String = (0..self.numbers)
            .map(|place| {
                let id = Self::number(place);
                format!(
                    "\n[tenant.shop.number.n{place}]\nid = \"{id}\"\ntitle = \"Number {place}\"\nmeta_app = \"main\"\ncarrier = \"network\"\n"
                )
            })
            .collect();
        let configuration = format!(
            r#"
[meta_app.main]
app_secret = "env:TOLLGATE_APP_SECRET"
verify_token = "env:TOLLGATE_VERIFY_TOKEN"

[carrier.network]
kind = "graph"
url = "{network}"
simulator = true
unsure_after = "2s"
if_unsure = "resend"

[tenant.shop]
title = "A shop"
rules = "rules"
{numbers}
[tenant.shop.desk.support]
title = "Support"
"#
        );
        fs::write(self.folder.path().join("tollgate.toml"), configuration).unwrap();
    }

    /// The rules of an edition: each answer bears its name.
    pub fn write_rules(&self, edition: usize) {
        self.write(&format!(
            r#"rules_version = 1
languages = ["en"]

[opt_out]
reply.en = "{CONFIRMED}"

[[rule]]
name = "echo"
when.starts = ["say"]
reply.en = "e{edition} {{message.text|?}}"
"#
        ));
    }

    /// Rules with a mistake: nothing may come of them.
    pub fn write_bad_rules(&self) {
        self.write("rules_version = 1\nlanguages = [\"en\"]\n\n[[rule]]\nname = \"bad\"\nwhen.start = [\"say\"]\nreply.en = \"e999999 {message.text|?}\"\n");
    }

    /// As editors and deployments do: whole, or not at all.
    fn write(&self, rules: &str) {
        let beside = self.folder.path().join("next.toml");
        fs::write(&beside, rules).unwrap();
        fs::rename(beside, self.folder.path().join("rules/10-echo.toml")).unwrap();
    }

    pub fn run(&self) -> Command {
        let mut command = self.tollgate();
        command
            .args([
                "run",
                "--config",
                "tollgate.toml",
                "--data",
                "data",
                "--listen",
            ])
            .arg(format!("127.0.0.1:{}", self.host_port));
        command
    }

    pub fn simulator(&self) -> Command {
        let mut command = self.tollgate();
        command.args(["simulator", "--listen", "127.0.0.1:0", "--host-url"]);
        command.arg(self.host_url());
        command
    }

    fn tollgate(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .current_dir(self.folder.path())
            .env("TOLLGATE_APP_SECRET", SECRET)
            .env("TOLLGATE_VERIFY_TOKEN", "a verify token for torture alone");
        for unwanted in ["TOLLGATE_DRY_RUN", "TOLLGATE_API_KEY", "RUST_LOG"] {
            command.env_remove(unwanted);
        }
        command
    }
}
