//! The Meta webhook over a real socket: who gets in, what is stored, and when 200 is said.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::shelf::{Shelf, body, serve};
use hmac::{Hmac, KeyInit, Mac};
use intake::signature::App;
use intake::webhook::{self, Webhook};
use intake::{Answer, Door, Entrance, NotAccepted, Settings, Voucher};
use model::{NoticeBody, Span};
use reqwest::RequestBuilder;
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

struct Host {
    url: String,
    address: SocketAddr,
    shelf: Arc<Shelf>,
    entrance: Arc<Entrance>,
    client: reqwest::Client,
}

impl Host {
    async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    async fn with(settings: Settings) -> Self {
        let shelf = Arc::new(Shelf::default());
        let app = |name: &str| Voucher::App(name.to_owned());
        let owners = [("1", "shop", app("main")), ("2", "bank", app("other"))];
        let entrance = shelf.entrance(&owners, settings);
        let webhook = Webhook {
            apps: vec![
                App::new("main", &[b"s1".to_vec(), b"s2".to_vec()]),
                App::new("other", &[b"s3".to_vec()]),
            ],
            verify_tokens: vec!["open sesame".into()],
            entrance: Arc::clone(&entrance),
        };
        let address = serve(webhook::router(webhook)).await;
        Self {
            url: format!("http://{address}{}", webhook::PATH),
            address,
            shelf,
            entrance,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    fn signed(&self, secret: &str, body: &str) -> RequestBuilder {
        self.client
            .post(&self.url)
            .header("x-hub-signature-256", sign(secret, body))
            .body(body.to_owned())
    }

    async fn post(&self, secret: &str, body: &str) -> u16 {
        status(self.signed(secret, body)).await
    }

    fn tenants(&self) -> Vec<String> {
        self.shelf.tenants()
    }

    fn counted(&self, answer: Answer) -> u64 {
        self.entrance.tally().answers(Door::Meta, answer)
    }

    /// Writes bytes, and reads what comes until the other side closes.
    async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }
}

fn sign(secret: &str, body: &str) -> String {
    let mut code = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    code.update(body.as_bytes());
    format!("sha256={}", hex::encode(code.finalize().into_bytes()))
}

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

fn padded(body: &str, length: usize) -> String {
    format!("{body}{}", " ".repeat(length - body.len()))
}

const LARGEST: usize = 3 * 1024 * 1024;

#[tokio::test]
async fn the_handshake_answers_the_challenge_to_the_right_token_alone() {
    let host = Host::start().await;
    let get = async |query: &str| {
        let response = host
            .client
            .get(format!("{}?{query}", host.url))
            .send()
            .await
            .unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    let fits = get("hub.mode=subscribe&hub.verify_token=open%20sesame&hub.challenge=4711").await;
    assert_eq!(fits, (200, "4711".into()));
    for (query, expected) in [
        (
            "hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=4711",
            403,
        ),
        ("hub.mode=subscribe&hub.challenge=4711", 403),
        (
            "hub.mode=subscribe&hub.verify_token=&hub.challenge=4711",
            403,
        ),
        ("", 400),
    ] {
        assert_eq!(get(query).await.0, expected, "{query}");
    }
}

#[tokio::test]
async fn a_signature_that_is_missing_malformed_or_wrong_gets_401_and_nothing_is_stored() {
    let host = Host::start().await;
    let body = body(&["1"]);
    assert_eq!(host.post("wrong", &body).await, 401);
    assert_eq!(
        status(host.client.post(&host.url).body(body.clone())).await,
        401
    );
    let good = sign("s1", &body);
    for header in [
        "",
        "sha256=",
        "sha256=zz",
        "sha1=00",
        &good[7..],
        &good[..good.len() - 1],
    ] {
        let request = host.client.post(&host.url).body(body.clone());
        let request = request.header("x-hub-signature-256", header);
        assert_eq!(status(request).await, 401, "{header:?}");
    }
    let changed = host.client.post(&host.url).body(format!("{body} "));
    assert_eq!(
        status(changed.header("x-hub-signature-256", &good)).await,
        401
    );
    assert!(host.tenants().is_empty());
    assert_eq!(host.counted(Answer::Unsigned), 7);
    assert_eq!(host.counted(Answer::BadlySigned), 2);

    assert_eq!(host.post("s1", &body).await, 200);
    assert_eq!(
        host.post("s2", &body).await,
        200,
        "a second secret, while they are rotated"
    );
    assert_eq!(host.tenants(), ["shop", "shop"]);
}

#[tokio::test]
async fn i13_an_app_vouches_for_its_own_numbers_alone() {
    let host = Host::start().await;
    assert_eq!(
        host.post("s1", &body(&["2"])).await,
        403,
        "the bank's number is not this app's"
    );
    assert!(host.tenants().is_empty());
    assert_eq!(host.post("s3", &body(&["2"])).await, 200);
    assert_eq!(host.post("s3", &body(&["1"])).await, 403);
    assert_eq!(host.post("s1", &body(&["1", "2", "3"])).await, 200);
    assert_eq!(
        host.tenants(),
        ["bank", "shop", "_unclaimed"],
        "the foreign one alone is refused; nobody's is kept aside"
    );
    let families = host.entrance.tally().families();
    let total = |name: &str| -> u64 {
        let family = families.iter().find(|family| family.name == name).unwrap();
        family.rows.iter().map(|row| row.value).sum()
    };
    assert_eq!(total("tollgate_notices_foreign_total"), 3);
    assert_eq!(total("tollgate_notices_unclaimed_total"), 1);
    assert_eq!(total("tollgate_notices_total"), 3);
}

#[tokio::test]
async fn a_number_that_no_tenant_owns_is_kept_aside() {
    let host = Host::start().await;
    assert_eq!(host.post("s1", &body(&["3"])).await, 200);
    assert_eq!(host.tenants(), ["_unclaimed"]);
}

#[tokio::test]
async fn another_of_metas_products_is_kept_and_answered_200() {
    let host = Host::start().await;
    for object in ["instagram", "page"] {
        let body = format!(r#"{{"object":"{object}","entry":[{{"id":"1","messaging":[]}}]}}"#);
        assert_eq!(host.post("s1", &body).await, 200, "{object}");
    }
    let notices = host.shelf.notices.lock().unwrap();
    let channels: Vec<_> = notices.iter().map(|notice| notice.channel.name()).collect();
    assert_eq!(channels, ["instagram", "page"]);
}

#[tokio::test]
async fn i01_what_is_not_durable_is_not_answered_200() {
    let host = Host::start().await;
    host.shelf.refuse(Some(NotAccepted::Full {
        retry_after: Span::from_seconds(30),
    }));
    let full = host.signed("s1", &body(&["1"])).send().await.unwrap();
    assert_eq!(full.status().as_u16(), 503);
    assert_eq!(full.headers()["retry-after"], "30");
    host.shelf.refuse(Some(NotAccepted::Ledger {
        cause: "disk full".into(),
    }));
    let failed = host.signed("s1", &body(&["1"])).send().await.unwrap();
    assert_eq!(failed.status().as_u16(), 503);
    assert_eq!(failed.headers()["retry-after"], "30");
    assert!(!failed.text().await.unwrap().contains("disk"));
    assert!(
        host.entrance.tally().families()[0].rows.is_empty(),
        "what was not accepted is not counted as if it were"
    );
    host.shelf.refuse(None);
    assert_eq!(host.post("s1", &body(&["1"])).await, 200);
    assert_eq!(host.tenants(), ["shop"]);
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused_once_its_signature_held() {
    let host = Host::start().await;
    for wrong in ["", "{", "[1]", "1", "null", "\"{}\"", "{}{}", "\u{0}"] {
        assert_eq!(host.post("s1", wrong).await, 400, "{wrong:?}");
        assert_eq!(host.post("wrong", wrong).await, 401, "{wrong:?}");
    }
    assert!(host.tenants().is_empty());
    assert_eq!(
        host.post("s1", "{}").await,
        200,
        "an empty delivery has nothing to store"
    );
    assert_eq!(host.counted(Answer::Empty), 1);
}

#[tokio::test]
async fn a_body_that_is_nested_too_deep_is_refused() {
    let host = Host::start().await;
    for depth in [10_000, 1_000_000] {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        let deep = format!(r#"{{"object":"whatsapp_business_account","entry":{open}1{close}}}"#);
        assert_eq!(host.post("s1", &deep).await, 400, "{depth}");
    }
    assert_eq!(host.counted(Answer::TooDeep), 2);
}

#[tokio::test]
async fn a_content_type_that_is_not_json_is_refused() {
    let host = Host::start().await;
    let body = body(&["1"]);
    for (kind, expected) in [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("application/vnd.meta+json", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/jsonp", 415),
        ("+json", 415),
        ("", 415),
    ] {
        let request = host.signed("s1", &body).header("content-type", kind);
        assert_eq!(status(request).await, expected, "{kind:?}");
        let unsigned = host.client.post(&host.url).header("content-type", kind);
        let refused = if expected == 200 { 401 } else { expected };
        assert_eq!(
            status(unsigned.body(body.clone())).await,
            refused,
            "{kind:?}"
        );
    }
    assert_eq!(host.tenants().len(), 3);
}

#[tokio::test]
async fn a_body_of_three_megabytes_is_taken_and_nothing_larger() {
    let host = Host::start().await;
    assert_eq!(host.post("s1", &padded(&body(&["1"]), LARGEST)).await, 200);
    for length in [LARGEST + 1, 5 * 1024 * 1024] {
        let large = padded(&body(&["1"]), length);
        assert_eq!(host.post("s1", &large).await, 413, "{length}");
        // Nothing declared: what comes is counted.
        let chunked = format!(
            "POST {} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-hub-signature-256: {}\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{large}\r\n0\r\n\r\n",
            webhook::PATH,
            sign("s1", &large),
            large.len()
        );
        let answer = host.raw(chunked.as_bytes()).await;
        assert!(
            answer.starts_with("HTTP/1.1 413"),
            "{length} without a length: {answer}"
        );
    }
    assert_eq!(host.tenants().len(), 1);
    let unsigned = host.client.post(&host.url).body(" ".repeat(LARGEST + 1));
    assert_eq!(status(unsigned).await, 413);
    assert_eq!(host.counted(Answer::TooLarge), 5);
}

#[tokio::test]
async fn a_thousand_updates_are_taken_and_more_than_anything_real_is_not() {
    let host = Host::start().await;
    let updates = |count: usize| {
        let message = |n| {
            format!(
                r#"{{"from":"15550100001","id":"wamid.{n}","timestamp":"1","type":"text","text":{{"body":"hi"}}}}"#
            )
        };
        let messages: Vec<String> = (0..count).map(message).collect();
        format!(
            r#"{{"object":"whatsapp_business_account","entry":[{{"id":"1","changes":[{{"field":"messages","value":{{"metadata":{{"phone_number_id":"1"}},"messages":[{}]}}}}]}}]}}"#,
            messages.join(",")
        )
    };
    assert_eq!(host.post("s1", &updates(1000)).await, 200);
    assert_eq!(host.tenants().len(), 1000);
    assert_eq!(host.post("s1", &updates(10_000)).await, 413);
    assert_eq!(host.tenants().len(), 1000);
    assert_eq!(host.counted(Answer::TooMany), 1);
}

#[tokio::test]
async fn one_message_that_cannot_be_read_costs_no_other() {
    let host = Host::start().await;
    let broken = body(&["1"]).replace(r#""messages":["#, r#""messages":[{"id":7},"#);
    assert_eq!(host.post("s1", &broken).await, 200);
    let notices = host.shelf.notices.lock().unwrap();
    let words: Vec<_> = notices.iter().map(|notice| notice.body.word()).collect();
    assert_eq!(words, ["unreadable", "message"]);
    assert!(matches!(notices[0].body, NoticeBody::Unreadable(_)));
}

#[tokio::test]
async fn a_body_that_takes_too_long_gets_408() {
    let host = Host::with(Settings {
        body_wait: Duration::from_millis(100),
        ..Settings::default()
    })
    .await;
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: x\r\nx-hub-signature-256: {}\r\ncontent-length: 100\r\n\r\n{{",
        webhook::PATH,
        sign("s1", "{")
    );
    let answer = host.raw(head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert_eq!(host.counted(Answer::TooSlow), 1);
}

#[tokio::test]
async fn i14_bodies_in_memory_are_bounded_and_what_finds_no_room_is_told_to_come_again() {
    let host = Host::with(Settings {
        usual_body_bytes: 0,
        bytes_in_flight: 1000,
        source_bytes_in_flight: 1000,
        bytes_in_flight_wait: Duration::from_millis(50),
        ..Settings::default()
    })
    .await;
    let head = |rest: &str| {
        let signature = sign("s1", "");
        let path = webhook::PATH;
        format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nx-hub-signature-256: {signature}\r\ncontent-length: {rest}\r\n\r\n"
        )
    };
    let first = format!("{}{}", head("901"), " ".repeat(900));
    let mut holding = TcpStream::connect(host.address).await.unwrap();
    holding.write_all(first.as_bytes()).await.unwrap();
    // Until the host has read the first body's part, the second finds room.
    let body = body(&["1"]);
    let until = Instant::now() + Duration::from_secs(20);
    let busy = loop {
        let response = host.signed("s1", &body).send().await.unwrap();
        if response.status() != 200 || Instant::now() > until {
            break response;
        }
    };
    assert_eq!(busy.status().as_u16(), 503);
    assert!(busy.headers().contains_key("retry-after"));
    assert!(host.counted(Answer::Busy) > 0);

    let declared = format!("{}{{", head("999999"));
    let mut boasting = TcpStream::connect(host.address).await.unwrap();
    boasting.write_all(declared.as_bytes()).await.unwrap();
    holding.write_all(b" ").await.unwrap();
    let mut answer = [0; 12];
    holding.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 401");
    assert_eq!(
        host.post("s1", &body).await,
        200,
        "what was held is given back, and who boasts holds what he sent"
    );
}

#[tokio::test]
async fn past_its_limit_a_source_is_turned_away_unread_unless_it_signs() {
    let host = Host::with(Settings {
        unverified_burst: 3,
        unverified_every: Duration::from_secs(3600),
        ..Settings::default()
    })
    .await;
    let body = body(&["1"]);
    let unsigned = || host.client.post(&host.url).body(body.clone());
    assert_eq!(host.post("wrong", &body).await, 401);
    for _ in 0..2 {
        assert_eq!(status(unsigned()).await, 401);
    }
    let limited = unsigned().send().await.unwrap();
    assert_eq!(limited.status().as_u16(), 429);
    assert!(limited.headers().contains_key("retry-after"));
    // Nothing of the body has come, and the answer is there.
    let mut stream = TcpStream::connect(host.address).await.unwrap();
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n",
        webhook::PATH
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 429");

    let false_signature = host.signed("wrong", &body).send().await.unwrap();
    assert_eq!(
        false_signature.status().as_u16(),
        429,
        "a well-formed signature is looked at, and does not hold"
    );
    assert!(false_signature.headers().contains_key("retry-after"));
    assert_eq!(
        host.post("s1", &body).await,
        200,
        "behind a proxy all come from one source"
    );
    assert_eq!(host.tenants(), ["shop"]);
    assert_eq!(host.counted(Answer::Limited), 3);
}

#[tokio::test]
async fn a_server_that_does_not_tell_its_peers_is_served_all_the_same() {
    let shelf = Arc::new(Shelf::default());
    let owners = [("1", "shop", Voucher::App("main".into()))];
    let settings = Settings {
        unverified_burst: 1,
        unverified_every: Duration::from_secs(3600),
        ..Settings::default()
    };
    let webhook = Webhook {
        apps: vec![App::new("main", &[b"s1".to_vec()])],
        verify_tokens: vec![],
        entrance: shelf.entrance(&owners, settings),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}{}", listener.local_addr().unwrap(), webhook::PATH);
    tokio::spawn(async move { axum::serve(listener, webhook::router(webhook)).await });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let body = body(&["1"]);
    assert_eq!(status(client.post(&url).body(body.clone())).await, 401);
    assert_eq!(status(client.post(&url).body(body.clone())).await, 429);
    let signed = client
        .post(&url)
        .header("x-hub-signature-256", sign("s1", &body));
    assert_eq!(status(signed.body(body)).await, 200);
}
