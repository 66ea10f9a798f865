//! What is sent, and what becomes of a refusal.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that finds something else than it expects has failed"
)]

use auto_reply::AutoReply;
use sdk::testing::{Did, Host, turn, with_value};
use sdk::{
    MediaKind, MediaSource, Outcome, Outgoing, Refusal, TemplateButtonFill, TemplateHeader, Turn,
    Unanswered,
};

/// The one message that these settings send in this turn.
fn message(settings: &str, turn: &Turn) -> Outgoing {
    let mut host = Host::new();
    let outcome = host.run::<AutoReply>(turn, settings);
    assert_eq!(outcome, Ok(Outcome::Handled), "{settings}");
    let [message] = host.sent()[..] else {
        panic!("one message: {host:?}")
    };
    message.clone()
}

#[test]
fn the_reply_is_in_the_turns_language_with_its_placeholders_filled_in() {
    let settings =
        r#"{"reply": {"pt": "Oi {contact.name|você}! Disse: {message.text}", "en": "Hi!"}}"#;
    let said = message(settings, &turn("pt", "{contact.name}"));
    assert_eq!(said, sdk::text("Oi você! Disse: {contact.name}"));
    assert_eq!(message(settings, &turn("en", "hi")), sdk::text("Hi!"));
}

#[test]
fn without_text_in_the_language_the_files_first_stands_in() {
    let settings = r#"{"reply": {"pt": "Oi", "en": "Hi"}}"#;
    assert_eq!(message(settings, &turn("de", "hallo")), sdk::text("Oi"));
}

#[test]
fn buttons_go_beneath_with_a_line_above_and_one_beneath() {
    let settings = r#"{"reply": {"pt": "Sim?"}, "buttons": [{"id": "yes", "title": {"pt": "Sim", "en": "Yes"}}],
                       "header": "A", "footer": {"en": "B"}}"#;
    let expected = sdk::buttons("Sim?")
        .button("yes", "Yes")
        .header("A")
        .footer("B");
    assert_eq!(message(settings, &turn("en", "hi")), expected.into());
}

#[test]
fn a_menu_has_its_rows_in_order() {
    let settings = r#"{"reply": "What is it?", "menu": {"label": {"en": "Choose", "pt": "Escolha"}, "rows": [
        {"id": "a", "title": "Order"}, {"id": "b", "title": {"en": "Return"}, "description": "in 30 days"}]}}"#;
    let expected = sdk::menu("What is it?", "Escolha")
        .row("a", "Order")
        .row_about("b", "Return", "in 30 days");
    assert_eq!(message(settings, &turn("pt", "oi")), expected.into());
}

#[test]
fn a_link_escapes_what_contacts_put_into_it() {
    let settings = r#"{"reply": "Look", "link": {"label": "Open", "url": "https://shop.example/find?q={message.text}&l=1"}}"#;
    let expected = sdk::link(
        "Look",
        "Open",
        "https://shop.example/find?q=a%26l%3D2%23%20%C3%A9&l=1",
    );
    assert_eq!(message(settings, &turn("pt", "a&l=2# é")), expected.into());
}

#[test]
fn a_file_bears_the_reply_as_its_caption() {
    let settings = r#"{"reply": {"en": "The list"}, "media": {"kind": "document", "id": "77", "filename": "prices.pdf"}}"#;
    let expected = sdk::media(MediaKind::Document, "77")
        .caption("The list")
        .filename("prices.pdf");
    assert_eq!(message(settings, &turn("en", "hi")), expected.into());
    let settings = r#"{"media": {"kind": "sticker", "link": "https://shop.example/hello.webp"}}"#;
    let expected = sdk::media_at(MediaKind::Sticker, "https://shop.example/hello.webp");
    assert_eq!(message(settings, &turn("en", "hi")), expected.into());
}

#[test]
fn what_a_value_makes_too_long_is_cut_not_lost() {
    let settings = r#"{"reply": "{message.text}", "buttons": [{"id": "a", "title": "Hi {contact.name|you}"}]}"#;
    let turn = with_value(
        turn("en", &"é".repeat(3000)),
        "contact.name",
        "Maria\nAparecida dos Santos",
    );
    let Outgoing::Buttons(sent) = message(settings, &turn) else {
        panic!("buttons")
    };
    assert_eq!(sent.body.chars().count(), 1024);
    assert!(sent.body.ends_with("é…"));
    assert_eq!(sent.buttons[0].title, "Hi Maria Aparecida…");
}

const TEMPLATE: &str = r#""template": {"name": "order_sent", "languages": {"pt": "pt_BR", "en": "en"}, "category": "utility",
    "params": ["4711", {"pt": "amanhã", "en": "tomorrow"}], "header": {"kind": "image", "link": "https://shop.example/a.png"},
    "buttons": [{"index": 0, "payload": "track"}, {"index": 1, "url_suffix": "{message.text}"}]"#;

#[test]
fn a_text_that_values_leave_blank_is_for_the_gate_to_refuse_and_no_failure() {
    let turn = with_value(turn("en", "cap<  >"), "match.1", "  ");
    for settings in [
        r#"{"reply": {"en": "{match.1}"}}"#,
        r#"{"reply": {"en": " {match.1}"}, "buttons": [{"id": "a", "title": {"en": "A"}}]}"#,
    ] {
        let mut host = Host::new().refusing(Refusal::Invalid("the text is blank".to_owned()));
        let outcome = host.run::<AutoReply>(&turn, settings);
        assert_eq!(outcome, Ok(Outcome::Unanswered(Unanswered::Refused)));
    }
}

#[test]
fn a_template_by_itself_is_filled_in_the_language_it_was_approved_in() {
    let settings = format!("{{{TEMPLATE}}}}}");
    let Outgoing::Template(sent) = message(&settings, &turn("en", "a/b")) else {
        panic!("a template")
    };
    assert_eq!(
        (sent.name.as_str(), sent.language.as_str()),
        ("order_sent", "en")
    );
    assert_eq!(sent.parameters[1].text, "tomorrow");
    let Some(TemplateHeader::Media(header)) = &sent.header else {
        panic!("a header: {sent:?}")
    };
    assert_eq!(
        header.source,
        MediaSource::Link("https://shop.example/a.png".to_owned())
    );
    assert_eq!(
        sent.buttons[1].fill,
        TemplateButtonFill::UrlSuffix("a%2Fb".to_owned())
    );

    // It has no German: code and words are those of the file's first language, both.
    let Outgoing::Template(sent) = message(&settings, &turn("de", "x")) else {
        panic!("a template")
    };
    assert_eq!(
        (sent.language.as_str(), sent.parameters[1].text.as_str()),
        ("pt_BR", "amanhã")
    );
}

#[test]
fn the_words_that_fill_a_template_are_in_its_language_not_in_the_turns() {
    let settings = r#"{"template": {"name": "t", "languages": {"pt": "pt_BR"}, "category": "marketing",
                       "params": [{"name": "when", "text": {"pt": "hoje", "en": "today"}}]}}"#;
    let Outgoing::Template(sent) = message(settings, &turn("en", "x")) else {
        panic!("a template")
    };
    assert_eq!(sent.parameters[0].text, "hoje");
    assert_eq!(sent.parameters[0].name.as_deref(), Some("when"));
}

#[test]
fn the_template_for_the_closed_window_goes_out_only_then() {
    let settings = format!(r#"{{"reply": "Hi", {TEMPLATE}, "when": "window-closed"}}}}"#);
    let said = |mut host: Host| {
        let outcome = host.run::<AutoReply>(&turn("en", "x"), &settings).unwrap();
        (host.said().join(" then "), outcome)
    };
    let refused = Outcome::Unanswered(Unanswered::Refused);
    assert_eq!(said(Host::new()), ("Hi".to_owned(), Outcome::Handled));
    assert_eq!(
        said(Host::new().refusing(Refusal::WindowClosed(true))),
        ("Hi then order_sent".to_owned(), Outcome::Handled)
    );
    // No template would pass, so none is tried.
    assert_eq!(
        said(Host::new().refusing(Refusal::WindowClosed(false))),
        ("Hi".to_owned(), refused)
    );
    assert_eq!(
        said(Host::new().refusing(Refusal::OptedOut)),
        ("Hi".to_owned(), refused)
    );
    assert_eq!(
        said(
            Host::new()
                .refusing(Refusal::WindowClosed(true))
                .refusing(Refusal::OptedOut)
        ),
        ("Hi then order_sent".to_owned(), refused)
    );
}

#[test]
fn a_reaction_goes_first_and_the_reply_does_not_depend_on_it() {
    let settings = r#"{"reply": "Hi", "react": "👍"}"#;
    for host in [Host::new(), Host::new().refusing(Refusal::LoopSuspected)] {
        let mut host = host;
        let outcome = host.run::<AutoReply>(&turn("en", "x"), settings);
        assert_eq!(outcome, Ok(Outcome::Handled));
        assert_eq!(host.said(), ["👍", "Hi"]);
    }
    let mut host = Host::new().admitting().refusing(Refusal::OptedOut);
    let outcome = host.run::<AutoReply>(&turn("en", "x"), settings);
    assert_eq!(outcome, Ok(Outcome::Unanswered(Unanswered::Refused)));
}

#[test]
fn a_reaction_may_be_all() {
    let settings = r#"{"react": "👍"}"#;
    assert_eq!(message(settings, &turn("en", "x")), sdk::reaction("👍"));
    let mut host = Host::new().refusing(Refusal::OptedOut);
    let outcome = host.run::<AutoReply>(&turn("en", "x"), settings);
    assert_eq!(outcome, Ok(Outcome::Unanswered(Unanswered::Refused)));
}

#[test]
fn a_quoting_reply_quotes() {
    for (settings, expected) in [
        (r#"{"reply": "Hi", "quoting": true}"#, true),
        (r#"{"reply": "Hi"}"#, false),
    ] {
        let mut host = Host::new();
        host.run::<AutoReply>(&turn("en", "x"), settings).unwrap();
        assert!(
            matches!(host.did(), [Did::Send { quoting, .. }] if *quoting == expected),
            "{host:?}"
        );
    }
}
