use super::*;

fn taps() -> Vec<Tap> {
    [
        ("y", "Yes", TapOrigin::Button),
        ("o", "My order", TapOrigin::Menu),
        ("STOP", "STOP", TapOrigin::Template),
    ]
    .map(|(id, title, on)| Tap {
        id: id.into(),
        title: title.into(),
        on,
    })
    .into()
}

#[test]
fn each_line_says_what_it_means() {
    let taps = taps();
    let before = Before {
        taps: &taps,
        reply: Some("wamid.R"),
        said: Some("wamid.S"),
    };
    let cases = [
        ("oi", "text", json!("oi")),
        ("//start", "text", json!("/start")),
        (
            "/1",
            "tap",
            json!({ "id": "y", "title": "Yes", "on": "button" }),
        ),
        (
            "/2",
            "tap",
            json!({ "id": "o", "title": "My order", "on": "menu" }),
        ),
        (
            "/3",
            "tap",
            json!({ "id": "STOP", "title": "STOP", "on": "template" }),
        ),
        ("/image", "media", json!({ "kind": "image" })),
        (
            "/image this one",
            "media",
            json!({ "kind": "image", "caption": "this one" }),
        ),
        (
            "/video look",
            "media",
            json!({ "kind": "video", "caption": "look" }),
        ),
        ("/voice", "media", json!({ "kind": "voice" })),
        ("/audio", "media", json!({ "kind": "audio" })),
        ("/sticker", "media", json!({ "kind": "sticker" })),
        (
            "/document",
            "media",
            json!({ "kind": "document", "filename": "document.pdf" }),
        ),
        (
            "/document my cv.pdf",
            "media",
            json!({ "kind": "document", "filename": "my cv.pdf" }),
        ),
        (
            "/location",
            "location",
            json!({ "latitude": -23.55052, "longitude": -46.63331, "name": "Praça da Sé" }),
        ),
        (
            "/location Home",
            "location",
            json!({ "latitude": -23.55052, "longitude": -46.63331, "name": "Home" }),
        ),
        (
            "/location 38.7,-9.1",
            "location",
            json!({ "latitude": 38.7, "longitude": -9.1 }),
        ),
        (
            "/location 38.7,-9.1 The bay",
            "location",
            json!({ "latitude": 38.7, "longitude": -9.1, "name": "The bay" }),
        ),
        (
            "/contact Bo",
            "contacts",
            json!([{ "name": "Bo", "phones": [] }]),
        ),
        (
            "/contact Bo +1 555 010",
            "contacts",
            json!([{ "name": "Bo", "phones": ["+1 555 010"] }]),
        ),
        (
            "/form day=monday, who = Ana Lima",
            "flow",
            json!({ "answers": { "day": "monday", "who": "Ana Lima" } }),
        ),
        (
            "/order sku-1 2, sku-2",
            "order",
            json!({ "items": [{ "product": "sku-1", "quantity": 2 }, { "product": "sku-2", "quantity": 1 }] }),
        ),
        (
            "/reaction 👍",
            "reaction",
            json!({ "message": "wamid.R", "emoji": "👍" }),
        ),
        ("/reaction", "reaction", json!({ "message": "wamid.R" })),
        (
            "/edit better",
            "message",
            json!({ "type": "edit", "edit": { "original_message_id": "wamid.S",
            "message": { "type": "text", "text": { "body": "better" } } } }),
        ),
        (
            "/revoke",
            "message",
            json!({ "type": "revoke", "revoke": { "original_message_id": "wamid.S" } }),
        ),
        (
            "/forward true?",
            "message",
            json!({ "type": "text", "text": { "body": "true?" }, "context": { "forwarded": true } }),
        ),
        (
            r#"/raw {"type":"request_welcome"}"#,
            "message",
            json!({ "type": "request_welcome" }),
        ),
    ];
    for (line, key, value) in cases {
        assert_eq!(read(line, &before), Ok(Typed::Say(key, value)), "{line}");
    }
    for (line, typed) in [
        ("/why", Typed::Why),
        ("/help", Typed::Help),
        ("/quit", Typed::Quit),
        ("/exit", Typed::Quit),
    ] {
        assert_eq!(read(line, &before), Ok(typed), "{line}");
    }
    let advertised = read("/ad hello", &before).unwrap();
    let Typed::Say("message", message) = advertised else {
        panic!("{advertised:?}");
    };
    assert_eq!(message["text"]["body"], "hello");
    assert_eq!(message["referral"]["headline"], "Our offer");
}

#[test]
fn what_cannot_be_said_is_answered_with_what_could() {
    let taps = taps();
    let none = Before::default();
    let some = Before {
        taps: &taps,
        reply: Some("wamid.R"),
        said: Some("wamid.S"),
    };
    let one = Before {
        taps: &taps[..1],
        ..Before::default()
    };
    for (line, before, expected) in [
        ("/1", &none, "nothing to tap as /1"),
        ("/2", &one, "/1 is all there is"),
        ("/0", &some, "write /1 to /3"),
        ("/4", &some, "write /1 to /3"),
        ("/imgae", &some, "Did you mean /image?"),
        ("/start", &some, "//start says it as text"),
        ("/", &some, "/help lists them"),
        ("/voice hello", &some, "write /voice alone"),
        ("/location 91,0", &some, "like /location -23.55,-46.63"),
        ("/location here,there", &some, "is no place"),
        ("/contact", &some, "/contact Bo"),
        ("/contact +1 555", &some, "/contact Bo"),
        ("/form", &some, "/form day=monday"),
        ("/form monday", &some, "is no answer"),
        ("/order", &some, "/order sku-1 2"),
        ("/order sku-1 none", &some, "write /order sku-1 2, sku-2"),
        ("/order sku-1 0", &some, "write /order sku-1 2, sku-2"),
        ("/order sku-1,", &some, "is no product"),
        ("/reaction 👍", &none, "wrote nothing yet"),
        ("/reaction great", &some, "is no emoji"),
        ("/reaction ok 👍", &some, "is no emoji"),
        ("/edit", &some, "/edit Good evening"),
        ("/edit better", &none, "you wrote nothing yet"),
        ("/revoke", &none, "you wrote nothing yet"),
        ("/forward", &some, "/forward Is this true?"),
        ("/ad", &some, "/ad I saw"),
        ("/raw", &some, "request_welcome"),
        ("/raw {", &some, "no JSON"),
        ("/raw 7", &some, "a JSON object"),
    ] {
        let wrong = read(line, before).unwrap_err();
        assert!(wrong.contains(expected), "{line}: {wrong}");
    }
}

#[test]
fn the_help_names_every_command() {
    for command in COMMANDS.into_iter().filter(|command| *command != "exit") {
        assert!(HELP.contains(&format!("/{command}")), "no /{command}");
    }
}
