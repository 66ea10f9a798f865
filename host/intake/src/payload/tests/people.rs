//! Who somebody is, by whatever the payload says of them.

use super::*;

/// The sender of a message with these members beside these contacts, and the name.
fn sender(members: &Json, contacts: &Json) -> (Option<String>, Option<String>, Option<String>) {
    let mut said =
        json!({ "id": "wamid.A", "timestamp": "1", "type": "text", "text": { "body": "hi" } });
    said = with(said, members);
    let found = read(&json!({ "metadata": metadata(), "contacts": contacts, "messages": [said] }));
    let found = message(only(&found));
    let (phone, user) = who(&found.from);
    (
        phone.map(str::to_owned),
        user.map(str::to_owned),
        found.name.clone(),
    )
}

fn is(phone: &str, user: &str, name: &str) -> (Option<String>, Option<String>, Option<String>) {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    (some(phone), some(user), some(name))
}

#[test]
fn a_sender_is_known_by_phone_or_user_id_or_both() {
    let ana = "5511900000001";
    let contact = |wa_id: Json, user: Json| json!([{ "wa_id": wa_id, "user_id": user, "profile": { "name": "Ana" } }]);
    for (members, contacts, expected) in [
        (json!({ "from": ana }), json!([]), is(ana, "", "")),
        (
            json!({ "from": ana }),
            contact(json!(ana), json!("BR.1")),
            is(ana, "BR.1", "Ana"),
        ),
        (
            json!({ "from": ana, "from_user_id": "BR.1" }),
            json!(null),
            is(ana, "BR.1", ""),
        ),
        (
            json!({ "from_user_id": "BR.1" }),
            contact(json!(null), json!("BR.1")),
            is("", "BR.1", "Ana"),
        ),
        // A phone that stands beside the user id alone is as good.
        (
            json!({ "from_user_id": "BR.1" }),
            contact(json!(ana), json!("BR.1")),
            is(ana, "BR.1", "Ana"),
        ),
        // Some providers misplace the user id.
        (
            json!({ "from": "BR.1" }),
            contact(json!(null), json!("BR.1")),
            is("", "BR.1", "Ana"),
        ),
        (json!({ "from": "BR.1" }), json!(null), is("", "BR.1", "")),
        (
            json!({ "from": "some-id" }),
            contact(json!("some-id"), json!("BR.1")),
            is("", "BR.1", "Ana"),
        ),
        // A lone introduction is the lone sender's, whatever it is keyed by.
        (
            json!({}),
            contact(json!(null), json!("BR.1")),
            is("", "BR.1", "Ana"),
        ),
        (
            json!({}),
            contact(json!(ana), json!(null)),
            is(ana, "", "Ana"),
        ),
        (
            json!({ "from": null }),
            contact(json!(5_511_900_000_001_u64), json!(null)),
            is(ana, "", "Ana"),
        ),
        (
            json!({ "from": [] }),
            json!([{ "user_id": "BR.1", "profile": ["Ana"] }]),
            is("", "BR.1", ""),
        ),
        // The ninth digit of a number in Brazil comes and goes: the number stays as it was given.
        (
            json!({ "from": "551190000001" }),
            contact(json!(ana), json!("BR.1")),
            is("551190000001", "BR.1", "Ana"),
        ),
        // What makes a number legible is no part of it.
        (
            json!({ "from": "+5511900000001" }),
            contact(json!(ana), json!(null)),
            is(ana, "", "Ana"),
        ),
        (
            json!({ "from": "+55 (11) 90000-0001" }),
            contact(json!("+5511900000001"), json!(null)),
            is(ana, "", "Ana"),
        ),
        (
            json!({ "from": "5511-90000" }),
            json!(null),
            is("", "5511-90000", ""),
        ),
        (
            json!({ "from": "0011900000001" }),
            json!(null),
            is("0011900000001", "", ""),
        ),
        (
            json!({ "from": 5_511_900_000_001_u64 }),
            contact(json!(5_511_900_000_001_u64), json!("BR.1")),
            is(ana, "BR.1", "Ana"),
        ),
    ] {
        assert_eq!(
            sender(&members, &contacts),
            expected,
            "{members} {contacts}"
        );
    }
}

#[test]
fn what_is_said_of_the_sender_may_be_of_any_type() {
    let from = || json!({ "from": "5511900000001" });
    for contact in [
        json!(null),
        json!(7),
        json!({ "wa_id": "5511900000001" }),
        json!({ "wa_id": "5511900000001", "profile": null }),
        json!({ "wa_id": "5511900000001", "profile": "Ana" }),
        json!({ "wa_id": "5511900000001", "profile": { "name": 7 } }),
        json!({ "wa_id": "5511900000001", "profile": { "name": " \u{7} " } }),
        json!({ "wa_id": [], "user_id": {}, "profile": { "name": null } }),
    ] {
        assert_eq!(
            sender(&from(), &json!([contact])),
            is("5511900000001", "", ""),
            "{contact}"
        );
    }
    let ana = json!({ "wa_id": "5511900000001", "profile": { "name": " An\u{1b}a\n" } });
    assert_eq!(
        sender(&from(), &json!([null, ana])),
        is("5511900000001", "", "Ana")
    );
    assert_eq!(
        sender(&from(), &ana),
        is("5511900000001", "", "Ana"),
        "one contact instead of a list of one"
    );
}

#[test]
fn several_people_are_told_apart_by_user_id_and_by_phone() {
    for people in [3_u64, 40] {
        let phone = |n: u64| (5_511_900_000_000 + n).to_string();
        let contacts: Vec<Json> = (0..people).map(|n| json!({ "wa_id": phone(n), "user_id": format!("BR.{n}"), "profile": { "name": format!("No. {n}"),
            "username": format!("@no.{n}") }, "parent_user_id": format!("BR.ENT.{n}") })).collect();
        let mut messages: Vec<Json> = (0..people)
            .rev()
            .map(|n| a_message(&json!({ "from": phone(n), "id": format!("wamid.{n}") })))
            .collect();
        messages.push(a_message(&json!({ "from": null, "from_user_id": "BR.1" })));
        messages.push(a_message(
            &json!({ "from": phone(0), "from_user_id": "BR.2" }),
        ));
        messages.push(a_message(&json!({ "from": "15550100009" })));
        let found =
            read(&json!({ "metadata": metadata(), "contacts": contacts, "messages": messages }));
        let names: Vec<_> = found
            .iter()
            .map(|parsed| {
                let message = message(parsed);
                let parent = message.parent_user.as_ref().map(model::UserId::as_str);
                (
                    who(&message.from),
                    message.name.as_deref(),
                    message.user_name.as_deref(),
                    parent,
                )
            })
            .collect();
        assert_eq!(names[0].1, Some(format!("No. {}", people - 1).as_str()));
        let rest = &names[names.len() - 4..];
        assert_eq!(
            rest[0],
            (
                (Some(phone(0).as_str()), Some("BR.0")),
                Some("No. 0"),
                Some("@no.0"),
                Some("BR.ENT.0")
            )
        );
        assert_eq!(rest[1].1, Some("No. 1"));
        assert_eq!(
            rest[2],
            (
                (Some(phone(0).as_str()), Some("BR.2")),
                Some("No. 2"),
                Some("@no.2"),
                Some("BR.ENT.2")
            ),
            "the user id tells people apart"
        );
        assert_eq!(rest[3], ((Some("15550100009"), None), None, None, None));
    }
}

#[test]
fn a_lone_introduction_is_nobody_elses() {
    let ana = json!({ "wa_id": "5511900000001", "user_id": "BR.1", "profile": { "name": "Ana" } });
    let messages = json!([
        a_message(&json!({})),
        a_message(&json!({ "from": "15550100009" }))
    ]);
    let found = read(&json!({ "metadata": metadata(), "contacts": [ana], "messages": messages }));
    assert_eq!(
        (
            who(&message(&found[0]).from),
            message(&found[0]).name.as_deref()
        ),
        ((Some("5511900000001"), Some("BR.1")), Some("Ana"))
    );
    assert_eq!(
        (
            who(&message(&found[1]).from),
            message(&found[1]).name.as_deref()
        ),
        ((Some("15550100009"), None), None)
    );
}

#[test]
fn whoever_is_introduced_without_an_id_costs_nothing() {
    let ana = json!({ "wa_id": "5511900000001", "user_id": "BR.1", "profile": { "name": "Ana" } });
    let messages: Vec<Json> = (0..1000)
        .map(|n| a_message(&json!({ "id": format!("wamid.{n}"), "from_user_id": "BR.1" })))
        .collect();
    let mut contacts = vec![json!(0); 200_000];
    contacts.push(ana.clone());
    let mut wide = ana;
    for n in 0..100_000 {
        wide["profile"][format!("member {n}")] = json!(0);
        wide[format!("member {n}")] = json!(0);
    }
    let shown = "+".repeat(1_000_000);
    for (contacts, shown) in [
        (json!(contacts), "15550100000"),
        (json!([wide]), "15550100000"),
        (json!(null), &shown),
    ] {
        let body = json!({ "metadata": { "display_phone_number": shown }, "contacts": contacts, "messages": messages }).to_string();
        let began = std::time::Instant::now();
        let found = parse(body.as_bytes(), NOW).unwrap();
        // One by one it would be hundreds of millions of steps.
        assert!(began.elapsed() < std::time::Duration::from_secs(3));
        let name = (!contacts.is_null()).then_some("Ana");
        assert!(
            found.len() == 1000
                && found
                    .iter()
                    .all(|parsed| message(parsed).name.as_deref() == name)
        );
    }
}

#[test]
fn an_only_introduction_is_the_only_entry_not_the_only_one_with_an_id() {
    let nobody = json!({ "id": "wamid.A", "type": "text", "text": { "body": "hi" } });
    let of = |contacts: Json| words_of(&json!({ "contacts": contacts, "messages": [nobody] }));
    assert_eq!(of(json!([{ "user_id": "BR.1" }])), "message");
    assert_eq!(of(json!([0, { "user_id": "BR.1" }])), "unreadable");
    let unknown = json!([{ "profile": { "name": "Ana" } }]);
    assert_eq!(
        sender(&json!({ "from": "5511900000001" }), &unknown),
        is("5511900000001", "", "Ana")
    );
}

fn words_of(value: &Json) -> &'static str {
    only(&read(value)).body.word()
}

#[test]
fn of_whom_whatsapp_tells_is_found_though_no_sender_is_named() {
    let told = |system: Json, contacts: Json| {
        let part = json!({ "id": "wamid.S", "timestamp": "1", "type": "system", "system": system });
        let found =
            read(&json!({ "metadata": metadata(), "contacts": contacts, "messages": [part] }));
        let key = message(only(&found)).from.clone();
        let (phone, user) = who(&key);
        (phone.map(str::to_owned), user.map(str::to_owned))
    };
    let is = |phone: &str, user: &str| {
        let (phone, user, _) = is(phone, user, "");
        (phone, user)
    };
    let change = json!({ "type": "user_changed_user_id", "user_id": "BR.2", "body": "Ana changed from BR.1 to BR.2." });
    assert_eq!(
        told(change.clone(), json!(null)),
        is("", "BR.1"),
        "the old id stands in the sentence alone"
    );
    assert_eq!(
        told(change, json!([{ "wa_id": "5511900000001" }])),
        is("5511900000001", "")
    );
    for body in [
        json!("Ana changed"),
        json!("changed from BR.1"),
        json!("from here to BR.3"),
        json!(null),
        json!("from  to"),
    ] {
        let change = json!({ "type": "user_changed_user_id", "user_id": "BR.2", "body": body });
        assert_eq!(told(change, json!(null)), is("", "BR.2"), "{body}");
    }
    let number = json!({ "type": "user_changed_number", "customer": "5511900000001", "wa_id": "5511900000009" });
    assert_eq!(told(number, json!(null)), is("5511900000001", ""));
}
