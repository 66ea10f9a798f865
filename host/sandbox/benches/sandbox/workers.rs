//! Two threads that take turns on demand, each with its own runtime, one at a time or together.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use model::{Outcome, RunResult, Turn, Verdict};
use nix::sys::resource::{UsageWho, getrusage};
use nix::time::{ClockId, clock_gettime};
use sandbox::Plugin;
use sandbox::warm::Warm;

use crate::stage::{self, ANSWER, SETTINGS, Yes};
use crate::{native_closure, native_plugin};

pub(crate) type Fault = Box<dyn Error + Send + Sync>;

/// How a turn is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    NativeClosure,
    /// The plugin is lent a turn that is there already.
    NativePlugin,
    /// It is given a copy, as a contract that hands turns over does.
    NativePluginCopied,
    Reused,
    Fresh,
    FreshWithStandardAllocator,
}

impl Way {
    pub(crate) const ALL: [Self; 6] = [
        Self::NativeClosure,
        Self::NativePlugin,
        Self::NativePluginCopied,
        Self::Reused,
        Self::Fresh,
        Self::FreshWithStandardAllocator,
    ];

    /// Turns in one go: about a millisecond, so that many of them are not interrupted even where others compile.
    fn turns(self) -> usize {
        match self {
            Self::NativeClosure => 2500,
            Self::NativePlugin | Self::NativePluginCopied => 800,
            Self::Reused => 100,
            Self::Fresh | Self::FreshWithStandardAllocator => 60,
        }
    }
}

/// The plugins that are measured.
#[derive(Clone)]
pub(crate) struct Plugins {
    pub(crate) ours: Plugin,
    pub(crate) with_standard_allocator: Plugin,
}

/// One go of one thread.
pub(crate) struct Batch {
    pub(crate) began: Instant,
    pub(crate) ended: Instant,
    /// Processor time, the kernel's included.
    pub(crate) processor: Duration,
    /// How often the machine gave the processor to somebody else.
    pub(crate) interrupted: i64,
    /// Each turn, in nanoseconds.
    pub(crate) turns: Vec<u64>,
}

/// A thread that measures.
pub(crate) struct Worker {
    orders: SyncSender<(Way, Arc<Start>)>,
    batches: Receiver<Result<Batch, Fault>>,
}

impl Worker {
    pub(crate) fn start(plugins: Plugins) -> Result<Self, Fault> {
        let (orders, received) = sync_channel::<(Way, Arc<Start>)>(1);
        let (done, batches) = sync_channel(1);
        std::thread::Builder::new()
            .name("bench".to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_time()
                    .build();
                let mut bench = runtime.map_err(Fault::from).and_then(|runtime| {
                    let bench = runtime.block_on(Bench::new(plugins))?;
                    Ok((runtime, bench))
                });
                while let Ok((way, together)) = received.recv() {
                    let batch = match &mut bench {
                        Ok((runtime, bench)) => runtime.block_on(bench.batch(way, &together)),
                        Err(fault) => Err(fault.to_string().into()),
                    };
                    if done.send(batch).is_err() {
                        break;
                    }
                }
            })?;
        Ok(Self { orders, batches })
    }
}

/// One go of these workers together.
pub(crate) fn measure(workers: &[Worker], way: Way) -> Result<Vec<Batch>, Fault> {
    let together = Arc::new(Start {
        missing: AtomicUsize::new(workers.len()),
    });
    for worker in workers {
        worker.orders.send((way, Arc::clone(&together)))?;
    }
    workers
        .iter()
        .map(|worker| worker.batches.recv()?)
        .collect()
}

/// Where threads wait for each other awake: one that slept would begin when the machine has room for it, after the other.
struct Start {
    missing: AtomicUsize,
}

impl Start {
    fn wait(&self) {
        self.missing.fetch_sub(1, Ordering::AcqRel);
        while self.missing.load(Ordering::Acquire) > 0 {
            std::hint::spin_loop();
        }
    }
}

struct Bench {
    plugins: Plugins,
    warm: Warm,
    turn: Turn,
    plugin_turn: sdk::Turn,
}

/// A turn that was taken, by the host that heard the answer.
#[derive(Debug)]
enum Taken {
    ByUs(Yes),
    ByThePlugin(sdk::testing::Host),
}

impl Taken {
    /// Whether the contact was answered, in the right words.
    fn answered(&self) -> bool {
        match self {
            Self::ByUs(host) => host.answered(),
            Self::ByThePlugin(host) => host.said() == [ANSWER],
        }
    }
}

impl Bench {
    async fn new(plugins: Plugins) -> Result<Self, Fault> {
        // The sdk's allocator never frees, which one turn does not need; an instance for many turns needs one that does.
        let warm = Warm::new(&plugins.with_standard_allocator).await;
        Ok(Self {
            warm: warm.map_err(|failure| format!("{failure:?}"))?,
            turn: stage::turn()?,
            plugin_turn: native_plugin::turn()?,
            plugins,
        })
    }

    async fn batch(&mut self, way: Way, together: &Start) -> Result<Batch, Fault> {
        let mut turns = Vec::with_capacity(way.turns());
        together.wait();
        let interrupted = interruptions()?;
        let processor = processor()?;
        let began = Instant::now();
        let mut last = began;
        for _ in 0..way.turns() {
            let taken = self.take(way).await?;
            let now = Instant::now();
            turns.push(u64::try_from((now - last).as_nanos())?);
            last = now;
            if !taken.answered() {
                return Err(format!("{way:?} gave another answer: {taken:?}").into());
            }
        }
        Ok(Batch {
            began,
            ended: last,
            processor: self::processor()?.saturating_sub(processor),
            interrupted: interruptions()? - interrupted,
            turns,
        })
    }

    async fn take(&mut self, way: Way) -> Result<Taken, Fault> {
        let turn = &self.turn;
        let plugin = match way {
            Way::NativeClosure => return native(turn).await.map(Taken::ByUs),
            Way::NativePlugin => {
                return native_plugin::handle(&self.plugin_turn).map(Taken::ByThePlugin);
            }
            Way::NativePluginCopied => {
                let turn = self.plugin_turn.clone();
                return native_plugin::handle(&turn).map(Taken::ByThePlugin);
            }
            Way::Reused => {
                let taken = self.warm.run(turn, SETTINGS, Yes::default()).await;
                let (_, host) = taken.map_err(|failure| format!("{failure:?}"))?;
                return Ok(Taken::ByUs(host));
            }
            Way::Fresh => &self.plugins.ours,
            Way::FreshWithStandardAllocator => &self.plugins.with_standard_allocator,
        };
        match plugin.run(turn, SETTINGS, Yes::default()).await {
            (report, host) if report.result == RunResult::Ended(Outcome::Handled) => {
                Ok(Taken::ByUs(host))
            }
            (report, _) => Err(format!("{way:?} ended as {:?}", report.result).into()),
        }
    }
}

async fn native(turn: &Turn) -> Result<Yes, Fault> {
    // Boxed, as a run's host is.
    let mut host = Box::new(Yes::default());
    match native_closure::handle(turn, SETTINGS, host.as_mut()).await? {
        Verdict::Admitted => Ok(*host),
        Verdict::Refused(refusal) => Err(refusal.to_string().into()),
    }
}

/// The processor time of this thread.
fn processor() -> Result<Duration, Fault> {
    Ok(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?.into())
}

/// How often this thread lost its processor to another.
fn interruptions() -> Result<i64, Fault> {
    Ok(getrusage(UsageWho::RUSAGE_THREAD)?.involuntary_context_switches())
}
