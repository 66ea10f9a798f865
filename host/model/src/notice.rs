//! Anything that arrives.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Ad, ContactKey, Content, Moment, NumberId, SendToken, TenantId, Wamid};

/// One thing that arrived, ready to be accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// Whose number it came in on; `_unclaimed` if nobody's.
    pub tenant: TenantId,
    /// The business number.
    pub number: NumberId,
    /// By what a second copy is known (I2).
    pub key: NoticeKey,
    /// What it is.
    pub body: NoticeBody,
}

/// The kinds of notice.
#[expect(
    clippy::large_enum_variant,
    reason = "most notices are messages or statuses, and a box would be one more allocation for each message"
)]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
pub enum NoticeBody {
    /// A contact wrote.
    Message(Message),
    /// Something happened to what we sent.
    Status(Status),
    /// Understood to be something else: kept raw and counted, with no effect.
    Other {
        /// The webhook field, or the cause if it could not be read.
        name: String,
        /// As it came.
        raw: Value,
    },
}

/// What makes two copies of a notice the same: within (tenant, number), this text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NoticeKey(Box<str>);

impl NoticeKey {
    /// A message is known by its wamid.
    #[must_use]
    pub fn message(wamid: &Wamid) -> Self {
        Self(format!("m:{wamid}").into())
    }

    /// A status is known by wamid, status and timestamp.
    #[must_use]
    pub fn status(status: &Status) -> Self {
        Self(format!("s:{}:{}:{}", status.wamid, status.delivery, status.at.0).into())
    }

    /// Anything else is known by its content's digest.
    #[must_use]
    pub fn digest(hex: &str) -> Self {
        Self(format!("x:{hex}").into())
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A message from a contact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// WhatsApp's id.
    pub id: Wamid,
    /// Who sent it.
    pub from: ContactKey,
    /// The name the sender gave themselves.
    pub name: Option<String>,
    /// When, by WhatsApp's clock.
    pub sent_at: Moment,
    /// What.
    pub content: Content,
    /// The message of ours (or theirs) that it replies to.
    pub quoting: Option<Wamid>,
    /// It was passed on from another chat.
    #[serde(default)]
    pub forwarded: bool,
    /// The advertisement that it came from.
    #[serde(default)]
    pub ad: Option<Ad>,
}

/// What happened to something we sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Of which message.
    pub wamid: Wamid,
    /// What happened.
    pub delivery: Delivery,
    /// When, by WhatsApp's clock.
    pub at: Moment,
    /// The token we sent it with, echoed.
    pub token: Option<SendToken>,
    /// Why it failed.
    pub error: Option<DeliveryError>,
}

/// Why a send failed, in WhatsApp's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryError {
    /// Meta's code.
    pub code: i64,
    /// Its title or message.
    pub title: String,
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
}

impl Delivery {
    /// By WhatsApp's word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "accepted" => Self::Accepted,
            "sent" => Self::Sent,
            "delivered" => Self::Delivered,
            "read" => Self::Read,
            "played" => Self::Played,
            "failed" => Self::Failed,
            "deleted" => Self::Deleted,
            "warning" => Self::Warning,
            _ => return None,
        })
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
        }
    }

    /// How far along: a later step is never undone by an earlier one that arrives late.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::Warning => 0,
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
