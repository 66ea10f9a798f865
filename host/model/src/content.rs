//! What a message carries, coming in and going out.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a contact sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// Words.
    Text {
        /// As typed.
        body: String,
    },
    /// A tap on something we, or a template of ours, offered.
    Tap {
        /// The option's id, or a template button's payload.
        id: String,
        /// What the contact saw on it.
        title: String,
        /// What was tapped.
        origin: TapOrigin,
    },
    /// An image, video, audio, voice note, document or sticker.
    Media {
        /// `image`, `video`, `audio`, `voice`, `document` or `sticker`.
        media: String,
        /// WhatsApp's id of the file.
        id: Option<String>,
        /// The words beneath it.
        caption: Option<String>,
    },
    /// A kind without a type of its own yet: kept raw, never lost.
    Other {
        /// WhatsApp's name of the kind.
        name: String,
        /// The message as it came.
        raw: Value,
    },
}

/// What a contact tapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TapOrigin {
    /// A reply button.
    Button,
    /// A row of a menu.
    Menu,
    /// A template's quick reply.
    Template,
}

impl Content {
    /// The kind by the word that rules use (`when.kind`).
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Text { .. } => "text",
            Self::Tap {
                origin: TapOrigin::Menu,
                ..
            } => "menu",
            Self::Tap { .. } => "button",
            Self::Media { media, .. } => media,
            Self::Other { name, .. } => name,
        }
    }

    /// The words a person wrote, tapped or put beneath a picture.
    #[must_use]
    pub fn words(&self) -> Option<&str> {
        match self {
            Self::Text { body } => Some(body),
            Self::Tap { title, .. } => Some(title),
            Self::Media { caption, .. } => caption.as_deref(),
            Self::Other { .. } => None,
        }
    }
}

/// What we send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outgoing {
    /// Words.
    Text {
        /// At most 4096 characters.
        body: String,
    },
    /// Words with up to three buttons beneath.
    Buttons {
        /// At most 1024 characters.
        body: String,
        /// One to three.
        buttons: Vec<Button>,
    },
}

/// One reply button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What comes back when it is tapped; at most 256 characters.
    pub id: String,
    /// What the contact sees; at most 20 characters.
    pub title: String,
}

impl Outgoing {
    /// Its words, for records and previews.
    #[must_use]
    pub fn body(&self) -> &str {
        match self {
            Self::Text { body } | Self::Buttons { body, .. } => body,
        }
    }
}
