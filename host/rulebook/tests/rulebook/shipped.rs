//! The rulebook that ships: not a single diagnostic, and the right rule in three languages.

use std::fs;
use std::path::Path;

use crate::names::names;
use crate::scene::Scene;
use model::{Content, Span, Wamid};
use rulebook::{Draft, Source, read};

fn shipped() -> Draft {
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
    let reading = read(&sources, &names());
    let shown: Vec<_> = reading
        .diagnostics
        .iter()
        .map(|found| found.render(false))
        .collect();
    assert!(shown.is_empty(), "{}", shown.join("\n\n"));
    reading.draft.unwrap()
}

/// What is said, and the rule that answers (`opt_out` and `opt_in` for the two sections).
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
    ("Parar", "opt_out"),
    ("SAIR!", "opt_out"),
    ("voltar", "opt_in"),
    ("quanto custa o tênis azul?", "question"),
    // English
    ("Hi", "greeting"),
    ("Good morning", "greeting"),
    ("hello, when are you open?", "opening-hours"),
    ("What are your opening hours?", "opening-hours"),
    ("thanks a lot", "thanks"),
    ("🙏", "thanks"),
    ("Can I talk to a person please", "asks-for-a-person"),
    ("it arrived broken, I want a refund", "complaint"),
    ("please stop sending me messages", "asks-us-to-stop"),
    ("Don't message me again", "asks-us-to-stop"),
    ("STOP", "opt_out"),
    ("unsubscribe", "opt_out"),
    ("start", "opt_in"),
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
    ("¿tienen talla 42?", "question"),
];

#[test]
fn the_shipped_rulebook_has_nothing_to_complain_about_and_answers_as_it_should() {
    let draft = shipped();
    let mut wrong = Vec::new();
    for (text, expected) in CASES {
        let found = match () {
            () if draft.is_stop(text) => "opt_out",
            () if draft.is_start(text) => "opt_in",
            () => Scene::says(text).rule(&draft),
        };
        if found != *expected {
            wrong.push(format!("{text:?}: {found}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn its_buttons_lead_somewhere() {
    let draft = shipped();
    for (id, title, rule) in [
        ("hours", "Horário", "opening-hours"),
        ("hours", "Opening hours", "opening-hours"),
        ("hours", "Horario", "opening-hours"),
        ("person", "Falar com alguém", "taps-person"),
        ("person", "Talk to a person", "taps-person"),
        ("person", "Hablar con alguien", "taps-person"),
    ] {
        assert!(!draft.is_stop(id) && !draft.is_stop(title));
        assert_eq!(Scene::taps(id, title).rule(&draft), rule, "{title}");
    }
}

#[test]
fn nobody_is_greeted_or_left_to_the_fallback_twice_in_a_row() {
    let draft = shipped();
    let hour = Span::from_hours(1);
    assert_eq!(
        Scene::says("oi").answered("greeting", hour).rule(&draft),
        "fallback"
    );
    assert_eq!(
        Scene::says("oi")
            .answered("greeting", hour)
            .answered("fallback", hour)
            .rule(&draft),
        "none"
    );
    assert_eq!(
        Scene::says("oi")
            .answered("greeting", Span::from_hours(12))
            .rule(&draft),
        "greeting"
    );
}

#[test]
fn a_picture_without_words_gets_the_fallback() {
    assert_eq!(Scene::pictures(None).rule(&shipped()), "fallback");
}

#[test]
fn every_rule_speaks_all_three_languages_and_people_take_over_for_two_hours() {
    let draft = shipped();
    // The handbook speaks in its documents' own words.
    let worded = draft
        .rules()
        .iter()
        .filter(|rule| rule.name.as_str() != "question");
    for rule in worded {
        let reply = &rule.actions[0].settings["reply"];
        assert!(
            ["pt", "en", "es"]
                .iter()
                .all(|language| reply[language].is_string()),
            "{}",
            rule.name
        );
    }
    for name in ["taps-person", "asks-for-a-person"] {
        let rule = draft
            .rules()
            .iter()
            .find(|rule| rule.name.as_str() == name)
            .unwrap();
        let router = &rule.actions[1].settings;
        assert_eq!(
            (router["hand_to"].as_str(), router["pause_bot"].as_str()),
            (Some("support"), Some("2h"))
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
    ] {
        let scene = Scene::says("").with(|scene| scene.message.content = content);
        assert_eq!(scene.rule(&draft), "none");
    }
}
