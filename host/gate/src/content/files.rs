//! Files, and the addresses where WhatsApp or the contact finds something.

use model::{MediaKind, MediaSource, OutgoingMedia};

use super::{at_most, filled, line, lines, opaque};
use crate::limits;

pub(super) fn media(media: &OutgoingMedia) -> Result<(), String> {
    let kind = media.media;
    source(&media.source)?;
    if let Some(caption) = &media.caption {
        if !matches!(
            kind,
            MediaKind::Image | MediaKind::Video | MediaKind::Document
        ) {
            return Err(format!(
                "a caption beneath {}, and only images, videos and documents have one",
                one(kind)
            ));
        }
        lines("the caption", caption, limits::CAPTION_CHARS)?;
    }
    match &media.filename {
        Some(_) if kind != MediaKind::Document => Err(format!(
            "a file name for {}, and only documents have one",
            one(kind)
        )),
        Some(name) => line("the file name", name, limits::FILENAME_CHARS),
        None => Ok(()),
    }
}

pub(super) fn source(source: &MediaSource) -> Result<(), String> {
    match source {
        MediaSource::Id(id) => opaque("the file's id", id, limits::MEDIA_ID_CHARS),
        MediaSource::Link(url) => address("the file's link", url),
    }
}

/// `https://host…`, without a name and password: whoever receives it would read them.
pub(super) fn address(what: &str, url: &str) -> Result<(), String> {
    filled(what, url, limits::URL_CHARS)?;
    if url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!("{what} holds a blank or a control character"));
    }
    let scheme = url.get(..8).filter(|s| s.eq_ignore_ascii_case("https://"));
    let Some(rest) = scheme.and_then(|scheme| url.get(scheme.len()..)) else {
        return Err(format!("{what} does not begin with https://"));
    };
    // Some readers take it for a slash and some for a letter: they would not agree on the host.
    if rest.contains('\\') {
        return Err(format!("{what} holds a backslash"));
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    if authority.contains('@') {
        return Err(format!("{what} has a name or password before its host"));
    }
    if is_host(authority) {
        Ok(())
    } else {
        Err(format!("{what} has no host that could be asked"))
    }
}

/// A name or an IPv4 address, perhaps with a port. What only looks like a name fails where it is asked for.
fn is_host(authority: &str) -> bool {
    let (host, port) = authority
        .split_once(':')
        .map_or((authority, None), |(host, port)| (host, Some(port)));
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let named = !host.is_empty()
        && host
            .trim_end_matches('.')
            .split('.')
            .all(|label| !label.is_empty() && label.chars().all(fits));
    named && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// The end of an address, which a template puts behind its beginning.
pub(super) fn address_end(what: &str, end: &str) -> Result<(), String> {
    at_most(what, end, limits::URL_CHARS)?;
    opaque(what, end, limits::URL_CHARS)
}

pub(super) fn one(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Image => "an image",
        MediaKind::Video => "a video",
        MediaKind::Audio => "a sound",
        MediaKind::Voice => "a voice note",
        MediaKind::Document => "a document",
        MediaKind::Sticker => "a sticker",
    }
}
