//! `tollgate held`: sends whose outcome nobody knows, with what speaks for and against, and what to do with them (I11).

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::Client;
use super::outbox::{message, to};
use super::table::{Table, records, text, when};
use super::{Failure, HostAddress, is_colourful, say};
use crate::shown::tame;
use crate::style::Style;

/// See to sends whose outcome nobody knows: show them with their evidence, send one once more, or give it up.
#[derive(Debug, Args)]
#[command(after_help = "\
A send whose reply was lost may have reached the contact. The host finds out by itself, or sends it once more on evidence; where it
cannot, it is held, and you decide. Ask the contact, or look at their phone, before you send one again that may have arrived.

Examples:
  tollgate held                       all of them
  tollgate held show tg12ab           one, with its evidence; the beginning of its token is enough
  tollgate held resend tg12ab         once more, through the gate
  tollgate held drop tg12ab           never again")]
pub(super) struct Held {
    #[command(subcommand)]
    act: Option<Act>,
    /// One JSON object a line, phones whole
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    address: HostAddress,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// List them: those that are held first
    List,
    /// Show one with its evidence
    Show(One),
    /// Send one once more, through the gate
    Resend(Decision),
    /// Give one up: it is never sent again
    Drop(Decision),
}

#[derive(Debug, Args)]
struct One {
    /// Its token, or the beginning of it
    token: String,
}

#[derive(Debug, Args)]
struct Decision {
    /// Its token, or the beginning of it
    token: String,
    /// Your name, for the log
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

impl Held {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.address)?;
        match &self.act {
            None | Some(Act::List) => self.list(&client).await,
            Some(Act::Show(one)) => self.show(&client, &one.token).await,
            Some(Act::Resend(decision)) => decide(&client, decision, "resend").await,
            Some(Act::Drop(decision)) => decide(&client, decision, "drop").await,
        }
    }

    async fn list(&self, client: &Client) -> Result<(), Failure> {
        let answer = client.get("/v1/held", &[("limit", "200")]).await?;
        let mut table = Table::new(&["token", "state", "since", "to", "evidence", "message"]);
        for held in records(&answer, "held") {
            if self.json {
                say(&format!("{held}\n"));
                continue;
            }
            let send = held.get("send").unwrap_or(&Value::Null);
            table.line([
                text(send, "/outbound/token").to_owned(),
                text(send, "/state").to_owned(),
                when(held, "/since"),
                to(send),
                evidence(held).to_owned(),
                message(send),
            ]);
        }
        if !self.json {
            table.show("no send has an unknown outcome");
        }
        Ok(())
    }

    async fn show(&self, client: &Client, token: &str) -> Result<(), Failure> {
        let held = one(client, token).await?;
        if self.json {
            say(&format!("{held:#}\n"));
        } else {
            let style = Style {
                colour: is_colourful(&std::io::stdout()),
            };
            say(&in_words(&held, &style));
        }
        Ok(())
    }
}

async fn decide(client: &Client, decision: &Decision, what: &str) -> Result<(), Failure> {
    let held = one(client, &decision.token).await?;
    let send = held.get("send").unwrap_or(&Value::Null);
    let token = text(send, "/outbound/token");
    let path = format!("/v1/held/{token}/{what}");
    client.post_json(&path, &json!({"by": decision.by})).await?;
    say(&match what {
        "resend" => format!("{token} goes to {} once more\n", to(send)),
        _ => format!("{token} is given up: {} is not sent it again\n", to(send)),
    });
    Ok(())
}

/// The one that is meant, by its token or the beginning of it.
async fn one(client: &Client, token: &str) -> Result<Value, Failure> {
    let answer = client.get("/v1/held", &[("limit", "200")]).await?;
    let all = records(&answer, "held");
    let begins = |held: &&Value| text(held, "/send/outbound/token").starts_with(token);
    let found: Vec<&Value> = all.iter().filter(begins).collect();
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        // More may be held than are listed.
        [] => {
            let answer = client.get("/v1/held", &[("token", token)]).await?;
            records(&answer, "held").first().cloned().ok_or_else(none)
        }
        several => Err(Failure::usage(format!(
            "error: {} sends begin like that\n  help: write more of the token, as `tollgate held` shows it",
            several.len()
        ))),
    }
}

fn none() -> Failure {
    Failure::found(
        "error: no send of that token has an unknown outcome\n  help: `tollgate held` lists those that have",
    )
}

/// What is known of whether it left, in a few words.
fn evidence(held: &Value) -> &'static str {
    let is = |name: &str| held.get(name).and_then(Value::as_bool) == Some(true);
    match (is("later_confirmed"), is("resent")) {
        (true, true) => "sent twice, later ones got their status: probably neither left",
        (true, false) => "later ones got their status: probably never left",
        (false, true) => "sent twice, no word since",
        (false, false) => "no word since",
    }
}

/// One with all its evidence.
fn in_words(held: &Value, style: &Style) -> String {
    let send = held.get("send").unwrap_or(&Value::Null);
    let mut words = format!(
        "{}  {}\n",
        style.strong(text(send, "/outbound/token")),
        text(send, "/state")
    );
    let mut line = |what: &str, said: &str| {
        words.push_str(&format!(
            "  {}  {said}\n",
            style.faint(&format!("{what:8}"))
        ));
    };
    let attempts = send.get("attempts").and_then(Value::as_u64);
    line("to", &to(send));
    line("message", &message(send));
    line("since", &when(held, "/since"));
    line("cause", &tame(text(send, "/cause")));
    line("attempts", &attempts.unwrap_or_default().to_string());
    line("evidence", evidence(held));
    if text(send, "/state") == "held" {
        line(
            "then",
            "tollgate held resend TOKEN, or tollgate held drop TOKEN",
        );
    } else {
        line("then", "nothing yet: the host is still finding out");
    }
    words
}
