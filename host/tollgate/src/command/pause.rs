//! `tollgate pause` and `tollgate release`: who has a conversation, a person or the bot.

use clap::Args;
use model::Span;
use serde_json::json;

use super::client::Client;
use super::table::when;
use super::{Failure, HostAddress, say, whom};

/// Keep the bot silent towards a contact: a person has the conversation.
#[derive(Debug, Args)]
#[command(after_help = "\
What waits to leave to the contact is taken back; what a person sends passes. A longer pause stands.

Examples:
  tollgate pause c7 --for 2h
  tollgate pause +15550100001 --for 1d --by Rita")]
pub(super) struct Pause {
    /// Their id, such as c7, or their phone
    contact: String,
    /// How long: 30m, 2h, 1d
    #[arg(long, value_name = "SPAN", default_value = "2h")]
    r#for: Span,
    /// Your name, for the log
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    address: HostAddress,
}

/// Give a contact back to the bot: their pause ends now.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate release c7")]
pub(super) struct Release {
    /// Their id, such as c7, or their phone
    contact: String,
    #[command(flatten)]
    address: HostAddress,
}

impl Pause {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.address)?;
        let id = whom::contact(&client, &self.contact).await?;
        let body = json!({"for": self.r#for, "by": self.by});
        let path = format!("/v1/contacts/{id}/pause");
        let contact = client.post_json(&path, &body).await?;
        say(&format!(
            "{}: the bot keeps silent until {}\n",
            whom::called(&contact),
            when(&contact, "/pause/until")
        ));
        Ok(())
    }
}

impl Release {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.address)?;
        give_back(&client, &self.contact).await
    }
}

/// Ends a contact's pause.
pub(super) async fn give_back(client: &Client, contact: &str) -> Result<(), Failure> {
    let id = whom::contact(client, contact).await?;
    client.post(&format!("/v1/contacts/{id}/release")).await?;
    say(&format!("c{id} is the bot's again\n"));
    Ok(())
}
