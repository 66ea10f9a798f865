//! The command line.

mod chat;
mod check;
mod client;
mod config;
mod desk;
mod event;
mod explain;
mod log;
mod made_up;
mod plugin;
mod rehearsed;
mod run;
mod schema;
mod simulator;
mod stop;
mod test;
mod why;
mod why_not;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// WhatsApp automation where nothing leaves without passing the gate.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 110, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  tollgate run                                   the embedded defaults, a simulator as network
  tollgate run --config tollgate.toml            your own set-up
  tollgate check --config tollgate.toml          rules, plugins and configuration, all problems at once
  tollgate explain R012                          what a code of a finding means
  tollgate test --config tollgate.toml           the tests that stand beside the rules
  tollgate plugin new stock-check                begin a plugin of your own
  tollgate chat                                  talk to a running host as a customer would
  tollgate event body.json                       what we make of a payload
  tollgate why wamid.HBg…                        why a customer got that answer, or none
  tollgate why-not greeting --says oi            why a rule does not answer, and what would make it

Exit codes: 0 fine, 1 something was found or failed, 2 wrong usage or configuration.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the host: receive messages, answer them by the rules, let out what the gate allows
    Run(run::Run),
    /// Run a stand-in for the WhatsApp network, on loopback, that records everything
    Simulator(simulator::Simulator),
    /// Talk to a running host in the terminal as a customer would
    Chat(chat::Chat),
    /// Show what we make of a payload that WhatsApp, SNS or SQS delivers; send a signed one to a running host
    Event(event::Event),
    /// Show conversations that were handed to people; give one back to the bot; send or drop drafts
    Desk(desk::Desk),
    /// Show why a message was answered as it was, or was not
    Why(why::Why),
    /// Show why a rule does not answer a message, and the smallest change after which it would
    WhyNot(why_not::WhyNot),
    /// Check configuration, rules and plugins without running anything
    Check(check::Check),
    /// Show what a code of a finding means, with a wrong and a right example
    Explain(explain::Explain),
    /// Run the tests that stand beside rules, with the real plugins and the real gate
    Test(test::Test),
    /// Print the JSON Schema of rule files, for editors that complete and check while you type
    Schema(schema::Schema),
    /// Write, build, try and look after plugins
    Plugin(plugin::Plugin),
    /// Show the configuration's reference or a sample to begin with
    Config(config::Config),
}

/// Where the configuration is.
#[derive(Debug, Args)]
struct ConfigFile {
    /// The configuration; `tollgate.toml` here if there is one, else the embedded defaults
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Where a running host is.
#[derive(Debug, Clone, Args)]
struct HostAddress {
    /// The running host
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://127.0.0.1:7070",
        env = "TOLLGATE_HOST"
    )]
    host: String,
    /// The environment variable that holds the host's API key, if it has one
    #[arg(long, value_name = "NAME", default_value = "TOLLGATE_API_KEY")]
    api_key_env: String,
    /// The tenant, if the host has several
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
}

/// `ADDR` on the command line.
fn address(text: &str) -> Result<std::net::SocketAddr, String> {
    text.parse()
        .map_err(|_| "write an IP address with its port, like 127.0.0.1:7070".to_owned())
}

/// Why a command failed: words for a person and a code for a script.
#[derive(Debug)]
pub struct Failure {
    /// What, where, and what to do about it.
    pub message: String,
    /// 1: something was found or failed; 2: wrong usage or configuration.
    pub exit_code: u8,
}

impl Failure {
    pub(crate) fn found(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            exit_code: 1,
        }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            exit_code: 2,
        }
    }
}

/// Runs one command.
pub async fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Command::Run(run) => run.run().await,
        Command::Simulator(simulator) => simulator.run().await,
        Command::Chat(chat) => chat.run().await,
        Command::Event(event) => event.run().await,
        Command::Desk(desk) => desk.run().await,
        Command::Why(why) => why.run().await,
        Command::WhyNot(why_not) => why_not.run().await,
        Command::Check(check) => check.run().await,
        Command::Explain(explain) => explain.run(),
        Command::Test(test) => test.run().await,
        Command::Schema(schema) => schema.run(),
        Command::Plugin(plugin) => plugin.run().await,
        Command::Config(config) => config.run(),
    }
}

/// Says what went wrong, on standard error.
pub fn complain(message: &str) {
    if !message.is_empty() {
        eprintln!("{}", message.trim_end());
    }
}

/// Writes to standard output; a reader that went away is no error worth a word.
pub(crate) fn say(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Colours only on a terminal, and only if nobody said otherwise.
pub(crate) fn is_colourful(stream: &impl std::io::IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
