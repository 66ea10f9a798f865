//! Delivers webhooks to the host, again and again until it answers 200.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::{Client, Url};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::Instant;

use crate::stop::Stop;
use crate::webhook::Webhook;
use crate::{SimulatorError, limits};

/// Knows the way to the host.
#[derive(Clone)]
pub(crate) struct Postman {
    client: Client,
    host: Url,
    places: Arc<Semaphore>,
    given_up: Arc<AtomicU64>,
    stop: Stop,
}

impl Postman {
    pub(crate) fn new(host: Url, stop: Stop) -> Result<Self, SimulatorError> {
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .timeout(limits::WEBHOOK_WAIT)
            .build()
            .map_err(SimulatorError::Client)?;
        let places = Arc::new(Semaphore::new(limits::PENDING_DELIVERIES));
        Ok(Self {
            client,
            host,
            places,
            given_up: Arc::default(),
            stop,
        })
    }

    /// Room for so many webhooks until they are delivered; nothing if there is none.
    pub(crate) fn places(&self, webhooks: usize) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places)
            .try_acquire_many_owned(u32::try_from(webhooks).ok()?)
            .ok()
    }

    /// Webhooks that the host has not answered 200.
    pub(crate) fn pending(&self) -> usize {
        limits::PENDING_DELIVERIES - self.places.available_permits()
    }

    /// Webhooks that it never did.
    pub(crate) fn given_up(&self) -> u64 {
        self.given_up.load(Ordering::Relaxed)
    }

    /// Delivers a webhook, however long it takes, and tells what came of the first attempt: the host's status code, or nothing
    /// if it could not be reached. `delivered` is called when the host has answered 200. Told to try `once`, it leaves it at that.
    pub(crate) fn deliver(
        &self,
        webhook: Webhook,
        place: OwnedSemaphorePermit,
        once: bool,
        delivered: impl FnOnce() + Send + 'static,
    ) -> oneshot::Receiver<Option<u16>> {
        let (tell, told) = oneshot::channel();
        let postman = self.clone();
        // Apart from the caller, who may hang up.
        self.later(async move {
            let first = postman.post(&webhook).await;
            let done = first == Some(200);
            // Nobody may be waiting for it any more.
            let _ = tell.send(first);
            if done || (!once && postman.retry(&webhook, None).await) {
                delivered();
            }
            drop(place);
        });
        told
    }

    /// Delivers a webhook, however long it takes; `turn` bounds how many are posted at the same time.
    pub(crate) async fn insist(&self, webhook: &Webhook, turn: Option<&Semaphore>) -> bool {
        self.post_in_turn(webhook, turn).await == Some(200) || self.retry(webhook, turn).await
    }

    /// Runs something until it ends or the simulator does.
    pub(crate) fn later(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut stop = self.stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = work => {}
                () = stop.stopped() => {}
            }
        });
    }

    async fn retry(&self, webhook: &Webhook, turn: Option<&Semaphore>) -> bool {
        let deadline = Instant::now() + limits::RETRY_FOR;
        let mut pause = limits::RETRY_FIRST;
        while Instant::now() < deadline {
            tokio::time::sleep(pause).await;
            if self.post_in_turn(webhook, turn).await == Some(200) {
                return true;
            }
            pause = (pause * 2).min(limits::RETRY_MOST);
        }
        self.given_up.fetch_add(1, Ordering::Relaxed);
        tracing::warn!("a webhook was given up: the host never answered it 200");
        false
    }

    async fn post_in_turn(&self, webhook: &Webhook, turn: Option<&Semaphore>) -> Option<u16> {
        let _turn = match turn {
            // Never closed.
            Some(turn) => turn.acquire().await.ok(),
            None => None,
        };
        self.post(webhook).await
    }

    async fn post(&self, webhook: &Webhook) -> Option<u16> {
        let answer = self
            .client
            .post(self.host.clone())
            .header("content-type", "application/json")
            .header("user-agent", "facebookexternalua")
            .header("x-hub-signature-256", &webhook.signature)
            .body(webhook.body.clone())
            .send()
            .await;
        match answer {
            Ok(answer) => Some(answer.status().as_u16()),
            Err(error) => {
                tracing::debug!(error = %error.without_url(), "the host could not be reached");
                None
            }
        }
    }
}
