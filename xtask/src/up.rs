//! `cargo xtask up`: from a fresh clone to a conversation. Simulator, host and a desk, until Ctrl-C.

use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::build::{Built, build};
use crate::children::{Children, Event};
use crate::failure::Failure;
use crate::{limits, output, workspace};

const DEFAULT_PORT: u16 = 7070;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    /// The host's; the simulator has the next one.
    port: u16,
    release: bool,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let mut options = Self {
            port: DEFAULT_PORT,
            release: false,
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--release" => options.release = true,
                "--port" => options.port = port(arguments.next().map_or("", String::as_str))?,
                other => match other.strip_prefix("--port=") {
                    Some(number) => options.port = port(number)?,
                    None => {
                        return Err(Failure::Usage(format!(
                            "`cargo xtask up` does not know {other:?}; it knows --port N and --release"
                        )));
                    }
                },
            }
        }
        Ok(options)
    }

    fn simulator_port(&self) -> u16 {
        self.port + 1
    }
}

fn port(text: &str) -> Result<u16, Failure> {
    let port = text
        .parse()
        .ok()
        .filter(|port| (1..u16::MAX).contains(port));
    port.ok_or_else(|| {
        Failure::Usage(format!(
            "--port takes a number from 1 to 65534, as in `--port 8080`, and got {text:?}"
        ))
    })
}

/// Everything that one run of `up` knows.
struct Up {
    options: Options,
    binary: PathBuf,
    /// Secrets, ledger, configuration of this run.
    folder: PathBuf,
    app_secret: String,
    verify_token: String,
}

/// Builds, starts, says what to try, and waits.
pub(crate) fn up(arguments: &[String]) -> Result<(), Failure> {
    let options = Options::parse(arguments)?;
    for (port, who) in [
        (options.port, "the host"),
        (options.simulator_port(), "the simulator"),
    ] {
        ensure_free(port, who)?;
    }
    workspace::ensure_wasm_target()?;
    let mut children = Children::new()?;
    eprintln!("building tollgate and its plugins; the first time takes some minutes");
    let mut cargo = workspace::cargo();
    cargo
        .args(["build", "--package", "tollgate"])
        .args(options.release.then_some("--release"));
    if let Built::Stopped = build("tollgate", cargo, &mut children)? {
        return Ok(());
    }
    let up = Up::prepare(options)?;
    let outcome = up.run(&mut children);
    children.end_all(show);
    if matches!(outcome, Ok(())) {
        eprintln!("all ended");
    }
    outcome
}

fn ensure_free(port: u16, who: &str) -> Result<(), Failure> {
    TcpListener::bind(("127.0.0.1", port)).map(drop).map_err(|error| {
        Failure::Finding(format!(
            "port {port}, meant for {who}, cannot be had ({error}): end what listens there, or choose others, as in `cargo xtask up --port 8080`"
        ))
    })
}

impl Up {
    /// A folder afresh: the simulator forgets when it ends, so that a ledger from an earlier run would know of messages that
    /// nobody else remembers.
    fn prepare(options: Options) -> Result<Self, Failure> {
        let target = workspace::target_folder()?;
        let folder = target.join("up");
        let made = |what: &str, result: std::io::Result<()>| {
            result.map_err(|error| {
                Failure::Finding(format!(
                    "cannot make {what} in {}: {error}",
                    folder.display()
                ))
            })
        };
        if folder.exists() {
            made("room", std::fs::remove_dir_all(&folder))?;
        }
        made("it", std::fs::create_dir_all(&folder))?;
        let app_secret = random_hex()
            .map_err(|error| Failure::Finding(format!("cannot read /dev/urandom: {error}")))?;
        let verify_token = random_hex()
            .map_err(|error| Failure::Finding(format!("cannot read /dev/urandom: {error}")))?;
        made(
            "the app secret",
            write_private(&folder.join("app-secret"), &app_secret),
        )?;
        made(
            "the verify token",
            write_private(&folder.join("verify-token"), &verify_token),
        )?;
        made(
            "a webhook to try",
            std::fs::write(folder.join("webhook.json"), webhook()),
        )?;
        let binary = target
            .join(if options.release { "release" } else { "debug" })
            .join("tollgate");
        Ok(Self {
            options,
            binary,
            folder,
            app_secret,
            verify_token,
        })
    }

    fn run(&self, children: &mut Children) -> Result<(), Failure> {
        for (name, command) in [("simulator", self.simulator()), ("host", self.host())] {
            children.start(name, command)?;
            if !is_ready(name, children)? {
                return Ok(());
            }
        }
        children.start("desk", self.desk())?;
        self.say_what_to_try();
        loop {
            match children.next(Duration::from_secs(3600)) {
                Event::Line { child, text } => show(child, &text),
                Event::Stop => return Ok(()),
                Event::Ended { child, status } => {
                    return Err(Failure::Finding(format!(
                        "{child} ended by itself ({status}); its last lines stand above"
                    )));
                }
                Event::Quiet => {}
            }
        }
    }

    fn tollgate(&self) -> Command {
        let mut command = Command::new(&self.binary);
        // From here `rules` is the folder of the repository, and an edit there is picked up.
        command.current_dir(workspace::root());
        command
            .env("TOLLGATE_APP_SECRET", &self.app_secret)
            .env("TOLLGATE_VERIFY_TOKEN", &self.verify_token);
        command
    }

    fn simulator(&self) -> Command {
        let mut command = self.tollgate();
        command.args([
            "simulator",
            "--listen",
            &format!("127.0.0.1:{}", self.options.simulator_port()),
        ]);
        command.args([
            "--host-url",
            &self.host_url(),
            "--app-secret-env",
            "TOLLGATE_APP_SECRET",
        ]);
        command
    }

    /// `--simulator` asks for the embedded defaults, whatever `tollgate.toml` lies about.
    fn host(&self) -> Command {
        let simulator = format!("http://127.0.0.1:{}", self.options.simulator_port());
        let mut command = self.tollgate();
        command.args([
            "run",
            "--listen",
            &format!("127.0.0.1:{}", self.options.port),
        ]);
        command
            .args(["--simulator", &simulator, "--log-format", "text", "--data"])
            .arg(self.folder.join("data"));
        command
    }

    fn desk(&self) -> Command {
        let mut command = self.tollgate();
        command.args(["desk", "--follow", "--host", &self.host_url()]);
        command
    }

    fn host_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.options.port)
    }

    fn say_what_to_try(&self) {
        let host = self.host_url();
        let root = workspace::root();
        let short = |path: &Path| {
            path.strip_prefix(root)
                .unwrap_or(path)
                .display()
                .to_string()
        };
        let (binary, folder) = (short(&self.binary), short(&self.folder));
        let desk = if self.options.port == DEFAULT_PORT {
            format!("{binary} desk")
        } else {
            format!("{binary} desk --host {host}")
        };
        let rule = first_rule_file().unwrap_or_else(|| "rules/".to_owned());
        let chat = if self.options.port == DEFAULT_PORT {
            format!("{binary} chat")
        } else {
            format!(
                "{binary} chat --host {host} --simulator http://127.0.0.1:{}",
                self.options.simulator_port()
            )
        };
        eprintln!(
            "
{title}
  console   {host}/
  phone     http://127.0.0.1:{simulator}/

{tries}
  write to the shop as a customer, from another terminal:
    {chat}
  change a text in {rule} and save: the host says that it reloaded, the next message gets it
  post a webhook as Meta does, signed with this run's secret; the same one twice is answered once:
    signature=$(openssl dgst -sha256 -r -hmac \"$(cat {folder}/app-secret)\" {folder}/webhook.json | cut -d' ' -f1)
    curl -i {host}/webhooks/whatsapp -H 'content-type: application/json' \\
      -H \"x-hub-signature-256: sha256=$signature\" --data-binary @{folder}/webhook.json
  what left, as the network saw it:
    curl http://127.0.0.1:{simulator}/_sim/record

  a customer who asked for a person is silent to the bot; give contact c1 back to it:
    {desk} --release c1

Hand-offs appear below. Ctrl-C ends everything.
",
            title = output::bold("Running."),
            tries = output::bold("Try"),
            simulator = self.options.simulator_port(),
        );
    }
}

/// Waits for the line that says so; false if somebody pressed Ctrl-C meanwhile.
fn is_ready(name: &str, children: &mut Children) -> Result<bool, Failure> {
    let deadline = Instant::now() + limits::READY;
    loop {
        match children.next(deadline.saturating_duration_since(Instant::now())) {
            Event::Line { child, text } => {
                show(child, &text);
                if child == name && text.starts_with("ready ") {
                    return Ok(true);
                }
            }
            Event::Stop => return Ok(false),
            Event::Ended { child, status } => {
                return Err(Failure::Finding(format!(
                    "{child} ended before it was ready ({status}); it says why above"
                )));
            }
            Event::Quiet if Instant::now() >= deadline => {
                return Err(Failure::Finding(format!(
                    "{name} was not ready within {}",
                    output::elapsed(limits::READY)
                )));
            }
            Event::Quiet => {}
        }
    }
}

fn show(child: &'static str, text: &str) {
    eprintln!("{}", output::dim(&format!("{child:<9} | {text}")));
}

fn first_rule_file() -> Option<String> {
    let mut names: Vec<String> = std::fs::read_dir(workspace::root().join("rules"))
        .ok()?
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| {
            name.ends_with(".toml") && name.starts_with(|first: char| first.is_ascii_digit())
        })
        .collect();
    names.sort();
    let name = names
        .iter()
        .find(|name| name.starts_with("10-"))
        .or(names.first())?;
    Some(format!("rules/{name}"))
}

fn random_hex() -> std::io::Result<String> {
    let mut bytes = [0; 24];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Readable by this user alone, from the first byte on.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?
        .write_all(text.as_bytes())
}

/// A text message as Meta sends it, of this second.
fn webhook() -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let body = serde_json::json!({
        "object": "whatsapp_business_account",
        "entry": [{"id": "200000000000001", "changes": [{"field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550100001", "phone_number_id": "100000000000001"},
            "contacts": [{"profile": {"name": "Ana"}, "wa_id": "5511900000001"}],
            "messages": [{"from": "5511900000001", "id": format!("wamid.try-{now}"), "timestamp": now.to_string(),
                "type": "text", "text": {"body": "oi"}}],
        }}]}],
    });
    body.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Options, Failure> {
        Options::parse(
            &arguments
                .iter()
                .map(|argument| (*argument).to_owned())
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn ports_and_profile_can_be_chosen() {
        assert_eq!(
            parse(&[]).unwrap(),
            Options {
                port: 7070,
                release: false
            }
        );
        assert_eq!(
            parse(&["--port", "8080", "--release"]).unwrap(),
            Options {
                port: 8080,
                release: true
            }
        );
        assert_eq!(parse(&["--port=8080"]).unwrap().simulator_port(), 8081);
        for wrong in [
            &["--port"][..],
            &["--port", "65535"],
            &["--port", "no"],
            &["--fast"],
        ] {
            assert_eq!(parse(wrong).unwrap_err().exit_code(), 2, "{wrong:?}");
        }
    }

    #[test]
    fn a_taken_port_is_named_with_the_way_out() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let said = ensure_free(port, "the host").unwrap_err().to_string();
        assert!(
            said.contains(&port.to_string()) && said.contains("--port 8080"),
            "{said}"
        );
    }

    #[test]
    fn secrets_are_long_and_never_the_same() {
        let (one, other) = (random_hex().unwrap(), random_hex().unwrap());
        assert_eq!(one.len(), 48);
        assert_ne!(one, other);
    }

    /// A run with a script in the place of the binary; what it says, and whether all of it ended.
    fn run_with(script: &str) -> (Result<(), Failure>, bool) {
        let folder = std::env::temp_dir().join(format!("xtask-up-{}", random_hex().unwrap()));
        std::fs::create_dir_all(&folder).unwrap();
        let binary = folder.join("tollgate");
        // Written by another process: a descriptor of this one, open for writing, could slip into a child of another test, and
        // the system refuses to run a file that somebody writes.
        let mut writer = Command::new("sh");
        writer
            .args([
                "-c",
                "printf '#!/bin/sh\n%s' \"$1\" > \"$0\" && chmod 755 \"$0\"",
            ])
            .arg(&binary)
            .arg(script);
        workspace::run(writer).unwrap();
        let up = Up {
            options: Options {
                port: DEFAULT_PORT,
                release: false,
            },
            binary,
            folder: folder.clone(),
            app_secret: String::new(),
            verify_token: String::new(),
        };
        let mut children = Children::without_signals();
        let outcome = up.run(&mut children);
        children.end_all(show);
        std::fs::remove_dir_all(folder).unwrap();
        (outcome, children.all_ended())
    }

    #[test]
    fn a_host_that_dies_is_named_and_the_rest_ended() {
        let (outcome, all_ended) = run_with(
            "case $1 in run) echo 'ready http://x edition=1' >&2; exit 3;; *) echo 'ready http://y' >&2; exec sleep 600;; esac",
        );
        let said = outcome.unwrap_err().to_string();
        assert!(
            said.starts_with("host ended by itself") && said.contains('3'),
            "{said}"
        );
        assert!(all_ended);
    }

    #[test]
    fn a_host_that_cannot_start_is_not_waited_for() {
        let (outcome, all_ended) = run_with(
            "case $1 in run) echo 'no rules' >&2; exit 1;; *) echo 'ready http://y' >&2; exec sleep 600;; esac",
        );
        let said = outcome.unwrap_err().to_string();
        assert!(said.starts_with("host ended before it was ready"), "{said}");
        assert!(all_ended);
    }
}
