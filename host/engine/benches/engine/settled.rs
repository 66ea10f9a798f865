//! When messages are done: the engine writes one line of its log for each decision, after it has settled.

use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

/// What is known of messages under way, and of those that are done.
#[derive(Default)]
pub(crate) struct Settled {
    /// By contact: when those that are under way were handed in. One contact's messages are done in order.
    under_way: Mutex<Vec<VecDeque<Instant>>>,
    /// How long each took, since somebody last asked.
    took: Mutex<Vec<Duration>>,
    done: AtomicU64,
    places: Mutex<Option<Arc<Semaphore>>>,
}

impl Settled {
    /// Forgets all, and gives a place back for each message that is done from now on.
    pub(crate) fn begin(&self, contacts: usize, places: Option<Arc<Semaphore>>) {
        *self.under_way.lock().unwrap() = vec![VecDeque::new(); contacts + 1];
        *self.took.lock().unwrap() = Vec::new();
        *self.places.lock().unwrap() = places;
        self.done.store(0, Ordering::Relaxed);
    }

    pub(crate) fn handed_in(&self, contact: u64, at: Instant) {
        let mut under_way = self.under_way.lock().unwrap();
        if let Some(queue) = under_way.get_mut(contact as usize) {
            queue.push_back(at);
        }
    }

    /// It was not accepted after all.
    pub(crate) fn taken_back(&self, contact: u64) {
        let mut under_way = self.under_way.lock().unwrap();
        if let Some(queue) = under_way.get_mut(contact as usize) {
            queue.pop_back();
        }
    }

    pub(crate) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// How long those took that were done since the last call.
    pub(crate) fn took(&self) -> Vec<Duration> {
        std::mem::take(&mut self.took.lock().unwrap())
    }

    fn is_done(&self, contact: usize) {
        self.done.fetch_add(1, Ordering::Relaxed);
        let began = {
            let mut under_way = self.under_way.lock().unwrap();
            under_way.get_mut(contact).and_then(VecDeque::pop_front)
        };
        if let Some(began) = began {
            self.took.lock().unwrap().push(began.elapsed());
        }
        if let Some(places) = &*self.places.lock().unwrap() {
            places.add_permits(1);
        }
    }
}

/// Listens to the engine's log from now on.
pub(crate) fn listen() -> Arc<Settled> {
    let settled = Arc::new(Settled::default());
    let listener = Listener(Arc::clone(&settled));
    tracing::subscriber::set_global_default(listener).unwrap();
    settled
}

struct Listener(Arc<Settled>);

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::INFO
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        match (line.is_decision, line.contact) {
            (true, Some(contact)) => self.0.is_done(contact),
            _ if *event.metadata().level() <= tracing::Level::WARN => {
                eprintln!("the engine says: {}", line.all);
            }
            _ => {}
        }
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[derive(Default)]
struct Line {
    contact: Option<usize>,
    is_decision: bool,
    all: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "contact" {
            let mut digits = String::new();
            write!(digits, "{value:?}").unwrap();
            self.contact = digits.trim_start_matches('c').parse().ok();
            return;
        }
        if field.name() != "micros" && !self.is_decision {
            write!(self.all, "{}={value:?} ", field.name()).unwrap();
        }
    }

    fn record_u64(&mut self, field: &Field, _: u64) {
        self.is_decision |= field.name() == "micros";
    }
}
