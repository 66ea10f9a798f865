//! Opt-out words, and the language to answer in.

use crate::names::drafted;
use crate::scene::Scene;
use model::{ContactKey, Language, Phone, UserId};
use rulebook::Draft;

fn draft(languages: &str, sections: &str) -> Draft {
    drafted(format!(
        "rules_version = 1\nlanguages = [{languages}]\n{sections}"
    ))
}

#[test]
fn words_by_language_stop_in_every_one_of_them() {
    let draft = draft(
        "\"en\", \"pt\"",
        "[opt_out]\nwords.pt = [\"parar\", \"sair\"]\nwords.fr = \"arrêtez\"\nexcept = [\"end\"]\n[opt_in]\nwords.pt = \"voltar\"\n",
    );
    for stop in ["Parar", "SAIR!", "arretez", "stop"] {
        assert!(draft.is_stop(stop), "{stop}");
    }
    assert!(!draft.is_stop("end") && !draft.is_stop("voltar"));
    assert!(draft.is_start("voltar") && draft.is_start("START"));
}

#[test]
fn a_stop_is_a_stop_however_it_is_written() {
    let draft = draft(
        "\"en\"",
        "[opt_out]\nwords = [\"parar\", \"não quero mais\"]\nexcept = [\"cancel\"]\n",
    );
    for stop in [
        "STOP",
        "stop",
        " Stop! ",
        "Ｓｔｏｐ",
        "STOP.",
        "«stop»",
        "opt-out",
        "OPT OUT",
        "OptOut",
        "Arrêt",
        "unsubscribe",
        "Parar",
        "NAO QUERO MAIS",
        "stop 🛑",
        "end",
        "quit",
        "remove",
        "stopall",
    ] {
        assert!(draft.is_stop(stop), "{stop}");
    }
    assert!(!draft.is_stop("cancel"), "taken out by `except`");
    assert!(draft.is_start("Start") && draft.is_start("UNSTOP") && !draft.is_start("STOP"));
}

#[test]
fn a_stop_in_a_sentence_is_no_opt_out() {
    let draft = draft("\"en\"", "");
    for sentence in [
        "please stop sending",
        "don't stop",
        "stop it",
        "stop stop",
        "non stop",
        "bus stop?",
        "the end",
        "cancel my order",
        "restart",
        "s t o p",
        "",
        "🛑",
        "?",
    ] {
        assert!(!draft.is_stop(sentence), "{sentence}");
    }
    assert!(draft.is_stop("cancel"));
}

#[test]
fn a_word_that_is_taken_out_and_put_back_in_counts() {
    let draft = draft(
        "\"en\"",
        "[opt_out]\nwords = [\"end\"]\nexcept = [\"end\", \"quit\"]\n[opt_in]\nwords = [\"quit\"]\n",
    );
    assert!(draft.is_stop("end") && !draft.is_stop("quit") && draft.is_start("quit"));
}

fn language(draft: &Draft, scene: &Scene) -> String {
    draft.language(&scene.message, &scene.contact).to_string()
}

#[test]
fn a_long_text_says_its_language_itself() {
    let draft = draft("\"pt\", \"en\", \"es\"", "");
    for (text, expected) in [
        ("qual o horário de vocês?", "pt"),
        ("Como faço para trocar um produto?", "pt"),
        ("what are your opening hours?", "en"),
        ("hello is anyone there", "en"),
        ("quiero hablar con una persona", "es"),
        ("¿Cómo puedo cambiar un producto?", "es"),
    ] {
        // Against the contact's habit and against the phone's country.
        let scene = Scene::says(text)
            .with(|scene| scene.contact.language = Some(Language::new("pt").unwrap()));
        assert_eq!(language(&draft, &scene), expected, "{text}");
    }
}

#[test]
fn a_short_text_leaves_it_to_habit_country_and_the_first_in_this_order() {
    let draft = draft("\"en\", \"pt\", \"es\"", "");
    let phone = |digits: &str| {
        let key = ContactKey::Phone(Phone::new(digits).unwrap());
        Scene::says("ok").with(|scene| {
            scene.contact.key = key.clone();
            scene.message.from = key;
        })
    };
    let used = |code: &str| {
        phone("5511900000001")
            .with(|scene| scene.contact.language = Some(Language::new(code).unwrap()))
    };
    assert_eq!(language(&draft, &used("es")), "es", "what they last used");
    assert_eq!(
        language(&draft, &used("pt_PT")),
        "pt",
        "whatever the region"
    );
    assert_eq!(
        language(&draft, &used("fr")),
        "pt",
        "a language that nobody answers in does not count"
    );
    assert_eq!(language(&draft, &phone("5511900000001")), "pt");
    assert_eq!(language(&draft, &phone("5215550100001")), "es");
    assert_eq!(language(&draft, &phone("15550100001")), "en");
    assert_eq!(
        language(&draft, &phone("8155501000")),
        "en",
        "nobody answers in Japanese: the first"
    );
    let unknown = Scene::says("ok").with(|scene| {
        let key = ContactKey::User(UserId::new("BR.1").unwrap());
        scene.contact.key = key.clone();
        scene.message.from = key;
    });
    assert_eq!(language(&draft, &unknown), "en");
}

#[test]
fn a_script_of_its_own_is_sure_at_once_and_a_foreign_one_counts_for_nothing() {
    let both = draft("\"en\", \"ja\", \"th\"", "");
    assert_eq!(
        language(&both, &Scene::says("予約")),
        "ja",
        "of these languages only Japanese is written so"
    );
    assert_eq!(language(&both, &Scene::says("สวัสดี")), "th");
    assert_eq!(
        language(
            &draft("\"pt\", \"en\"", ""),
            &Scene::says("Привет, как дела? Где ваш магазин?")
        ),
        "pt"
    );
}

#[test]
fn regions_are_matched_by_their_language() {
    let draft = draft("\"en\", \"pt_BR\"", "");
    assert_eq!(
        language(&draft, &Scene::says("qual o horário de vocês?")),
        "pt_BR"
    );
    assert_eq!(language(&draft, &Scene::says("ok")), "pt_BR");
}
