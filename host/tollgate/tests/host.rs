//! The binary as a user meets it: it starts, answers, and says clearly what is wrong. That it survives being killed: `torture.rs`.
#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests: what fails here fails its test"
)]

mod binary;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use binary::{ANA, ECHO, Running, SECRET, Town, VERIFY, configuration, run_in, text, tollgate};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

fn sign(secret: &str, body: &str) -> String {
    let mut code = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    code.update(body.as_bytes());
    format!("sha256={}", hex::encode(code.finalize().into_bytes()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_webhook_is_answered_within_a_second() {
    let town = Town::new(ECHO);
    let host = Running::start(&mut town.run());
    let client = reqwest::Client::new();
    let webhook = format!("{}/webhooks/whatsapp", host.url);
    let body = r#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"phone_number_id":"100000000000001"},"contacts":[{"wa_id":"5511900000001","profile":{"name":"Ana"}}],"messages":[{"from":"5511900000001","id":"wamid.first","timestamp":"TIME","type":"text","text":{"body":"say hi"}}]}}]}]}"#;
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let body = body.replace("TIME", &now.to_string());
    let post = |signature: String| {
        client
            .post(&webhook)
            .header("x-hub-signature-256", signature)
            .body(body.clone())
            .send()
    };

    assert_eq!(
        post(sign("another secret", &body))
            .await
            .unwrap()
            .status()
            .as_u16(),
        401
    );
    let begun = Instant::now();
    assert_eq!(
        post(sign(SECRET, &body)).await.unwrap().status().as_u16(),
        200
    );
    town.until("the answer", async || {
        (town.received(ANA).await == ["say hi"]).then_some(())
    })
    .await;
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(
        town.record().await.len(),
        1,
        "what was not signed had no effect"
    );

    let handshake = format!(
        "{webhook}?hub.mode=subscribe&hub.challenge=4711&hub.verify_token={}",
        VERIFY.replace(' ', "%20")
    );
    assert_eq!(
        client
            .get(handshake)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap(),
        "4711"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_aws_carrier_answers_too() {
    let town = Town::new(ECHO);
    let config = fs::read_to_string(town.config()).unwrap();
    let aws = config
        .replace("kind = \"graph\"", "kind = \"aws\"\nregion = \"eu-west-1\"")
        .replace("carrier = \"simulator\"", "carrier = \"simulator\"\ncarrier_id = \"phone-number-id-0123456789abcdef0123456789abcdef\"");
    fs::write(town.config(), aws).unwrap();
    let host = Running::start(&mut town.run());
    town.say(text(ANA, "say it by AWS")).await;
    town.until("the answer", async || {
        (town.received(ANA).await == ["say it by AWS"]).then_some(())
    })
    .await;
    assert_eq!(town.record().await[0]["via"], "aws");
    let outbox = format!("{}/v1/outbox", host.url);
    town.until("its read status, found by the token", async || {
        let page: serde_json::Value = reqwest::get(&outbox).await.unwrap().json().await.unwrap();
        page.to_string()
            .contains("\"state\":\"read\"")
            .then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_reloaded_and_bad_ones_refused_with_their_line() {
    let town = Town::new(ECHO);
    let mut host = Running::start(&mut town.run());
    fs::write(
        town.rules_file(),
        ECHO.replace("{message.text|?}", "changed"),
    )
    .unwrap();
    host.line_with("edition swapped in");
    town.say(text(ANA, "say it")).await;
    town.until("the new answer", async || {
        (town.received(ANA).await == ["changed"]).then_some(())
    })
    .await;
    fs::write(town.rules_file(), ECHO.replace("when.starts", "when.start")).unwrap();
    host.line_with("10-test.toml:7:");
    town.say(text(ANA, "say it")).await;
    town.until("the same answer", async || {
        (town.received(ANA).await == ["changed", "changed"]).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i12_no_log_line_holds_a_number_or_a_text() {
    let town = Town::new(ECHO);
    let mut host = Running::start(&mut town.run());
    town.faults(serde_json::json!({"throttle": 0.3, "drop_reply": 0.3, "seed": 11}))
        .await;
    for count in 0..10 {
        town.say(text(ANA, &format!("say a secret {count}"))).await;
    }
    town.say(text(ANA, "stop")).await;
    town.say(text(ANA, "say a secret after all")).await;
    host.line_with("opted-out");
    let said = host.said();
    assert!(!said.contains(ANA), "{said}");
    assert!(!said.contains("a secret"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn i12_a_failing_plugin_s_own_words_stay_out_of_the_log() {
    let rules = format!(
        "{ECHO}\n[[rule]]\nname = \"breaks\"\nwhen.words = [\"break\"]\nuse = \"guest\"\nwith.act = \"panic\"\n"
    );
    let town = Town::new(&rules);
    let guest = town.folder.path().join("guest.wasm");
    fs::write(&guest, shipped::TEST_GUEST).unwrap();
    let mut config = fs::read_to_string(town.config()).unwrap();
    config.push_str("\n[plugin.guest]\ncomponent = \"guest.wasm\"\ngrants = [\"gate\", \"consent\", \"desk\"]\n");
    fs::write(town.config(), config).unwrap();
    let mut host = Running::start(&mut town.run());
    town.say(text(ANA, "break it")).await;
    let line = host.line_with("dead letter");
    assert!(line.contains("\"cause\":\"trap\""), "{line}");
    assert!(!line.contains("asked to panic"), "{line}");
}

#[test]
fn what_is_wrong_is_said_with_its_fix_and_an_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let check = |what: &str, arguments: &[&str], code: i32, wanted: &[&str]| {
        let output = run_in(path, arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned()
            + &String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{what}: {said}");
        for text in wanted {
            assert!(said.contains(text), "{what}: no {text:?} in:\n{said}");
        }
    };
    let run = [
        "run",
        "--config",
        "tollgate.toml",
        "--data",
        "data",
        "--listen",
        "127.0.0.1:0",
    ];

    check("no such file", &run, 2, &["tollgate.toml"]);
    fs::write(
        path.join("tollgate.toml"),
        configuration("http://127.0.0.1:9"),
    )
    .unwrap();
    check(
        "no rules folder",
        &run,
        1,
        &["rules", "does not exist", "help:"],
    );
    fs::create_dir(path.join("rules")).unwrap();
    check("no rule file", &run, 1, &["no .toml file"]);
    fs::write(
        path.join("rules/1.toml"),
        ECHO.replace("reply.en", "replly.en"),
    )
    .unwrap();
    check(
        "an invalid rule",
        &run,
        1,
        &["1.toml:8:1", "replly", "reply"],
    );
    fs::write(path.join("rules/1.toml"), ECHO).unwrap();

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    check(
        "port in use",
        &[
            "run",
            "--config",
            "tollgate.toml",
            "--data",
            "data",
            "--listen",
            &address,
        ],
        1,
        &[&address, "--listen"],
    );

    fs::create_dir(path.join("broken")).unwrap();
    fs::write(
        path.join("broken/ledger.db"),
        "this is no database, and it is long enough to be looked at as one".repeat(40),
    )
    .unwrap();
    check(
        "unreadable database",
        &[
            "run",
            "--config",
            "tollgate.toml",
            "--data",
            "broken",
            "--listen",
            "127.0.0.1:0",
        ],
        1,
        &["ledger.db", "backup"],
    );

    let with_plugin = configuration("http://127.0.0.1:9")
        + "\n[plugin.mine]\ncomponent = \"mine.wasm\"\ngrants = [\"gate\"]\n";
    fs::write(path.join("tollgate.toml"), &with_plugin).unwrap();
    check(
        "plugin file missing",
        &run,
        1,
        &["mine.wasm", "does not exist", "[plugin.mine]"],
    );
    fs::write(path.join("mine.wasm"), "no component").unwrap();
    check("plugin file broken", &run, 1, &["mine.wasm", "mine"]);
    fs::write(
        path.join("tollgate.toml"),
        with_plugin.replace("carrier = \"simulator\"", "carrier = \"simulater\""),
    )
    .unwrap();
    check(
        "unknown name",
        &run,
        2,
        &["tollgate.toml:", "simulater", "simulator"],
    );

    fs::write(
        path.join("tollgate.toml"),
        configuration("http://127.0.0.1:9"),
    )
    .unwrap();
    let no_secret = tollgate()
        .env_remove("TOLLGATE_APP_SECRET")
        .current_dir(path)
        .args(run)
        .output()
        .unwrap();
    assert_eq!(no_secret.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&no_secret.stderr).contains("export TOLLGATE_APP_SECRET"));
    let twins = configuration("http://127.0.0.1:9")
        + "\n[meta_app.spare]\napp_secret = \"env:SPARE\"\nverify_token = \"env:SPARE\"\n";
    fs::write(path.join("tollgate.toml"), twins).unwrap();
    let twins = tollgate()
        .env("SPARE", SECRET)
        .current_dir(path)
        .args(run)
        .output()
        .unwrap();
    assert_eq!(twins.status.code(), Some(2));
    let said = String::from_utf8_lossy(&twins.stderr);
    for part in [
        "[meta_app.spare]",
        "the same secret as that of [meta_app.main]",
        "meta_app = \"main\"",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains(SECRET), "{said}");
    check("unknown command", &["simulato"], 2, &["simulator"]);
    check(
        "nobody to chat with",
        &[
            "chat",
            "--host",
            "http://127.0.0.1:9",
            "--simulator",
            "http://127.0.0.1:9",
        ],
        1,
        &["no simulator answers", "help:"],
    );
    check(
        "all is well",
        &["check", "--config", "tollgate.toml"],
        0,
        &["fine: edition"],
    );
}

#[test]
fn a_second_host_on_the_same_data_is_refused() {
    let town = Town::new(ECHO);
    let _first = Running::start(&mut town.run());
    let mut second = tollgate();
    second
        .args(["run", "--listen", "127.0.0.1:0", "--config"])
        .arg(town.config())
        .arg("--data")
        .arg(town.folder.path().join("data"));
    let output = second.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("another host"),
        "{output:?}"
    );
}

#[test]
fn the_host_s_own_files_are_private() {
    let town = Town::new(ECHO);
    let _host = Running::start(&mut town.run());
    let secret = town.folder.path().join("data/host-secret");
    assert_eq!(
        fs::metadata(secret).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_in_a_script_shows_answers_and_rules() {
    let town = Town::new(ECHO);
    let host = Running::start(&mut town.run());
    let simulator = town.simulator.url.clone();
    let url = host.url.clone();
    let chat = tokio::task::spawn_blocking(move || {
        use std::io::Write;
        let mut command = tollgate();
        command.args(["chat", "--host", &url, "--simulator", &simulator]);
        command
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(b"say hello\nwhat?\nstop\nsay more\n/why\n")
            .unwrap();
        child.wait_with_output().unwrap()
    });
    let output = chat.await.unwrap();
    assert!(output.status.success());
    let shown = String::from_utf8(output.stdout).unwrap();
    for wanted in [
        "< say hello",
        "rule echo",
        "no rule applies",
        "rule opt_out",
        "refused: the contact opted out",
        "rules, in order",
    ] {
        assert!(shown.contains(wanted), "no {wanted:?} in:\n{shown}");
    }
    assert!(!shown.contains('\u{1b}'), "colours are for terminals");
}
