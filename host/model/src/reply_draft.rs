//! A reply that waits for a person: what a rule would have sent, at a desk.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Outgoing;

/// Which draft of a tenant's: `d12` on pages and in the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReplyDraftId(pub u64);

impl fmt::Display for ReplyDraftId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "d{}", self.0)
    }
}

impl FromStr for ReplyDraftId {
    type Err = NoReplyDraftId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix('d').unwrap_or(text);
        digits
            .parse()
            .ok()
            // Databases count to 2^63.
            .filter(|place| i64::try_from(*place).is_ok())
            .map(Self)
            .ok_or(NoReplyDraftId)
    }
}

/// The text is no draft's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoReplyDraftId;

impl fmt::Display for NoReplyDraftId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a draft's id is `d` and a number, such as d12")
    }
}

impl std::error::Error for NoReplyDraftId {}

impl Serialize for ReplyDraftId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What became of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyDraftState {
    /// It waits for a person.
    Pending,
    /// A person sent it: it is in the outbox.
    Sent,
    /// A person dropped it.
    Dropped,
}

impl ReplyDraftState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Sent, Self::Dropped];

    /// The word for it, in the ledger and on pages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::Dropped => "dropped",
        }
    }

    /// By its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

impl fmt::Display for ReplyDraftState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Outgoing {
    /// The same message with other words: buttons, menus, frames and files stay. Nothing if it has no words of its own to change.
    #[must_use]
    pub fn reworded(&self, words: &str) -> Option<Self> {
        let mut message = self.clone();
        match &mut message {
            Self::Text { body } | Self::Buttons { body, .. } => words.clone_into(body),
            Self::Menu(menu) => words.clone_into(&mut menu.body),
            Self::Link(link) => words.clone_into(&mut link.body),
            Self::Media(media) => media.caption = Some(words.to_owned()),
            Self::Template(_)
            | Self::Location(_)
            | Self::Contacts { .. }
            | Self::Reaction { .. } => {
                return None;
            }
        }
        Some(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Button, Frame, MediaKind, MediaSource, OutgoingMedia};

    #[test]
    fn an_id_is_read_as_it_is_shown_and_as_a_bare_number() {
        assert_eq!(ReplyDraftId(12).to_string(), "d12");
        for text in ["d12", "12"] {
            assert_eq!(text.parse(), Ok(ReplyDraftId(12)), "{text}");
        }
        for text in ["", "d", "dd12", "c12", "-1", "d12 ", "18446744073709551615"] {
            assert_eq!(
                text.parse::<ReplyDraftId>(),
                Err(NoReplyDraftId),
                "{text:?}"
            );
        }
    }

    #[test]
    fn other_words_leave_alone_what_stands_around_them() {
        let buttons = |body: &str| Outgoing::Buttons {
            body: body.into(),
            buttons: vec![Button {
                id: "yes".into(),
                title: "Yes".into(),
            }],
            frame: Frame::default(),
        };
        assert_eq!(buttons("before").reworded("after"), Some(buttons("after")));
        let picture = |caption: Option<&str>| {
            Outgoing::Media(OutgoingMedia {
                media: MediaKind::Image,
                source: MediaSource::Id("1".into()),
                caption: caption.map(str::to_owned),
                filename: None,
            })
        };
        assert_eq!(
            picture(None).reworded("after"),
            Some(picture(Some("after")))
        );
        let cards = Outgoing::Contacts { cards: Vec::new() };
        assert_eq!(cards.reworded("after"), None, "it has no words");
    }
}
