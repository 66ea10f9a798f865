//! One transaction for everything that is queued: one fsync serves them all.
//!
//! Jobs of a transaction run one after the other with nothing between them. The rare one that fails after it has written takes all of it
//! back; then each runs again within a savepoint of its own, so that it takes none of its neighbours with it. A savepoint for each from
//! the start would copy every page that a job is the first to touch, for nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};

use model::Moment;
use rusqlite::Connection;
use tokio::sync::{mpsc, watch};

use super::checkpoints::Checkpoints;
use super::consent::Chains;
use super::ground::Ground;
use super::writer::{Job, Kept, Work};
use super::{accept, failed};
use crate::{LedgerError, limits};

/// The writer's thread, until nobody is left to ask it.
pub(super) fn write_all(
    mut connection: Connection,
    chains: &Chains,
    mut queue: mpsc::Receiver<Job>,
    publish: &watch::Sender<Kept>,
) {
    let ground = Ground::of(&connection);
    let checkpoints = ground
        .as_ref()
        .and_then(|_| Checkpoints::beside(&mut connection));
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
            &connection,
            chains,
            ground.as_ref(),
            &mut batch,
            &mut kept,
            publish,
        );
        if let Some(checkpoints) = &checkpoints {
            checkpoints.look(&connection);
        }
    }
}

/// Runs these jobs in one transaction, and answers once it is on disk (I1).
pub(super) fn commit(
    connection: &Connection,
    chains: &Chains,
    ground: Option<&Ground>,
    batch: &mut Vec<Job>,
    kept: &mut Kept,
    publish: &watch::Sender<Kept>,
) {
    let before = *kept;
    let mut outcome = together(connection, chains, batch, kept);
    if let Ok(Went::Back) = outcome {
        *kept = before;
        outcome = execute(connection, "ROLLBACK")
            .and_then(|()| one_by_one(connection, chains, batch, kept));
    }
    let mut outcome = outcome.and_then(|_| execute(connection, "COMMIT"));
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
    for job in batch.drain(..) {
        job.run.answer(outcome.clone());
    }
}

enum Went {
    Well,
    /// A job failed that had written: none of them may stay as they are.
    Back,
}

fn together(
    connection: &Connection,
    chains: &Chains,
    batch: &mut [Job],
    kept: &mut Kept,
) -> Result<Went, LedgerError> {
    execute(connection, "BEGIN IMMEDIATE")?;
    let mut came_in = None;
    for job in batch {
        let changes = connection.total_changes();
        let is_well = run(connection, chains, job, kept, &mut came_in)?;
        if !is_well && connection.total_changes() != changes {
            return Ok(Went::Back);
        }
    }
    accept::sweep(connection, came_in)?;
    Ok(Went::Well)
}

fn one_by_one(
    connection: &Connection,
    chains: &Chains,
    batch: &mut [Job],
    kept: &mut Kept,
) -> Result<Went, LedgerError> {
    execute(connection, "BEGIN IMMEDIATE")?;
    let mut came_in = None;
    for job in batch {
        execute(connection, "SAVEPOINT job")?;
        if !run(connection, chains, job, kept, &mut came_in)? {
            execute(connection, "ROLLBACK TO job")?;
        }
        execute(connection, "RELEASE job")?;
    }
    accept::sweep(connection, came_in)?;
    Ok(Went::Well)
}

/// One job. What the writer keeps in memory follows only those that go well.
fn run(
    connection: &Connection,
    chains: &Chains,
    job: &mut Job,
    kept: &mut Kept,
    came_in: &mut Option<(usize, Moment)>,
) -> Result<bool, LedgerError> {
    let before = *kept;
    let mut work = Work {
        connection,
        kept: &mut *kept,
        chains,
        came_in,
    };
    // After a panic there is no answer, and whoever asked learns that.
    let is_well = catch_unwind(AssertUnwindSafe(|| job.run.run(&mut work))).unwrap_or(false);
    if !is_well {
        *kept = before;
    }
    if connection.is_autocommit() {
        // A full disk, say: SQLite gave up the whole transaction, and what came before in it is gone too.
        return Err(LedgerError::Store {
            what: "write".into(),
            cause: "the transaction was rolled back".into(),
        });
    }
    Ok(is_well)
}

fn execute(connection: &Connection, statement: &str) -> Result<(), LedgerError> {
    connection
        .prepare_cached(statement)
        .and_then(|mut prepared| prepared.execute([]))
        .map(drop)
        .map_err(failed(statement))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, mpsc};
    use std::time::Instant;

    use tokio::sync::oneshot;

    use super::*;
    use crate::chain::LedgerKey;
    use crate::sqlite::writer::Writer;
    use crate::sqlite::{connect, schema};

    fn writer(folder: &std::path::Path) -> Arc<Writer> {
        let mut connection = connect(&folder.join("ledger.db")).unwrap();
        schema::migrate(&mut connection).unwrap();
        let chains = Chains::open(&mut connection, LedgerKey::of_nobody()).unwrap();
        Arc::new(Writer::start(connection, chains).unwrap())
    }

    fn note(work: &Work<'_>, key: &str) -> Result<(), LedgerError> {
        work.connection
            .execute(
                "INSERT INTO seen (tenant, number, key, at) VALUES ('shop', '1', ?1, 1)",
                [key],
            )
            .map(drop)
            .map_err(failed("note"))
    }

    async fn noted(writer: &Writer) -> Vec<String> {
        let all = writer.write(1, |work| {
            let mut statement = work
                .connection
                .prepare("SELECT key FROM seen ORDER BY key")
                .unwrap();
            let keys = statement.query_map([], |row| row.get(0)).unwrap();
            Ok(keys.collect::<Result<Vec<String>, _>>().unwrap())
        });
        all.await.unwrap()
    }

    /// Holds the writer's thread until it is let go, so that what is asked meanwhile is one transaction.
    struct Held(mpsc::SyncSender<()>);

    impl Held {
        async fn by(writer: &Arc<Writer>) -> Self {
            let (let_go, wait) = mpsc::sync_channel(1);
            let (begin, begun) = oneshot::channel();
            let mut begin = Some(begin);
            let holding = Arc::clone(writer);
            tokio::spawn(async move {
                let held = holding.write(1, move |_| {
                    if let Some(begin) = begin.take() {
                        begin.send(()).unwrap();
                    }
                    wait.recv().unwrap();
                    Ok(())
                });
                held.await.unwrap();
            });
            begun.await.unwrap();
            Self(let_go)
        }

        fn let_go(self) {
            self.0.send(()).unwrap();
        }
    }

    #[tokio::test]
    async fn i03_a_job_that_fails_takes_none_of_its_neighbours_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(folder.path());
        let held = Held::by(&writer).await;
        let ask = |key: &'static str| {
            let writer = Arc::clone(&writer);
            tokio::spawn(async move {
                writer
                    .write(1, move |work| {
                        work.kept.undone += 1;
                        note(work, key)?;
                        match key {
                            "b fails" => Err(LedgerError::Full { undone: 7 }),
                            "d panics" => panic!("as it does in a test"),
                            _ => Ok(()),
                        }
                    })
                    .await
            })
        };
        let asked = ["a", "b fails", "c", "d panics", "e"].map(ask);
        tokio::task::yield_now().await;
        held.let_go();
        let mut went = Vec::new();
        for answer in asked {
            went.push(answer.await.unwrap().is_ok());
        }
        assert_eq!(went, [true, false, true, false, true]);
        assert_eq!(noted(&writer).await, ["a", "c", "e"]);
        assert_eq!(writer.kept().undone, 3, "and is not counted");
    }

    #[tokio::test]
    async fn i14_a_write_that_finds_no_place_in_the_queue_is_refused_before_long() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(folder.path());
        let held = Held::by(&writer).await;
        let begun = Arc::new(AtomicUsize::new(0));
        let queued: Vec<_> = (0..limits::WRITES_WAITING)
            .map(|place| {
                let (writer, begun) = (Arc::clone(&writer), Arc::clone(&begun));
                tokio::spawn(async move {
                    begun.fetch_add(1, Ordering::Relaxed);
                    let write = writer.write(1, move |work| note(work, &format!("{place:05}")));
                    write.await
                })
            })
            .collect();
        while begun.load(Ordering::Relaxed) < limits::WRITES_WAITING {
            tokio::task::yield_now().await;
        }
        let begun = Instant::now();
        let refused = writer.write(1, |work| note(work, "one too many")).await;
        let waited = begun.elapsed();
        let told = refused.unwrap_err().to_string();
        assert!(told.contains("4096 writes wait already"), "{told}");
        assert!(waited >= limits::WRITE_WAIT, "it waits a while: {waited:?}");
        assert!(
            waited < 5 * limits::WRITE_WAIT,
            "and not for ever: {waited:?}"
        );
        held.let_go();
        for answer in queued {
            answer.await.unwrap().expect("what waited is written");
        }
        let noted = noted(&writer).await;
        assert_eq!(noted.len(), limits::WRITES_WAITING);
        assert!(!noted.contains(&"one too many".to_owned()));
    }

    /// The log is bounded beside a writer that never rests, and all of it is found again.
    #[tokio::test]
    async fn i14_the_log_begins_anew_while_the_writer_writes_on() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(folder.path());
        // Each a page and more.
        let words = Arc::new("x".repeat(4000));
        let (rows, together) = (2 * limits::LOG_PAGES, 500);
        for first in (0..rows).step_by(together) {
            let words = Arc::clone(&words);
            let write = writer.write(together, move |work| {
                for row in first..first + together as u64 {
                    note(work, &format!("{row:09}{words}"))?;
                }
                Ok(())
            });
            write.await.unwrap();
        }
        let log = std::fs::metadata(folder.path().join("ledger.db-wal"))
            .unwrap()
            .len();
        let most = 4200 * (2 * limits::LOG_PAGES);
        assert!(log < most, "{log} bytes of log, and at most {most}");
        drop(writer);
        let again = connect(&folder.path().join("ledger.db")).unwrap();
        let count: u64 = again
            .query_row("SELECT count(*) FROM seen", [], |row| row.get(0))
            .unwrap();
        assert_eq!(count, rows);
    }
}
