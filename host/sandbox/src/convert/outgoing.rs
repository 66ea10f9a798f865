//! A message that a plugin wants sent.

use model::{Card, Frame, Location, MediaKind, MediaSource, Outgoing, TemplateCategory, Wamid};

use crate::contract::types as wit;

/// The message, unless it names a message by an id that is none. A reaction that names none is to `turn`'s.
pub(crate) fn outgoing(message: wit::Outgoing, turn: Option<&Wamid>) -> Result<Outgoing, String> {
    Ok(match message {
        wit::Outgoing::Text(body) => Outgoing::Text { body },
        wit::Outgoing::Buttons(message) => Outgoing::Buttons {
            body: message.body,
            buttons: message
                .buttons
                .into_iter()
                .map(|wit::Button { id, title }| model::Button { id, title })
                .collect(),
            frame: frame(message.header, message.footer),
        },
        wit::Outgoing::Menu(menu) => Outgoing::Menu(model::Menu {
            body: menu.body,
            label: menu.label,
            sections: menu.sections.into_iter().map(section).collect(),
            frame: frame(menu.header, menu.footer),
        }),
        wit::Outgoing::Link(link) => Outgoing::Link(model::Link {
            body: link.body,
            label: link.label,
            url: link.url,
            frame: frame(link.header, link.footer),
        }),
        wit::Outgoing::Media(file) => Outgoing::Media(model::OutgoingMedia {
            media: media_kind(file.kind),
            source: source(file.source),
            caption: file.caption,
            filename: file.filename,
        }),
        wit::Outgoing::Template(filled) => Outgoing::Template(template(filled)),
        wit::Outgoing::Location(place) => Outgoing::Location(Location {
            latitude: place.latitude,
            longitude: place.longitude,
            name: place.name,
            address: place.address,
        }),
        wit::Outgoing::Contacts(cards) => Outgoing::Contacts {
            cards: cards.into_iter().map(card).collect(),
        },
        wit::Outgoing::Reaction(reaction) => Outgoing::Reaction {
            message: match (reaction.message, turn) {
                (Some(id), _) => Wamid::new(id).map_err(|error| error.to_string())?,
                (None, Some(turn)) => turn.clone(),
                (None, None) => return Err("there is no message to react to".to_owned()),
            },
            emoji: reaction.emoji.unwrap_or_default(),
        },
    })
}

fn frame(header: Option<String>, footer: Option<String>) -> Frame {
    Frame { header, footer }
}

fn section(section: wit::MenuSection) -> model::MenuSection {
    let row = |row: wit::MenuRow| model::MenuRow {
        id: row.id,
        title: row.title,
        description: row.description,
    };
    model::MenuSection {
        title: section.title,
        rows: section.rows.into_iter().map(row).collect(),
    }
}

fn template(template: wit::Template) -> model::Template {
    let header = template.header.map(|header| match header {
        wit::TemplateHeader::Text(text) => model::TemplateHeader::Text(text),
        wit::TemplateHeader::Media(file) => {
            model::TemplateHeader::Media(media_kind(file.kind), source(file.source))
        }
    });
    let parameter = |parameter: wit::TemplateParameter| model::TemplateParameter {
        name: parameter.name,
        text: parameter.text,
    };
    let button = |button: wit::TemplateButton| model::TemplateButton {
        index: button.index,
        fill: match button.fill {
            wit::TemplateButtonFill::Payload(text) => model::TemplateButtonFill::Payload(text),
            wit::TemplateButtonFill::UrlSuffix(text) => model::TemplateButtonFill::UrlSuffix(text),
        },
    };
    model::Template {
        name: template.name,
        language: template.language,
        category: match template.category {
            wit::TemplateCategory::Marketing => TemplateCategory::Marketing,
            wit::TemplateCategory::Utility => TemplateCategory::Utility,
            wit::TemplateCategory::Authentication => TemplateCategory::Authentication,
        },
        header,
        parameters: template.parameters.into_iter().map(parameter).collect(),
        buttons: template.buttons.into_iter().map(button).collect(),
    }
}

fn media_kind(kind: wit::MediaKind) -> MediaKind {
    match kind {
        wit::MediaKind::Image => MediaKind::Image,
        wit::MediaKind::Video => MediaKind::Video,
        wit::MediaKind::Audio => MediaKind::Audio,
        wit::MediaKind::Voice => MediaKind::Voice,
        wit::MediaKind::Document => MediaKind::Document,
        wit::MediaKind::Sticker => MediaKind::Sticker,
    }
}

fn source(source: wit::MediaSource) -> MediaSource {
    match source {
        wit::MediaSource::Id(id) => MediaSource::Id(id),
        wit::MediaSource::Link(url) => MediaSource::Link(url),
    }
}

fn card(card: wit::Card) -> Card {
    Card {
        name: card.name,
        phones: card.phones,
        emails: card.emails,
        organization: card.organization,
    }
}

/// The bytes of its strings.
pub(crate) fn outgoing_bytes(message: &wit::Outgoing) -> usize {
    match message {
        wit::Outgoing::Text(body) => body.len(),
        wit::Outgoing::Buttons(message) => {
            let buttons = message
                .buttons
                .iter()
                .map(|button| button.id.len() + button.title.len());
            message.body.len()
                + buttons.sum::<usize>()
                + maybe(&message.header)
                + maybe(&message.footer)
        }
        wit::Outgoing::Menu(menu) => {
            let rows = menu.sections.iter().flat_map(|section| &section.rows);
            let rows = rows.map(|row| row.id.len() + row.title.len() + maybe(&row.description));
            let titles = menu.sections.iter().map(|section| maybe(&section.title));
            menu.body.len()
                + menu.label.len()
                + rows.sum::<usize>()
                + titles.sum::<usize>()
                + maybe(&menu.header)
                + maybe(&menu.footer)
        }
        wit::Outgoing::Link(link) => {
            link.body.len()
                + link.label.len()
                + link.url.len()
                + maybe(&link.header)
                + maybe(&link.footer)
        }
        wit::Outgoing::Media(file) => {
            source_bytes(&file.source) + maybe(&file.caption) + maybe(&file.filename)
        }
        wit::Outgoing::Template(template) => template_bytes(template),
        wit::Outgoing::Location(place) => maybe(&place.name) + maybe(&place.address),
        wit::Outgoing::Contacts(cards) => cards.iter().map(card_bytes).sum(),
        wit::Outgoing::Reaction(reaction) => maybe(&reaction.message) + maybe(&reaction.emoji),
    }
}

fn template_bytes(template: &wit::Template) -> usize {
    let header = match &template.header {
        Some(wit::TemplateHeader::Text(text)) => text.len(),
        Some(wit::TemplateHeader::Media(file)) => source_bytes(&file.source),
        None => 0,
    };
    let parameters = template
        .parameters
        .iter()
        .map(|parameter| maybe(&parameter.name) + parameter.text.len());
    let buttons = template.buttons.iter().map(|button| match &button.fill {
        wit::TemplateButtonFill::Payload(text) | wit::TemplateButtonFill::UrlSuffix(text) => {
            text.len()
        }
    });
    template.name.len()
        + template.language.len()
        + header
        + parameters.sum::<usize>()
        + buttons.sum::<usize>()
}

fn source_bytes(source: &wit::MediaSource) -> usize {
    match source {
        wit::MediaSource::Id(text) | wit::MediaSource::Link(text) => text.len(),
    }
}

fn card_bytes(card: &wit::Card) -> usize {
    let texts = card.phones.iter().chain(&card.emails);
    card.name.len() + texts.map(String::len).sum::<usize>() + maybe(&card.organization)
}

fn maybe(text: &Option<String>) -> usize {
    text.as_ref().map_or(0, String::len)
}
