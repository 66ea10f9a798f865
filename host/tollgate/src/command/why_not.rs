//! `tollgate why-not`: why a rule does not answer, and the smallest change after which it would.

use clap::Args;
use engine::why_not::Explanation;
use model::RuleName;
use serde_json::json;

use super::client::Client;
use super::made_up::MadeUp;
use super::why::only_number;
use super::{Failure, HostAddress, is_colourful, say};
use crate::explain;

/// Show why a rule does not answer a message, and the smallest change after which it would.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate why-not opening-hours --says \"Qual o horaro?\"             on the rule files: no host is needed
  tollgate why-not closed --says oi --at \"Sun 15:00\" --first         another time, somebody new
  tollgate why-not opening-hours --message wamid.HBgL…               a message that a running host answered otherwise
  tollgate why-not opening-hours --contact c7                        the newest message of a contact
  tollgate why-not opening-hours --contact c7 --says \"Qual o horário?\"   what a contact of a running host might write

Exit codes: 0 the rule would answer, 1 it would not, 2 wrong usage, an unknown rule among it.")]
pub(super) struct WhyNot {
    /// The rule's name
    rule: String,
    /// A message that a running host decided on, by its id
    #[arg(long, value_name = "ID", conflicts_with_all = ["says", "contact"])]
    message: Option<String>,
    /// A contact of a running host: its id such as c7, or its phone's digits. Their newest message, unless --says makes one up
    #[arg(long, value_name = "ID")]
    contact: Option<String>,
    /// The number that it comes in on (phone_number_id), if the tenant has several
    #[arg(long, value_name = "ID")]
    number: Option<String>,
    /// The explanation as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    made_up: MadeUp,
    #[command(flatten)]
    address: HostAddress,
}

/// What the host says of a rule that is not there.
const NO_RULE: &str = "there is no rule of that name";

impl WhyNot {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let explained = if self.message.is_some() || self.contact.is_some() {
            self.of_a_host().await?
        } else if self.made_up.is_there() {
            self.of_files()?
        } else {
            return Err(Failure::usage(
                "error: of which message?\n  help: name one with --message, or make one up with --says",
            ));
        };
        if self.json {
            say(&format!("{:#}\n", json!(explained)));
        } else {
            let colour = is_colourful(&std::io::stdout());
            say(&explain::why_not(&explained, colour));
        }
        if explained.answers {
            Ok(())
        } else {
            // All is said.
            Err(Failure::found(""))
        }
    }

    async fn of_a_host(&self) -> Result<Explanation, Failure> {
        self.made_up.refuse_for_a_host()?;
        let client = Client::new(&self.address)?;
        let mut query = vec![("rule", self.rule.as_str())];
        let only;
        if let Some(message) = &self.message {
            query.push(("message", message));
            if self.number.is_none() {
                only = only_number(&client, self.address.tenant.as_deref()).await?;
                query.push(("number", &only));
            }
        }
        if let Some(contact) = &self.contact {
            query.push(("contact", contact));
            if let Some(says) = &self.made_up.says {
                query.push(("text", says));
            }
        }
        if let Some(number) = &self.number {
            query.push(("number", number));
        }
        let found = client.get("/v1/why-not", &query).await.map_err(|failure| {
            if failure.message.contains(NO_RULE) {
                Failure::usage(failure.message)
            } else {
                failure
            }
        })?;
        serde_json::from_value(found).map_err(|error| {
            Failure::found(format!(
                "error: the host's answer is of another version than this command: {error}"
            ))
        })
    }

    fn of_files(&self) -> Result<Explanation, Failure> {
        let trial = self
            .made_up
            .read(self.address.tenant.as_deref(), self.number.as_deref())?;
        let draft = &trial.draft;
        let known = RuleName::new(self.rule.as_str())
            .ok()
            .filter(|name| draft.has_rule(name));
        let Some(name) = known else {
            let help = draft.nearest_rule(&self.rule).map_or_else(
                || "`tollgate why --says …` lists them".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(Failure::usage(format!(
                "error: {NO_RULE}: {:?}\n  help: {help}",
                self.rule
            )));
        };
        trial
            .ask(|ground| ground.why_not(&name, &trial.circumstances, trial.about.clone()))
            .ok_or_else(|| Failure::usage(format!("error: {NO_RULE}")))
    }
}
