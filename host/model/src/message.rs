//! A message from a contact.

use serde::{Deserialize, Serialize};

use crate::{Ad, ContactKey, Content, GroupId, Moment, Product, UserId, Wamid};

/// A message from a contact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// WhatsApp's id.
    pub id: Wamid,
    /// Who sent it.
    pub from: ContactKey,
    /// The name the sender gave themselves.
    pub name: Option<String>,
    /// When, by WhatsApp's clock; when it came in, if it does not say.
    pub sent_at: Moment,
    /// What.
    pub content: Content,
    /// The message of ours (or theirs) that it replies to.
    pub quoting: Option<Wamid>,
    /// It was passed on from another chat.
    #[serde(default)]
    pub forwarded: bool,
    /// It was passed on many times.
    #[serde(default)]
    pub forwarded_often: bool,
    /// The advertisement that it came from.
    #[serde(default)]
    pub ad: Option<Ad>,
    /// The product that it asks about.
    #[serde(default)]
    pub product: Option<Product>,
    /// The group it was written in; none if it was written to the business alone.
    #[serde(default)]
    pub group: Option<GroupId>,
    /// The name by which the sender is found on WhatsApp.
    #[serde(default)]
    pub user_name: Option<String>,
    /// The sender's id across the businesses of one owner.
    #[serde(default)]
    pub parent_user: Option<UserId>,
    /// It came from the number it came in on: nobody to answer.
    #[serde(default)]
    pub from_ourselves: bool,
}

impl Message {
    /// A message of these parts, and nothing beside them.
    #[must_use]
    pub fn new(id: Wamid, from: ContactKey, sent_at: Moment, content: Content) -> Self {
        Self {
            id,
            from,
            name: None,
            sent_at,
            content,
            quoting: None,
            forwarded: false,
            forwarded_often: false,
            ad: None,
            product: None,
            group: None,
            user_name: None,
            parent_user: None,
            from_ourselves: false,
        }
    }

    /// Somebody said something to the business. A group's talk, what WhatsApp itself tells within a chat, what the number itself
    /// wrote and what comes again as a whole are not for rules.
    #[must_use]
    pub fn is_for_us(&self) -> bool {
        self.group.is_none()
            && !self.from_ourselves
            && !matches!(self.content, Content::System(_))
            && !self.content.is_forerunner()
    }
}
