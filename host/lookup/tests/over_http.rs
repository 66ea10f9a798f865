//! Endpoints asked over HTTP, against a server of the test's own.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail loudly too"
)]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use lookup::{Caller, Endpoint, EndpointOptions, EndpointSecret, Lookup as _, Unfit, limits};
use model::{ContactId, ContactKey, LookupAnswer, LookupMethod, Phone, TenantId, UserId};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Semaphore;

/// What a server was asked, and what lets its slow answers go.
struct Seen {
    requests: Mutex<Vec<(Method, String, HeaderMap, String)>>,
    go: Semaphore,
}

async fn serve() -> (SocketAddr, Arc<Seen>) {
    let seen = Arc::new(Seen {
        requests: Mutex::default(),
        go: Semaphore::new(0),
    });
    let router = Router::new().fallback(answer).with_state(Arc::clone(&seen));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, seen)
}

async fn answer(
    State(seen): State<Arc<Seen>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    seen.requests
        .lock()
        .unwrap()
        .push((method, uri.to_string(), headers, body));
    match uri.path() {
        "/v1/missing" => (StatusCode::NOT_FOUND, "{\"error\":\"no such order\"}").into_response(),
        "/v1/moved" => (
            StatusCode::FOUND,
            [(header::LOCATION, "/v1/orders")],
            "elsewhere",
        )
            .into_response(),
        "/v1/full" => "x".repeat(limits::ANSWER_BYTES).into_response(),
        "/v1/huge" => "x".repeat(limits::ANSWER_BYTES + 1).into_response(),
        "/v1/latin1" => vec![b'c', b'a', b'f', 0xe9].into_response(),
        "/v1/slow" => {
            let _ = seen.go.acquire().await;
            "at last".into_response()
        }
        _ => "{\"status\":\"shipped\"}".into_response(),
    }
}

/// A server that says this to whoever connects, over and over if `forever`, and hangs up.
async fn blurt(said: &'static str, forever: Option<&'static str>) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await;
            let _ = stream.write_all(said.as_bytes()).await;
            while let Some(more) = forever {
                if stream.write_all(more.as_bytes()).await.is_err() {
                    break;
                }
            }
        }
    });
    address
}

fn shop() -> TenantId {
    TenantId::new("shop").unwrap()
}

fn caller() -> Caller {
    Caller {
        contact: ContactId(7),
        key: ContactKey::Phone(Phone::new("15550100007").unwrap()),
        request: "wamid-digest.2.1".to_owned(),
    }
}

fn get(path: &str) -> model::Lookup {
    model::Lookup {
        endpoint: "orders".to_owned(),
        method: LookupMethod::Get,
        path: path.to_owned(),
        query: Vec::new(),
        body: None,
    }
}

fn options(address: SocketAddr) -> EndpointOptions {
    EndpointOptions::at(format!("http://{address}/v1/"))
}

fn endpoint(options: EndpointOptions) -> Endpoint {
    Endpoint::new(options).unwrap()
}

async fn ask(endpoint: &Endpoint, request: &model::Lookup) -> LookupAnswer {
    endpoint.ask(&shop(), &caller(), request).await
}

fn answered(status: u16, body: &str) -> LookupAnswer {
    LookupAnswer::Answered {
        status,
        body: body.to_owned(),
    }
}

fn unreachable(cause: &str) -> LookupAnswer {
    LookupAnswer::Unreachable {
        cause: cause.to_owned(),
    }
}

#[tokio::test]
async fn an_endpoint_is_told_on_whose_behalf_it_is_asked() {
    let (address, seen) = serve().await;
    let endpoint = endpoint(EndpointOptions {
        secret: Some(EndpointSecret {
            header: None,
            value: "s3cret".to_owned(),
        }),
        ..options(address)
    });
    let mut request = get("orders/4711");
    request.query = vec![
        ("q".to_owned(), "a&b=c#d é".to_owned()),
        ("tollgate-phone".to_owned(), "1".to_owned()),
    ];
    assert_eq!(
        ask(&endpoint, &request).await,
        answered(200, "{\"status\":\"shipped\"}")
    );
    let (method, uri, headers, _) = seen.requests.lock().unwrap()[0].clone();
    assert_eq!(method, Method::GET);
    assert_eq!(
        uri,
        "/v1/orders/4711?q=a%26b%3Dc%23d+%C3%A9&tollgate-phone=1"
    );
    for (name, value) in [
        ("authorization", "Bearer s3cret"),
        ("tollgate-tenant", "shop"),
        ("tollgate-contact", "c7"),
        ("tollgate-phone", "15550100007"),
        ("tollgate-request", "wamid-digest.2.1"),
    ] {
        assert_eq!(headers[name], value, "{name}");
    }
    assert!(!headers.contains_key("tollgate-user"));
}

#[tokio::test]
async fn a_contact_without_a_phone_goes_by_their_user_id_and_a_secret_by_its_header() {
    let (address, seen) = serve().await;
    let endpoint = endpoint(EndpointOptions {
        secret: Some(EndpointSecret {
            header: Some("X-Api-Key".to_owned()),
            value: "s3cret".to_owned(),
        }),
        methods: vec![LookupMethod::Post],
        ..options(address)
    });
    let caller = Caller {
        key: ContactKey::User(UserId::new("BR.123").unwrap()),
        ..caller()
    };
    let request = model::Lookup {
        method: LookupMethod::Post,
        body: Some("{\"order\":4711}".to_owned()),
        ..get("")
    };
    assert_eq!(
        endpoint.ask(&shop(), &caller, &request).await,
        answered(200, "{\"status\":\"shipped\"}")
    );
    let (method, uri, headers, body) = seen.requests.lock().unwrap()[0].clone();
    assert_eq!(
        (method, uri.as_str(), body.as_str()),
        (Method::POST, "/v1/", "{\"order\":4711}")
    );
    assert_eq!(headers["tollgate-user"], "BR.123");
    assert_eq!(headers["x-api-key"], "s3cret");
    assert_eq!(headers["content-type"], "application/json");
    assert!(!headers.contains_key("tollgate-phone") && !headers.contains_key("authorization"));
}

#[tokio::test]
async fn what_an_endpoint_says_is_an_answer_even_if_it_says_no() {
    let (address, seen) = serve().await;
    let endpoint = endpoint(options(address));
    assert_eq!(
        ask(&endpoint, &get("missing")).await,
        answered(404, "{\"error\":\"no such order\"}")
    );
    assert_eq!(
        ask(&endpoint, &get("moved")).await,
        answered(302, "elsewhere")
    );
    assert_eq!(
        seen.requests.lock().unwrap().len(),
        2,
        "no redirect is followed"
    );
}

#[tokio::test]
async fn i14_an_answer_too_long_or_no_text_is_not_passed_on() {
    let (address, _) = serve().await;
    let endpoint_here = endpoint(options(address));
    let full = ask(&endpoint_here, &get("full")).await;
    assert!(
        matches!(full, LookupAnswer::Answered { body, .. } if body.len() == limits::ANSWER_BYTES)
    );
    assert_eq!(
        ask(&endpoint_here, &get("huge")).await,
        unreachable("its answer is too long")
    );
    assert_eq!(
        ask(&endpoint_here, &get("latin1")).await,
        unreachable("its answer is no UTF-8 text")
    );
    let endless = blurt(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        Some("4\r\nabcd\r\n"),
    )
    .await;
    assert_eq!(
        ask(&endpoint(options(endless)), &get("x")).await,
        unreachable("its answer is too long")
    );
}

#[tokio::test]
async fn i12_an_endpoint_that_cannot_be_asked_is_unreachable_and_neither_address_nor_secret_is_told()
 {
    let refused = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    assert_eq!(
        ask(&endpoint(options(refused)), &get("x")).await,
        unreachable("nobody answers at its address")
    );
    let broken = blurt("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf", None).await;
    assert_eq!(
        ask(&endpoint(options(broken)), &get("x")).await,
        unreachable("the connection broke off")
    );
    let no_http = blurt("SSH-2.0-server\r\n", None).await;
    assert_eq!(
        ask(&endpoint(options(no_http)), &get("x")).await,
        unreachable("the connection broke off")
    );
}

#[tokio::test]
async fn a_slow_endpoint_is_not_waited_for() {
    let (address, _) = serve().await;
    let endpoint = endpoint(EndpointOptions {
        timeout: Duration::from_millis(50),
        ..options(address)
    });
    assert_eq!(ask(&endpoint, &get("slow")).await, LookupAnswer::Slow);
}

#[tokio::test]
async fn i07_what_is_not_allowed_is_not_asked() {
    let (address, seen) = serve().await;
    let endpoint = endpoint(options(address));
    let post = model::Lookup {
        method: LookupMethod::Post,
        ..get("orders")
    };
    assert_eq!(
        endpoint.check(&post),
        Err(Unfit::Method(LookupMethod::Post))
    );
    for request in [
        post,
        get("../admin"),
        get("a%2f..%2fb"),
        get("//elsewhere.example/"),
    ] {
        let unfit = endpoint.check(&request).unwrap_err();
        assert_eq!(
            ask(&endpoint, &request).await,
            unreachable(&unfit.to_string())
        );
    }
    assert_eq!(endpoint.check(&get("orders")), Ok(()));
    assert_eq!(seen.requests.lock().unwrap().len(), 0);
}
