//! What we send.

use serde::{Deserialize, Serialize};

use crate::{Card, Location, MediaKind, Wamid};

/// A message that we send. Every limit is counted in characters, by the gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
        /// Above and beneath the words.
        #[serde(default)]
        frame: Frame,
    },
    /// Words with a menu of up to ten rows beneath.
    Menu(Menu),
    /// Words with a button that opens a page.
    Link(Link),
    /// A file.
    Media(OutgoingMedia),
    /// An approved template.
    Template(Template),
    /// A place.
    Location(Location),
    /// People's cards.
    Contacts {
        /// One to 257.
        cards: Vec<Card>,
    },
    /// An emoji on a message of the contact's.
    Reaction {
        /// On which message.
        message: Wamid,
        /// Which; empty takes it away.
        emoji: String,
    },
}

/// A line above and a line beneath a message's words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Above; at most 60 characters.
    pub header: Option<String>,
    /// Beneath; at most 60 characters.
    pub footer: Option<String>,
}

/// One reply button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What comes back when it is tapped; at most 256 characters.
    pub id: String,
    /// What the contact sees; at most 20 characters.
    pub title: String,
}

/// Words with a menu beneath.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Menu {
    /// At most 4096 characters.
    pub body: String,
    /// What opens it; at most 20 characters.
    pub label: String,
    /// One to ten; each but a single one has a title.
    pub sections: Vec<MenuSection>,
    /// Above and beneath the words.
    #[serde(default)]
    pub frame: Frame,
}

/// A group of a menu's rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuSection {
    /// At most 24 characters.
    pub title: Option<String>,
    /// At most ten in the whole menu.
    pub rows: Vec<MenuRow>,
}

/// One row of a menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuRow {
    /// What comes back when it is tapped; at most 200 characters.
    pub id: String,
    /// What the contact sees; at most 24 characters.
    pub title: String,
    /// Beneath the title; at most 72 characters.
    pub description: Option<String>,
}

/// Words with a button that opens a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// At most 1024 characters.
    pub body: String,
    /// What the button says; at most 20 characters.
    pub label: String,
    /// Where it leads: `https://…`.
    pub url: String,
    /// Above and beneath the words.
    #[serde(default)]
    pub frame: Frame,
}

/// A file that we send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutgoingMedia {
    /// What sort of file.
    pub media: MediaKind,
    /// Where WhatsApp takes it from.
    pub source: MediaSource,
    /// The words beneath it; at most 1024 characters. Sounds and stickers have none.
    pub caption: Option<String>,
    /// What a document is called.
    pub filename: Option<String>,
}

/// Where WhatsApp takes a file from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaSource {
    /// One that was uploaded, or that came in: by its id.
    Id(String),
    /// A page that WhatsApp fetches: `https://…`.
    Link(String),
}

/// An approved template, filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Its name with WhatsApp; at most 512 characters.
    pub name: String,
    /// Its language code: `pt_BR`.
    pub language: String,
    /// What sort of message it is: marketing needs a consent of its own.
    pub category: TemplateCategory,
    /// What fills its header.
    pub header: Option<TemplateHeader>,
    /// What fills its words, in order.
    pub parameters: Vec<TemplateParameter>,
    /// What fills its buttons.
    pub buttons: Vec<TemplateButton>,
}

/// What sort of message a template is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateCategory {
    /// It advertises.
    Marketing,
    /// It is about something the contact did or bought.
    Utility,
    /// It carries a code.
    Authentication,
}

/// What fills a template's header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateHeader {
    /// Words.
    Text(String),
    /// A picture, film or document.
    Media(MediaKind, MediaSource),
}

/// What fills one place of a template's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateParameter {
    /// The place's name; nothing if places are numbered.
    pub name: Option<String>,
    /// The words.
    pub text: String,
}

/// What fills one button of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateButton {
    /// Which, from 0.
    pub index: u8,
    /// What.
    pub fill: TemplateButtonFill,
}

/// What fills a template's button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateButtonFill {
    /// A quick reply: what comes back when it is tapped.
    Payload(String),
    /// A page: the end of its address.
    UrlSuffix(String),
}

impl Outgoing {
    /// The kind in one word, for records and pages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Buttons { .. } => "buttons",
            Self::Menu(_) => "menu",
            Self::Link(_) => "link",
            Self::Media(media) => media.media.word(),
            Self::Template(_) => "template",
            Self::Location(_) => "location",
            Self::Contacts { .. } => "contacts",
            Self::Reaction { .. } => "reaction",
        }
    }

    /// Its words, for records and previews; for what has none, what names it.
    #[must_use]
    pub fn body(&self) -> &str {
        match self {
            Self::Text { body } | Self::Buttons { body, .. } => body,
            Self::Menu(menu) => &menu.body,
            Self::Link(link) => &link.body,
            Self::Media(media) => media.caption.as_deref().unwrap_or_default(),
            Self::Template(template) => &template.name,
            Self::Location(place) => place.name.as_deref().unwrap_or_default(),
            Self::Contacts { cards } => cards.first().map_or("", |card| &card.name),
            Self::Reaction { emoji, .. } => emoji,
        }
    }
}
