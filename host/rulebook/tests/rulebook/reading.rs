//! Reading never panics, and what it keeps is what the file says.

use std::collections::BTreeSet;

use crate::names::names;
use model::{ConsentScope, PluginName, Problem, RuleName, Span};
use proptest::prelude::*;
use rulebook::{Place, Reading, Severity, Source, limits, read};
use serde_json::json;

const HEAD: &str =
    "rules_version = 1\ntimezone = \"America/Sao_Paulo\"\nlanguages = [\"en\", \"pt\"]\n";

fn read_one(text: &str) -> Reading {
    read(
        &[Source {
            name: "a.toml".into(),
            text: text.to_owned(),
        }],
        &names(),
    )
}

#[test]
fn shorthands_become_settings_of_plugins() {
    let reading = read_one(&format!(
        "{HEAD}owner = \"store\"
        [option.talk]
        en = \"Talk\"
        pt = \"Falar\"
        [[rule]]
        name = \"help\"
        when.words = \"help\"
        reply.en = \"Somebody comes\"
        reply.pt = \"Alguém vem\"
        buttons = \"talk\"
        hand_to = \"support\"
        note = \"says {{message.text|nothing}}\"
        pause_bot = \"120m\"
        tag = \"waiting\"
        untag = [\"new\", \"lost\"]
        once_per = \"12h\"
        also = true
        if_fails = \"other\"
        [[rule]]
        name = \"other\"
        when.words = \"other\"
        use = \"kb-answer\"
        with.base = \"faq\"
        with.deep.list = [1, 2.5, true, 2026-11-21]
        "
    ));
    assert_eq!(reading.diagnostics, []);
    let draft = reading.draft.unwrap();
    let rule = &draft.rules()[0];
    let plugins: Vec<_> = rule
        .actions
        .iter()
        .map(|action| action.plugin.as_str())
        .collect();
    assert_eq!(plugins, ["auto-reply", "router"]);
    assert_eq!(
        rule.actions[0].settings,
        json!({
            "reply": {"en": "Somebody comes", "pt": "Alguém vem"},
            "buttons": [{"id": "talk", "title": {"en": "Talk", "pt": "Falar"}}],
        })
    );
    assert_eq!(
        rule.actions[1].settings,
        json!({"hand_to": "support", "note": "says {message.text|nothing}", "pause_bot": "2h", "tag": ["waiting"], "untag": ["new", "lost"]})
    );
    assert_eq!(
        (rule.also, rule.once_per, rule.owner.as_deref()),
        (true, Some(Span::from_hours(12)), Some("store"))
    );
    assert_eq!(
        draft.rules()[1].actions[0].settings,
        json!({"base": "faq", "deep": {"list": [1, 2.5, true, "2026-11-21"]}})
    );
    assert_eq!(
        rule.if_fails
            .as_ref()
            .and_then(|name| draft.rule_index(name)),
        Some(1)
    );
}

#[test]
fn files_are_read_in_the_order_of_their_names() {
    let file = |name: &str, language: &str| Source {
        name: name.to_owned(),
        text: format!(
            "rules_version = 1\nlanguages = [\"{language}\"]\n[[rule]]\nname = \"{name}\"\nwhen.words = \"x\"\nwhen.language = \"{language}\"\nreply.{language} = \"x\"\n"
        ),
    };
    let reading = read(&[file("20.toml", "pt"), file("10.toml", "en")], &names());
    let draft = reading.draft.unwrap();
    assert_eq!(
        draft
            .rules()
            .iter()
            .map(|rule| rule.name.as_str())
            .collect::<Vec<_>>(),
        ["10.toml", "20.toml"]
    );
    assert_eq!(
        draft
            .languages()
            .iter()
            .map(|language| language.as_str())
            .collect::<Vec<_>>(),
        ["en", "pt"]
    );
    let other = read(&[file("10.toml", "en")], &names()).draft.unwrap();
    assert_ne!(draft.digest(), other.digest());
    assert_eq!(draft.digest().len(), 64);
}

#[test]
fn a_rule_that_is_off_is_kept_and_not_used() {
    let text = format!(
        "{HEAD}[[rule]]\nname = \"a\"\noff = true\nreply.en = \"x\"\nreply.pt = \"x\"\n[[rule]]\nname = \"b\"\nwhen.words = \"b\"\nreply.en = \"x\"\nreply.pt = \"x\"\n"
    );
    let reading = read_one(&text);
    assert_eq!(reading.diagnostics, []);
    let draft = reading.draft.unwrap();
    assert_eq!(draft.rules().len(), 1);
    assert_eq!(draft.rule_index(&RuleName::new("a").unwrap()), None);
    let wrong = read_one(&text.replace("off = true", "off = true\nhand_to = \"nowhere\""));
    assert!(
        wrong.draft.is_none(),
        "a rule that is off is checked all the same"
    );
}

#[test]
fn sections_word_what_the_opt_out_plugin_says() {
    let reading = read_one(&format!(
        "{HEAD}[opt_out]\ncovers = \"marketing\"\nreply.en = \"Done\"\nreply.pt = \"Pronto\"\n"
    ));
    assert_eq!(reading.diagnostics, []);
    let draft = reading.draft.unwrap();
    assert_eq!(
        draft.opt_out().settings,
        json!({"reply": {"en": "Done", "pt": "Pronto"}, "covers": "marketing"})
    );
    assert_eq!(draft.opt_out().covers, ConsentScope::Marketing);
    assert_eq!(
        draft.opt_in().settings,
        json!({"reply": {}, "covers": "everything"})
    );
    let checked: Vec<_> = draft
        .actions()
        .map(|(place, action)| (place, action.plugin.to_string()))
        .collect();
    assert_eq!(checked, [(Place::OptOut, "opt-out".to_owned())]);
    let problem = Problem {
        path: "reply.pt".into(),
        message: "too short".into(),
        help: None,
    };
    let located = draft.locate(Place::OptOut, &problem);
    assert_eq!(
        (located.line, located.column, located.message.as_str()),
        (7, 12, "too short")
    );
}

#[test]
fn a_plugins_complaint_is_shown_at_its_line() {
    let text = format!(
        "{HEAD}[option.talk]\nen = \"Talk\"\npt = \"Falar\"\n[[rule]]\nname = \"a\"\nwhen.words = \"a\"\nreply.en = \"x\"\nreply.pt = \"y\"\nbuttons = [\"talk\"]\n[[rule]]\nname = \"b\"\nwhen.words = \"b\"\nuse = \"kb-answer\"\n[rule.with]\nbase = \"faq\"\nlist = [\"u\", \"v\"]\n"
    );
    let draft = read_one(&text).draft.unwrap();
    let line = |rule, path: &str| {
        let problem = Problem {
            path: path.into(),
            message: "no".into(),
            help: Some("yes".into()),
        };
        let diagnostic = draft.locate(Place::Rule { rule, action: 0 }, &problem);
        assert_eq!(
            (
                diagnostic.severity,
                diagnostic.code,
                diagnostic.help.as_deref()
            ),
            (Severity::Error, "R030", Some("yes"))
        );
        (diagnostic.line, diagnostic.source_line)
    };
    for (rule, path, expected) in [
        (0, "reply.pt", "reply.pt = \"y\""),
        (0, "reply.fr", "reply.en = \"x\""),
        (0, "buttons.0.title.pt", "pt = \"Falar\""),
        (0, "buttons.7", "buttons = [\"talk\"]"),
        (0, "nonsense", "reply.en = \"x\""),
        (1, "list.1", "list = [\"u\", \"v\"]"),
        (1, "base", "base = \"faq\""),
        (1, "", "[rule.with]"),
        (9, "base", "rules_version = 1"),
    ] {
        assert_eq!(line(rule, path).1, expected, "{path}");
    }
    let known = draft.known(Place::Rule { rule: 0, action: 0 }, &BTreeSet::new());
    assert!(known.values.contains_key("contact.first_name") && known.languages.len() == 2);
}

#[test]
fn a_plugin_that_nobody_defines_is_an_error() {
    let mut without = names();
    without
        .plugins
        .remove(&PluginName::new("auto-reply").unwrap());
    let text = format!(
        "{HEAD}[[rule]]\nname = \"a\"\nwhen.words = \"a\"\nreply.en = \"x\"\nreply.pt = \"y\"\n"
    );
    let reading = read(
        &[Source {
            name: "a.toml".into(),
            text,
        }],
        &without,
    );
    assert_eq!(
        reading
            .diagnostics
            .iter()
            .map(|found| found.code)
            .collect::<Vec<_>>(),
        ["R008"]
    );
}

#[test]
fn no_files_are_an_error_and_not_an_empty_draft() {
    let reading = read(&[], &names());
    assert!(reading.draft.is_none() && reading.diagnostics.len() == 1);
}

#[test]
fn limits_are_told_and_not_overrun() {
    let huge = read_one(&format!("{HEAD}# {}", "x".repeat(limits::FILE_BYTES)));
    assert_eq!(
        huge.diagnostics
            .iter()
            .map(|found| found.code)
            .collect::<Vec<_>>(),
        ["R002"]
    );
    let noisy = read_one(&format!(
        "{HEAD}{}",
        (0..2_000)
            .map(|n| format!("k{n} = 1\n"))
            .collect::<String>()
    ));
    assert_eq!(noisy.diagnostics.len(), limits::DIAGNOSTICS + 1);
    assert_eq!(noisy.diagnostics.last().unwrap().code, "R002");
    let words: Vec<_> = (0..=limits::LIST_ENTRIES)
        .map(|n| format!("\"w{n}\""))
        .collect();
    let long = read_one(&format!(
        "{HEAD}[[rule]]\nname = \"a\"\nwhen.words = [{}]\nreply.en = \"x\"\nreply.pt = \"x\"\n",
        words.join(",")
    ));
    assert_eq!(
        long.diagnostics
            .iter()
            .map(|found| found.code)
            .collect::<Vec<_>>(),
        ["R002"]
    );
}

#[test]
fn ten_thousand_rules_are_checked_against_each_other() {
    let rules: String = (0..10_000)
        .map(|n| format!("[[rule]]\nname = \"r{n}\"\nwhen.words = [\"word{n}\", \"shared words {n}\"]\nreply.en = \"x\"\nreply.pt = \"x\"\n"))
        .collect();
    let (first, second) =
        rules.split_at(rules.find("name = \"r5000\"").unwrap() - "[[rule]]\n".len());
    let files = [("a.toml", first), ("b.toml", second)].map(|(name, text)| Source {
        name: name.into(),
        text: format!("{HEAD}{text}"),
    });
    let reading = read(&files, &names());
    assert_eq!(reading.diagnostics, []);
    assert_eq!(reading.draft.unwrap().rules().len(), 10_000);
}

/// Pieces that files are made of, and pieces that break them.
const PIECES: &[&str] = &[
    "[[rule]]\n",
    "[rule]\n",
    "[rule.reply]\n",
    "[rule.when]\n",
    "[option.a]\n",
    "[opt_out]\n",
    "[opt_in]\n",
    "[hours.a]\n",
    "[template.a]\n",
    "[[test]]\n",
    "mon-fri = \"09:00-18:00\"\n",
    "sat = \"22:00-02:00, 02:00-02:00\"\n",
    "closed = [\"2026-12-25\"]\n",
    "when.hours = \"a\"\n",
    "when.outside = [\"a\"]\n",
    "when.after = \"b\"\n",
    "when.within = \"1h\"\n",
    "when.ad = true\n",
    "when.country = \"BR\"\n",
    "only = \"called\"\n",
    "call = \"b\"\n",
    "if_slow = \"a\"\n",
    "menu = [\"a\"]\n",
    "menu_label.en = \"A {hours.opens_next}\"\n",
    "media = { kind = \"image\", id = \"1\" }\n",
    "template = \"a\"\n",
    "category = \"utility\"\n",
    "params = [\"a\", { en = \"b\" }]\n",
    "react = \"👍\"\n",
    "quoting = true\n",
    "says = [\"hi\", { wait = \"1h\" }, { option = \"a\" }]\n",
    "at = \"Sun 15:00\"\n",
    "expect.rules = [\"a\", [\"b\", \"none\"]]\n",
    "given.lookup.a = { status = 200 }\n",
    "name = \"a\"\n",
    "name = \"b\"\n",
    "when.words = [\"a\", \"b c\"]\n",
    "when.says = \"STOP\"\n",
    "when.first = \"today\"\n",
    "when.option = \"a\"\n",
    "when.language = \"pt\"\n",
    "reply.en = \"Hi {contact.name|x}\"\n",
    "reply.pt = \"Oi {{ {\"\n",
    "en = \"A\"\n",
    "buttons = [\"a\"]\n",
    "hand_to = \"support\"\n",
    "if_fails = \"b\"\n",
    "if_fails = \"a\"\n",
    "use = \"kb-answer\"\n",
    "with.a.b = [1, {x = 1}]\n",
    "once_per = \"1h\"\n",
    "words = [\"parar\"]\n",
    "except = [\"end\"]\n",
    "rules_version = 1\n",
    "languages = [\"en\", \"pt\"]\n",
    "timezone = \"UTC\"\n",
    "x = yes\n",
    "“",
    "\"",
    "'''",
    "[",
    "]",
    "{",
    "}",
    "=",
    ".",
    "\n",
    "\r\n",
    "\r",
    "\u{feff}",
    "é",
    "予",
    "\u{0}",
    "\\",
    "#",
    ",",
    "[[",
    "]]",
    "[[rule",
    "a.b.c = 1\n",
    "\"\" = 1\n",
    "= 1\n",
    "name: 1\n",
    "👍🏽",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text_never_panics(text in "(?s).{0,200}") {
        check(&text);
    }

    #[test]
    fn arbitrary_pieces_never_panic(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..60), head in any::<bool>()) {
        check(&format!("{}{}", if head { HEAD } else { "" }, pieces.concat()));
    }
}

/// Whatever it is: errors or a draft, and every diagnostic can be shown.
fn check(text: &str) {
    let reading = read_one(text);
    let errors = reading
        .diagnostics
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .count();
    assert_eq!(reading.draft.is_some(), errors == 0);
    for found in &reading.diagnostics {
        assert!(found.line >= 1 && found.column >= 1 && found.length >= 1);
        assert!(found.render(true).contains('^'));
        assert!(rulebook::explain(found.code).is_some());
    }
}

#[test]
fn a_rule_that_others_turn_to_is_reached_whatever_stands_above_it() {
    let rules = "[[rule]]\nname = \"a\"\nwhen.words = \"a\"\nreply.en = \"x\"\nreply.pt = \"x\"\nif_fails = \"b\"\n[[rule]]\nname = \"b\"\nwhen.words = \"a\"\nhand_to = \"support\"\n";
    assert_eq!(read_one(&format!("{HEAD}{rules}")).diagnostics, []);
    let unnamed = rules.replace("if_fails = \"b\"\n", "");
    assert_eq!(
        read_one(&format!("{HEAD}{unnamed}"))
            .diagnostics
            .iter()
            .map(|found| found.code)
            .collect::<Vec<_>>(),
        ["R021"]
    );
}

#[test]
fn a_rule_whose_plugin_may_pass_does_not_hide_the_next() {
    let rules = "[[rule]]\nname = \"a\"\nonce_per = \"1h\"\nuse = \"kb-answer\"\n[[rule]]\nname = \"b\"\nonce_per = \"1h\"\nhand_to = \"support\"\n";
    assert_eq!(read_one(&format!("{HEAD}{rules}")).diagnostics, []);
}
