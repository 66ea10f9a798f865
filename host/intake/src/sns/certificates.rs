//! Certificates by their address: fetched once, kept, and not asked for again and again where there is none.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;
use model::Moment;
use reqwest::Url;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::certificate::Certificate;
use super::fetch::{Fetch, NotFetched};
use crate::limits;

/// The certificate could not be had now.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unavailable;

/// What was fetched.
pub(super) struct Certificates {
    fetch: Arc<dyn Fetch>,
    state: Mutex<State>,
}

struct State {
    known: LruCache<Url, Known>,
    flights: LruCache<Url, Arc<Flight>>,
    /// Fetches that may begin, refilled by time.
    fetches: u32,
    refilled_at: Instant,
}

#[derive(Clone)]
struct Known {
    certificate: Arc<Certificate>,
    fetched_at: Instant,
}

/// One fetch, that everybody waits for who wants the same; afterwards, for a while, that it failed.
#[derive(Default)]
struct Flight {
    ended: OnceCell<Ended>,
}

#[derive(Clone)]
struct Ended {
    at: Instant,
    /// The certificate, or none.
    landed: Option<Arc<Certificate>>,
}

impl Certificates {
    pub(super) fn new(fetch: Arc<dyn Fetch>) -> Self {
        let most = |limit| NonZeroUsize::new(limit).unwrap_or(NonZeroUsize::MIN);
        Self {
            fetch,
            state: Mutex::new(State {
                known: LruCache::new(most(limits::CERTIFICATES)),
                flights: LruCache::new(most(limits::CERTIFICATE_FLIGHTS)),
                fetches: limits::CERTIFICATE_FETCHES,
                refilled_at: Instant::now(),
            }),
        }
    }

    /// The certificate at an address.
    pub(super) async fn find(
        &self,
        address: &Url,
        now: Moment,
    ) -> Result<Arc<Certificate>, Unavailable> {
        let (known, flight) = {
            let mut state = self.lock();
            let known = state.known.get(address).cloned();
            if let Some(known) = &known
                && known.fetched_at.elapsed() < limits::CERTIFICATE_AGE
            {
                return Ok(Arc::clone(&known.certificate));
            }
            (known, state.flight(address))
        };
        // Whoever waits while the first one goes away, takes over from it.
        let fetching = flight.ended.get_or_try_init(|| self.fetch(address));
        let landed = fetching.await.ok().and_then(|ended| ended.landed.clone());
        // One that is to be refreshed and cannot be now is good for as long as it says itself.
        let kept = || known.map(|known| known.certificate);
        let kept = || kept().filter(|certificate| certificate.counts_at(now));
        landed.or_else(kept).ok_or(Unavailable)
    }

    async fn fetch(&self, address: &Url) -> Result<Ended, Unavailable> {
        if !self.lock().may_fetch() {
            tracing::warn!("a signing certificate is not fetched: too many were asked for lately");
            return Err(Unavailable);
        }
        let fetched = match self.fetch.get(address).await {
            Ok(bytes) => Certificate::parse(&bytes).map_err(|error| error.to_string()),
            Err(NotFetched { cause }) => Err(cause),
        };
        let landed = match fetched {
            Ok(certificate) => Some(Arc::new(certificate)),
            Err(cause) => {
                tracing::warn!(%cause, host = address.host_str(), "a signing certificate could not be fetched");
                None
            }
        };
        let at = Instant::now();
        if let Some(certificate) = &landed {
            let known = Known {
                certificate: Arc::clone(certificate),
                fetched_at: at,
            };
            self.lock().known.put(address.clone(), known);
        }
        Ok(Ended { at, landed })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The flight to an address: the one under way, the one that failed lately, or a new one.
    fn flight(&mut self, address: &Url) -> Arc<Flight> {
        if let Some(flight) = self.flights.get(address) {
            let is_over = flight.ended.get().is_some_and(|ended| {
                ended.landed.is_some() || ended.at.elapsed() >= limits::CERTIFICATE_FAILURE_AGE
            });
            if !is_over {
                return Arc::clone(flight);
            }
        }
        let flight = Arc::new(Flight::default());
        self.flights.put(address.clone(), Arc::clone(&flight));
        flight
    }

    fn may_fetch(&mut self) -> bool {
        let every = limits::CERTIFICATE_FETCH_EVERY;
        while self.fetches < limits::CERTIFICATE_FETCHES && self.refilled_at.elapsed() >= every {
            self.fetches += 1;
            self.refilled_at += every;
        }
        if self.fetches == limits::CERTIFICATE_FETCHES {
            self.refilled_at = Instant::now();
        }
        match self.fetches.checked_sub(1) {
            Some(left) => {
                self.fetches = left;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use async_trait::async_trait;
    use tokio::time::{advance, sleep};

    use super::*;

    const FIXTURE: &[u8] = include_bytes!("../../tests/fixtures/sns/certificate.pem");
    /// Within the fixture's time.
    const NOW: Moment = Moment(1_796_126_400_000);
    const AFTER_ALL: Moment = Moment(5_000_000_000_000);

    /// Answers after a second, with a certificate or without.
    #[derive(Default)]
    struct Slow {
        fails: std::sync::atomic::AtomicBool,
        asked: AtomicUsize,
    }

    #[async_trait]
    impl Fetch for Slow {
        async fn get(&self, _: &Url) -> Result<Vec<u8>, NotFetched> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            sleep(Duration::from_secs(1)).await;
            match self.fails.load(Ordering::SeqCst) {
                true => Err(NotFetched {
                    cause: "answered 500".into(),
                }),
                false => Ok(FIXTURE.to_vec()),
            }
        }
    }

    impl Slow {
        fn asked(&self) -> usize {
            self.asked.load(Ordering::SeqCst)
        }

        fn fails(&self, fails: bool) {
            self.fails.store(fails, Ordering::SeqCst);
        }
    }

    fn start() -> (Arc<Slow>, Arc<Certificates>) {
        let slow = Arc::new(Slow::default());
        let certificates = Certificates::new(Arc::clone(&slow) as Arc<dyn Fetch>);
        (slow, Arc::new(certificates))
    }

    fn address(n: usize) -> Url {
        format!("https://sns.us-east-1.amazonaws.com/{n}.pem")
            .parse()
            .unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_certificate_is_fetched_once_and_again_after_a_day() {
        let (slow, certificates) = start();
        let one = address(1);
        let (first, second) =
            tokio::join!(certificates.find(&one, NOW), certificates.find(&one, NOW));
        assert!(first.is_ok() && second.is_ok());
        assert!(certificates.find(&address(1), NOW).await.is_ok());
        assert_eq!(slow.asked(), 1);
        advance(limits::CERTIFICATE_AGE).await;
        assert!(certificates.find(&address(1), NOW).await.is_ok());
        assert_eq!(slow.asked(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_cannot_be_fetched_again_is_good_until_it_runs_out() {
        let (slow, certificates) = start();
        assert!(certificates.find(&address(1), NOW).await.is_ok());
        advance(limits::CERTIFICATE_AGE).await;
        slow.fails(true);
        assert!(certificates.find(&address(1), NOW).await.is_ok());
        assert!(certificates.find(&address(1), AFTER_ALL).await.is_err());
        assert_eq!(slow.asked(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_remembered_for_a_while() {
        let (slow, certificates) = start();
        slow.fails(true);
        for _ in 0..10 {
            assert!(certificates.find(&address(1), NOW).await.is_err());
        }
        assert_eq!(slow.asked(), 1);
        slow.fails(false);
        advance(limits::CERTIFICATE_FAILURE_AGE).await;
        assert!(certificates.find(&address(1), NOW).await.is_ok());
        assert_eq!(slow.asked(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn who_goes_away_while_it_is_fetched_costs_the_others_nothing() {
        let (slow, certificates) = start();
        let other = Arc::clone(&certificates);
        let gone = tokio::spawn(async move { other.find(&address(1), NOW).await.is_ok() });
        advance(Duration::from_millis(500)).await;
        tokio::task::yield_now().await;
        assert_eq!(slow.asked(), 1);
        let one = address(1);
        let (found, ()) = tokio::join!(certificates.find(&one, NOW), async {
            gone.abort();
        });
        assert!(found.is_ok());
        assert_eq!(slow.asked(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn i14_addresses_that_others_invent_do_not_make_us_hammer_and_push_out_no_certificate() {
        let (slow, certificates) = start();
        assert!(certificates.find(&address(0), NOW).await.is_ok());
        slow.fails(true);
        for n in 1..1000 {
            assert!(certificates.find(&address(n), NOW).await.is_err());
        }
        // Each that was fetched took a second, in which time earned a fifth of the next.
        let most = limits::CERTIFICATE_FETCHES as usize * 2;
        assert!(slow.asked() <= most, "{}", slow.asked());
        assert!(certificates.find(&address(0), NOW).await.is_ok());
        let asked = slow.asked();
        slow.fails(false);
        advance(limits::CERTIFICATE_FETCH_EVERY * limits::CERTIFICATE_FETCHES).await;
        assert!(certificates.find(&address(5000), NOW).await.is_ok());
        assert_eq!(slow.asked(), asked + 1);
        let state = certificates.lock();
        assert!(state.flights.len() <= limits::CERTIFICATE_FLIGHTS);
    }
}
