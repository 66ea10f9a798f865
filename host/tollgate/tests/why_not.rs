//! `tollgate why-not` and `tollgate why --says`, as people type them: on the rule files alone, and against a running host.
#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests: what fails here fails its test"
)]

mod binary;

use binary::{ANA, Running, Town, tollgate};
use serde_json::{Value, json};

const RULES: &str = r#"
rules_version = 1
timezone = "America/Sao_Paulo"
languages = ["en", "pt"]

[hours.shop]
mon-fri = "09:00-18:00"

[option.hours]
en = "Opening hours"
pt = "Horário"

[[rule]]
name = "greeting"
when.words = ["hi", "oi"]
reply.en = "Hello!"
reply.pt = "Olá!"

[[rule]]
name = "opening-hours"
when.words = ["horário", "opening hours"]
when.hours = "shop"
reply.en = "We are open."
reply.pt = "Estamos abertos."

[[rule]]
name = "pictures"
when.kind = "image"
when.tags = "vip"
reply.en = "Nice!"
reply.pt = "Lindo!"
"#;

/// What a command says, and its exit code.
fn typed(town: &Town, arguments: &[&str]) -> (String, i32) {
    let mut command = tollgate();
    command.args(arguments).current_dir(town.folder.path());
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        String::from_utf8(said).unwrap(),
        output.status.code().unwrap(),
    )
}

fn has(text: &str, wanted: &[&str]) {
    for wanted in wanted {
        assert!(text.contains(wanted), "no {wanted:?} in:\n{text}");
    }
}

#[test]
fn the_rule_files_alone_tell_what_is_missing() {
    let town = Town::new(RULES);
    let (text, code) = typed(
        &town,
        &[
            "why-not",
            "opening-hours",
            "--says",
            "Qual o horaro?",
            "--at",
            "Sun 15:00",
            "--lang",
            "pt",
        ],
    );
    assert_eq!(code, 1, "{text}");
    has(
        &text,
        &[
            "opening-hours does not apply: 2 things are missing",
            "10-test.toml:19",
            "✗ the message has one of: \"horário\", \"opening hours\"",
            "\"horaro\" is close to \"horário\"",
            "✗ it is written while shop is open: from tomorrow 09:00 on",
            "as things are, no rule answers this message",
            "language pt",
            "✓ the gate would let a text out",
        ],
    );
    let (text, code) = typed(
        &town,
        &[
            "why-not",
            "opening-hours",
            "--says",
            "oi, qual o horário?",
            "--at",
            "Mon 15:00",
        ],
    );
    assert_eq!(code, 1, "{text}");
    has(
        &text,
        &[
            "opening-hours applies, and greeting answers before it",
            "the message has \"oi\"",
            "move opening-hours above greeting, to rules/10-test.toml:13",
            "write also = true in greeting",
        ],
    );
    let (text, code) = typed(
        &town,
        &[
            "why-not", "pictures", "--says", "look", "--kind", "image", "--tags", "vip,gold",
        ],
    );
    assert_eq!(code, 0, "{text}");
    has(&text, &["pictures would answer"]);
    let (text, code) = typed(
        &town,
        &[
            "why-not",
            "opening-hours",
            "--option",
            "hours",
            "--lang",
            "pt",
            "--at",
            "Mon 15:00",
            "--json",
        ],
    );
    assert_eq!(code, 0, "{text}");
    let found: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(found["holds"][0], "the message has \"horário\"");
    let (text, code) = typed(&town, &["why-not", "greeting", "--says", "STOP"]);
    assert_eq!(code, 1, "{text}");
    has(&text, &["greeting is not looked at", "it is an opt-out"]);
}

#[test]
fn what_is_misspelt_is_told_with_what_was_probably_meant() {
    let town = Town::new(RULES);
    for (arguments, wanted) in [
        (
            &["why-not", "openin-hours", "--says", "x"][..],
            "did you mean `opening-hours`?",
        ),
        (&["why-not", "greeting"], "--says"),
        (
            &["why-not", "greeting", "--says", "x", "--at", "noon"],
            "Sun 15:00",
        ),
        (
            &["why-not", "greeting", "--option", "hour"],
            "there is hours",
        ),
        (
            &["why-not", "greeting", "--says", "x", "--kind", "picture"],
            "image",
        ),
        (
            &["why-not", "greeting", "--says", "x", "--tenant", "nobody"],
            "no such tenant",
        ),
        (&["why"], "--says"),
        (
            &[
                "why-not",
                "greeting",
                "--contact",
                "c1",
                "--option",
                "hours",
            ],
            "--option: a running host knows",
        ),
        (
            &["why", "wamid.1", "--lang", "pt"],
            "--lang: a running host knows",
        ),
    ] {
        let (text, code) = typed(&town, arguments);
        assert_eq!(code, 2, "{arguments:?}: {text}");
        has(&text, &[wanted]);
    }
    std::fs::write(town.rules_file(), RULES.replace("when.kind", "when.kin")).unwrap();
    let (text, code) = typed(&town, &["why-not", "greeting", "--says", "x"]);
    assert_eq!(code, 1, "{text}");
    has(&text, &["10-test.toml", "kind"]);
}

#[test]
fn which_rule_would_answer_is_told_without_a_host() {
    let town = Town::new(RULES);
    let (text, code) = typed(&town, &["why", "--says", "oi", "--at", "Mon 15:00"]);
    assert_eq!(code, 0, "{text}");
    has(
        &text,
        &[
            "greeting would answer",
            "✓ greeting  the message has \"oi\"",
            "the search ends here",
            "· pictures  only if it is an image; seen: text",
        ],
    );
    let (text, _) = typed(&town, &["why", "--says", "nothing of it"]);
    has(&text, &["no rule would answer"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_host_explains_what_arrived() {
    let town = Town::new(RULES);
    let host = Running::start(&mut town.run());
    let asked = town
        .say(json!({"from": ANA, "name": "Ana", "text": "hi there"}))
        .await;
    town.until("the answer", async || {
        (!town.received(ANA).await.is_empty()).then_some(())
    })
    .await;
    let id = asked["id"].as_str().unwrap();
    let (text, code) = typed(&town, &["why", id, "--host", &host.url]);
    assert_eq!(code, 0, "{text}");
    has(&text, &["rule greeting, because the message has \"hi\""]);
    let (text, code) = typed(
        &town,
        &["why-not", "pictures", "--message", id, "--host", &host.url],
    );
    assert_eq!(code, 1, "{text}");
    has(
        &text,
        &[
            "pictures does not apply: 2 things are missing",
            "a message that arrived, of contact c1 as they stand now",
            "✗ it is an image",
            "✗ the contact bears the tag vip",
            "as things are, greeting answers this message",
        ],
    );
    let (newest, code) = typed(
        &town,
        &[
            "why-not",
            "pictures",
            "--contact",
            "c1",
            "--host",
            &host.url,
        ],
    );
    assert_eq!((newest.as_str(), code), (text.as_str(), 1));
    let (text, code) = typed(
        &town,
        &[
            "why-not",
            "greeting",
            "--contact",
            "c1",
            "--says",
            "hi",
            "--host",
            &host.url,
        ],
    );
    assert_eq!(code, 0, "{text}");
    let (text, code) = typed(
        &town,
        &["why-not", "greting", "--message", id, "--host", &host.url],
    );
    assert_eq!(code, 2, "{text}");
    has(&text, &["did you mean `greeting`?"]);
}
