//! Each kind of message, as long as the gate lets it be, on its way from the gate to WhatsApp: both draw the line in one place.

use gate::{Judgement, Scene, judge};
use model::{
    Button, Card, Frame, Grants, Interface, Link, Location, MediaKind, MediaSource, Menu, MenuRow,
    MenuSection, OutgoingMedia, Proposal, Recipient, Template, TemplateButton, TemplateButtonFill,
    TemplateCategory, TemplateHeader, TemplateParameter,
};

use super::*;

fn long(count: usize) -> String {
    "é".repeat(count)
}

fn frame() -> Frame {
    Frame {
        header: Some(long(60)),
        footer: Some(long(60)),
    }
}

/// Every kind at the edge of what is allowed.
fn longest() -> Vec<Outgoing> {
    let link = || MediaSource::Link("https://shop.example/a".to_owned());
    let file = |media, source, caption, filename| {
        Outgoing::Media(OutgoingMedia {
            media,
            source,
            caption,
            filename,
        })
    };
    let button = |n: usize| Button {
        id: format!("{n}{}", "i".repeat(255)),
        title: format!("{n}{}", long(19)),
    };
    let section = |n: usize| MenuSection {
        title: Some(long(24)),
        rows: vec![MenuRow {
            id: format!("{n}{}", "i".repeat(199)),
            title: long(24),
            description: Some(long(72)),
        }],
    };
    let payload = |index| TemplateButton {
        index,
        fill: TemplateButtonFill::Payload(long(256)),
    };
    let mut all = vec![
        Outgoing::Text { body: long(4096) },
        Outgoing::Buttons {
            body: long(1024),
            buttons: (0..3).map(button).collect(),
            frame: frame(),
        },
        Outgoing::Menu(Menu {
            body: long(4096),
            label: long(20),
            sections: (0..10).map(section).collect(),
            frame: frame(),
        }),
        Outgoing::Link(Link {
            body: long(1024),
            label: long(20),
            url: "https://shop.example/4711".to_owned(),
            frame: frame(),
        }),
        file(MediaKind::Image, link(), Some(long(1024)), None),
        file(MediaKind::Video, link(), Some(long(1024)), None),
        file(
            MediaKind::Document,
            link(),
            Some(long(1024)),
            Some("bill.pdf".to_owned()),
        ),
        Outgoing::Template(Template {
            name: "n".repeat(512),
            language: "pt_BR".to_owned(),
            category: TemplateCategory::Utility,
            header: Some(TemplateHeader::Text(long(60))),
            parameters: vec![TemplateParameter {
                name: Some("customer".to_owned()),
                text: long(1024),
            }],
            buttons: (0..10).map(payload).collect(),
        }),
        Outgoing::Template(Template {
            name: "bare".to_owned(),
            language: "en".to_owned(),
            category: TemplateCategory::Authentication,
            header: Some(TemplateHeader::Media(MediaKind::Document, link())),
            parameters: vec![],
            buttons: vec![TemplateButton {
                index: 9,
                fill: TemplateButtonFill::UrlSuffix("4711".to_owned()),
            }],
        }),
        Outgoing::Location(Location {
            latitude: -90.0,
            longitude: 180.0,
            name: Some(long(1024)),
            address: Some(long(1024)),
        }),
        Outgoing::Contacts {
            cards: vec![
                Card {
                    name: long(60),
                    phones: vec!["+1 555 010 0002".to_owned()],
                    emails: vec!["bo@shop.example".to_owned()],
                    organization: Some(long(30)),
                };
                257
            ],
        },
        Outgoing::Reaction {
            message: Wamid::new("wamid.question").unwrap(),
            emoji: "👩‍👩‍👧‍👦".to_owned(),
        },
        Outgoing::Reaction {
            message: Wamid::new("wamid.question").unwrap(),
            emoji: String::new(),
        },
    ];
    for media in MediaKind::ALL {
        all.push(file(media, MediaSource::Id("77".to_owned()), None, None));
    }
    all
}

/// What the gate says when a plugin proposes it.
fn proposed(message: &Outgoing) -> Judgement {
    let phone = ContactKey::Phone(Phone::new("5511900000001").unwrap());
    let (contact, policy) = (contact(phone), policy());
    let grants = Grants {
        interfaces: Interface::ALL.into(),
        ..Grants::default()
    };
    let proposal = Proposal::Send {
        to: Recipient::Contact,
        from: None,
        message: message.clone(),
        quoting: true,
    };
    let scene = Scene {
        now: NOW,
        policy: &policy,
        grants: &grants,
        contact: &contact,
        number: &number(),
        message: &Wamid::new("wamid.question").unwrap(),
        purpose: Purpose::Reply,
        sends_in_run: 0,
        effects_in_decision: 0,
        memory: gate::memory::Held::default(),
        stops: &[],
        reach: gate::Reach::default(),
        plugin_sends: 0,
        rates: &Rates::new(),
        token: SendToken::new("t").unwrap(),
    };
    judge(&proposal, &scene)
}

#[tokio::test]
async fn what_the_gate_admits_whatsapp_takes() {
    let (simulator, carrier) = network().await;
    let all = longest();
    for message in &all {
        let judgement = proposed(message);
        assert!(judgement.verdict.is_ok(), "{judgement:?}");
        let key = ContactKey::Phone(Phone::new("5511900000001").unwrap());
        let pass = pass_for("t", key, message.clone(), Some("wamid.question"));
        let report = carrier.deliver(pass).await;
        assert!(
            matches!(report, Report::Accepted(Some(_))),
            "{message:?}: {report:?}"
        );
    }
    let sends = sends(&simulator).await;
    assert_eq!(sends.len(), all.len());
    let kinds: BTreeSet<&str> = sends
        .iter()
        .map(|send| send["message"]["type"].as_str().unwrap())
        .collect();
    let expected = [
        "audio",
        "contacts",
        "document",
        "image",
        "interactive",
        "location",
        "reaction",
        "sticker",
        "template",
        "text",
        "video",
    ];
    assert_eq!(kinds, expected.into());
}
