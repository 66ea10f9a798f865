//! Replies that wait for a person, in the terminal.

use clap::Args;
use model::{Message, Outgoing, ReplyDraftId};
use serde_json::{Value, json};

use super::super::client::Client;
use super::super::{Failure, HostAddress, say};
use super::{Format, text};
use crate::shown;

/// Show the replies that wait for a person.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate desk drafts                      all that wait
  tollgate desk drafts --desk support       those of one desk
  tollgate desk drafts --follow             and every further one as it comes
  tollgate desk drafts --format json | jq .outbound.message.body")]
pub(super) struct Drafts {
    /// Only those at this desk
    #[arg(long, value_name = "NAME")]
    desk: Option<String>,
    /// Go on showing drafts as they come
    #[arg(long)]
    follow: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    address: HostAddress,
}

/// Send a draft, as it is or in other words.
#[derive(Debug, Args)]
#[command(after_help = "\
The gate looks at it once more: a contact who said stop gets nothing, nor does one who wrote too long ago.

Examples:
  tollgate desk send d12
  tollgate desk send d12 --text \"Your refund is on its way, Ana.\"")]
pub(super) struct Send {
    /// Which, as `tollgate desk drafts` shows it
    draft: ReplyDraftId,
    /// Other words than the rule's; buttons, menus and files stay
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// Your name, to be kept with the draft
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    address: HostAddress,
}

/// Drop a draft: it is never sent.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate desk drop d12")]
pub(super) struct Discard {
    /// Which, as `tollgate desk drafts` shows it
    draft: ReplyDraftId,
    /// Your name, to be kept with the draft
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    address: HostAddress,
}

impl Drafts {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.address)?;
        let (mut after, mut waits) = (0, false);
        loop {
            let position = after.to_string();
            let mut query = vec![
                ("state", "pending"),
                ("after", position.as_str()),
                ("limit", "200"),
                ("wait_ms", if waits { "20000" } else { "0" }),
            ];
            query.extend(self.desk.as_deref().map(|desk| ("desk", desk)));
            let page = client.get("/v1/drafts", &query).await?;
            let drafts = page.get("drafts").and_then(Value::as_array);
            let drafts = drafts.map(Vec::as_slice).unwrap_or_default();
            for draft in drafts {
                match self.format {
                    Format::Json => say(&format!("{draft}\n")),
                    Format::Text => say(&in_words(draft)),
                }
            }
            if drafts.is_empty() && !waits {
                if after == 0 && self.format == Format::Text && !self.follow {
                    say("no draft waits for a person\n");
                }
                if !self.follow {
                    return Ok(());
                }
                waits = true;
            }
            after = page.get("next").and_then(Value::as_u64).unwrap_or(after);
        }
    }
}

impl Send {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.address)?;
        let body = json!({"text": self.text, "by": self.by});
        let path = format!("/v1/drafts/{}/send", self.draft);
        let draft = client.post_json(&path, &body).await?;
        say(&format!(
            "{} is on its way to {}\n",
            self.draft,
            whom(&draft)
        ));
        Ok(())
    }
}

impl Discard {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.address)?;
        let path = format!("/v1/drafts/{}/drop", self.draft);
        let draft = client.post_json(&path, &json!({"by": self.by})).await?;
        say(&format!(
            "{} is dropped: {} will not get it\n",
            self.draft,
            whom(&draft)
        ));
        Ok(())
    }
}

/// A draft in a line: which, at which desk, for whom, in which words, by which rule. Below it what it answers.
fn in_words(draft: &Value) -> String {
    let message = draft.pointer("/outbound/message");
    let message =
        message.and_then(|message| serde_json::from_value::<Outgoing>(message.clone()).ok());
    let asked = draft.get("asked").cloned().unwrap_or_default();
    let asked = serde_json::from_value::<Message>(asked).ok();
    let asked = asked.map(|asked| format!("    they wrote: {}\n", shown::message(&asked)));
    format!(
        "{} [{}] {}: {} (rule {})\n{}",
        text(draft, "/id"),
        text(draft, "/desk"),
        whom(draft),
        message.as_ref().map(shown::outgoing).unwrap_or_default(),
        text(draft, "/rule"),
        asked.unwrap_or_default(),
    )
}

fn whom(draft: &Value) -> String {
    let contact = draft.pointer("/contact/id").and_then(Value::as_u64);
    let name = match text(draft, "/contact/name") {
        name if name.is_empty() => "somebody".to_owned(),
        name => name,
    };
    format!("c{} {name}", contact.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_shown_in_one_line_that_no_terminal_obeys() {
        let draft = json!({
            "id": "d12",
            "desk": "support",
            "rule": "refund",
            "contact": {"id": 7, "name": "\u{1b}[2JAna"},
            "outbound": {"message": {"kind": "text", "body": "Your refund\nis on its way"}},
        });
        let line = in_words(&draft);
        assert!(
            line.starts_with("d12 [support] c7 \\u{1b}[2JAna: "),
            "{line}"
        );
        assert!(line.ends_with("(rule refund)\n"), "{line}");
        assert_eq!(line.lines().count(), 1, "{line}");
        assert!(line.contains("Your refund") && line.contains("is on its way"));
    }

    #[test]
    fn a_draft_for_somebody_without_a_name() {
        let draft = json!({"id": "d1", "contact": {"id": 7, "name": null}});
        assert_eq!(whom(&draft), "c7 somebody");
    }
}
