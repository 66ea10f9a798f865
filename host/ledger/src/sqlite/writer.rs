//! The writer: one thread, and one transaction for everything that is queued. One fsync serves them all.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use super::accept::Accepted;
use super::consent::Chains;
use super::failed;
use super::ground::Ground;
use super::heads::Heads;
use crate::{Acceptance, LedgerError, limits};

/// What a job works on: the open transaction, and what the writer keeps in memory.
pub(super) struct Work<'a> {
    pub(super) connection: &'a Connection,
    pub(super) kept: &'a mut Kept,
    pub(super) chains: &'a Chains,
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
            .spawn(move || write_all(&connection, &chains, queue, &publish))
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
        F: FnOnce(&mut Work<'_>) -> Result<T, LedgerError> + Send + 'static,
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
        F: FnOnce(&mut Work<'_>) -> Result<Vec<Accepted>, LedgerError> + Send + 'static,
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
        if let Some(InPlace {
            connection,
            chains,
            publish,
        }) = &self.in_place
        {
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            let mut kept = *publish.borrow();
            let mut batch = vec![Job { operations, run }];
            commit(&connection, chains, None, &mut batch, &mut kept, publish);
        } else {
            let jobs = self.jobs.as_ref().ok_or_else(gone)?;
            jobs.send(Job { operations, run })
                .await
                .map_err(|_| gone())?;
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

fn write_all(
    connection: &Connection,
    chains: &Chains,
    mut queue: mpsc::Receiver<Job>,
    publish: &watch::Sender<Kept>,
) {
    let ground = Ground::of(connection);
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
        commit(
            connection,
            chains,
            ground.as_ref(),
            &mut batch,
            &mut kept,
            publish,
        );
    }
}

fn commit(
    connection: &Connection,
    chains: &Chains,
    ground: Option<&Ground>,
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
                replies.extend(run(connection, chains, job, kept));
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
    if let (Ok(()), Some(ground)) = (&outcome, ground) {
        outcome = ground.holds();
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
fn run(connection: &Connection, chains: &Chains, job: Job, kept: &mut Kept) -> Option<Reply> {
    let before = *kept;
    if let Err(error) = execute(connection, "SAVEPOINT job") {
        return Some((job.run)(Err(error)).1);
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        (job.run)(Ok(&mut Work {
            connection,
            kept: &mut *kept,
            chains,
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
