//! What a message carries. A kind that is not understood, or that lacks what makes it that kind, is kept raw.

mod card;
mod order;
pub(super) mod system;

use std::borrow::Cow;

use model::{ContactKey, Content, Form, Location, Media, MediaKind, TapOrigin};

use super::part::Part;
use super::stamp::stamp;
use super::{errors, lenient, message, tree, wording};

/// Reads the content of a message, which is an object, from or to a contact.
pub(super) fn read(message: Part<'_>, with: &ContactKey) -> Content {
    let kind = kind(message);
    // Each kind stands in a member of its name.
    let part = message.at(kind);
    let understood = match kind {
        "text" => part.at("body").text().map(|body| Content::Text {
            body: body.to_owned(),
        }),
        "button" => quick_reply(part),
        "interactive" => interactive(part),
        "location" => location(part).map(Content::Location),
        "contacts" => card::read(part),
        "reaction" => reaction(part),
        "order" => order::read(part).map(Content::Order),
        "edit" => edit(part),
        "revoke" => message::wamid(part.at("original_message_id"))
            .map(|original| Content::Revoke { original }),
        "request_welcome" => Some(Content::Welcome),
        "system" => system::read(part, with).map(Content::System),
        "unsupported" | "unknown" => Some(unsupported(message)),
        kind => MediaKind::parse(kind).and_then(|kind| media(kind, part)),
    };
    understood.unwrap_or_else(|| Content::Other {
        name: wording::kind(kind).into_owned(),
        raw: message.keep(),
    })
}

/// What a message says that it is; if it does not say, the first kind of which it has a part.
fn kind(message: Part<'_>) -> &str {
    const KINDS: [&str; 15] = [
        "text",
        "interactive",
        "button",
        "image",
        "video",
        "audio",
        "voice",
        "document",
        "sticker",
        "location",
        "contacts",
        "reaction",
        "order",
        "system",
        "unsupported",
    ];
    let said = message.at("type").words().map(str::trim);
    let has = |kind: &&str| message.at(kind).count() > 0;
    said.or_else(|| KINDS.into_iter().find(has)).unwrap_or("")
}

fn quick_reply(part: Part<'_>) -> Option<Content> {
    let (id, title) = (part.at("payload").own_words(), part.at("text").own_words());
    Some(Content::Tap {
        id: id.clone().or_else(|| title.clone())?,
        title: title.or(id)?,
        origin: TapOrigin::Template,
    })
}

fn interactive(part: Part<'_>) -> Option<Content> {
    tap(part.at("button_reply"), TapOrigin::Button)
        .or_else(|| tap(part.at("list_reply"), TapOrigin::Menu))
        .or_else(|| form(part.at("nfm_reply")).map(Content::Form))
        .or_else(|| call_permission(part.at("call_permission_reply")))
}

fn tap(reply: Part<'_>, origin: TapOrigin) -> Option<Content> {
    let (id, title) = (reply.at("id").own_label(), reply.at("title").own_words());
    let id = id.or_else(|| title.clone())?;
    let title = title.unwrap_or_else(|| id.clone());
    Some(Content::Tap { id, title, origin })
}

fn form(reply: Part<'_>) -> Option<Form> {
    let answers = reply.at("response_json");
    let answers = match answers.text() {
        // JSON within a string of JSON, as Meta sends it.
        Some(answers) => readable(answers)?.into_owned(),
        None => answers.is_object().then(|| answers.keep().to_string())?,
    };
    Some(Form {
        name: reply
            .at("name")
            .own_words()
            .unwrap_or_else(|| "flow".to_owned()),
        body: reply.at("body").own_words(),
        answers,
    })
}

/// The text if it is JSON, repaired if need be.
fn readable(json: &str) -> Option<Cow<'_, str>> {
    let is_json = |json: &str| tree::read(json).is_ok();
    if is_json(json) {
        return Some(Cow::Borrowed(json));
    }
    let repaired = lenient::repaired(json);
    is_json(&repaired).then_some(Cow::Owned(repaired))
}

fn call_permission(reply: Part<'_>) -> Option<Content> {
    let allowed = match reply.at("response").words()? {
        "accept" => true,
        "reject" => false,
        _ => return None,
    };
    Some(Content::CallPermission {
        allowed,
        until: stamp(reply.at("expiration_timestamp")),
    })
}

fn media(kind: MediaKind, part: Part<'_>) -> Option<Content> {
    if !part.is_object() {
        return None;
    }
    let is_voice = kind == MediaKind::Audio && part.at("voice").is_true();
    Some(Content::Media(Media {
        media: if is_voice { MediaKind::Voice } else { kind },
        id: part.at("id").own_label(),
        caption: part.at("caption").own_words(),
        mime_type: part.at("mime_type").own_words(),
        filename: part.at("filename").own_words(),
        sha256: part.at("sha256").own_words(),
        url: part.at("url").own_words(),
        animated: part.at("animated").is_true(),
    }))
}

fn location(part: Part<'_>) -> Option<Location> {
    Some(Location {
        latitude: degrees(part.at("latitude"), 90.0)?,
        longitude: degrees(part.at("longitude"), 180.0)?,
        name: part.at("name").own_words(),
        address: part.at("address").own_words(),
    })
}

fn degrees(part: Part<'_>, most: f64) -> Option<f64> {
    part.number()
        .filter(|degrees| (-most..=most).contains(degrees))
}

fn reaction(part: Part<'_>) -> Option<Content> {
    Some(Content::Reaction {
        message: message::wamid(part.at("message_id"))?,
        emoji: part.at("emoji").own_words(),
    })
}

fn edit(part: Part<'_>) -> Option<Content> {
    let edited = part.at("message");
    let part_of_kind = edited.at(kind(edited));
    Some(Content::Edit {
        original: message::wamid(part.at("original_message_id"))?,
        text: part_of_kind
            .at("body")
            .own_words()
            .or_else(|| part_of_kind.at("caption").own_words()),
    })
}

fn unsupported(message: Part<'_>) -> Content {
    let what = message.at("unsupported").at("type").words();
    Content::Unsupported {
        what: what.map(|what| wording::kind(what).into_owned()),
        error: errors::read(message.at("errors")).into_iter().next(),
    }
}

#[cfg(test)]
mod tests;
