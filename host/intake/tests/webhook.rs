//! The Meta webhook over a real socket: who gets in, what is stored, and when 200 is said.
#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests: what fails here fails its test"
)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use intake::signature::App;
use intake::webhook::{self, Webhook};
use intake::{Accept, AppName, NotAccepted, Numbers, Owner};
use model::{Notice, NumberId, Span, TenantId};
use sha2::Sha256;

/// Keeps what it is given, or refuses as it is told.
#[derive(Default)]
struct Shelf {
    notices: Mutex<Vec<Notice>>,
    refusal: Mutex<Option<NotAccepted>>,
}

#[async_trait]
impl Accept for Shelf {
    async fn accept(&self, notices: Vec<Notice>) -> Result<(), NotAccepted> {
        if let Some(refusal) = self.refusal.lock().unwrap().clone() {
            return Err(refusal);
        }
        self.notices.lock().unwrap().extend(notices);
        Ok(())
    }
}

struct Host {
    url: String,
    shelf: Arc<Shelf>,
    client: reqwest::Client,
}

impl Host {
    async fn start() -> Self {
        let shelf = Arc::new(Shelf::default());
        let owner = |tenant: &str, app: &str| Owner {
            tenant: TenantId::new(tenant).unwrap(),
            app: AppName(app.into()),
        };
        let owners = BTreeMap::from([
            (number("1"), owner("shop", "main")),
            (number("2"), owner("bank", "other")),
        ]);
        let webhook = Webhook {
            apps: vec![
                App::new(AppName("main".into()), &[b"s1".to_vec(), b"s2".to_vec()]),
                App::new(AppName("other".into()), &[b"s3".to_vec()]),
            ],
            verify_tokens: vec!["open sesame".into()],
            numbers: Numbers::new(owners, TenantId::new("_unclaimed").unwrap()),
            no_number: number("none"),
            accept: Arc::clone(&shelf) as Arc<dyn Accept>,
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}{}", listener.local_addr().unwrap(), webhook::PATH);
        tokio::spawn(async move { axum::serve(listener, webhook::router(webhook)).await });
        Self {
            url,
            shelf,
            client: reqwest::Client::new(),
        }
    }

    async fn post(&self, secret: &str, body: &str) -> u16 {
        let mut code = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        code.update(body.as_bytes());
        let signature = format!("sha256={}", hex::encode(code.finalize().into_bytes()));
        let request = self
            .client
            .post(&self.url)
            .header("x-hub-signature-256", signature)
            .body(body.to_owned());
        request.send().await.unwrap().status().as_u16()
    }

    fn tenants(&self) -> Vec<String> {
        self.shelf
            .notices
            .lock()
            .unwrap()
            .iter()
            .map(|notice| notice.tenant.to_string())
            .collect()
    }
}

fn number(id: &str) -> NumberId {
    NumberId::new(id).unwrap()
}

fn body(numbers: &[&str]) -> String {
    let change = |number: &&str| {
        format!(
            r#"{{"field":"messages","value":{{"metadata":{{"phone_number_id":"{number}"}},"messages":[{{"from":"15550100001","id":"wamid.{number}","timestamp":"1","type":"text","text":{{"body":"hi"}}}}]}}}}"#
        )
    };
    let changes: Vec<String> = numbers.iter().map(change).collect();
    format!(
        r#"{{"object":"whatsapp_business_account","entry":[{{"id":"1","changes":[{}]}}]}}"#,
        changes.join(",")
    )
}

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
    assert_eq!(
        get("hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=4711")
            .await
            .0,
        403
    );
    assert_eq!(get("hub.mode=subscribe&hub.challenge=4711").await.0, 403);
    assert_eq!(get("").await.0, 400);
}

#[tokio::test]
async fn a_wrong_signature_gets_401_and_nothing_is_stored() {
    let host = Host::start().await;
    assert_eq!(host.post("wrong", &body(&["1"])).await, 401);
    let unsigned = host
        .client
        .post(&host.url)
        .body(body(&["1"]))
        .send()
        .await
        .unwrap();
    assert_eq!(unsigned.status().as_u16(), 401);
    assert!(host.tenants().is_empty());
    assert_eq!(host.post("s1", &body(&["1"])).await, 200);
    assert_eq!(
        host.post("s2", &body(&["1"])).await,
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
    assert_eq!(host.post("s1", &body(&["1", "2", "3"])).await, 200);
    assert_eq!(
        host.tenants(),
        ["shop", "_unclaimed"],
        "the foreign one alone is refused; nobody's is kept aside"
    );
}

#[tokio::test]
async fn i01_what_is_not_durable_is_not_answered_200() {
    let host = Host::start().await;
    *host.shelf.refusal.lock().unwrap() = Some(NotAccepted::Full {
        retry_after: Span::from_seconds(30),
    });
    assert_eq!(host.post("s1", &body(&["1"])).await, 503);
    *host.shelf.refusal.lock().unwrap() = Some(NotAccepted::Ledger {
        cause: "disk full".into(),
    });
    assert_eq!(host.post("s1", &body(&["1"])).await, 503);
}

#[tokio::test]
async fn bad_bodies_are_told_apart() {
    let host = Host::start().await;
    assert_eq!(host.post("s1", "{").await, 400);
    assert_eq!(host.post("s1", "[1]").await, 400);
    assert_eq!(
        host.post("s1", "{}").await,
        200,
        "an empty delivery has nothing to store"
    );
    assert_eq!(host.post("s1", &" ".repeat(3 * 1024 * 1024 + 1)).await, 413);
    let deep = format!(
        "{{\"entry\":{}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(host.tenants().is_empty());
    assert_eq!(
        host.post("s1", &deep).await,
        200,
        "however deep: kept raw, as text"
    );
    assert_eq!(host.tenants(), ["_unclaimed"]);
}
