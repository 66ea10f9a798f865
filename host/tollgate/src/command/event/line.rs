//! One notice as one JSON object. The members up to `at`, and `status` and `token` of a status, are always there: scripts rest on
//! them. The others are there where they say something.

use intake::payload::Parsed;
use model::{
    Ad, Call, ContactKey, Content, Conversation, Detail, GroupId, Message, NetworkError,
    NoticeBody, Pricing, Product, SendToken, Status, Update, UserId,
};
use serde::Serialize;
use serde_json::Value;

use crate::shown;

#[derive(Debug, Default, Serialize)]
pub(super) struct Line<'a> {
    notice: &'static str,
    channel: &'a str,
    id: Option<&'a str>,
    phone: Option<&'a str>,
    user_id: Option<&'a str>,
    kind: &'a str,
    text: Option<&'a str>,
    number: Option<&'a str>,
    at: Option<String>,
    #[serde(flatten)]
    status: Option<StatusPart<'a>>,
    #[serde(flatten)]
    more: More<'a>,
}

#[derive(Debug, Serialize)]
struct StatusPart<'a> {
    status: &'a str,
    token: Option<&'a str>,
}

/// What is there only where it says something.
#[derive(Debug, Default, Serialize)]
#[serde(default)]
struct More<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_user_id: Option<&'a str>,
    /// By what a contact is known from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<Known<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    emoji: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quoting: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    #[serde(skip_serializing_if = "is_false")]
    forwarded: bool,
    #[serde(skip_serializing_if = "is_false")]
    forwarded_often: bool,
    #[serde(skip_serializing_if = "is_false")]
    from_ourselves: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    ad: Option<&'a Ad>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<&'a Product>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wants_marketing: Option<bool>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [NetworkError],
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing: Option<&'a Pricing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation: Option<&'a Conversation>,
    /// A message's content in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a Content>,
    /// What an update says, as far as it is understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a Detail>,
    /// What has no type of its own, as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<&'a Value>,
}

#[derive(Debug, Serialize)]
struct Known<'a> {
    phone: Option<&'a str>,
    user_id: Option<&'a str>,
}

impl<'a> Line<'a> {
    pub(super) fn of(parsed: &'a Parsed) -> Self {
        let line = Self {
            notice: parsed.body.word(),
            channel: parsed.channel.name(),
            kind: parsed.body.kind(),
            number: parsed.number.as_ref().map(model::NumberId::as_str),
            at: parsed.at.and_then(shown::moment),
            ..Self::default()
        };
        match &parsed.body {
            NoticeBody::Message(message) => line.message(message),
            NoticeBody::Status(status) => line.status(status),
            NoticeBody::Preference(preference) => Self {
                more: More {
                    wants_marketing: Some(preference.wants_marketing),
                    ..More::default()
                },
                ..line.of_contact(&preference.from)
            },
            NoticeBody::Echo(echo) => Self {
                id: Some(echo.id.as_str()),
                text: echo.content.words(),
                more: More::content(&echo.content),
                ..line.of_contact(&echo.to)
            },
            NoticeBody::Update(update) => line.update(update),
            NoticeBody::Unreadable(unreadable) => Self {
                more: More {
                    cause: Some(&unreadable.cause),
                    raw: Some(&unreadable.raw),
                    ..More::default()
                },
                ..line
            },
        }
    }

    fn message(self, message: &'a Message) -> Self {
        Self {
            id: Some(message.id.as_str()),
            text: message.content.words(),
            more: More {
                name: message.name.as_deref(),
                user_name: message.user_name.as_deref(),
                parent_user_id: message.parent_user.as_ref().map(UserId::as_str),
                quoting: message.quoting.as_ref().map(model::Wamid::as_str),
                group: message.group.as_ref().map(GroupId::as_str),
                forwarded: message.forwarded,
                forwarded_often: message.forwarded_often,
                from_ourselves: message.from_ourselves,
                ad: message.ad.as_ref(),
                product: message.product.as_ref(),
                ..More::content(&message.content)
            },
            ..self.of_contact(&message.from)
        }
    }

    fn status(self, status: &'a Status) -> Self {
        let line = match &status.to {
            Some(to) => self.of_contact(to),
            None => self,
        };
        Self {
            id: Some(status.wamid.as_str()),
            status: Some(StatusPart {
                status: &status.word,
                token: status.token.as_ref().map(SendToken::as_str),
            }),
            more: More {
                group: status.group.as_ref().map(GroupId::as_str),
                errors: &status.errors,
                pricing: status.pricing.as_ref(),
                conversation: status.conversation.as_ref(),
                ..More::default()
            },
            ..line
        }
    }

    fn update(self, update: &'a Update) -> Self {
        let mut more = More {
            detail: Some(&update.detail),
            raw: Some(&update.raw),
            ..More::default()
        };
        match &update.detail {
            Detail::Call(Call { id, with, .. }) => Self {
                id: Some(id),
                more,
                ..self.of_contact(with)
            },
            Detail::NewUserId { was, is } => {
                more.now = Some(Known {
                    phone: None,
                    user_id: Some(is.as_str()),
                });
                Self {
                    more,
                    ..self.of_contact(was)
                }
            }
            Detail::Errors { errors } => {
                more.errors = errors;
                Self { more, ..self }
            }
            _ => Self { more, ..self },
        }
    }

    fn of_contact(self, key: &'a ContactKey) -> Self {
        let Known { phone, user_id } = Known::of(key);
        Self {
            phone,
            user_id,
            ..self
        }
    }
}

impl<'a> More<'a> {
    fn content(content: &'a Content) -> Self {
        let mut more = Self {
            content: Some(content),
            ..Self::default()
        };
        match content {
            Content::Reaction { emoji, .. } => more.emoji = emoji.as_deref(),
            Content::System(told) => more.now = told.now_known_by.as_ref().map(Known::of),
            Content::Unsupported {
                error: Some(error), ..
            } => more.errors = std::slice::from_ref(error),
            _ => {}
        }
        more
    }
}

impl<'a> Known<'a> {
    fn of(key: &'a ContactKey) -> Self {
        Self {
            phone: key.phone().map(model::Phone::as_str),
            user_id: key.user().map(UserId::as_str),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(truth: &bool) -> bool {
    !truth
}
