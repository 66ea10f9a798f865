//! Callers that hand messages in, each waiting for its answer before the next.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use engine::Engine;
use intake::{Accept, NotAccepted};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::house::{self, CONTACTS, Shop};
use crate::machine;
use crate::settled::Settled;

/// So many are handed in together while contacts are made.
const TOGETHER: u64 = 500;

/// One load.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) connections: usize,
    /// Messages accepted and not settled at once; past that the callers wait.
    pub(crate) undone: usize,
    pub(crate) warm_up: Duration,
    pub(crate) span: Duration,
}

/// What came of it.
pub(crate) struct Measured {
    pub(crate) load: Load,
    pub(crate) settled_per_second: f64,
    pub(crate) accepted_per_second: f64,
    /// Told that there is no room, of those handed in.
    pub(crate) refused: u64,
    pub(crate) accept: [Duration; 2],
    pub(crate) accept_to_settle: [Duration; 2],
    pub(crate) processor_micros: f64,
    pub(crate) bytes_kept: f64,
    pub(crate) bytes_written: f64,
    pub(crate) resident_mb: [u64; 2],
    /// The most that was undone at once.
    pub(crate) undone_most: u64,
    /// How long what was undone at the end took.
    pub(crate) drained: Duration,
    pub(crate) load_average: String,
}

pub(crate) async fn measure(shop: &Shop, settled: Arc<Settled>, load: Load) -> Measured {
    let folder = tempfile::tempdir().unwrap();
    let engine = shop.open(folder.path()).await;
    settled.begin(0, None);
    make_contacts(&engine, &settled).await;
    let bytes_before = machine::bytes_in(folder.path());
    let load_average = machine::load_average();

    let places = Arc::new(Semaphore::new(load.undone.min(Semaphore::MAX_PERMITS)));
    settled.begin(CONTACTS as usize, Some(Arc::clone(&places)));
    let callers = Arc::new(Callers::default());
    let mut tasks = JoinSet::new();
    for _ in 0..load.connections {
        let caller = Caller {
            engine: engine.clone(),
            settled: Arc::clone(&settled),
            places: Arc::clone(&places),
            shared: Arc::clone(&callers),
        };
        tasks.spawn(caller.call());
    }

    tokio::time::sleep(load.warm_up).await;
    settled.took();
    callers.took();
    let (begin, processor, written) = (Instant::now(), machine::processor(), machine::written());
    let (done_before, accepted_before) = (settled.done(), callers.accepted());
    let resident_begin = machine::resident_mb();
    let mut undone_most = 0;
    while begin.elapsed() < load.span {
        tokio::time::sleep(Duration::from_millis(100)).await;
        undone_most = undone_most.max(callers.accepted().saturating_sub(settled.done()));
    }
    let took = begin.elapsed().as_secs_f64();
    let done = settled.done() - done_before;
    let accepted = callers.accepted() - accepted_before;
    let processor = (machine::processor() - processor).as_secs_f64();
    let written = machine::written() - written;
    let resident_end = machine::resident_mb();
    let accept = halves(callers.took());
    let accept_to_settle = halves(settled.took());

    callers.stop.store(true, Ordering::Relaxed);
    places.add_permits(load.connections);
    while tasks.join_next().await.is_some() {}
    let drain = Instant::now();
    while settled.done() < callers.accepted() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let drained = drain.elapsed();
    let counts = engine.ledger().counts().await.unwrap();
    assert_eq!((counts.undone, counts.dead_letters), (0, 0));
    engine.stop().await;
    drop(engine);
    let kept = machine::bytes_in(folder.path()).saturating_sub(bytes_before);
    let each = |sum: f64| sum / (done.max(1)) as f64;
    Measured {
        load,
        settled_per_second: done as f64 / took,
        accepted_per_second: accepted as f64 / took,
        refused: callers.refused.load(Ordering::Relaxed),
        accept,
        accept_to_settle,
        processor_micros: each(processor * 1e6),
        bytes_kept: kept as f64 / callers.accepted().max(1) as f64,
        bytes_written: each(written as f64),
        resident_mb: [resident_begin, resident_end],
        undone_most,
        drained,
        load_average,
    }
}

/// Everybody writes once, in order.
pub(crate) async fn make_contacts(engine: &Engine, settled: &Settled) {
    for first in (0..CONTACTS).step_by(TOGETHER as usize) {
        let messages = first..first + TOGETHER;
        let notices = messages.map(|which| house::message(which, engine.now()));
        engine.accept(notices.collect()).await.unwrap();
    }
    while settled.done() < CONTACTS {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[derive(Default)]
struct Callers {
    next: AtomicU64,
    accepted: AtomicU64,
    refused: AtomicU64,
    took: std::sync::Mutex<Vec<Duration>>,
    stop: AtomicBool,
}

impl Callers {
    fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    fn took(&self) -> Vec<Duration> {
        std::mem::take(&mut self.took.lock().unwrap())
    }
}

struct Caller {
    engine: Engine,
    settled: Arc<Settled>,
    places: Arc<Semaphore>,
    shared: Arc<Callers>,
}

impl Caller {
    async fn call(self) {
        loop {
            // Given back when the message is done.
            self.places.acquire().await.unwrap().forget();
            if self.shared.stop.load(Ordering::Relaxed) {
                return;
            }
            let which = CONTACTS + self.shared.next.fetch_add(1, Ordering::Relaxed);
            let notice = house::message(which, self.engine.now());
            let began = Instant::now();
            self.settled.handed_in(house::contact(which), began);
            match self.engine.accept(vec![notice]).await {
                Ok(()) => {
                    self.shared.took.lock().unwrap().push(began.elapsed());
                    self.shared.accepted.fetch_add(1, Ordering::Relaxed);
                }
                Err(NotAccepted::Full { .. }) => {
                    self.settled.taken_back(house::contact(which));
                    self.places.add_permits(1);
                    self.shared.refused.fetch_add(1, Ordering::Relaxed);
                    // As a sender does, only sooner.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
}

/// The median and the 99th of a hundred.
pub(crate) fn halves(mut took: Vec<Duration>) -> [Duration; 2] {
    took.sort_unstable();
    [0.5, 0.99].map(|part| {
        let place = (took.len().saturating_sub(1) as f64 * part) as usize;
        took.get(place).copied().unwrap_or_default()
    })
}
