//! The plugins that ship, for real: what each says of itself, and one turn of each kind through the contract and back.

use model::{
    Button, Content, DeskName, Frame, HandOver, Interface, MediaKind, MediaSource, Menu, MenuRow,
    MenuSection, Outcome, Outgoing, OutgoingMedia, Problem, Proposal, Recipient, Refusal, RuleName,
    RunResult, Span, TapOrigin, Template, TemplateButton, TemplateButtonFill, TemplateCategory,
    TemplateHeader, TemplateParameter, Unanswered, Verdict,
};
use sandbox::{Plugin, RunLimits};

use crate::stage::{Recorder, grants, known, load, turn};

const KB_ANSWER: [Interface; 3] = [Interface::Gate, Interface::Knowledge, Interface::Memory];

fn plugin(name: &str, interfaces: &[Interface]) -> Plugin {
    let (_, component) = shipped::all()
        .into_iter()
        .find(|(shipped, _)| *shipped == name)
        .unwrap();
    load(name, component, &grants(interfaces), RunLimits::default()).unwrap()
}

fn send(message: Outgoing) -> Proposal {
    Proposal::Send {
        to: Recipient::Contact,
        from: None,
        message,
        quoting: false,
    }
}

fn text(body: &str) -> Proposal {
    send(Outgoing::Text {
        body: body.to_owned(),
    })
}

/// What auto-reply sends in one turn.
async fn answers(settings: &str, verdicts: Vec<Verdict>) -> (RunResult, Vec<Proposal>) {
    let plugin = plugin("auto-reply", &[Interface::Gate]);
    let host = Recorder::answering(verdicts);
    let (report, host) = plugin.run(&turn("oi"), settings, host).await;
    (report.result, host.proposals)
}

const HANDLED: RunResult = RunResult::Ended(Outcome::Handled);

#[tokio::test]
async fn auto_reply_answers_in_the_contacts_language() {
    let plugin = plugin("auto-reply", &[Interface::Gate]);
    let settings = r#"{"reply": {"pt": "Oi {contact.name|você}: {message.text}", "en": "Hi"}}"#;
    let (report, host) = plugin
        .run(&turn("{contact.name} ☕"), settings, Recorder::default())
        .await;
    assert_eq!(report.result, HANDLED);
    assert_eq!(host.proposals, [text("Oi Ana: {contact.name} ☕")]);
    assert!(
        report.fuel > 0 && report.fuel < RunLimits::default().fuel / 1000,
        "{}",
        report.fuel
    );
}

#[tokio::test]
async fn auto_reply_offers_buttons_beneath_a_header() {
    let settings = r#"{"reply": {"pt": "Certo?"}, "header": "A", "buttons": [{"id": "yes", "title": {"pt": "Sim"}}]}"#;
    let message = Outgoing::Buttons {
        body: "Certo?".to_owned(),
        buttons: vec![Button {
            id: "yes".to_owned(),
            title: "Sim".to_owned(),
        }],
        frame: Frame {
            header: Some("A".to_owned()),
            footer: None,
        },
    };
    assert_eq!(
        answers(settings, vec![]).await,
        (HANDLED, vec![send(message)])
    );
}

#[tokio::test]
async fn auto_reply_offers_a_menu() {
    let settings = r#"{"reply": "Qual?", "footer": "B", "menu": {"label": "Ver",
        "rows": [{"id": "a", "title": "A", "description": "primeiro"}, {"id": "b", "title": "B"}]}}"#;
    let row = |id: &str, title: &str, description: Option<&str>| MenuRow {
        id: id.to_owned(),
        title: title.to_owned(),
        description: description.map(str::to_owned),
    };
    let message = Outgoing::Menu(Menu {
        body: "Qual?".to_owned(),
        label: "Ver".to_owned(),
        sections: vec![MenuSection {
            title: None,
            rows: vec![row("a", "A", Some("primeiro")), row("b", "B", None)],
        }],
        frame: Frame {
            header: None,
            footer: Some("B".to_owned()),
        },
    });
    assert_eq!(
        answers(settings, vec![]).await,
        (HANDLED, vec![send(message)])
    );
}

#[tokio::test]
async fn auto_reply_sends_a_file_with_the_reply_as_its_caption_after_a_reaction() {
    let settings = r#"{"reply": "A lista", "media": {"kind": "document", "link": "https://a.example/l.pdf", "filename": "l.pdf"},
                       "react": "👍"}"#;
    let (result, proposals) = answers(settings, vec![]).await;
    assert_eq!(result, HANDLED);
    let [
        Proposal::Send {
            message: Outgoing::Reaction { message, emoji },
            ..
        },
        file,
    ] = &proposals[..]
    else {
        panic!("a reaction, then the file: {proposals:?}")
    };
    assert_eq!((message, emoji.as_str()), (&turn("oi").message.id, "👍"));
    let expected = Outgoing::Media(OutgoingMedia {
        media: MediaKind::Document,
        source: MediaSource::Link("https://a.example/l.pdf".to_owned()),
        caption: Some("A lista".to_owned()),
        filename: Some("l.pdf".to_owned()),
    });
    assert_eq!(*file, send(expected));
}

#[tokio::test]
async fn auto_reply_falls_back_to_its_template_when_the_window_is_closed() {
    let settings = r#"{"reply": "Oi", "template": {"name": "t", "languages": {"pt": "pt_BR"}, "category": "utility",
        "params": [{"name": "who", "text": "{contact.name|você}"}], "header": {"kind": "image", "id": "7"},
        "buttons": [{"index": 0, "payload": "p"}, {"index": 1, "url_suffix": "{message.text}"}], "when": "window-closed"}}"#;
    let closed = Verdict::Refused(Refusal::WindowClosed {
        template_would_pass: true,
    });
    let (result, proposals) = answers(settings, vec![closed]).await;
    let fill = |index, fill| TemplateButton { index, fill };
    let template = Outgoing::Template(Template {
        name: "t".to_owned(),
        language: "pt_BR".to_owned(),
        category: TemplateCategory::Utility,
        header: Some(TemplateHeader::Media(
            MediaKind::Image,
            MediaSource::Id("7".to_owned()),
        )),
        parameters: vec![TemplateParameter {
            name: Some("who".to_owned()),
            text: "Ana".to_owned(),
        }],
        buttons: vec![
            fill(0, TemplateButtonFill::Payload("p".to_owned())),
            fill(1, TemplateButtonFill::UrlSuffix("oi".to_owned())),
        ],
    });
    assert_eq!(
        (result, proposals),
        (HANDLED, vec![text("Oi"), send(template)])
    );
}

#[tokio::test]
async fn a_refused_reply_leaves_the_turn_unanswered() {
    let refused = Verdict::Refused(Refusal::OptedOut);
    let (result, _) = answers(r#"{"reply": {"pt": "Oi"}}"#, vec![refused]).await;
    assert_eq!(
        result,
        RunResult::Ended(Outcome::Unanswered(Unanswered::Refused))
    );
}

#[tokio::test]
async fn problems_with_settings_come_back_with_their_path() {
    let plugin = plugin("auto-reply", &[Interface::Gate]);
    let problems = plugin
        .check(
            r#"{"reply": {"pt": "Oi {contact.nam}"}, "butons": []}"#,
            &known(),
        )
        .await
        .unwrap();
    assert_eq!(
        problems,
        [
            Problem {
                path: "butons".to_owned(),
                message: "unknown key `butons`".to_owned(),
                help: Some("did you mean `buttons`?".to_owned()),
            },
            Problem {
                path: "reply.pt".to_owned(),
                message: "`{contact.nam}` is no known placeholder".to_owned(),
                help: Some("did you mean `{contact.name}`?".to_owned()),
            },
        ]
    );
    let fine = plugin.check(r#"{"reply": {"pt": "Oi"}}"#, &known()).await;
    assert_eq!(fine.unwrap(), []);
}

#[tokio::test]
async fn kb_answer_asks_tells_the_answer_and_names_its_source() {
    let plugin = plugin("kb-answer", &KB_ANSWER);
    let host = Recorder {
        answer: Some("**Sim**, em até 30 dias.".to_owned()),
        ..Recorder::default()
    };
    let settings =
        r#"{"base": "faq", "filters": {"product": "bicycle"}, "intro": "Da nossa ajuda:"}"#;
    let (report, host) = plugin.run(&turn("posso devolver?"), settings, host).await;
    assert_eq!(report.result, HANDLED);
    assert_eq!(host.sent(), ["Da nossa ajuda:\n\n*Sim*, em até 30 dias."]);
    let [question] = &host.questions[..] else {
        panic!("one question: {host:?}")
    };
    assert_eq!(
        (question.base.as_str(), question.text.as_str()),
        ("faq", "posso devolver?")
    );
    assert_eq!(
        (question.language.as_str(), question.filters.len()),
        ("pt", 1)
    );
}

#[tokio::test]
async fn kb_answer_never_tells_a_models_refusal() {
    let plugin = plugin("kb-answer", &KB_ANSWER);
    let host = Recorder {
        answer: Some("Sorry, I am unable to assist you with this request.".to_owned()),
        ..Recorder::default()
    };
    let (report, host) = plugin.run(&turn("oi?"), r#"{"base": "faq"}"#, host).await;
    assert_eq!(
        report.result,
        RunResult::Ended(Outcome::Unanswered(Unanswered::NoAnswer))
    );
    assert_eq!(host.sent(), [""; 0]);
}

#[tokio::test]
async fn kb_answer_knows_the_bases_there_are() {
    let plugin = plugin("kb-answer", &KB_ANSWER);
    let known = model::Known {
        knowledge: vec!["faq".to_owned()],
        ..known()
    };
    let problems = plugin.check(r#"{"base": "fag"}"#, &known).await.unwrap();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].help.as_deref(), Some("did you mean `faq`?"));
}

#[tokio::test]
async fn router_hands_over_with_a_note_and_pauses() {
    let plugin = plugin("router", &[Interface::Desk]);
    let settings = r#"{"hand_to": "support", "note": "pergunta: {message.text}", "pause_bot": "until closed, max 2h",
                       "tag": ["vip"], "untag": ["new"]}"#;
    let (report, host) = plugin
        .run(&turn("cadê?"), settings, Recorder::default())
        .await;
    assert_eq!(report.result, HANDLED);
    let desk = DeskName::new("support").unwrap();
    assert_eq!(
        host.proposals,
        [
            Proposal::Untag {
                tag: "new".to_owned()
            },
            Proposal::Tag {
                tag: "vip".to_owned()
            },
            Proposal::HandOver(HandOver {
                desk,
                note: "pergunta: cadê?".to_owned()
            }),
            Proposal::Pause {
                span: Span::from_hours(2)
            },
        ]
    );
    assert_eq!(plugin.check(settings, &known()).await.unwrap(), []);
}

/// The desks that router hands a turn to.
async fn desks(turn: &model::Turn, settings: &str) -> (RunResult, Vec<String>) {
    let plugin = plugin("router", &[Interface::Desk]);
    let (report, host) = plugin.run(turn, settings, Recorder::default()).await;
    let desks = host.proposals.iter().filter_map(|proposal| match proposal {
        Proposal::HandOver(hand_over) => Some(hand_over.desk.to_string()),
        _ => None,
    });
    (report.result, desks.collect())
}

#[tokio::test]
async fn router_goes_by_taps_and_by_hours() {
    let settings = r#"{"menu": {"buy": "sales"}, "desks": [{"desk": "support", "hours": "shop"}]}"#;
    let mut turn = turn("oi");
    let no_answer = RunResult::Ended(Outcome::Unanswered(Unanswered::NoAnswer));
    for (open, result, desk) in [("yes", HANDLED, vec!["support"]), ("no", no_answer, vec![])] {
        turn.values
            .insert("hours.shop.open".to_owned(), open.to_owned());
        let (ended, handed_to) = desks(&turn, settings).await;
        assert_eq!(
            (ended, handed_to),
            (result, desk.into_iter().map(str::to_owned).collect())
        );
    }
    turn.message.content = Content::Tap {
        id: "buy".to_owned(),
        title: "Comprar".to_owned(),
        origin: TapOrigin::Menu,
    };
    assert_eq!(
        desks(&turn, settings).await,
        (HANDLED, vec!["sales".to_owned()])
    );
}

#[tokio::test]
async fn opt_out_words_the_one_confirmation() {
    let plugin = plugin("opt-out", &[Interface::Gate]);
    for (rule, settings, expected) in [
        ("opt_out", "{}", "Sua inscrição foi cancelada"),
        (
            "opt_out",
            r#"{"covers": "marketing"}"#,
            "Pronto: você não vai mais receber ofertas",
        ),
        ("opt_in", "{}", "Que bom ter você de volta!"),
        ("opt_out", r#"{"reply": {"pt": "Feito."}}"#, "Feito."),
    ] {
        let mut turn = turn("parar");
        turn.rule = RuleName::new(rule).unwrap();
        let (report, host) = plugin.run(&turn, settings, Recorder::default()).await;
        assert_eq!(report.result, HANDLED);
        let [sent] = host.sent()[..] else {
            panic!("one confirmation: {host:?}")
        };
        assert!(sent.starts_with(expected), "{sent}");
    }
}

#[test]
fn what_ships_says_what_it_is() {
    for (name, interfaces) in [
        ("auto-reply", &[Interface::Gate][..]),
        ("kb-answer", &KB_ANSWER),
        ("router", &[Interface::Desk]),
        ("opt-out", &[Interface::Gate]),
    ] {
        let plugin = plugin(name, interfaces);
        let description = plugin.description();
        assert_eq!(description.name, name);
        let wanted: Vec<_> = description
            .wants
            .iter()
            .map(|want| want.interface)
            .collect();
        assert_eq!(wanted, interfaces);
        assert!(description.wants.iter().all(|want| !want.reason.is_empty()));
        assert!(
            serde_json::from_str::<serde_json::Value>(&description.settings_schema)
                .unwrap()
                .is_object()
        );
        assert_eq!(plugin.digest().len(), 64);
    }
}
