//! Bodies: read within bounds of size and time, and within the memory that all doors share.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::answer::Answer;
use crate::limits;

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
    _share: Option<OwnedSemaphorePermit>,
}

/// The memory that bodies may take.
pub(crate) struct Budget {
    bytes: Arc<Semaphore>,
    lingering: Arc<Semaphore>,
}

impl Budget {
    pub(crate) fn new(bytes: usize) -> Self {
        Self {
            bytes: Arc::new(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS))),
            lingering: Arc::new(Semaphore::new(limits::LINGERING)),
        }
    }

    /// Reads it all. What is refused is read on for a while, without keeping it.
    pub(crate) async fn read(&self, mut body: Body, bounds: &Bounds) -> Result<InFlight, Answer> {
        let reading = self.read_within(&mut body, bounds);
        let read = timeout(bounds.wait, reading).await;
        let read = read.unwrap_or(Err(Answer::TooSlow));
        if matches!(read, Err(Answer::TooLarge | Answer::Busy)) {
            self.linger(body);
        }
        read
    }

    async fn read_within(&self, body: &mut Body, bounds: &Bounds) -> Result<InFlight, Answer> {
        // What is declared is counted when it comes; but there is no need to wait for too much of it.
        let most = u64::try_from(bounds.bytes).unwrap_or(u64::MAX);
        if body.size_hint().lower() > most {
            return Err(Answer::TooLarge);
        }
        let mut share: Option<OwnedSemaphorePermit> = None;
        let mut first = Bytes::new();
        let mut whole: Vec<u8> = Vec::new();
        while let Some(part) = next(body).await? {
            let length = first.len().max(whole.len()).saturating_add(part.len());
            if length > bounds.bytes {
                return Err(Answer::TooLarge);
            }
            // Taken as it comes, so that who declares much and sends nothing holds nothing.
            let more = self.share(part.len(), bounds.share_wait).await?;
            match &mut share {
                Some(share) => share.merge(more),
                None => share = Some(more),
            }
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

    async fn share(&self, bytes: usize, wait: Duration) -> Result<OwnedSemaphorePermit, Answer> {
        let bytes = u32::try_from(bytes).map_err(|_| Answer::TooLarge)?;
        let waiting = Arc::clone(&self.bytes).acquire_many_owned(bytes);
        match timeout(wait, waiting).await {
            Ok(Ok(share)) => Ok(share),
            // The semaphore is never closed: this is the wait that ended.
            Ok(Err(_)) | Err(_) => Err(Answer::Busy),
        }
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
