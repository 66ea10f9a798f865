//! How something is fetched from SNS.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::{Client, ClientBuilder, Url, redirect};

use crate::limits;

/// Fetches from an address that was checked before. Bounded in size and time.
#[async_trait]
pub trait Fetch: Send + Sync + 'static {
    /// What is there.
    async fn get(&self, address: &Url) -> Result<Vec<u8>, NotFetched>;
}

/// Why nothing was fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{cause}")]
pub struct NotFetched {
    /// What happened, without the address: there may be a token in it.
    pub cause: String,
}

/// The real thing: HTTPS alone, by the system's roots of trust, without redirects.
#[derive(Debug, Clone)]
pub struct Web {
    client: Client,
}

impl Web {
    /// Makes the client.
    pub fn new() -> Result<Self, NotFetched> {
        Self::of(Client::builder().https_only(true), limits::FETCH_WAIT)
    }

    fn of(builder: ClientBuilder, wait: Duration) -> Result<Self, NotFetched> {
        let builder = builder.redirect(redirect::Policy::none()).timeout(wait);
        let client = builder.build().map_err(|error| not_fetched(&error))?;
        Ok(Self { client })
    }
}

#[async_trait]
impl Fetch for Web {
    async fn get(&self, address: &Url) -> Result<Vec<u8>, NotFetched> {
        let sent = self.client.get(address.clone()).send().await;
        let mut response = sent.map_err(|error| not_fetched(&error))?;
        // A redirect is an answer too, and leads where nobody checked.
        if !response.status().is_success() {
            let cause = format!("answered {}", response.status().as_u16());
            return Err(NotFetched { cause });
        }
        let mut bytes = Vec::new();
        while let Some(part) = response
            .chunk()
            .await
            .map_err(|error| not_fetched(&error))?
        {
            if bytes.len().saturating_add(part.len()) > limits::FETCH_BYTES {
                let cause = format!("answered more than {} bytes", limits::FETCH_BYTES);
                return Err(NotFetched { cause });
            }
            bytes.extend_from_slice(&part);
        }
        Ok(bytes)
    }
}

/// A client's error in words. Not its own: those name the address.
fn not_fetched(error: &reqwest::Error) -> NotFetched {
    let cause = match () {
        () if error.is_timeout() => "it took too long",
        () if error.is_connect() => {
            "no connection: is there a way out to AWS over HTTPS from here?"
        }
        () if error.is_builder() => {
            "the address is not https, or the HTTP client could not be made"
        }
        () => "the connection broke off",
    };
    NotFetched {
        cause: cause.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::Router;
    use axum::response::Redirect;
    use axum::routing::get;

    use super::*;

    /// A server on loopback that answers in every way that SNS should not.
    async fn server() -> Url {
        let router = Router::new()
            .route("/there", get(|| async { "a certificate" }))
            .route("/most", get(|| async { vec![b' '; limits::FETCH_BYTES] }))
            .route(
                "/more",
                get(|| async { vec![b' '; limits::FETCH_BYTES + 1] }),
            )
            .route(
                "/elsewhere",
                get(|| async { Redirect::temporary("/there") }),
            )
            .route("/never", get(std::future::pending::<()>));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}").parse().unwrap()
    }

    #[tokio::test]
    async fn what_is_fetched_is_bounded_and_comes_from_where_it_was_asked_for() {
        let server = server().await;
        let web = Web::of(Client::builder().no_proxy(), Duration::from_millis(500)).unwrap();
        for (path, expected) in [
            ("/there", Ok(13)),
            ("/most", Ok(limits::FETCH_BYTES)),
            ("/more", Err("answered more than 65536 bytes")),
            ("/elsewhere", Err("answered 307")),
            ("/missing", Err("answered 404")),
            ("/never", Err("it took too long")),
        ] {
            let mut address = server.join(path).unwrap();
            address.set_query(Some("Token=a-secret"));
            let fetched = web.get(&address).await;
            let fetched = fetched
                .map(|bytes| bytes.len())
                .map_err(|error| error.cause);
            assert_eq!(fetched, expected.map_err(str::to_owned), "{path}");
        }
    }

    #[tokio::test]
    async fn nothing_is_fetched_in_the_clear() {
        let address = server().await.join("/there").unwrap();
        assert!(Web::new().unwrap().get(&address).await.is_err());
    }
}
