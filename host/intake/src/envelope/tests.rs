use model::NoticeBody;
use serde_json::{Value as Json, json};

use super::*;

const NOW: Moment = Moment(1_800_000_000_000);

fn entry(metadata: &Json) -> Json {
    let message = json!({ "from": "5511900000001", "id": "wamid.A", "timestamp": "1700000000", "type": "text", "text": { "body": "olá 👋" } });
    json!({ "id": "1", "changes": [{ "field": "messages", "value": { "metadata": metadata, "messages": [message] } }] })
}

fn event(entry: &Json) -> Json {
    json!({
        "context": {
            "MetaWabaIds": [{ "wabaId": "1", "arn": "arn:aws:social-messaging:eu-west-1:000000000000:waba/1" }],
            "MetaPhoneNumberIds": [{ "metaPhoneNumberId": "200000000000002", "arn": "arn:aws:social-messaging:eu-west-1:000000000000:phone-number-id/2" }],
        },
        "whatsAppWebhookEntry": entry,
        "aws_account_id": "000000000000",
        "message_timestamp": "2026-01-01T00:00:00.000000000Z",
    })
}

fn notification(message: &Json) -> Json {
    json!({ "Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:eu-west-1:000000000000:t", "Message": message.to_string() })
}

fn as_text(json: &Json) -> Json {
    Json::from(json.to_string())
}

/// The number of the one message that is in it.
fn number(body: &Json) -> Option<String> {
    let found = open(body.to_string().as_bytes(), NOW).unwrap();
    let [found] = found.as_slice() else {
        panic!("{body}: {found:?}")
    };
    match &found.body {
        NoticeBody::Message(message) => assert_eq!(message.content.words(), Some("olá 👋")),
        other => panic!("{body}: {other:?}"),
    }
    found.number.as_ref().map(ToString::to_string)
}

#[test]
fn whatever_a_queue_holds_is_unwrapped() {
    let metadata = json!({ "phone_number_id": "100000000000001" });
    let entry = entry(&metadata);
    let envelope = json!({ "object": "whatsapp_business_account", "entry": [entry] });
    for body in [
        envelope.clone(),
        notification(&envelope),
        event(&as_text(&entry)),
        event(&entry),
        event(&as_text(&envelope)),
        notification(&event(&as_text(&entry))),
        notification(&event(&entry)),
        json!({ "TopicArn": "arn", "Message": event(&entry) }),
        json!({ "Records": [{ "Sns": notification(&event(&as_text(&entry))) }] }),
        json!({ "Records": [{ "body": notification(&event(&as_text(&entry))).to_string() }] }),
        json!({ "Records": [{ "body": event(&entry).to_string() }] }),
    ] {
        assert_eq!(number(&body).as_deref(), Some("100000000000001"), "{body}");
    }
    let message = event(&as_text(&entry)).to_string();
    assert_eq!(open_message(&message, NOW), open(message.as_bytes(), NOW));
    assert_eq!(open_message(&message, NOW).unwrap().len(), 1);
}

#[test]
fn an_event_says_which_number_where_its_entry_does_not() {
    let unnamed = entry(&json!(null));
    let with = |context: Json| {
        let mut event = event(&as_text(&unnamed));
        event["context"] = context;
        number(&event)
    };
    let id = |id: &str| json!({ "metaPhoneNumberId": id });
    assert_eq!(number(&event(&unnamed)).as_deref(), Some("200000000000002"));
    assert_eq!(
        with(json!({ "MetaPhoneNumberIds": ["2"] })).as_deref(),
        Some("2")
    );
    assert_eq!(
        with(json!({ "MetaPhoneNumberIds": "2" })).as_deref(),
        Some("2")
    );
    assert_eq!(
        with(json!({ "MetaPhoneNumberIds": [{ "metaPhoneNumberId": 2 }] })).as_deref(),
        Some("2")
    );
    assert_eq!(
        with(json!({ "MetaPhoneNumberIds": [id("2"), id("3")] })),
        None,
        "of several it may be either"
    );
    for context in [
        json!(null),
        json!({}),
        json!({ "MetaPhoneNumberIds": [] }),
        json!({ "MetaPhoneNumberIds": [{}] }),
        json!("2"),
    ] {
        assert_eq!(with(context), None);
    }
    let older = json!({ "MetaPhoneNumberIds": [id("2")], "whatsAppWebhookEntry": unnamed });
    assert_eq!(number(&older).as_deref(), Some("2"));
    // What one event says holds for no other.
    let records = json!({ "Records": [{ "body": event(&unnamed).to_string() }, { "body": json!({ "entry": [unnamed] }).to_string() }] });
    let found = open(records.to_string().as_bytes(), NOW).unwrap();
    let numbers: Vec<_> = found.iter().map(|parsed| parsed.number.is_some()).collect();
    assert_eq!(numbers, [true, false]);
}

#[test]
fn what_cannot_be_opened_is_the_bodys_error() {
    let text =
        |message: &str| json!({ "Type": "Notification", "MessageId": "m", "Message": message });
    let confirmation = json!({ "Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe", "Token": "t" });
    let emptied = |with: Json| event(&with);
    for body in [
        json!([]),
        json!("text"),
        text(""),
        text("hello"),
        text("[]"),
        text("\"hello\""),
        confirmation,
        emptied(json!(null)),
        emptied(json!("")),
        emptied(json!("{")),
        emptied(json!(7)),
        emptied(json!([])),
        notification(&event(&json!("{\"id\":"))),
        json!({ "Records": [{}] }),
        json!({ "Records": [7] }),
    ] {
        let refused = open(body.to_string().as_bytes(), NOW);
        assert!(
            matches!(refused, Err(Unreadable::NotAnObject(_))),
            "{body}: {refused:?}"
        );
    }
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    assert_eq!(
        open(text(&deep).to_string().as_bytes(), NOW),
        Err(Unreadable::TooDeep)
    );
}

#[test]
fn a_record_that_cannot_be_opened_costs_no_other() {
    let good = json!({ "body": json!({ "entry": [entry(&json!(null))] }).to_string() });
    let confirmation = json!({ "Type": "SubscriptionConfirmation", "Token": "t" });
    let empty = json!({ "Records": [{}, 7] });
    let bad = [
        json!({}),
        json!(7),
        json!({ "body": "{" }),
        json!({ "body": "hello" }),
        json!({ "Sns": confirmation }),
        json!({ "body": empty }),
        json!({ "body": "[".repeat(1000) }),
    ];
    for bad in &bad {
        let records = json!({ "Records": [good, bad, good] });
        let found = open(records.to_string().as_bytes(), NOW).unwrap();
        let words: Vec<_> = found.iter().map(|parsed| parsed.body.word()).collect();
        assert_eq!(words, ["message", "unreadable", "message"], "{bad}");
        match &found[1].body {
            NoticeBody::Unreadable(told) => {
                assert_eq!((told.what.as_str(), &told.raw), ("record", bad));
                assert!(!told.cause.is_empty());
            }
            other => panic!("{other:?}"),
        }
    }
    let refused = open(json!({ "Records": bad }).to_string().as_bytes(), NOW);
    assert!(
        matches!(refused, Err(Unreadable::NotAnObject(_))),
        "{refused:?}"
    );
}

#[test]
fn wrappers_within_wrappers_come_to_an_end() {
    let wrapped = |times: usize| {
        (0..times).fold(json!({ "entry": [entry(&json!(null))] }), |inner, _| {
            notification(&inner)
        })
    };
    assert!(open(wrapped(limits::WRAPPERS).to_string().as_bytes(), NOW).is_ok());
    assert_eq!(
        open(wrapped(limits::WRAPPERS + 1).to_string().as_bytes(), NOW),
        Err(Unreadable::TooDeep)
    );
}

#[test]
fn halves_of_characters_in_a_text_within_a_text_cost_nothing() {
    let halved = r#"{"Type":"Notification","Message":"{\"entry\":[{\"changes\":[{\"value\":{\"messages\":[{\"from\":\"1\",\"id\":\"a\",\"type\":\"text\",\"text\":{\"body\":\"hi \\ud83d and \\ud83d\\udc4b\"}}]}}]}]}"}"#;
    let found = open(halved.as_bytes(), NOW).unwrap();
    match &found[0].body {
        NoticeBody::Message(message) => {
            assert_eq!(message.content.words(), Some("hi \u{fffd} and 👋"));
        }
        other => panic!("{other:?}"),
    }
}
