//! The writer: one thread, and one transaction for everything that is queued. One fsync serves them all.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use super::failed;
use crate::{LedgerError, limits};

/// What a job works on: the open transaction, and what the writer keeps in memory.
pub(super) struct Work<'a> {
    pub(super) connection: &'a Connection,
    pub(super) kept: &'a mut Kept,
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
struct Job {
    /// About how many rows it touches.
    operations: usize,
    run: Run,
}

/// Runs in the transaction; says whether it failed, and how to answer once the commit is known.
type Run = Box<dyn FnOnce(Result<&mut Work<'_>, LedgerError>) -> (bool, Reply) + Send>;
type Reply = Box<dyn FnOnce(Result<(), LedgerError>) + Send>;

pub(super) struct Writer {
    /// None only while it is being dropped.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    published: watch::Receiver<Kept>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self, LedgerError> {
        let count = |query: &str| {
            connection
                .query_row(query, [], |row| row.get(0))
                .map_err(failed("count"))
        };
        let kept = Kept {
            // A join stands in two lanes, and is no message.
            undone: count(
                "SELECT (SELECT count(*) FROM messages WHERE undone = 1) - 2 * (SELECT count(*) FROM joins WHERE done = 0)",
            )?,
            contacts: count(
                "SELECT (SELECT count(*) FROM contacts) - (SELECT count(*) FROM joins WHERE done = 1)",
            )?,
        };
        let (jobs, queue) = mpsc::channel(limits::WRITES_WAITING);
        let (publish, published) = watch::channel(kept);
        let thread = std::thread::Builder::new()
            .name("ledger-writer".into())
            .spawn(move || write_all(&connection, queue, &publish))
            .map_err(|error| LedgerError::Store {
                what: "start the writer".into(),
                cause: error.to_string(),
            })?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
            published,
        })
    }

    /// Runs `job` in a transaction and returns once that is on disk (I1).
    pub(super) async fn write<T, F>(&self, operations: usize, job: F) -> Result<T, LedgerError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Work<'_>) -> Result<T, LedgerError> + Send + 'static,
    {
        let gone = || LedgerError::Store {
            what: "write".into(),
            cause: "the writer ended".into(),
        };
        let (answer, answered) = oneshot::channel();
        let run: Run = Box::new(move |work| {
            let outcome = work.and_then(job);
            let has_failed = outcome.is_err();
            // Whoever asked may have gone: then nobody needs the answer.
            let reply: Reply = Box::new(move |commit| {
                drop(answer.send(outcome.and_then(|value| commit.map(|()| value))));
            });
            (has_failed, reply)
        });
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        jobs.send(Job { operations, run })
            .await
            .map_err(|_| gone())?;
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

fn write_all(
    connection: &Connection,
    mut queue: mpsc::Receiver<Job>,
    publish: &watch::Sender<Kept>,
) {
    let mut kept = *publish.borrow();
    let mut batch = Vec::new();
    while let Some(first) = queue.blocking_recv() {
        let mut operations = first.operations;
        batch.push(first);
        while operations < limits::OPERATIONS_PER_COMMIT
            && let Ok(job) = queue.try_recv()
        {
            operations += job.operations;
            batch.push(job);
        }
        commit(connection, &mut batch, &mut kept, publish);
    }
}

fn commit(
    connection: &Connection,
    batch: &mut Vec<Job>,
    kept: &mut Kept,
    publish: &watch::Sender<Kept>,
) {
    let before = *kept;
    let mut replies = Vec::with_capacity(batch.len());
    let mut outcome = execute(connection, "BEGIN IMMEDIATE");
    for job in batch.drain(..) {
        match &outcome {
            Ok(()) => {
                replies.extend(run(connection, job, kept));
                if connection.is_autocommit() {
                    // A full disk, say: SQLite gave up the whole transaction, and what came before in it is gone too.
                    outcome = Err(LedgerError::Store {
                        what: "write".into(),
                        cause: "the transaction was rolled back".into(),
                    });
                }
            }
            Err(error) => replies.push((job.run)(Err(error.clone())).1),
        }
    }
    if outcome.is_ok() {
        outcome = execute(connection, "COMMIT");
    }
    if let Err(error) = &outcome {
        tracing::error!(%error, "a commit failed: nothing of it was acknowledged");
        *kept = before;
        if !connection.is_autocommit()
            && let Err(error) = execute(connection, "ROLLBACK")
        {
            tracing::error!(%error, "a rollback failed");
        }
        // On a full disk the write-ahead log may be what fills it: what is in it goes to the file, and its room is given back.
        let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }
    publish.send_replace(*kept);
    for reply in replies {
        reply(outcome.clone());
    }
}

/// One job within its savepoint: if it fails, it takes none of its neighbours with it.
fn run(connection: &Connection, job: Job, kept: &mut Kept) -> Option<Reply> {
    let before = *kept;
    if let Err(error) = execute(connection, "SAVEPOINT job") {
        return Some((job.run)(Err(error)).1);
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        (job.run)(Ok(&mut Work {
            connection,
            kept: &mut *kept,
        }))
    }));
    let has_failed = outcome.as_ref().map_or(true, |(has_failed, _)| *has_failed);
    if has_failed {
        *kept = before;
    }
    if !connection.is_autocommit() {
        let ends: &[&str] = if has_failed {
            &["ROLLBACK TO job", "RELEASE job"]
        } else {
            &["RELEASE job"]
        };
        for end in ends {
            if let Err(error) = execute(connection, end) {
                tracing::error!(%error, "a savepoint could not be ended");
            }
        }
    }
    // After a panic the reply is gone with it, and whoever asked learns that the writer gave none.
    outcome.ok().map(|(_, reply)| reply)
}

fn execute(connection: &Connection, statement: &str) -> Result<(), LedgerError> {
    connection
        .prepare_cached(statement)
        .and_then(|mut prepared| prepared.execute([]))
        .map(drop)
        .map_err(failed(statement))
}
