//! Messages of our own side.

use super::*;

fn written(members: &Json) -> Json {
    with(
        json!({ "from": "15550100000", "to": "5511900000001", "id": "wamid.E", "timestamp": "1700000000", "type": "text",
        "text": { "body": "from the app" } }),
        members,
    )
}

#[test]
fn an_echo_is_one_wherever_it_stands() {
    let part = written(&json!({}));
    let value = |list: &str| json!({ "metadata": metadata(), list: [part] });
    for (field, value) in [
        ("smb_message_echoes", value("message_echoes")),
        ("message_echoes", value("message_echoes")),
        ("messages", value("message_echoes")),
        ("smb_message_echoes", value("messages")),
        ("messages", value("messages")),
    ] {
        let found = changed(field, &value);
        let only = only(&found);
        assert_eq!(only.key.as_str(), "e:wamid.E", "{field}: {value}");
        assert_eq!(
            (who(&echo(only).to), echo(only).content.words()),
            ((Some("5511900000001"), None), Some("from the app"))
        );
        assert_eq!(
            (only.at, echo(only).at),
            (Some(Moment(1_700_000_000_000)), Moment(1_700_000_000_000))
        );
    }
}

#[test]
fn a_message_among_the_messages_is_an_echo_only_if_the_number_itself_wrote_it_to_somebody() {
    let is_echo = |members: Json| {
        let found = read(
            &json!({ "metadata": { "display_phone_number": "+1 555-010-0000", "phone_number_id": NUMBER }, "messages": [written(&members)] }),
        );
        only(&found).body.word() == "echo"
    };
    assert!(is_echo(json!({})));
    assert!(is_echo(json!({ "from": "+15550100000" })));
    assert!(is_echo(json!({ "from": NUMBER })));
    assert!(is_echo(json!({ "to": null, "to_user_id": "BR.1" })));
    assert!(!is_echo(json!({ "to": null })));
    assert!(!is_echo(json!({ "from": "5511900000002" })));
    let nowhere =
        read(&json!({ "messages": [written(&json!({ "from": "" })), written(&json!({}))] }));
    assert_eq!(
        words(&nowhere),
        [("unreadable", "message"), ("message", "text")]
    );
}

#[test]
fn what_the_number_itself_wrote_to_nobody_is_nobodys_to_answer() {
    let ours = |members: Json, contacts: Json| {
        let part = with(a_message(&json!({ "to": null })), &members);
        let found = read(
            &json!({ "metadata": { "display_phone_number": "+1 555-010-0000", "phone_number_id": NUMBER },
            "contacts": contacts, "messages": [part] }),
        );
        let message = message(only(&found));
        assert_eq!(message.is_for_us(), !message.from_ourselves);
        message.from_ourselves
    };
    for from in ["15550100000", "+1 (555) 010 0000", NUMBER] {
        assert!(ours(json!({ "from": from }), json!(null)), "{from}");
    }
    assert!(ours(
        json!({ "from": null }),
        json!([{ "wa_id": "15550100000" }])
    ));
    for from in ["5511900000001", "1555010000", "BR.1"] {
        assert!(!ours(json!({ "from": from }), json!(null)), "{from}");
    }
    let unnamed = read(&json!({ "messages": [a_message(&json!({}))] }));
    assert!(!message(only(&unnamed)).from_ourselves);
}

#[test]
fn an_echo_names_whom_it_went_to() {
    let to = |members: Json, contacts: Json| {
        let found = changed(
            "smb_message_echoes",
            &json!({ "metadata": metadata(), "contacts": contacts, "message_echoes": [written(&members)] }),
        );
        let echo = echo(only(&found)).clone();
        let (phone, user) = who(&echo.to);
        (phone.map(str::to_owned), user.map(str::to_owned))
    };
    let is = |phone: &str, user: &str| {
        (
            Some(phone.to_owned()).filter(|p| !p.is_empty()),
            Some(user.to_owned()).filter(|u| !u.is_empty()),
        )
    };
    assert_eq!(
        to(json!({ "to": "+5511900000001" }), json!(null)),
        is("5511900000001", "")
    );
    assert_eq!(
        to(json!({ "to_user_id": "BR.1" }), json!(null)),
        is("5511900000001", "BR.1")
    );
    assert_eq!(
        to(json!({ "to": null, "to_user_id": "BR.1" }), json!(null)),
        is("", "BR.1")
    );
    assert_eq!(
        to(
            json!({}),
            json!([{ "wa_id": "5511900000001", "user_id": "BR.1" }])
        ),
        is("5511900000001", "BR.1")
    );
    assert_eq!(
        to(json!({ "to": null }), json!([{ "user_id": "BR.1" }])),
        is("", "BR.1")
    );
    for (broken, cause) in [
        (json!({ "to": null }), "it does not say to whom"),
        (json!({ "id": "" }), "it has no id"),
    ] {
        let found = changed(
            "smb_message_echoes",
            &json!({ "message_echoes": [written(&broken), 7, written(&json!({}))] }),
        );
        assert_eq!(
            words(&found),
            [
                ("unreadable", "echo"),
                ("unreadable", "echo"),
                ("echo", "text")
            ]
        );
        assert_eq!(unreadable(&found[0]).cause, cause);
    }
}

#[test]
fn our_side_may_edit_and_revoke_too() {
    let echoed = |kind: &str, part: Json| {
        let members = json!({ "type": kind, kind: part });
        let found = changed(
            "smb_message_echoes",
            &json!({ "message_echoes": [written(&members)] }),
        );
        let echo = echo(only(&found)).clone();
        (
            echo.content.kind().to_owned(),
            echo.content.words().map(str::to_owned),
        )
    };
    let edit = json!({ "original_message_id": "wamid.E", "message": { "type": "text", "text": { "body": "better" } } });
    assert_eq!(echoed("edit", edit), ("edit".into(), Some("better".into())));
    assert_eq!(
        echoed("revoke", json!({ "original_message_id": "wamid.E" })),
        ("revoke".into(), None)
    );
}
