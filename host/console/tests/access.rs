//! Who may ask: with a key its bearer, without one this machine alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod house;

use house::{House, problem};

const DATA: [&str; 14] = [
    "/v1/status",
    "/v1/decisions",
    "/v1/outbox",
    "/v1/hand-offs",
    "/v1/dead-letters",
    "/v1/notices",
    "/v1/notices?tenant=_unclaimed",
    "/v1/contact?id=1",
    "/v1/contacts",
    "/v1/held",
    "/v1/stops",
    "/v1/alerts",
    "/v1/nothing",
    "/metrics",
];
const OPEN: [&str; 6] = [
    "/",
    "/console.js",
    "/console.css",
    "/console/why.js",
    "/healthz",
    "/readyz",
];

#[tokio::test]
async fn with_a_key_no_data_is_shown_without_it() {
    let house = House::with_key("correct horse battery staple").await;
    for path in DATA {
        for shown in [
            None,
            Some("Bearer wrong"),
            Some("Bearer"),
            Some("Basic correct horse battery staple"),
            Some("Bearer correct horse battery stapl"),
        ] {
            let mut call = house.get(path);
            if let Some(shown) = shown {
                call = call.header("authorization", shown);
            }
            let response = call.send().await.unwrap();
            assert!(
                response.headers()["www-authenticate"]
                    .to_str()
                    .unwrap()
                    .starts_with("Bearer"),
                "{path}"
            );
            problem(response, 401).await;
        }
    }
    for path in [
        "/v1/reload",
        "/v1/contacts",
        "/v1/contacts/1/pause",
        "/v1/contacts/1/release",
        "/v1/contacts/1/consent",
        "/v1/send",
        "/v1/held/tg1/resend",
        "/v1/held/tg1/drop",
        "/v1/dead-letters/redrive",
        "/v1/stops",
    ] {
        problem(house.post(path).send().await.unwrap(), 401).await;
    }
    for path in OPEN {
        assert_eq!(
            house.get(path).send().await.unwrap().status(),
            200,
            "{path} holds no data"
        );
    }
    house.end().await;
}

#[tokio::test]
async fn with_the_key_the_host_may_bear_any_name() {
    let house = House::with_key("correct horse battery staple").await;
    for path in ["/v1/status", "/metrics"] {
        let call = house
            .get(path)
            .header("host", "tollgate.example")
            .header("authorization", "bearer correct horse battery staple");
        let response = call.send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["cache-control"], "no-store");
    }
    house.end().await;
}

#[tokio::test]
async fn without_a_key_only_names_of_this_machine_are_answered() {
    let house = House::open().await;
    for host in [
        "127.0.0.1",
        "127.0.0.1:8080",
        "localhost",
        "LOCALHOST:1",
        "[::1]",
        "[::1]:8080",
    ] {
        assert_eq!(
            house
                .get("/v1/status")
                .header("host", host)
                .send()
                .await
                .unwrap()
                .status(),
            200,
            "{host}"
        );
    }
    for host in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example:80",
        "127.0.0.1@evil.example",
        "10.0.0.1",
        "0.0.0.0",
        "[::2]",
    ] {
        for path in ["/v1/status", "/metrics"] {
            problem(
                house.get(path).header("host", host).send().await.unwrap(),
                403,
            )
            .await;
        }
    }
    house.end().await;
}

#[tokio::test]
async fn without_a_key_no_page_of_another_origin_changes_anything() {
    let house = House::open().await;
    let own = house.url.clone();
    for origin in [
        "https://evil.example",
        "null",
        "http://127.0.0.1:1",
        "http://localhost",
        "file://",
    ] {
        problem(
            house
                .post("/v1/reload")
                .header("origin", origin)
                .send()
                .await
                .unwrap(),
            403,
        )
        .await;
        problem(
            house
                .post("/v1/contacts/1/release")
                .header("origin", origin)
                .send()
                .await
                .unwrap(),
            403,
        )
        .await;
    }
    assert_eq!(
        house
            .post("/v1/reload")
            .header("origin", own)
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    assert_eq!(
        house.post("/v1/reload").send().await.unwrap().status(),
        200,
        "a program sends no origin"
    );
    house.end().await;
}

#[tokio::test]
async fn every_answer_keeps_a_browser_strict() {
    let house = House::open().await;
    for path in DATA.into_iter().chain(OPEN) {
        let response = house.get(path).send().await.unwrap();
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(
            (
                header("x-content-type-options"),
                header("referrer-policy"),
                header("x-frame-options")
            ),
            ("nosniff".into(), "no-referrer".into(), "DENY".into())
        );
        assert!(
            response
                .headers()
                .get("access-control-allow-origin")
                .is_none()
        );
    }
    let page = house.get("/").send().await.unwrap();
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(
        house.get("/console.js").send().await.unwrap().headers()["content-type"],
        "text/javascript; charset=utf-8"
    );
    house.end().await;
}
