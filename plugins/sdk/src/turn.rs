//! What a plugin asks of its turn most often.

use crate::{Content, Message, Seeded, Turn};

impl Turn {
    /// The words of the message, as [`Message::text`].
    ///
    /// ```
    /// let turn = sdk::testing::turn("en", "where is 4711?");
    /// assert_eq!(turn.text(), Some("where is 4711?"));
    /// ```
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.message.text()
    }

    /// The id of the button or menu row that was tapped.
    ///
    /// ```
    /// let turn = sdk::testing::tap("en", "sales", "Buy something");
    /// assert_eq!(turn.option(), Some("sales"));
    /// ```
    #[must_use]
    pub fn option(&self) -> Option<&str> {
        match &self.message.content {
            Content::Tap(tap) => Some(&tap.id),
            _ => None,
        }
    }

    /// What stands for a placeholder in this turn: `turn.value("contact.first_name")`.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        let found = self.values.iter().find(|value| value.name == name)?;
        Some(&found.text)
    }

    /// Whether these hours are open now; nothing if the rule's file has no such hours.
    ///
    /// ```
    /// use sdk::testing::{turn, with_value};
    /// let turn = with_value(turn("en", "hi"), "hours.shop.open", "yes");
    /// assert_eq!(turn.is_open("shop"), Some(true));
    /// assert_eq!(turn.is_open("night"), None);
    /// ```
    #[must_use]
    pub fn is_open(&self, hours: &str) -> Option<bool> {
        self.value(&format!("hours.{hours}.open"))
            .map(|open| open == "yes")
    }

    /// Chance that repeats: the same sequence whenever this message is attempted, and nobody else can guess it.
    ///
    /// ```
    /// let turn = sdk::testing::turn("en", "verify");
    /// let code = turn.seeded().code(6);
    /// assert_eq!(code.len(), 6);
    /// assert_eq!(code, turn.seeded().code(6));
    /// ```
    #[must_use]
    pub fn seeded(&self) -> Seeded {
        Seeded::new(&self.seed)
    }
}

impl Message {
    /// The words that the contact wrote, tapped or put beneath a file; nothing if there are none but blanks.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        let words = match &self.content {
            Content::Text(text) => Some(text.as_str()),
            Content::Tap(tap) => Some(tap.title.as_str()),
            Content::Media(media) => media.caption.as_deref(),
            Content::Order(order) => order.text.as_deref(),
            Content::Edit(edit) => edit.text.as_deref(),
            Content::Form(form) => form.body.as_deref(),
            _ => None,
        };
        words.filter(|words| !words.trim().is_empty())
    }
}
