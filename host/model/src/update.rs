//! What the network tells beside messages and statuses.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ContactKey, Content, Moment, NetworkError, UserId, Wamid};

/// A contact wants marketing messages, or none: said in WhatsApp's own settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preference {
    /// Who.
    pub from: ContactKey,
    /// True for yes, false for no.
    pub wants_marketing: bool,
    /// When, by WhatsApp's clock; when it came in, if it does not say.
    pub at: Moment,
}

impl Preference {
    /// WhatsApp's word for it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.wants_marketing {
            true => "resume",
            false => "stop",
        }
    }
}

/// A message that our own side wrote elsewhere, in the app on a phone say: a person is talking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Echo {
    /// WhatsApp's id.
    pub id: Wamid,
    /// To whom.
    pub to: ContactKey,
    /// When, by WhatsApp's clock; when it came in, if it does not say.
    pub at: Moment,
    /// What.
    pub content: Content,
}

/// Anything else that the network tells, as it came and as far as it is understood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Update {
    /// The webhook's field, `message_template_status_update` say; `errors` for errors beside a value; another channel's object.
    pub name: String,
    /// What it says.
    pub detail: Detail,
    /// As it came.
    pub raw: Value,
}

/// What an update says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "says", rename_all = "snake_case")]
pub enum Detail {
    /// A template was approved, rejected, paused, …
    Template {
        /// Its name.
        name: String,
        /// Its language.
        language: Option<String>,
        /// What happened, in WhatsApp's word: `APPROVED`.
        event: String,
        /// Why.
        reason: Option<String>,
    },
    /// A number's quality or limit changed.
    Quality {
        /// What happened, in WhatsApp's word: `DOWNGRADE`.
        event: String,
        /// The limit from now on: `TIER_1K`.
        limit: Option<String>,
    },
    /// Something happened to the account.
    Account {
        /// What, in WhatsApp's word: `DISABLED_UPDATE`.
        event: String,
    },
    /// Somebody calls, or has called.
    Call(Call),
    /// A contact's user id is another from now on.
    NewUserId {
        /// Who, as they were known.
        was: ContactKey,
        /// The id from now on.
        is: UserId,
    },
    /// Errors of the whole delivery.
    Errors {
        /// Which.
        errors: Vec<NetworkError>,
    },
    /// Nothing that we act upon.
    Other,
}

/// A call, or one step of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// WhatsApp's id.
    pub id: String,
    /// The contact.
    pub with: ContactKey,
    /// The contact calls the business, and not the other way round.
    pub is_inbound: bool,
    /// Which step: `connect`, `terminate`.
    pub event: String,
    /// When, by WhatsApp's clock; when it came in, if it does not say.
    pub at: Moment,
}

/// What could not be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unreadable {
    /// What it should have been: `message`, `status`, `change`, `body`, …
    pub what: String,
    /// Why it cannot be read.
    pub cause: String,
    /// As it came: JSON where it is JSON, else text.
    pub raw: Value,
}
