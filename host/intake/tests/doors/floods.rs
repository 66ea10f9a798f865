//! Senders that nothing vouches for, and what they may take from others: at the Meta webhook and at SNS alike.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use hmac::{Hmac, KeyInit, Mac};
use intake::signature::App;
use intake::sns::{self, Certificate, Sns, Topic, Web};
use intake::webhook::{self, Webhook};
use intake::{Settings, Voucher};
use model::Moment;
use reqwest::RequestBuilder;
use serde_json::json;
use sha2::Sha256;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::shelf::{Shelf, body, serve};
use crate::signer::{SNS, STRANGER};

const ARN: &str = "arn:aws:sns:us-east-1:000000000000:whatsapp";
const FLOOD: &str = "192.0.2.1:1";
const SOMEBODY: &str = "192.0.2.2:1";
/// How much of a body comes before it hangs. It comes in one part.
const HANGING: usize = 6_000;

#[derive(Debug, Clone, Copy)]
enum Door {
    Meta,
    Sns,
}

struct Host {
    address: SocketAddr,
    client: reqwest::Client,
}

impl Host {
    /// Both doors, behind which every request is from where it says.
    async fn with(settings: Settings) -> Self {
        let shelf = Arc::new(Shelf::default());
        *shelf.now.lock().unwrap() = Moment(1_796_126_400_000);
        let owners = [
            ("1", "shop", Voucher::App("main".into())),
            ("2", "bank", Voucher::Topic("main".into())),
        ];
        let entrance = shelf.entrance(&owners, settings);
        let webhook = webhook::router(Webhook {
            apps: vec![App::new("main", &[b"s1".to_vec()])],
            verify_tokens: vec![],
            entrance: Arc::clone(&entrance),
        });
        let pinned = SNS.certificate("260101000000Z", "270101000000Z");
        let pinned = Certificate::parse(&pinned).unwrap();
        let sns = sns::router(Sns {
            topics: vec![Topic::new("main", ARN, Some(pinned)).unwrap()],
            fetch: Arc::new(Web::new().unwrap()),
            entrance,
        });
        Self {
            address: serve(webhook.merge(sns).layer(from_fn(as_it_says))).await,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// A delivery so long, whose signature holds or does not.
    fn delivery(&self, door: Door, from: &str, holds: bool, length: usize) -> RequestBuilder {
        let (body, signature) = match door {
            Door::Meta => {
                let body = padded(&body(&["1"]), length);
                let secret: &[u8] = if holds { b"s1" } else { b"wrong" };
                let mut code = Hmac::<Sha256>::new_from_slice(secret).unwrap();
                code.update(body.as_bytes());
                let signature = format!("sha256={}", hex::encode(code.finalize().into_bytes()));
                (body, signature)
            }
            Door::Sns => {
                let envelope = json!({
                    "Type": "Notification", "MessageId": "1", "TopicArn": ARN, "Message": body(&["2"]),
                    "Timestamp": "2026-12-01T12:00:00.000Z", "SignatureVersion": "2",
                    "SigningCertURL": "https://sns.us-east-1.amazonaws.com/x.pem",
                });
                let signer = if holds { &SNS } else { &STRANGER };
                let envelope = signer.sign(&envelope).to_string();
                (padded(&envelope, length), "Notification".to_owned())
            }
        };
        let (path, header) = door.path_and_header();
        self.client
            .post(format!("http://{}{path}", self.address))
            .header(header, signature)
            .header("x-from", from)
            .body(body)
    }

    async fn answer(&self, door: Door, from: &str, holds: bool, length: usize) -> u16 {
        let sent = self.delivery(door, from, holds, length).send().await;
        sent.unwrap().status().as_u16()
    }

    /// Bodies that begin, and never end.
    async fn hang(&self, door: Door, from: &str, count: usize) -> Vec<TcpStream> {
        let (path, header) = door.path_and_header();
        let value = match door {
            Door::Meta => format!("sha256={}", "0".repeat(64)),
            Door::Sns => "Notification".to_owned(),
        };
        let begun = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\n{header}: {value}\r\nx-from: {from}\r\ncontent-length: {}\r\n\r\n{}",
            HANGING + 500,
            " ".repeat(HANGING)
        );
        let mut hanging = Vec::new();
        for _ in 0..count {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            stream.write_all(begun.as_bytes()).await.unwrap();
            hanging.push(stream);
        }
        hanging
    }

    /// Until a delivery of this source whose signature holds is answered so.
    async fn until(&self, expected: u16, door: Door, from: &str) {
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            let answer = self.answer(door, from, true, 3_000).await;
            if answer == expected {
                return;
            }
            assert!(Instant::now() < until, "{door:?}: {answer} all the time");
        }
    }
}

impl Door {
    fn path_and_header(self) -> (&'static str, &'static str) {
        match self {
            Self::Meta => (webhook::PATH, "x-hub-signature-256"),
            Self::Sns => (sns::PATH, "x-amz-sns-message-type"),
        }
    }
}

async fn as_it_says(mut request: Request, next: Next) -> Response {
    let from = request.headers()["x-from"].to_str().unwrap();
    let from: SocketAddr = from.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(from));
    next.run(request).await
}

fn padded(body: &str, length: usize) -> String {
    format!("{body}{}", " ".repeat(length - body.len()))
}

#[tokio::test]
async fn i14_a_source_whose_bodies_hang_leaves_room_for_others() {
    for door in [Door::Meta, Door::Sns] {
        let host = Host::with(Settings {
            usual_body_bytes: 0,
            bytes_in_flight: 25_000,
            source_bytes_in_flight: 7_000,
            bytes_in_flight_wait: Duration::from_millis(50),
            ..Settings::default()
        })
        .await;
        let _hanging = host.hang(door, FLOOD, 5).await;
        // It takes its share.
        host.until(503, door, FLOOD).await;
        let other = host.answer(door, SOMEBODY, true, 3_000).await;
        assert_eq!(other, 200, "{door:?}");
    }
}

#[tokio::test]
async fn i14_a_source_that_is_spent_takes_nothing_of_what_others_share() {
    for door in [Door::Meta, Door::Sns] {
        let host = Host::with(Settings {
            unverified_burst: 1,
            unverified_every: Duration::from_secs(3600),
            usual_body_bytes: 0,
            bytes_in_flight: 25_000,
            source_bytes_in_flight: 25_000,
            spent_bytes_in_flight: 7_000,
            bytes_in_flight_wait: Duration::from_millis(50),
            ..Settings::default()
        })
        .await;
        assert_eq!(host.answer(door, FLOOD, false, 3_000).await, 401);
        let limited = host.delivery(door, FLOOD, false, 3_000).send().await;
        let limited = limited.unwrap();
        assert_eq!(limited.status().as_u16(), 429, "{door:?}");
        assert!(limited.headers().contains_key("retry-after"));
        let passed = host.answer(door, FLOOD, true, 3_000).await;
        assert_eq!(passed, 200, "{door:?}: what is vouched for still passes");

        let hanging = host.hang(door, FLOOD, 5).await;
        host.until(503, door, FLOOD).await;
        let other = host.answer(door, SOMEBODY, true, 20_000).await;
        assert_eq!(other, 200, "{door:?}");
        drop(hanging);
        host.until(200, door, FLOOD).await;
    }
}

#[tokio::test]
async fn i14_a_usual_delivery_finds_room_however_many_large_ones_hang() {
    for door in [Door::Meta, Door::Sns] {
        let host = Host::with(Settings {
            usual_body_bytes: 3_000,
            bytes_in_flight: 4_000,
            source_bytes_in_flight: 4_000,
            bytes_in_flight_wait: Duration::from_millis(50),
            ..Settings::default()
        })
        .await;
        let _hanging = host.hang(door, FLOOD, 5).await;
        let until = Instant::now() + Duration::from_secs(20);
        while host.answer(door, SOMEBODY, true, 6_000).await != 503 {
            assert!(Instant::now() < until, "{door:?}: there is room");
        }
        for from in [FLOOD, SOMEBODY] {
            let usual = host.answer(door, from, true, 3_000).await;
            assert_eq!(usual, 200, "{door:?}, {from}: behind a proxy both are one");
        }
    }
}

#[tokio::test]
async fn of_three_hundred_false_signatures_sixty_are_told_what_is_wrong_and_the_others_to_slow_down()
 {
    for door in [Door::Meta, Door::Sns] {
        let host = Host::with(Settings {
            unverified_every: Duration::from_secs(3600),
            ..Settings::default()
        })
        .await;
        let mut answers = Vec::new();
        for _ in 0..300 {
            answers.push(host.answer(door, FLOOD, false, 3_000).await);
        }
        let expected = [[401; 60].as_slice(), [429; 240].as_slice()].concat();
        assert_eq!(answers, expected, "{door:?}");
        assert_eq!(host.answer(door, FLOOD, true, 3_000).await, 200);
    }
}
