//! An SQS with an SNS before it, for one test: a process of its own that ends with it.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use aws::{Credentials, SqsInbox, SqsOptions};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::{BehaviorVersion, Region};
use aws_sdk_sqs::types::{QueueAttributeName, SendMessageBatchRequestEntry};
use model::Span;

/// From start to ready: a third of a second on an idle machine, and tests run side by side.
const READY: Duration = Duration::from_secs(60);

pub(crate) struct Ministack {
    child: Child,
    url: String,
    /// Beside the inbox under test: who fills a queue, and who looks into it.
    client: Client,
}

impl Ministack {
    /// Nothing if it is not installed, which is said.
    pub(crate) fn start() -> Option<Self> {
        let Some(program) = std::env::var_os("TOLLGATE_MINISTACK") else {
            eprintln!(
                "skipped: TOLLGATE_MINISTACK names no ministack; `cargo xtask test -p aws` installs it if PyPI answers"
            );
            return None;
        };
        // Somebody may take a port between our asking for it and its use: then another.
        (0..5).find_map(|_| Self::start_on(&program, free_port()))
    }

    fn start_on(program: &std::ffi::OsStr, port: u16) -> Option<Self> {
        // The shell ends it when our end of the pipe closes, however this process ends.
        let script = r#""$1" 2>&1 & read -r _; kill -KILL $!"#;
        let mut child = Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(program)
            .env("GATEWAY_PORT", port.to_string())
            .env("BIND_HOST", "127.0.0.1")
            .env("IOT_MTLS_ENABLED", "0")
            .env("SFTP_ENABLED", "0")
            .current_dir(std::env::temp_dir())
            // A Ctrl-C is for the test, whose end closes the pipe.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, ready) = sync_channel(1);
        std::thread::spawn(move || {
            // Read to its end: nobody may wait for room in the pipe.
            for line in output.lines().map_while(Result::ok) {
                if line.contains("Running on http://") {
                    let _ = sender.try_send(());
                }
            }
        });
        let url = format!("http://127.0.0.1:{port}");
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(aws_sdk_sqs::config::Credentials::new(
                "test", "test", None, None, "test",
            ))
            .endpoint_url(&url)
            .build();
        let client = Client::from_conf(config);
        let started = Self { child, url, client };
        ready.recv_timeout(READY).ok().map(|()| started)
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A queue; what was received `most` times goes to its dead letters.
    pub(crate) async fn queue(&self, name: &str, most: Option<u32>) -> Queue<'_> {
        let mut create = self.client.create_queue().queue_name(name);
        let mut dead_letters = None;
        if let Some(most) = most {
            let dead = Box::pin(self.queue(&format!("{name}-dead"), None)).await;
            let policy = format!(
                r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":{most}}}"#,
                dead.arn
            );
            create = create.attributes(QueueAttributeName::RedrivePolicy, policy);
            dead_letters = Some(dead.url);
        }
        let url = create.send().await.unwrap().queue_url.unwrap();
        let attributes = self.attributes(&url).await;
        Queue {
            arn: attributes[&QueueAttributeName::QueueArn].clone(),
            house: self,
            url,
            dead_letters,
        }
    }

    async fn attributes(&self, url: &str) -> std::collections::HashMap<QueueAttributeName, String> {
        let asked = self.client.get_queue_attributes().queue_url(url);
        let asked = asked.attribute_names(QueueAttributeName::All);
        asked.send().await.unwrap().attributes.unwrap()
    }
}

impl Drop for Ministack {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

pub(crate) struct Queue<'m> {
    house: &'m Ministack,
    pub(crate) url: String,
    pub(crate) arn: String,
    pub(crate) dead_letters: Option<String>,
}

impl Queue<'_> {
    pub(crate) async fn inbox(&self, visibility: Span) -> SqsInbox {
        let options = SqsOptions {
            queue_url: self.url.clone(),
            region: "us-east-1".to_owned(),
            endpoint_url: Some(self.house.url.clone()),
            credentials: Credentials::Fixed {
                access_key_id: "test".into(),
                secret_access_key: "test".into(),
            },
            visibility,
        };
        SqsInbox::new(options).await.unwrap()
    }

    pub(crate) async fn send(&self, bodies: &[String]) {
        for batch in bodies.chunks(10) {
            let entry = |(index, body): (usize, &String)| {
                SendMessageBatchRequestEntry::builder()
                    .id(index.to_string())
                    .message_body(body)
                    .build()
                    .unwrap()
            };
            let entries = batch.iter().enumerate().map(entry).collect();
            let send = self.house.client.send_message_batch().queue_url(&self.url);
            let sent = send.set_entries(Some(entries)).send().await.unwrap();
            assert!(sent.failed().is_empty(), "{:?}", sent.failed());
        }
    }

    /// Bodies that another host would receive within so many seconds. They are hidden for a second then.
    pub(crate) async fn others_receive(&self, url: &str, seconds: i32) -> Vec<String> {
        let receive = self.house.client.receive_message().queue_url(url);
        let receive = receive
            .max_number_of_messages(10)
            .visibility_timeout(1)
            .wait_time_seconds(seconds);
        let messages = receive.send().await.unwrap().messages.unwrap_or_default();
        messages
            .into_iter()
            .filter_map(|message| message.body)
            .collect()
    }

    /// How many are in it: those that can be received, and those that are hidden.
    pub(crate) async fn holds(&self) -> [u32; 2] {
        let attributes = self.house.attributes(&self.url).await;
        [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ]
        .map(|name| attributes[&name].parse().unwrap())
    }
}
