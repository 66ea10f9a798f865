//! A contact, a message and a clock, to search with.

use model::{
    Channel, Contact, ContactId, ContactKey, Content, Language, Media, MediaKind, Message, Moment,
    NumberId, Phone, RuleName, Span, TapOrigin, TenantId, Wamid,
};
use rulebook::{Draft, Facts, Search};

/// Saturday, 21 November 2026, 12:00 in São Paulo.
pub(crate) const NOON: Moment = Moment(1_795_273_200_000);

/// Everything a search may know.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) message: Message,
    pub(crate) contact: Contact,
    pub(crate) number: NumberId,
    pub(crate) language: Language,
    pub(crate) now: Moment,
}

impl Scene {
    /// A contact with a Brazilian phone who never wrote before says this at noon.
    pub(crate) fn says(text: &str) -> Self {
        let key = ContactKey::Phone(Phone::new("5511900000001").unwrap());
        let number = NumberId::new("100001").unwrap();
        let contact = Contact {
            name: Some("Ana Lima".into()),
            last_inbound: [(number.clone(), NOON)].into(),
            version: 1,
            ..Contact::new(
                TenantId::new("shop").unwrap(),
                ContactId(1),
                key.clone(),
                NOON,
            )
        };
        let content = Content::Text {
            body: text.to_owned(),
        };
        let message = Message {
            name: Some("Ana Lima".into()),
            ..Message::new(Wamid::new("wamid.1").unwrap(), key, NOON, content)
        };
        Self {
            message,
            contact,
            number,
            language: Language::new("pt").unwrap(),
            now: NOON,
        }
    }

    /// They tap a reply button.
    pub(crate) fn taps(id: &str, title: &str) -> Self {
        Self::says("").with(|scene| {
            scene.message.content = Content::Tap {
                id: id.into(),
                title: title.into(),
                origin: TapOrigin::Button,
            }
        })
    }

    /// They send a picture.
    pub(crate) fn pictures(caption: Option<&str>) -> Self {
        Self::says("").with(|scene| {
            scene.message.content = Content::Media(Media {
                caption: caption.map(str::to_owned),
                ..Media::new(MediaKind::Image)
            });
        })
    }

    /// With something else about it.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// They wrote before, so long ago.
    pub(crate) fn wrote(self, ago: Span) -> Self {
        self.with(|scene| scene.contact.previous_inbound = Some(scene.now.minus(ago)))
    }

    /// A rule answered them, so long ago.
    pub(crate) fn answered(self, rule: &str, ago: Span) -> Self {
        self.with(|scene| {
            scene
                .contact
                .fired
                .insert(RuleName::new(rule).unwrap(), scene.now.minus(ago));
        })
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
            now: self.now,
        }
    }

    pub(crate) fn search(&self, draft: &Draft) -> Search {
        draft.search(&self.facts(), 0)
    }

    /// The name of the rule that holds.
    pub(crate) fn rule<'a>(&self, draft: &'a Draft) -> &'a str {
        self.search(draft)
            .hit
            .and_then(|hit| draft.rules().get(hit.rule))
            .map_or("none", |rule| rule.name.as_str())
    }
}
