//! Files.

use model::{MediaKind, MediaSource, OutgoingMedia};
use serde_json::{Value, json};

use super::members;

/// WhatsApp's name of the kind, and the object of that name.
pub(super) fn media(media: &OutgoingMedia) -> (&'static str, Value) {
    let (key, source) = source(&media.source);
    let object = members([
        (key, Some(source)),
        ("caption", media.caption.as_ref().map(|text| json!(text))),
        ("filename", media.filename.as_ref().map(|name| json!(name))),
    ]);
    (kind(media.media), object)
}

/// The name of the member that says where a file is taken from, and its value.
pub(super) fn source(source: &MediaSource) -> (&'static str, Value) {
    match source {
        MediaSource::Id(id) => ("id", json!(id)),
        MediaSource::Link(url) => ("link", json!(url)),
    }
}

/// What WhatsApp calls it: going out, a voice note is a sound like any other.
pub(super) fn kind(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Voice => MediaKind::Audio.word(),
        other => other.word(),
    }
}
