//! `tollgate desk`: the hand-offs and the drafts, in the terminal.

mod drafts;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::client::Client;
use super::pause::give_back;
use super::{Failure, HostAddress, say};
use crate::shown::tame;

/// Show conversations that were handed to people; give one back to the bot; send or drop drafts.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  tollgate desk                     the latest hand-offs
  tollgate desk --follow            and every further one as it comes
  tollgate desk --release c7        give contact c7 back to the bot
  tollgate desk --format json | jq .note
  tollgate desk drafts              the replies that wait for a person
  tollgate desk send d12            send one as it is
  tollgate desk drop d12            or never"
)]
pub(super) struct Desk {
    #[command(subcommand)]
    act: Option<Act>,
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

#[derive(Debug, Subcommand)]
enum Act {
    /// Show the replies that wait for a person
    Drafts(drafts::Drafts),
    /// Send a draft, as it is or in other words
    Send(drafts::Send),
    /// Drop a draft: it is never sent
    Drop(drafts::Discard),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

impl Desk {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self.act {
            Some(Act::Drafts(drafts)) => return drafts.run().await,
            Some(Act::Send(send)) => return send.run().await,
            Some(Act::Drop(discard)) => return discard.run().await,
            None => {}
        }
        let client = Client::new(&self.address)?;
        if let Some(contact) = &self.release {
            return give_back(&client, contact).await;
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
                say(&self.shown(hand_off));
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

    fn shown(&self, hand_off: &Value) -> String {
        match self.format {
            Format::Json => format!("{hand_off}\n"),
            Format::Text => in_words(hand_off),
        }
    }
}

/// A hand-off in a line, and below it what was noted about the contact, oldest first.
fn in_words(hand_off: &Value) -> String {
    let contact = hand_off
        .pointer("/contact/id")
        .and_then(Value::as_u64)
        .unwrap_or_default();
    let name = match text(hand_off, "/contact/name") {
        name if name.is_empty() => "somebody".to_owned(),
        name => name,
    };
    let mut words = format!(
        "[{}] c{contact} {name}: {}\n",
        text(hand_off, "/desk"),
        text(hand_off, "/note")
    );
    let notes = hand_off.get("notes").and_then(Value::as_array);
    for note in notes.into_iter().flatten() {
        words.push_str(&format!("    noted: {}\n", text(note, "/text")));
    }
    words
}

/// A text as one line: contacts and plugins write it, and the terminal must not obey it.
fn text(value: &Value, pointer: &str) -> String {
    let text = value.pointer(pointer).and_then(Value::as_str);
    let lines = text.unwrap_or_default().trim().lines().map(tame);
    lines.collect::<Vec<_>>().join(" / ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_hand_off_is_shown_with_the_notes_left_with_its_contact() {
        let hand_off = json!({
            "seq": 3,
            "desk": "support",
            "note": "asked for a person\nis in a hurry",
            "contact": {"id": 7, "name": "Ana"},
            "notes": [
                {"text": "wants a refund\nof order 4711", "message": "wamid.A", "at": 1},
                {"text": "was told no", "message": "wamid.B", "at": 2},
            ],
        });
        assert_eq!(
            in_words(&hand_off),
            "[support] c7 Ana: asked for a person / is in a hurry\n    \
             noted: wants a refund / of order 4711\n    noted: was told no\n"
        );
    }

    #[test]
    fn a_hand_off_without_name_and_notes_has_one_line_that_no_terminal_obeys() {
        let hand_off = json!({
            "desk": "support",
            "note": "\u{1b}[2Jgone",
            "contact": {"id": 7, "name": null},
            "notes": [],
        });
        assert_eq!(
            in_words(&hand_off),
            "[support] c7 somebody: \\u{1b}[2Jgone\n"
        );
    }
}
