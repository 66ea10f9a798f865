//! What is logged of a lookup. In a file of its own: other tests in the same process would decide what is logged at all.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail loudly too"
)]

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lookup::{Caller, Endpoint, EndpointOptions, EndpointSecret, Lookup as _};
use model::{ContactId, ContactKey, LookupAnswer, LookupMethod, Phone, TenantId};

#[test]
fn i12_neither_phone_nor_secret_nor_query_stands_in_a_log_line() {
    let tenant = TenantId::new("shop").unwrap();
    let caller = Caller {
        contact: ContactId(7),
        key: ContactKey::Phone(Phone::new("15550100007").unwrap()),
        request: "digest.1".to_owned(),
    };
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    tracing::subscriber::with_default(subscriber, || {
        runtime.block_on(async {
            // One listens and never answers, at the other nobody listens.
            let mute = TcpListener::bind("127.0.0.1:0").unwrap();
            let gone = TcpListener::bind("127.0.0.1:0")
                .unwrap()
                .local_addr()
                .unwrap();
            for address in [mute.local_addr().unwrap(), gone] {
                let endpoint = Endpoint::new(EndpointOptions {
                    secret: Some(EndpointSecret {
                        header: None,
                        value: "s3cret".to_owned(),
                    }),
                    timeout: Duration::from_millis(50),
                    ..EndpointOptions::at(format!("http://{address}/v1/"))
                })
                .unwrap();
                let request = model::Lookup {
                    endpoint: "orders".to_owned(),
                    method: LookupMethod::Get,
                    path: "orders".to_owned(),
                    query: vec![("words".to_owned(), "qu3ry".to_owned())],
                    body: None,
                };
                let answer = endpoint.ask(&tenant, &caller, &request).await;
                assert!(
                    !matches!(answer, LookupAnswer::Answered { .. }),
                    "{answer:?}"
                );
            }
        });
    });
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        log.contains("an endpoint took too long") && log.contains("an endpoint could not be asked"),
        "{log}"
    );
    for hidden in ["s3cret", "15550100007", "qu3ry"] {
        assert!(!log.contains(hidden), "{hidden}: {log}");
    }
    assert!(!format!("{caller:?}").contains("15550100007"));
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut kept = self.0.lock().map_err(|_| std::io::ErrorKind::Other)?;
        kept.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl tracing_subscriber::fmt::MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
