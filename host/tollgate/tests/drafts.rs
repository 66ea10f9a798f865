//! Drafts in the terminal, against a running host.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod binary;

use std::process::Output;

use binary::{ANA, Running, Town, text, tollgate};
use serde_json::Value;

const RULES: &str = r#"
rules_version = 1
languages = ["en"]

[[rule]]
name = "refund"
when.words = ["refund"]
reply.en = "Your refund is on its way."
draft_to = "support"
"#;

fn desk(host: &Running, arguments: &[&str]) -> Output {
    let mut command = tollgate();
    command.arg("desk").args(arguments);
    command.env("TOLLGATE_HOST", &host.url).output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn complained(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// So many drafts wait.
async fn waiting(town: &Town, host: &Running, many: usize) -> String {
    town.until("drafts", async || {
        let listed = said(&desk(host, &["drafts"]));
        (listed.lines().filter(|line| line.starts_with('d')).count() == many).then_some(listed)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_are_listed_sent_in_other_words_and_dropped() {
    let town = Town::new(RULES);
    let host = Running::start(&mut town.run());
    assert_eq!(
        said(&desk(&host, &["drafts"])),
        "no draft waits for a person\n"
    );
    town.say(text(ANA, "my refund?")).await;
    let asked = town.say(text(ANA, "refund!")).await;
    assert_eq!(
        waiting(&town, &host, 2).await,
        "d1 [support] c1 Ana: Your refund is on its way. (rule refund)\n    they wrote: \"my refund?\"\n\
         d2 [support] c1 Ana: Your refund is on its way. (rule refund)\n    they wrote: \"refund!\"\n"
    );
    assert_eq!(
        said(&desk(&host, &["drafts", "--desk", "sales"])),
        "no draft waits for a person\n"
    );
    let json = said(&desk(&host, &["drafts", "--format", "json"]));
    let first: Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["id"], &first["state"]),
        (&"d1".into(), &"pending".into())
    );
    assert!(said(&desk(&host, &[])).contains("A reply waits for your approval (rule refund)."));

    let mut why = tollgate();
    why.args(["why", asked["id"].as_str().unwrap()])
        .env("TOLLGATE_HOST", &host.url);
    let story = said(&why.output().unwrap());
    assert!(story.contains("admitted, a draft at support"), "{story}");

    let sent = desk(
        &host,
        &["send", "d1", "--text", "We paid it back.", "--by", "Rita"],
    );
    assert_eq!(said(&sent), "d1 is on its way to c1 Ana\n");
    town.until("the answer", async || {
        (town.received(ANA).await == ["We paid it back."]).then_some(())
    })
    .await;
    assert!(complained(&desk(&host, &["send", "d1"])).contains("this draft was sent already"));
    assert_eq!(
        said(&desk(&host, &["drop", "2"])),
        "d2 is dropped: c1 Ana will not get it\n"
    );
    assert!(complained(&desk(&host, &["drop", "d9"])).contains("no such draft"));
    let usage = desk(&host, &["send", "c7"]);
    assert_eq!(usage.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&usage.stderr).contains("such as d12"),
        "{usage:?}"
    );
    assert_eq!(
        waiting(&town, &host, 0).await,
        "no draft waits for a person\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn i06_a_draft_is_not_sent_after_a_stop() {
    let town = Town::new(RULES);
    let host = Running::start(&mut town.run());
    town.say(text(ANA, "my refund?")).await;
    waiting(&town, &host, 1).await;
    town.say(text(ANA, "stop")).await;
    let refused = complained(&desk(&host, &["send", "d1"]));
    assert!(
        refused.contains("not sent, and the draft waits as before: the contact opted out"),
        "{refused}"
    );
    waiting(&town, &host, 1).await;
}

/// The host dies as a person presses Send, again and again: each draft leaves once, or still waits and is sent then.
#[tokio::test(flavor = "multi_thread")]
async fn i11_killed_while_drafts_are_sent_each_leaves_exactly_once() {
    let town = Town::new(RULES);
    let people: Vec<String> = (0..4).map(|who| format!("55119000002{who:02}")).collect();
    let mut host = Running::start(&mut town.run());
    for person in &people {
        town.say(text(person, "refund")).await;
    }
    waiting(&town, &host, people.len()).await;
    for place in 1..=people.len() {
        let id = format!("d{place}");
        let mut sending = tollgate();
        sending
            .args(["desk", "send", &id])
            .env("TOLLGATE_HOST", &host.url);
        let sending = sending
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        let mut sending = sending.spawn().unwrap();
        // Somewhere between the call and the departure, a little later each time.
        tokio::time::sleep(std::time::Duration::from_millis(place as u64 * 8)).await;
        host.kill();
        sending.wait().unwrap();
        host = Running::start(&mut town.run());
    }
    let listed = said(&desk(&host, &["drafts"]));
    for line in listed.lines().filter(|line| line.starts_with('d')) {
        said(&desk(&host, &["send", line.split(' ').next().unwrap()]));
    }
    let once: Vec<_> = people
        .iter()
        .map(|_| vec!["Your refund is on its way.".to_owned()])
        .collect();
    town.until("every refund", async || {
        // A send that never left is sent once more when later ones get their statuses: give it some.
        town.say(text(ANA, "stop")).await;
        town.say(text(ANA, "start")).await;
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let mut received = Vec::new();
        for person in &people {
            received.push(town.received(person).await);
        }
        (received == once).then_some(())
    })
    .await;
}
