//! A whole file around one line of a table, with all that the line may need to stand there.

use model::{DeskName, NumberId, PluginName, Span};
use rulebook::Names;

/// What the examples speak of.
pub(crate) fn names() -> Names {
    let plugins = ["auto-reply", "router", "opt-out", "kb-answer", "greeter"];
    let number = NumberId::new("100000000000001").unwrap();
    Names {
        plugins: plugins.map(|name| PluginName::new(name).unwrap()).into(),
        desks: [DeskName::new("support").unwrap()].into(),
        numbers: [("store".to_owned(), number)].into(),
        answer_within: Span::from_hours(6),
    }
}

const HEAD: [(&str, &str); 4] = [
    ("rules_version", "rules_version = 1"),
    ("owner", "owner = \"store-support\""),
    ("timezone", "timezone = \"America/Sao_Paulo\""),
    ("languages", "languages = [\"en\", \"pt\"]"),
];

/// What lines refer to. Rules that only wait to be called: none of them stands before another.
const DEFINED: &str = r#"
[hours.shop]
mon-fri = "09:00-18:00"
[option.hours]
en = "Hours"
[option.person]
en = "Person"
[option.sales]
en = "Sales"
[option.repairs]
en = "Repairs"
[template.back_in_stock]
category = "utility"
languages.en = "en_US"
"#;
const RULES: [&str; 5] = [
    "which-order",
    "ask-for-rating",
    "ask-a-person",
    "fallback",
    "parking",
];

/// A file in which a line of a table stands where it belongs; none of what it needs beside it defines its key.
pub(crate) fn file(table: &str, key: &str, line: &str) -> String {
    let head = |line: Option<&str>| {
        let lines = HEAD
            .iter()
            .filter(|(name, _)| line.is_none() || *name != key)
            .map(|(_, line)| *line);
        lines.chain(line).collect::<Vec<_>>().join("\n")
    };
    let (top, body) = match table {
        "a file" if HEAD.iter().any(|(name, _)| *name == key) => (head(Some(line)), String::new()),
        "a file" => (format!("{}\n{line}", head(None)), String::new()),
        _ => (head(None), body(table, key, line)),
    };
    let mut text = format!("{top}\n");
    if table != "a file" || !matches!(key, "hours" | "option" | "template") {
        text.push_str(DEFINED);
    }
    text.push_str(&body);
    for name in RULES {
        let is_there = text.contains(&format!("name = \"{name}\""));
        if is_there || !text.contains(name) {
            continue;
        }
        text.push_str(&format!(
            "\n[[rule]]\nname = \"{name}\"\nonly = \"called\"\ntag = \"x\"\n"
        ));
    }
    text
}

fn body(table: &str, key: &str, line: &str) -> String {
    match table {
        "a rule" => rule(&[beside_in_rule(key), line].join("\n"), key == "name"),
        "`when`" => {
            let after = if key == "within" {
                "when.after = \"which-order\"\n"
            } else {
                ""
            };
            rule(
                &format!("reply = {{ en = \"x\", pt = \"x\" }}\nalso = true\n{after}{line}"),
                false,
            )
        }
        "a file to send" => {
            let beside = match key {
                "kind" => "media.link = \"https://example.com/map.png\"",
                "filename" => {
                    "media.kind = \"document\"\nmedia.link = \"https://example.com/map.png\""
                }
                _ => "media.kind = \"image\"",
            };
            rule(&format!("{beside}\nmedia.{line}"), false)
        }
        "an opt-out or opt-in section" => format!("[opt_out]\n{line}\n"),
        "hours" => format!("[hours.tried]\n{line}\n"),
        "an option" => format!("[option.tried]\nen = \"Tried\"\n{line}\n"),
        "a template" => {
            let mut text = "[template.tried]\n".to_owned();
            for (name, line) in [
                ("category", "category = \"utility\"\n"),
                ("languages", "languages.en = \"en_US\"\n"),
            ] {
                if name != key {
                    text.push_str(line);
                }
            }
            text + line
        }
        "a test" => test(key, line),
        "a turn" => {
            let beside = match key {
                "ad" | "quoting" => "text = \"parking\", ",
                "payload" => "quick_reply = \"Parking\", ",
                _ => "",
            };
            let more = if key == "wait" { ", \"parking\"" } else { "" };
            test("says", &format!("says = [{{ {beside}{line} }}{more}]"))
        }
        "`given`" => test("given", line),
        "`expect`" => {
            let says = if key == "rules" {
                "says = [\"hello\", \"parking\"]"
            } else {
                "says = \"hello\""
            };
            format!("[[test]]\nname = \"tried\"\n{says}\n{line}\n")
        }
        other => panic!("lines of {other} have no place yet"),
    }
}

fn rule(lines: &str, has_name: bool) -> String {
    let name = if has_name { "" } else { "name = \"tried\"\n" };
    format!("[[rule]]\n{name}{lines}\n")
}

fn beside_in_rule(key: &str) -> &'static str {
    match key {
        "reply" | "use" => "also = false\n",
        "with" => "use = \"greeter\"",
        "menu" => "reply.en = \"x\"\nmenu_label.en = \"Choose\"",
        "menu_label" => "reply.en = \"x\"\nmenu = [\"sales\", \"repairs\"]",
        "sticky" => "hand_to = \"support\"",
        _ => "reply = { en = \"x\", pt = \"x\" }",
    }
}

fn test(key: &str, line: &str) -> String {
    let lines = [
        ("name", "name = \"tried\""),
        ("says", "says = \"parking\""),
        ("expect", "expect.sends = 0"),
    ];
    let beside: Vec<_> = lines
        .iter()
        .filter(|(name, _)| *name != key)
        .map(|(_, line)| *line)
        .collect();
    format!("[[test]]\n{}\n{line}\n", beside.join("\n"))
}
