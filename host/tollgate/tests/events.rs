//! `tollgate event` as a user meets it: the examples, the page that shows them, hostile input, and deliveries to a running host.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests: what fails here fails its test"
)]

mod binary;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use binary::{ANA, ECHO, Running, Town, tollgate};
use serde_json::Value;
use tollgate::config::{Config, EMBEDDED};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The examples, as paths from the repository's root.
fn examples() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join("examples/events"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json"))
        .map(|name| format!("examples/events/{name}"))
        .collect();
    names.sort();
    assert!(names.len() >= 12);
    names
}

/// `tollgate event …`, at the repository's root.
fn event(arguments: &[&str]) -> Output {
    tollgate()
        .current_dir(root())
        .arg("event")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The same, with this on standard input.
fn event_of(arguments: &[&str], body: &[u8]) -> Output {
    let mut child = tollgate()
        .arg("event")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let body = body.to_owned();
    // It may stop reading where it has had enough.
    let writing = std::thread::spawn(move || drop(stdin.write_all(&body)));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap();
    output
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_owned()).unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    text_of(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Beside each `NAME.json` stands what we make of it, `NAME.jsonl`; `UPDATE=1` writes it.
#[test]
fn the_examples_are_understood_as_written() {
    for example in examples() {
        let output = event(&["--format", "json", &example]);
        assert_eq!(output.status.code(), Some(0), "{example}: {output:?}");
        assert!(output.stderr.is_empty(), "{example}: {output:?}");
        let found = text_of(&output.stdout);
        let beside = root().join(&example).with_extension("jsonl");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&beside, &found).unwrap();
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        assert_eq!(
            found, expected,
            "{example} is understood otherwise; `UPDATE=1` writes it down"
        );
    }
}

#[test]
fn every_line_has_the_members_that_scripts_rest_on_and_the_examples_show_every_notice() {
    let files = examples();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let output = event(&[&["--format", "json"], files.as_slice()].concat());
    let mut notices = BTreeSet::new();
    let mut kinds = BTreeSet::new();
    for line in lines(&output) {
        for member in [
            "notice", "channel", "id", "phone", "user_id", "kind", "text", "number", "at",
        ] {
            assert!(line.get(member).is_some(), "no {member} in {line}");
        }
        let is_status = line["notice"] == "status";
        for member in ["status", "token"] {
            assert_eq!(line.get(member).is_some(), is_status, "{member} in {line}");
        }
        notices.insert(line["notice"].as_str().unwrap().to_owned());
        if line["notice"] == "message" {
            kinds.insert(line["kind"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(
        notices.iter().map(String::as_str).collect::<Vec<_>>(),
        [
            "echo",
            "message",
            "preference",
            "status",
            "unreadable",
            "update"
        ]
    );
    for kind in [
        "text",
        "menu",
        "button",
        "image",
        "video",
        "voice",
        "document",
        "sticker",
        "location",
        "contacts",
        "form",
        "reaction",
        "order",
        "edit",
        "revoke",
        "welcome",
        "unsupported",
        "call-permission",
        "system",
        "hologram",
    ] {
        assert!(kinds.contains(kind), "no example of {kind}: {kinds:?}");
    }
}

/// A block of the page that begins with `$ tollgate event …` shows what that prints.
#[test]
fn the_page_shows_what_the_command_prints() {
    let page = fs::read_to_string(root().join("docs/events.md")).unwrap();
    let mut shown = 0;
    for block in blocks(&page, "text") {
        let Some(command) = block.strip_prefix("$ tollgate event ") else {
            continue;
        };
        let (arguments, expected) = command.split_once('\n').unwrap();
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let output = event(&arguments);
        let said = text_of(&output.stdout) + &text_of(&output.stderr);
        assert_eq!(said, expected, "tollgate event {arguments:?}");
        shown += 1;
    }
    assert!(shown >= 3, "{shown}");
}

#[test]
fn the_tables_on_the_page_are_read_by_the_configuration() {
    let page = fs::read_to_string(root().join("docs/events.md")).unwrap();
    let (before, number) = EMBEDDED.split_once("[tenant.shop.number.store]").unwrap();
    let after = number.find("\n[").unwrap();
    let base = format!("{before}{}", &number[after..]);
    let blocks = blocks(&page, "toml");
    assert!(blocks.len() >= 2);
    for block in blocks {
        let config = Config::parse("docs/events.md", &format!("{base}\n{block}"), Path::new(""));
        assert!(config.is_ok(), "{block}\n{}", config.unwrap_err());
    }
}

fn blocks(page: &str, language: &str) -> Vec<String> {
    page.split(&format!("```{language}\n"))
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn several_files_have_headers_for_people_and_none_for_scripts() {
    let files = ["examples/events/text.json", "examples/events/statuses.json"];
    let told = text_of(&event(&files).stdout);
    assert!(
        told.contains("── examples/events/text.json: 1 message\n")
            && told.contains("── examples/events/statuses.json: 4 statuses\n"),
        "{told}"
    );
    assert!(
        !told.contains('\u{1b}'),
        "colours without a terminal: {told}"
    );
    let lone = text_of(&event(&files[..1]).stdout);
    assert!(lone.starts_with("message  text  2026-09-21T"), "{lone}");
    let output = event(&[files[0], files[1], "--format", "json"]);
    assert_eq!(lines(&output).len(), 5);
    let empty = event_of(
        &[],
        b"{\"object\":\"whatsapp_business_account\",\"entry\":[]}",
    );
    assert_eq!(empty.status.code(), Some(0));
    assert!(text_of(&empty.stdout).starts_with("nothing: "));
}

#[test]
fn standard_input_is_read_by_itself_or_as_a_dash() {
    let body = fs::read(root().join("examples/events/text.json")).unwrap();
    for arguments in [
        vec!["--format", "json"],
        vec!["--format", "json", "-"],
        vec!["--format", "json", "-", "../../examples/events/text.json"],
    ] {
        let output = event_of(&arguments, &body);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(
            lines(&output)
                .iter()
                .all(|line| line["text"] == "Quanto custa o frete?")
        );
        assert_eq!(lines(&output).len(), arguments.len().max(3) - 2);
    }
}

#[test]
fn one_broken_message_costs_its_neighbours_nothing_and_is_no_failure() {
    let output = event(&["--format", "json", "examples/events/half-broken.json"]);
    assert_eq!(output.status.code(), Some(0));
    let notices: Vec<Value> = lines(&output)
        .iter()
        .map(|line| line["notice"].clone())
        .collect();
    assert_eq!(notices, ["message", "unreadable", "message"]);
}

#[test]
fn a_file_that_is_no_body_is_told_where_and_the_others_are_printed() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.json");
    fs::write(
        &broken,
        "{\"object\": \"whatsapp_business_account\",\n \"entry\": [}",
    )
    .unwrap();
    let broken = broken.to_str().unwrap();
    let output = event(&["--format", "json", broken, "examples/events/text.json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(lines(&output).len(), 1);
    let said = text_of(&output.stderr);
    assert!(
        said.starts_with(&format!("{broken}:2:12: error: it is no JSON: ")),
        "{said}"
    );
    assert!(said.contains("\n  help: "), "{said}");

    for (path, why) in [
        ("examples/events/none.json", "there is no such file"),
        (
            "examples/events",
            "name the files in it: examples/events/*.json",
        ),
    ] {
        let output = event(&[path, broken, "examples/events/text.json"]);
        assert_eq!(output.status.code(), Some(2), "{path}");
        let said = text_of(&output.stderr);
        assert!(
            said.contains(why) && said.contains("broken.json:2:12"),
            "{said}"
        );
        assert!(
            text_of(&output.stdout).contains("Quanto custa o frete?"),
            "{path}"
        );
    }
    assert_eq!(event(&["--format", "xml"]).status.code(), Some(2));
}

#[test]
fn no_bytes_make_it_panic() {
    let deep = |open: &str, close: &str, depth| open.repeat(depth) + &close.repeat(depth);
    let noise: Vec<u8> = (0..100_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let text = fs::read(root().join("examples/events/text.json")).unwrap();
    let mut bodies = vec![
        Vec::new(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"{}".to_vec(),
        b"\0\0\0\0".to_vec(),
        b"\xff\xfe\xfd".to_vec(),
        b"1e999999".to_vec(),
        b"{\"entry\":[{\"changes\":[{\"value\":{\"messages\":[null,1,\"x\",[],{}]}}]}]}".to_vec(),
        deep("[", "]", 1_000_000).into_bytes(),
        deep("{\"entry\":[", "]}", 100_000).into_bytes(),
        noise,
    ];
    bodies.extend((0..text.len()).step_by(97).map(|cut| text[..cut].to_vec()));
    for body in bodies {
        let output = event_of(&["--format", "json"], &body);
        let said = text_of(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{said}");
        assert!(!said.contains("panicked"), "{said}");
        assert_eq!(output.status.code() == Some(1), !said.is_empty(), "{said}");
        assert!(output.status.code() == Some(0) || output.stdout.is_empty());
    }
}

#[test]
fn what_is_larger_than_any_body_is_not_held_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large.json");
    // A file of holes: a hundred megabytes that take none.
    fs::File::create(&large)
        .unwrap()
        .set_len(100_000_000)
        .unwrap();
    let output = event(&[large.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text_of(&output.stderr).contains("more than 16 MiB"));
    let endless = event(&["/dev/zero"]);
    assert_eq!(endless.status.code(), Some(1));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = tollgate()
        .current_dir(root())
        .arg("event")
        .args(examples())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{output:?}");
}

fn send(host: &str, arguments: &[&str]) -> Output {
    event(&[&["send", "--host", host], arguments].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_signed_sent_and_answered() {
    let town = Town::new(ECHO);
    let host = Running::start(&mut town.run());
    let host = host.url.as_str();
    let made = send(host, &["--text", "say it", "--from", "15550100001"]);
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    assert!(text_of(&made.stdout).contains(": 200 OK"), "{made:?}");
    town.until("the answer", async || {
        (town.received("15550100001").await == ["say it"]).then_some(())
    })
    .await;

    let file = send(
        host,
        &["examples/events/text.json", "examples/events/group.json"],
    );
    assert_eq!(file.status.code(), Some(0), "{file:?}");
    assert_eq!(text_of(&file.stdout).lines().count(), 2);

    let config = town.config();
    let config = config.to_str().unwrap();
    let by_config = send(host, &["--config", config, "examples/events/echo.json"]);
    assert_eq!(by_config.status.code(), Some(0), "{by_config:?}");

    let wrong = tollgate()
        .current_dir(root())
        .env("WRONG", "another secret")
        .args(["event", "send", "--host", host, "--secret-env", "WRONG"])
        .args(["examples/events/text.json", "examples/events/echo.json"])
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(1));
    let said = text_of(&wrong.stdout);
    assert_eq!(said.matches(": 401 Unauthorized").count(), 2, "{said}");
    assert!(
        text_of(&wrong.stderr).contains("help: sign with the secret"),
        "{wrong:?}"
    );
    assert!(town.received(ANA).await.is_empty());
}

/// An echo keeps the bot silent for `agent_pause`, and for no longer.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_of_yours_silences_the_bot_for_as_long_as_the_tenant_says() {
    for (pause, expected) in [("30m", vec![]), ("0s", vec!["say it"])] {
        let town = Town::new(ECHO);
        let config = fs::read_to_string(town.config()).unwrap();
        let title = "title = \"A shop\"";
        let config = config.replace(title, &format!("{title}\nagent_pause = \"{pause}\""));
        fs::write(town.config(), config).unwrap();
        let host = Running::start(&mut town.run());
        let echo = fs::read_to_string(root().join("examples/events/echo.json")).unwrap();
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let body = town.folder.path().join("echo.json");
        fs::write(&body, echo.replace("1789999200", &now.to_string())).unwrap();
        assert_eq!(
            send(&host.url, &[body.to_str().unwrap()]).status.code(),
            Some(0)
        );
        let said = send(&host.url, &["--text", "say it", "--from", ANA]);
        let id = text_of(&said.stdout);
        let (id, _) = id.split_once(':').unwrap();
        let page = format!(
            "{}/v1/decision?number=100000000000001&message={id}",
            host.url
        );
        let decision = town
            .until("the decision", async || {
                let asked = reqwest::get(&page).await.unwrap();
                let is_there = asked.status().is_success();
                is_there.then_some(asked.text().await.unwrap())
            })
            .await;
        assert_eq!(
            decision.contains(r#""refusal":"paused""#),
            expected.is_empty(),
            "{pause}: {decision}"
        );
        town.until("its send, if any", async || {
            (town.received(ANA).await == expected).then_some(())
        })
        .await;
    }
}

#[test]
fn what_keeps_a_delivery_from_being_made_is_told() {
    let nobody = format!("http://127.0.0.1:{}", binary::free_port());
    let output = send(&nobody, &["examples/events/text.json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text_of(&output.stderr).contains("no host answers at"),
        "{output:?}"
    );
    for (arguments, why) in [
        (
            vec![
                "--secret-env",
                "TOLLGATE_SURELY_UNSET",
                "examples/events/text.json",
            ],
            "has no TOLLGATE_SURELY_UNSET",
        ),
        (
            vec![
                "--config",
                "examples/shop/tollgate.toml",
                "--app",
                "mine",
                "x.json",
            ],
            "no [meta_app.mine]",
        ),
        (vec!["examples/events/none.json"], "there is no such file"),
        (vec!["--text", "hi", "x.json"], "cannot be used with"),
        (
            vec!["--from", "15550100001", "x.json"],
            "cannot be used with",
        ),
        (vec!["--from", "15550100001"], "--text"),
    ] {
        let output = send(&nobody, &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        assert!(
            text_of(&output.stderr).contains(why),
            "{arguments:?}: {output:?}"
        );
    }
}

#[test]
fn a_certificate_that_is_none_is_told_before_the_start() {
    let town = Town::new(ECHO);
    let folder = town.folder.path();
    let config = fs::read_to_string(town.config()).unwrap();
    let topic = "\n[topic.events]\narn = \"arn:aws:sns:eu-west-1:123456789012:whatsapp\"\ncertificate = \"sns.pem\"\n";
    fs::write(town.config(), config + topic).unwrap();
    let check = || binary::run_in(folder, &["check", "--config", "tollgate.toml"]);
    let output = check();
    assert_eq!(output.status.code(), Some(2));
    let said = text_of(&output.stderr);
    assert!(
        said.contains("[topic.events]: the certificate") && said.contains("cannot be read"),
        "{said}"
    );
    fs::write(folder.join("sns.pem"), "no certificate").unwrap();
    let said = text_of(&check().stderr);
    assert!(
        said.contains("no X.509 certificate") && said.contains("help: "),
        "{said}"
    );
}
