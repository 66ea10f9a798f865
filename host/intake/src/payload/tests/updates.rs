//! Everything that is told beside messages and statuses.

use model::{Call, ContactKey, NetworkError, Phone, UserId};

use super::*;

#[test]
fn what_happens_to_templates_numbers_and_accounts_is_understood() {
    let some = |text: &str| Some(text.to_owned());
    let template = |event: &str, language: Option<&str>, reason: Option<&str>| Detail::Template {
        name: "hello".into(),
        language: language.map(str::to_owned),
        event: event.into(),
        reason: reason.map(str::to_owned),
    };
    for (field, value, expected) in [
        (
            "message_template_status_update",
            json!({ "event": "APPROVED", "message_template_id": 7, "message_template_name": "hello",
            "message_template_language": "pt_BR", "reason": "NONE" }),
            template("APPROVED", Some("pt_BR"), None),
        ),
        (
            "message_template_status_update",
            json!({ "event": "REJECTED", "message_template_name": "hello", "reason": "INVALID_FORMAT" }),
            template("REJECTED", None, Some("INVALID_FORMAT")),
        ),
        (
            "message_template_status_update",
            json!({ "event": "PAUSED", "message_template_name": "hello", "reason": null }),
            template("PAUSED", None, None),
        ),
        (
            "message_template_quality_update",
            json!({ "previous_quality_score": "GREEN", "new_quality_score": "RED",
            "message_template_name": "hello", "message_template_language": "en" }),
            template("RED", Some("en"), None),
        ),
        (
            "message_template_status_update",
            json!({ "event": "APPROVED" }),
            Detail::Other,
        ),
        (
            "message_template_status_update",
            json!({ "message_template_name": "hello" }),
            Detail::Other,
        ),
        (
            "phone_number_quality_update",
            json!({ "display_phone_number": "15550100000", "event": "DOWNGRADE", "current_limit": "TIER_1K" }),
            Detail::Quality {
                event: "DOWNGRADE".into(),
                limit: some("TIER_1K"),
            },
        ),
        (
            "phone_number_quality_update",
            json!({ "event": "FLAGGED", "current_limit": null, "max_daily_conversations_per_business": 1000 }),
            Detail::Quality {
                event: "FLAGGED".into(),
                limit: some("1000"),
            },
        ),
        (
            "account_update",
            json!({ "event": "DISABLED_UPDATE\n", "ban_info": {} }),
            Detail::Account {
                event: "DISABLED_UPDATE".into(),
            },
        ),
        (
            "account_review_update",
            json!({ "decision": "REJECTED" }),
            Detail::Account {
                event: "REJECTED".into(),
            },
        ),
        ("account_update", json!({ "event": [] }), Detail::Other),
        (
            "account_alerts",
            json!({ "alert_type": "X" }),
            Detail::Other,
        ),
        (
            "smb_app_state_sync",
            json!({ "state_sync": [{ "type": "contact" }] }),
            Detail::Other,
        ),
        (
            "history",
            json!({ "history": [{ "threads": [] }] }),
            Detail::Other,
        ),
        ("nothing we know", json!({ "a": 1 }), Detail::Other),
        (
            "messages",
            json!({ "messages": [], "statuses": null }),
            Detail::Other,
        ),
        ("calls", json!(null), Detail::Other),
    ] {
        let found = changed(field, &value);
        let found = update(only(&found));
        assert_eq!(
            (found.name.as_str(), &found.detail),
            (field, &expected),
            "{value}"
        );
        assert_eq!(
            (&found.raw["field"], &found.raw["value"]),
            (&json!(field), &value),
            "it is kept as it came"
        );
    }
}

#[test]
fn the_time_of_an_update_is_its_own_or_its_entrys() {
    let at = |value: Json| {
        let body = json!({ "entry": [{ "time": 1_700_000_000, "changes": [{ "field": "account_update", "value": value }] }] });
        only(&parsed(&body)).at
    };
    assert_eq!(at(json!({})), Some(Moment(1_700_000_000_000)));
    assert_eq!(
        at(json!({ "timestamp": "1700000001" })),
        Some(Moment(1_700_000_001_000))
    );
}

#[test]
fn a_call_is_told_step_by_step() {
    let called = |members: Json| {
        let part = with(
            json!({ "id": "wacid.1", "from": "5511900000001", "to": "15550100000", "event": "connect", "timestamp": "1700000000",
            "direction": "USER_INITIATED", "session": { "sdp": "…" } }),
            &members,
        );
        let found = changed("calls", &json!({ "metadata": metadata(), "calls": [part] }));
        assert_eq!(
            (
                update(only(&found)).name.as_str(),
                &update(only(&found)).raw
            ),
            ("calls", &part)
        );
        match update(only(&found)).detail.clone() {
            Detail::Call(call) => Some((who(&call.with).0.map(str::to_owned), call)),
            _ => None,
        }
    };
    let expected = Call {
        id: "wacid.1".into(),
        with: ContactKey::Phone(Phone::new("5511900000001").unwrap()),
        is_inbound: true,
        event: "connect".into(),
        at: Moment(1_700_000_000_000),
    };
    assert_eq!(called(json!({})).unwrap().1, expected);
    let outbound =
        json!({ "direction": "BUSINESS_INITIATED", "from": "15550100000", "to": "5511900000001" });
    assert_eq!(
        called(outbound).unwrap().1,
        Call {
            is_inbound: false,
            ..expected.clone()
        }
    );
    let untold = json!({ "direction": null, "from": "15550100000", "to": "5511900000001" });
    assert_eq!(
        called(untold).unwrap().1,
        Call {
            is_inbound: false,
            ..expected.clone()
        }
    );
    let ended = json!({ "event": null, "status": "COMPLETED", "timestamp": null });
    assert_eq!(
        called(ended).unwrap().1,
        Call {
            event: "COMPLETED".into(),
            at: NOW,
            ..expected
        }
    );
    for broken in [
        json!({ "id": null }),
        json!({ "from": null }),
        json!({ "event": null }),
    ] {
        assert!(called(broken).is_none());
    }
}

#[test]
fn a_new_user_id_names_the_old_one() {
    let told = |members: Json| {
        let part = with(
            json!({ "wa_id": "5511900000001", "user_id": { "previous": "BR.1", "current": "BR.2" }, "timestamp": "1700000000" }),
            &members,
        );
        let found = changed("user_id_update", &json!({ "user_id_update": [part] }));
        assert_eq!(
            (only(&found).at, update(only(&found)).name.as_str()),
            (Some(Moment(1_700_000_000_000)), "user_id_update")
        );
        update(only(&found)).detail.clone()
    };
    let is = UserId::new("BR.2").unwrap();
    let (phone, user) = (
        Phone::new("5511900000001").unwrap(),
        UserId::new("BR.1").unwrap(),
    );
    let was = ContactKey::Both(phone.clone(), user.clone());
    assert_eq!(
        told(json!({})),
        Detail::NewUserId {
            was,
            is: is.clone()
        }
    );
    assert_eq!(
        told(json!({ "wa_id": null })),
        Detail::NewUserId {
            was: ContactKey::User(user),
            is: is.clone()
        }
    );
    assert_eq!(
        told(json!({ "user_id": { "current": "BR.2" } })),
        Detail::NewUserId {
            was: ContactKey::Phone(phone),
            is
        }
    );
    for broken in [
        json!({ "user_id": "BR.2" }),
        json!({ "user_id": { "previous": "BR.1" } }),
        json!({ "wa_id": null, "user_id": { "current": "BR.2" } }),
    ] {
        assert_eq!(told(broken), Detail::Other);
    }
}

#[test]
fn errors_of_a_whole_delivery_come_out_beside_what_else_there_is() {
    let errors = json!([{ "code": 131_000, "title": "Something went wrong" }]);
    let found = read(
        &json!({ "metadata": metadata(), "messages": [a_message(&json!({}))], "errors": errors,
        "statuses": [{ "id": "wamid.S", "status": "read", "timestamp": "1" }] }),
    );
    assert_eq!(
        words(&found),
        [
            ("message", "text"),
            ("status", "read"),
            ("update", "errors")
        ]
    );
    let expected = NetworkError {
        code: 131_000,
        title: "Something went wrong".into(),
        details: None,
    };
    assert_eq!(
        update(&found[2]).detail,
        Detail::Errors {
            errors: vec![expected]
        }
    );
    assert_eq!(update(&found[2]).raw, errors);
    assert_eq!(
        words(&read(&json!({ "errors": errors }))),
        [("update", "errors")]
    );
}

#[test]
fn what_was_said_before_we_were_there_is_no_message() {
    let old = a_message(&json!({}));
    let found = changed(
        "history",
        &json!({ "metadata": metadata(), "messages": [old, null], "message_echoes": [old] }),
    );
    assert_eq!(words(&found), [("update", "history"); 3]);
    assert_eq!(update(&found[0]).raw, old);
    let threads =
        json!({ "metadata": metadata(), "history": [{ "threads": [] }], "message_echoes": [old] });
    let found = changed("history", &threads);
    assert_eq!(words(&found), [("update", "history"); 2]);
    assert_eq!(update(&found[1]).raw["value"], threads);
    let anothers = json!({ "metadata": metadata(), "messages": [old] });
    assert_eq!(
        words(&changed("standby", &anothers)),
        [("update", "standby")],
        "another answers it"
    );
}

#[test]
fn a_message_that_was_not_available_yet_does_not_stand_in_its_own_way() {
    let unavailable = json!({ "type": "unsupported", "text": null, "errors": [{ "code": 131_060, "title": "This message is unavailable" }] });
    let forerunner = only(&read(&json!({ "messages": [a_message(&unavailable)] }))).clone();
    let whole = only(&read(&json!({ "messages": [a_message(&json!({}))] }))).clone();
    let [NoticeBody::Message(first), NoticeBody::Message(second)] = [&forerunner.body, &whole.body]
    else {
        panic!("{forerunner:?} {whole:?}")
    };
    assert_eq!(first.id, second.id);
    assert_ne!(forerunner.key, whole.key);
    assert!(!first.is_for_us() && second.is_for_us());
}
