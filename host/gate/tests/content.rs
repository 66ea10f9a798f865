//! Every limit of a message at its edge: what just fits is admitted, one more is refused, and the refusal bears the count.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test, a panic is the answer"
)]

mod fine;

use fine::{Fine, text, wamid};
use model::{
    Button, Card, Frame, Link, Location, MediaKind, MediaSource, Menu, MenuRow, MenuSection,
    Outgoing, OutgoingMedia, Refusal, Template, TemplateButton, TemplateButtonFill,
    TemplateCategory, TemplateHeader, TemplateParameter,
};

/// Admitted.
fn fits(message: Outgoing) {
    let scene = Fine::changed(|f| f.outgoing = message);
    let judgement = scene.judge();
    assert!(
        judgement.verdict.is_ok(),
        "{:?}: {judgement:?}",
        scene.outgoing
    );
}

/// Refused as malformed, in words that hold these.
fn refused(message: Outgoing, expected: &str) {
    let scene = Fine::changed(|f| f.outgoing = message);
    let judgement = scene.judge();
    let Err(Refusal::Invalid { what }) = judgement.verdict else {
        panic!("{:?}: {judgement:?}", scene.outgoing)
    };
    assert!(what.contains(expected), "{expected:?} is not in {what:?}");
    let check = judgement.checks.last().unwrap();
    assert_eq!(
        (check.name.as_str(), &check.saw, check.passed),
        ("content", &what, false)
    );
}

/// `make` with text of so many characters fits; one more, and none but blanks, does not.
fn text_limit(most: usize, make: impl Fn(String) -> Outgoing) {
    fits(make("é".repeat(most)));
    refused(
        make("é".repeat(most + 1)),
        &format!("{} characters, and {most} are allowed", most + 1),
    );
    for blank in ["", " ", "\u{a0}", "\n"] {
        refused(make(blank.to_owned()), "is blank");
    }
}

/// `make` with so many of something fits; one more, and none, does not.
fn count_limit(most: usize, what: &str, make: impl Fn(usize) -> Outgoing) {
    fits(make(1));
    fits(make(most));
    refused(make(most + 1), &format!("{} {what}", most + 1));
    refused(make(0), &format!("0 {what}"));
}

/// `make` takes text over several lines, and no other control character.
fn may_have_lines(make: impl Fn(String) -> Outgoing) {
    fits(make("two lines\n\tand a tab".to_owned()));
    refused(make("a\u{7}b".to_owned()), "U+0007");
    refused(make("a\r\nb".to_owned()), "U+000D");
}

/// `make` takes text on one line alone.
fn has_one_line(make: impl Fn(String) -> Outgoing) {
    refused(make("two\nlines".to_owned()), "U+000A");
}

#[test]
fn a_text() {
    text_limit(4096, |body| text(&body));
    may_have_lines(|body| text(&body));
}

#[test]
fn buttons() {
    let button = |id: &str, title: &str| Button {
        id: id.into(),
        title: title.into(),
    };
    let with = |body: &str, buttons: Vec<Button>| Outgoing::Buttons {
        body: body.into(),
        buttons,
        frame: Frame::default(),
    };
    let many = |count: usize| {
        let each = (0..count).map(|n| button(&n.to_string(), &format!("Title {n}")));
        with("?", each.collect())
    };
    text_limit(1024, |body| with(&body, vec![button("1", "One")]));
    may_have_lines(|body| with(&body, vec![button("1", "One")]));
    count_limit(3, "buttons", many);
    text_limit(20, |title| with("?", vec![button("1", &title)]));
    has_one_line(|title| with("?", vec![button("1", &title)]));
    text_limit(256, |id| with("?", vec![button(&id, "One")]));
    has_one_line(|id| with("?", vec![button(&id, "One")]));
    refused(
        with("?", vec![button("same", "A"), button("same", "B")]),
        "two buttons with the id \"same\"",
    );
    refused(
        with("?", vec![button("a", "Same"), button("b", "Same")]),
        "two buttons with the title \"Same\"",
    );
}

/// Header and footer of everything that has them.
#[test]
fn frames() {
    let makers: [fn(Frame) -> Outgoing; 3] = [
        |frame| Outgoing::Buttons {
            body: "?".into(),
            buttons: vec![Button {
                id: "1".into(),
                title: "One".into(),
            }],
            frame,
        },
        |frame| Outgoing::Menu(Menu { frame, ..menu(1) }),
        |frame| {
            Outgoing::Link(Link {
                frame,
                ..link("https://shop.example")
            })
        },
    ];
    for make in makers {
        let header = |text: String| {
            make(Frame {
                header: Some(text),
                footer: None,
            })
        };
        let footer = |text: String| {
            make(Frame {
                header: None,
                footer: Some(text),
            })
        };
        text_limit(60, header);
        text_limit(60, footer);
        has_one_line(header);
        has_one_line(footer);
    }
}

fn row(id: &str) -> MenuRow {
    MenuRow {
        id: id.into(),
        title: format!("Row {id}"),
        description: None,
    }
}

fn section(title: Option<&str>, rows: Vec<MenuRow>) -> MenuSection {
    MenuSection {
        title: title.map(str::to_owned),
        rows,
    }
}

/// One section of so many rows.
fn menu(rows: usize) -> Menu {
    let rows = (0..rows).map(|n| row(&n.to_string())).collect();
    Menu {
        body: "Which?".into(),
        label: "Choose".into(),
        sections: vec![section(None, rows)],
        frame: Frame::default(),
    }
}

fn sections(sections: Vec<MenuSection>) -> Outgoing {
    Outgoing::Menu(Menu {
        sections,
        ..menu(1)
    })
}

#[test]
fn menus() {
    let one = |change: fn(&mut MenuRow, String)| {
        move |text: String| {
            let mut row = row("1");
            change(&mut row, text);
            sections(vec![section(None, vec![row])])
        }
    };
    let body = |body| Outgoing::Menu(Menu { body, ..menu(1) });
    let label = |label| Outgoing::Menu(Menu { label, ..menu(1) });
    let title = |title: String| sections(vec![section(Some(&title), vec![row("1")])]);
    text_limit(4096, body);
    may_have_lines(body);
    text_limit(20, label);
    has_one_line(label);
    text_limit(24, title);
    has_one_line(title);
    text_limit(24, one(|row, text| row.title = text));
    has_one_line(one(|row, text| row.title = text));
    text_limit(72, one(|row, text| row.description = Some(text)));
    has_one_line(one(|row, text| row.description = Some(text)));
    text_limit(200, one(|row, text| row.id = text));
    count_limit(10, "menu rows in all", |count| Outgoing::Menu(menu(count)));

    let named = |n: usize| section(Some("Title"), vec![row(&n.to_string())]);
    count_limit(10, "menu sections", |count| {
        sections((0..count).map(named).collect())
    });
    let rows = |from: usize, to: usize| (from..to).map(|n| row(&n.to_string())).collect();
    fits(sections(vec![
        section(Some("A"), rows(0, 6)),
        section(Some("B"), rows(6, 10)),
    ]));
    refused(
        sections(vec![
            section(Some("A"), rows(0, 6)),
            section(Some("B"), rows(6, 11)),
        ]),
        "11 menu rows in all",
    );
    refused(
        sections(vec![
            section(Some("A"), rows(0, 1)),
            section(None, rows(1, 2)),
        ]),
        "menu section 2 has no title",
    );
    refused(
        sections(vec![
            section(Some("A"), rows(0, 1)),
            section(Some("B"), vec![]),
        ]),
        "menu section 2 has no rows",
    );
    refused(
        sections(vec![
            section(Some("A"), vec![row("same")]),
            section(Some("B"), vec![row("same")]),
        ]),
        "two menu rows with the id \"same\"",
    );
}

fn link(url: &str) -> Link {
    Link {
        body: "Your order".into(),
        label: "Track it".into(),
        url: url.into(),
        frame: Frame::default(),
    }
}

fn file(media: MediaKind) -> OutgoingMedia {
    OutgoingMedia {
        media,
        source: MediaSource::Id("77".into()),
        caption: None,
        filename: None,
    }
}

#[test]
fn links() {
    let body = |body| {
        Outgoing::Link(Link {
            body,
            ..link("https://shop.example")
        })
    };
    let label = |label| {
        Outgoing::Link(Link {
            label,
            ..link("https://shop.example")
        })
    };
    text_limit(1024, body);
    may_have_lines(body);
    text_limit(20, label);
    has_one_line(label);
}

/// Wherever an address stands: beneath words, as a file's, in a template's header.
#[test]
fn addresses_are_https_and_bear_no_password() {
    let makers: [fn(&str) -> Outgoing; 3] = [
        |url| Outgoing::Link(link(url)),
        |url| {
            Outgoing::Media(OutgoingMedia {
                source: MediaSource::Link(url.into()),
                ..file(MediaKind::Image)
            })
        },
        |url| {
            let source = MediaSource::Link(url.into());
            template(|t| t.header = Some(TemplateHeader::Media(MediaKind::Image, source)))
        },
    ];
    let longest = format!("https://shop.example/{}", "a".repeat(2048 - 21));
    let longer = format!("{longest}a");
    for make in makers {
        for good in [
            "https://shop.example",
            "HTTPS://shop.example:8443/a?b=c#d",
            "https://münchen.example/straße",
            "https://192.0.2.7/a@b",
            "https://shop.example?who=a@b",
            &longest,
        ] {
            fits(make(good));
        }
        for (bad, expected) in [
            ("", "is blank"),
            ("shop.example", "does not begin with https://"),
            ("http://shop.example", "does not begin with https://"),
            ("javascript:alert(1)", "does not begin with https://"),
            ("https:/shop.example", "does not begin with https://"),
            ("httpsé://", "does not begin with https://"),
            ("https://", "has no host"),
            ("https:///path", "has no host"),
            ("https://.", "has no host"),
            ("https://shop..example", "has no host"),
            ("https://shop.example:", "has no host"),
            ("https://shop.example:0", "has no host"),
            ("https://shop.example:99999", "has no host"),
            ("https://{host}/a", "has no host"),
            ("https://ana:secret@shop.example", "a name or password"),
            ("https://shop.example@evil.example", "a name or password"),
            ("https://evil.example\\@shop.example", "a backslash"),
            ("https://shop.example/a b", "a blank"),
            ("https://shop.example/a\n", "a blank"),
            (&longer, "2049 characters, and 2048 are allowed"),
        ] {
            refused(make(bad), expected);
        }
    }
}

#[test]
fn files() {
    for kind in MediaKind::ALL {
        fits(Outgoing::Media(file(kind)));
        let captioned = |caption: String| {
            Outgoing::Media(OutgoingMedia {
                caption: Some(caption),
                ..file(kind)
            })
        };
        let named = |name: String| {
            Outgoing::Media(OutgoingMedia {
                filename: Some(name),
                ..file(kind)
            })
        };
        if matches!(
            kind,
            MediaKind::Image | MediaKind::Video | MediaKind::Document
        ) {
            text_limit(1024, captioned);
            may_have_lines(captioned);
        } else {
            refused(captioned("look".to_owned()), "a caption beneath a");
        }
        if kind == MediaKind::Document {
            text_limit(255, named);
            has_one_line(named);
        } else {
            refused(named("bill.pdf".to_owned()), "a file name for a");
        }
    }
    let by_id = |id: String| {
        Outgoing::Media(OutgoingMedia {
            source: MediaSource::Id(id),
            ..file(MediaKind::Image)
        })
    };
    text_limit(512, by_id);
    refused(by_id("two words".to_owned()), "holds a blank");
}

fn template(change: impl FnOnce(&mut Template)) -> Outgoing {
    let mut template = Template {
        name: "order_sent".into(),
        language: "pt_BR".into(),
        category: TemplateCategory::Utility,
        header: None,
        parameters: vec![],
        buttons: vec![],
    };
    change(&mut template);
    Outgoing::Template(template)
}

fn parameter(name: Option<&str>, text: &str) -> TemplateParameter {
    TemplateParameter {
        name: name.map(str::to_owned),
        text: text.into(),
    }
}

#[test]
fn templates() {
    fits(template(|_| {}));
    text_limit(512, |name| template(|t| t.name = name));
    refused(template(|t| t.name = "two words".into()), "holds a blank");
    for language in ["pt", "pt_BR", "fil"] {
        fits(template(|t| t.language = language.into()));
    }
    for language in ["", "PT", "pt-BR", "portuguese", "pt_br"] {
        refused(
            template(|t| t.language = language.into()),
            "the template's language",
        );
    }
    let header = |text| template(|t| t.header = Some(TemplateHeader::Text(text)));
    text_limit(60, header);
    has_one_line(header);
    for kind in MediaKind::ALL {
        let source = MediaSource::Id("77".into());
        let header = template(|t| t.header = Some(TemplateHeader::Media(kind, source)));
        if matches!(
            kind,
            MediaKind::Image | MediaKind::Video | MediaKind::Document
        ) {
            fits(header);
        } else {
            refused(header, "only images, videos and documents");
        }
    }
}

#[test]
fn what_fills_a_template() {
    text_limit(1024, |text| {
        template(|t| t.parameters = vec![parameter(None, &text)])
    });
    let (half, more) = ("é".repeat(512), "é".repeat(513));
    let two = |one: &str, other: &str| {
        template(|t| t.parameters = vec![parameter(None, one), parameter(None, other)])
    };
    fits(two(&half, &half));
    refused(
        two(&half, &more),
        "what fills the template has 1025 characters, and 1024",
    );
    let named = |one: Option<&str>, other: Option<&str>| {
        template(|t| t.parameters = vec![parameter(one, "A"), parameter(other, "B")])
    };
    fits(named(Some("a"), Some("b")));
    refused(named(Some("a"), None), "1 of 2 template parameters");
    refused(named(Some("a"), Some("a")), "two template parameters");
    text_limit(100, |name| {
        template(|t| t.parameters = vec![parameter(Some(&name), "A")])
    });

    let button = |index, fill| TemplateButton { index, fill };
    let payload = |text: &str| TemplateButtonFill::Payload(text.into());
    let suffix = |text: &str| TemplateButtonFill::UrlSuffix(text.into());
    let buttons = |buttons| template(|t| t.buttons = buttons);
    let many = |count: u8| {
        let each = (0..count).map(|n| button(n % 10, payload("x")));
        buttons(each.collect())
    };
    fits(many(10));
    refused(many(11), "11 template buttons, and 10 are allowed");
    refused(
        buttons(vec![button(10, payload("x"))]),
        "index 10, and 0 to 9",
    );
    refused(
        buttons(vec![button(1, payload("x")), button(1, suffix("y"))]),
        "two template buttons with the index 1",
    );
    text_limit(256, |text| buttons(vec![button(0, payload(&text))]));
    text_limit(2048, |text| buttons(vec![button(0, suffix(&text))]));
    refused(buttons(vec![button(0, suffix("a b"))]), "holds a blank");
}

#[test]
fn places() {
    let place = |latitude, longitude| Location {
        latitude,
        longitude,
        name: None,
        address: None,
    };
    for (latitude, longitude) in [(0.0, 0.0), (90.0, -180.0), (-90.0, 180.0)] {
        fits(Outgoing::Location(place(latitude, longitude)));
    }
    for (latitude, longitude, expected) in [
        (90.001, 0.0, "the latitude is 90.001, and -90 to 90"),
        (-90.001, 0.0, "the latitude is -90.001"),
        (0.0, 180.001, "the longitude is 180.001, and -180 to 180"),
        (0.0, -180.001, "the longitude is -180.001"),
        (f64::NAN, 0.0, "the latitude is NaN"),
        (0.0, f64::INFINITY, "the longitude is inf"),
        (0.0, f64::NEG_INFINITY, "the longitude is -inf"),
    ] {
        refused(Outgoing::Location(place(latitude, longitude)), expected);
    }
    text_limit(1024, |name| {
        Outgoing::Location(Location {
            name: Some(name),
            ..place(0.0, 0.0)
        })
    });
    text_limit(1024, |address| {
        Outgoing::Location(Location {
            address: Some(address),
            ..place(0.0, 0.0)
        })
    });
}

#[test]
fn cards() {
    let card = || Card {
        name: "Ana".into(),
        ..Card::default()
    };
    let one = |card: Card| Outgoing::Contacts { cards: vec![card] };
    count_limit(257, "cards", |count| Outgoing::Contacts {
        cards: vec![card(); count],
    });
    text_limit(256, |name| one(Card { name, ..card() }));
    text_limit(256, |name| {
        one(Card {
            organization: Some(name),
            ..card()
        })
    });
    let phones = |phones| one(Card { phones, ..card() });
    let emails = |emails| one(Card { emails, ..card() });
    text_limit(256, |text| phones(vec![text]));
    text_limit(256, |text| emails(vec![text]));
    fits(phones(vec!["1".to_owned(); 20]));
    fits(emails(vec!["a@b".to_owned(); 20]));
    // 128 names of 256 characters, and one character more.
    let full = || Card {
        name: "é".repeat(256),
        ..Card::default()
    };
    let mut cards = vec![full(); 128];
    fits(Outgoing::Contacts {
        cards: cards.clone(),
    });
    cards.push(Card {
        name: "x".to_owned(),
        ..Card::default()
    });
    refused(
        Outgoing::Contacts { cards },
        "32769 characters, and 32768 are allowed",
    );
    refused(phones(vec!["1".to_owned(); 21]), "21 phones on a card");
    refused(emails(vec!["a".to_owned(); 21]), "21 e-mail addresses");
}

#[test]
fn reactions() {
    let reaction = |emoji: &str| Outgoing::Reaction {
        message: wamid("wamid.question"),
        emoji: emoji.into(),
    };
    for emoji in ["", "👍", "❤️", "👩‍👩‍👧‍👦", "🇧🇷", "1️⃣"] {
        fits(reaction(emoji));
    }
    for words in ["ok", "👍👍", " ", ":)"] {
        refused(reaction(words), "not one emoji");
    }
}
