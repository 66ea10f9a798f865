//! A turn as the plugin sees it.

use model::{Content, MediaKind, Permission, TapOrigin, Turn};

use crate::contract::types as wit;

/// How long WhatsApp lets a business answer freely.
const WINDOW_MS: i64 = 24 * 3_600_000;

/// A turn, with the bytes of its strings. Raw content longer than `string_bytes` stays behind.
pub(crate) fn turn(turn: &Turn, string_bytes: usize) -> (wit::Turn, Bytes) {
    let mut bytes = Bytes::default();
    let turn = wit::Turn {
        message: message(turn, string_bytes, &mut bytes),
        contact: contact(turn, &mut bytes),
        number: wit::Number {
            id: bytes.text(turn.number.as_str()),
            name: bytes.text(&turn.number_name),
        },
        rule: bytes.text(turn.rule.as_str()),
        language: bytes.text(turn.language.as_str()),
        languages: turn
            .languages
            .iter()
            .map(|language| bytes.text(language.as_str()))
            .collect(),
        now: turn.now.0,
        values: turn
            .values
            .iter()
            .map(|(name, text)| wit::Value {
                name: bytes.text(name),
                text: bytes.text(text),
            })
            .collect(),
        seed: turn.seed.to_vec(),
    };
    (turn, bytes)
}

/// Counts what it copies.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Bytes {
    /// Of all strings.
    pub(crate) all: usize,
    /// Of the longest.
    pub(crate) longest: usize,
}

impl Bytes {
    pub(crate) fn text(&mut self, text: &str) -> String {
        self.all = self.all.saturating_add(text.len());
        self.longest = self.longest.max(text.len());
        text.to_owned()
    }

    fn maybe<T: AsRef<str>>(&mut self, text: Option<T>) -> Option<String> {
        text.map(|text| self.text(text.as_ref()))
    }

    pub(crate) fn texts(&mut self, texts: &[String]) -> Vec<String> {
        texts.iter().map(|text| self.text(text)).collect()
    }
}

fn message(turn: &Turn, string_bytes: usize, bytes: &mut Bytes) -> wit::Message {
    let message = &turn.message;
    wit::Message {
        id: bytes.text(message.id.as_str()),
        sent_at: message.sent_at.0,
        content: content(&message.content, string_bytes, bytes),
        quoting: bytes.maybe(message.quoting.as_ref().map(|id| id.as_str())),
        forwarded: message.forwarded,
        ad: message.ad.as_ref().map(|ad| wit::Ad {
            id: bytes.text(&ad.id),
            url: bytes.maybe(ad.url.as_ref()),
            headline: bytes.maybe(ad.headline.as_ref()),
        }),
    }
}

fn contact(turn: &Turn, bytes: &mut Bytes) -> wit::Contact {
    let contact = &turn.contact;
    let last_inbound = contact.last_inbound.get(&turn.number);
    wit::Contact {
        id: bytes.text(&contact.id.to_string()),
        name: bytes.maybe(contact.name.as_ref()),
        phone: bytes.maybe(contact.key.phone().map(|phone| phone.as_str())),
        user_id: bytes.maybe(contact.key.user().map(|user| user.as_str())),
        language: bytes.maybe(contact.language.as_ref().map(|language| language.as_str())),
        tags: contact.tags.iter().map(|tag| bytes.text(tag)).collect(),
        everything: permission(contact.consent.everything),
        marketing: permission(contact.consent.marketing),
        first_seen: contact.first_seen.0,
        last_seen: contact.previous_inbound.map(|moment| moment.0),
        window_ends: last_inbound.map(|moment| moment.0.saturating_add(WINDOW_MS)),
        last_desk: bytes.maybe(contact.last_desk.as_ref().map(|desk| desk.as_str())),
    }
}

fn content(content: &Content, string_bytes: usize, bytes: &mut Bytes) -> wit::Content {
    match content {
        Content::Text { body } => wit::Content::Text(bytes.text(body)),
        Content::Tap { id, title, origin } => wit::Content::Tap(wit::Tap {
            id: bytes.text(id),
            title: bytes.text(title),
            origin: match origin {
                TapOrigin::Button => wit::TapOrigin::Button,
                TapOrigin::Menu => wit::TapOrigin::Menu,
                TapOrigin::Template => wit::TapOrigin::Template,
            },
        }),
        Content::Media(media) => wit::Content::Media(wit::Media {
            kind: media_kind(media.media),
            id: bytes.maybe(media.id.as_ref()),
            caption: bytes.maybe(media.caption.as_ref()),
            mime_type: bytes.maybe(media.mime_type.as_ref()),
            filename: bytes.maybe(media.filename.as_ref()),
            sha256: bytes.maybe(media.sha256.as_ref()),
        }),
        Content::Location(place) => wit::Content::Location(wit::Location {
            latitude: place.latitude,
            longitude: place.longitude,
            name: bytes.maybe(place.name.as_ref()),
            address: bytes.maybe(place.address.as_ref()),
        }),
        Content::Contacts { cards } => wit::Content::Contacts(
            cards
                .iter()
                .map(|card| wit::Card {
                    name: bytes.text(&card.name),
                    phones: bytes.texts(&card.phones),
                    emails: bytes.texts(&card.emails),
                    organization: bytes.maybe(card.organization.as_ref()),
                })
                .collect(),
        ),
        Content::Form(form) => wit::Content::Form(wit::Form {
            name: bytes.text(&form.name),
            body: bytes.maybe(form.body.as_ref()),
            answers: bytes.text(&form.answers),
        }),
        Content::Reaction { message, emoji } => wit::Content::Reaction(wit::Reaction {
            message: Some(bytes.text(message.as_str())),
            emoji: bytes.maybe(emoji.as_ref()),
        }),
        Content::Order(order) => wit::Content::Order(wit::Order {
            catalog: bytes.text(&order.catalog),
            text: bytes.maybe(order.text.as_ref()),
            items: order
                .items
                .iter()
                .map(|item| wit::OrderItem {
                    product: bytes.text(&item.product),
                    quantity: item.quantity,
                    price: bytes.maybe(item.price.as_ref()),
                    currency: bytes.maybe(item.currency.as_ref()),
                })
                .collect(),
        }),
        Content::Edit { original, text } => wit::Content::Edit(wit::Edit {
            original: bytes.text(original.as_str()),
            text: bytes.maybe(text.as_ref()),
        }),
        Content::Revoke { original } => wit::Content::Revoke(bytes.text(original.as_str())),
        Content::Welcome => wit::Content::Welcome,
        Content::Unsupported { what, .. } => wit::Content::Unsupported(bytes.maybe(what.as_ref())),
        Content::Other { name, raw } => {
            let raw = Some(raw.to_string()).filter(|raw| raw.len() <= string_bytes);
            wit::Content::Other(wit::OtherContent {
                name: bytes.text(name),
                raw: bytes.maybe(raw),
            })
        }
        // Kinds that the contract's first version has no type for.
        Content::CallPermission { .. } | Content::System(_) => {
            wit::Content::Other(wit::OtherContent {
                name: bytes.text(content.kind()),
                raw: bytes.maybe(serde_json::to_string(content).ok()),
            })
        }
    }
}

fn media_kind(kind: MediaKind) -> wit::MediaKind {
    match kind {
        MediaKind::Image => wit::MediaKind::Image,
        MediaKind::Video => wit::MediaKind::Video,
        MediaKind::Audio => wit::MediaKind::Audio,
        MediaKind::Voice => wit::MediaKind::Voice,
        MediaKind::Document => wit::MediaKind::Document,
        MediaKind::Sticker => wit::MediaKind::Sticker,
    }
}

fn permission(permission: Permission) -> wit::Permission {
    match permission {
        Permission::Unasked => wit::Permission::Unasked,
        Permission::In(since) => wit::Permission::OptedIn(since.0),
        Permission::Out(since) => wit::Permission::OptedOut(since.0),
    }
}
