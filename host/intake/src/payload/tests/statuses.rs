//! Statuses of what we sent.

use model::{ContactKey, Conversation, Delivery, NetworkError, Phone, Pricing};

use super::*;

fn told(members: &Json) -> Parsed {
    let part = with(
        json!({ "id": "wamid.S", "status": "sent", "timestamp": "1700000000", "recipient_id": "5511900000001" }),
        members,
    );
    only(&read(
        &json!({ "metadata": metadata(), "statuses": [part] }),
    ))
    .clone()
}

#[test]
fn a_status_brings_everything_that_is_known_of_a_send() {
    let found = told(
        &json!({ "status": "failed", "biz_opaque_callback_data": "tg1", "recipient_user_id": "BR.1",
        "conversation": { "id": "c1", "origin": { "type": "service" }, "expiration_timestamp": "1700086400" },
        "pricing": { "billable": false, "pricing_model": "PMP", "type": "free_customer_service", "category": "service" },
        "errors": [{ "code": 131_047, "title": "Re-engagement message", "message": "Re-engagement message",
            "error_data": { "details": "More than 24 hours have passed" }, "href": "https://errors.example" }] }),
    );
    let some = |text: &str| Some(text.to_owned());
    let status = status(&found);
    assert_eq!(found.key.as_str(), "s:wamid.S:failed:1700000000");
    assert_eq!(
        (found.at, status.at),
        (Some(Moment(1_700_000_000_000)), Moment(1_700_000_000_000))
    );
    assert_eq!(
        (status.delivery, &*status.word),
        (Delivery::Failed, "failed")
    );
    assert_eq!(
        status.token.as_ref().map(model::SendToken::as_str),
        Some("tg1")
    );
    assert_eq!(
        status.to.as_ref().map(who),
        Some((Some("5511900000001"), Some("BR.1")))
    );
    let details = some("More than 24 hours have passed");
    assert_eq!(
        status.errors,
        [NetworkError {
            code: 131_047,
            title: "Re-engagement message".into(),
            details
        }]
    );
    let pricing = Pricing {
        billable: Some(false),
        model: some("PMP"),
        kind: some("free_customer_service"),
        category: some("service"),
    };
    assert_eq!(status.pricing, Some(pricing));
    let expires_at = Some(Moment(1_700_086_400_000));
    assert_eq!(
        status.conversation,
        Some(Conversation {
            id: some("c1"),
            origin: some("service"),
            expires_at
        })
    );
}

#[test]
fn only_what_it_cannot_do_without_makes_a_status_unreadable() {
    for members in [
        json!({ "timestamp": null }),
        json!({ "timestamp": "soon", "recipient_id": null, "errors": "none", "pricing": 7, "conversation": [] }),
        json!({ "biz_opaque_callback_data": { "by": "somebody else" }, "errors": [null, {}, 7], "recipient_id": {} }),
        json!({ "biz_opaque_callback_data": "x".repeat(1000), "pricing": {}, "conversation": {} }),
    ] {
        let found = told(&members);
        let status = status(&found);
        assert_eq!(
            (
                status.delivery,
                &status.token,
                &status.pricing,
                &status.conversation
            ),
            (Delivery::Sent, &None, &None, &None),
            "{members}"
        );
        assert!(status.errors.is_empty(), "{members}");
    }
    assert_eq!(
        told(&json!({ "timestamp": "soon" })).key.as_str(),
        "s:wamid.S:sent:0"
    );
    assert_eq!(status(&told(&json!({ "id": 7 }))).wamid.as_str(), "7");
    for (members, cause) in [
        (json!({ "id": null }), "it has no id"),
        (
            json!({ "id": "two\nlines" }),
            "not a message id: it has a control character",
        ),
        (json!({ "status": null }), "it does not say what happened"),
        (json!({ "status": 7 }), "it does not say what happened"),
    ] {
        let found = told(&members);
        let unreadable = unreadable(&found);
        assert_eq!(
            (unreadable.what.as_str(), unreadable.cause.as_str()),
            ("status", cause)
        );
        assert_eq!(
            unreadable.raw["recipient_id"], "5511900000001",
            "it is kept as it came"
        );
    }
}

#[test]
fn a_word_that_nobody_knows_is_a_status_all_the_same() {
    for (word, shown) in [
        ("in_orbit", "in_orbit"),
        ("DELIVERED", "DELIVERED"),
        (" odd\u{1b}\n", "odd"),
        ("\u{7}", "unknown"),
    ] {
        let found = told(&json!({ "status": word }));
        assert_eq!(
            (status(&found).delivery, &*status(&found).word),
            (Delivery::Unknown, shown)
        );
    }
    let long = told(&json!({ "status": "é".repeat(1000) }));
    assert_eq!(status(&long).word.chars().count(), limits::KIND_CHARS);
    // A payment that failed is no message that failed, and a call is no message at all.
    assert_eq!(
        status(&told(&json!({ "status": "failed", "type": "payment" }))).delivery,
        Delivery::Unknown
    );
    let call = told(&json!({ "status": "RINGING", "type": "call" }));
    assert_eq!(words(&[call]), [("update", "calls")]);
    let calls = changed(
        "calls",
        &json!({ "statuses": [{ "id": "wacid.A", "status": "ACCEPTED" }] }),
    );
    assert_eq!(words(&calls), [("update", "calls")]);
    assert_eq!(
        status(&told(&json!({ "status": "failed", "type": "message" }))).delivery,
        Delivery::Failed
    );
}

#[test]
fn errors_are_bounded_and_read_in_every_wording() {
    let errors = |errors: Json| status(&told(&json!({ "errors": errors }))).errors.clone();
    let error = |code, title: &str, details: Option<&str>| NetworkError {
        code,
        title: title.into(),
        details: details.map(str::to_owned),
    };
    assert_eq!(
        errors(json!([{ "code": "470", "title": "Too late", "details": "24 hours" }])),
        [error(470, "Too late", Some("24 hours"))]
    );
    assert_eq!(errors(json!([{ "message": "Oh" }])), [error(0, "Oh", None)]);
    assert_eq!(errors(json!({ "code": 1 })), [error(1, "", None)]);
    assert_eq!(
        errors(json!([{ "code": 1, "title": "A", "message": "B" }])),
        [error(1, "A", Some("B"))]
    );
    let many = errors(json!(vec![
        json!({ "code": 1, "title": "x".repeat(10_000) });
        100
    ]));
    assert_eq!(
        (many.len(), many[0].title.len()),
        (limits::ERRORS_PER_NOTICE, limits::ERROR_CHARS)
    );
}

#[test]
fn whom_it_went_to_may_be_a_group() {
    let to = |members: Json| {
        let found = told(&members);
        let status = status(&found).clone();
        (
            status.to,
            status.group.map(|group| group.to_string()),
            found.key,
        )
    };
    let phone = |digits: &str| ContactKey::new(Some(Phone::new(digits).unwrap()), None);
    let (none, group, key) = to(json!({ "recipient_id": "Y2FwaQ==", "recipient_type": "group" }));
    assert_eq!(
        (none, group.as_deref(), key.as_str()),
        (None, Some("Y2FwaQ=="), "s:wamid.S:sent:1700000000")
    );
    let member = |digits: &str| {
        to(
            json!({ "recipient_id": "Y2FwaQ==", "recipient_type": "group", "recipient_participant_id": digits }),
        )
    };
    let ((ana, group, ana_key), (bo, _, bo_key)) =
        (member("5511900000001"), member("5511900000002"));
    assert_eq!(
        (ana, bo, group.as_deref()),
        (
            phone("5511900000001"),
            phone("5511900000002"),
            Some("Y2FwaQ==")
        )
    );
    assert_ne!(
        ana_key, bo_key,
        "each member has a status of their own, of the same message at the same time"
    );
    assert_eq!(member("5511900000001").2, ana_key);
    let (to_user, group, _) = to(json!({ "recipient_id": "BR.1" }));
    assert_eq!(
        (to_user.as_ref().map(who), group),
        (Some((None, Some("BR.1"))), None)
    );
    assert_eq!(
        to(json!({ "recipient_id": "1203@g.us" })).1.as_deref(),
        Some("1203@g.us")
    );
}

#[test]
fn a_status_tells_who_a_contact_is_too() {
    let part = json!({ "id": "wamid.S", "status": "read", "timestamp": "1", "recipient_id": "5511900000001" });
    for contact in [
        json!({ "wa_id": "5511900000001", "user_id": "BR.1" }),
        json!({ "user_id": "BR.1" }),
    ] {
        let found =
            read(&json!({ "metadata": metadata(), "contacts": [contact], "statuses": [part] }));
        assert_eq!(
            status(only(&found)).to.as_ref().map(who),
            Some((Some("5511900000001"), Some("BR.1")))
        );
    }
}
