//! What operators do in the terminal, to a running host and a simulator whose record is the judge.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod binary;

use std::fs;
use std::process::Output;

use binary::{ANA, ECHO, Running, Town, text, tollgate};
use serde_json::{Value, json};

fn run(host: &Running, arguments: &[&str]) -> Output {
    let mut command = tollgate();
    command.args(arguments);
    command.env("TOLLGATE_HOST", &host.url).output().unwrap()
}

fn said(host: &Running, arguments: &[&str]) -> String {
    let output = run(host, arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn complained(host: &Running, code: i32, arguments: &[&str]) -> String {
    let output = run(host, arguments);
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments:?}: {output:?}"
    );
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Every record that a command lists as JSON.
fn listed(host: &Running, arguments: &[&str]) -> Vec<Value> {
    let lines = said(host, arguments);
    let lines = lines.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().unwrap()
}

/// Waits until so many messages are decided.
async fn decided(town: &Town, host: &Running, many: usize) {
    let client = reqwest::Client::new();
    town.until("decisions", async || {
        let answer = client
            .get(format!("{}/v1/decisions", host.url))
            .send()
            .await;
        let answer: Value = answer.unwrap().json().await.unwrap();
        (answer["decisions"].as_array().unwrap().len() == many).then_some(())
    })
    .await;
}

async fn received(town: &Town, wanted: &[&str]) {
    town.until("what leaves", async || {
        (town.received(ANA).await == wanted).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i05_what_is_stopped_stays_stopped_over_a_restart_until_it_is_resumed() {
    let town = Town::new(ECHO);
    let mut host = Running::start(&mut town.run());
    town.say(text(ANA, "say before")).await;
    received(&town, &["say before"]).await;
    assert!(complained(&host, 2, &["stop", "--why", "x"]).contains("say so with --yes"));
    let stopped = said(
        &host,
        &["stop", "--yes", "--why", "wrong prices", "--by", "Rita"],
    );
    assert!(
        stopped.contains("stopped: tenant") && stopped.contains("tollgate resume"),
        "{stopped}"
    );
    town.say(text(ANA, "say never")).await;
    decided(&town, &host, 2).await;
    host.kill();
    host = Running::start(&mut town.run());
    let stops = said(&host, &["stops"]);
    assert!(
        stops.contains("tenant") && stops.contains("Rita") && stops.contains("wrong prices"),
        "{stops}"
    );
    town.say(text(ANA, "say never either")).await;
    decided(&town, &host, 3).await;
    let refused = complained(&host, 1, &["send", "c1", "nor this"]);
    assert!(
        refused.contains("stopped") && refused.contains("tollgate resume"),
        "{refused}"
    );
    let again = said(&host, &["stop", "--yes", "--why", "another"]);
    assert!(
        again.contains("stopped already") && again.contains("wrong prices"),
        "{again}"
    );
    assert_eq!(said(&host, &["resume"]), "tenant may send again\n");
    assert!(complained(&host, 1, &["resume"]).contains("it is not stopped"));
    town.say(text(ANA, "say after")).await;
    received(&town, &["say before", "say after"]).await;
    assert_eq!(
        town.record().await.len(),
        2,
        "nothing of the time between left, then or later"
    );
    // One number, and one that the tenant has not.
    said(&host, &["stop", "--number", "store", "--why", "complaints"]);
    assert_eq!(listed(&host, &["stops", "--json"])[0]["alias"], "store");
    assert!(
        complained(&host, 1, &["stop", "--number", "shore", "--why", "x"]).contains("it has store")
    );
    assert_eq!(
        said(&host, &["resume", "--number", "store"]),
        "number store may send again\n"
    );
    said(
        &host,
        &["stop", "--template", "50% off / now?", "--why", "typo"],
    );
    assert_eq!(
        said(&host, &["resume", "--template", "50% off / now?"]),
        "template 50% off / now? may send again\n"
    );
    assert_eq!(said(&host, &["stops"]), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn i05_a_send_outside_of_the_window_is_refused_with_its_reason_and_a_template_passes() {
    let town = Town::new(ECHO);
    let host = Running::start(&mut town.run());
    let bo = "+15550100002";
    let refused = complained(&host, 1, &["send", bo, "Hello, Bo"]);
    for expected in [
        "the 24-hour service window is closed",
        "✗ window",
        "✓ content",
        "help: ",
        "template",
    ] {
        assert!(refused.contains(expected), "no {expected}: {refused}");
    }
    assert!(!refused.contains("15550100002"), "I12: {refused}");
    assert_eq!(
        said(&host, &["contact", "list"]),
        "",
        "nobody became a contact by it"
    );
    let template = [
        "send",
        bo,
        "--template",
        "order_ready",
        "--language",
        "en",
        "--category",
        "utility",
        "--parameter",
        "Bo",
        "--key",
        "order-4711",
    ];
    assert!(complained(&host, 1, &template).contains("tollgate consent set"));
    assert!(complained(&host, 2, &["consent", "set", bo, "in"]).contains("--evidence"));
    assert_eq!(
        said(
            &host,
            &[
                "consent",
                "set",
                bo,
                "in",
                "--evidence",
                "a form",
                "--by",
                "Rita"
            ]
        ),
        "c1 wants messages\n"
    );
    let refused = complained(&host, 1, &["send", bo, "Hello, Bo"]);
    assert!(refused.contains("a template would pass"), "{refused}");
    assert!(said(&host, &template).starts_with("on its way to c1, tg"));
    assert!(
        said(&host, &template).starts_with("sent before to c1, tg"),
        "once, with its key"
    );
    let left = town
        .until("the template", async || {
            let record = town.record().await;
            (record.len() == 1).then(|| record[0].clone())
        })
        .await;
    assert_eq!(
        (
            &left["message"]["type"],
            &left["message"]["template"]["name"]
        ),
        (&"template".into(), &"order_ready".into())
    );
    // Within the window words pass, also as JSON of any kind.
    town.say(json!({"from": "15550100002", "name": "Bo", "text": "say hi"}))
        .await;
    decided(&town, &host, 1).await;
    let file = town.folder.path().join("message.json");
    let buttons =
        json!({"kind": "buttons", "body": "Which?", "buttons": [{"id": "a", "title": "A"}]});
    fs::write(&file, buttons.to_string()).unwrap();
    said(
        &host,
        &[
            "send",
            "c1",
            "--message",
            file.to_str().unwrap(),
            "--from",
            "store",
        ],
    );
    let shown = said(&host, &["outbox", "--json"]);
    assert!(shown.contains("Which?"), "{shown}");
    let usage = complained(&host, 2, &["send", "c1"]);
    assert!(usage.contains("--template"), "{usage}");
}

#[tokio::test(flavor = "multi_thread")]
async fn i06_nobody_is_sent_anything_after_an_opt_out_that_an_operator_records() {
    let town = Town::new(ECHO);
    let host = Running::start(&mut town.run());
    town.say(text(ANA, "say hi")).await;
    received(&town, &["say hi"]).await;
    assert_eq!(
        said(
            &host,
            &[
                "consent",
                "set",
                ANA,
                "out",
                "--evidence",
                "asked on the phone"
            ]
        ),
        "c1 Ana wants no messages\n"
    );
    assert_eq!(
        said(&host, &["consent", "set", "c1", "out"]),
        "c1 Ana wants no messages\n"
    );
    let refused = complained(&host, 1, &["send", "c1", "after all"]);
    assert!(refused.contains("the contact opted out"), "{refused}");
    town.say(text(ANA, "say what")).await;
    decided(&town, &host, 2).await;
    let shown = said(&host, &["contact", "show", "c1"]);
    assert!(
        shown.contains("asked on the phone") && shown.contains("out"),
        "{shown}"
    );
    assert!(!shown.contains(ANA), "a phone is shown by its end: {shown}");
    let found = said(&host, &["contact", "list", "--opted-out", "--text", "ana"]);
    assert!(found.starts_with("c1  …0001  out"), "{found}");
    assert_eq!(town.record().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_is_taken_by_a_person_and_given_back() {
    let town = Town::new(ECHO);
    let host = Running::start(&mut town.run());
    town.say(text(ANA, "say one")).await;
    received(&town, &["say one"]).await;
    let paused = said(&host, &["pause", "c1", "--for", "2h", "--by", "Rita"]);
    assert!(
        paused.starts_with("c1 Ana: the bot keeps silent until "),
        "{paused}"
    );
    town.say(text(ANA, "say two")).await;
    decided(&town, &host, 2).await;
    said(&host, &["send", ANA, "a person here"]);
    received(&town, &["say one", "a person here"]).await;
    assert_eq!(
        listed(&host, &["contact", "list", "--paused", "--json"])[0]["id"],
        1
    );
    assert_eq!(said(&host, &["release", "c1"]), "c1 is the bot's again\n");
    town.say(text(ANA, "say three")).await;
    received(&town, &["say one", "a person here", "say three"]).await;
    assert!(complained(&host, 1, &["pause", "c9"]).contains("no such contact"));
    assert!(complained(&host, 1, &["contact", "show", "+15550100009"]).contains("no such contact"));
}

/// The carrier holds what is unknown, at once nearly.
fn holding(town: &Town) {
    let config = fs::read_to_string(town.config()).unwrap();
    let config = config.replace(
        "simulator = true",
        "simulator = true\nif_unsure = \"hold\"\nunsure_after = \"100ms\"",
    );
    fs::write(town.config(), config).unwrap();
}

async fn held(town: &Town, host: &Running) -> String {
    town.until("a held send", async || {
        let held = listed(host, &["held", "--json"]);
        let held = held.iter().find(|held| held["send"]["state"] == "held");
        held.map(|held| {
            held["send"]["outbound"]["token"]
                .as_str()
                .unwrap()
                .to_owned()
        })
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn i11_a_held_send_is_sent_again_or_given_up_by_a_person_alone() {
    let town = Town::new(ECHO);
    holding(&town);
    let host = Running::start(&mut town.run());
    town.faults(json!({"drop_call": 1.0})).await;
    town.say(text(ANA, "say lost")).await;
    let token = held(&town, &host).await;
    town.faults(json!({})).await;
    let shown = said(&host, &["held", "show", &token[..8]]);
    for expected in [
        token.as_str(),
        "held",
        "say lost",
        "attempts  1",
        "no word since",
        "tollgate held resend",
    ] {
        assert!(shown.contains(expected), "no {expected}: {shown}");
    }
    let table = said(&host, &["held"]);
    assert!(table.starts_with(&format!("{token}  held")), "{table}");
    assert!(town.received(ANA).await.is_empty(), "by itself it stays");
    assert_eq!(
        said(&host, &["held", "resend", &token[..8], "--by", "Rita"]),
        format!("{token} goes to c1 …0001 once more\n")
    );
    received(&town, &["say lost"]).await;
    town.until("no held send", async || {
        said(&host, &["held"]).is_empty().then_some(())
    })
    .await;
    assert!(
        complained(&host, 1, &["held", "resend", &token]).contains("was settled, or never was")
    );

    town.faults(json!({"drop_call": 1.0})).await;
    town.say(text(ANA, "say gone")).await;
    let token = held(&town, &host).await;
    town.faults(json!({})).await;
    assert_eq!(
        said(&host, &["held", "drop", &token]),
        format!("{token} is given up: c1 …0001 is not sent it again\n")
    );
    town.say(text(ANA, "say on")).await;
    received(&town, &["say lost", "say on"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i03_dead_letters_are_taken_up_again_once_the_rule_is_mended() {
    let breaks = format!(
        "{ECHO}\n[[rule]]\nname = \"breaks\"\nwhen.words = [\"break\"]\nuse = \"guest\"\nwith.act = \"panic\"\n"
    );
    let town = Town::new(&breaks);
    let guest = town.folder.path().join("guest.wasm");
    fs::write(&guest, shipped::TEST_GUEST).unwrap();
    let mut config = fs::read_to_string(town.config()).unwrap();
    config.push_str("\n[plugin.guest]\ncomponent = \"guest.wasm\"\ngrants = [\"gate\", \"consent\", \"desk\"]\n");
    fs::write(town.config(), config).unwrap();
    let host = Running::start(&mut town.run());
    assert_eq!(said(&host, &["dead-letters"]), "");
    let first = town.say(text(ANA, "break it")).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    town.say(text(ANA, "break more")).await;
    decided(&town, &host, 2).await;
    assert_eq!(listed(&host, &["dead-letters", "list", "--json"]).len(), 2);
    assert!(said(&host, &["dead-letters"]).contains(&first));
    assert!(said(&host, &["dead-letters", "show", &first]).contains("panic"));
    let mended = format!(
        "{ECHO}\n[[rule]]\nname = \"mended\"\nwhen.words = [\"break\"]\nreply.en = \"It works again.\"\n"
    );
    fs::write(town.rules_file(), mended).unwrap();
    let reload = reqwest::Client::new().post(format!("{}/v1/reload", host.url));
    assert!(reload.send().await.unwrap().status().is_success());
    assert_eq!(
        said(&host, &["dead-letters", "redrive", &first]),
        "1 taken up again\n"
    );
    received(&town, &["It works again."]).await;
    assert_eq!(
        said(&host, &["dead-letters", "redrive", "--newer-than", "0s"]),
        "0 taken up again, 1 too old and left\n"
    );
    assert_eq!(
        said(&host, &["dead-letters", "redrive", "--newer-than", "2h"]),
        "1 taken up again\n"
    );
    received(&town, &["It works again."; 2]).await;
    assert!(complained(&host, 1, &["dead-letters", "redrive", &first]).contains("no dead letter"));
    assert!(complained(&host, 2, &["dead-letters", "redrive"]).contains("--newer-than"));
}
