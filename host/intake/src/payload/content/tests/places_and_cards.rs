//! Places, and people's cards.

use model::{Card, Location};
use serde_json::json;

use super::*;

#[test]
fn a_place_lies_on_the_globe() {
    let place = |name: Option<&str>, address: Option<&str>| {
        Content::Location(Location {
            latitude: -23.55,
            longitude: -46.0,
            name: name.map(str::to_owned),
            address: address.map(str::to_owned),
        })
    };
    check(
        "location",
        &json!({ "latitude": -23.55, "longitude": -46, "name": "Here", "address": "Main street", "url": "https://maps.example" }),
        &place(Some("Here"), Some("Main street")),
    );
    check(
        "location",
        &json!({ "latitude": "-23.55", "longitude": "-46", "name": "", "address": 5 }),
        &place(None, None),
    );
    for part in [
        json!({ "latitude": 90.1, "longitude": 0 }),
        json!({ "latitude": 0, "longitude": -180.1 }),
        json!({ "latitude": "NaN", "longitude": 0 }),
        json!({ "latitude": 0 }),
        json!({ "latitude": 0, "longitude": null }),
    ] {
        kept("location", &part);
    }
    for part in nonsense() {
        kept("location", &part);
    }
}

#[test]
fn cards_are_read_as_far_as_they_go() {
    let card = |name: &str, phones: &[&str], emails: &[&str], organization: Option<&str>| Card {
        name: name.into(),
        phones: phones.iter().map(|&text| text.to_owned()).collect(),
        emails: emails.iter().map(|&text| text.to_owned()).collect(),
        organization: organization.map(str::to_owned),
    };
    let part = json!([
        { "name": { "formatted_name": "Bo Silva", "first_name": "Bo" }, "org": { "company": "The shop" },
            "phones": [{ "phone": "+55 11 90000-0002", "wa_id": "5511900000002" }, { "wa_id": "5511900000003" }, {}, null],
            "emails": [{ "email": "bo@shop.example" }, { "email": "" }], "origin": "shared", "vcard": "BEGIN:VCARD" },
        { "name": { "first_name": "Ana", "last_name": "Lima" }, "phones": null },
        { "name": "Cy", "phones": [{ "phone": "1" }] },
        { "org": { "company": "The bank" } },
        { "name": null }, {}, 7, null,
    ]);
    let cards = vec![
        card(
            "Bo Silva",
            &["+55 11 90000-0002", "5511900000003"],
            &["bo@shop.example"],
            Some("The shop"),
        ),
        card("Ana Lima", &[], &[], None),
        card("1", &["1"], &[], None),
        card("The bank", &[], &[], Some("The bank")),
    ];
    check("contacts", &part, &Content::Contacts { cards });
    kept("contacts", &json!([{}, 7]));
    for part in nonsense() {
        kept("contacts", &part);
    }
}

#[test]
fn a_card_may_be_written_as_phones_exchange_them() {
    let vcard = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bo Silva\r\nORG:The shop;\r\nitem1.TEL;type=CELL;waid=15550100002:+1 555 010 0002\r\n\
        TEL:\r\nEMAIL:bo@shop.example\r\nno colon here\r\nEND:VCARD";
    let bo = Card {
        name: "Bo Silva".into(),
        phones: vec!["+1 555 010 0002".into()],
        emails: vec!["bo@shop.example".into()],
        organization: some("The shop"),
    };
    check(
        "contacts",
        &json!([{ "vcard": vcard }]),
        &Content::Contacts {
            cards: vec![bo.clone()],
        },
    );
    let named = json!([{ "vcard": vcard, "name": { "formatted_name": "Bo" }, "phones": [{ "phone": "1" }] }]);
    let own = Card {
        name: "Bo".into(),
        phones: vec!["1".into()],
        ..bo
    };
    check("contacts", &named, &Content::Contacts { cards: vec![own] });
    for vcard in [json!(""), json!("BEGIN:VCARD"), json!(7)] {
        kept("contacts", &json!([{ "vcard": vcard }]));
    }
}
