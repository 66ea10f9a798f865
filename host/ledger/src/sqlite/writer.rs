//! The writer as its callers know it: whatever they ask for is queued for one thread, and answered once it is on disk.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use model::Moment;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use super::accept::Accepted;
use super::consent::Chains;
use super::heads::Heads;
use super::{commits, failed};
use crate::{Acceptance, LedgerError, limits};

/// What a job works on: the open transaction, and what the writer keeps in memory.
pub(super) struct Work<'a> {
    pub(super) connection: &'a Connection,
    pub(super) kept: &'a mut Kept,
    pub(super) chains: &'a Chains,
    /// How many notices came in by this transaction, and when: as it ends, what has expired is swept for all of them.
    pub(super) came_in: &'a mut Option<(usize, Moment)>,
}

/// What the writer keeps beside the file: put back if a job or a commit fails.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    /// Messages accepted and not settled.
    pub(super) undone: u64,
    /// Contacts of all tenants.
    pub(super) contacts: u64,
}

/// One caller's write.
pub(super) struct Job {
    /// About how many rows it touches.
    pub(super) operations: usize,
    pub(super) run: Box<dyn Run>,
}

/// What a job does, and whom it answers once the commit is known.
pub(super) trait Run: Send {
    /// In the open transaction; run again if its neighbours had to be taken back with it. Says whether it went well.
    fn run(&mut self, work: &mut Work<'_>) -> bool;
    fn answer(self: Box<Self>, commit: Result<(), LedgerError>);
}

struct Asked<T, F> {
    job: F,
    outcome: Option<Result<T, LedgerError>>,
    answer: oneshot::Sender<Result<T, LedgerError>>,
}

impl<T, F> Run for Asked<T, F>
where
    T: Send,
    F: FnMut(&mut Work<'_>) -> Result<T, LedgerError> + Send,
{
    fn run(&mut self, work: &mut Work<'_>) -> bool {
        // None is left if it panics: then whoever asked learns that no answer came.
        self.outcome = None;
        self.outcome.insert((self.job)(work)).is_ok()
    }

    fn answer(self: Box<Self>, commit: Result<(), LedgerError>) {
        let Self {
            outcome, answer, ..
        } = *self;
        let told = match (outcome, commit) {
            (Some(outcome), commit) => outcome.and_then(|value| commit.map(|()| value)),
            (None, Err(error)) => Err(error),
            (None, Ok(())) => return,
        };
        // Whoever asked may have gone: then nobody needs the answer.
        drop(answer.send(told));
    }
}

pub(super) struct Writer {
    /// None only while it is being dropped.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    /// Instead of a thread: whoever writes does it itself.
    in_place: Option<InPlace>,
    published: watch::Receiver<Kept>,
    heads: Heads,
}

/// Writes where it is asked to, with nothing left to the system's scheduler.
struct InPlace {
    connection: Arc<Mutex<Connection>>,
    chains: Chains,
    publish: watch::Sender<Kept>,
}

impl Writer {
    pub(super) fn start(connection: Connection, chains: Chains) -> Result<Self, LedgerError> {
        let kept = counted(&connection)?;
        let (jobs, queue) = mpsc::channel(limits::WRITES_WAITING);
        let (publish, published) = watch::channel(kept);
        let thread = std::thread::Builder::new()
            .name("ledger-writer".into())
            .spawn(move || commits::write_all(connection, &chains, queue, &publish))
            .map_err(|error| LedgerError::Store {
                what: "start the writer".into(),
                cause: error.to_string(),
            })?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
            in_place: None,
            published,
            heads: Heads::default(),
        })
    }

    /// A writer without a thread.
    pub(super) fn in_place(
        connection: Arc<Mutex<Connection>>,
        chains: Chains,
    ) -> Result<Self, LedgerError> {
        let kept = {
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            counted(&connection)?
        };
        let (publish, published) = watch::channel(kept);
        Ok(Self {
            jobs: None,
            thread: None,
            in_place: Some(InPlace {
                connection,
                chains,
                publish,
            }),
            published,
            heads: Heads::default(),
        })
    }

    /// Runs `job` in a transaction and returns once that is on disk (I1).
    pub(super) async fn write<T, F>(&self, operations: usize, job: F) -> Result<T, LedgerError>
    where
        T: Send + 'static,
        F: FnMut(&mut Work<'_>) -> Result<T, LedgerError> + Send + 'static,
    {
        let written = self.write_beside_heads(operations, job).await;
        self.heads.forget_all();
        written
    }

    /// Runs an accept, and keeps the heads of lanes that it makes.
    pub(super) async fn accept<F>(
        &self,
        operations: usize,
        job: F,
    ) -> Result<Vec<Acceptance>, LedgerError>
    where
        F: FnMut(&mut Work<'_>) -> Result<Vec<Accepted>, LedgerError> + Send + 'static,
    {
        let accepted = self.write_beside_heads(operations, job).await?;
        let mut acceptances = Vec::with_capacity(accepted.len());
        for Accepted {
            acceptance,
            head,
            shows_elsewhere,
        } in accepted
        {
            if shows_elsewhere {
                self.heads.forget_all();
            }
            match (&acceptance, head) {
                (Acceptance::Queued(lane), Some(head)) => self.heads.keep(lane.clone(), head),
                // The head before it is to know of it.
                (Acceptance::Queued(lane), None) => drop(self.heads.take(lane)),
                (Acceptance::Known | Acceptance::Status { .. }, _) => {}
                _ => self.heads.forget_all(),
            }
            acceptances.push(acceptance);
        }
        Ok(acceptances)
    }

    pub(super) fn heads(&self) -> &Heads {
        &self.heads
    }

    /// The same for what changes nothing that a lane's head shows.
    pub(super) async fn write_beside_heads<T, F>(
        &self,
        operations: usize,
        job: F,
    ) -> Result<T, LedgerError>
    where
        T: Send + 'static,
        F: FnMut(&mut Work<'_>) -> Result<T, LedgerError> + Send + 'static,
    {
        let gone = || LedgerError::Store {
            what: "write".into(),
            cause: "the writer ended".into(),
        };
        let (answer, answered) = oneshot::channel();
        let job = Job {
            operations,
            run: Box::new(Asked {
                job,
                outcome: None,
                answer,
            }),
        };
        if let Some(InPlace {
            connection,
            chains,
            publish,
        }) = &self.in_place
        {
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            let mut kept = *publish.borrow();
            commits::commit(
                &connection,
                chains,
                None,
                &mut vec![job],
                &mut kept,
                publish,
            );
        } else {
            let jobs = self.jobs.as_ref().ok_or_else(gone)?;
            match tokio::time::timeout(limits::WRITE_WAIT, jobs.send(job)).await {
                Ok(sent) => sent.map_err(|_| gone())?,
                Err(_) => return Err(too_busy()),
            }
        }
        answered.await.map_err(|_| gone())?
    }

    /// What is known without counting, as of the last commit.
    pub(super) fn kept(&self) -> Kept {
        *self.published.borrow()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // It ends after what is queued; a panic in it was answered already, by silence.
            drop(thread.join());
        }
    }
}

fn too_busy() -> LedgerError {
    LedgerError::Store {
        what: "write".into(),
        cause: format!(
            "{} writes wait already, and none was done for {} s; nothing of this one was stored: bring it again",
            limits::WRITES_WAITING,
            limits::WRITE_WAIT.as_secs()
        ),
    }
}

/// What there is, counted once; from then on the writer keeps count.
fn counted(connection: &Connection) -> Result<Kept, LedgerError> {
    let count = |query: &str| {
        connection
            .query_row(query, [], |row| row.get(0))
            .map_err(failed("count"))
    };
    Ok(Kept {
        // A join stands in two lanes, and is no message.
        undone: count(
            "SELECT (SELECT count(*) FROM messages WHERE undone = 1) - 2 * (SELECT count(*) FROM joins WHERE done = 0)",
        )?,
        contacts: count(
            "SELECT (SELECT count(*) FROM contacts) - (SELECT count(*) FROM joins WHERE done = 1)
                 - (SELECT count(*) FROM contacts INDEXED BY contacts_erased WHERE erased_at IS NOT NULL)",
        )?,
    })
}
