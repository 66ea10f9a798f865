//! `tollgate event`: what we make of a payload; `tollgate event send`: a signed one to a running host.

mod limits;
mod line;
mod paragraph;
mod send;
mod source;
mod trouble;

use std::io::IsTerminal;

use clap::{Args, Subcommand};
use intake::envelope;
use intake::payload::Parsed;
use model::Moment;

use super::{Failure, complain, is_colourful, say};
use crate::style::Style;
use source::Source;
use trouble::Trouble;

/// Show what we make of a payload that WhatsApp, SNS or SQS delivers; send one to a running host.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = "\
A FILE holds one body: Meta's webhook, an event of AWS End User Messaging
Social, an SNS notification of one, or an entry, change or value of it.
Nothing is sent, and no host is needed. Phone numbers and texts are shown
whole: it is your file, and your terminal.

Examples:
  tollgate event body.json                         in words
  tollgate event --format json *.json | jq .text   one JSON object for each
  pbpaste | tollgate event                         what the clipboard holds
  tollgate event send body.json                    signed, to a running host

Exit codes: 0 every body was read, 1 one could not be read as a whole,
2 wrong usage, or a file that cannot be opened. A message that cannot be read
within a body that can is a notice too, `unreadable`, and no failure."
)]
pub(super) struct Event {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    show: Show,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sign a payload with the app secret and post it to a running host's webhook
    Send(send::Send),
}

#[derive(Debug, Args)]
struct Show {
    /// Files with one body each; `-`, or none, is standard input
    #[arg(value_name = "FILE")]
    files: Vec<Source>,
    /// How to print what is found
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// In words, a paragraph for each notice
    Human,
    /// One JSON object for each notice, on a line of its own
    Json,
}

impl Event {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self.command {
            Some(Command::Send(send)) => send.run().await,
            None => self.show.run(),
        }
    }
}

impl Show {
    fn run(self) -> Result<(), Failure> {
        let sources = Source::or_standard_input(self.files);
        let is_one_of_many = sources.len() > 1;
        let style = Style {
            colour: is_colourful(&std::io::stdout()),
        };
        let now = jiff::Timestamp::now().as_millisecond();
        let mut worst = 0;
        for source in &sources {
            let read = source.read().and_then(|body| {
                envelope::open(&body, Moment(now))
                    .map_err(|unreadable| Trouble::unreadable(source, &body, &unreadable))
            });
            match read {
                Ok(notices) => say(&match self.format {
                    Format::Json => lines(&notices),
                    Format::Human => page(source, &notices, is_one_of_many, &style),
                }),
                Err(trouble) => {
                    complain(&trouble.to_string());
                    worst = worst.max(trouble.exit_code());
                }
            }
        }
        match worst {
            0 => Ok(()),
            // Every trouble was told where it was met.
            exit_code => Err(Failure {
                message: String::new(),
                exit_code,
            }),
        }
    }
}

fn lines(notices: &[Parsed]) -> String {
    notices
        .iter()
        .map(|parsed| {
            let line = serde_json::to_string(&line::Line::of(parsed));
            // Keys are texts and floats are finite: what was parsed from JSON can be written as JSON.
            line.map_or_else(|_| String::new(), |line| line + "\n")
        })
        .collect()
}

fn page(source: &Source, notices: &[Parsed], has_head: bool, style: &Style) -> String {
    let mut page = String::new();
    if has_head {
        let head = format!("── {source}: {}", tally(notices));
        page.push_str(&style.strong(&head));
        page.push('\n');
    } else if notices.is_empty() {
        page.push_str("nothing: the body can be read, and there is no notice in it\n");
    }
    page.push_str(&paragraph::all(notices, style));
    if has_head {
        page.push('\n');
    }
    page
}

/// How many of each: `2 messages, 1 status`.
fn tally(notices: &[Parsed]) -> String {
    const WORDS: [(&str, &str); 6] = [
        ("message", "messages"),
        ("status", "statuses"),
        ("preference", "preferences"),
        ("echo", "echoes"),
        ("update", "updates"),
        ("unreadable", "unreadable"),
    ];
    let counted = WORDS.iter().filter_map(|(one, several)| {
        let of = |parsed: &&Parsed| parsed.body.word() == *one;
        match notices.iter().filter(of).count() {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {several}")),
        }
    });
    let counted: Vec<String> = counted.collect();
    if counted.is_empty() {
        "nothing".to_owned()
    } else {
        counted.join(", ")
    }
}

/// A person at a terminal who named no file would wait for nothing.
fn invite() {
    if std::io::stdin().is_terminal() {
        complain("reading a body from the terminal: paste it and press Ctrl-D, or name a file");
    }
}
