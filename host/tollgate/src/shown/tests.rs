use model::{
    Ad, Button, ContactKey, GroupId, Link, MenuRow, OrderItem, Phone, Product, TemplateButton,
    TemplateCategory, TemplateParameter, Wamid,
};
use serde_json::json;

use super::*;

fn id(text: &str) -> Wamid {
    Wamid::new(text).unwrap()
}

fn text(body: &str) -> Content {
    Content::Text { body: body.into() }
}

fn here() -> Location {
    Location {
        latitude: -23.5,
        longitude: -46.25,
        name: Some("The shop".into()),
        address: Some("Rua A, 1".into()),
    }
}

fn bo() -> Card {
    Card {
        name: "Bo".into(),
        phones: vec!["+1 555 010 0002".into()],
        emails: vec!["bo@shop.example".into()],
        organization: Some("The shop".into()),
    }
}

#[test]
fn each_kind_that_a_contact_can_send_has_its_words() {
    let tap = |origin| Content::Tap {
        id: "hours".into(),
        title: "Opening hours".into(),
        origin,
    };
    let media = |media, caption: Option<&str>, filename: Option<&str>| {
        Content::Media(Media {
            media,
            id: Some("1".into()),
            caption: caption.map(str::to_owned),
            mime_type: Some("a/b".into()),
            filename: filename.map(str::to_owned),
            sha256: None,
            url: None,
            animated: false,
        })
    };
    let form = |answers: &str| {
        Content::Form(Form {
            name: "booking".into(),
            body: None,
            answers: answers.into(),
        })
    };
    let reaction = |emoji: Option<&str>| Content::Reaction {
        message: id("wamid.A"),
        emoji: emoji.map(str::to_owned),
    };
    let item = |product: &str, quantity, price: Option<&str>| OrderItem {
        product: product.into(),
        quantity,
        price: price.map(str::to_owned),
        currency: price.map(|_| "EUR".into()),
    };
    let unsupported = |what: Option<&str>, details: Option<&str>| Content::Unsupported {
        what: what.map(str::to_owned),
        error: details.map(|details| NetworkError {
            code: 131_051,
            title: "Message type unknown".into(),
            details: Some(details.into()),
        }),
    };
    let cases = [
        (text("oi"), r#""oi""#),
        (
            tap(TapOrigin::Button),
            r#"[tap on a button] "Opening hours" (hours)"#,
        ),
        (
            tap(TapOrigin::Menu),
            r#"[tap on a row of a menu] "Opening hours" (hours)"#,
        ),
        (
            tap(TapOrigin::Template),
            r#"[tap on a template's button] "Opening hours" (hours)"#,
        ),
        (
            media(MediaKind::Image, Some("this one"), None),
            r#"[image] "this one" (a/b)"#,
        ),
        (media(MediaKind::Video, None, None), "[video] (a/b)"),
        (media(MediaKind::Audio, None, None), "[audio] (a/b)"),
        (media(MediaKind::Voice, None, None), "[voice note] (a/b)"),
        (
            media(MediaKind::Document, None, Some("cv.pdf")),
            "[document] cv.pdf (a/b)",
        ),
        (media(MediaKind::Sticker, None, None), "[sticker] (a/b)"),
        (
            Content::Location(here()),
            "[location] The shop, Rua A, 1, -23.5, -46.25",
        ),
        (
            Content::Contacts {
                cards: vec![
                    bo(),
                    Card {
                        name: "Ana".into(),
                        ..Card::default()
                    },
                ],
            },
            "[contacts] Bo (The shop, +1 555 010 0002, bo@shop.example), Ana",
        ),
        (
            form(r#"{"day":"monday","people":2}"#),
            r#"[form] booking: day = "monday", people = 2"#,
        ),
        (form("no JSON"), "[form] booking: no JSON"),
        (reaction(Some("👍")), "[reaction] 👍 on wamid.A"),
        (reaction(None), "[reaction] taken away from wamid.A"),
        (
            Content::Order(Order {
                catalog: "900".into(),
                text: Some("quickly".into()),
                items: vec![item("sku-1", 2, Some("9.90")), item("sku-2", 1, None)],
            }),
            r#"[order] 2 × sku-1 at 9.90 EUR, 1 × sku-2 "quickly" (catalogue 900)"#,
        ),
        (
            Content::Edit {
                original: id("wamid.A"),
                text: Some("better".into()),
            },
            r#"[edit] of wamid.A, now "better""#,
        ),
        (
            Content::Edit {
                original: id("wamid.A"),
                text: None,
            },
            "[edit] of wamid.A",
        ),
        (
            Content::Revoke {
                original: id("wamid.A"),
            },
            "[revoke] of wamid.A",
        ),
        (
            Content::Welcome,
            "[welcome] the chat was opened, and nothing written yet",
        ),
        (unsupported(Some("poll"), None), "[unsupported] poll"),
        (unsupported(None, None), "[unsupported]"),
        (
            unsupported(None, Some("not of this version")),
            "[unsupported] (131051 Message type unknown: not of this version)",
        ),
        (
            unsupported(Some("poll"), Some("Message type unknown")),
            "[unsupported] poll (131051 Message type unknown)",
        ),
        (
            Content::CallPermission {
                allowed: true,
                until: Some(Moment::from_seconds(1_790_000_000)),
            },
            "[call permission] the business may call until 2026-09-21T14:13:20Z",
        ),
        (
            Content::CallPermission {
                allowed: true,
                until: None,
            },
            "[call permission] the business may call",
        ),
        (
            Content::CallPermission {
                allowed: false,
                until: None,
            },
            "[call permission] the business may not call",
        ),
        (
            Content::System(System {
                event: "user_changed_number".into(),
                body: Some("Ana has\na new number".into()),
                now_known_by: Some(ContactKey::Phone(Phone::new("5511900000009").unwrap())),
            }),
            "[system] user_changed_number Ana has a new number (now …0009)",
        ),
        (
            Content::System(System {
                event: "customer_identity_changed".into(),
                body: None,
                now_known_by: None,
            }),
            "[system] customer_identity_changed",
        ),
        (
            Content::Other {
                name: "hologram".into(),
                raw: json!({}),
            },
            "[hologram] kept as it came",
        ),
    ];
    for (sent, expected) in cases {
        assert_eq!(content(&sent), expected);
    }
}

#[test]
fn what_stands_around_a_message_is_told() {
    let plain = Message::new(
        id("wamid.B"),
        ContactKey::Phone(Phone::new("5511900000001").unwrap()),
        Moment(0),
        text("is this true?"),
    );
    assert_eq!(message(&plain), r#""is this true?""#);
    let whole = Message {
        quoting: Some(id("wamid.A")),
        forwarded: true,
        ad: Some(Ad {
            id: "12".into(),
            url: Some("https://ads.example/1".into()),
            headline: Some("Half price".into()),
            ..Ad::default()
        }),
        ..plain.clone()
    };
    assert_eq!(
        message(&whole),
        r#""is this true?" · forwarded · from the ad "Half price" (https://ads.example/1) · a reply to wamid.A"#
    );
    let nameless = Ad {
        id: "12".into(),
        ..Ad::default()
    };
    let grouped = Message {
        group: Some(GroupId::new("group-1").unwrap()),
        forwarded: true,
        forwarded_often: true,
        product: Some(Product {
            catalog: None,
            product: "sku-1".into(),
        }),
        ..plain.clone()
    };
    assert_eq!(
        message(&grouped),
        r#""is this true?" · in a group · forwarded many times · about the product sku-1"#
    );
    let advertised = Message {
        ad: Some(nameless),
        ..plain
    };
    assert_eq!(
        message(&advertised),
        r#""is this true?" · from the ad (12)"#
    );
}

/// One of each kind that we send.
pub(crate) fn every_outgoing() -> Vec<(Outgoing, &'static str)> {
    let frame = Frame {
        header: Some("The shop".into()),
        footer: Some("Reply stop to leave".into()),
    };
    let row = |id: &str, title: &str, description: Option<&str>| MenuRow {
        id: id.into(),
        title: title.into(),
        description: description.map(str::to_owned),
    };
    let media = |media, source, caption: Option<&str>, filename: Option<&str>| {
        Outgoing::Media(OutgoingMedia {
            media,
            source,
            caption: caption.map(str::to_owned),
            filename: filename.map(str::to_owned),
        })
    };
    let link = || MediaSource::Link("https://shop.example/a".into());
    vec![
        (
            Outgoing::Text {
                body: "Hello\nAna".into(),
            },
            "Hello Ana",
        ),
        (
            Outgoing::Buttons {
                body: "Yes or no?".into(),
                buttons: vec![
                    Button {
                        id: "y".into(),
                        title: "Yes".into(),
                    },
                    Button {
                        id: "n".into(),
                        title: "No".into(),
                    },
                ],
                frame: frame.clone(),
            },
            "[buttons] The shop / Yes or no? / Reply stop to leave [Yes] [No]",
        ),
        (
            Outgoing::Menu(Menu {
                body: "What is it about?".into(),
                label: "Choose".into(),
                sections: vec![
                    MenuSection {
                        title: Some("Orders".into()),
                        rows: vec![
                            row("o", "My order", Some("Where it is")),
                            row("r", "Return it", None),
                        ],
                    },
                    MenuSection {
                        title: Some("Else".into()),
                        rows: vec![row("p", "A person", None)],
                    },
                ],
                frame: Frame::default(),
            }),
            "[menu] What is it about? [Choose] → Orders: My order (Where it is), Return it; Else: A person",
        ),
        (
            Outgoing::Link(Link {
                body: "All of it:".into(),
                label: "Open".into(),
                url: "https://shop.example/".into(),
                frame,
            }),
            "[link] The shop / All of it: / Reply stop to leave [Open] → https://shop.example/",
        ),
        (
            media(MediaKind::Image, link(), Some("This one"), None),
            "[image] (https://shop.example/a) This one",
        ),
        (
            media(MediaKind::Video, MediaSource::Id("7".into()), None, None),
            "[video] (file 7)",
        ),
        (
            media(MediaKind::Audio, link(), None, None),
            "[audio] (https://shop.example/a)",
        ),
        (
            media(MediaKind::Voice, link(), None, None),
            "[voice note] (https://shop.example/a)",
        ),
        (
            media(MediaKind::Document, link(), Some("Yours"), Some("bill.pdf")),
            "[document] bill.pdf (https://shop.example/a) Yours",
        ),
        (
            media(MediaKind::Sticker, link(), None, None),
            "[sticker] (https://shop.example/a)",
        ),
        (
            Outgoing::Template(Template {
                name: "order_ready".into(),
                language: "pt_BR".into(),
                category: TemplateCategory::Utility,
                header: Some(TemplateHeader::Media(
                    MediaKind::Image,
                    MediaSource::Id("7".into()),
                )),
                parameters: vec![
                    TemplateParameter {
                        name: None,
                        text: "Ana".into(),
                    },
                    TemplateParameter {
                        name: None,
                        text: "4711".into(),
                    },
                ],
                buttons: vec![
                    TemplateButton {
                        index: 0,
                        fill: TemplateButtonFill::Payload("STOP".into()),
                    },
                    TemplateButton {
                        index: 1,
                        fill: TemplateButtonFill::UrlSuffix("4711".into()),
                    },
                ],
            }),
            "[template] order_ready (pt_BR): header = [image] (file 7), 1 = Ana, 2 = 4711, button 1 = STOP, button 2 → …4711",
        ),
        (
            Outgoing::Template(Template {
                name: "hello".into(),
                language: "en".into(),
                category: TemplateCategory::Utility,
                header: Some(TemplateHeader::Text("Dear".into())),
                parameters: vec![TemplateParameter {
                    name: Some("who".into()),
                    text: "Bo".into(),
                }],
                buttons: Vec::new(),
            }),
            "[template] hello (en): header = Dear, who = Bo",
        ),
        (
            Outgoing::Location(here()),
            "[location] The shop, Rua A, 1, -23.5, -46.25",
        ),
        (
            Outgoing::Contacts { cards: vec![bo()] },
            "[contacts] Bo (The shop, +1 555 010 0002, bo@shop.example)",
        ),
        (
            Outgoing::Reaction {
                message: id("wamid.A"),
                emoji: "👍".into(),
            },
            "[reaction] 👍 on wamid.A",
        ),
        (
            Outgoing::Reaction {
                message: id("wamid.A"),
                emoji: String::new(),
            },
            "[reaction] taken away from wamid.A",
        ),
    ]
}

#[test]
fn each_kind_that_we_send_has_its_words() {
    for (message, expected) in every_outgoing() {
        assert_eq!(outgoing(&message), expected);
    }
}

#[test]
fn long_words_are_cut_and_what_can_be_tapped_is_not() {
    let message = Outgoing::Buttons {
        body: "ação".repeat(20),
        buttons: vec![Button {
            id: "y".into(),
            title: "Yes, please".into(),
        }],
        frame: Frame::default(),
    };
    assert_eq!(outgoing_to(&message, 6), "[buttons] açãoaç… [Yes, please]");
    assert_eq!(shortened("ação", 4), "ação");
}

#[test]
fn what_others_wrote_cannot_write_on_the_terminal() {
    for (written, shown) in [
        ("one\ntwo\r\n\r\nthree\t", "one two three"),
        ("a  b", "a  b"),
        ("\u{1b}[2Jgone", "\\u{1b}[2Jgone"),
        ("\u{9b}31m", "\\u{9b}31m"),
        ("a\u{202e}b", "a\\u{202e}b"),
        ("👩\u{200d}🚀 ❤\u{fe0f}", "👩\u{200d}🚀 ❤\u{fe0f}"),
    ] {
        assert_eq!(tame(written), shown);
        assert_eq!(content(&text(written)), format!("\"{shown}\""));
    }
    assert_eq!(quoted(r#"say "hi""#), r#""say \"hi\"""#);
}
