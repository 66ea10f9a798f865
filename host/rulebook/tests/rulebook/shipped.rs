//! The rulebook that ships: not a single diagnostic, and the right rule in three languages.

use std::fs;
use std::path::Path;

use crate::names::names;
use crate::scene::{NOON, Scene};
use model::{Content, Moment, Span, Wamid};
use rulebook::{Draft, Source, read};

fn sources() -> Vec<Source> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            sources.push(Source {
                name,
                text: fs::read_to_string(&path).unwrap(),
            });
        }
    }
    sources
}

fn shipped() -> Draft {
    let reading = read(&sources(), &names());
    let shown: Vec<_> = reading
        .diagnostics
        .iter()
        .map(|found| found.render(false))
        .collect();
    assert!(shown.is_empty(), "{}", shown.join("\n\n"));
    reading.draft.unwrap()
}

/// What is said on a Wednesday at noon, and the rule that answers (`opt_out` and `opt_in` for the two sections).
const CASES: &[(&str, &str)] = &[
    // Portuguese
    ("oi", "greeting"),
    ("Olá! Tudo bem?", "greeting"),
    ("Bom dia", "greeting"),
    ("oi, qual o horário de vocês?", "opening-hours"),
    ("vocês abrem no sábado?", "opening-hours"),
    ("ATÉ QUE HORAS FICAM ABERTOS", "opening-hours"),
    ("Obrigada!", "thanks"),
    ("valeu 👍", "thanks"),
    (
        "obrigado, mas o meu pedido ainda não chegou e já faz uma semana",
        "complaint",
    ),
    ("oi, quero falar com uma pessoa", "asks-for-a-person"),
    ("Atendente", "asks-for-a-person"),
    ("Meu produto veio quebrado", "complaint"),
    ("Por favor, parem de me enviar mensagens", "asks-us-to-stop"),
    ("não quero mais receber isso", "asks-us-to-stop"),
    ("podem parar na minha rua?", "question"),
    ("Parar", "opt_out"),
    ("SAIR!", "opt_out"),
    ("voltar", "opt_in"),
    ("cadê o meu pedido?", "which-order"),
    ("o pedido 12345 já saiu?", "order-with-number"),
    ("Ajuda", "menu"),
    ("quanto custa o tênis azul?", "question"),
    // A question that begins with a greeting is a question.
    ("oi, tem desconto?", "question"),
    ("blusa", "fallback"),
    // English
    ("Hi", "greeting"),
    ("Good morning", "greeting"),
    ("hello, when are you open?", "opening-hours"),
    ("What are your opening hours?", "opening-hours"),
    ("thanks a lot", "thanks"),
    ("🙏", "thanks"),
    ("Can I talk to a person please", "asks-for-a-person"),
    ("it arrived broken, I want a refund", "complaint"),
    ("the box was open and the vase is broken", "complaint"),
    ("please stop sending me messages", "asks-us-to-stop"),
    ("Don't message me again", "asks-us-to-stop"),
    ("STOP", "opt_out"),
    ("unsubscribe", "opt_out"),
    ("start", "opt_in"),
    ("help", "menu"),
    ("Where is my order?", "which-order"),
    ("track order #1234567 please", "order-with-number"),
    // Four digits are no order's number, nor is the year.
    ("I placed my order in 2026", "which-order"),
    ("do you have this in blue?", "question"),
    // Spanish
    ("¡Hola!", "greeting"),
    ("Buenos días", "greeting"),
    ("hola, ¿cuál es el horario?", "opening-hours"),
    ("¿Hasta qué hora están abiertos?", "opening-hours"),
    ("muchas gracias", "thanks"),
    ("quiero hablar con alguien", "asks-for-a-person"),
    ("mi pedido no llegó", "complaint"),
    ("dejen de enviarme mensajes", "asks-us-to-stop"),
    ("BAJA", "opt_out"),
    ("volver", "opt_in"),
    ("¿dónde está mi pedido?", "which-order"),
    ("mi pedido es el 54321", "order-with-number"),
    ("opciones", "menu"),
    ("¿tienen talla 42?", "question"),
];

/// Wednesday, 18 November 2026, 12:00 in São Paulo: open.
const WEDNESDAY: Moment = Moment(NOON.0 - 3 * 24 * 60 * 60 * 1000);
/// The Sunday after it, 12:00: closed.
const SUNDAY: Moment = Moment(NOON.0 + 24 * 60 * 60 * 1000);

fn on(now: Moment, scene: Scene) -> Scene {
    scene.with(|scene| scene.now = now)
}

#[test]
fn the_shipped_rulebook_has_nothing_to_complain_about_and_answers_as_it_should() {
    let draft = shipped();
    let mut wrong = Vec::new();
    for (text, expected) in CASES {
        let found = match () {
            () if draft.is_stop(text) => "opt_out",
            () if draft.is_start(text) => "opt_in",
            () => on(WEDNESDAY, Scene::says(text)).rule(&draft),
        };
        if found != *expected {
            wrong.push(format!("{text:?}: {found}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn whatever_it_offers_to_tap_leads_somewhere_in_each_language() {
    let draft = shipped();
    let offered: Vec<_> = draft
        .rules()
        .iter()
        .flat_map(|rule| &rule.actions)
        .flat_map(|action| ["buttons", "menu"].map(|key| &action.settings[key]))
        .filter_map(|offer| offer.as_array())
        .flatten()
        .collect();
    assert!(offered.len() >= 5);
    for option in offered {
        let id = option["id"].as_str().unwrap();
        for language in ["pt", "en", "es"] {
            let title = option["title"][language].as_str().unwrap();
            assert!(!draft.is_stop(id) && !draft.is_stop(title));
            let expected = match id {
                "order" => "which-order",
                "hours" => "opening-hours",
                "person" => "asks-for-a-person",
                "menu" => "menu",
                _ => "question",
            };
            let found = on(WEDNESDAY, Scene::taps(id, title));
            assert_eq!(found.rule(&draft), expected, "{title}");
        }
    }
}

#[test]
fn nobody_is_greeted_or_left_to_the_fallback_twice_in_a_row() {
    let draft = shipped();
    let hour = Span::from_hours(1);
    let oi = || on(WEDNESDAY, Scene::says("oi"));
    assert_eq!(oi().answered("greeting", hour).rule(&draft), "fallback");
    let both = oi().answered("greeting", hour).answered("fallback", hour);
    assert_eq!(both.rule(&draft), "none");
    let later = oi().answered("greeting", Span::from_hours(12));
    assert_eq!(later.rule(&draft), "greeting");
}

#[test]
fn out_of_hours_they_are_told_so_once_a_night() {
    let draft = shipped();
    let oi = || on(SUNDAY, Scene::says("oi"));
    assert_eq!(oi().rule(&draft), "closed");
    let told = oi().answered("closed", Span::from_hours(11));
    assert_eq!(told.rule(&draft), "greeting");
    // Who asks for the hours gets them, and is not told twice.
    let asks = on(SUNDAY, Scene::says("que horas abrem?"));
    assert_eq!(asks.rule(&draft), "opening-hours-closed");
}

#[test]
fn what_has_no_words_goes_to_a_person() {
    let picture = on(WEDNESDAY, Scene::pictures(None));
    assert_eq!(picture.rule(&shipped()), "not-in-words");
}

#[test]
fn every_reply_speaks_all_three_languages_and_people_take_over_for_two_hours() {
    let draft = shipped();
    for rule in draft.rules() {
        let reply = rule
            .actions
            .iter()
            .map(|action| &action.settings["reply"])
            .find(|reply| reply.is_object());
        // The handbook speaks in its documents' own words, and who opens the chat gets the greeting's.
        if ["question", "opened-the-chat"].contains(&rule.name.as_str()) {
            assert!(reply.is_none());
            continue;
        }
        assert!(
            ["pt", "en", "es"]
                .iter()
                .all(|language| reply.unwrap()[language].is_string()),
            "{}",
            rule.name
        );
    }
    for name in ["asks-for-a-person", "complaint"] {
        let mut rules = draft.rules().iter();
        let rule = rules.find(|rule| rule.name.as_str() == name).unwrap();
        let router = &rule.actions[1].settings;
        assert_eq!(
            (router["hand_to"].as_str(), router["pause_bot"].as_str()),
            (Some("support"), Some("until closed, max 2h"))
        );
        assert!(router["note"].is_string());
    }
}

#[test]
fn what_wants_no_answer_gets_none() {
    let draft = shipped();
    let wamid = || Wamid::new("wamid.0").unwrap();
    for content in [
        Content::Reaction {
            message: wamid(),
            emoji: Some("❤️".into()),
        },
        Content::Revoke { original: wamid() },
        Content::Edit {
            original: wamid(),
            text: Some("qual o horário?".into()),
        },
    ] {
        let scene = Scene::says("").with(|scene| scene.message.content = content);
        for now in [WEDNESDAY, SUNDAY] {
            let then = on(
                now,
                Scene::says("").with(|it| it.message = scene.message.clone()),
            );
            assert_eq!(then.rule(&draft), "none");
        }
    }
}

#[test]
fn each_file_names_the_schema_and_its_owner() {
    for source in sources() {
        assert!(
            source
                .text
                .starts_with("#:schema ../schema/rules.v1.json\n"),
            "{}",
            source.name
        );
        assert!(source.text.contains("\nowner "), "{}", source.name);
    }
}
