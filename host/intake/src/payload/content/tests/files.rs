//! Files of every sort.

use model::{Media, MediaKind};
use serde_json::json;

use super::*;

#[test]
fn a_file_has_its_kind_and_whatever_else_is_known() {
    let file = |media| Media {
        media,
        id: some("77"),
        caption: None,
        mime_type: some("a/b"),
        filename: None,
        sha256: some("abc="),
        url: some("https://files.example/77"),
        animated: false,
    };
    let part = |extra: Json| {
        let mut part = json!({ "id": "77", "mime_type": "a/b", "sha256": "abc=", "url": "https://files.example/77" });
        part.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        part
    };
    let captioned = |media| Media {
        caption: some("look"),
        ..file(media)
    };
    for (kind, extra, expected) in [
        (
            "image",
            json!({ "caption": "look" }),
            captioned(MediaKind::Image),
        ),
        (
            "video",
            json!({ "caption": "look" }),
            captioned(MediaKind::Video),
        ),
        ("audio", json!({ "voice": true }), file(MediaKind::Voice)),
        ("voice", json!({}), file(MediaKind::Voice)),
        ("audio", json!({ "voice": false }), file(MediaKind::Audio)),
        ("audio", json!({ "voice": "true" }), file(MediaKind::Audio)),
        (
            "sticker",
            json!({ "animated": true }),
            Media {
                animated: true,
                ..file(MediaKind::Sticker)
            },
        ),
        (
            "document",
            json!({ "caption": "look", "filename": "bill.pdf" }),
            Media {
                filename: some("bill.pdf"),
                ..captioned(MediaKind::Document)
            },
        ),
        (
            "image",
            json!({ "caption": "", "filename": null }),
            file(MediaKind::Image),
        ),
        ("image", json!({ "caption": [1] }), file(MediaKind::Image)),
    ] {
        check(kind, &part(extra), &Content::Media(expected));
    }
    for kind in ["image", "video", "audio", "voice", "document", "sticker"] {
        let nothing = Media {
            media: MediaKind::parse(kind).unwrap(),
            id: None,
            caption: None,
            mime_type: None,
            filename: None,
            sha256: None,
            url: None,
            animated: false,
        };
        check(kind, &json!({}), &Content::Media(nothing));
        for part in [json!(null), json!("77"), json!([{}]), json!(7)] {
            kept(kind, &part);
        }
    }
}
