//! Why a rule does not answer, and the smallest change after which it would.

use std::fmt::Write;

use model::{
    Ad, ContactKey, Content, Language, LookResult, Moment, NumberId, Period, Phone, RuleCount,
    RuleName, Span, TapOrigin, Wamid,
};
use proptest::prelude::*;
use rulebook::{Circumstances, Draft, Remedy, WhyNot};

use crate::names::drafted;
use crate::scene::{NOON, Scene};

const HEAD: &str = r#"rules_version = 1
timezone = "America/Sao_Paulo"
languages = ["pt", "en"]
[hours.shop]
mon-fri = "09:00-18:00"
[hours.always]
mon-sun = "00:00-24:00"
[option.hours]
pt = "Horário"
en = "Opening hours"
[option.price]
pt = "Preços"
en = "Prices"
"#;

fn draft(rules: &str) -> Draft {
    drafted(format!("{HEAD}{rules}"))
}

fn rule(name: &str, lines: &str) -> String {
    format!("[[rule]]\nname = \"{name}\"\n{lines}\nreply.pt = \"x\"\nreply.en = \"x\"\n")
}

fn why_not(draft: &Draft, rule: &str, scene: &Scene) -> WhyNot {
    draft
        .why_not(&RuleName::new(rule).unwrap(), &scene.facts())
        .unwrap()
}

/// The changes in words, one line each.
fn changes(lines: &str, scene: &Scene) -> Vec<String> {
    let draft = draft(&format!(
        "{}{}",
        rule("it", lines),
        rule(
            "which-order",
            "when.words = \"zzzz\"\nif_no_answer = \"it\""
        )
    ));
    let found = why_not(&draft, "it", scene);
    found
        .changes
        .into_iter()
        .map(|change| change.change)
        .collect()
}

#[test]
fn each_condition_tells_what_would_have_to_be() {
    let oi = || Scene::says("oi");
    for (lines, scene, change) in [
        (
            "when.words = [\"horário\", \"Opening hours\"]",
            oi(),
            "the message has one of: \"horário\", \"Opening hours\"",
        ),
        (
            "when.words = \"Horário\"",
            oi(),
            "the message has \"Horário\"",
        ),
        ("when.says = \"Olá\"", oi(), "the whole message is \"Olá\""),
        (
            "when.starts = [\"bom dia\", \"boa noite\"]",
            oi(),
            "the message begins with one of: \"bom dia\", \"boa noite\"",
        ),
        (
            "when.pattern = '\\d{4}'",
            oi(),
            "the pattern finds something: \\d{4}",
        ),
        (
            "when.kind = [\"image\", \"voice\"]",
            oi(),
            "it is an image or a voice note",
        ),
        (
            "when.option = [\"hours\", \"price\"]",
            oi(),
            "they tap \"Horário\" or \"Preços\"",
        ),
        ("when.language = \"en\"", oi(), "it is in English"),
        ("when.tags = \"vip\"", oi(), "the contact bears the tag vip"),
        (
            "when.tags = [\"vip\", \"gold\"]",
            oi(),
            "the contact bears one of the tags vip, gold",
        ),
        (
            "when.not_tags = \"complaint\"",
            oi().with(|scene| {
                scene.contact.tags.insert("complaint".into());
            }),
            "the contact bears no tag complaint",
        ),
        (
            "when.number = \"second\"",
            oi(),
            "it comes in on the number second",
        ),
        (
            "when.first = \"ever\"",
            oi().wrote(Span::from_hours(1)),
            "it is the first that they ever wrote",
        ),
        (
            "when.first = \"today\"",
            oi().wrote(Span::from_hours(1)),
            "it is their first of the day: from midnight on",
        ),
        (
            "when.first = \"7d\"",
            oi().wrote(Span::from_hours(24)),
            "they wrote nothing for 7d: from Friday 12:00 on",
        ),
        (
            "when.hours = \"shop\"",
            oi(),
            "it is written while shop is open: from Monday 09:00 on",
        ),
        (
            "when.outside = \"shop\"",
            oi().with(|scene| scene.now = NOON.plus(Span::from_hours(48))),
            "it is written while shop is closed: from 18:00 on",
        ),
        (
            "when.country = [\"PT\", \"US\"]",
            oi(),
            "it comes from a phone of Portugal or the United States",
        ),
        ("when.ad = true", oi(), "it comes from an advertisement"),
        (
            "when.after = \"which-order\"",
            oi(),
            "which-order answered within 30m before",
        ),
        ("when.quoting = true", oi(), "it replies to a message"),
        ("when.min_words = 3", oi(), "it has at least 3 words"),
        (
            "when.max_words = 1",
            Scene::says("um dois"),
            "it has at most 1 words",
        ),
        (
            "when.from = \"2026-12-01\"",
            oi(),
            "it is written on 2026-12-01 or later: from 2026-12-01 00:00 on",
        ),
        (
            "when.until = \"2026-11-01\"",
            oi(),
            "it is written on 2026-11-01 or before: that is over, unless the rule names a later day",
        ),
        (
            "once_per = \"12h\"",
            oi().answered("it", Span::from_hours(2)),
            "once_per: from 22:00 on",
        ),
        (
            "limit = \"2 per contact per day\"",
            oi().with(|scene| {
                scene.contact.counts.push(RuleCount {
                    rule: RuleName::new("it").unwrap(),
                    per: Period::Day,
                    since: NOON.minus(Span::from_hours(12)),
                    times: 2,
                });
            }),
            "limit, 2 per day: from midnight on",
        ),
        (
            "only = \"called\"",
            oi(),
            "only = \"called\": another rule calls it, and these do: which-order (if_no_answer)",
        ),
        ("off = true", oi(), "off: take off = true away (a.toml:14)"),
    ] {
        let off = lines.starts_with("off");
        let found = if off {
            let draft = draft(&rule("it", lines));
            let found = why_not(&draft, "it", &scene);
            found.changes.into_iter().map(|one| one.change).collect()
        } else {
            changes(lines, &scene)
        };
        assert_eq!(found, [change], "{lines}");
    }
}

#[test]
fn a_canary_says_its_share() {
    let draft = draft(&rule("it", "stage = \"canary 0.01%\""));
    let found = why_not(&draft, "it", &Scene::says("oi"));
    assert_eq!(found.changes.len(), 1);
    assert!(
        found.changes[0].change.contains("not among the 0.01 %"),
        "{found:?}"
    );
    assert!(!found.enough);
}

#[test]
fn every_condition_that_fails_is_named_and_none_that_holds() {
    let draft = draft(&rule(
        "it",
        "when.words = \"horário\"\nwhen.hours = \"shop\"\nwhen.language = \"pt\"\nwhen.tags = \"vip\"\nwhen.not_tags = \"gone\"",
    ));
    let found = why_not(&draft, "it", &Scene::says("Qual o horaro?"));
    let keys: Vec<_> = found
        .changes
        .iter()
        .map(|change| change.key.as_str())
        .collect();
    assert_eq!(keys, ["when.words", "when.tags", "when.hours"]);
    assert_eq!(
        found.holds,
        ["it is in Portuguese", "the contact bears no tag gone"]
    );
    let near = found.changes[0].near.as_ref().unwrap();
    assert_eq!(
        (near.said.as_str(), near.listens_for.as_str()),
        ("horaro", "horário")
    );
    assert!(found.enough && !found.answers());
}

#[test]
fn what_waits_for_several_times_says_from_when_on_all_of_it_holds() {
    let draft = draft(&rule("it", "when.hours = \"shop\"\nwhen.first = \"7d\""));
    let found = why_not(&draft, "it", &Scene::says("oi").wrote(Span::from_hours(1)));
    // A week after Saturday 11:00 is a Saturday, too: it is Monday before both hold.
    assert_eq!(found.from.as_deref(), Some("from 2026-11-30 09:00 on"));
    assert!(found.enough);
}

#[test]
fn what_waiting_undoes_is_named_as_well() {
    let draft = draft(&format!(
        "{}{}",
        rule("first-step", "when.words = \"pedido\""),
        rule("it", "when.after = \"first-step\"\nwhen.hours = \"shop\"")
    ));
    let scene = Scene::says("oi").with(|scene| {
        scene.contact.last_rule = Some((RuleName::new("first-step").unwrap(), NOON));
    });
    let found = why_not(&draft, "it", &scene);
    let told: Vec<_> = found
        .changes
        .iter()
        .map(|change| (change.key.as_str(), change.later))
        .collect();
    assert_eq!(told, [("when.hours", false), ("when.after", true)]);
    assert!(found.enough);
}

#[test]
fn words_in_another_language_are_answered_in_that_language() {
    let phrase = "quero cancelar o meu pedido de ontem";
    let draft = draft(&format!(
        "{}{}",
        rule("english", "when.language = \"en\"\nwhen.words = \"refund\""),
        rule(
            "it",
            &format!("when.language = \"en\"\nwhen.words = \"{phrase}\"")
        )
    ));
    let scene = Scene::says("refund").with(|scene| {
        scene.contact.language = Some(Language::new("en").unwrap());
        scene.language = Language::new("en").unwrap();
    });
    let found = why_not(&draft, "it", &scene);
    let told: Vec<_> = found
        .changes
        .iter()
        .map(|change| (change.key.as_str(), change.later))
        .collect();
    assert_eq!(told, [("when.words", false), ("when.language", true)]);
    assert!(found.enough);
}

#[test]
fn what_contradicts_itself_is_not_enough() {
    let draft = draft(&rule(
        "it",
        "when.from = \"2026-12-01\"\nwhen.until = \"2026-12-02\"\nwhen.hours = \"shop\"",
    ));
    let late = Scene::says("oi").with(|scene| scene.now = NOON.plus(Span::from_hours(24 * 30)));
    assert!(!why_not(&draft, "it", &late).enough);
    let in_time = why_not(&draft, "it", &Scene::says("oi"));
    assert!(in_time.enough, "{in_time:?}");
}

#[test]
fn as_many_words_as_a_rule_can_ask_for_are_soon_found() {
    let most = rulebook::limits::WORDS_ASKED;
    let list = |letter: &str| -> Vec<String> {
        (0..20).map(|number| format!("{letter}{number}")).collect()
    };
    let lines = format!(
        "when.min_words = {most}\nwhen.words = {:?}\nwhen.starts = {:?}",
        list("w"),
        list("s")
    );
    let found = why_not(&draft(&rule("it", &lines)), "it", &Scene::says("oi"));
    assert!(found.enough, "{:?}", found.changes.len());
}

#[test]
fn what_stands_before_is_told_in_order_with_the_ways_out() {
    let draft = draft(&format!(
        "{}{}{}{}{}",
        rule(
            "greeting",
            "when.words = [\"oi\", \"olá\"]\nwhen.max_words = 5"
        ),
        rule("also-there", "when.words = \"oi\"\nalso = true"),
        rule("try-out", "when.words = \"oi\"\nstage = \"shadow\""),
        rule("catch-all", "when.kind = \"text\"\nonce_per = \"1h\""),
        rule("it", "when.words = \"tudo bem\""),
    ));
    let found = why_not(&draft, "it", &Scene::says("oi, tudo bem?"));
    assert!(found.changes.is_empty() && !found.answers());
    let names: Vec<_> = found
        .before
        .iter()
        .map(|before| {
            (
                before.rule.as_str(),
                before.now,
                before.then,
                before.may_pass,
            )
        })
        .collect();
    assert_eq!(
        names,
        [
            ("greeting", true, true, false),
            ("catch-all", true, true, false)
        ]
    );
    assert_eq!(
        found.before[0].because,
        ["the message has \"oi\"", "it has at most 5 words"]
    );
    assert_eq!(
        found.before[0].ways_out,
        [
            "move it above greeting, to a.toml:14",
            "narrow greeting (a.toml:14), so that it lets such messages through",
            "write also = true in greeting (a.toml:14), if both are to answer",
        ]
    );
}

#[test]
fn what_would_stand_before_once_the_changes_are_made_is_told_too() {
    let draft = draft(&format!(
        "{}{}",
        rule(
            "hours",
            "when.words = [\"horário\", \"aberto\"]\nonce_per = \"1h\""
        ),
        rule("it", "when.says = \"horário\""),
    ));
    let found = why_not(&draft, "it", &Scene::says("quando?"));
    assert_eq!(found.before.len(), 1);
    assert!(!found.before[0].now && found.before[0].then);
}

#[test]
fn a_rule_that_answers_needs_nothing() {
    let draft = draft(&rule("it", "when.words = \"oi\""));
    let found = why_not(&draft, "it", &Scene::says("oi"));
    assert!(found.answers() && found.enough);
    assert_eq!(found.holds, ["the message has \"oi\""]);
}

#[test]
fn a_rule_that_is_not_there_is_not_explained_and_the_nearest_is_known() {
    let draft = draft(&format!(
        "{}{}",
        rule("greeting", ""),
        rule("retired", "off = true")
    ));
    let name = RuleName::new("greting").unwrap();
    assert!(draft.why_not(&name, &Scene::says("oi").facts()).is_none());
    assert_eq!(draft.nearest_rule("greting").unwrap().as_str(), "greeting");
    assert_eq!(draft.nearest_rule("retird").unwrap().as_str(), "retired");
    assert!(draft.nearest_rule("qwertyuiop").is_none());
}

/// Lines that do not contradict each other, whichever of them a rule has.
const LINES: &[&str] = &[
    "when.words = [\"horário\", \"aberto agora\"]",
    "when.starts = [\"bom dia\", \"olá\"]",
    "when.min_words = 2",
    "when.max_words = 9",
    "when.language = [\"en\"]",
    "when.tags = [\"vip\", \"gold\"]",
    "when.not_tags = [\"complaint\", \"vip\"]",
    "when.number = \"second\"",
    "when.first = \"2d\"",
    "when.hours = \"shop\"",
    "when.country = \"PT\"",
    "when.ad = [\"ad-1\"]",
    "when.after = \"helper\"",
    "when.quoting = true",
    "when.from = \"2026-11-30\"",
    "when.until = \"2027-12-31\"",
    "once_per = \"36h\"",
    "limit = [\"1 per contact per week\", \"3 per day\"]",
];
const KINDS: &[&str] = &[
    "",
    "when.kind = [\"image\"]",
    "when.kind = [\"text\"]",
    "when.kind = [\"menu\"]",
    "when.option = [\"price\", \"hours\"]",
    "when.says = [\"bom dia, aberto agora\", \"horário\", \"ok\"]",
    "when.outside = \"shop\"",
];
const TEXTS: &[&str] = &[
    "oi",
    "",
    "bom dia",
    "horário",
    "Bom dia, vocês estão com a loja ABERTO AGORA ou só amanhã de manhã cedo?",
    "明日予約したい",
];

fn scenes() -> impl Strategy<Value = Scene> {
    let bools = proptest::collection::vec(any::<bool>(), 9);
    (0..TEXTS.len(), 0..4_usize, bools, 0..400_i64).prop_map(|(text, kind, flags, hours)| {
        let scene = match kind {
            0 => Scene::pictures(Some(TEXTS[text])),
            1 => Scene::taps("hours", "Horário"),
            2 => Scene::says("").with(|scene| {
                scene.message.content = Content::Reaction {
                    message: Wamid::new("wamid.0").unwrap(),
                    emoji: Some("❤".into()),
                };
            }),
            _ => Scene::says(TEXTS[text]),
        };
        scene.with(|scene| {
            let now = Moment(NOON.0 + hours * 3_600_000);
            scene.now = now;
            let name = |name: &str| RuleName::new(name).unwrap();
            if flags[0] {
                scene.contact.tags.insert("complaint".into());
            }
            if flags[1] {
                scene.contact.tags.insert("vip".into());
            }
            if flags[2] {
                scene.contact.previous_inbound = Some(now.minus(Span::from_hours(3)));
            }
            if flags[3] {
                scene.contact.last_rule = Some((name("helper"), now));
            }
            if flags[4] {
                scene
                    .contact
                    .fired
                    .insert(name("it"), now.minus(Span::from_hours(1)));
            }
            if flags[5] {
                scene.number = NumberId::new("100002").unwrap();
            }
            if flags[6] {
                scene.message.ad = Some(Ad {
                    id: "ad-1".into(),
                    ..Ad::default()
                });
            }
            if flags[7] {
                let phone = ContactKey::Phone(Phone::new("351900000001").unwrap());
                scene.contact.key = phone;
            }
            if flags[8] {
                scene.message.quoting = Some(Wamid::new("wamid.0").unwrap());
            }
        })
    })
}

/// Makes one change by itself, as its name says: not as the explanation does it.
fn apply(changed: &mut Circumstances, remedy: &Remedy) {
    match remedy {
        Remedy::At { at } => changed.now = *at,
        Remedy::Send { kind } => {
            let words = changed
                .message
                .content
                .words()
                .unwrap_or_default()
                .to_owned();
            changed.message.content = match kind.as_str() {
                "text" => Content::Text { body: words },
                "image" => Scene::pictures(Some(&words)).message.content,
                "menu" => Content::Tap {
                    id: "any".into(),
                    title: words,
                    origin: TapOrigin::Menu,
                },
                other => panic!("{other}"),
            };
        }
        Remedy::Tap { id, title, menu } => {
            changed.message.content = Content::Tap {
                id: id.clone(),
                title: title.clone(),
                origin: if *menu {
                    TapOrigin::Menu
                } else {
                    TapOrigin::Button
                },
            }
        }
        Remedy::Say { text } => match &mut changed.message.content {
            Content::Text { body } => text.clone_into(body),
            Content::Tap { title, .. } => text.clone_into(title),
            Content::Media(media) => media.caption = Some(text.clone()),
            other => panic!("{other:?} has no words"),
        },
        Remedy::Speak { language } => changed.language = language.clone(),
        Remedy::Tag { tag } => drop(changed.contact.tags.insert(tag.clone())),
        Remedy::Untag { tags } => changed.contact.tags.retain(|tag| !tags.contains(tag)),
        Remedy::Number { number } => changed.number = number.clone(),
        Remedy::Country { country } => {
            assert_eq!(country, "PT");
            changed.contact.key = ContactKey::Phone(Phone::new("351900000001").unwrap());
        }
        Remedy::Ad { ad } => {
            changed.message.ad = ad.as_ref().map(|id| Ad {
                id: id.clone(),
                ..Ad::default()
            });
        }
        Remedy::AnsweredBy { rule } => {
            changed.contact.last_rule = Some((rule.clone(), changed.now));
        }
        Remedy::Quote { quoting } => {
            changed.message.quoting = quoting.then(|| Wamid::new("wamid.0").unwrap());
        }
        Remedy::NeverWrote => changed.contact.previous_inbound = None,
        Remedy::Over { channel } => changed.channel = channel.clone(),
    }
}

fn look(draft: &Draft, facts: &rulebook::Facts<'_>) -> LookResult {
    let looks = draft.looks(facts);
    looks
        .into_iter()
        .find(|look| look.rule.as_str() == "it")
        .unwrap()
        .result
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_rule_applies_once_the_changes_that_are_named_are_made(
        lines in proptest::sample::subsequence(LINES, 0..7),
        kind in 0..KINDS.len(),
        scene in scenes(),
    ) {
        let mut lines: Vec<&str> = lines;
        // Of these, at most one: together they can contradict each other.
        if KINDS[kind].contains("says") {
            lines.retain(|line| !line.contains("starts") && !line.contains("words"));
        }
        if KINDS[kind].contains("outside") {
            lines.retain(|line| !line.contains("when.hours"));
        }
        lines.push(KINDS[kind]);
        let mut text = String::new();
        for line in &lines {
            writeln!(text, "{line}").unwrap();
        }
        let draft = draft(&format!("{}{}", rule("helper", "when.says = \"zzzz\""), rule("it", &text)));
        let found = why_not(&draft, "it", &scene);
        let result = look(&draft, &scene.facts());
        prop_assert_eq!(found.changes.iter().all(|change| change.later), result == LookResult::Matched);
        // What fails first for the search is among what is named.
        if let LookResult::Missed { condition, .. } = &result {
            prop_assert!(found.changes.iter().any(|change| change.key == *condition), "{:?}", found);
        }
        prop_assert!(found.enough, "{text}\n{found:?}");
        let mut changed = Circumstances::new(&scene.facts());
        let mut remedies: Vec<&Remedy> = found.changes.iter().map(|change| change.remedy.as_ref().unwrap()).collect();
        // A time first, then what is sent, then its words: the rest in any order.
        remedies.sort_by_key(|remedy| match remedy {
            Remedy::At { .. } => 0,
            Remedy::Send { .. } => 1,
            Remedy::Tap { .. } => 2,
            _ => 3,
        });
        for remedy in &remedies {
            apply(&mut changed, remedy);
        }
        let is_chosen = draft.language(&scene.message, &scene.contact) == scene.language;
        if is_chosen && !remedies.iter().any(|remedy| matches!(remedy, Remedy::Speak { .. })) {
            changed.language = draft.language(&changed.message, &changed.contact);
        }
        prop_assert_eq!(look(&draft, &changed.facts()), LookResult::Matched, "{}\n{:?}", text, found);
    }
}
