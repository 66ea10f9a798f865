//! Which rule holds, and what the trace says of those that do not.

use std::collections::BTreeMap;

use crate::names::drafted;
use crate::scene::{NOON, Scene};
use model::{
    Ad, ContactKey, Content, LookResult, Moment, NumberId, Phone, RuleName, Span, TapOrigin,
    UserId, Wamid,
};
use rulebook::Draft;

fn draft(rules: &str) -> Draft {
    drafted(format!(
        "rules_version = 1\ntimezone = \"America/Sao_Paulo\"\nlanguages = [\"pt\"]\n{rules}"
    ))
}

fn when(condition: &str) -> Draft {
    draft(&format!(
        "[option.talk]\npt = \"Falar\"\n[[rule]]\nname = \"it\"\n{condition}\nreply.pt = \"x\"\n"
    ))
}

/// For each scene, whether the rule holds.
fn check(condition: &str, scenes: Vec<(Scene, bool)>) {
    let draft = when(condition);
    for (index, (scene, holds)) in scenes.into_iter().enumerate() {
        assert_eq!(
            scene.rule(&draft) == "it",
            holds,
            "{condition}, scene {index}: {:?}",
            scene.search(&draft).looks
        );
    }
}

#[test]
fn words_are_looked_for_anywhere_and_says_is_the_whole_text() {
    check(
        "when.words = [\"horário\", \"opening hours\", \"👍\"]",
        vec![
            (Scene::says("Qual o HORARIO?"), true),
            (Scene::says("your opening  hours, please"), true),
            (Scene::says("ok👍🏽"), true),
            (Scene::says("horários"), false),
            (Scene::says(""), false),
        ],
    );
    check(
        "when.says = [\"👍\", \"Tudo bem\"]",
        vec![
            (Scene::says("👍🏿"), true),
            (Scene::says("tudo bem?!"), true),
            (Scene::says("tudo bem com você"), false),
            (Scene::says(""), false),
        ],
    );
    check(
        "when.starts = \"bom dia\"",
        vec![
            (Scene::says("Bom dia, tudo?"), true),
            (Scene::says("um bom dia"), false),
            (Scene::says("bom diamante"), false),
        ],
    );
}

#[test]
fn a_caption_and_a_tap_are_words_too() {
    let picture = Scene::pictures;
    check(
        "when.words = \"falar\"",
        vec![
            (picture(Some("quero falar")), true),
            (picture(None), false),
            (Scene::taps("talk", "Falar"), true),
        ],
    );
    check(
        "when.kind = [\"image\", \"button\"]",
        vec![
            (picture(None), true),
            (Scene::taps("talk", "Falar"), true),
            (Scene::says("x"), false),
        ],
    );
}

#[test]
fn an_option_is_known_by_its_id_and_a_templates_reply_by_its_text() {
    let template = |id: &str, title: &str| {
        Scene::says("").with(|scene| {
            scene.message.content = Content::Tap {
                id: id.into(),
                title: title.into(),
                origin: TapOrigin::Template,
            }
        })
    };
    check(
        "when.option = \"talk\"",
        vec![
            (Scene::taps("talk", "Anything"), true),
            (Scene::taps("other", "talk"), false),
            (template("payload", "TALK!"), true),
            (Scene::says("talk"), false),
        ],
    );
}

#[test]
fn contacts_are_told_apart_by_language_tags_and_number() {
    let tagged =
        |tag: &str| Scene::says("x").with(|scene| scene.contact.tags.extend([tag.to_owned()]));
    check(
        "when.tags = [\"vip\", \"new\"]",
        vec![
            (tagged("vip"), true),
            (tagged("old"), false),
            (Scene::says("x"), false),
        ],
    );
    check(
        "when.not_tags = [\"vip\", \"new\"]",
        vec![
            (tagged("vip"), false),
            (tagged("old"), true),
            (Scene::says("x"), true),
        ],
    );
    let on =
        |number: &str| Scene::says("x").with(|scene| scene.number = NumberId::new(number).unwrap());
    check(
        "when.number = \"second\"",
        vec![(on("100002"), true), (on("100001"), false)],
    );
    let speaks = |code: &str| {
        Scene::says("x").with(|scene| scene.language = model::Language::new(code).unwrap())
    };
    check(
        "when.language = \"pt\"",
        vec![
            (speaks("pt"), true),
            (speaks("pt_BR"), true),
            (speaks("en"), false),
        ],
    );
}

#[test]
fn contacts_are_told_apart_by_the_country_of_their_phone() {
    let from = |phone: Option<&str>| {
        Scene::says("x").with(|scene| {
            let key = match phone {
                Some(phone) => ContactKey::Phone(Phone::new(phone).unwrap()),
                None => ContactKey::User(UserId::new("BR.abc123").unwrap()),
            };
            (scene.message.from, scene.contact.key) = (key.clone(), key);
        })
    };
    check(
        "when.country = [\"BR\", \"CA\"]",
        vec![
            (from(Some("5511900000001")), true),
            (from(Some("14165550100")), true),
            (from(Some("12125550100")), false),
            (from(None), false),
        ],
    );
}

#[test]
fn a_message_may_come_from_an_advertisement() {
    let from = |id: &str| {
        Scene::says("x").with(|scene| {
            scene.message.ad = Some(Ad {
                id: id.into(),
                ..Ad::default()
            });
        })
    };
    for (condition, of_one, of_another, of_none) in [
        ("when.ad = true", true, true, false),
        ("when.ad = false", false, false, true),
        ("when.ad = [\"1\", \"3\"]", true, false, false),
    ] {
        check(
            condition,
            vec![
                (from("1"), of_one),
                (from("2"), of_another),
                (Scene::says("x"), of_none),
            ],
        );
    }
}

#[test]
fn the_second_step_of_a_conversation_follows_the_first_within_its_span() {
    let last = |rule: &str, minutes: u64| {
        Scene::says("4711").with(|scene| {
            let at = scene.now.minus(Span::from_minutes(minutes));
            scene.contact.last_rule = Some((RuleName::new(rule).unwrap(), at));
        })
    };
    let rules = |within: &str| {
        draft(&format!(
            "[[rule]]\nname = \"which\"\nwhen.words = \"order\"\nreply.pt = \"x\"\n\
             [[rule]]\nname = \"number\"\nwhen.after = [\"which\", \"number\"]\n{within}\nreply.pt = \"x\"\n"
        ))
    };
    for (within, rule, minutes, expected) in [
        ("", "which", 30, "number"),
        ("", "which", 31, "none"),
        ("", "number", 1, "number"),
        ("", "other", 1, "none"),
        ("when.within = \"2h\"", "which", 120, "number"),
        ("when.within = \"5m\"", "which", 6, "none"),
    ] {
        let draft = rules(within);
        assert_eq!(
            last(rule, minutes).rule(&draft),
            expected,
            "{within}, {rule} {minutes} minutes ago"
        );
    }
    assert_eq!(Scene::says("4711").rule(&rules("")), "none");
}

#[test]
fn a_rule_that_is_only_called_never_holds_by_itself() {
    let draft = draft(
        "[[rule]]\nname = \"helper\"\nonly = \"called\"\nreply.pt = \"x\"\n\
         [[rule]]\nname = \"caller\"\nwhen.words = \"x\"\ntag = \"y\"\ncall = \"helper\"\n",
    );
    let search = Scene::says("x").search(&draft);
    assert_eq!(search.hit.map(|hit| hit.rule), Some(1));
    assert_eq!(search.ruled_out, 1, "nobody looks at it");
    assert_eq!(
        draft.looks(&Scene::says("x").facts())[0].result,
        LookResult::Missed {
            condition: "only".into(),
            seen: "not called".into()
        }
    );
}

#[test]
fn every_kind_of_message_has_its_word() {
    let wamid = || Wamid::new("wamid.0").unwrap();
    for (kind, content) in [
        ("revoke", Content::Revoke { original: wamid() }),
        ("welcome", Content::Welcome),
        (
            "unsupported",
            Content::Unsupported {
                what: None,
                error: None,
            },
        ),
        (
            "reaction",
            Content::Reaction {
                message: wamid(),
                emoji: None,
            },
        ),
        ("contacts", Content::Contacts { cards: vec![] }),
    ] {
        let scene = Scene::says("x").with(|scene| scene.message.content = content);
        check(
            &format!("when.kind = \"{kind}\""),
            vec![(scene, true), (Scene::says(kind), false)],
        );
    }
}

#[test]
fn the_length_of_a_text_is_counted_in_words() {
    check(
        "when.min_words = 3",
        vec![
            (Scene::says("um dois"), false),
            (Scene::says("um, dois, três"), true),
            (Scene::says("予約したい"), true),
        ],
    );
    check(
        "when.max_words = 2",
        vec![
            (Scene::says("um dois"), true),
            (Scene::says("um dois três"), false),
            (Scene::says(""), true),
        ],
    );
}

#[test]
fn quoting_is_a_reply_to_a_message() {
    let quoting =
        Scene::says("x").with(|scene| scene.message.quoting = Some(Wamid::new("wamid.0").unwrap()));
    check(
        "when.quoting = true",
        vec![(quoting, true), (Scene::says("x"), false)],
    );
    check("when.quoting = false", vec![(Scene::says("x"), true)]);
}

#[test]
fn the_first_message_rests_on_the_one_before_not_on_this_one() {
    let minutes = |minutes| Span::from_minutes(minutes);
    check(
        "when.first = \"ever\"",
        vec![
            (Scene::says("x"), true),
            (Scene::says("x").wrote(Span::from_hours(9_000)), false),
        ],
    );
    // It is noon: the day began twelve hours ago.
    check(
        "when.first = \"today\"",
        vec![
            (Scene::says("x"), true),
            (Scene::says("x").wrote(minutes(11 * 60 + 59)), false),
            (Scene::says("x").wrote(minutes(12 * 60 + 1)), true),
        ],
    );
    check(
        "when.first = \"7d\"",
        vec![
            (Scene::says("x"), true),
            (Scene::says("x").wrote(Span::from_hours(167)), false),
            (Scene::says("x").wrote(Span::from_hours(168)), true),
        ],
    );
}

#[test]
fn a_rule_that_answered_within_its_span_does_not_hold() {
    check(
        "once_per = \"12h\"",
        vec![
            (Scene::says("x"), true),
            (Scene::says("x").answered("it", Span::from_hours(11)), false),
            (Scene::says("x").answered("it", Span::from_hours(12)), true),
            (
                Scene::says("x").answered("other", Span::from_hours(1)),
                true,
            ),
        ],
    );
}

#[test]
fn the_first_rule_that_holds_answers_and_the_search_can_go_on_from_there() {
    let draft = draft(
        "[[rule]]\nname = \"tagger\"\nwhen.words = \"oi\"\ntag = \"seen\"\nalso = true\n[[rule]]\nname = \"greeting\"\nwhen.words = \"oi\"\nreply.pt = \"x\"\n\
         [[rule]]\nname = \"rest\"\nonce_per = \"1h\"\nreply.pt = \"x\"\n",
    );
    let scene = Scene::says("oi");
    assert_eq!(draft.search(&scene.facts(), 0).hit.unwrap().rule, 0);
    assert_eq!(draft.search(&scene.facts(), 1).hit.unwrap().rule, 1);
    assert_eq!(draft.search(&scene.facts(), 2).hit.unwrap().rule, 2);
    assert_eq!(draft.search(&scene.facts(), 3).hit, None);
    assert_eq!(draft.search(&scene.facts(), 99).looks, []);
}

#[test]
fn the_trace_names_the_first_condition_that_failed_and_never_repeats_the_text() {
    let draft = draft(
        "[[rule]]\nname = \"never-looked-at\"\nwhen.words = \"nada\"\nreply.pt = \"x\"\n\
         [[rule]]\nname = \"a\"\nwhen.words = \"segredo\"\nwhen.min_words = 3\nwhen.kind = \"image\"\nreply.pt = \"x\"\n[[rule]]\nname = \"b\"\nonce_per = \"1h\"\nreply.pt = \"x\"\n\
         [[rule]]\nname = \"c\"\nwhen.max_words = 9\nreply.pt = \"x\"\n",
    );
    let search = Scene::says("meu segredo")
        .answered("b", Span::from_minutes(3))
        .search(&draft);
    let told: Vec<_> = search
        .looks
        .iter()
        .map(|look| match &look.result {
            LookResult::Matched => format!("{}: matched", look.rule),
            LookResult::Missed { condition, seen } => format!("{}: {condition}, {seen}", look.rule),
        })
        .collect();
    assert_eq!(
        told,
        [
            "a: when.kind, text",
            "b: once_per, answered 3m ago",
            "c: matched"
        ]
    );
    assert_eq!(search.ruled_out, 1);
    assert!(!format!("{search:?}").contains("segredo"));
}

#[test]
fn a_trace_is_bounded_and_still_shows_the_rule_that_holds() {
    let rules: String = (0..300)
        .map(|n| {
            let tagged = if n < 299 {
                format!("when.tags = \"t{n}\"\n")
            } else {
                String::new()
            };
            format!("[[rule]]\nname = \"r{n}\"\nwhen.words = \"oi\"\n{tagged}reply.pt = \"x\"\n")
        })
        .collect();
    let search = Scene::says("oi").search(&draft(&rules));
    assert_eq!(search.looks.len(), model::limits::LOOKS_PER_DECISION);
    assert_eq!(search.looks.last().unwrap().result, LookResult::Matched);
    assert_eq!(
        search.looks_left_out,
        300 - model::limits::LOOKS_PER_DECISION
    );
}

#[test]
fn of_many_rules_only_those_are_looked_at_that_the_message_can_concern() {
    let rules: String = (0..300)
        .map(|n| format!("[[rule]]\nname = \"r{n}\"\nwhen.words = [\"w{n}\", \"um w{n}\"]\nreply.pt = \"x\"\n"))
        .collect();
    let draft = draft(&rules);
    for (text, from, looked_at, ruled_out) in [
        ("um w299", 0, 1, 299),
        ("w200", 100, 1, 100),
        ("w200 w299 w200", 201, 1, 98),
        ("w300", 0, 0, 300),
        ("w3", 10, 0, 290),
        ("w3", 999, 0, 0),
    ] {
        let search = draft.search(&Scene::says(text).facts(), from);
        let seen = (search.looks.len(), search.ruled_out);
        assert_eq!(seen, (looked_at, ruled_out), "{text} from {from}");
    }
}

#[test]
fn values_are_what_is_known_and_absent_when_it_is_not() {
    let draft = when("when.words = \"x\"");
    let scene = Scene::says("oi você");
    let captures = BTreeMap::from([("match.1".to_owned(), "42".to_owned())]);
    let values = draft.values(Some(0), &scene.facts(), &captures);
    let expected = [
        ("contact.first_name", "Ana"),
        ("contact.name", "Ana Lima"),
        ("contact.phone", "5511900000001"),
        ("match.1", "42"),
        ("message.text", "oi você"),
        ("now", "12:00"),
        ("number.name", "main"),
        ("today", "21/11/2026"),
    ];
    assert_eq!(
        values,
        expected
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into()
    );
    let nameless = Scene::says(" ").with(|scene| {
        scene.contact.name = Some("  ".into());
        scene.message.name = None;
        scene.now = Moment(NOON.0 + 13 * 3_600_000);
        scene.language = model::Language::new("en").unwrap();
    });
    let values = draft.values(None, &nameless.facts(), &BTreeMap::new());
    assert_eq!(
        values.keys().map(String::as_str).collect::<Vec<_>>(),
        ["contact.phone", "now", "number.name", "today"]
    );
    assert_eq!(
        (values["now"].as_str(), values["today"].as_str()),
        ("01:00", "22/11/2026"),
        "local time, past midnight, and as in the language of the text that is sent"
    );
}
