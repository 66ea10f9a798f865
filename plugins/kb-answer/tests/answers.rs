//! What is asked, what is said, and what is not.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that finds something else than it expects has failed"
)]

use std::time::Duration;

use kb_answer::KbAnswer;
use sdk::knowledge::{Answer, Citation, Found, Question};
use sdk::testing::{Did, Host, later, problems, schema_differences, tap, turn};
use sdk::{Content, Outcome, Refusal, Turn, Unanswered};

fn citation(title: &str, url: Option<&str>, score: Option<u16>) -> Citation {
    Citation {
        source: format!("{title}.md"),
        title: Some(title.to_owned()),
        url: url.map(str::to_owned),
        passage: "Within 30 days.".to_owned(),
        score,
    }
}

fn found(text: &str, citations: Vec<Citation>) -> Answer {
    Answer::Found(Found {
        text: text.to_owned(),
        citations,
        session: None,
    })
}

fn cited(text: &str) -> Answer {
    found(
        text,
        vec![citation(
            "Returns",
            Some("https://shop.example/returns"),
            Some(800),
        )],
    )
}

/// What is said to the contact, or how the turn ends without.
fn told(answer: Answer, settings: &str) -> Result<String, Outcome> {
    let mut host = Host::new().knowing(answer);
    let outcome = host
        .run::<KbAnswer>(&turn("en", "Can I return it?"), settings)
        .unwrap();
    match host.said()[..] {
        [] => Err(outcome),
        [said] => {
            assert_eq!(outcome, Outcome::Handled);
            Ok(said.to_owned())
        }
        _ => panic!("one message: {host:?}"),
    }
}

fn asked(host: &Host) -> &Question {
    let asked = host.did().iter().find_map(|did| match did {
        Did::Ask(question) => Some(question),
        _ => None,
    });
    asked.unwrap()
}

const FAQ: &str = r#"{"base": "faq"}"#;
const NO_ANSWER: Result<String, Outcome> = Err(Outcome::Unanswered(Unanswered::NoAnswer));

#[test]
fn the_answer_comes_with_its_source() {
    assert_eq!(
        told(cited("**Yes**, within 30 days [1]."), FAQ).unwrap(),
        "*Yes*, within 30 days.\n\n🔗 Returns: https://shop.example/returns"
    );
}

#[test]
fn the_contacts_words_are_the_question() {
    let settings = r#"{"base": "faq", "filters": {"product": "bicycle"}, "passages": 3}"#;
    let mut host = Host::new();
    host.run::<KbAnswer>(&turn("pt_BR", " Posso devolver? "), settings)
        .unwrap();
    let question = asked(&host);
    assert_eq!(
        (question.base.as_str(), question.text.as_str()),
        ("faq", "Posso devolver?")
    );
    assert_eq!(
        (question.language.as_str(), question.passages),
        ("pt_BR", 3)
    );
    assert_eq!(question.filters[0].value, "bicycle");

    host.run::<KbAnswer>(&tap("en", "returns", "Returns"), FAQ)
        .unwrap();
    assert_eq!(asked(&host).text, "Returns");
    host.run::<KbAnswer>(&turn("en", &"é".repeat(4000)), FAQ)
        .unwrap();
    assert_eq!(asked(&host).text.chars().count(), 1000);
}

#[test]
fn a_message_without_words_is_for_another_rule() {
    let mut host = Host::new();
    let place = Turn {
        message: sdk::Message {
            content: Content::Location(sdk::location(0.0, 0.0)),
            ..turn("en", "").message
        },
        ..turn("en", "")
    };
    assert_eq!(host.run::<KbAnswer>(&place, FAQ), Ok(Outcome::Passed));
    assert_eq!(host.did(), []);
}

#[test]
fn the_rule_decides_what_follows_when_there_is_no_answer() {
    for (answer, why) in [
        (Answer::NoAnswer, Unanswered::NoAnswer),
        (Answer::Blocked, Unanswered::Blocked),
        (Answer::Slow, Unanswered::Slow),
    ] {
        assert_eq!(told(answer, FAQ), Err(Outcome::Unanswered(why)));
    }
    let mut host = Host::new()
        .knowing(cited("Yes."))
        .refusing(Refusal::OptedOut);
    let outcome = host.run::<KbAnswer>(&turn("en", "?!a"), FAQ);
    assert_eq!(outcome, Ok(Outcome::Unanswered(Unanswered::Refused)));
}

#[test]
fn an_answer_that_rests_on_nothing_is_not_said_unless_the_rule_allows_it() {
    assert_eq!(told(found("Surely.", vec![]), FAQ), NO_ANSWER);
    assert_eq!(
        told(
            found("Surely.", vec![]),
            r#"{"base": "faq", "citations": "optional"}"#
        )
        .unwrap(),
        "Surely."
    );
}

#[test]
fn a_models_refusal_is_never_said() {
    for refusal in [
        "Sorry, I am unable to assist you with this request.",
        "I could not find an exact answer to the question.",
        "Desculpe, não encontrei uma resposta para isso.",
        " \n ",
    ] {
        assert_eq!(told(cited(refusal), FAQ), NO_ANSWER, "{refusal}");
        let lenient = r#"{"base": "faq", "citations": "optional"}"#;
        assert_eq!(
            told(found(refusal, vec![]), lenient),
            NO_ANSWER,
            "{refusal}"
        );
    }
}

#[test]
fn passages_that_fit_badly_do_not_count() {
    let settings = r#"{"base": "faq", "least_score": 500, "sources": "titles"}"#;
    let both = || {
        vec![
            citation("Good", None, Some(500)),
            citation("Bad", None, Some(499)),
        ]
    };
    assert_eq!(
        told(found("Yes.", both()), settings).unwrap(),
        "Yes.\n\n📄 Good"
    );
    assert_eq!(
        told(found("Yes.", both()[1..].to_vec()), settings),
        NO_ANSWER
    );
    assert!(
        told(
            found("Yes.", vec![citation("Unscored", None, None)]),
            settings
        )
        .is_ok()
    );
}

#[test]
fn sources_are_links_titles_or_nothing_each_once_and_three_at_most() {
    let many = || {
        let with_url =
            |title: &str| citation(title, Some(&format!("https://shop.example/{title}")), None);
        vec![
            with_url("a"),
            with_url("a"),
            citation("b", Some("http://plain.example/"), None),
            with_url("c"),
            with_url("d"),
        ]
    };
    let with = |sources: &str| {
        told(
            found("Yes.", many()),
            &format!(r#"{{"base": "faq", "sources": "{sources}"}}"#),
        )
        .unwrap()
    };
    assert_eq!(
        with("links"),
        "Yes.\n\n🔗 a: https://shop.example/a\n📄 b\n🔗 c: https://shop.example/c"
    );
    assert_eq!(with("titles"), "Yes.\n\n📄 a\n📄 b\n📄 c");
    assert_eq!(with("off"), "Yes.");
}

#[test]
fn a_long_answer_ends_with_a_sentence_between_intro_and_outro() {
    let settings = r#"{"base": "faq", "max_chars": 100, "sources": "off",
                       "intro": {"en": "From our help pages:"}, "outro": "Anything else?"}"#;
    let long = "This sentence has exactly fifty characters in all. ".repeat(20);
    let said = told(cited(&long), settings).unwrap();
    let sentence = "This sentence has exactly fifty characters in all.";
    assert_eq!(
        said,
        format!("From our help pages:\n\n{sentence}\n\nAnything else?")
    );
}

#[test]
fn sources_give_way_where_whatsapp_has_no_room() {
    let settings = r#"{"base": "faq", "max_chars": 3000}"#;
    let far = |n: u8| {
        citation(
            &"t".repeat(80),
            Some(&format!("https://shop.example/{n}{}", "x".repeat(270))),
            None,
        )
    };
    let answer = found(&"word. ".repeat(490), vec![far(1), far(2), far(3)]);
    let said = told(answer, settings).unwrap();
    assert!(said.chars().count() <= 4096);
    assert_eq!(said.matches("https://").count(), 3);
    let outro = format!(
        r#"{{"base": "faq", "max_chars": 3000, "outro": "{}"}}"#,
        "o".repeat(400)
    );
    let answer = found(&"word. ".repeat(490), vec![far(1), far(2), far(3)]);
    let said = told(answer, &outro).unwrap();
    assert!(
        said.chars().count() <= 4096 && said.ends_with("oo"),
        "{said}"
    );
    assert_eq!(said.matches("https://").count(), 2);
}

fn session(answer: &str, session: &str) -> Answer {
    Answer::Found(Found {
        text: answer.to_owned(),
        citations: vec![citation("Returns", None, None)],
        session: Some(session.to_owned()),
    })
}

#[test]
fn the_conversation_goes_on_as_long_as_the_service_window() {
    let mut host = Host::new()
        .knowing(session("Yes.", "s-1"))
        .knowing(session("Until noon.", "s-1"));
    let first = turn("en", "Can I return it?");
    host.run::<KbAnswer>(&first, FAQ).unwrap();
    assert_eq!(asked(&host).session, None);

    let second = later(first, Duration::from_hours(23));
    host.run::<KbAnswer>(&second, FAQ).unwrap();
    assert_eq!(asked(&host).session.as_deref(), Some("s-1"));
    // That answer was given an hour before the window closes, so the conversation is over after it.
    let third = later(second, Duration::from_hours(2));
    host.run::<KbAnswer>(&third, FAQ).unwrap();
    assert_eq!(asked(&host).session, None);
}

#[test]
fn a_desk_in_between_and_another_base_begin_anew() {
    let mut host = Host::new().knowing(session("Yes.", "s-1"));
    let first = turn("en", "Can I return it?");
    host.run::<KbAnswer>(&first, FAQ).unwrap();
    host.run::<KbAnswer>(&first, r#"{"base": "other"}"#)
        .unwrap();
    assert_eq!(asked(&host).session, None);

    let mut handed = later(first, Duration::from_mins(5));
    handed.contact.last_desk = Some("support".to_owned());
    host.run::<KbAnswer>(&handed, FAQ).unwrap();
    assert_eq!(asked(&host).session, None);
}

#[test]
fn what_is_wrong_is_found_when_the_rule_is_saved() {
    for (settings, expected) in [
        ("{}", ": `base` is missing"),
        (
            r#"{"base": "fag"}"#,
            "base: there is no knowledge base `fag` (did you mean `faq`?)",
        ),
        (
            r#"{"base": "docs"}"#,
            "base: there is no knowledge base `docs` (there is faq)",
        ),
        (
            r#"{"base": "faq", "max_chars": 50}"#,
            "max_chars: an answer of 50 characters is not possible (write a number from 100 to 3000)",
        ),
        (
            r#"{"base": "faq", "passages": 11}"#,
            "passages: 11 passages are not possible",
        ),
        (r#"{"base": "faq", "passages": 0}"#, "passages: 0 passages"),
        (
            r#"{"base": "faq", "least_score": 1001}"#,
            "least_score: no passage fits so well",
        ),
        (
            r#"{"base": "faq", "least_score": 0.5}"#,
            "least_score: expected u16, found a number",
        ),
        (
            r#"{"base": "faq", "least_score": 300, "citations": "optional"}"#,
            "least_score: an answer may rest on nothing",
        ),
        (
            r#"{"base": "faq", "citations": "require"}"#,
            "citations: unknown word `require` (did you mean `required`?)",
        ),
        (
            r#"{"base": "faq", "sources": "none"}"#,
            "sources: unknown word `none` (known are links, titles, off)",
        ),
        (
            r#"{"base": "faq", "filters": {"product": ""}}"#,
            "filters.product: the filter is empty",
        ),
        (
            r#"{"base": "faq", "intro": "{contact.name}:"}"#,
            "intro: `{contact.name}` may be missing",
        ),
        (
            r#"{"base": "faq", "into": "x"}"#,
            "into: unknown key `into` (did you mean `intro`?)",
        ),
    ] {
        let found = problems::<KbAnswer>(settings);
        assert_eq!(found.len(), 1, "{settings}: {found:?}");
        assert!(found[0].starts_with(expected), "{settings}: {found:?}");
    }
    let filters: Vec<_> = (0..9).map(|n| format!(r#""k{n}": "v""#)).collect();
    let settings = format!(r#"{{"base": "faq", "filters": {{{}}}}}"#, filters.join(","));
    assert!(
        problems::<KbAnswer>(&settings)[0]
            .starts_with("filters: there are 9 filters (a question takes at most 8)")
    );
}

#[test]
fn the_schema_and_the_type_are_in_step() {
    let whole = r#"{"base": "faq", "filters": {"a": "b"}, "citations": "required", "sources": "titles", "max_chars": 500,
                    "passages": 2, "least_score": 300, "intro": "a", "outro": {"pt": "b"}}"#;
    assert_eq!(problems::<KbAnswer>(whole), [""; 0]);
    assert_eq!(schema_differences::<KbAnswer>(&[whole, FAQ]), [""; 0]);
}
