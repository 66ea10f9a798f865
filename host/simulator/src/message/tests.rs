//! What Meta takes and what it refuses, kind by kind.

use serde_json::json;

use super::*;

fn with(change: impl FnOnce(&mut Value)) -> Value {
    let mut message = json!({ "messaging_product": "whatsapp", "to": "+5511900000001", "type": "text", "text": { "body": "oi" } });
    change(&mut message);
    message
}

/// A message of this kind.
fn of(kind: &str, content: &Value) -> Value {
    json!({ "messaging_product": "whatsapp", "to": "+5511900000001", "type": kind, kind: content })
}

fn buttons(count: usize) -> Value {
    let button = |n| json!({ "type": "reply", "reply": { "id": format!("b{n}"), "title": format!("Button {n}") } });
    let buttons: Vec<Value> = (0..count).map(button).collect();
    let body = json!({ "text": "?" });
    of(
        "interactive",
        &json!({ "type": "button", "body": body, "action": { "buttons": buttons } }),
    )
}

/// A list with so many rows in each section.
fn menu(sections: &[usize]) -> Value {
    let section = |(place, rows): (usize, &usize)| {
        let row =
            |n| json!({ "id": format!("{place}-{n}"), "title": "Row", "description": "more" });
        json!({ "title": "Title", "rows": (0..*rows).map(row).collect::<Vec<_>>() })
    };
    let sections: Vec<Value> = sections.iter().enumerate().map(section).collect();
    let action = json!({ "button": "Choose", "sections": sections });
    of(
        "interactive",
        &json!({ "type": "list", "body": { "text": "?" }, "action": action }),
    )
}

fn link(url: &str) -> Value {
    let action = json!({ "name": "cta_url", "parameters": { "display_text": "Open", "url": url } });
    of(
        "interactive",
        &json!({ "type": "cta_url", "body": { "text": "?" }, "action": action }),
    )
}

fn template(components: &Value) -> Value {
    of(
        "template",
        &json!({ "name": "order_sent", "language": { "code": "pt_BR" }, "components": components }),
    )
}

/// The member at a pointer is this instead.
fn but(mut message: Value, pointer: &str, value: Value) -> Value {
    *message
        .pointer_mut(pointer)
        .expect("there is such a member") = value;
    message
}

/// The object at a pointer has this member as well.
fn and(mut message: Value, pointer: &str, key: &str, value: Value) -> Value {
    message
        .pointer_mut(pointer)
        .expect("there is such an object")[key] = value;
    message
}

#[test]
fn what_meta_takes_is_taken() {
    let phone = Checked {
        to: "5511900000001".to_owned(),
        to_user: false,
    };
    let card = json!({ "name": { "formatted_name": "Ana Lima", "first_name": "Ana" }, "phones": [{ "phone": "1" }] });
    let header = |header: Value| and(buttons(1), "/interactive", "header", header);
    for message in [
        with(|_| {}),
        with(|m| m["text"]["body"] = json!("é".repeat(4096))),
        buttons(3),
        header(json!({ "type": "text", "text": "é".repeat(60) })),
        header(json!({ "type": "image", "image": { "id": "77" } })),
        and(
            buttons(1),
            "/interactive",
            "footer",
            json!({ "text": "é".repeat(60) }),
        ),
        menu(&[10]),
        menu(&[1; 10]),
        menu(&[6, 4]),
        link("https://shop.example/a?b"),
        of("image", &json!({ "id": "77", "caption": "é".repeat(1024) })),
        of("video", &json!({ "link": "https://shop.example/a" })),
        of("audio", &json!({ "id": "77" })),
        of("sticker", &json!({ "id": "77" })),
        of("document", &json!({ "id": "77", "filename": "bill.pdf" })),
        of(
            "template",
            &json!({ "name": "x".repeat(512), "language": { "code": "pt_BR" } }),
        ),
        template(&json!([])),
        template(&json!([
            { "type": "header", "parameters": [{ "type": "image", "image": { "link": "https://shop.example/a" } }] },
            { "type": "body", "parameters": [{ "type": "text", "text": "é".repeat(512) }, { "type": "text", "text": "é".repeat(512) }] },
            { "type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [{ "type": "payload", "payload": "P" }] },
            { "type": "button", "sub_type": "url", "index": 9, "parameters": [{ "type": "text", "text": "4711" }] },
        ])),
        of(
            "location",
            &json!({ "latitude": -90, "longitude": "180", "name": "Here" }),
        ),
        of("contacts", &json!(vec![card; 257])),
        of(
            "reaction",
            &json!({ "message_id": "wamid.A", "emoji": "👩‍👩‍👧‍👦" }),
        ),
        of("reaction", &json!({ "message_id": "wamid.A", "emoji": "" })),
    ] {
        assert_eq!(check(&message), Ok(phone.clone()), "{message}");
    }
    let user = with(|message| {
        message.as_object_mut().unwrap().remove("to");
        message["recipient"] = json!("BR.abc");
    });
    assert_eq!(
        check(&user),
        Ok(Checked {
            to: "BR.abc".to_owned(),
            to_user: true
        })
    );
}

/// Each is refused in words that hold these.
fn refused(cases: impl IntoIterator<Item = (Value, &'static str)>) {
    for (message, expected) in cases {
        let problem = check(&message).expect_err(&message.to_string());
        assert!(problem.contains(expected), "{message}: {problem}");
    }
}

#[test]
fn what_meta_refuses_is_refused_with_the_reason() {
    refused([
        (
            with(|m| m["messaging_product"] = json!("sms")),
            "messaging_product",
        ),
        (with(|m| m["to"] = json!("Ana")), "no phone number"),
        (with(|m| m["to"] = Value::Null), "to is a string"),
        (
            with(|m| drop(m.as_object_mut().unwrap().remove("to"))),
            "to is missing",
        ),
        (
            with(|m| m["text"]["body"] = json!(" ")),
            "text.body is empty",
        ),
        (
            with(|m| m["text"]["body"] = json!("x".repeat(4097))),
            "4097 characters",
        ),
        (
            with(|m| drop(m.as_object_mut().unwrap().remove("text"))),
            "text.body is missing",
        ),
        (with(|m| m["type"] = json!("telegram")), "is unknown"),
        (with(|m| m["context"] = json!({})), "context.message_id"),
        (
            with(|m| m["biz_opaque_callback_data"] = json!("x".repeat(513))),
            "513 characters",
        ),
        (json!("hello"), "messaging_product"),
    ]);
}

#[test]
fn interactive_messages_have_their_limits() {
    let title = "/interactive/action/buttons/0/reply/title";
    let id = "/interactive/action/buttons/1/reply/id";
    let row = "/interactive/action/sections/0/rows/0";
    let section = "/interactive/action/sections/0";
    let long = |count: usize| json!("é".repeat(count));
    let mut untitled = menu(&[1, 1]);
    untitled
        .pointer_mut(section)
        .unwrap()
        .as_object_mut()
        .unwrap()
        .remove("title");
    refused([
        (buttons(0), "has 0"),
        (buttons(4), "has 4, at most 3"),
        (but(buttons(2), id, json!("b0")), "stands twice"),
        (
            but(buttons(1), title, long(21)),
            "21 characters, at most 20",
        ),
        (
            but(buttons(1), "/interactive/body/text", long(1025)),
            "1025 characters",
        ),
        (
            and(
                buttons(1),
                "/interactive",
                "footer",
                json!({ "text": "x".repeat(61) }),
            ),
            "61 characters",
        ),
        (
            and(
                buttons(1),
                "/interactive",
                "footer",
                json!({ "text": null }),
            ),
            "footer.text is a string",
        ),
        (
            and(
                buttons(1),
                "/interactive",
                "header",
                json!({ "text": "Above" }),
            ),
            "header.type is missing",
        ),
        (
            and(
                buttons(1),
                "/interactive",
                "header",
                json!({ "type": "text", "text": "x".repeat(61) }),
            ),
            "61 characters",
        ),
        (
            but(menu(&[1]), "/interactive/action/button", long(21)),
            "21 characters",
        ),
        (
            but(menu(&[1]), "/interactive/body/text", long(4097)),
            "4097 characters",
        ),
        (menu(&[]), "sections has 0"),
        (menu(&[1; 11]), "sections has 11"),
        (menu(&[11]), "rows has 11"),
        (menu(&[6, 5]), "11 rows, at most 10"),
        (menu(&[1, 0]), "rows has 0"),
        (untitled, "title is missing"),
        (and(menu(&[1]), section, "title", long(25)), "25 characters"),
        (and(menu(&[1]), row, "title", long(25)), "25 characters"),
        (
            and(menu(&[1]), row, "description", long(73)),
            "73 characters",
        ),
        (and(menu(&[1]), row, "id", long(201)), "201 characters"),
        (and(menu(&[1, 1]), row, "id", json!("1-0")), "stands twice"),
        (link("shop"), "no web address"),
        (link("javascript:alert(1)"), "no web address"),
        (
            but(
                link("https://shop.example"),
                "/interactive/body/text",
                long(1025),
            ),
            "1025 characters",
        ),
        (
            but(
                link("https://shop.example"),
                "/interactive/action/parameters/display_text",
                long(21),
            ),
            "21 characters",
        ),
        (
            but(
                link("https://shop.example"),
                "/interactive/action/name",
                json!("open"),
            ),
            "action.name",
        ),
        (
            but(buttons(1), "/interactive/type", json!("carousel")),
            "is unknown",
        ),
    ]);
}

#[test]
fn files_and_templates_have_their_limits() {
    let body = |text: usize| json!([{ "type": "body", "parameters": [{ "type": "text", "text": "é".repeat(text) }] }]);
    let button = |index: &Value, sort: &str, parameter: &Value| json!({ "type": "button", "sub_type": sort, "index": index, "parameters": [parameter] });
    let payload = json!({ "type": "payload", "payload": "P" });
    refused([
        (of("image", &json!({})), "image.id or link is missing"),
        (of("image", &json!("77")), "image is missing"),
        (
            of(
                "image",
                &json!({ "id": "77", "link": "https://shop.example" }),
            ),
            "both there",
        ),
        (of("image", &json!({ "id": 77 })), "no id"),
        (
            of("image", &json!({ "link": "ftp://shop.example" })),
            "no web address",
        ),
        (
            of("image", &json!({ "id": "77", "caption": "x".repeat(1025) })),
            "1025 characters",
        ),
        (
            of("audio", &json!({ "id": "77", "caption": "look" })),
            "audio.caption",
        ),
        (
            of("sticker", &json!({ "id": "77", "caption": "look" })),
            "sticker.caption",
        ),
        (
            of("image", &json!({ "id": "77", "filename": "a.jpg" })),
            "image.filename",
        ),
        (
            of("template", &json!({ "language": { "code": "pt" } })),
            "template.name is missing",
        ),
        (
            of(
                "template",
                &json!({ "name": "x".repeat(513), "language": { "code": "pt" } }),
            ),
            "513 characters",
        ),
        (
            of("template", &json!({ "name": "x" })),
            "template.language.code is missing",
        ),
        (template(&json!({})), "components is a list"),
        (template(&json!([{ "type": "tail" }])), "is unknown"),
        (template(&body(1025)), "1025 characters"),
        (template(&body(0)), "text is empty"),
        (
            template(&json!([{ "type": "body", "parameters": [
                { "type": "text", "text": "x".repeat(1000) }, { "type": "text", "text": "x".repeat(25) }] }])),
            "together has 1025 characters",
        ),
        (
            template(&json!([{ "type": "body", "parameters": [
                { "type": "text", "parameter_name": "a", "text": "A" }, { "type": "text", "text": "B" }] }])),
            "1 of 2 parameters",
        ),
        (
            template(
                &json!([{ "type": "header", "parameters": [{ "type": "text", "text": "x".repeat(61) }] }]),
            ),
            "61 characters",
        ),
        (
            template(
                &json!([{ "type": "header", "parameters": [{ "type": "image", "image": {} }] }]),
            ),
            "id or link",
        ),
        (
            template(&json!([button(&json!("10"), "quick_reply", &payload)])),
            "0 to 9",
        ),
        (
            template(&json!([button(&json!("0"), "url", &payload)])),
            "text is missing",
        ),
        (
            template(&json!([button(&json!("0"), "quick_reply", &json!({}))])),
            "payload is missing",
        ),
        (
            template(&json!([
                button(&json!("0"), "quick_reply", &payload),
                button(&json!(0), "quick_reply", &payload)
            ])),
            "stands twice",
        ),
    ]);
}

#[test]
fn places_cards_and_reactions_have_their_limits() {
    let card = json!({ "name": { "formatted_name": "Ana", "first_name": "Ana" } });
    let place = |latitude: &Value, longitude: &Value| {
        of(
            "location",
            &json!({ "latitude": latitude, "longitude": longitude }),
        )
    };
    let reaction = |emoji: &Value| {
        of(
            "reaction",
            &json!({ "message_id": "wamid.A", "emoji": emoji }),
        )
    };
    refused([
        (place(&json!(90.1), &json!(0)), "latitude 90.1 is not"),
        (place(&json!(0), &json!("-181")), "longitude"),
        (place(&json!("NaN"), &json!(0)), "latitude"),
        (
            of("location", &json!({ "latitude": 0 })),
            "longitude is missing",
        ),
        (of("contacts", &json!([])), "has 0"),
        (
            of("contacts", &json!(vec![card.clone(); 258])),
            "has 258, at most 257",
        ),
        (
            of("contacts", &json!([{ "name": { "first_name": "Ana" } }])),
            "formatted_name is missing",
        ),
        (
            of(
                "contacts",
                &json!([{ "name": { "formatted_name": "Ana" } }]),
            ),
            "no part beside",
        ),
        (
            of("contacts", &json!([and(card, "", "phones", json!(["1"]))])),
            "phones is a list of",
        ),
        (
            of("reaction", &json!({ "emoji": "👍" })),
            "message_id is missing",
        ),
        (
            of("reaction", &json!({ "message_id": "wamid.A" })),
            "emoji is missing",
        ),
        (reaction(&json!("ok")), "is no emoji"),
        (reaction(&json!("olá")), "is no emoji"),
        (reaction(&json!("👍".repeat(33))), "is no emoji"),
    ]);
}

#[test]
fn a_read_mark_is_no_message() {
    assert_eq!(read_mark(&with(|_| {})), None);
    let mark = json!({
        "messaging_product": "whatsapp", "status": "read", "message_id": "wamid.A", "typing_indicator": { "type": "text" },
    });
    assert_eq!(
        read_mark(&mark),
        Some(Ok(ReadMark {
            message_id: "wamid.A".to_owned(),
            typing: true
        }))
    );
    assert!(
        read_mark(&json!({ "messaging_product": "whatsapp", "status": "read" }))
            .unwrap()
            .is_err()
    );
}
