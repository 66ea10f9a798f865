//! What rules do, as their plugins take it: the exact settings behind each shorthand.

use std::collections::BTreeSet;

use crate::names::{names, spotless};
use model::{Problem, RuleName};
use rulebook::{Draft, Place, Source, read};
use serde_json::{Value, json};

const HEAD: &str = "rules_version = 1\ntimezone = \"America/Sao_Paulo\"\nlanguages = [\"pt\", \"en\"]\n\
    [option.sales]\npt = \"Vendas\"\nen = \"Sales\"\ndescription.pt = \"Preços\"\ndescription.en = \"Prices\"\n\
    [option.repairs]\npt = \"Consertos e peças agora\"\nen = \"Repairs\"\n\
    [hours.shop]\nmon-fri = \"09:00-18:00\"\n\
    [template.back_in_stock]\nlanguages = { pt = \"pt_BR\", en = \"en\" }\ncategory = \"utility\"\n\
    params = [\"{contact.first_name|x}\", { pt = \"até {hours.shop.opens_next}\", en = \"until\" }, { name = \"code\", text = \"7\" }]\n\
    header = { kind = \"image\", link = \"https://example.com/a.png\" }\n\
    buttons = [{ index = 0, payload = \"sales\" }, { index = 1, url_suffix = \"a\" }]\n\
    [template.plain]\nname = \"plain_2\"\nlanguages = [\"pt\", \"en\"]\ncategory = \"marketing\"\nheader.text = { pt = \"Oi\", en = \"Hi\" }\n";

fn draft(rules: &str) -> Draft {
    spotless(format!("{HEAD}{rules}"))
}

/// The one action of a rule that does this.
fn settings(doing: &str) -> (String, Value) {
    let draft = draft(&format!(
        "[[rule]]\nname = \"it\"\nwhen.words = \"x\"\n{doing}\n"
    ));
    let [action] = draft.rules()[0].actions.as_slice() else {
        panic!("{doing}");
    };
    (action.plugin.to_string(), action.settings.clone())
}

#[test]
fn each_shorthand_of_auto_reply_is_what_that_plugin_reads() {
    let reply = "reply = { pt = \"Oi\", en = \"Hi\" }\n";
    let texts = json!({"pt": "Oi", "en": "Hi"});
    let template = json!({
        "name": "back_in_stock",
        "languages": {"pt": "pt_BR", "en": "en"},
        "category": "utility",
        "params": ["{contact.first_name|x}", {"pt": "até {hours.shop.opens_next}", "en": "until"}, {"name": "code", "text": "7"}],
        "header": {"kind": "image", "link": "https://example.com/a.png"},
        "buttons": [{"index": 0, "payload": "sales"}, {"index": 1, "url_suffix": "a"}],
        "when": "always",
    });
    let mut beside = template.clone();
    beside["when"] = "window-closed".into();
    for (doing, expected) in [
        (
            format!(
                "{reply}menu = [\"sales\", \"repairs\"]\nmenu_label = {{ pt = \"Opções\", en = \"Options\" }}"
            ),
            json!({"reply": texts, "menu": {
                "label": {"pt": "Opções", "en": "Options"},
                "rows": [
                    {"id": "sales", "title": {"pt": "Vendas", "en": "Sales"}, "description": {"pt": "Preços", "en": "Prices"}},
                    {"id": "repairs", "title": {"pt": "Consertos e peças agora", "en": "Repairs"}},
                ],
            }}),
        ),
        (
            format!("{reply}buttons = \"sales\""),
            json!({"reply": texts, "buttons": [{"id": "sales", "title": {"pt": "Vendas", "en": "Sales"}}]}),
        ),
        (
            format!(
                "{reply}media = {{ kind = \"document\", link = \"https://example.com/a.pdf\", filename = \"a.pdf\" }}"
            ),
            json!({"reply": texts, "media": {"kind": "document", "link": "https://example.com/a.pdf", "filename": "a.pdf"}}),
        ),
        (
            "media = { kind = \"sticker\", id = \"77\" }".to_owned(),
            json!({"media": {"kind": "sticker", "id": "77"}}),
        ),
        ("react = \"👍🏽\"".to_owned(), json!({"react": "👍🏽"})),
        (
            format!("{reply}react = \"1️⃣\"\nquoting = true"),
            json!({"reply": texts, "react": "1️⃣", "quoting": true}),
        ),
        (
            "template = \"back_in_stock\"".to_owned(),
            json!({"template": template}),
        ),
        (
            format!("{reply}template = \"back_in_stock\""),
            json!({"reply": texts, "template": beside}),
        ),
        (
            "template = \"plain\"".to_owned(),
            json!({"template": {
                "name": "plain_2", "languages": {"pt": "pt", "en": "en"}, "category": "marketing",
                "params": [], "header": {"text": {"pt": "Oi", "en": "Hi"}}, "when": "always",
            }}),
        ),
    ] {
        assert_eq!(
            settings(&doing),
            ("auto-reply".to_owned(), expected),
            "{doing}"
        );
    }
}

#[test]
fn each_shorthand_of_the_router_is_what_that_plugin_reads() {
    for (doing, expected) in [
        (
            "hand_to = \"support\"\nsticky = true\npause_bot = \"until closed,  max 720m\"",
            json!({"hand_to": "support", "sticky": true, "pause_bot": "until closed, max 12h"}),
        ),
        (
            "note.pt = \"{message.text|nada}\"\nnote.en = \"{message.text|nothing}\"",
            json!({"note": {"pt": "{message.text|nada}", "en": "{message.text|nothing}"}}),
        ),
    ] {
        assert_eq!(settings(doing), ("router".to_owned(), expected), "{doing}");
    }
}

#[test]
fn a_rule_names_the_rules_that_it_leads_to() {
    let called: String = ["a", "b", "c", "d", "e", "f"]
        .map(|name| format!("[[rule]]\nname = \"{name}\"\nonly = \"called\"\ntag = \"{name}\"\n"))
        .concat();
    let draft = draft(&format!(
        "[[rule]]\nname = \"ask\"\nwhen.words = \"ask\"\nuse = \"kb-answer\"\nwith.base = \"handbook\"\n\
         if_no_answer = \"a\"\nif_blocked = \"b\"\nif_slow = \"c\"\nif_fails = \"d\"\nif_refused = \"e\"\ncall = \"f\"\n\
         [[rule]]\nname = \"only-calls\"\nwhen.words = \"calls\"\ncall = \"a\"\n{called}"
    ));
    let rule = &draft.rules()[0];
    let leads = [
        &rule.if_no_answer,
        &rule.if_blocked,
        &rule.if_slow,
        &rule.if_fails,
        &rule.if_refused,
        &rule.call,
    ];
    let names: Vec<_> = leads
        .iter()
        .map(|lead| lead.as_ref().map_or("-", RuleName::as_str))
        .collect();
    assert_eq!(names, ["a", "b", "c", "d", "e", "f"]);
    assert!(!rule.only_called && draft.rules()[2].only_called);
    assert!(draft.rules()[1].actions.is_empty());
}

#[test]
fn a_complaint_about_a_menu_or_a_template_is_shown_where_its_text_stands() {
    let draft = draft(
        "[[rule]]\nname = \"it\"\nwhen.words = \"x\"\nreply.pt = \"Oi\"\nreply.en = \"Hi\"\nmenu = [\"sales\"]\nmenu_label.pt = \"Opções\"\nmenu_label.en = \"Options\"\ntemplate = \"back_in_stock\"\n",
    );
    for (path, expected) in [
        ("menu.rows.0.title.en", "en = \"Sales\""),
        ("menu.rows.0.description.pt", "description.pt = \"Preços\""),
        ("menu.rows", "menu = [\"sales\"]"),
        ("menu.label.pt", "menu_label.pt = \"Opções\""),
        ("template.category", "category = \"utility\""),
        (
            "template.header.link",
            "header = { kind = \"image\", link = \"https://example.com/a.png\" }",
        ),
        ("template.when", "template = \"back_in_stock\""),
    ] {
        let problem = Problem {
            path: path.into(),
            message: "no".into(),
            help: None,
        };
        let found = draft.locate(Place::Rule { rule: 0, action: 0 }, &problem);
        assert_eq!(found.source_line, expected, "{path}");
    }
}

#[test]
fn a_plugin_knows_the_hours_there_are() {
    let draft = draft(
        "[[rule]]\nname = \"it\"\nwhen.outside = \"shop\"\nonce_per = \"1h\"\nhand_to = \"support\"\n",
    );
    let known = draft.known(Place::Rule { rule: 0, action: 0 }, &BTreeSet::new());
    assert_eq!(known.hours, ["shop"]);
    let presences: Vec<_> = known
        .values
        .iter()
        .filter(|(name, _)| name.starts_with("hours."))
        .map(|(name, presence)| (name.as_str(), format!("{presence:?}")))
        .collect();
    assert_eq!(
        presences
            .iter()
            .map(|(name, presence)| (*name, presence.as_str()))
            .collect::<Vec<_>>(),
        [
            ("hours.closes_at", "Sometimes"),
            ("hours.opens_next", "Always"),
            ("hours.shop.closes_at", "Sometimes"),
            ("hours.shop.open", "Always"),
            ("hours.shop.opens_next", "Always"),
        ]
    );
}

#[test]
fn a_file_of_one_language_gives_its_plugins_no_other() {
    let source = |name: &str, text: String| Source {
        name: name.into(),
        text,
    };
    let sources = [
        source("10.toml", HEAD.to_owned()),
        source(
            "20.toml",
            "rules_version = 1\nlanguages = [\"en\"]\n[[rule]]\nname = \"it\"\nwhen.words = \"x\"\nreply.en = \"Hi\"\nbuttons = [\"sales\"]\ntemplate = \"back_in_stock\"\n"
                .to_owned(),
        ),
    ];
    let reading = read(&sources, &names());
    assert_eq!(reading.diagnostics, []);
    let draft = reading.draft.unwrap();
    let settings = &draft.rules()[0].actions[0].settings;
    assert_eq!(settings["buttons"][0]["title"], json!({"en": "Sales"}));
    assert_eq!(settings["template"]["languages"], json!({"en": "en"}));
    assert_eq!(settings["template"]["params"][1], json!({"en": "until"}));
    assert_eq!(
        settings["template"]["params"][2],
        json!({"name": "code", "text": "7"})
    );
}
