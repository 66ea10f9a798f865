//! The real binary, started as a user would: a host and a simulator, each a process of its own on loopback.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "support of several test files: each uses a part of it, and what fails here fails its test"
)]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub const SECRET: &str = "an app secret for tests alone";
pub const VERIFY: &str = "a verify token for tests alone";
pub const ANA: &str = "5511900000001";
const PATIENCE: Duration = Duration::from_secs(60);

/// A rule that says back what was said to it.
pub const ECHO: &str = r#"
rules_version = 1
languages = ["en"]

[[rule]]
name = "echo"
when.starts = ["say"]
reply.en = "{message.text|?}"
"#;

pub fn tollgate() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
    command
        .env("TOLLGATE_APP_SECRET", SECRET)
        .env("TOLLGATE_VERIFY_TOKEN", VERIFY);
    for unwanted in [
        "TOLLGATE_DRY_RUN",
        "TOLLGATE_HOST",
        "TOLLGATE_SIMULATOR",
        "TOLLGATE_API_KEY",
        "RUST_LOG",
        "RUST_BACKTRACE",
    ] {
        command.env_remove(unwanted);
    }
    command
}

/// A running process of ours, killed when it is dropped.
pub struct Running {
    pub child: Child,
    pub url: String,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Running {
    /// Starts it and waits for its line `ready http://…`.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (send, lines) = sync_channel(100_000);
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if send.try_send(line).is_err() {
                    return;
                }
            }
        });
        let mut running = Self {
            child,
            url: String::new(),
            lines,
            seen: Vec::new(),
        };
        let ready = running.line_with("ready http://");
        running.url = ready.split_whitespace().nth(1).unwrap().to_owned();
        running
    }

    /// Waits for a line that holds the text.
    pub fn line_with(&mut self, text: &str) -> String {
        let begun = Instant::now();
        loop {
            match self
                .lines
                .recv_timeout(PATIENCE.saturating_sub(begun.elapsed()))
            {
                Ok(line) if line.contains(text) => return line,
                Ok(line) => self.seen.push(line),
                Err(_) => panic!(
                    "no line with {text:?}; there were:\n{}",
                    self.seen.join("\n")
                ),
            }
        }
    }

    /// Everything it has said so far.
    pub fn said(&mut self) -> String {
        self.seen.extend(self.lines.try_iter());
        self.seen.join("\n")
    }

    /// As `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

pub struct Town {
    pub folder: tempfile::TempDir,
    pub host_port: u16,
    pub simulator: Running,
    client: reqwest::Client,
}

impl Town {
    /// A simulator, and a folder with a configuration and these rules; the host is started by the test.
    pub fn new(rules: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let host_port = free_port();
        let host = format!("http://127.0.0.1:{host_port}");
        let mut command = tollgate();
        command.args([
            "simulator",
            "--listen",
            "127.0.0.1:0",
            "--host-url",
            &host,
            "--app-secret-env",
            "TOLLGATE_APP_SECRET",
        ]);
        let simulator = Running::start(&mut command);
        std::fs::create_dir(folder.path().join("rules")).unwrap();
        std::fs::write(folder.path().join("rules/10-test.toml"), rules).unwrap();
        let town = Self {
            folder,
            host_port,
            simulator,
            client: reqwest::Client::new(),
        };
        std::fs::write(town.config(), configuration(&town.simulator.url)).unwrap();
        town
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("tollgate.toml")
    }

    pub fn rules_file(&self) -> PathBuf {
        self.folder.path().join("rules/10-test.toml")
    }

    pub fn run(&self) -> Command {
        let mut command = tollgate();
        command
            .arg("run")
            .arg("--config")
            .arg(self.config())
            .arg("--data")
            .arg(self.folder.path().join("data"));
        command
            .arg("--listen")
            .arg(format!("127.0.0.1:{}", self.host_port));
        command
    }

    pub async fn say(&self, said: Value) -> Value {
        let url = format!("{}/_sim/say", self.simulator.url);
        self.client
            .post(url)
            .json(&said)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    pub async fn faults(&self, faults: Value) {
        let url = format!("{}/_sim/faults", self.simulator.url);
        assert!(
            self.client
                .put(url)
                .json(&faults)
                .send()
                .await
                .unwrap()
                .status()
                .is_success()
        );
    }

    /// The texts that were taken for a contact, in order.
    pub async fn received(&self, by: &str) -> Vec<String> {
        let sends = self.record().await;
        let theirs = sends
            .iter()
            .filter(|send| send["to"].as_str().unwrap().trim_start_matches('+') == by);
        let taken = theirs
            .filter(|send| matches!(send["outcome"].as_str(), Some("accepted" | "dropped_reply")));
        taken
            .map(|send| {
                send["message"]["text"]["body"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect()
    }

    pub async fn record(&self) -> Vec<Value> {
        let url = format!("{}/_sim/record?after=0", self.simulator.url);
        let record: Value = self
            .client
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        record["sends"].as_array().unwrap().clone()
    }

    /// Waits for something that will be so.
    pub async fn until<T>(&self, what: &str, mut check: impl AsyncFnMut() -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = check().await {
                return found;
            }
            assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

pub fn configuration(simulator: &str) -> String {
    format!(
        r#"
[meta_app.main]
app_secret = "env:TOLLGATE_APP_SECRET"
verify_token = "env:TOLLGATE_VERIFY_TOKEN"

[carrier.simulator]
kind = "graph"
url = "{simulator}"
simulator = true

[tenant.shop]
title = "A shop"
rules = "rules"

[tenant.shop.number.store]
id = "100000000000001"
title = "The store"
meta_app = "main"
carrier = "simulator"

[tenant.shop.desk.support]
title = "Support"
"#
    )
}

pub fn text(from: &str, text: &str) -> Value {
    json!({"from": from, "name": "Ana", "text": text})
}

/// A small folder for a host that is not expected to start.
pub fn run_in(folder: &Path, arguments: &[&str]) -> std::process::Output {
    tollgate()
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap()
}
