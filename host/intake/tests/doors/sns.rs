//! SNS over HTTPS: which envelopes are believed, and what becomes of them. (On loopback the S is left out: what ends TLS is not ours.)

mod believing;
mod subscribing;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use intake::sns::{self, Certificate, Fetch, NotFetched, Sns, Topic, Url};
use intake::{Answer, Door, Entrance, NotAccepted, Settings, Voucher};
use model::{Moment, NoticeBody, Span};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::shelf::{Shelf, body, serve};
use crate::signer::{SNS, STRANGER, Signer};

const ARN: &str = "arn:aws:sns:us-east-1:000000000000:whatsapp";
const OTHER_ARN: &str = "arn:aws:sns:us-east-1:000000000000:other";
const CERTIFICATE: &str = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem";
/// What the envelopes say, in milliseconds too.
const SENT: &str = "2026-12-01T12:00:00.000Z";
const SENT_AT: Moment = Moment(1_796_126_400_000);

/// What can be fetched, and what was.
#[derive(Default)]
struct Shelves {
    there: Mutex<BTreeMap<String, Vec<u8>>>,
    asked: Mutex<Vec<String>>,
}

#[async_trait]
impl Fetch for Shelves {
    async fn get(&self, address: &Url) -> Result<Vec<u8>, NotFetched> {
        self.asked.lock().unwrap().push(address.to_string());
        // Everybody who wants it meanwhile is here before it comes.
        tokio::task::yield_now().await;
        let there = self.there.lock().unwrap().get(address.as_str()).cloned();
        there.ok_or_else(|| NotFetched {
            cause: "answered 404".into(),
        })
    }
}

struct Host {
    url: String,
    address: std::net::SocketAddr,
    shelf: Arc<Shelf>,
    web: Arc<Shelves>,
    entrance: Arc<Entrance>,
    client: reqwest::Client,
}

impl Host {
    /// A host that finds SNS's certificate where envelopes say it is.
    async fn start() -> Self {
        let host = Self::with(None, Settings::default()).await;
        host.offer(CERTIFICATE, valid(&SNS));
        host
    }

    async fn with(pinned: Option<Certificate>, settings: Settings) -> Self {
        let shelf = Arc::new(Shelf::default());
        *shelf.now.lock().unwrap() = SENT_AT.plus(Span::from_seconds(2));
        let web = Arc::new(Shelves::default());
        let topic = |name: &str| Voucher::Topic(name.to_owned());
        let owners = [("1", "shop", topic("main")), ("2", "bank", topic("other"))];
        let entrance = shelf.entrance(&owners, settings);
        let sns = Sns {
            topics: vec![
                Topic::new("main", ARN, pinned).unwrap(),
                Topic::new("other", OTHER_ARN, None).unwrap(),
            ],
            fetch: Arc::clone(&web) as Arc<dyn Fetch>,
            entrance: Arc::clone(&entrance),
        };
        let address = serve(sns::router(sns)).await;
        Self {
            url: format!("http://{address}{}", sns::PATH),
            address,
            shelf,
            web,
            entrance,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    fn offer(&self, address: &str, bytes: Vec<u8>) {
        let mut there = self.web.there.lock().unwrap();
        there.insert(address.to_owned(), bytes);
    }

    fn request(&self, envelope: &Value) -> RequestBuilder {
        let request = self.client.post(&self.url);
        let request = request.header("content-type", "text/plain; charset=UTF-8");
        let request = match envelope["Type"].as_str() {
            Some(kind) => request.header("x-amz-sns-message-type", kind),
            None => request,
        };
        request.body(envelope.to_string())
    }

    async fn post(&self, envelope: &Value) -> u16 {
        status(self.request(envelope)).await
    }

    fn asked(&self) -> Vec<String> {
        self.web.asked.lock().unwrap().clone()
    }

    fn counted(&self, answer: Answer) -> u64 {
        self.entrance.tally().answers(Door::Sns, answer)
    }
}

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

fn valid(signer: &Signer) -> Vec<u8> {
    signer.certificate("260101000000Z", "270101000000Z")
}

fn notification(message: &str) -> Value {
    json!({
        "Type": "Notification", "MessageId": "00000000-0000-4000-8000-000000000001", "TopicArn": ARN, "Message": message,
        "Timestamp": SENT, "SignatureVersion": "2", "SigningCertURL": CERTIFICATE,
        "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
    })
}

fn subscription(kind: &str) -> Value {
    json!({
        "Type": kind, "MessageId": "00000000-0000-4000-8000-000000000002", "TopicArn": ARN, "Message": "You have chosen …\nTo confirm …",
        "Token": "a-token", "SubscribeURL": confirmation(), "Timestamp": SENT, "SignatureVersion": "2", "SigningCertURL": CERTIFICATE,
    })
}

fn confirmation() -> String {
    format!(
        "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={ARN}&Token=a-token"
    )
}

/// The envelope with one member changed, or taken out.
fn but(envelope: &Value, member: &str, value: Value) -> Value {
    let mut envelope = envelope.clone();
    match value {
        Value::Null => drop(envelope.as_object_mut().unwrap().remove(member)),
        value => envelope[member] = value,
    }
    envelope
}

#[tokio::test]
async fn a_signed_notification_is_accepted_for_its_topics_tenant() {
    let host = Host::start().await;
    let plain = notification(&body(&["1"]));
    let titled = but(&plain, "Subject", json!("A title"));
    let titled = but(&titled, "MessageId", json!("another"));
    for envelope in [plain, titled] {
        assert_eq!(host.post(&SNS.sign(&envelope)).await, 200, "{envelope}");
    }
    assert_eq!(host.shelf.tenants(), ["shop", "shop"]);
    assert_eq!(host.counted(Answer::Accepted), 2);
}

#[tokio::test]
async fn i02_a_notification_that_comes_again_is_answered_and_not_taken_again() {
    let host = Host::start().await;
    let envelope = SNS.sign(&notification(&body(&["1"])));
    assert_eq!(host.post(&envelope).await, 200);
    assert_eq!(host.post(&envelope).await, 200);
    assert_eq!(host.shelf.tenants(), ["shop"]);
    assert_eq!(host.counted(Answer::Replayed), 1);
}

#[tokio::test]
async fn i01_what_is_not_durable_is_not_answered_200_nor_taken_for_a_replay() {
    let host = Host::start().await;
    let envelope = SNS.sign(&notification(&body(&["1"])));
    host.shelf.refuse(Some(NotAccepted::Full {
        retry_after: Span::from_seconds(30),
    }));
    let full = host.request(&envelope).send().await.unwrap();
    assert_eq!(full.status().as_u16(), 503);
    assert_eq!(full.headers()["retry-after"], "30");
    host.shelf.refuse(Some(NotAccepted::Ledger {
        cause: "disk full".into(),
    }));
    let failed = host.request(&envelope).send().await.unwrap();
    assert_eq!(failed.status().as_u16(), 503);
    assert_eq!(failed.headers()["retry-after"], "30");
    host.shelf.refuse(None);
    assert_eq!(host.post(&envelope).await, 200);
    assert_eq!(host.shelf.tenants(), ["shop"]);
    assert_eq!(host.counted(Answer::Replayed), 0);
}

#[tokio::test]
async fn i13_a_topic_vouches_for_its_own_numbers_alone() {
    let host = Host::start().await;
    let envelope = |id: &str, numbers: &[&str]| {
        let envelope = notification(&body(numbers));
        SNS.sign(&but(&envelope, "MessageId", json!(id)))
    };
    assert_eq!(host.post(&envelope("a", &["2"])).await, 403);
    assert!(host.shelf.tenants().is_empty());
    assert_eq!(host.post(&envelope("b", &["1", "2", "3"])).await, 200);
    assert_eq!(host.shelf.tenants(), ["shop", "_unclaimed"]);
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_kept_and_not_asked_for_again() {
    let host = Host::start().await;
    for (n, message) in ["no JSON", "[1]", "", "{\"object\":"]
        .into_iter()
        .enumerate()
    {
        let envelope = notification(message);
        let envelope = but(&envelope, "MessageId", json!(format!("id-{n}")));
        assert_eq!(host.post(&SNS.sign(&envelope)).await, 200, "{message:?}");
        let notices = host.shelf.notices.lock().unwrap();
        let notice = notices.last().unwrap();
        let NoticeBody::Unreadable(unreadable) = &notice.body else {
            panic!("{message:?}: {:?}", notice.body);
        };
        assert_eq!(unreadable.what, "body");
        assert_eq!(unreadable.raw, json!(message));
        assert!(!unreadable.cause.is_empty());
        assert_eq!(
            notice.tenant.as_str(),
            "shop",
            "the only one that the topic speaks for"
        );
    }
    assert_eq!(host.counted(Answer::Unreadable), 4);
}

#[tokio::test]
async fn an_event_of_end_user_messaging_is_opened() {
    let host = Host::start().await;
    let entry = serde_json::from_str::<Value>(&body(&["1"])).unwrap()["entry"][0].clone();
    let event = |entry: Value| {
        json!({ "context": { "MetaWabaIds": [], "MetaPhoneNumberIds": [] }, "whatsAppWebhookEntry": entry,
            "aws_account_id": "000000000000", "message_timestamp": "2026-12-01T12:00:00.000000000Z" })
    };
    for (id, entry) in [("a", json!(entry.to_string())), ("b", entry)] {
        let envelope = notification(&event(entry).to_string());
        let envelope = but(&envelope, "MessageId", json!(id));
        assert_eq!(host.post(&SNS.sign(&envelope)).await, 200);
    }
    let notices = host.shelf.notices.lock().unwrap();
    let words: Vec<_> = notices.iter().map(|notice| notice.body.word()).collect();
    assert_eq!(words, ["message", "message"]);
}

#[tokio::test]
async fn what_is_no_envelope_is_told_so() {
    let host = Host::start().await;
    let signed = SNS.sign(&notification(&body(&["1"])));
    let text = signed.to_string();
    let post = || host.client.post(&host.url);
    let raw = post()
        .header("x-amz-sns-rawdelivery", "true")
        .body(body(&["1"]));
    let raw = raw.send().await.unwrap();
    assert_eq!(raw.status().as_u16(), 400);
    assert!(raw.text().await.unwrap().contains("raw message delivery"));

    let twice = text.replacen('{', r#"{"Message":"another","#, 1);
    for (name, request, expected) in [
        ("no JSON", post().body("{"), 400),
        ("another object", post().body(body(&["1"])), 400),
        ("nothing", post().body(""), 400),
        ("a list", post().body("[]"), 400),
        ("one member twice", post().body(twice), 400),
        (
            "a header that says otherwise",
            post()
                .header("x-amz-sns-message-type", "SubscriptionConfirmation")
                .body(text.clone()),
            400,
        ),
        (
            "another type",
            post()
                .header("content-type", "text/html")
                .body(text.clone()),
            415,
        ),
        ("too large", post().body(" ".repeat(3 * 1024 * 1024)), 413),
        (
            "JSON",
            post()
                .header("content-type", "application/json")
                .body(text.clone()),
            200,
        ),
        ("no header at all", post().body(text.clone()), 200),
    ] {
        assert_eq!(status(request).await, expected, "{name}");
    }
}

#[tokio::test]
async fn the_largest_message_that_sns_carries_is_taken() {
    let host = Host::start().await;
    let plain = body(&["1"]);
    // What has to be escaped most, to the largest size.
    let control = "\u{1f}".repeat(256 * 1024 - plain.len());
    for message in [
        plain.replace("hi", &"\\\"".repeat((256 * 1024 - plain.len()) / 2)),
        format!("{plain}{control}"),
    ] {
        let envelope = but(
            &notification(&message),
            "MessageId",
            json!(format!("{}", message.len())),
        );
        assert_eq!(host.post(&SNS.sign(&envelope)).await, 200);
    }
    let notices = host.shelf.notices.lock().unwrap();
    let words: Vec<_> = notices.iter().map(|notice| notice.body.word()).collect();
    assert_eq!(words, ["message", "unreadable"]);
}

#[tokio::test]
async fn a_body_that_takes_too_long_gets_408() {
    let settings = Settings {
        body_wait: Duration::from_millis(100),
        ..Settings::default()
    };
    let host = Host::with(None, settings).await;
    let mut stream = TcpStream::connect(host.address).await.unwrap();
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{{",
        sns::PATH
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
}

#[tokio::test]
async fn past_its_limit_a_source_is_turned_away_unless_sns_signs() {
    let settings = Settings {
        unverified_burst: 2,
        unverified_every: Duration::from_secs(3600),
        ..Settings::default()
    };
    let host = Host::with(None, settings).await;
    host.offer(CERTIFICATE, valid(&SNS));
    let post = || host.client.post(&host.url).body("{}");
    for expected in [400, 400, 429] {
        assert_eq!(status(post()).await, expected);
    }
    let forged = STRANGER.sign(&notification(&body(&["1"])));
    let forged = host.request(&forged).send().await.unwrap();
    assert_eq!(forged.status().as_u16(), 429);
    assert!(forged.headers().contains_key("retry-after"));
    assert_eq!(
        host.post(&SNS.sign(&notification(&body(&["1"])))).await,
        200
    );
}
