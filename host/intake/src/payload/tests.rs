use model::{ContactKey, Content, Delivery};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

fn envelope(value: &Json) -> Vec<u8> {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]})
        .to_string()
        .into_bytes()
}

fn read(value: &Json) -> Vec<Parsed> {
    parse(&envelope(value)).unwrap()
}

fn metadata() -> Json {
    json!({"display_phone_number": "15550100000", "phone_number_id": "100000000000001"})
}

#[test]
fn a_text_message_is_read_with_its_sender_and_name() {
    let found = read(&json!({
        "metadata": metadata(),
        "contacts": [{"wa_id": "5511900000001", "profile": {"name": "Ana"}}],
        "messages": [{"from": "5511900000001", "id": "wamid.A1", "timestamp": "1700000000", "type": "text",
            "text": {"body": "Olá"}, "context": {"from": "15550100000", "id": "wamid.B"}}],
    }));
    let [
        Parsed {
            number: Some(number),
            key,
            body: NoticeBody::Message(message),
        },
    ] = found.as_slice()
    else {
        panic!("{found:?}")
    };
    assert_eq!(
        (number.as_str(), key.as_str()),
        ("100000000000001", "m:wamid.A1")
    );
    assert_eq!(
        message.content,
        Content::Text {
            body: "Olá".into()
        }
    );
    assert_eq!(message.name.as_deref(), Some("Ana"));
    assert_eq!(
        message.from.phone().map(model::Phone::as_str),
        Some("5511900000001")
    );
    assert_eq!(message.quoting.as_ref().map(Wamid::as_str), Some("wamid.B"));
}

use model::Wamid;

#[test]
fn a_sender_without_a_phone_is_known_by_the_user_id() {
    let message = |extra: Json| {
        let mut message =
            json!({"id": "wamid.A", "timestamp": "1", "type": "text", "text": {"body": "hi"}});
        message
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        let found = read(&json!({"metadata": metadata(), "messages": [message],
            "contacts": [{"user_id": "BR.abc", "profile": {"name": "Bo"}}]}));
        match &found[0].body {
            NoticeBody::Message(message) => message.from.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert!(matches!(
        message(json!({"from_user_id": "BR.abc"})),
        ContactKey::User(_)
    ));
    assert!(
        matches!(message(json!({"from": "BR.abc"})), ContactKey::User(_)),
        "some providers misplace it"
    );
    assert!(matches!(message(json!({})), ContactKey::User(user) if user.as_str() == "BR.abc"));
    assert!(matches!(
        message(json!({"from": "15550100001", "from_user_id": "BR.abc"})),
        ContactKey::Both(..)
    ));
}

#[test]
fn one_unreadable_message_never_costs_its_neighbours() {
    let good = json!({"from": "15550100001", "id": "wamid.G", "timestamp": "1", "type": "text", "text": {"body": "x"}});
    let found = read(&json!({"metadata": metadata(), "messages": [
        good, {"id": 7}, {"from": "15550100001", "timestamp": "1", "type": "text"}, null, "text",
        {"from": "15550100001", "id": "wamid.T", "timestamp": "soon", "type": "text", "text": {"body": "x"}},
    ]}));
    assert_eq!(found.len(), 6);
    let messages = found
        .iter()
        .filter(|parsed| matches!(parsed.body, NoticeBody::Message(_)))
        .count();
    let unreadable = found
        .iter()
        .filter(
            |p| matches!(&p.body, NoticeBody::Other { name, .. } if name.starts_with("unreadable")),
        )
        .count();
    assert_eq!((messages, unreadable), (1, 5));
}

#[test]
fn taps_media_and_unknown_kinds_are_told_apart() {
    let content = |kind: &str, part: Json| {
        let message = json!({"from": "15550100001", "id": "wamid.K", "timestamp": 5, "type": kind, kind: part});
        match &read(&json!({"metadata": metadata(), "messages": [message]}))[0].body {
            NoticeBody::Message(message) => (
                message.content.kind().to_owned(),
                message.content.words().map(str::to_owned),
            ),
            other => panic!("{other:?}"),
        }
    };
    let told = |kind: &str, words: &str| (kind.to_owned(), Some(words.to_owned()));
    assert_eq!(
        content("button", json!({"payload": "UNSUB", "text": "Unsubscribe"})),
        told("button", "Unsubscribe")
    );
    let reply = json!({"type": "button_reply", "button_reply": {"id": "hours", "title": "Hours"}});
    assert_eq!(content("interactive", reply), told("button", "Hours"));
    let reply = json!({"type": "list_reply", "list_reply": {"id": "r1", "title": "Row"}});
    assert_eq!(content("interactive", reply), told("menu", "Row"));
    assert_eq!(
        content("image", json!({"id": "9", "caption": "look"})),
        told("image", "look")
    );
    assert_eq!(
        content("audio", json!({"id": "9", "voice": true})),
        ("voice".into(), None)
    );
    assert_eq!(
        content("hologram", json!({"depth": 3})),
        ("hologram".into(), None)
    );
    assert_eq!(
        content("text", Json::Null),
        ("text".into(), None),
        "a text without a body is kept raw"
    );
}

#[test]
fn a_status_brings_back_the_token() {
    let found = read(&json!({"metadata": metadata(), "statuses": [
        {"id": "wamid.S", "status": "failed", "timestamp": "9", "recipient_id": "15550100001",
            "biz_opaque_callback_data": "tg1", "errors": [{"code": 131047, "title": "Re-engagement message"}]},
        {"id": "wamid.S", "status": "dreaming", "timestamp": "9"},
    ]}));
    let NoticeBody::Status(status) = &found[0].body else {
        panic!("{found:?}")
    };
    assert_eq!(status.delivery, Delivery::Failed);
    assert_eq!(
        status.token.as_ref().map(model::SendToken::as_str),
        Some("tg1")
    );
    assert_eq!(status.error.as_ref().map(|error| error.code), Some(131_047));
    assert!(matches!(&found[1].body, NoticeBody::Other { name, .. } if name.contains("dreaming")));
}

#[test]
fn missing_null_and_empty_members_are_no_error() {
    for body in [
        json!({}),
        json!({"object": "whatsapp_business_account"}),
        json!({"object": null, "entry": null}),
        json!({"entry": [{"changes": null}, {}]}),
        json!({"entry": 7}),
    ] {
        assert!(
            parse(body.to_string().as_bytes()).unwrap().is_empty(),
            "{body}"
        );
    }
    let kept = parse(
        json!({"entry": [{"changes": [{"field": "calls"}]}]})
            .to_string()
            .as_bytes(),
    )
    .unwrap();
    assert!(matches!(&kept[0].body, NoticeBody::Other { name, .. } if name == "calls"));
    let other = parse(
        json!({"object": "instagram", "entry": [{}]})
            .to_string()
            .as_bytes(),
    )
    .unwrap();
    assert!(matches!(&other[0].body, NoticeBody::Other { name, .. } if name == "instagram"));
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    for body in ["", "{", "[]", "7", "\"text\"", "{\"entry\": [}"] {
        assert!(parse(body.as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn what_is_said_of_the_sender_may_be_of_any_type() {
    let sender = |contact: Json, from: Json| {
        let message = json!({"from": from, "id": "wamid.A", "timestamp": "1", "type": "text", "text": {"body": "hi"}});
        let found = read(
            &json!({"metadata": {"phone_number_id": 100_000_000_000_001_u64}, "contacts": [contact], "messages": [message]}),
        );
        assert_eq!(
            found[0].number.as_ref().map(NumberId::as_str),
            Some("100000000000001")
        );
        match &found[0].body {
            NoticeBody::Message(message) => (message.from.masked(), message.name.clone()),
            other => panic!("{other:?}"),
        }
    };
    let from = json!("5511900000001");
    for contact in [
        json!(null),
        json!(7),
        json!({"wa_id": "5511900000001"}),
        json!({"wa_id": "5511900000001", "profile": null}),
        json!({"wa_id": "5511900000001", "profile": "Ana"}),
        json!({"wa_id": "5511900000001", "profile": {"name": 7}}),
        json!({"wa_id": null, "user_id": 7, "profile": {"name": "Ana"}}),
    ] {
        assert_eq!(
            sender(contact.clone(), from.clone()),
            ("…0001".to_owned(), None),
            "{contact}"
        );
    }
    let ana =
        json!({"wa_id": 5_511_900_000_001_u64, "user_id": "BR.abc123", "profile": {"name": "Ana"}});
    assert_eq!(
        sender(ana.clone(), json!(5_511_900_000_001_u64)),
        ("…0001".to_owned(), Some("Ana".to_owned()))
    );
    assert_eq!(
        sender(ana, json!(null)),
        ("user …c123".to_owned(), Some("Ana".to_owned())),
        "a lone introduction is the lone sender's"
    );
    let broken = json!({"user_id": "BR.abc123", "profile": ["Ana"]});
    assert_eq!(sender(broken, json!([])), ("user …c123".to_owned(), None));
}

#[test]
fn an_emoji_that_was_cut_in_half_costs_no_message() {
    let body = r#"{"entry": [{"changes": [{"field": "messages", "value": {
        "contacts": [{"wa_id": "5511900000001", "profile": {"name": "Ana \ud83d"}}],
        "messages": [{"from": "5511900000001", "id": "wamid.A", "timestamp": "1", "type": "text", "text": {"body": "hi \udc4b"},
            "referral": {"source_id": "1", "headline": "Half\ud83d"}}]}}]}]}"#;
    let found = parse(body.as_bytes()).unwrap();
    let NoticeBody::Message(message) = &found[0].body else {
        panic!("{found:?}")
    };
    assert_eq!(message.content.words(), Some("hi \u{fffd}"));
    assert_eq!(message.name.as_deref(), Some("Ana \u{fffd}"));
    let ad = message.ad.as_ref().unwrap();
    assert_eq!(ad.headline.as_deref(), Some("Half\u{fffd}"));
}

#[test]
fn a_word_of_the_envelope_may_be_of_any_type() {
    let message = json!({"from": "1", "id": "wamid.A", "timestamp": "1", "type": "text", "text": {"body": "hi"}});
    let body = json!({"object": 7, "entry": [{"changes": [{"field": {}, "value": {"messages": [message]}}]}]});
    let found = parse(body.to_string().as_bytes()).unwrap();
    assert!(
        matches!(&found[0].body, NoticeBody::Message(_)),
        "{found:?}"
    );
}

fn any_json() -> impl Strategy<Value = Json> {
    let names = [
        "object", "entry", "changes", "field", "value", "messages", "statuses", "contacts",
        "metadata", "id", "type",
    ];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        ".{0,8}".prop_map(Json::from),
        Just(Json::from("whatsapp_business_account")),
    ];
    leaf.prop_recursive(6, 64, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec((prop::sample::select(names.to_vec()), inner), 0..5).prop_map(
                |pairs| Json::Object(
                    pairs
                        .into_iter()
                        .map(|(key, value)| (key.to_owned(), value))
                        .collect()
                )
            ),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_it_panic(body in any_json()) {
        let _ = parse(body.to_string().as_bytes());
    }

    #[test]
    fn every_message_and_status_of_a_batch_comes_out(messages in prop::collection::vec(any_json(), 1..6), statuses in prop::collection::vec(any_json(), 0..6)) {
        let found = read(&json!({"metadata": metadata(), "messages": messages, "statuses": statuses}));
        prop_assert_eq!(found.len(), messages.len() + statuses.len());
    }
}
