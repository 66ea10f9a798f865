use model::{
    ContactId, ContactKey, Moment, NumberId, Outbound, Phone, Purpose, SendToken, TenantId,
};
use serde_json::json;

use super::super::bubble::Bubble;
use super::*;
use crate::shown;

/// As the carrier writes it, so that phone and host cannot come apart.
fn wire(message: Outgoing) -> Value {
    carrier::wire::message(&Outbound {
        tenant: TenantId::new("shop").unwrap(),
        token: SendToken::new("t1").unwrap(),
        number: NumberId::new("100000000000001").unwrap(),
        contact: ContactId(1),
        to: ContactKey::Phone(Phone::new("5511900000001").unwrap()),
        message,
        quoting: None,
        cause: Wamid::new("wamid.A").unwrap(),
        purpose: Purpose::Reply,
        decided_at: Moment(0),
    })
}

#[test]
fn each_kind_that_leaves_is_read_back_as_it_was_sent() {
    for (sent, _) in shown::tests::every_outgoing() {
        let arrived = message(&wire(sent.clone()));
        let expected = match sent {
            // Going out, a voice note is a sound like any other.
            Outgoing::Media(media) if media.media == MediaKind::Voice => {
                Outgoing::Media(OutgoingMedia {
                    media: MediaKind::Audio,
                    ..media
                })
            }
            other => other,
        };
        assert_eq!(arrived, Some(expected));
    }
}

#[test]
fn what_is_no_message_of_ours_is_nothing() {
    for strange in [
        json!({}),
        json!({ "type": "poll", "poll": {} }),
        json!({ "type": "text", "text": {} }),
        json!({ "type": "interactive", "interactive": { "type": "carousel", "body": { "text": "a" } } }),
        json!({ "type": "image", "image": {} }),
    ] {
        assert_eq!(message(&strange), None, "{strange}");
    }
}

#[test]
fn each_kind_is_drawn_with_what_can_be_tapped() {
    let drawn: Vec<(String, String)> = shown::tests::every_outgoing()
        .iter()
        .map(|(message, _)| Bubble::of(message, 3))
        .map(|bubble| (bubble.words.join("\n"), bubble.beneath.join("\n")))
        .collect();
    let expected = [
        ("Hello\nAna", ""),
        (
            "The shop\nYes or no?\nReply stop to leave",
            "/4 [Yes]\n/5 [No]",
        ),
        (
            "What is it about?",
            "[Choose]\n  Orders\n/4 My order  Where it is\n/5 Return it\n  Else\n/6 A person",
        ),
        (
            "The shop\nAll of it:\nReply stop to leave",
            "[Open] → https://shop.example/",
        ),
        ("[image] (https://shop.example/a)\nThis one", ""),
        ("[video] (file 7)", ""),
        ("[audio] (https://shop.example/a)", ""),
        ("[voice note] (https://shop.example/a)", ""),
        ("[document] bill.pdf (https://shop.example/a)\nYours", ""),
        ("[sticker] (https://shop.example/a)", ""),
        (
            "[template] order_ready (pt_BR)\nheader = [image] (file 7)\n1 = Ana\n2 = 4711",
            "/4 [button 1 = STOP]\n[button 2 → …4711]",
        ),
        ("[template] hello (en)\nheader = Dear\nwho = Bo", ""),
        ("[location] The shop, Rua A, 1, -23.5, -46.25", ""),
        (
            "[contact] Bo (The shop, +1 555 010 0002, bo@shop.example)",
            "",
        ),
        ("[reaction] 👍 on wamid.A", ""),
        ("[reaction] taken away from wamid.A", ""),
    ];
    assert_eq!(
        drawn,
        expected.map(|(words, beneath)| (words.to_owned(), beneath.to_owned()))
    );
}
