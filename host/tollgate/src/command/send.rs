//! `tollgate send`: what a person sends, through the gate like everything else.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::ValueEnum;
use serde_json::{Value, json};

use super::client::Client;
use super::table::text;
use super::{Failure, HostAddress, say};

/// Send a contact a message. The gate judges it as it judges everything.
#[derive(Debug, Args)]
#[command(after_help = "\
Outside of the 24 hours after a contact's last message WhatsApp takes approved templates alone, and the gate wants their opt-in on
record. A refusal shows what the gate looked at, and what would pass. What is sent again with the same --key is sent once.

Examples:
  tollgate send c7 \"Your order is ready.\"
  tollgate send +15550100001 --template order_ready --language pt_BR --category utility --parameter Ana --parameter 4711
  tollgate send c7 --message menu.json --from store --key order-4711-menu")]
pub(super) struct Send {
    /// Their id, such as c7, or their phone with the country's code
    to: String,
    /// The words
    #[arg(conflicts_with_all = ["template", "message"])]
    text: Option<String>,
    /// An approved template, by its name
    #[arg(long, value_name = "NAME", requires_all = ["language", "category"], conflicts_with = "message")]
    template: Option<String>,
    /// The template's language, such as pt_BR
    #[arg(long, value_name = "CODE", requires = "template")]
    language: Option<String>,
    /// What sort of message the template is
    #[arg(long, value_enum, requires = "template")]
    category: Option<Category>,
    /// What fills the template's places {{1}}, {{2}} …, in order
    #[arg(long, value_name = "TEXT", requires = "template")]
    parameter: Vec<String>,
    /// What fills one of its places that have names
    #[arg(long, value_name = "PLACE=TEXT", requires = "template", conflicts_with = "parameter", value_parser = named)]
    named: Vec<(String, String)>,
    /// A message of any kind as JSON, as decisions show it; - for standard input
    #[arg(long, value_name = "FILE")]
    message: Option<PathBuf>,
    /// From which of your numbers, if the tenant has several
    #[arg(long, value_name = "ALIAS")]
    from: Option<String>,
    /// Names this send: repeated, it is sent once
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Your name, for the log
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// The send as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    address: HostAddress,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Category {
    /// It advertises
    Marketing,
    /// It is about something that they did or bought
    Utility,
    /// It carries a code
    Authentication,
}

impl Send {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.address)?;
        let key = match &self.key {
            Some(key) => key.clone(),
            None => fresh_key()?,
        };
        let body = json!({
            "to": self.to,
            "from": self.from,
            "message": self.message()?,
            "by": self.by,
        });
        let sent = client.post_once("/v1/send", &body, &key).await?;
        if self.json {
            say(&format!("{sent:#}\n"));
            return Ok(());
        }
        let repeated = sent.get("repeated").and_then(Value::as_bool) == Some(true);
        let contact = sent.pointer("/send/outbound/contact");
        say(&format!(
            "{} to c{}, {} ({})\n",
            if repeated {
                "sent before"
            } else {
                "on its way"
            },
            contact.and_then(Value::as_u64).unwrap_or_default(),
            text(&sent, "/send/outbound/token"),
            text(&sent, "/send/state"),
        ));
        Ok(())
    }

    fn message(&self) -> Result<Value, Failure> {
        if let Some(file) = &self.message {
            return read(file);
        }
        let Some(name) = &self.template else {
            let text = self.text.as_ref().ok_or_else(|| {
                Failure::usage(
                    "error: send what?\n  help: write the words after the contact, or name a --template or a --message",
                )
            })?;
            return Ok(json!({"kind": "text", "body": text}));
        };
        let category = match self.category {
            Some(Category::Marketing) => "marketing",
            Some(Category::Authentication) => "authentication",
            Some(Category::Utility) | None => "utility",
        };
        let numbered = self.parameter.iter().map(|text| json!({"text": text}));
        let named = self.named.iter();
        let named = named.map(|(name, text)| json!({"name": name, "text": text}));
        Ok(json!({
            "kind": "template",
            "name": name,
            "language": self.language,
            "category": category,
            "parameters": numbered.chain(named).collect::<Vec<_>>(),
            "buttons": [],
        }))
    }
}

fn read(file: &Path) -> Result<Value, Failure> {
    let mut written = String::new();
    let read = if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut written).map(drop)
    } else {
        std::fs::read_to_string(file).map(|text| written = text)
    };
    read.map_err(|error| Failure::usage(format!("error: {}: {error}", file.display())))?;
    serde_json::from_str(&written).map_err(|error| {
        Failure::usage(format!(
            "error: {}: {error}\n  help: it is JSON like {{\"kind\": \"text\", \"body\": \"…\"}}",
            file.display()
        ))
    })
}

/// A key that nobody used before.
fn fresh_key() -> Result<String, Failure> {
    let mut chance = [0; 16];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut chance))
        .map_err(|error| {
            Failure::found(format!(
                "error: no chance to draw on: {error}\n  help: name the send yourself with --key"
            ))
        })?;
    Ok(hex::encode(chance))
}

fn named(text: &str) -> Result<(String, String), String> {
    let (place, words) = text
        .split_once('=')
        .ok_or("write the place's name, `=`, and its words")?;
    Ok((place.to_owned(), words.to_owned()))
}
