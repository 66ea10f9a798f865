//! Every kind of message from Meta's JSON to its type, as it should be and as it should not.

use model::{Ad, Message, NoticeBody, Wamid};
use serde_json::{Value as Json, json};

use super::super::parse;
use super::*;

/// The message with these members, read out of a whole webhook.
fn message(members: &Json) -> Message {
    let mut message =
        json!({ "from": "5511900000001", "id": "wamid.K", "timestamp": "1700000000" });
    message
        .as_object_mut()
        .unwrap()
        .extend(members.as_object().unwrap().clone());
    // What follows it in the batch is read whatever it holds.
    let neighbour = json!({ "from": "5511900000002", "id": "wamid.N", "timestamp": "1", "type": "text",
        "text": { "body": "me too" } });
    let body = json!({ "entry": [{ "changes": [{ "field": "messages", "value": {
        "metadata": { "phone_number_id": "100000000000001" }, "messages": [message, neighbour] } }] }] });
    let found = parse(body.to_string().as_bytes()).unwrap();
    match found.as_slice() {
        [first, second] => {
            assert!(
                matches!(&second.body, NoticeBody::Message(second) if second.content == words("me too")),
                "{members}: {second:?}"
            );
            match &first.body {
                NoticeBody::Message(first) => first.clone(),
                other => panic!("{members} is lost: {other:?}"),
            }
        }
        other => panic!("{members}: {other:?}"),
    }
}

fn words(body: &str) -> Content {
    Content::Text { body: body.into() }
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn id(text: &str) -> Wamid {
    Wamid::new(text).unwrap()
}

/// A message of a kind is read as this.
fn check(kind: &str, part: &Json, expected: &Content) {
    let found = message(&json!({ "type": kind, kind: part })).content;
    assert_eq!(found, *expected, "{kind}: {part}");
}

/// A message of a kind is kept as it came.
fn kept(kind: &str, part: &Json) {
    let members = json!({ "type": kind, kind: part });
    match message(&members).content {
        Content::Other { name, raw } => {
            assert_eq!((name.as_str(), &raw[kind]), (kind, part));
            assert_eq!(raw["id"], "wamid.K", "the whole message is kept");
        }
        other => panic!("{members}: {other:?}"),
    }
}

/// What Meta never sends, where it sends something else.
fn nonsense() -> [Json; 6] {
    [
        json!(null),
        json!(7),
        json!(""),
        json!([]),
        json!({}),
        json!(true),
    ]
}

#[test]
fn taps_say_what_was_tapped() {
    let tap = |id: &str, title: &str, origin| Content::Tap {
        id: id.into(),
        title: title.into(),
        origin,
    };
    check(
        "interactive",
        &json!({ "type": "button_reply", "button_reply": { "id": "b1", "title": "Yes" } }),
        &tap("b1", "Yes", TapOrigin::Button),
    );
    check(
        "interactive",
        &json!({ "type": "list_reply", "list_reply": { "id": "r1", "title": "Row", "description": "more" } }),
        &tap("r1", "Row", TapOrigin::Menu),
    );
    check(
        "interactive",
        &json!({ "list_reply": { "id": "r1", "title": 3, "description": null } }),
        &tap("r1", "r1", TapOrigin::Menu),
    );
    check(
        "button",
        &json!({ "payload": "UNSUB", "text": "Unsubscribe" }),
        &tap("UNSUB", "Unsubscribe", TapOrigin::Template),
    );
    // An opt-out must be seen whichever of the two is there.
    check(
        "button",
        &json!({ "text": "Unsubscribe" }),
        &tap("Unsubscribe", "Unsubscribe", TapOrigin::Template),
    );
    check(
        "button",
        &json!({ "payload": "STOP", "text": "" }),
        &tap("STOP", "STOP", TapOrigin::Template),
    );
    kept("interactive", &json!({ "type": "list_reply" }));
    kept(
        "interactive",
        &json!({ "button_reply": { "title": "Yes" } }),
    );
    kept(
        "interactive",
        &json!({ "type": "call_permission_reply", "call_permission_reply": { "response": "accept" } }),
    );
    for part in nonsense() {
        kept("interactive", &part);
        kept("button", &part);
    }
}

#[test]
fn a_form_brings_its_answers_as_json() {
    let form = |name: &str, body: Option<&str>, answers: &str| {
        Content::Form(Form {
            name: name.into(),
            body: body.map(str::to_owned),
            answers: answers.into(),
        })
    };
    let answers = r#"{"flow_token":"t","day":"mon"}"#;
    check(
        "interactive",
        &json!({ "type": "nfm_reply", "nfm_reply": { "name": "booking", "body": "Sent", "response_json": answers } }),
        &form("booking", Some("Sent"), answers),
    );
    check(
        "interactive",
        &json!({ "type": "nfm_reply", "nfm_reply": { "name": null, "response_json": { "day": "mon" } } }),
        &form("flow", None, r#"{"day":"mon"}"#),
    );
    for broken in [json!("{\"day\":"), json!(null), json!(7), json!([])] {
        kept(
            "interactive",
            &json!({ "type": "nfm_reply", "nfm_reply": { "name": "booking", "response_json": broken } }),
        );
    }
}

#[test]
fn a_file_has_its_kind_and_whatever_else_is_known() {
    let file = |media| Media {
        media,
        id: some("77"),
        caption: None,
        mime_type: some("a/b"),
        filename: None,
        sha256: some("abc="),
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
        ("audio", json!({ "voice": false }), file(MediaKind::Audio)),
        ("audio", json!({ "voice": "true" }), file(MediaKind::Audio)),
        (
            "sticker",
            json!({ "animated": true }),
            file(MediaKind::Sticker),
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
    for kind in ["image", "video", "audio", "document", "sticker"] {
        let nothing = Media {
            media: MediaKind::parse(kind).unwrap(),
            id: None,
            caption: None,
            mime_type: None,
            filename: None,
            sha256: None,
        };
        check(kind, &json!({}), &Content::Media(nothing));
        for part in [json!(null), json!("77"), json!([{}])] {
            kept(kind, &part);
        }
    }
}

#[test]
fn a_place_lies_on_the_globe() {
    let place = |name: Option<&str>, address: Option<&str>| {
        Content::Location(Location {
            latitude: -23.55,
            longitude: -46.0,
            name: name.map(str::to_owned),
            address: address.map(str::to_owned),
        })
    };
    check(
        "location",
        &json!({ "latitude": -23.55, "longitude": -46, "name": "Here", "address": "Main street", "url": "https://maps.example" }),
        &place(Some("Here"), Some("Main street")),
    );
    check(
        "location",
        &json!({ "latitude": "-23.55", "longitude": "-46", "name": "", "address": 5 }),
        &place(None, None),
    );
    for part in [
        json!({ "latitude": 90.1, "longitude": 0 }),
        json!({ "latitude": 0, "longitude": -180.1 }),
        json!({ "latitude": "NaN", "longitude": 0 }),
        json!({ "latitude": 0 }),
        json!({ "latitude": 0, "longitude": null }),
    ] {
        kept("location", &part);
    }
    for part in nonsense() {
        kept("location", &part);
    }
}

#[test]
fn cards_are_read_as_far_as_they_go() {
    let card = |name: &str, phones: &[&str], emails: &[&str], organization: Option<&str>| Card {
        name: name.into(),
        phones: phones.iter().map(|&text| text.to_owned()).collect(),
        emails: emails.iter().map(|&text| text.to_owned()).collect(),
        organization: organization.map(str::to_owned),
    };
    let part = json!([
        { "name": { "formatted_name": "Bo Silva", "first_name": "Bo" }, "org": { "company": "The shop" },
            "phones": [{ "phone": "+55 11 90000-0002", "wa_id": "5511900000002" }, { "wa_id": "5511900000003" }, {}, null],
            "emails": [{ "email": "bo@shop.example" }, { "email": "" }], "origin": "shared", "vcard": "BEGIN:VCARD" },
        { "name": { "first_name": "Ana", "last_name": "Lima" }, "phones": null },
        { "name": "Cy", "phones": [{ "phone": "1" }] },
        { "org": { "company": "The bank" } },
        { "name": null }, {}, 7, null,
    ]);
    let cards = vec![
        card(
            "Bo Silva",
            &["+55 11 90000-0002", "5511900000003"],
            &["bo@shop.example"],
            Some("The shop"),
        ),
        card("Ana Lima", &[], &[], None),
        card("1", &["1"], &[], None),
        card("The bank", &[], &[], Some("The bank")),
    ];
    check("contacts", &part, &Content::Contacts { cards });
    kept("contacts", &json!([{}, 7]));
    for part in nonsense() {
        kept("contacts", &part);
    }
}

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
        &json!({ "message_id": "two words", "emoji": "👍" }),
    );
    for part in nonsense() {
        kept("reaction", &part);
    }
}

#[test]
fn a_basket_is_read_whole_or_kept_raw() {
    let item = |quantity, price: Option<&str>, currency: Option<&str>| OrderItem {
        product: "sku-1".into(),
        quantity,
        price: price.map(str::to_owned),
        currency: currency.map(str::to_owned),
    };
    let order = |text: Option<&str>, items| {
        Content::Order(Order {
            catalog: "900".into(),
            text: text.map(str::to_owned),
            items,
        })
    };
    check(
        "order",
        &json!({ "catalog_id": "900", "text": "please", "product_items": [
            { "product_retailer_id": "sku-1", "quantity": "2", "item_price": "9.90", "currency": "BRL" },
            { "product_retailer_id": "sku-1", "quantity": 3, "item_price": 9.9, "currency": null },
        ] }),
        &order(
            Some("please"),
            vec![
                item(2, Some("9.90"), Some("BRL")),
                item(3, Some("9.9"), None),
            ],
        ),
    );
    check(
        "order",
        &json!({ "catalog_id": 900, "text": "", "product_items": [] }),
        &order(None, vec![]),
    );
    check(
        "order",
        &json!({ "catalog_id": "900" }),
        &order(None, vec![]),
    );
    for items in [
        json!("sku-1"),
        json!([{ "product_retailer_id": "sku-1" }]),
        json!([{ "product_retailer_id": "sku-1", "quantity": -1 }]),
        json!([{ "product_retailer_id": "sku-1", "quantity": "many" }]),
        json!([{ "product_retailer_id": "sku-1", "quantity": 1 }, null]),
        json!([{ "quantity": 1 }]),
    ] {
        kept(
            "order",
            &json!({ "catalog_id": "900", "product_items": items }),
        );
    }
    for part in nonsense() {
        kept("order", &part);
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

#[test]
fn kinds_without_an_object_of_their_own() {
    let read = |members: Json| message(&members).content;
    assert_eq!(read(json!({ "type": "request_welcome" })), Content::Welcome);
    let errors = json!([{ "code": 131051, "title": "Message type unknown" }]);
    let unsupported = |what: Option<&str>| Content::Unsupported {
        what: what.map(str::to_owned),
    };
    for kind in ["unsupported", "unknown"] {
        assert_eq!(
            read(json!({ "type": kind, "errors": errors })),
            unsupported(None)
        );
    }
    assert_eq!(
        read(json!({ "type": "unsupported", "errors": null, "unsupported": { "type": "poll" } })),
        unsupported(Some("poll"))
    );
    assert_eq!(
        read(json!({ "type": "unsupported", "unsupported": { "type": 9 } })),
        unsupported(None)
    );
    for untyped in [
        json!({}),
        json!({ "type": null }),
        json!({ "type": 7 }),
        json!({ "type": "" }),
    ] {
        assert!(
            matches!(message(&untyped).content, Content::Other { name, .. } if name == "unknown"),
            "{untyped}"
        );
    }
    let long = "x".repeat(1000);
    assert!(
        matches!(message(&json!({ "type": long })).content, Content::Other { name, .. } if name.len() == 64)
    );
    for kind in ["system", "hologram", "text"] {
        kept(kind, &json!({ "wa_id": "5511900000009" }));
    }
}

#[test]
fn what_stands_around_a_message_is_read_or_left_out() {
    let with = |key: &str, value: Json| {
        message(&json!({ "type": "text", "text": { "body": "oi" }, key: value }))
    };
    let reply = with(
        "context",
        json!({ "from": "15550100000", "id": "wamid.ours" }),
    );
    assert_eq!(
        (reply.quoting, reply.forwarded),
        (Some(id("wamid.ours")), false)
    );
    for mark in ["forwarded", "frequently_forwarded"] {
        let passed_on = with("context", json!({ mark: true }));
        assert_eq!((passed_on.quoting, passed_on.forwarded), (None, true));
        assert!(!with("context", json!({ mark: "true", "id": 7 })).forwarded);
    }
    let ad = |url: Option<&str>, headline: Option<&str>| {
        Some(Ad {
            id: "120".into(),
            url: url.map(str::to_owned),
            headline: headline.map(str::to_owned),
        })
    };
    let referral = json!({ "source_id": "120", "source_type": "ad", "source_url": "https://ads.example/120",
        "headline": "Half price", "body": "Today", "media_type": "image", "ctwa_clid": "abc" });
    assert_eq!(
        with("referral", referral).ad,
        ad(Some("https://ads.example/120"), Some("Half price"))
    );
    assert_eq!(
        with(
            "referral",
            json!({ "source_id": 120, "source_url": null, "headline": 7 })
        )
        .ad,
        ad(None, None)
    );
    assert_eq!(with("referral", json!({ "source_id": "" })).ad, None);
    for key in ["context", "referral"] {
        for value in nonsense() {
            let plain = with(key, value.clone());
            assert_eq!(
                (plain.content, plain.quoting, plain.forwarded, plain.ad),
                (words("oi"), None, false, None),
                "{key}: {value}"
            );
        }
    }
}
