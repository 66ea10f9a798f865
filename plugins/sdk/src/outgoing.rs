//! Messages to send, put together. Whatever is made here goes to [`reply`](crate::reply) and its like as it is.
//!
//! ```
//! let message = sdk::buttons("Did that help?")
//!     .button("yes", "Yes, thanks")
//!     .button("no", "No")
//!     .footer("Your shop");
//! assert_eq!(message.buttons.len(), 2);
//!
//! let message = sdk::menu("What is it about?", "Choose")
//!     .row("order", "My order")
//!     .row_about("returns", "A return", "Within 30 days");
//! assert_eq!(message.sections[0].rows.len(), 2);
//! ```

use crate::{
    Button, Card, HeaderMedia, Link, Location, MediaKind, MediaSource, Menu, MenuRow, MenuSection,
    Outgoing, OutgoingMedia, Reaction, Template, TemplateButton, TemplateButtonFill,
    TemplateCategory, TemplateHeader, TemplateParameter, TextWithButtons,
};

/// Words.
pub fn text(body: impl Into<String>) -> Outgoing {
    Outgoing::Text(body.into())
}

/// Words with buttons beneath: add one to three.
pub fn buttons(body: impl Into<String>) -> TextWithButtons {
    TextWithButtons {
        body: body.into(),
        buttons: Vec::new(),
        header: None,
        footer: None,
    }
}

/// Words with a menu beneath, and what opens it: add one to ten rows.
pub fn menu(body: impl Into<String>, label: impl Into<String>) -> Menu {
    Menu {
        body: body.into(),
        label: label.into(),
        sections: Vec::new(),
        header: None,
        footer: None,
    }
}

/// Words with a button that opens a page (`https://…`).
pub fn link(body: impl Into<String>, label: impl Into<String>, url: impl Into<String>) -> Link {
    Link {
        body: body.into(),
        label: label.into(),
        url: url.into(),
        header: None,
        footer: None,
    }
}

/// A file that was uploaded or that came in, by its id.
pub fn media(kind: MediaKind, id: impl Into<String>) -> OutgoingMedia {
    OutgoingMedia {
        kind,
        source: MediaSource::Id(id.into()),
        caption: None,
        filename: None,
    }
}

/// A file that WhatsApp fetches from a page (`https://…`).
pub fn media_at(kind: MediaKind, link: impl Into<String>) -> OutgoingMedia {
    OutgoingMedia {
        source: MediaSource::Link(link.into()),
        ..media(kind, "")
    }
}

/// An approved template in one of its languages (`pt_BR`).
///
/// ```
/// use sdk::TemplateCategory::Utility;
/// let message = sdk::template("order_sent", "pt_BR", Utility).fill("4711").url_suffix(0, "4711");
/// assert_eq!(message.parameters[0].text, "4711");
/// ```
pub fn template(
    name: impl Into<String>,
    language: impl Into<String>,
    category: TemplateCategory,
) -> Template {
    Template {
        name: name.into(),
        language: language.into(),
        category,
        header: None,
        parameters: Vec::new(),
        buttons: Vec::new(),
    }
}

/// A place: degrees north, degrees east.
#[must_use]
pub fn location(latitude: f64, longitude: f64) -> Location {
    Location {
        latitude,
        longitude,
        name: None,
        address: None,
    }
}

/// An emoji on the message of this turn.
pub fn reaction(emoji: impl Into<String>) -> Outgoing {
    Outgoing::Reaction(Reaction {
        message: None,
        emoji: Some(emoji.into()),
    })
}

/// `header` and `footer`, for each kind that has them.
macro_rules! framed {
    ($($kind:ty)*) => {
        $(impl $kind {
            /// Puts a line above.
            #[must_use]
            pub fn header(mut self, line: impl Into<String>) -> Self {
                self.header = Some(line.into());
                self
            }

            /// Puts a line beneath.
            #[must_use]
            pub fn footer(mut self, line: impl Into<String>) -> Self {
                self.footer = Some(line.into());
                self
            }
        })*
    };
}

framed!(TextWithButtons Menu Link);

impl TextWithButtons {
    /// Adds a button: what comes back when it is tapped, and what the contact sees.
    #[must_use]
    pub fn button(mut self, id: impl Into<String>, title: impl Into<String>) -> Self {
        self.buttons.push(Button {
            id: id.into(),
            title: title.into(),
        });
        self
    }
}

impl Menu {
    /// Begins a group of rows with a title.
    #[must_use]
    pub fn section(mut self, title: impl Into<String>) -> Self {
        self.sections.push(MenuSection {
            title: Some(title.into()),
            rows: Vec::new(),
        });
        self
    }

    /// Adds a row: what comes back when it is tapped, and what the contact sees.
    #[must_use]
    pub fn row(self, id: impl Into<String>, title: impl Into<String>) -> Self {
        self.add(id.into(), title.into(), None)
    }

    /// As [`Menu::row`], with words beneath the title.
    #[must_use]
    pub fn row_about(
        self,
        id: impl Into<String>,
        title: impl Into<String>,
        description: impl Into<String>,
    ) -> Self {
        self.add(id.into(), title.into(), Some(description.into()))
    }

    fn add(mut self, id: String, title: String, description: Option<String>) -> Self {
        if self.sections.is_empty() {
            self.sections.push(MenuSection {
                title: None,
                rows: Vec::new(),
            });
        }
        if let Some(section) = self.sections.last_mut() {
            section.rows.push(MenuRow {
                id,
                title,
                description,
            });
        }
        self
    }
}

impl OutgoingMedia {
    /// Puts words beneath; sounds and stickers have none.
    #[must_use]
    pub fn caption(mut self, words: impl Into<String>) -> Self {
        self.caption = Some(words.into());
        self
    }

    /// Says what a document is called.
    #[must_use]
    pub fn filename(mut self, name: impl Into<String>) -> Self {
        self.filename = Some(name.into());
        self
    }
}

impl Template {
    /// Fills the next numbered place.
    #[must_use]
    pub fn fill(mut self, text: impl Into<String>) -> Self {
        self.parameters.push(TemplateParameter {
            name: None,
            text: text.into(),
        });
        self
    }

    /// Fills the place of this name.
    #[must_use]
    pub fn fill_named(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.parameters.push(TemplateParameter {
            name: Some(name.into()),
            text: text.into(),
        });
        self
    }

    /// Fills the header with words.
    #[must_use]
    pub fn header_text(mut self, text: impl Into<String>) -> Self {
        self.header = Some(TemplateHeader::Text(text.into()));
        self
    }

    /// Fills the header with a picture, a film or a document.
    #[must_use]
    pub fn header_media(mut self, kind: MediaKind, source: MediaSource) -> Self {
        self.header = Some(TemplateHeader::Media(HeaderMedia { kind, source }));
        self
    }

    /// Says what comes back when the quick reply with this index is tapped.
    #[must_use]
    pub fn payload(self, index: u8, payload: impl Into<String>) -> Self {
        self.fill_button(index, TemplateButtonFill::Payload(payload.into()))
    }

    /// Puts the end to the address behind the button with this index.
    #[must_use]
    pub fn url_suffix(self, index: u8, suffix: impl Into<String>) -> Self {
        self.fill_button(index, TemplateButtonFill::UrlSuffix(suffix.into()))
    }

    fn fill_button(mut self, index: u8, fill: TemplateButtonFill) -> Self {
        self.buttons.push(TemplateButton { index, fill });
        self
    }
}

impl Location {
    /// Says what the place is called.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Says where that is.
    #[must_use]
    pub fn address(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }
}

/// `Outgoing` from what it is made of.
macro_rules! outgoing {
    ($($kind:ty => $variant:ident)*) => {
        $(impl From<$kind> for Outgoing {
            fn from(message: $kind) -> Self {
                Self::$variant(message.into())
            }
        })*
    };
}

outgoing! {
    &str => Text
    String => Text
    TextWithButtons => Buttons
    Menu => Menu
    Link => Link
    OutgoingMedia => Media
    Template => Template
    Location => Location
    Vec<Card> => Contacts
    Reaction => Reaction
}

impl From<&Outgoing> for Outgoing {
    fn from(message: &Outgoing) -> Self {
        message.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_section_begun_last() {
        let menu = menu("What?", "Choose")
            .section("Orders")
            .row("a", "A")
            .section("Returns")
            .row_about("b", "B", "within 30 days");
        let [orders, returns] = &menu.sections[..] else {
            panic!("two sections: {menu:?}")
        };
        assert_eq!(orders.title.as_deref(), Some("Orders"));
        assert_eq!(orders.rows[0].id, "a");
        assert_eq!(
            returns.rows[0].description.as_deref(),
            Some("within 30 days")
        );
    }

    #[test]
    fn a_template_is_filled_place_by_place() {
        let template = template("t", "en", TemplateCategory::Utility)
            .header_media(MediaKind::Image, MediaSource::Id("7".into()))
            .fill_named("who", "Ana")
            .payload(1, "yes")
            .url_suffix(0, "4711");
        assert_eq!(template.parameters[0].name.as_deref(), Some("who"));
        assert_eq!(template.buttons[0].index, 1);
        assert_eq!(
            template.buttons[1].fill,
            TemplateButtonFill::UrlSuffix("4711".into())
        );
    }
}
