//! Who delivers what nothing vouches for, and how much of it is heard.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::http::Extensions;
use lru::LruCache;
use tokio::time::Instant;

use crate::limits;

/// Where a delivery comes from, as far as it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    /// A machine, by [`source_of`] its address.
    At(IpAddr),
    /// The server does not tell: all of these share one bucket.
    Unknown,
    /// Somebody vouched for it: it counts against nobody.
    Vouched,
}

/// The source of a request, by the server's word for its peer.
pub(crate) fn source(extensions: &Extensions) -> Source {
    match extensions.get::<ConnectInfo<SocketAddr>>() {
        None => Source::Unknown,
        Some(ConnectInfo(peer)) => Source::At(source_of(peer.ip())),
    }
}

/// What an address counts as. Of an IPv6 address the first half: who has one has the whole network of it.
#[must_use]
pub fn source_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(
            address.to_bits() & !u128::from(u64::MAX),
        )),
    }
}

/// How a source stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It may fail again.
    Fine,
    /// It failed too often.
    Spent,
}

/// A bucket for each source; what fails takes a drop out, and time pours drops in.
pub(crate) struct Sources {
    burst: u32,
    every: Duration,
    buckets: Mutex<LruCache<Source, Bucket>>,
}

/// Full at `full_at`, and fuller than full never.
struct Bucket {
    full_at: Instant,
}

impl Sources {
    pub(crate) fn new(burst: u32, every: Duration) -> Self {
        let most = NonZeroUsize::new(limits::SOURCES).unwrap_or(NonZeroUsize::MIN);
        Self {
            burst,
            every,
            buckets: Mutex::new(LruCache::new(most)),
        }
    }

    /// How a source stands now.
    pub(crate) fn standing(&self, source: Source) -> Standing {
        let buckets = self.lock();
        // Asking is no reason to be remembered longer.
        match buckets.peek(&source) {
            Some(bucket) => self.judge(bucket, Instant::now()),
            None => Standing::Fine,
        }
    }

    /// Counts a failure, and says how the source stood before.
    pub(crate) fn blame(&self, source: Source) -> Standing {
        if source == Source::Vouched {
            return Standing::Fine;
        }
        let now = Instant::now();
        let mut buckets = self.lock();
        let bucket = buckets.get_or_insert_mut(source, || Bucket { full_at: now });
        let standing = self.judge(bucket, now);
        if standing == Standing::Fine {
            bucket.full_at = bucket.full_at.max(now) + self.every;
        }
        standing
    }

    fn judge(&self, bucket: &Bucket, now: Instant) -> Standing {
        match bucket.full_at.saturating_duration_since(now)
            > self.every * self.burst.saturating_sub(1)
        {
            true => Standing::Spent,
            false => Standing::Fine,
        }
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<Source, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Source {
        let mut extensions = Extensions::new();
        let peer = SocketAddr::new(address.parse().unwrap(), 1);
        extensions.insert(ConnectInfo(peer));
        source(&extensions)
    }

    #[test]
    fn a_source_is_a_machine_or_the_network_of_an_ipv6_address() {
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:1"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
        assert_eq!(
            at("192.0.2.1"),
            at("::ffff:192.0.2.1"),
            "an IPv4 address by its other name"
        );
        assert_eq!(source(&Extensions::new()), Source::Unknown);
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_is_spent_after_its_burst_and_heard_again_in_time() {
        let sources = Sources::new(3, Duration::from_secs(1));
        let (one, other) = (at("192.0.2.1"), at("192.0.2.2"));
        for _ in 0..3 {
            assert_eq!(sources.blame(one), Standing::Fine);
        }
        assert_eq!(sources.standing(one), Standing::Spent);
        assert_eq!(sources.standing(other), Standing::Fine);
        assert_eq!(sources.blame(one), Standing::Spent);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(
            sources.blame(one),
            Standing::Fine,
            "what was refused meanwhile does not count"
        );
        assert_eq!(sources.standing(one), Standing::Spent);
        tokio::time::advance(Duration::from_secs(1000)).await;
        for _ in 0..3 {
            assert_eq!(
                sources.blame(one),
                Standing::Fine,
                "no more than a burst is saved up"
            );
        }
        assert_eq!(sources.standing(one), Standing::Spent);
    }

    #[tokio::test(start_paused = true)]
    async fn i14_only_so_many_sources_are_remembered() {
        let sources = Sources::new(1, Duration::from_secs(1));
        for n in 0..limits::SOURCES as u32 + 10 {
            sources.blame(Source::At(IpAddr::from(n.to_be_bytes())));
        }
        assert_eq!(sources.lock().len(), limits::SOURCES);
        assert_eq!(
            sources.standing(Source::At(IpAddr::from([0; 4]))),
            Standing::Fine
        );
    }
}
