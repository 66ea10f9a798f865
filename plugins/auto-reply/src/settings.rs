//! What a rule may say of an answer.

use std::fmt;

use sdk::{MediaKind, MediaSource, TemplateCategory, Texts};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The settings.
#[derive(Debug, Deserialize)]
pub struct Settings {
    /// What to say.
    #[serde(default)]
    pub(crate) reply: Texts,
    /// What to offer beneath it.
    #[serde(default)]
    pub(crate) buttons: Vec<Offer>,
    /// What to offer beneath it, if it is more.
    pub(crate) menu: Option<Choices>,
    /// A file, with the reply as its caption.
    pub(crate) media: Option<File>,
    /// An emoji on the contact's message.
    pub(crate) react: Option<String>,
    /// An approved template: instead of all that, or when that may not go out.
    pub(crate) template: Option<Form>,
    /// As a reply that quotes the contact's message.
    #[serde(default)]
    pub(crate) quoting: bool,
    /// A line above.
    #[serde(default)]
    pub(crate) header: Texts,
    /// A line beneath.
    #[serde(default)]
    pub(crate) footer: Texts,
    /// A button that opens a page.
    pub(crate) link: Option<Page>,
}

/// One button.
#[derive(Debug, Deserialize)]
pub(crate) struct Offer {
    pub(crate) id: String,
    pub(crate) title: Texts,
}

/// A menu.
#[derive(Debug, Deserialize)]
pub(crate) struct Choices {
    /// What opens it.
    pub(crate) label: Texts,
    pub(crate) rows: Vec<Row>,
}

/// One row of a menu.
#[derive(Debug, Deserialize)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) title: Texts,
    #[serde(default)]
    pub(crate) description: Texts,
}

/// A button that opens a page.
#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    pub(crate) label: Texts,
    pub(crate) url: String,
}

/// A file: by its id or by its link.
#[derive(Debug, Deserialize)]
pub(crate) struct File {
    pub(crate) kind: Kind,
    pub(crate) id: Option<String>,
    pub(crate) link: Option<String>,
    /// What a document is called.
    pub(crate) filename: Option<String>,
}

/// What sort of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Image,
    Video,
    Audio,
    Voice,
    Document,
    Sticker,
}

/// A template, and what fills it.
#[derive(Debug, Deserialize)]
pub(crate) struct Form {
    pub(crate) name: String,
    /// The template's language code for each language of the file, or one for all.
    pub(crate) languages: Texts,
    pub(crate) category: Category,
    #[serde(default)]
    pub(crate) params: Vec<Param>,
    pub(crate) header: Option<Head>,
    #[serde(default)]
    pub(crate) buttons: Vec<Fill>,
    pub(crate) when: Option<When>,
}

/// What sort of message a template is.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Category {
    Marketing,
    Utility,
    Authentication,
}

/// When a template goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum When {
    /// Instead of a reply.
    Always,
    /// When the reply may not go out because the contact wrote too long ago.
    WindowClosed,
}

/// What fills one place of a template.
#[derive(Debug)]
pub(crate) struct Param {
    pub(crate) name: Option<String>,
    pub(crate) text: Texts,
}

/// What fills a template's header: words or a file.
#[derive(Debug, Deserialize)]
pub(crate) struct Head {
    #[serde(default)]
    pub(crate) text: Texts,
    pub(crate) kind: Option<Kind>,
    pub(crate) id: Option<String>,
    pub(crate) link: Option<String>,
}

/// What fills one button of a template.
#[derive(Debug, Deserialize)]
pub(crate) struct Fill {
    pub(crate) index: u8,
    pub(crate) payload: Option<String>,
    pub(crate) url_suffix: Option<String>,
}

impl Settings {
    /// When its template goes out: instead of a reply if there is none.
    pub(crate) fn when(&self, form: &Form) -> When {
        let by_itself = self.reply.is_empty() && self.media.is_none();
        form.when.unwrap_or(if by_itself {
            When::Always
        } else {
            When::WindowClosed
        })
    }
}

impl Kind {
    /// Whether words can stand beneath it, or it above a template.
    pub(crate) fn is_shown(self) -> bool {
        matches!(self, Self::Image | Self::Video | Self::Document)
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Voice => "voice",
            Self::Document => "document",
            Self::Sticker => "sticker",
        }
    }
}

impl From<Kind> for MediaKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Image => Self::Image,
            Kind::Video => Self::Video,
            Kind::Audio => Self::Audio,
            Kind::Voice => Self::Voice,
            Kind::Document => Self::Document,
            Kind::Sticker => Self::Sticker,
        }
    }
}

impl From<Category> for TemplateCategory {
    fn from(category: Category) -> Self {
        match category {
            Category::Marketing => Self::Marketing,
            Category::Utility => Self::Utility,
            Category::Authentication => Self::Authentication,
        }
    }
}

/// Where a file comes from; nothing if neither is said. `check` finds both.
pub(crate) fn source(id: Option<&String>, link: Option<&String>) -> Option<MediaSource> {
    let by_id = id.cloned().map(MediaSource::Id);
    by_id.or_else(|| link.cloned().map(MediaSource::Link))
}

/// `{"name": "who", "text": …}` fills a named place; a text, or one for each language, the next numbered one.
impl<'de> Deserialize<'de> for Param {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Param;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, one for each language, or `name` and `text`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Param, E> {
                let text = Texts::One(text.to_owned());
                Ok(Param { name: None, text })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Param, A::Error> {
                let (mut name, mut named) = (None, None);
                let mut each = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "name" => name = Some(map.next_value()?),
                        "text" => named = Some(map.next_value()?),
                        _ => each.push((key, map.next_value()?)),
                    }
                }
                match (name, named) {
                    (None, None) => Ok(Param {
                        name: None,
                        text: Texts::Each(each),
                    }),
                    (Some(_), None) => Err(A::Error::custom("`text` is missing")),
                    (_, Some(_)) if !each.is_empty() => Err(A::Error::custom(
                        "texts by language stand in `text` where there is one",
                    )),
                    (name, Some(text)) => Ok(Param { name, text }),
                }
            }
        }
        deserializer.deserialize_any(Read)
    }
}
