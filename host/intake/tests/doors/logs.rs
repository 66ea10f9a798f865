//! What is logged and answered at the doors.

use std::io;
use std::sync::{Arc, Mutex};

use hmac::{Hmac, KeyInit, Mac};
use intake::signature::App;
use intake::sns::{self, Certificate, Sns, Topic, Web};
use intake::webhook::{self, Webhook};
use intake::{NotAccepted, Settings, Voucher};
use model::{Moment, Span};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::shelf::{Shelf, body, serve};
use crate::signer::{SNS, STRANGER};

const ARN: &str = "arn:aws:sns:us-east-1:000000000000:whatsapp";

#[test]
fn i12_no_phone_no_text_and_no_secret_is_logged_or_answered() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    // One thread, so that the server's lines come here too.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let answers =
        tracing::subscriber::with_default(subscriber, || runtime.block_on(deliver_everything()));
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for said in [
        "a delivery was refused",
        "dropped",
        "kept aside",
        "unreadable",
        "cannot be stored",
        "…0077",
    ] {
        assert!(log.contains(said), "{said}: {log}");
    }
    for hidden in ["15550100001", "5550100077", "hush", "s3cret", "a-token"] {
        assert!(!log.contains(hidden), "{hidden}: {log}");
        assert!(!answers.contains(hidden), "{hidden}: {answers}");
    }
}

/// Whatever may become of a delivery becomes of one; the answers, one after the other.
async fn deliver_everything() -> String {
    let shelf = Arc::new(Shelf::default());
    *shelf.now.lock().unwrap() = Moment(1_796_126_400_000);
    let owners = [
        ("1", "shop", Voucher::App("main".into())),
        ("2", "shop", Voucher::Topic("main".into())),
    ];
    let entrance = shelf.entrance(&owners, Settings::default());
    let pinned = Certificate::parse(&SNS.certificate("260101000000Z", "270101000000Z")).unwrap();
    let webhook = webhook::router(Webhook {
        apps: vec![App::new("main", &[b"s3cret".to_vec()])],
        verify_tokens: vec!["s3cret".into()],
        entrance: Arc::clone(&entrance),
    });
    let sns = sns::router(Sns {
        topics: vec![Topic::new("main", ARN, Some(pinned)).unwrap()],
        fetch: Arc::new(Web::new().unwrap()),
        entrance,
    });
    let host = format!("http://{}", serve(webhook.merge(sns)).await);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut answers = String::new();

    let text = |numbers: &[&str]| body(numbers).replace("\"hi\"", "\"hush\"");
    let bodies = [
        text(&["1"]),
        text(&["2"]),
        text(&["3"]),
        // Whoever signs writes what they like where the number's id belongs.
        text(&["+15550100077"]),
        text(&["1"]).replace("\"wamid.1\"", "{}"),
        format!("hush {}", text(&["1"])),
        format!("[{}]", text(&["1"])),
        "\"hush 15550100001\"".to_owned(),
    ];
    let refusals = [
        None,
        Some(NotAccepted::Ledger {
            cause: "disk full".into(),
        }),
        Some(NotAccepted::Full {
            retry_after: Span::from_seconds(1),
        }),
    ];
    for refusal in refusals {
        shelf.refuse(refusal);
        for (n, body) in bodies.iter().enumerate() {
            for secret in ["s3cret", "wrong"] {
                let mut code = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
                code.update(body.as_bytes());
                let signature = format!("sha256={}", hex::encode(code.finalize().into_bytes()));
                let request = client
                    .post(format!("{host}{}", webhook::PATH))
                    .body(body.clone());
                let response = request
                    .header("x-hub-signature-256", signature)
                    .send()
                    .await;
                answers += &response.unwrap().text().await.unwrap();
            }
            let envelope = json!({
                "Type": "Notification", "MessageId": format!("{n}"), "TopicArn": ARN, "Message": body, "Subject": "hush",
                "Timestamp": "2026-12-01T12:00:00.000Z", "SignatureVersion": "2",
                "SigningCertURL": "https://sns.us-east-1.amazonaws.com/x.pem",
            });
            for envelope in [SNS.sign(&envelope), STRANGER.sign(&envelope), envelope] {
                answers += &post(&client, &host, &envelope).await;
            }
        }
    }
    let subscription = json!({
        "Type": "SubscriptionConfirmation", "MessageId": "s", "TopicArn": ARN, "Message": "hush", "Token": "a-token",
        "SubscribeURL": "https://evil.example/?Action=ConfirmSubscription&Token=a-token",
        "Timestamp": "2026-12-01T12:00:00.000Z", "SignatureVersion": "2",
        "SigningCertURL": "https://sns.us-east-1.amazonaws.com/x.pem",
    });
    answers += &post(&client, &host, &SNS.sign(&subscription)).await;
    answers
}

async fn post(client: &reqwest::Client, host: &str, envelope: &Value) -> String {
    let request = client
        .post(format!("{host}{}", sns::PATH))
        .body(envelope.to_string());
    request.send().await.unwrap().text().await.unwrap()
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl tracing_subscriber::fmt::MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
