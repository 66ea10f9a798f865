//! The plugins that ship, for real.

use model::{
    Button, HandOver, Interface, Outcome, Outgoing, Proposal, Recipient, Refusal, RuleName,
    RunResult, Span,
};
use model::{DeskName, Problem, Unanswered, Verdict};
use sandbox::{Plugin, RunLimits};

use crate::stage::{Recorder, grants, known, load, turn};

fn plugin(name: &str, interface: Interface) -> Plugin {
    let (_, component) = shipped::all()
        .into_iter()
        .find(|(shipped, _)| *shipped == name)
        .unwrap();
    load(name, component, &grants(&[interface]), RunLimits::default()).unwrap()
}

fn text(body: &str) -> Proposal {
    let message = Outgoing::Text {
        body: body.to_owned(),
    };
    Proposal::Send {
        to: Recipient::Contact,
        from: None,
        message,
        quoting: false,
    }
}

#[tokio::test]
async fn auto_reply_answers_in_the_contacts_language() {
    let plugin = plugin("auto-reply", Interface::Gate);
    let settings = r#"{"reply": {"pt": "Oi {contact.name|você}: {message.text}", "en": "Hi"}}"#;
    let (report, host) = plugin
        .run(&turn("{contact.name} ☕"), settings, Recorder::default())
        .await;
    assert_eq!(report.result, RunResult::Ended(Outcome::Handled));
    assert_eq!(host.proposals, [text("Oi Ana: {contact.name} ☕")]);
    assert!(
        report.fuel > 0 && report.fuel < RunLimits::default().fuel / 1000,
        "{}",
        report.fuel
    );
}

#[tokio::test]
async fn auto_reply_offers_buttons() {
    let plugin = plugin("auto-reply", Interface::Gate);
    let settings =
        r#"{"reply": {"pt": "Certo?"}, "buttons": [{"id": "yes", "title": {"pt": "Sim"}}]}"#;
    let (_, host) = plugin.run(&turn("oi"), settings, Recorder::default()).await;
    let buttons = vec![Button {
        id: "yes".to_owned(),
        title: "Sim".to_owned(),
    }];
    let message = Outgoing::Buttons {
        body: "Certo?".to_owned(),
        buttons,
    };
    assert_eq!(
        host.proposals,
        [Proposal::Send {
            to: Recipient::Contact,
            from: None,
            message,
            quoting: false
        }]
    );
}

#[tokio::test]
async fn a_refused_reply_leaves_the_turn_unanswered() {
    let plugin = plugin("auto-reply", Interface::Gate);
    let host = Recorder::answering([Verdict::Refused(Refusal::OptedOut)]);
    let (report, _) = plugin
        .run(&turn("oi"), r#"{"reply": {"pt": "Oi"}}"#, host)
        .await;
    assert_eq!(
        report.result,
        RunResult::Ended(Outcome::Unanswered(Unanswered::Refused))
    );
}

#[tokio::test]
async fn problems_with_settings_come_back_with_their_path() {
    let plugin = plugin("auto-reply", Interface::Gate);
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
    assert_eq!(
        plugin
            .check(r#"{"reply": {"pt": "Oi"}}"#, &known())
            .await
            .unwrap(),
        []
    );
}

#[tokio::test]
async fn router_hands_over_with_a_note_and_pauses() {
    let plugin = plugin("router", Interface::Desk);
    let settings = r#"{"hand_to": "support", "note": "pergunta: {message.text}", "pause_bot": "2h", "tag": ["vip"],
                       "untag": ["new"]}"#;
    let (report, host) = plugin
        .run(&turn("cadê?"), settings, Recorder::default())
        .await;
    assert_eq!(report.result, RunResult::Ended(Outcome::Handled));
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

#[tokio::test]
async fn opt_out_words_the_one_confirmation() {
    let plugin = plugin("opt-out", Interface::Gate);
    for (rule, settings, expected) in [
        ("opt_out", "{}", "Sua inscrição foi cancelada"),
        ("opt_in", "{}", "Que bom ter você de volta!"),
        ("opt_out", r#"{"reply": {"pt": "Feito."}}"#, "Feito."),
    ] {
        let mut turn = turn("parar");
        turn.rule = RuleName::new(rule).unwrap();
        let (report, host) = plugin.run(&turn, settings, Recorder::default()).await;
        assert_eq!(report.result, RunResult::Ended(Outcome::Handled));
        let [sent] = host.sent()[..] else {
            panic!("one confirmation: {host:?}")
        };
        assert!(sent.starts_with(expected), "{sent}");
    }
}

#[test]
fn what_ships_says_what_it_is() {
    for (name, interface) in [
        ("auto-reply", Interface::Gate),
        ("router", Interface::Desk),
        ("opt-out", Interface::Gate),
    ] {
        let plugin = plugin(name, interface);
        let description = plugin.description();
        assert_eq!(description.name, name);
        assert!(
            description
                .wants
                .iter()
                .all(|want| want.interface == interface && !want.reason.is_empty())
        );
        assert!(
            serde_json::from_str::<serde_json::Value>(&description.settings_schema)
                .unwrap()
                .is_object()
        );
        assert_eq!(plugin.digest().len(), 64);
    }
}
