//! `tollgate chat`: a customer's side of the conversation, in the terminal.

mod bubble;
mod received;
mod typed;

use std::io::{BufRead, IsTerminal};

use clap::Args;
use model::Outgoing;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::client::{Client, Network};
use super::{Failure, HostAddress, complain, is_colourful, say};
use crate::{explain, shown};
use bubble::{Bubble, Tap};
use typed::{Before, Typed};

/// Talk to a running host in the terminal as a customer would.
#[derive(Debug, Args)]
#[command(after_help = "\
While chatting:
  /1 /2 /3      tap a button, or a row of a menu
  /image /voice /document /location /contact /form /order /reaction and more: send what is no text
  /why          the whole story of the last message
  /help         all of it
  /quit         leave (Ctrl-D does too)

Examples:
  tollgate chat                              as Ana, from a Brazilian number
  tollgate chat --from 15550100002 --name Bo
  printf 'oi\\nhorário\\n' | tollgate chat     in a script: one answer a line
  printf 'oi\\n' | tollgate chat --json        everything, one JSON object a message")]
pub(super) struct Chat {
    /// The customer's phone number
    #[arg(long, value_name = "DIGITS", default_value = "5511900000001")]
    from: String,
    /// The customer's name
    #[arg(long, default_value = "Ana")]
    name: String,
    /// The network's stand-in
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://127.0.0.1:7071",
        env = "TOLLGATE_SIMULATOR"
    )]
    simulator: String,
    /// One JSON object for each message
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    address: HostAddress,
}

/// How long an answer is waited for; a knowledge base may take 15 s.
const ANSWER_WAIT_MS: &str = "20000";
/// Lines typed ahead of the answers.
const TYPED_AHEAD: usize = 100;

struct Talk {
    client: Client,
    network: Network,
    seen: u64,
    taps: Vec<Tap>,
    /// The id of the last message from the business, and of the last one to it.
    reply: Option<String>,
    said: Option<String>,
    last: Option<Value>,
    colour: bool,
}

impl Chat {
    pub(super) async fn run(self) -> Result<(), Failure> {
        model::Phone::new(self.from.as_str()).map_err(|error| {
            Failure::usage(format!(
                "error: --from {:?} is {error}\n  help: digits without +, like 5511900000001",
                self.from
            ))
        })?;
        let network = Network::new(&self.simulator)?;
        let seen = network
            .record(u64::MAX, 0)
            .await?
            .get("next")
            .and_then(Value::as_u64)
            .unwrap_or(0);
        let mut talk = Talk {
            client: Client::new(&self.address)?,
            network,
            seen,
            taps: Vec::new(),
            reply: None,
            said: None,
            last: None,
            colour: is_colourful(&std::io::stdout()),
        };
        talk.client.get("/v1/status", &[]).await?;
        let is_typed = std::io::stdin().is_terminal();
        if is_typed {
            say(&format!(
                "You are {} ({}). Write as a customer would; /why tells the story, /help the rest, /quit leaves.\n",
                self.name, self.from
            ));
        }
        let mut lines = typed_lines();
        loop {
            if is_typed {
                say("> ");
            }
            let Some(line) = lines.recv().await else {
                break;
            };
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            match typed::read(line, &talk.before()) {
                Ok(Typed::Quit) => break,
                Ok(Typed::Help) => say(typed::HELP),
                Ok(Typed::Why) => say(&talk.story()),
                Ok(Typed::Say(key, value)) => {
                    match self.exchange(&mut talk, line, key, value).await {
                        // A person can write something else; a script is told at once.
                        Err(failure) if is_typed => complain(&failure.message),
                        done => done?,
                    }
                }
                // Where one JSON object a message is wanted, a complaint would be in the way.
                Err(wrong) if self.json => complain(&wrong),
                Err(wrong) => say(&format!("  {wrong}\n")),
            }
        }
        if is_typed {
            say("\n");
        }
        Ok(())
    }

    async fn exchange(
        &self,
        talk: &mut Talk,
        typed: &str,
        key: &str,
        value: Value,
    ) -> Result<(), Failure> {
        let said = json!({"from": self.from, "name": self.name, key: &value});
        let answer = talk.network.say(&said).await?;
        let message = answer
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        // What changes or marks another message cannot be changed itself.
        let raw_kind = value.get("type").and_then(Value::as_str);
        if key != "reaction" && !matches!(raw_kind, Some("edit" | "revoke")) {
            talk.said = Some(message.clone());
        }
        match answer.get("status").and_then(Value::as_u64) {
            Some(200) => {}
            Some(401) => {
                let help = "give host and simulator the same app secret (`cargo xtask up` does)";
                return Err(Failure::found(format!(
                    "error: the host refused the simulator's signature\n  help: {help}"
                )));
            }
            status => {
                let shown =
                    status.map_or_else(|| "nothing".to_owned(), |status| status.to_string());
                say(&format!(
                    "  the host answered {shown}: the network keeps the message and tries again\n"
                ));
                return Ok(());
            }
        }
        let number = answer
            .get("number")
            .and_then(Value::as_str)
            .unwrap_or("100000000000001")
            .to_owned();
        let query = [
            ("number", number.as_str()),
            ("message", message.as_str()),
            ("wait_ms", ANSWER_WAIT_MS),
            ("settled_sends", "true"),
        ];
        let decision = talk.client.get("/v1/decision", &query).await?;
        let record = talk.network.record(talk.seen, 0).await?;
        talk.seen = record
            .get("next")
            .and_then(Value::as_u64)
            .unwrap_or(talk.seen);
        let replies: Vec<&Value> = record
            .get("sends")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter(|send| {
                send.get("to")
                    .and_then(Value::as_str)
                    .is_some_and(|to| to.trim_start_matches('+') == self.from)
            })
            .filter(|send| {
                matches!(
                    send.get("outcome").and_then(Value::as_str),
                    Some("accepted" | "dropped_reply")
                )
            })
            .collect();
        let shown = talk.receive(&replies);
        if self.json {
            let replies: Vec<_> = replies
                .iter()
                .filter_map(|send| send.get("message"))
                .collect();
            say(&format!(
                "{}\n",
                json!({"said": typed, "replies": replies, "decision": decision})
            ));
        } else {
            say(&shown);
            say(&talk.faint(&format!("    {}", explain::summary(&decision))));
        }
        talk.last = Some(decision);
        Ok(())
    }
}

impl Talk {
    fn before(&self) -> Before<'_> {
        Before {
            taps: &self.taps,
            reply: self.reply.as_deref(),
            said: self.said.as_deref(),
        }
    }

    /// Replies as the customer sees them. What could be tapped before still can, until something new can.
    fn receive(&mut self, replies: &[&Value]) -> String {
        let mark = if self.colour {
            "\u{1b}[32m<\u{1b}[0m"
        } else {
            "<"
        };
        let mut text = String::new();
        let mut taps = Vec::new();
        for send in replies {
            let wire = send.get("message").unwrap_or(&Value::Null);
            let message = received::message(wire);
            let is_reaction = matches!(message, Some(Outgoing::Reaction { .. }));
            let mut bubble = match &message {
                Some(message) => Bubble::of(message, taps.len()),
                None => Bubble {
                    words: vec![shown::tame(&wire.to_string())],
                    ..Bubble::default()
                },
            };
            if let (true, Some(said)) = (is_reaction, &self.said) {
                for line in &mut bubble.words {
                    *line = line.replace(said, "your message");
                }
            }
            text.push_str(&format!("{mark} {}\n", bubble.words.join("\n  ")));
            for line in &bubble.beneath {
                text.push_str(&format!("    {line}\n"));
            }
            taps.extend(bubble.taps);
            let id = send.get("wamid").and_then(Value::as_str);
            if let Some(id) = id.filter(|_| !is_reaction) {
                self.reply = Some(id.to_owned());
            }
        }
        if !taps.is_empty() {
            self.taps = taps;
        }
        text
    }

    fn story(&self) -> String {
        match &self.last {
            Some(decision) => explain::decision(decision, self.colour),
            None => "  nothing was said yet\n".into(),
        }
    }

    fn faint(&self, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[2m{text}\u{1b}[0m\n")
        } else {
            format!("{text}\n")
        }
    }
}

/// Standard input, line by line, on a thread of its own: reading it blocks.
fn typed_lines() -> mpsc::Receiver<String> {
    let (typed, lines) = mpsc::channel(TYPED_AHEAD);
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        let mut line = Vec::new();
        while input
            .read_until(b'\n', &mut line)
            .is_ok_and(|read| read > 0)
        {
            // What is no UTF-8 is shown as such, as a phone would.
            let text = String::from_utf8_lossy(&line)
                .trim_end_matches(['\r', '\n'])
                .to_owned();
            line.clear();
            if typed.blocking_send(text).is_err() {
                return;
            }
        }
    });
    lines
}
