//! Bodies: read within bounds of size and time, and within the memory that all doors share.

use std::future::poll_fn;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use lru::LruCache;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::answer::Answer;
use crate::limits;

use super::Settings;
use super::sources::{Source, Standing};

/// What one body may be.
pub(crate) struct Bounds {
    pub(crate) bytes: usize,
    pub(crate) wait: Duration,
    /// How long it waits for its share of the memory.
    pub(crate) share_wait: Duration,
}

/// A body in memory. Its share is given back when this is dropped: after the answer is known.
#[derive(Debug)]
pub(crate) struct InFlight {
    pub(crate) bytes: Bytes,
    _share: Share,
}

/// What a body holds of the memory.
#[derive(Debug)]
pub(crate) struct Share {
    /// What it may still take out of the first pot.
    usual: usize,
    /// Out of which it is taken: usual bodies' first, and the rest out of each of the others, in this order.
    pots: Vec<Arc<Semaphore>>,
    held: Vec<OwnedSemaphorePermit>,
}

/// The memory that bodies may take.
pub(crate) struct Budget {
    /// For the beginning of each body, which is all of most.
    usual: Arc<Semaphore>,
    usual_body_bytes: usize,
    bytes: Arc<Semaphore>,
    /// What a source may hold of it.
    bytes_of_source: usize,
    of_sources: Mutex<LruCache<Source, Arc<Semaphore>>>,
    /// For sources that are spent.
    spent: Arc<Semaphore>,
    lingering: Arc<Semaphore>,
}

impl Budget {
    pub(crate) fn new(settings: &Settings) -> Self {
        let most = NonZeroUsize::new(limits::SOURCES).unwrap_or(NonZeroUsize::MIN);
        Self {
            usual: pot(settings
                .usual_body_bytes
                .saturating_mul(limits::USUAL_BODIES)),
            usual_body_bytes: settings.usual_body_bytes,
            bytes: pot(settings.bytes_in_flight),
            bytes_of_source: settings.source_bytes_in_flight,
            of_sources: Mutex::new(LruCache::new(most)),
            spent: pot(settings.spent_bytes_in_flight),
            lingering: Arc::new(Semaphore::new(limits::LINGERING)),
        }
    }

    /// The share of a body that this source sends: nothing yet.
    pub(crate) fn share(&self, source: Source, standing: Standing) -> Share {
        let usual = Arc::clone(&self.usual);
        let pots = match standing {
            Standing::Spent => vec![usual, Arc::clone(&self.spent)],
            // Its own comes first: who has held enough waits there, and not where others stand in line.
            Standing::Fine => vec![usual, self.of_source(source), Arc::clone(&self.bytes)],
        };
        Share {
            usual: self.usual_body_bytes,
            pots,
            held: Vec::new(),
        }
    }

    fn of_source(&self, source: Source) -> Arc<Semaphore> {
        let mut sources = self
            .of_sources
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let own = sources.get_or_insert(source, || pot(self.bytes_of_source));
        Arc::clone(own)
    }

    /// Reads it all. What is refused is read on for a while, without keeping it.
    pub(crate) async fn read(
        &self,
        mut body: Body,
        bounds: &Bounds,
        share: Share,
    ) -> Result<InFlight, Answer> {
        let reading = read_within(&mut body, bounds, share);
        let read = timeout(bounds.wait, reading).await;
        let read = read.unwrap_or(Err(Answer::TooSlow));
        if matches!(read, Err(Answer::TooLarge | Answer::Busy)) {
            self.linger(body);
        }
        read
    }

    /// Reads on what a refused sender still writes: one that finds its connection closed while it writes never sees the answer. Bounded in
    /// bytes, in time, and in how many are listened to.
    pub(crate) fn linger(&self, mut body: Body) {
        if body.is_end_stream() {
            return;
        }
        let Ok(place) = Arc::clone(&self.lingering).try_acquire_owned() else {
            return;
        };
        tokio::spawn(async move {
            let draining = async {
                let mut rest = limits::LINGER_BYTES;
                while let Ok(Some(part)) = next(&mut body).await {
                    match rest.checked_sub(part.len()) {
                        Some(left) => rest = left,
                        None => return,
                    }
                }
            };
            // However it ends, nothing is left to do.
            let _ = timeout(limits::LINGER_WAIT, draining).await;
            drop(place);
        });
    }
}

async fn read_within(
    body: &mut Body,
    bounds: &Bounds,
    mut share: Share,
) -> Result<InFlight, Answer> {
    // What is declared is counted when it comes; but there is no need to wait for too much of it.
    let most = u64::try_from(bounds.bytes).unwrap_or(u64::MAX);
    if body.size_hint().lower() > most {
        return Err(Answer::TooLarge);
    }
    let mut first = Bytes::new();
    let mut whole: Vec<u8> = Vec::new();
    while let Some(part) = next(body).await? {
        let length = first.len().max(whole.len()).saturating_add(part.len());
        if length > bounds.bytes {
            return Err(Answer::TooLarge);
        }
        // Taken as it comes, so that who declares much and sends nothing holds nothing.
        share.grow(part.len(), bounds.share_wait).await?;
        // Most bodies are one part, which needs no copy.
        match (first.is_empty(), whole.is_empty()) {
            (true, true) => first = part,
            (false, true) => {
                whole.reserve(length);
                whole.extend_from_slice(&first);
                whole.extend_from_slice(&part);
            }
            (_, false) => whole.extend_from_slice(&part),
        }
    }
    let bytes = match whole.is_empty() {
        true => first,
        false => whole.into(),
    };
    Ok(InFlight {
        bytes,
        _share: share,
    })
}

impl Share {
    /// Takes so much more, as soon as it is there.
    async fn grow(&mut self, bytes: usize, wait: Duration) -> Result<(), Answer> {
        let count = |bytes: usize| u32::try_from(bytes).map_err(|_| Answer::TooLarge);
        let usual = bytes.min(self.usual);
        let (from_first, from_others) = (count(usual)?, count(bytes - usual)?);
        let taking = async {
            let mut taken = Vec::with_capacity(self.pots.len());
            for (n, pot) in self.pots.iter().enumerate() {
                let bytes = if n == 0 { from_first } else { from_others };
                taken.push(Arc::clone(pot).acquire_many_owned(bytes).await?);
            }
            Ok::<_, AcquireError>(taken)
        };
        // No pot is ever closed: this is the wait that ended.
        let Ok(Ok(taken)) = timeout(wait, taking).await else {
            return Err(Answer::Busy);
        };
        self.usual -= usual;
        if self.held.is_empty() {
            self.held = taken;
            return Ok(());
        }
        for (held, more) in self.held.iter_mut().zip(taken) {
            held.merge(more);
        }
        Ok(())
    }
}

fn pot(bytes: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS)))
}

/// The next bytes, if there are more.
async fn next(body: &mut Body) -> Result<Option<Bytes>, Answer> {
    loop {
        match poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await {
            None => return Ok(None),
            Some(Err(_)) => return Err(Answer::BrokeOff),
            Some(Ok(frame)) => {
                // Trailers are none of ours.
                if let Ok(bytes) = frame.into_data() {
                    return Ok(Some(bytes));
                }
            }
        }
    }
}
