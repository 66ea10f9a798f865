//! What happened to something we sent.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ContactKey, GroupId, Moment, SendToken, Wamid};

/// What happened to something we sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Of which message.
    pub wamid: Wamid,
    /// WhatsApp's word for what happened.
    pub word: Box<str>,
    /// What that means to us.
    pub delivery: Delivery,
    /// When, by WhatsApp's clock; when it came in, if it does not say.
    pub at: Moment,
    /// The token we sent it with, echoed.
    pub token: Option<SendToken>,
    /// Whom we sent it to.
    #[serde(default)]
    pub to: Option<ContactKey>,
    /// The group we sent it to.
    #[serde(default)]
    pub group: Option<GroupId>,
    /// Why it failed, or what is remarked on it.
    #[serde(default)]
    pub errors: Vec<NetworkError>,
    /// What it is charged as.
    #[serde(default)]
    pub pricing: Option<Pricing>,
    /// The conversation it is charged with, as older versions tell.
    #[serde(default)]
    pub conversation: Option<Conversation>,
}

impl Status {
    /// A status of these parts, and nothing beside them.
    #[must_use]
    pub fn new(wamid: Wamid, delivery: Delivery, at: Moment) -> Self {
        Self {
            wamid,
            word: delivery.word().into(),
            delivery,
            at,
            token: None,
            to: None,
            group: None,
            errors: Vec::new(),
            pricing: None,
            conversation: None,
        }
    }
}

/// What a send is charged as.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pricing {
    /// Whether it is charged, if the network says.
    pub billable: Option<bool>,
    /// `PMP`, `CBP`.
    pub model: Option<String>,
    /// `regular`, `free_customer_service`, `free_entry_point`.
    pub kind: Option<String>,
    /// `service`, `utility`, `marketing`, `authentication`, …
    pub category: Option<String>,
}

/// A conversation as it is charged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Its id.
    pub id: Option<String>,
    /// What began it.
    pub origin: Option<String>,
    /// When it ends.
    pub expires_at: Option<Moment>,
}

/// What the network says went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkError {
    /// Meta's code.
    pub code: i64,
    /// Its title or message.
    pub title: String,
    /// More words on it.
    #[serde(default)]
    pub details: Option<String>,
}

/// How far a send got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// AWS took it.
    Accepted,
    /// WhatsApp took it.
    Sent,
    /// It reached the contact's device.
    Delivered,
    /// The contact saw it.
    Read,
    /// The contact heard it.
    Played,
    /// It did not arrive.
    Failed,
    /// The contact removed it.
    Deleted,
    /// A remark on it; changes nothing.
    Warning,
    /// A word that we do not know; changes nothing.
    Unknown,
}

impl Delivery {
    /// By WhatsApp's word.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "accepted" => Self::Accepted,
            "sent" => Self::Sent,
            "delivered" => Self::Delivered,
            "read" => Self::Read,
            "played" => Self::Played,
            "failed" => Self::Failed,
            "deleted" => Self::Deleted,
            "warning" => Self::Warning,
            _ => Self::Unknown,
        }
    }

    /// WhatsApp's word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
            Self::Failed => "failed",
            Self::Deleted => "deleted",
            Self::Warning => "warning",
            Self::Unknown => "unknown",
        }
    }

    /// How far along: a later step is never undone by an earlier one that arrives late.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::Warning | Self::Unknown => 0,
            Self::Accepted => 1,
            Self::Sent => 2,
            Self::Failed => 3,
            Self::Delivered => 4,
            Self::Read => 5,
            Self::Played => 6,
            Self::Deleted => 7,
        }
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
