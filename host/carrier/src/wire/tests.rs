//! Each kind of message as WhatsApp takes it: whole objects, member for member.

use model::{
    Button, Card, ContactId, ContactKey, Frame, Link, Location, MediaKind, MediaSource, Menu,
    MenuRow, MenuSection, Moment, NumberId, OutgoingMedia, Phone, Purpose, SendToken, Template,
    TemplateButton, TemplateButtonFill, TemplateCategory, TemplateHeader, TemplateParameter,
    TenantId, UserId,
};

use super::*;

fn phone() -> ContactKey {
    ContactKey::Phone(Phone::new("5511900000001").unwrap())
}

fn outbound(to: ContactKey, message: Outgoing, quoting: Option<&str>) -> Outbound {
    Outbound {
        tenant: TenantId::new("shop").unwrap(),
        token: SendToken::new("t-1").unwrap(),
        number: NumberId::new("100200300").unwrap(),
        contact: ContactId(1),
        to,
        message,
        quoting: quoting.map(|id| Wamid::new(id).unwrap()),
        cause: Wamid::new("wamid.cause").unwrap(),
        purpose: Purpose::Reply,
        decided_at: Moment(0),
    }
}

/// The whole message is these members and what every message bears.
fn check(message: Outgoing, kind: &str, content: &Value) {
    let sent = super::message(&outbound(phone(), message, None));
    let expected = json!({
        "messaging_product": "whatsapp", "recipient_type": "individual", "to": "+5511900000001",
        "biz_opaque_callback_data": "t-1", "type": kind, kind: content,
    });
    assert_eq!(sent, expected);
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn a_text_goes_to_the_phone_with_its_plus_and_bears_the_token() {
    let key = ContactKey::Both(
        Phone::new("5511900000001").unwrap(),
        UserId::new("BR.abc").unwrap(),
    );
    let sent = message(&outbound(key, Outgoing::Text { body: "oi".into() }, None));
    assert_eq!(
        sent,
        json!({
            "messaging_product": "whatsapp", "recipient_type": "individual", "to": "+5511900000001", "type": "text",
            "text": { "preview_url": false, "body": "oi" }, "biz_opaque_callback_data": "t-1",
        })
    );
}

#[test]
fn buttons_to_a_user_id_quote_what_they_answer() {
    let key = ContactKey::User(UserId::new("BR.abc").unwrap());
    let buttons = Outgoing::Buttons {
        body: "?".into(),
        buttons: vec![Button {
            id: "yes".into(),
            title: "Sim".into(),
        }],
        frame: Frame::default(),
    };
    assert_eq!(
        message(&outbound(key, buttons, Some("wamid.q"))),
        json!({
            "messaging_product": "whatsapp", "recipient_type": "individual", "recipient": "BR.abc",
            "biz_opaque_callback_data": "t-1", "context": { "message_id": "wamid.q" }, "type": "interactive",
            "interactive": {
                "type": "button", "body": { "text": "?" },
                "action": { "buttons": [{ "type": "reply", "reply": { "id": "yes", "title": "Sim" } }] },
            },
        })
    );
}

#[test]
fn a_menu_has_its_sections_rows_and_frame() {
    let row = |id: &str, description| MenuRow {
        id: id.into(),
        title: format!("Row {id}"),
        description,
    };
    let section = |title, rows| MenuSection { title, rows };
    let menu = |sections, frame| {
        Outgoing::Menu(Menu {
            body: "Which?".into(),
            label: "Choose".into(),
            sections,
            frame,
        })
    };
    let frame = Frame {
        header: some("Above"),
        footer: some("Beneath"),
    };
    check(
        menu(
            vec![
                section(some("One"), vec![row("a", some("more")), row("b", None)]),
                section(some("Two"), vec![row("c", None)]),
            ],
            frame,
        ),
        "interactive",
        &json!({
            "type": "list", "header": { "type": "text", "text": "Above" }, "body": { "text": "Which?" },
            "footer": { "text": "Beneath" },
            "action": { "button": "Choose", "sections": [
                { "title": "One", "rows": [
                    { "id": "a", "title": "Row a", "description": "more" }, { "id": "b", "title": "Row b" },
                ] },
                { "title": "Two", "rows": [{ "id": "c", "title": "Row c" }] },
            ] },
        }),
    );
    check(
        menu(vec![section(None, vec![row("a", None)])], Frame::default()),
        "interactive",
        &json!({
            "type": "list", "body": { "text": "Which?" },
            "action": { "button": "Choose", "sections": [{ "rows": [{ "id": "a", "title": "Row a" }] }] },
        }),
    );
}

#[test]
fn a_link_is_a_call_to_action() {
    let link = Link {
        body: "Your order".into(),
        label: "Track it".into(),
        url: "https://shop.example/4711".into(),
        frame: Frame {
            header: None,
            footer: some("Beneath"),
        },
    };
    check(
        Outgoing::Link(link),
        "interactive",
        &json!({
            "type": "cta_url", "body": { "text": "Your order" }, "footer": { "text": "Beneath" },
            "action": { "name": "cta_url",
                "parameters": { "display_text": "Track it", "url": "https://shop.example/4711" } },
        }),
    );
}

#[test]
fn files_go_by_id_or_by_link_and_voice_as_a_sound() {
    let id = || MediaSource::Id("77".into());
    let link = || MediaSource::Link("https://shop.example/a".into());
    let cases = [
        (
            MediaKind::Image,
            id(),
            some("Look"),
            None,
            "image",
            json!({ "id": "77", "caption": "Look" }),
        ),
        (
            MediaKind::Video,
            link(),
            None,
            None,
            "video",
            json!({ "link": "https://shop.example/a" }),
        ),
        (
            MediaKind::Audio,
            id(),
            None,
            None,
            "audio",
            json!({ "id": "77" }),
        ),
        (
            MediaKind::Voice,
            link(),
            None,
            None,
            "audio",
            json!({ "link": "https://shop.example/a" }),
        ),
        (
            MediaKind::Document,
            id(),
            some("Bill"),
            some("bill.pdf"),
            "document",
            json!({ "id": "77", "caption": "Bill", "filename": "bill.pdf" }),
        ),
        (
            MediaKind::Sticker,
            id(),
            None,
            None,
            "sticker",
            json!({ "id": "77" }),
        ),
    ];
    for (media, source, caption, filename, kind, object) in cases {
        let media = OutgoingMedia {
            media,
            source,
            caption,
            filename,
        };
        check(Outgoing::Media(media), kind, &object);
    }
}

#[test]
fn a_template_is_filled_part_by_part() {
    let template = |header, parameters, buttons| {
        Outgoing::Template(Template {
            name: "order_sent".into(),
            language: "pt_BR".into(),
            category: TemplateCategory::Utility,
            header,
            parameters,
            buttons,
        })
    };
    let parameter = |name: Option<&str>, text: &str| TemplateParameter {
        name: name.map(str::to_owned),
        text: text.into(),
    };
    let button = |index, fill| TemplateButton { index, fill };
    check(
        template(None, vec![], vec![]),
        "template",
        &json!({ "name": "order_sent", "language": { "code": "pt_BR" } }),
    );
    let source = MediaSource::Link("https://shop.example/a.jpg".into());
    check(
        template(
            Some(TemplateHeader::Media(MediaKind::Image, source)),
            vec![parameter(None, "Ana"), parameter(None, "4711")],
            vec![
                button(0, TemplateButtonFill::Payload("STOP".into())),
                button(1, TemplateButtonFill::UrlSuffix("4711".into())),
            ],
        ),
        "template",
        &json!({
            "name": "order_sent", "language": { "code": "pt_BR" },
            "components": [
                { "type": "header", "parameters": [{ "type": "image", "image": { "link": "https://shop.example/a.jpg" } }] },
                { "type": "body", "parameters": [{ "type": "text", "text": "Ana" }, { "type": "text", "text": "4711" }] },
                { "type": "button", "sub_type": "quick_reply", "index": "0",
                    "parameters": [{ "type": "payload", "payload": "STOP" }] },
                { "type": "button", "sub_type": "url", "index": "1", "parameters": [{ "type": "text", "text": "4711" }] },
            ],
        }),
    );
    check(
        template(
            Some(TemplateHeader::Text("Hello".into())),
            vec![parameter(Some("customer"), "Ana")],
            vec![],
        ),
        "template",
        &json!({
            "name": "order_sent", "language": { "code": "pt_BR" },
            "components": [
                { "type": "header", "parameters": [{ "type": "text", "text": "Hello" }] },
                { "type": "body", "parameters": [{ "type": "text", "parameter_name": "customer", "text": "Ana" }] },
            ],
        }),
    );
}

#[test]
fn a_place_is_its_degrees_and_what_is_known_of_it() {
    let place = |name, address| {
        Outgoing::Location(Location {
            latitude: -23.55,
            longitude: -46.63,
            name,
            address,
        })
    };
    check(
        place(some("The shop"), some("Main street 1")),
        "location",
        &json!({ "latitude": -23.55, "longitude": -46.63, "name": "The shop", "address": "Main street 1" }),
    );
    check(
        place(None, None),
        "location",
        &json!({ "latitude": -23.55, "longitude": -46.63 }),
    );
}

#[test]
fn cards_bear_a_name_in_two_forms_and_what_else_is_known() {
    let full = Card {
        name: "Bo Silva".into(),
        phones: vec!["+55 11 90000-0002".into()],
        emails: vec!["bo@shop.example".into()],
        organization: some("The shop"),
    };
    let bare = Card {
        name: "Ana".into(),
        ..Card::default()
    };
    check(
        Outgoing::Contacts {
            cards: vec![full, bare],
        },
        "contacts",
        &json!([
            {
                "name": { "formatted_name": "Bo Silva", "first_name": "Bo Silva" },
                "phones": [{ "phone": "+55 11 90000-0002" }], "emails": [{ "email": "bo@shop.example" }],
                "org": { "company": "The shop" },
            },
            { "name": { "formatted_name": "Ana", "first_name": "Ana" } },
        ]),
    );
}

#[test]
fn a_reaction_names_its_message_and_quotes_none() {
    for emoji in ["👍", ""] {
        let reaction = Outgoing::Reaction {
            message: Wamid::new("wamid.q").unwrap(),
            emoji: emoji.into(),
        };
        let sent = message(&outbound(phone(), reaction, Some("wamid.q")));
        assert_eq!(
            sent,
            json!({
                "messaging_product": "whatsapp", "recipient_type": "individual", "to": "+5511900000001",
                "biz_opaque_callback_data": "t-1", "type": "reaction",
                "reaction": { "message_id": "wamid.q", "emoji": emoji },
            })
        );
    }
}
