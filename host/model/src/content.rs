//! What a contact's message carries.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ContactKey, Moment, NetworkError, Wamid};

/// Meta's code for a message that is not available yet.
const UNAVAILABLE_YET: i64 = 131_060;

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
    Media(Media),
    /// A place.
    Location(Location),
    /// People's cards.
    Contacts {
        /// One or more.
        cards: Vec<Card>,
    },
    /// A form (a flow) that was filled in.
    Form(Form),
    /// An emoji on a message of ours; removed if there is none.
    Reaction {
        /// On which message.
        message: Wamid,
        /// Which; nothing if it was taken away.
        emoji: Option<String>,
    },
    /// A basket from a catalogue.
    Order(Order),
    /// The contact changed an earlier message.
    Edit {
        /// Which.
        original: Wamid,
        /// Its words now.
        text: Option<String>,
    },
    /// The contact took an earlier message back.
    Revoke {
        /// Which.
        original: Wamid,
    },
    /// The contact opened the chat for the first time and wrote nothing yet.
    Welcome,
    /// WhatsApp could not hand it over: a kind that its interface does not carry.
    Unsupported {
        /// What WhatsApp says it was, if it says.
        what: Option<String>,
        /// Why, in WhatsApp's words.
        #[serde(default)]
        error: Option<NetworkError>,
    },
    /// The contact allowed the business to call, or did not.
    CallPermission {
        /// Allowed.
        allowed: bool,
        /// Until when.
        until: Option<Moment>,
    },
    /// WhatsApp itself tells something about the contact. Never a reason to answer.
    System(System),
    /// A kind without a type of its own: kept raw, never lost.
    Other {
        /// WhatsApp's name of the kind.
        name: String,
        /// The message as it came.
        raw: Value,
    },
}

/// What WhatsApp itself tells within a chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct System {
    /// WhatsApp's word: `user_changed_number`.
    pub event: String,
    /// Its sentence for people.
    pub body: Option<String>,
    /// By what the contact is known from now on, if that changed.
    pub now_known_by: Option<ContactKey>,
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

/// A file that came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// What sort of file.
    pub media: MediaKind,
    /// WhatsApp's id of the file.
    pub id: Option<String>,
    /// The words beneath it.
    pub caption: Option<String>,
    /// Its type, as WhatsApp says: `image/jpeg`.
    #[serde(default)]
    pub mime_type: Option<String>,
    /// Its name, for a document.
    #[serde(default)]
    pub filename: Option<String>,
    /// Its SHA-256, as WhatsApp says.
    #[serde(default)]
    pub sha256: Option<String>,
    /// Where it is fetched, for some minutes.
    #[serde(default)]
    pub url: Option<String>,
    /// A sticker that moves.
    #[serde(default)]
    pub animated: bool,
}

impl Media {
    /// A file of this sort, of which nothing else is known.
    #[must_use]
    pub fn new(media: MediaKind) -> Self {
        Self {
            media,
            id: None,
            caption: None,
            mime_type: None,
            filename: None,
            sha256: None,
            url: None,
            animated: false,
        }
    }
}

/// What sort of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A sound file.
    Audio,
    /// A voice note.
    Voice,
    /// Any file.
    Document,
    /// A sticker.
    Sticker,
}

impl MediaKind {
    /// All there are.
    pub const ALL: [Self; 6] = [
        Self::Image,
        Self::Video,
        Self::Audio,
        Self::Voice,
        Self::Document,
        Self::Sticker,
    ];

    /// The word for it, in rules and records.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Voice => "voice",
            Self::Document => "document",
            Self::Sticker => "sticker",
        }
    }

    /// By its word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A place, coming in or going out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// What it is called.
    pub name: Option<String>,
    /// Where that is.
    pub address: Option<String>,
}

/// A person's card, coming in or going out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The name as shown.
    pub name: String,
    /// Phones, as written there.
    pub phones: Vec<String>,
    /// E-mail addresses.
    pub emails: Vec<String>,
    /// Where they work.
    pub organization: Option<String>,
}

/// A product that a message asks about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its catalogue.
    pub catalog: Option<String>,
    /// Its id there.
    pub product: String,
}

/// A form that was filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// The form's name.
    pub name: String,
    /// What the contact saw of it in the chat.
    pub body: Option<String>,
    /// The answers: JSON, as text, as it came.
    pub answers: String,
}

impl Form {
    /// The answers, taken apart.
    #[must_use]
    pub fn fields(&self) -> Value {
        serde_json::from_str(&self.answers).unwrap_or_default()
    }
}

/// A basket from a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Which catalogue.
    pub catalog: String,
    /// Words beside it.
    pub text: Option<String>,
    /// What is in it.
    pub items: Vec<OrderItem>,
}

/// One kind of thing in a basket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderItem {
    /// The product's id in the catalogue.
    pub product: String,
    /// How many.
    pub quantity: u32,
    /// The price of one, as WhatsApp writes it.
    pub price: Option<String>,
    /// Its currency.
    pub currency: Option<String>,
}

/// The advertisement that a message came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ad {
    /// The ad's id.
    pub id: String,
    /// Where it stood.
    pub url: Option<String>,
    /// Its headline.
    pub headline: Option<String>,
    /// Its words.
    #[serde(default)]
    pub body: Option<String>,
    /// `ad` or `post`.
    #[serde(default)]
    pub source: Option<String>,
    /// What it shows: `image`, `video`.
    #[serde(default)]
    pub media: Option<String>,
    /// The click's id, for whoever measures advertisements.
    #[serde(default)]
    pub click: Option<String>,
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
            Self::Media(media) => media.media.word(),
            Self::Location(_) => "location",
            Self::Contacts { .. } => "contacts",
            Self::Form(_) => "form",
            Self::Reaction { .. } => "reaction",
            Self::Order(_) => "order",
            Self::Edit { .. } => "edit",
            Self::Revoke { .. } => "revoke",
            Self::Welcome => "welcome",
            Self::Unsupported { .. } => "unsupported",
            Self::CallPermission { .. } => "call-permission",
            Self::System(_) => "system",
            Self::Other { name, .. } => name,
        }
    }

    /// WhatsApp could not hand it over yet, and does so soon under the same id: the first message that an advertisement led to, say.
    #[must_use]
    pub fn is_forerunner(&self) -> bool {
        matches!(self, Self::Unsupported { error: Some(error), .. } if error.code == UNAVAILABLE_YET)
    }

    /// The words a person wrote, tapped or put beneath a picture.
    #[must_use]
    pub fn words(&self) -> Option<&str> {
        match self {
            Self::Text { body } => Some(body),
            Self::Tap { title, .. } => Some(title),
            Self::Media(media) => media.caption.as_deref(),
            Self::Order(order) => order.text.as_deref(),
            Self::Edit { text, .. } => text.as_deref(),
            _ => None,
        }
    }
}
