//! `tollgate contact`: who the contacts are, and what is known of one.

use clap::{Args, Subcommand};
use serde_json::Value;

use super::client::Client;
use super::table::{Table, records, text, when};
use super::{Failure, HostAddress, is_colourful, say, whom};
use crate::shown::tame;
use crate::style::Style;

/// Show a running host's contacts.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate contact list                      the first 50
  tollgate contact list --text ana           those with it in their name or phone
  tollgate contact list --paused             those whom a person talks to
  tollgate contact list --opted-out --json
  tollgate contact show c7                   all that is known of one
  tollgate contact show +15550100001")]
pub(super) struct Contact {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// List contacts, or search among them
    List(List),
    /// Show one: what they allowed and when, who talks to them, what was noted
    Show(Show),
}

#[derive(Debug, Args)]
struct List {
    /// Only those with this in their name or phone
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// Only those whom a person talks to
    #[arg(long)]
    paused: bool,
    /// Only those who opted out, of everything or of marketing
    #[arg(long)]
    opted_out: bool,
    /// So many at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    /// One JSON object a line, phones whole
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    address: HostAddress,
}

#[derive(Debug, Args)]
struct Show {
    /// Their id, such as c7, or their phone
    contact: String,
    /// As JSON, phone whole
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    address: HostAddress,
}

impl Contact {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self.act {
            Act::List(list) => list.run().await,
            Act::Show(show) => show.run().await,
        }
    }
}

impl List {
    async fn run(self) -> Result<(), Failure> {
        /// What a host lists at once, at most.
        const PAGE: usize = 200;
        let client = Client::new(&self.address)?;
        let mut table = Table::new(&["id", "phone", "consent", "wrote", "paused until", "name"]);
        let mut after = "0".to_owned();
        let mut left = self.limit;
        while left > 0 {
            let most = left.min(PAGE);
            let limit = most.to_string();
            let mut query = vec![("after", after.as_str()), ("limit", limit.as_str())];
            query.extend(self.text.as_deref().map(|text| ("text", text)));
            query.extend(self.paused.then_some(("paused", "true")));
            query.extend(self.opted_out.then_some(("opted_out", "true")));
            let page = client.get("/v1/contacts", &query).await?;
            let contacts = records(&page, "contacts");
            for contact in contacts {
                if self.json {
                    say(&format!("{contact}\n"));
                } else {
                    table.line(line(contact));
                }
            }
            if contacts.len() < most {
                break;
            }
            left -= most;
            let next = page.get("next").and_then(Value::as_u64);
            after = next.unwrap_or_default().to_string();
        }
        if !self.json {
            table.show("no contact is like that");
        }
        Ok(())
    }
}

fn line(contact: &Value) -> [String; 6] {
    let id = contact.get("id").and_then(Value::as_u64);
    [
        format!("c{}", id.unwrap_or_default()),
        whom::masked(contact.get("key").unwrap_or(&Value::Null)),
        allowed(contact),
        last_wrote(contact),
        when(contact, "/pause/until"),
        text(contact, "/name").to_owned(),
    ]
}

/// What they allowed, in a word or two.
fn allowed(contact: &Value) -> String {
    let state = |scope: &str| text(contact, &format!("/consent/{scope}/state")).to_owned();
    let stops = contact.get("stop_pending").and_then(Value::as_bool);
    match (state("everything").as_str(), state("marketing").as_str()) {
        _ if stops == Some(true) => "out",
        ("out", _) => "out",
        ("in", "out") => "in, no marketing",
        ("in", _) => "in",
        (_, "out") => "no marketing",
        (_, "in") => "marketing",
        _ => "",
    }
    .to_owned()
}

/// When they last wrote, to whichever number.
fn last_wrote(contact: &Value) -> String {
    let wrote = contact.get("last_inbound").and_then(Value::as_object);
    let last = wrote
        .into_iter()
        .flat_map(|wrote| wrote.values())
        .filter_map(Value::as_i64);
    when(&serde_json::json!({"at": last.max()}), "/at")
}

impl Show {
    async fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.address)?;
        let id = whom::contact(&client, &self.contact).await?.to_string();
        let contact = client.get("/v1/contact", &[("id", &id)]).await?;
        if self.json {
            say(&format!("{contact:#}\n"));
        } else {
            let style = Style {
                colour: is_colourful(&std::io::stdout()),
            };
            say(&in_words(&contact, &style));
        }
        Ok(())
    }
}

/// All that is known of a contact.
fn in_words(contact: &Value, style: &Style) -> String {
    let mut words = format!("{}\n", style.strong(&whom::called(contact)));
    let mut line = |what: &str, said: String| {
        if !said.is_empty() {
            words.push_str(&format!(
                "  {}  {said}\n",
                style.faint(&format!("{what:9}"))
            ));
        }
    };
    line(
        "phone",
        whom::masked(contact.get("key").unwrap_or(&Value::Null)),
    );
    line("language", tame(text(contact, "/language")));
    line("known", format!("since {}", when(contact, "/first_seen")));
    line("wrote", last_wrote(contact));
    let tags = records(contact, "tags").iter().filter_map(Value::as_str);
    line("tags", tags.map(tame).collect::<Vec<_>>().join(", "));
    line(
        "consent",
        match allowed(contact).as_str() {
            "" => "nothing on record".to_owned(),
            allowed => allowed.to_owned(),
        },
    );
    let until = when(contact, "/pause/until");
    line(
        "bot",
        if until.is_empty() {
            "answers".to_owned()
        } else {
            format!("silent until {until}: a person has the conversation")
        },
    );
    for change in records(contact, "consent_log") {
        words.push_str(&format!("  {}\n", change_in_words(change)));
    }
    for note in records(contact, "notes") {
        words.push_str(&format!(
            "  {}  noted: {}\n",
            when(note, "/at"),
            tame(text(note, "/text"))
        ));
    }
    words
}

/// One change of consent, with what proves it.
fn change_in_words(change: &Value) -> String {
    let opted_in = change.get("opted_in").and_then(Value::as_bool);
    let what = if opted_in == Some(true) { "in " } else { "out" };
    let proof = match text(change, "/evidence/text") {
        "" => String::new(),
        text => format!(" \"{}\"", tame(text)),
    };
    format!(
        "{}  {what}  {}, by {}{proof}",
        when(change, "/at"),
        text(change, "/scope"),
        tame(text(change, "/evidence/source")),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_contact_is_told_with_what_they_allowed_and_no_whole_phone() {
        let contact = json!({
            "id": 7, "name": "\u{1b}[2JAna", "key": {"phone": "15550100001"}, "language": "pt", "tags": ["vip"],
            "consent": {"everything": {"state": "in", "since": 0}, "marketing": {"state": "out", "since": 5000}},
            "pause": {"until": 7000, "by": null}, "first_seen": 0, "last_inbound": {"100": 3000, "101": 4999},
            "consent_log": [{"scope": "marketing", "opted_in": false, "at": 5000, "evidence": {"source": "operator", "text": "on the phone"}}],
            "notes": [{"text": "is in a hurry", "message": "wamid.A", "at": 6000}],
        });
        assert_eq!(
            in_words(&contact, &Style { colour: false }),
            "c7 \\u{1b}[2JAna\n  \
               phone      …0001\n  \
               language   pt\n  \
               known      since 1970-01-01T00:00:00Z\n  \
               wrote      1970-01-01T00:00:04Z\n  \
               tags       vip\n  \
               consent    in, no marketing\n  \
               bot        silent until 1970-01-01T00:00:07Z: a person has the conversation\n  \
               1970-01-01T00:00:05Z  out  marketing, by operator \"on the phone\"\n  \
               1970-01-01T00:00:06Z  noted: is in a hurry\n"
        );
    }
}
