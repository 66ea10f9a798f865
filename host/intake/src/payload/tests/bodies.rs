//! Whole bodies, and parts of them by themselves.

use super::*;

#[test]
fn a_text_message_is_read_with_its_sender_and_name() {
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": metadata(),
        "contacts": [{ "wa_id": "5511900000001", "profile": { "name": "Ana" } }],
        "messages": [a_message(&json!({ "text": { "body": "Olá" }, "context": { "from": "15550100000", "id": "wamid.B" } }))],
    });
    let change = json!({ "field": "messages", "value": value });
    let entry = json!({ "id": "1", "changes": [change] });
    let envelope = json!({ "object": "whatsapp_business_account", "entry": [entry] });
    let whole = parsed(&envelope);
    let mut with_field = value.clone();
    with_field["field"] = json!("messages");
    for part in [
        &with_field,
        &envelope,
        &entry,
        &change,
        &value,
        &json!({ "entry": entry }),
        &json!({ "value": value }),
    ] {
        assert_eq!(
            parsed(part),
            whole,
            "a part by itself reads the same: {part}"
        );
    }
    let found = only(&whole);
    assert_eq!(found.channel, Channel::WhatsApp);
    assert_eq!(found.number.as_ref().map(NumberId::as_str), Some(NUMBER));
    assert_eq!(
        (found.key.as_str(), found.at),
        ("m:wamid.A", Some(Moment(1_700_000_000_000)))
    );
    let message = message(found);
    assert_eq!(
        (message.content.words(), message.name.as_deref()),
        (Some("Olá"), Some("Ana"))
    );
    assert_eq!(who(&message.from), (Some("5511900000001"), None));
    assert_eq!(
        message.quoting.as_ref().map(model::Wamid::as_str),
        Some("wamid.B")
    );
}

#[test]
fn one_unreadable_message_never_costs_its_neighbours() {
    let good = || a_message(&json!({}));
    let without = |name: &str| a_message(&json!({ name: null }));
    let found = read(&json!({ "metadata": metadata(), "messages":
        [good(), without("id"), without("from"), null, "text", [good()], a_message(&json!({ "id": "two\nlines" })), without("timestamp")] }));
    let causes: Vec<_> = found
        .iter()
        .map(|parsed| match &parsed.body {
            NoticeBody::Unreadable(unreadable) => {
                (unreadable.what.as_str(), unreadable.cause.as_str())
            }
            body => (body.word(), ""),
        })
        .collect();
    let id = "not a message id: it has a control character";
    assert_eq!(
        causes,
        [
            ("message", ""),
            ("message", "it has no id"),
            ("message", "it names no sender"),
            ("message", "it is no object"),
            ("message", "it is no object"),
            ("message", "it is no object"),
            ("message", id),
            ("message", ""),
        ]
    );
    assert_eq!(
        unreadable(&found[2]).raw,
        without("from"),
        "it is kept as it came"
    );
    assert_eq!(found[1].number.as_ref().map(NumberId::as_str), Some(NUMBER));
}

#[test]
fn missing_null_and_empty_members_are_no_error() {
    for body in [
        json!({}),
        json!({ "object": "whatsapp_business_account" }),
        json!({ "object": null, "entry": null }),
        json!({ "object": "whatsapp_business_account", "changes": [] }),
        json!({ "entry": [{ "changes": null }, {}, { "id": "1", "time": 1, "changes": [] }] }),
    ] {
        assert!(parsed(&body).is_empty(), "{body}");
    }
}

#[test]
fn what_is_no_part_of_the_envelope_is_kept() {
    for (body, expected) in [
        (json!({ "entry": [7] }), ("unreadable", "entry")),
        (json!({ "entry": [null] }), ("unreadable", "entry")),
        (
            json!({ "entry": [{ "changes": ["text"] }] }),
            ("unreadable", "change"),
        ),
        (
            json!({ "entry": [{ "changes": "text" }] }),
            ("update", "entry"),
        ),
        (
            json!({ "entry": [{ "id": "1", "messaging": [{}] }] }),
            ("update", "entry"),
        ),
        (
            json!({ "entry": [{ "changes": [{ "field": "calls" }] }] }),
            ("update", "calls"),
        ),
        (
            json!({ "entry": [{ "changes": [{ "value": { "groups": [{}] } }] }] }),
            ("update", "groups"),
        ),
        (
            json!({ "entry": [{ "field": "account_update", "changes": [{ "value": { "event": "X" } }] }] }),
            ("update", "account_update"),
        ),
        (
            json!({ "entry": [{ "changes": [{ "field": " a\u{1b}b\n", "value": {} }] }] }),
            ("update", "ab"),
        ),
        (
            json!({ "entry": [{ "changes": [{ "field": "", "value": 7 }] }] }),
            ("update", "messages"),
        ),
        (json!({ "hello": "world" }), ("update", "body")),
        (json!({ "entry": "abc" }), ("unreadable", "entry")),
        (
            json!({ "object": "whatsapp_business_account", "entry": 5 }),
            ("unreadable", "entry"),
        ),
        (
            json!({ "object": "whatsapp_business_account", "hello": "world" }),
            ("update", "body"),
        ),
        (json!({ "hello": [] }), ("update", "body")),
        (json!({ "object": 7 }), ("update", "body")),
        (
            json!({ "object": "whatsapp_business_account", "changes": "text" }),
            ("update", "entry"),
        ),
    ] {
        assert_eq!(words(&parsed(&body)), [expected], "{body}");
    }
}

#[test]
fn other_products_on_the_same_webhook_are_kept_whole() {
    for (object, name) in [
        ("instagram", "instagram"),
        ("page", "page"),
        (" in\u{7}stagram", "instagram"),
    ] {
        let body = json!({ "object": object, "entry": [{ "id": "1", "messaging": [{}, {}] }, { "changes": [{ "field": "messages",
            "value": { "metadata": metadata(), "messages": [a_message(&json!({}))] } }] }] });
        let found = parsed(&body);
        let found = only(&found);
        assert_eq!((found.channel.name(), &found.number), (name, &None));
        assert_eq!(
            (update(found).name.as_str(), &update(found).raw),
            (name, &body)
        );
    }
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    for body in [
        "",
        "{",
        "[]",
        "[1]",
        "7",
        "\"text\"",
        "null",
        "{\"entry\": [}",
        "{}{}",
    ] {
        let refused = parse(body.as_bytes(), NOW);
        assert!(
            matches!(refused, Err(crate::payload::Unreadable::NotAnObject(_))),
            "{body}: {refused:?}"
        );
    }
}

#[test]
fn a_body_that_is_too_deep_or_holds_too_much_is_refused() {
    let nested = |depth: usize| {
        format!(
            "{{\"entry\": [{{\"changes\": {}{}}}]}}",
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    assert!(parse(nested(100).as_bytes(), NOW).is_ok());
    assert_eq!(
        parse(nested(100_000).as_bytes(), NOW),
        Err(crate::payload::Unreadable::TooDeep)
    );
    let holds = |count: usize| {
        let body = json!({ "statuses": vec![json!({ "id": "wamid.S", "status": "read" }); count] });
        parse(body.to_string().as_bytes(), NOW).map(|found| found.len())
    };
    assert_eq!(
        holds(limits::NOTICES_PER_BODY),
        Ok(limits::NOTICES_PER_BODY)
    );
    assert_eq!(
        holds(limits::NOTICES_PER_BODY + 1),
        Err(crate::payload::Unreadable::TooMany)
    );
}

#[test]
fn a_word_of_the_envelope_may_be_of_any_type() {
    let value = json!({ "metadata": 7, "contacts": "Ana", "messages": [a_message(&json!({}))], "statuses": "none" });
    let body = json!({ "object": 7, "entry": [{ "id": [], "time": {}, "changes": [{ "field": {}, "value": value }] }] });
    assert_eq!(
        words(&parsed(&body)),
        [("message", "text"), ("unreadable", "status")]
    );
    let alone =
        json!({ "entry": { "changes": { "value": { "messages": a_message(&json!({})) } } } });
    assert_eq!(
        words(&parsed(&alone)),
        [("message", "text")],
        "one instead of a list of one"
    );
}

#[test]
fn a_number_that_is_too_large_costs_no_message() {
    let digits = "9".repeat(400);
    for number in ["1e999", "-1.5E+400", &digits] {
        let body = format!(
            r#"{{"entry": [{{"time": {number}, "changes": [{{"value": {{
            "contacts": [{{"wa_id": "5511900000001", "profile": {{"name": "Ana \ud83d"}}}}],
            "messages": [{{"from": "5511900000001", "id": "wamid.A", "timestamp": {number}, "type": "text", "text": {{"body": "1e999 \" {digits}"}}}},
                {{"from": "5511900000001", "id": "wamid.B", "type": "later", "later": {number}}}]}}}}]}}]}}"#
        );
        let found = parse(body.as_bytes(), NOW).unwrap();
        assert_eq!(found[0].at, None, "no time holds it");
        let [first, second] = [message(&found[0]), message(&found[1])];
        assert_eq!(
            (first.content.words(), first.name.as_deref()),
            (
                Some(format!("1e999 \" {digits}").as_str()),
                Some("Ana \u{fffd}")
            )
        );
        match &second.content {
            model::Content::Other { raw, .. } => assert_eq!(raw["later"], number),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn an_emoji_that_was_cut_in_half_costs_no_message() {
    let body = r#"{"entry": [{"changes": [{"field": "messages", "value": {
        "contacts": [{"wa_id": "5511900000001", "profile": {"name": "Ana \ud83d"}}],
        "messages": [{"from": "5511900000001", "id": "wamid.A", "timestamp": "1", "type": "text", "text": {"body": "hi \udc4b"},
            "referral": {"source_id": "1", "headline": "Half\ud83d"}}]}}]}]}"#;
    let found = parse(body.as_bytes(), NOW).unwrap();
    let found = message(only(&found));
    assert_eq!(
        (found.content.words(), found.name.as_deref()),
        (Some("hi \u{fffd}"), Some("Ana \u{fffd}"))
    );
    assert_eq!(
        found.ad.as_ref().unwrap().headline.as_deref(),
        Some("Half\u{fffd}")
    );
    let bytes: Vec<u8> = body
        .replace("\\udc4b", "?")
        .replace("\\ud83d", "")
        .bytes()
        .map(|byte| if byte == b'?' { 0xff } else { byte })
        .collect();
    assert_eq!(
        message(only(&parse(&bytes, NOW).unwrap())).content.words(),
        Some("hi \u{fffd}")
    );
}

#[test]
fn of_a_name_that_stands_there_twice_the_last_counts() {
    let body = r#"{"messages": [], "messages": [{"from": "1", "from": "2", "id": "wamid.A", "type": "odd", "type": "text", "text": {"body": "a", "body": "b"}}]}"#;
    let found = parse(body.as_bytes(), NOW).unwrap();
    let found = message(only(&found));
    assert_eq!(
        (who(&found.from), found.content.words()),
        ((Some("2"), None), Some("b"))
    );
}
