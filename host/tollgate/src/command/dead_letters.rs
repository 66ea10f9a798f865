//! `tollgate dead-letters`: messages that could not be done, and taking them up again.

use clap::{Args, Subcommand};
use model::Span;
use serde_json::{Value, json};

use super::client::Client;
use super::table::{Table, records, text, when};
use super::why::only_number;
use super::{Failure, HostAddress, is_colourful, say};
use crate::explain;

/// See to messages that could not be done: show why, and take them up again.
#[derive(Debug, Args)]
#[command(after_help = "\
What is taken up again goes through rules and gate as they are now, last in its contact's line. A question that is too old to answer
(answer_within) goes to a desk.

Examples:
  tollgate dead-letters                               the newest 50, with their causes
  tollgate dead-letters show wamid.HBg…               what happened to one
  tollgate dead-letters redrive wamid.HBg…            try one again
  tollgate dead-letters redrive --newer-than 2h       all that were written in the last two hours; older ones stay")]
pub(super) struct DeadLetters {
    #[command(subcommand)]
    act: Option<Act>,
    /// As JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    address: HostAddress,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// List them, newest first
    List {
        /// So many at most; a host shows 200
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: usize,
    },
    /// Show what happened to one
    Show(One),
    /// Take one up again, or all that are new enough
    Redrive(Redrive),
}

#[derive(Debug, Args)]
struct One {
    /// The message's id
    message: String,
    /// The number that it came in on (phone_number_id), if the tenant has several
    #[arg(long, value_name = "ID")]
    number: Option<String>,
}

#[derive(Debug, Args)]
struct Redrive {
    /// The message's id
    #[arg(conflicts_with = "newer_than")]
    message: Option<String>,
    /// The number that it came in on (phone_number_id), if the tenant has several
    #[arg(long, value_name = "ID", requires = "message")]
    number: Option<String>,
    /// All whose messages were written within this span: 30m, 2h, 1d
    #[arg(long, value_name = "SPAN")]
    newer_than: Option<Span>,
    /// Your name, for the log
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

impl DeadLetters {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.address)?;
        match &self.act {
            None => self.list(&client, 50).await,
            Some(Act::List { limit }) => self.list(&client, *limit).await,
            Some(Act::Show(one)) => self.show(&client, one).await,
            Some(Act::Redrive(redrive)) => self.redrive(&client, redrive).await,
        }
    }

    async fn list(&self, client: &Client, limit: usize) -> Result<(), Failure> {
        let limit = limit.to_string();
        let answer = client.get("/v1/dead-letters", &[("limit", &limit)]).await?;
        let mut table = Table::new(&["given up", "number", "message", "cause"]);
        for letter in records(&answer, "dead_letters") {
            if self.json {
                say(&format!("{letter}\n"));
                continue;
            }
            table.line([
                when(letter, "/at"),
                text(letter, "/id/number").to_owned(),
                text(letter, "/id/message").to_owned(),
                text(letter, "/cause").to_owned(),
            ]);
        }
        if !self.json {
            table.show("no dead letters: every message so far could be done");
        }
        Ok(())
    }

    async fn show(&self, client: &Client, one: &One) -> Result<(), Failure> {
        let number = match &one.number {
            Some(number) => number.clone(),
            None => only_number(client, self.address.tenant.as_deref()).await?,
        };
        let query = [
            ("number", number.as_str()),
            ("message", one.message.as_str()),
        ];
        let found = client.get("/v1/decision", &query).await?;
        if self.json {
            say(&format!("{found:#}\n"));
        } else {
            say(&explain::decision(&found, is_colourful(&std::io::stdout())));
        }
        Ok(())
    }

    async fn redrive(&self, client: &Client, redrive: &Redrive) -> Result<(), Failure> {
        let body = match (redrive.newer_than, &redrive.message) {
            (Some(span), _) => json!({"newer_than": span, "by": redrive.by}),
            (None, Some(message)) => {
                json!({"message": message, "number": redrive.number, "by": redrive.by})
            }
            (None, None) => {
                return Err(Failure::usage(
                    "error: which?\n  help: name a message by its id, or all that are new enough with --newer-than 2h",
                ));
            }
        };
        let came_to = client.post_json("/v1/dead-letters/redrive", &body).await?;
        if self.json {
            say(&format!("{came_to}\n"));
        } else {
            say(&in_words(&came_to));
        }
        Ok(())
    }
}

fn in_words(came_to: &Value) -> String {
    let count = |name: &str| {
        came_to
            .get(name)
            .and_then(Value::as_u64)
            .unwrap_or_default()
    };
    let mut words = format!("{} taken up again", count("redriven"));
    if count("too_old") > 0 {
        words.push_str(&format!(", {} too old and left", count("too_old")));
    }
    if came_to.get("more").and_then(Value::as_bool) == Some(true) {
        words.push_str("; there are more: run it again");
    }
    words.push('\n');
    words
}
