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
