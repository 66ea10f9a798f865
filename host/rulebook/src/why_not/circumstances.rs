//! Message, contact and time as they might be: changes are made in thought.

use model::{
    Ad, Channel, Contact, ContactKey, Content, Language, Media, MediaKind, Message, Moment,
    NumberId, Order, Phone, RuleCount, TapOrigin, Wamid,
};

use crate::why_not::Remedy;
use crate::{Facts, countries};

/// What a search would know: [`Facts`] of its own, to be changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Circumstances {
    /// What would arrive.
    pub message: Message,
    /// From whom.
    pub contact: Contact,
    /// On which number.
    pub number: NumberId,
    /// What people call that number.
    pub number_name: String,
    /// The contact's language.
    pub language: Language,
    /// The network.
    pub channel: Channel,
    /// How often rules have answered all contacts together.
    pub counts: Vec<RuleCount>,
    /// When.
    pub now: Moment,
}

impl Circumstances {
    /// Those of a search.
    #[must_use]
    pub fn new(facts: &Facts<'_>) -> Self {
        Self {
            message: facts.message.clone(),
            contact: facts.contact.clone(),
            number: facts.number.clone(),
            number_name: facts.number_name.to_owned(),
            language: facts.language.clone(),
            channel: facts.channel.clone(),
            counts: facts.counts.to_vec(),
            now: facts.now,
        }
    }

    /// As a search sees it.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            message: &self.message,
            contact: &self.contact,
            number: &self.number,
            number_name: &self.number_name,
            language: &self.language,
            channel: &self.channel,
            counts: &self.counts,
            now: self.now,
        }
    }

    /// Makes all of these changes.
    pub fn make<'a>(&mut self, remedies: impl IntoIterator<Item = &'a Remedy>) {
        let mut remedies: Vec<_> = remedies.into_iter().collect();
        remedies.sort_by_key(|remedy| remedy.rank());
        for remedy in remedies {
            self.make_one(remedy);
        }
    }

    fn make_one(&mut self, remedy: &Remedy) {
        match remedy {
            Remedy::At { at } => {
                self.now = *at;
                self.message.sent_at = *at;
            }
            Remedy::Send { kind } => {
                let words = self.message.content.words().map(str::to_owned);
                if let Some(content) = of_kind(kind, words) {
                    self.message.content = content;
                }
            }
            Remedy::Tap { id, title, menu } => {
                self.message.content = Content::Tap {
                    id: id.clone(),
                    title: title.clone(),
                    origin: if *menu {
                        TapOrigin::Menu
                    } else {
                        TapOrigin::Button
                    },
                }
            }
            Remedy::Say { text } => say(&mut self.message.content, text),
            Remedy::Speak { language } => self.language = language.clone(),
            Remedy::Tag { tag } => drop(self.contact.tags.insert(tag.clone())),
            Remedy::Untag { tags } => self.contact.tags.retain(|tag| !tags.contains(tag)),
            Remedy::Number { number } => self.number = number.clone(),
            Remedy::Country { country } => {
                let phone = countries::example(country).and_then(|digits| Phone::new(digits).ok());
                if let Some(phone) = phone {
                    self.contact.key = match &self.contact.key {
                        ContactKey::User(user) | ContactKey::Both(_, user) => {
                            ContactKey::Both(phone, user.clone())
                        }
                        ContactKey::Phone(_) => ContactKey::Phone(phone),
                    };
                }
            }
            Remedy::Ad { ad } => {
                self.message.ad = ad.as_ref().map(|id| Ad {
                    id: id.clone(),
                    ..Ad::default()
                });
            }
            Remedy::AnsweredBy { rule } => {
                self.contact.last_rule = Some((rule.clone(), self.now));
            }
            Remedy::Quote { quoting } => {
                self.message.quoting = quoting.then(|| self.message.id.clone());
            }
            Remedy::NeverWrote => self.contact.previous_inbound = None,
            Remedy::Over { channel } => self.channel = channel.clone(),
        }
    }
}

/// Puts other words into a message, where its kind has any.
fn say(content: &mut Content, text: &str) {
    match content {
        Content::Text { body } => text.clone_into(body),
        Content::Tap { title, .. } => text.clone_into(title),
        Content::Media(media) => media.caption = Some(text.to_owned()),
        Content::Order(order) => order.text = Some(text.to_owned()),
        Content::Edit { text: words, .. } => *words = Some(text.to_owned()),
        // What has no words was a message without any: then it is one that has.
        _ => {}
    }
}

/// A message of a kind, with these words where the kind has words; none of kinds that WhatsApp alone makes.
fn of_kind(kind: &str, words: Option<String>) -> Option<Content> {
    if let Some(media) = MediaKind::parse(kind) {
        return Some(Content::Media(Media {
            caption: words,
            ..Media::new(media)
        }));
    }
    let earlier = || Wamid::new("wamid.earlier").ok();
    let tap = |origin| Content::Tap {
        id: String::new(),
        title: words.clone().unwrap_or_default(),
        origin,
    };
    Some(match kind {
        "text" => Content::Text {
            body: words.unwrap_or_default(),
        },
        "button" => tap(TapOrigin::Button),
        "menu" => tap(TapOrigin::Menu),
        "location" => Content::Location(model::Location {
            latitude: 0.0,
            longitude: 0.0,
            name: None,
            address: None,
        }),
        "contacts" => Content::Contacts { cards: Vec::new() },
        "form" => Content::Form(model::Form {
            name: String::new(),
            body: None,
            answers: String::new(),
        }),
        "reaction" => Content::Reaction {
            message: earlier()?,
            emoji: Some("❤".to_owned()),
        },
        "order" => Content::Order(Order {
            catalog: String::new(),
            text: words,
            items: Vec::new(),
        }),
        "edit" => Content::Edit {
            original: earlier()?,
            text: words,
        },
        "revoke" => Content::Revoke {
            original: earlier()?,
        },
        "welcome" => Content::Welcome,
        _ => return None,
    })
}
