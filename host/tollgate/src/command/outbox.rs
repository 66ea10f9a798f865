//! `tollgate outbox`: every admitted send, and where it stands.

use clap::Args;
use model::{Outgoing, SendState};
use serde_json::Value;

use super::client::Client;
use super::table::{Table, records, text, when};
use super::{Failure, HostAddress, say, whom};
use crate::shown;

/// So much of a message stands in a table.
const PREVIEW_CHARS: usize = 60;

/// Show the newest sends and where they stand.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate outbox                       the newest 50, newest first
  tollgate outbox --state failed
  tollgate outbox --limit 200 --json | jq .cause")]
pub(super) struct Outbox {
    /// Only those that stand there
    #[arg(long, value_name = "STATE", value_parser = state)]
    state: Option<SendState>,
    /// So many at most; a host shows 200
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    /// One JSON object a line, phones whole
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    address: HostAddress,
}

impl Outbox {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.address)?;
        let limit = self.limit.to_string();
        let mut query = vec![("limit", limit.as_str())];
        query.extend(self.state.map(|state| ("state", state.word())));
        let answer = client.get("/v1/outbox", &query).await?;
        let mut table = Table::new(&["changed", "state", "to", "message", "cause"]);
        for send in records(&answer, "sends") {
            if self.json {
                say(&format!("{send}\n"));
                continue;
            }
            table.line([
                when(send, "/changed_at"),
                text(send, "/state").to_owned(),
                to(send),
                message(send),
                text(send, "/cause").to_owned(),
            ]);
        }
        if !self.json {
            table.show("nothing was sent yet");
        }
        Ok(())
    }
}

/// Whom a send goes to.
pub(super) fn to(send: &Value) -> String {
    let contact = send.pointer("/outbound/contact").and_then(Value::as_u64);
    let key = send.pointer("/outbound/to").unwrap_or(&Value::Null);
    format!("c{} {}", contact.unwrap_or_default(), whom::masked(key))
}

/// What a send says, cut to fit.
pub(super) fn message(send: &Value) -> String {
    let message = send.pointer("/outbound/message").cloned();
    let message = serde_json::from_value::<Outgoing>(message.unwrap_or_default());
    message
        .map(|message| shown::outgoing_to(&message, PREVIEW_CHARS))
        .unwrap_or_default()
}

fn state(word: &str) -> Result<SendState, String> {
    let states: Vec<&str> = SendState::ALL.into_iter().map(SendState::word).collect();
    SendState::parse(word).ok_or_else(|| format!("it is one of {}", states.join(", ")))
}
