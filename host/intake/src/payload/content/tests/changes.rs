//! What is done to earlier messages: reactions, edits, revokes.

use serde_json::json;

use super::*;

#[test]
fn a_reaction_without_an_emoji_was_taken_away() {
    let reaction = |emoji: Option<&str>| Content::Reaction {
        message: id("wamid.ours"),
        emoji: emoji.map(str::to_owned),
    };
    for (part, expected) in [
        (
            json!({ "message_id": "wamid.ours", "emoji": "👍🏽" }),
            Some("👍🏽"),
        ),
        (json!({ "message_id": "wamid.ours", "emoji": "" }), None),
        (json!({ "message_id": "wamid.ours", "emoji": null }), None),
        (json!({ "message_id": "wamid.ours", "emoji": 7 }), None),
        (json!({ "message_id": "wamid.ours" }), None),
    ] {
        check("reaction", &part, &reaction(expected));
    }
    kept("reaction", &json!({ "emoji": "👍" }));
    kept(
        "reaction",
        &json!({ "message_id": "two\nlines", "emoji": "👍" }),
    );
    for part in nonsense() {
        kept("reaction", &part);
    }
}

#[test]
fn edits_and_revokes_name_what_they_change() {
    let edit = |text: Option<&str>| Content::Edit {
        original: id("wamid.first"),
        text: text.map(str::to_owned),
    };
    for (changed, expected) in [
        (
            json!({ "type": "text", "text": { "body": "better" } }),
            Some("better"),
        ),
        (json!({ "text": { "body": "better" } }), Some("better")),
        (
            json!({ "type": "image", "image": { "id": "7", "caption": "better" } }),
            Some("better"),
        ),
        (json!({ "type": "image", "image": { "id": "7" } }), None),
        (json!({ "image": { "caption": "better" } }), Some("better")),
        (json!({ "type": 7 }), None),
        (json!(null), None),
        (json!("better"), None),
    ] {
        let part = json!({ "original_message_id": "wamid.first", "message": changed });
        check("edit", &part, &edit(expected));
    }
    check(
        "revoke",
        &json!({ "original_message_id": "wamid.first" }),
        &Content::Revoke {
            original: id("wamid.first"),
        },
    );
    for part in nonsense() {
        kept("edit", &part);
        kept("revoke", &part);
    }
}
