//! Anything that arrives.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Echo, Message, NumberId, Phone, Preference, Status, TenantId, Unreadable, Update, Wamid,
};

/// One thing that arrived, ready to be accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// Whose number it came in on; `_unclaimed` if nobody's.
    pub tenant: TenantId,
    /// The business number.
    pub number: NumberId,
    /// Over which network.
    pub channel: Channel,
    /// By what a second copy is known (I2).
    pub key: NoticeKey,
    /// What it is.
    pub body: NoticeBody,
}

/// The network that a notice came over. Nothing but WhatsApp is answered yet; what comes over others is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Channel {
    /// WhatsApp.
    #[default]
    WhatsApp,
    /// Another of Meta's, by the name it gives itself: `instagram`, `page`.
    Other(Box<str>),
}

impl Channel {
    /// Its name, in records and metrics.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::WhatsApp => "whatsapp",
            Self::Other(name) => name,
        }
    }
}

impl From<String> for Channel {
    fn from(name: String) -> Self {
        match name.as_str() {
            "whatsapp" => Self::WhatsApp,
            _ => Self::Other(name.into()),
        }
    }
}

impl From<Channel> for String {
    fn from(channel: Channel) -> Self {
        channel.name().to_owned()
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
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
    /// A contact wants marketing messages, or none.
    Preference(Preference),
    /// Our own side wrote, elsewhere: never a reason to answer.
    Echo(Echo),
    /// Anything else that the network tells: kept raw and counted.
    Update(Update),
    /// What could not be read: kept raw, with the cause.
    Unreadable(Unreadable),
}

impl NoticeBody {
    /// The word for it, in records and metrics.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Message(_) => "message",
            Self::Status(_) => "status",
            Self::Preference(_) => "preference",
            Self::Echo(_) => "echo",
            Self::Update(_) => "update",
            Self::Unreadable(_) => "unreadable",
        }
    }

    /// What kind of it: a message's or echo's content, a status's word, an update's field.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Message(message) => message.content.kind(),
            Self::Status(status) => &status.word,
            Self::Preference(preference) => preference.word(),
            Self::Echo(echo) => echo.content.kind(),
            Self::Update(update) => &update.name,
            Self::Unreadable(unreadable) => &unreadable.what,
        }
    }
}

/// What makes two copies of a notice the same: within (tenant, number), this text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NoticeKey(Box<str>);

impl NoticeKey {
    /// A message is known by its wamid.
    #[must_use]
    pub fn message(wamid: &Wamid) -> Self {
        Self(["m:", wamid.as_str()].concat().into())
    }

    /// By what a message is known. One that WhatsApp could not hand over yet comes again, whole, under the same wamid.
    #[must_use]
    pub fn of(message: &Message) -> Self {
        match message.content.is_forerunner() {
            true => Self(format!("f:{}", message.id).into()),
            false => Self::message(&message.id),
        }
    }

    /// An echo is known by its wamid.
    #[must_use]
    pub fn echo(wamid: &Wamid) -> Self {
        Self(["e:", wamid.as_str()].concat().into())
    }

    /// A status is known by wamid, status and timestamp; `at` is 0 if it bore none. What went to a group has one for each of its
    /// members.
    #[must_use]
    pub fn status(status: &Status, at: i64) -> Self {
        let Status {
            wamid, word, group, ..
        } = status;
        let member = status.to.as_ref().filter(|_| group.is_some());
        let member = member.and_then(|to| match (to.user(), to.phone()) {
            (Some(user), _) => Some(user.as_str()),
            (None, phone) => phone.map(Phone::as_str),
        });
        match member {
            Some(member) => Self(format!("s:{wamid}:{word}:{at}:{member}").into()),
            None => Self(format!("s:{wamid}:{word}:{at}").into()),
        }
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
