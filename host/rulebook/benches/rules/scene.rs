//! Who writes, when, and on which number.

use std::collections::BTreeSet;

use model::{
    Channel, Contact, ContactId, ContactKey, Content, Language, Message, Moment, NumberId, Phone,
    PluginName, TenantId, Wamid,
};
use rulebook::{Facts, Names};

use crate::Fault;

/// Saturday, 21 November 2026, 12:00 in São Paulo: the shop is closed.
const NOW: Moment = Moment(1_795_273_200_000);

/// A message, and the rule that is to be found.
pub(crate) struct Scene {
    pub(crate) rule: Option<usize>,
    message: Message,
    contact: Contact,
    number: NumberId,
    language: Language,
}

/// What `tollgate.toml` would define.
pub(crate) fn names() -> Result<Names, Fault> {
    Ok(Names {
        plugins: [PluginName::new("auto-reply")?].into(),
        ..Names::default()
    })
}

impl Scene {
    pub(crate) fn new(text: &str, rule: Option<usize>) -> Result<Self, Fault> {
        let key = ContactKey::Phone(Phone::new("5511900000001")?);
        let content = Content::Text {
            body: text.to_owned(),
        };
        Ok(Self {
            rule,
            message: Message::new(Wamid::new("wamid.1")?, key.clone(), NOW, content),
            contact: Contact {
                name: Some("Ana Lima".into()),
                tags: BTreeSet::from(["new".to_owned(), "newsletter".to_owned()]),
                version: 1,
                ..Contact::new(TenantId::new("shop")?, ContactId(1), key, NOW)
            },
            number: NumberId::new("100001")?,
            language: Language::new("pt")?,
        })
    }

    pub(crate) fn text(&self) -> &str {
        self.message.content.words().unwrap_or_default()
    }

    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts {
            message: &self.message,
            contact: &self.contact,
            number: &self.number,
            number_name: "main",
            language: &self.language,
            channel: &Channel::WhatsApp,
            counts: &[],
            now: NOW,
        }
    }
}
