//! The binary with a queue: a real SQS client on one side of it, an emulator of SQS on the other.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests: what fails here fails its test"
)]

mod binary;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use binary::{ANA, ECHO, Running, Town, free_port};
use serde_json::{Value, json};

const BO: &str = "5511900000002";

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_in_a_queue_is_answered_once_and_gone() {
    let Some(emulator) = Emulator::start() else {
        return;
    };
    let town = Town::new(ECHO);
    let queue = emulator.create("whatsapp").await;
    by_queue(&town, &queue);
    // As AWS's event with raw delivery, as SNS's notification of it, and twice over.
    let event = eum_event("wamid.one", ANA, "say one");
    let notification = json!({
        "Type": "Notification",
        "MessageId": "00000000-0000-4000-8000-000000000001",
        "TopicArn": "arn:aws:sns:us-east-1:000000000000:whatsapp",
        "Message": eum_event("wamid.two", BO, "say two").to_string(),
    });
    for body in [&event, &notification, &event] {
        emulator.put(&queue, &body.to_string()).await;
    }
    let mut host = Running::start(&mut town.run());
    town.until("both answers", async || {
        let both = (town.received(ANA).await, town.received(BO).await);
        (both == (vec!["say one".into()], vec!["say two".into()])).then_some(())
    })
    .await;
    town.until("an empty queue", async || {
        (emulator.holds(&queue).await == 0).then_some(())
    })
    .await;

    // What comes while it is down waits in the queue, and is answered after the start.
    host.kill();
    for n in 0..25 {
        let body = eum_event(&format!("wamid.later{n}"), ANA, &format!("say {n}"));
        emulator.put(&queue, &body.to_string()).await;
    }
    let mut host = Running::start(&mut town.run());
    town.until("25 answers more", async || {
        (town.received(ANA).await.len() >= 26).then_some(())
    })
    .await;
    let mut answers = town.received(ANA).await;
    answers.sort();
    answers.dedup();
    assert_eq!(answers.len(), 26, "each once");
    ends_at_a_signal(&mut host);
    assert_eq!(emulator.holds(&queue).await, 0, "nothing is left hidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_and_a_queue_that_is_gone_are_shown() {
    let Some(emulator) = Emulator::start() else {
        return;
    };
    let town = Town::new(ECHO);
    let queue = emulator.create("whatsapp").await;
    by_queue(&town, &queue);
    let host = Running::start(&mut town.run());
    emulator.put(&queue, "no JSON at all").await;
    let page = async |path: &str| {
        let asked = reqwest::get(format!("{}{path}", host.url)).await.unwrap();
        asked.text().await.unwrap()
    };
    town.until("a count of it", async || {
        let counted =
            r#"tollgate_notices_total{channel="whatsapp",notice="unreadable",kind="body"} 1"#;
        page("/metrics").await.contains(counted).then_some(())
    })
    .await;
    assert!(!page("/readyz").await.contains("queue.near"));
    assert_eq!(
        emulator.holds(&queue).await,
        1,
        "it is left to the queue's redrive policy"
    );
    emulator
        .ask("DeleteQueue", &json!({"QueueUrl": queue}))
        .await;
    town.until("the queue's trouble", async || {
        page("/readyz")
            .await
            .contains("queue.near: nothing can be received")
            .then_some(())
    })
    .await;
}

/// No Meta app any more: the number comes through the queue alone.
fn by_queue(town: &Town, queue: &str) {
    let config = std::fs::read_to_string(town.config()).unwrap();
    let (_, rest) = config.split_once("[carrier.simulator]").unwrap();
    let rest = rest.replace("meta_app = \"main\"", "queue = \"near\"");
    let config = format!(
        "[queue.near]\nurl = \"{queue}\"\nsimulator = true\npollers = 2\nvisibility = \"5s\"\n\n[carrier.simulator]{rest}"
    );
    std::fs::write(town.config(), config).unwrap();
}

/// As a supervisor asks; it is gone before anybody kills it, with a receive under way.
fn ends_at_a_signal(host: &mut Running) {
    let begun = Instant::now();
    let pid = host.child.id().to_string();
    assert!(Command::new("kill").arg(&pid).status().unwrap().success());
    host.line_with("\"stopped\"");
    assert!(host.child.wait().unwrap().success());
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
}

fn eum_event(id: &str, from: &str, text: &str) -> Value {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let entry = json!({"id": "200000000000001", "changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": {"phone_number_id": "100000000000001"},
        "messages": [{"from": from, "id": id, "timestamp": now.to_string(), "type": "text", "text": {"body": text}}],
    }}]});
    json!({
        "context": {"MetaPhoneNumberIds": [{"metaPhoneNumberId": "100000000000001"}]},
        "whatsAppWebhookEntry": entry.to_string(),
        "aws_account_id": "123456789012",
    })
}

/// SQS's stand-in: a process of its own that ends with this test.
struct Emulator {
    child: Child,
    url: String,
}

impl Emulator {
    /// Nothing if it is not installed, which is said.
    fn start() -> Option<Self> {
        let Some(program) = std::env::var_os("TOLLGATE_MINISTACK") else {
            eprintln!(
                "skipped: TOLLGATE_MINISTACK names no ministack; `cargo xtask test` installs it if PyPI answers"
            );
            return None;
        };
        let is_there = Path::new(&program).is_file();
        assert!(
            is_there,
            "TOLLGATE_MINISTACK names {program:?}: no such file"
        );
        // Somebody may take a port between our asking for it and its use: then another.
        (0..5).find_map(|_| Self::start_on(&program, free_port()))
    }

    fn start_on(program: &OsStr, port: u16) -> Option<Self> {
        // The shell ends it when our end of the pipe closes, however this process ends.
        let mut child = Command::new("sh")
            .args(["-c", r#""$1" 2>&1 & read -r _; kill -KILL $!"#, "sh"])
            .arg(program)
            .env("GATEWAY_PORT", port.to_string())
            .env("BIND_HOST", "127.0.0.1")
            .env("IOT_MTLS_ENABLED", "0")
            .env("SFTP_ENABLED", "0")
            .current_dir(std::env::temp_dir())
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, ready) = sync_channel(1);
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if line.contains("Running on http://") {
                    let _ = sender.try_send(());
                }
            }
        });
        let url = format!("http://127.0.0.1:{port}");
        let emulator = Self { child, url };
        ready
            .recv_timeout(Duration::from_secs(60))
            .ok()
            .map(|()| emulator)
    }

    /// One call of SQS, as its JSON protocol has it; the emulator checks no signature.
    async fn ask(&self, operation: &str, input: &Value) -> Value {
        let asked = reqwest::Client::new()
            .post(&self.url)
            .header("x-amz-target", format!("AmazonSQS.{operation}"))
            .header("content-type", "application/x-amz-json-1.0")
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0",
            )
            .body(input.to_string());
        let answer = asked.send().await.unwrap();
        assert!(answer.status().is_success(), "{operation}: {answer:?}");
        serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default()
    }

    async fn create(&self, name: &str) -> String {
        let made = self.ask("CreateQueue", &json!({"QueueName": name})).await;
        made["QueueUrl"].as_str().unwrap().to_owned()
    }

    async fn put(&self, queue: &str, body: &str) {
        self.ask(
            "SendMessage",
            &json!({"QueueUrl": queue, "MessageBody": body}),
        )
        .await;
    }

    /// How many lie in it, hidden or not.
    async fn holds(&self, queue: &str) -> u64 {
        let asked = self
            .ask(
                "GetQueueAttributes",
                &json!({"QueueUrl": queue, "AttributeNames": ["All"]}),
            )
            .await;
        let count = |name: &str| {
            asked["Attributes"][name]
                .as_str()
                .unwrap()
                .parse::<u64>()
                .unwrap()
        };
        count("ApproximateNumberOfMessages") + count("ApproximateNumberOfMessagesNotVisible")
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}
