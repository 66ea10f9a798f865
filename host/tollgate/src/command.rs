//! The command line.

mod chat;
mod check;
mod client;
mod config;
mod consent;
mod contact;
mod dead_letters;
mod desk;
mod event;
mod explain;
mod held;
mod ledger;
mod log;
mod made_up;
mod outbox;
mod pause;
mod plugin;
mod rehearsed;
mod run;
mod schema;
mod send;
mod simulator;
mod stop;
mod stopping;
mod table;
mod test;
mod whom;
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
  tollgate send c7 'It is ready.'                a message to one contact, through the gate
  tollgate stop --yes --why 'wrong prices'       nothing leaves until `tollgate resume`

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
    /// Show a running host's contacts: find them, and see what one allowed
    Contact(contact::Contact),
    /// Record what contacts allowed
    Consent(consent::Consent),
    /// Keep the bot silent towards a contact: a person has the conversation
    Pause(pause::Pause),
    /// Give a contact back to the bot
    Release(pause::Release),
    /// Send a contact a message, through the gate
    Send(send::Send),
    /// Show the newest sends and where they stand
    Outbox(outbox::Outbox),
    /// See to sends whose outcome nobody knows: send one once more, or give it up
    Held(held::Held),
    /// See to messages that could not be done: show why, and take them up again
    DeadLetters(dead_letters::DeadLetters),
    /// Stop sending: everything, or one number or template
    Stop(stopping::Stop),
    /// Let what was stopped send again
    Resume(stopping::Resume),
    /// Show what is stopped, by whom, and why
    Stops(stopping::Stops),
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
    /// See to what is stored: check it, measure it, hand a person what is theirs, erase them, remove what is past its time
    Ledger(ledger::Ledger),
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
        Command::Contact(contact) => contact.run().await,
        Command::Consent(consent) => consent.run().await,
        Command::Pause(pause) => pause.run().await,
        Command::Release(release) => release.run().await,
        Command::Send(send) => send.run().await,
        Command::Outbox(outbox) => outbox.run().await,
        Command::Held(held) => held.run().await,
        Command::DeadLetters(dead_letters) => dead_letters.run().await,
        Command::Stop(stop) => stop.run().await,
        Command::Resume(resume) => resume.run().await,
        Command::Stops(stops) => stops.run().await,
        Command::Why(why) => why.run().await,
        Command::WhyNot(why_not) => why_not.run().await,
        Command::Check(check) => check.run().await,
        Command::Explain(explain) => explain.run(),
        Command::Test(test) => test.run().await,
        Command::Schema(schema) => schema.run(),
        Command::Plugin(plugin) => plugin.run().await,
        Command::Ledger(ledger) => ledger.run().await,
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
