//! The HTTP server: how many connections there may be, and how long one may take to ask for something.
//!
//! Whoever opens connections and says nothing, or says it a byte at a time, takes places that webhooks need. So places are
//! counted, in all and by source, and who does not ask in time loses theirs.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tower_service::Service;

use super::limits;

/// Serves until it is stopped; then finishes what is being answered.
pub(super) async fn serve(listener: TcpListener, router: Router, stopped: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(limits::CONNECTIONS));
    let sources = Sources::default();
    let mut connections = JoinSet::new();
    let mut stops = stopped.clone();
    let stop = stops.wait_for(|stops| *stops);
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            _ = &mut stop => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let Some((stream, peer, place)) = accepted else {
            continue;
        };
        // Those that have ended are let go.
        while connections.try_join_next().is_some() {}
        if let Some(share) = sources.share(peer.ip()) {
            let connection = converse(stream, peer, router.clone(), stopped.clone());
            connections.spawn(async move {
                connection.await;
                drop((place, share));
            });
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, place)),
        Err(error) => {
            // Out of file descriptors, say: the ones in use end sooner or later.
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(limits::ACCEPT_WAIT).await;
            None
        }
    }
}

async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    mut stopped: watch::Receiver<bool>,
) {
    // A small answer goes out at once; if that cannot be had, it goes out a little later.
    drop(stream.set_nodelay(true));
    let service = service_fn(move |request: Request<Incoming>| {
        let mut router = router.clone();
        async move {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            Ok::<_, Infallible>(match router.call(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            })
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(Some(limits::HEAD_WAIT))
        .max_buf_size(limits::HEAD_BYTES);
    let connection = http.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = told(&mut stopped) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn told(stopped: &mut watch::Receiver<bool>) {
    drop(stopped.wait_for(|stops| *stops).await);
}

/// How many connections each source has.
#[derive(Clone, Default)]
struct Sources(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One connection of a source, until it is dropped.
struct Share {
    sources: Sources,
    source: IpAddr,
}

impl Sources {
    /// A further connection of this source, if it may have one.
    fn share(&self, peer: IpAddr) -> Option<Share> {
        let source = intake::source_of(peer);
        let mut counts = self.counts();
        let count = counts.entry(source).or_default();
        if *count >= limits::CONNECTIONS_PER_SOURCE {
            return None;
        }
        *count += 1;
        Some(Share {
            sources: self.clone(),
            source,
        })
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut counts = self.sources.counts();
        if let Some(count) = counts.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.source);
            }
        }
    }
}

/// As many files open as the system lets this program have: each connection is one.
pub(super) fn raise_open_files() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let wanted = limits::OPEN_FILES;
    let raised = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(soft, hard)| match soft < wanted {
        true => setrlimit(Resource::RLIMIT_NOFILE, wanted.min(hard).max(soft), hard),
        false => Ok(()),
    });
    if let Err(error) = raised {
        tracing::debug!(%error, "the limit of open files stays as it is");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "in a test, a panic is the answer")]

    use std::time::Duration;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    struct Served {
        address: SocketAddr,
        stop: watch::Sender<bool>,
        serving: tokio::task::JoinHandle<()>,
    }

    async fn served() -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let peer =
            |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() };
        let slow = || async {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            "late"
        };
        let router = Router::new()
            .route("/peer", get(peer))
            .route("/slow", get(slow));
        Served {
            address,
            stop,
            serving: tokio::spawn(serve(listener, router, stopped)),
        }
    }

    async fn heard(mut stream: TcpStream) -> String {
        let mut heard = String::new();
        stream.read_to_string(&mut heard).await.unwrap();
        heard
    }

    #[tokio::test]
    async fn a_handler_learns_who_asks_and_a_stop_ends_idle_connections() {
        let served = served().await;
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream
            .write_all(b"GET /peer HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        served.stop.send_replace(true);
        assert!(heard(stream).await.ends_with("127.0.0.1"));
        served.serving.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn i14_who_does_not_ask_in_time_loses_the_connection() {
        let served = served().await;
        for begun in ["", "GET /peer HTTP/1.1\r\nhost: "] {
            let mut stream = TcpStream::connect(served.address).await.unwrap();
            stream.write_all(begun.as_bytes()).await.unwrap();
            let began = tokio::time::Instant::now();
            let answer = heard(stream).await;
            assert!(
                answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
                "{answer}"
            );
            assert!(began.elapsed() < limits::HEAD_WAIT + Duration::from_secs(2));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_asked_in_time_may_wait_for_the_answer() {
        let served = served().await;
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream
            .write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            .await
            .unwrap();
        assert!(heard(stream).await.ends_with("late"));
    }

    #[test]
    fn i14_a_source_has_its_share_of_the_connections_and_gives_it_back() {
        let sources = Sources::default();
        let one: IpAddr = "192.0.2.1".parse().unwrap();
        let shares: Vec<_> = (0..limits::CONNECTIONS_PER_SOURCE)
            .map_while(|_| sources.share(one))
            .collect();
        assert_eq!(shares.len(), limits::CONNECTIONS_PER_SOURCE);
        assert!(sources.share(one).is_none());
        let near: [IpAddr; 2] = ["2001:db8::1", "2001:db8::2"].map(|text| text.parse().unwrap());
        let other = near.map(|address| sources.share(address));
        assert_eq!(sources.counts().len(), 2, "one network is one source");
        drop((shares, other));
        assert!(sources.share(one).is_some());
    }
}
