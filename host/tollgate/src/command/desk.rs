//! `tollgate desk`: the hand-offs, in the terminal.

use clap::Args;
use serde_json::Value;

use super::client::Client;
use super::{Failure, HostAddress, say};

/// Show conversations that were handed to people; give one back to the bot.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate desk                     the latest hand-offs
  tollgate desk --follow            and every further one as it comes
  tollgate desk --release c7        give contact c7 back to the bot
  tollgate desk --format json | jq .note")]
pub(super) struct Desk {
    /// Go on showing hand-offs as they come
    #[arg(long)]
    follow: bool,
    /// Give this contact back to the bot: its pause ends now
    #[arg(long, value_name = "CONTACT")]
    release: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    address: HostAddress,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

impl Desk {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.address)?;
        if let Some(contact) = &self.release {
            let id = contact.trim_start_matches('c');
            client.post(&format!("/v1/contacts/{id}/release")).await?;
            say(&format!("c{id} is the bot's again\n"));
            return Ok(());
        }
        let mut after: Option<u64> = None;
        loop {
            let position = after.map(|after| after.to_string());
            let mut query = vec![("wait_ms", if after.is_some() { "20000" } else { "0" })];
            query.extend(position.as_deref().map(|position| ("after", position)));
            let page = client.get("/v1/hand-offs", &query).await?;
            let hand_offs = page
                .get("hand_offs")
                .and_then(Value::as_array)
                .map(Vec::as_slice)
                .unwrap_or_default();
            for hand_off in hand_offs {
                say(&self.line(hand_off));
            }
            if !self.follow {
                if hand_offs.is_empty() && after.is_none() && self.format == Format::Text {
                    say("no conversation was handed over yet\n");
                }
                return Ok(());
            }
            after = Some(page.get("next").and_then(Value::as_u64).unwrap_or(0));
        }
    }

    fn line(&self, hand_off: &Value) -> String {
        if self.format == Format::Json {
            return format!("{hand_off}\n");
        }
        let text = |pointer: &str| {
            hand_off
                .pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let contact = hand_off
            .pointer("/contact/id")
            .and_then(Value::as_u64)
            .unwrap_or_default();
        let name = match text("/contact/name") {
            "" => "somebody",
            name => name,
        };
        format!(
            "[{}] c{contact} {name}: {}\n",
            text("/desk"),
            text("/note").replace('\n', " / ")
        )
    }
}
