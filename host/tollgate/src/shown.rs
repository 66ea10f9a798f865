//! Messages in words, one line each: what a contact sent, and what we send. The terminal's commands all say it this way.
//!
//! Whatever a contact or a plugin wrote is tamed first: a line stays one line, and no terminal obeys it.

use std::fmt::Write;

use model::{
    Card, Content, Form, Frame, Location, Media, MediaKind, MediaSource, Menu, MenuSection,
    Message, Moment, NetworkError, Order, Outgoing, OutgoingMedia, System, TapOrigin, Template,
    TemplateButtonFill, TemplateHeader,
};
use serde_json::Value;

/// A contact's message: its kind and words, and what stands around it.
pub(crate) fn message(message: &Message) -> String {
    let mut text = content(&message.content);
    if message.group.is_some() {
        text.push_str(" · in a group");
    }
    if message.forwarded_often {
        text.push_str(" · forwarded many times");
    } else if message.forwarded {
        text.push_str(" · forwarded");
    }
    if let Some(product) = &message.product {
        let _ = write!(text, " · about the product {}", tame(&product.product));
    }
    if let Some(ad) = &message.ad {
        let headline = ad
            .headline
            .as_deref()
            .map_or_else(String::new, |headline| format!("{} ", quoted(headline)));
        let place = tame(ad.url.as_deref().unwrap_or(&ad.id));
        let _ = write!(text, " · from the ad {headline}({place})");
    }
    if let Some(quoting) = &message.quoting {
        let _ = write!(text, " · a reply to {}", tame(quoting.as_str()));
    }
    text
}

/// What a contact sent. Only a contact's own words stand in quotation marks.
pub(crate) fn content(content: &Content) -> String {
    match content {
        Content::Text { body } => quoted(body),
        Content::Tap { id, title, origin } => {
            let place = match origin {
                TapOrigin::Button => "a button",
                TapOrigin::Menu => "a row of a menu",
                TapOrigin::Template => "a template's button",
            };
            format!("[tap on {place}] {} ({})", quoted(title), tame(id))
        }
        Content::Media(media) => incoming_media(media),
        Content::Location(place) => format!("[location] {}", location(place)),
        Content::Contacts { cards } => format!("[contacts] {}", listed(cards.iter().map(card))),
        Content::Form(form) => filled_in(form),
        Content::Reaction { message, emoji } => match emoji {
            Some(emoji) => format!("[reaction] {} on {}", tame(emoji), tame(message.as_str())),
            None => format!("[reaction] taken away from {}", tame(message.as_str())),
        },
        Content::Order(order) => basket(order),
        Content::Edit { original, text } => {
            let now = text
                .as_deref()
                .map_or_else(String::new, |text| format!(", now {}", quoted(text)));
            format!("[edit] of {}{now}", tame(original.as_str()))
        }
        Content::Revoke { original } => format!("[revoke] of {}", tame(original.as_str())),
        Content::Welcome => "[welcome] the chat was opened, and nothing written yet".to_owned(),
        Content::Unsupported { what, error } => joined([
            "[unsupported]".to_owned(),
            what.as_deref().map(tame).unwrap_or_default(),
            error
                .as_ref()
                .map(|error| format!("({})", network_error(error)))
                .unwrap_or_default(),
        ]),
        Content::CallPermission { allowed, until } => call_permission(*allowed, *until),
        Content::System(told) => system(told),
        Content::Other { name, .. } => format!("[{}] kept as it came", tame(name)),
    }
}

fn call_permission(allowed: bool, until: Option<Moment>) -> String {
    match (allowed, until.and_then(moment)) {
        (true, Some(until)) => format!("[call permission] the business may call until {until}"),
        (true, None) => "[call permission] the business may call".to_owned(),
        (false, _) => "[call permission] the business may not call".to_owned(),
    }
}

/// What WhatsApp itself tells; its sentence is nobody's own words.
fn system(told: &System) -> String {
    let now = told
        .now_known_by
        .as_ref()
        .map_or_else(String::new, |key| format!("(now {})", key.masked()));
    let body = told.body.as_deref().map(tame).unwrap_or_default();
    joined([format!("[system] {}", tame(&told.event)), body, now])
}

/// What the network says went wrong.
pub(crate) fn network_error(error: &NetworkError) -> String {
    let details = error.details.as_deref().map(tame);
    let details = details
        .filter(|details| *details != error.title)
        .map_or_else(String::new, |details| format!(": {details}"));
    format!("{} {}{details}", error.code, tame(&error.title))
}

/// A moment as RFC 3339 has it, in UTC; nothing if it lies beyond all calendars.
pub(crate) fn moment(at: Moment) -> Option<String> {
    let stamp = jiff::Timestamp::from_millisecond(at.0).ok()?;
    Some(stamp.to_string())
}

/// What we send. Bare words are a text; any other kind stands in brackets.
pub(crate) fn outgoing(message: &Outgoing) -> String {
    outgoing_to(message, usize::MAX)
}

/// The same, with at most so many characters of the message's own words.
pub(crate) fn outgoing_to(message: &Outgoing, most: usize) -> String {
    let words = |text: &str| shortened(&tame(text), most);
    match message {
        Outgoing::Text { body } => words(body),
        Outgoing::Buttons {
            body,
            buttons,
            frame,
        } => {
            let titles = buttons
                .iter()
                .map(|button| format!("[{}]", tame(&button.title)));
            framed(
                "buttons",
                &words(body),
                frame,
                &titles.collect::<Vec<_>>().join(" "),
            )
        }
        Outgoing::Menu(menu) => framed("menu", &words(&menu.body), &menu.frame, &rows(menu)),
        Outgoing::Link(link) => {
            let button = format!("[{}] → {}", tame(&link.label), tame(&link.url));
            framed("link", &words(&link.body), &link.frame, &button)
        }
        Outgoing::Media(media) => {
            let caption = media.caption.as_deref().map(words).unwrap_or_default();
            joined([file(media), caption])
        }
        Outgoing::Template(filled) => template(filled, words),
        Outgoing::Location(place) => format!("[location] {}", location(place)),
        Outgoing::Contacts { cards } => format!("[contacts] {}", listed(cards.iter().map(card))),
        Outgoing::Reaction { message, emoji } if emoji.is_empty() => {
            format!("[reaction] taken away from {}", tame(message.as_str()))
        }
        Outgoing::Reaction { message, emoji } => {
            format!("[reaction] {} on {}", tame(emoji), tame(message.as_str()))
        }
    }
}

fn incoming_media(media: &Media) -> String {
    let name = media.filename.as_deref().map(tame).unwrap_or_default();
    let caption = media.caption.as_deref().map(quoted).unwrap_or_default();
    let sort = media
        .mime_type
        .as_deref()
        .map_or_else(String::new, |sort| format!("({})", tame(sort)));
    joined([media_kind(media.media), name, caption, sort])
}

/// Name, address, and degrees with the sides of the world.
pub(crate) fn location(place: &Location) -> String {
    let degrees = format!("{}, {}", place.latitude, place.longitude);
    let told = [&place.name, &place.address].into_iter().flatten();
    listed(told.map(|part| tame(part)).chain([degrees]))
}

/// A card: the name, and all that stands on it.
pub(crate) fn card(card: &Card) -> String {
    let all: Vec<String> = card
        .organization
        .iter()
        .chain(&card.phones)
        .chain(&card.emails)
        .map(|part| tame(part))
        .collect();
    if all.is_empty() {
        tame(&card.name)
    } else {
        format!("{} ({})", tame(&card.name), all.join(", "))
    }
}

fn filled_in(form: &Form) -> String {
    let answers = match serde_json::from_str(&form.answers) {
        Ok(Value::Object(answers)) => listed(answers.iter().map(|(question, answer)| {
            let answer = match answer {
                Value::String(words) => quoted(words),
                other => tame(&other.to_string()),
            };
            format!("{} = {answer}", tame(question))
        })),
        // What is no object is still what the contact sent.
        _ => tame(&form.answers),
    };
    joined([format!("[form] {}:", tame(&form.name)), answers])
}

fn basket(order: &Order) -> String {
    let lines = order.items.iter().map(|item| {
        let price = [&item.price, &item.currency].into_iter().flatten();
        let price = price.map(|part| tame(part)).collect::<Vec<_>>().join(" ");
        let at = if price.is_empty() { "" } else { " at " };
        format!("{} × {}{at}{price}", item.quantity, tame(&item.product))
    });
    let words = order.text.as_deref().map(quoted).unwrap_or_default();
    let catalog = match order.catalog.as_str() {
        "" => String::new(),
        catalog => format!("(catalogue {})", tame(catalog)),
    };
    joined(["[order]".to_owned(), listed(lines), words, catalog])
}

fn rows(menu: &Menu) -> String {
    let section = |section: &MenuSection| {
        let title = section
            .title
            .as_deref()
            .map_or_else(String::new, |title| format!("{}: ", tame(title)));
        let rows = section.rows.iter().map(|row| match &row.description {
            Some(description) => format!("{} ({})", tame(&row.title), tame(description)),
            None => tame(&row.title),
        });
        format!("{title}{}", listed(rows))
    };
    let sections: Vec<String> = menu.sections.iter().map(section).collect();
    format!("[{}] → {}", tame(&menu.label), sections.join("; "))
}

/// What sort of file, its name, and where it comes from.
pub(crate) fn file(media: &OutgoingMedia) -> String {
    let name = media.filename.as_deref().map(tame).unwrap_or_default();
    joined([media_kind(media.media), name, source(&media.source)])
}

fn media_kind(kind: MediaKind) -> String {
    match kind {
        MediaKind::Voice => "[voice note]".to_owned(),
        other => format!("[{}]", other.word()),
    }
}

fn source(source: &MediaSource) -> String {
    match source {
        MediaSource::Id(id) => format!("(file {})", tame(id)),
        MediaSource::Link(url) => format!("({})", tame(url)),
    }
}

fn template(template: &Template, words: impl Fn(&str) -> String) -> String {
    let name = format!(
        "[template] {} ({})",
        tame(&template.name),
        tame(&template.language)
    );
    let header = template.header.as_ref().map(template_header);
    let parameters = template
        .parameters
        .iter()
        .zip(1..)
        .map(|(parameter, place)| {
            let place = parameter
                .name
                .as_deref()
                .map_or_else(|| format!("{place}"), tame);
            format!("{place} = {}", words(&parameter.text))
        });
    let buttons = template
        .buttons
        .iter()
        .map(|button| template_button(button.index, &button.fill));
    let parts: Vec<String> = header
        .into_iter()
        .chain(parameters)
        .chain(buttons)
        .collect();
    if parts.is_empty() {
        name
    } else {
        format!("{name}: {}", parts.join(", "))
    }
}

/// What fills a template's header.
pub(crate) fn template_header(header: &TemplateHeader) -> String {
    match header {
        TemplateHeader::Text(text) => format!("header = {}", tame(text)),
        TemplateHeader::Media(kind, from) => {
            format!("header = {} {}", media_kind(*kind), source(from))
        }
    }
}

/// What fills one of its buttons; people count from 1.
pub(crate) fn template_button(index: u8, fill: &TemplateButtonFill) -> String {
    let place = u16::from(index) + 1;
    match fill {
        TemplateButtonFill::Payload(payload) => format!("button {place} = {}", tame(payload)),
        TemplateButtonFill::UrlSuffix(end) => format!("button {place} → …{}", tame(end)),
    }
}

fn framed(kind: &str, body: &str, frame: &Frame, taps: &str) -> String {
    let part = |part: &Option<String>| part.as_deref().map(tame).filter(|part| !part.is_empty());
    let lines = [
        part(&frame.header),
        Some(body.to_owned()),
        part(&frame.footer),
    ];
    let words = lines.into_iter().flatten().collect::<Vec<_>>().join(" / ");
    joined([format!("[{kind}]"), words, taps.to_owned()])
}

fn joined(parts: impl IntoIterator<Item = String>) -> String {
    let there = parts.into_iter().filter(|part| !part.is_empty());
    there.collect::<Vec<_>>().join(" ")
}

fn listed(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

/// Somebody's words, told from ours.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", tame(text).replace('"', "\\\""))
}

/// At most so many characters.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    }
}

/// Text of others as one line that no terminal obeys: line breaks become spaces, and what would move the cursor, change
/// colours or turn the direction of writing is spelt out.
pub(crate) fn tame(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' if line.ends_with(' ') => {}
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => line.push(' '),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => line.extend(c.escape_default()),
            c if c.is_control() => line.extend(c.escape_default()),
            // Joiners and variation selectors are no controls, and stay: emoji are made of them.
            c => line.push(c),
        }
    }
    line
}

#[cfg(test)]
pub(crate) mod tests;
