//! What stands in the write-ahead log goes into the file while the writer writes on.
//!
//! The log begins anew only when all of it is in the file, which never happens beside a writer that is always busy. When the log has
//! become long the writer does the little that is left by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;

use crate::limits;

pub(super) struct Checkpoints {
    /// In the log as of the last commit.
    pages: Arc<AtomicU64>,
    /// In the log when a checkpoint was last asked for.
    asked: AtomicU64,
    /// None only while it is being dropped.
    ask: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    /// Beside the writer's connection; none if there can be no second one: then SQLite makes them within its commits.
    pub(super) fn beside(writer: &mut Connection) -> Option<Self> {
        let own = Connection::open(writer.path()?).ok()?;
        own.pragma_update(None, "synchronous", "full").ok()?;
        let pages = Arc::new(AtomicU64::new(0));
        let (ask, asked) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("ledger-checkpoints".into())
            .spawn(move || make_all(&own, &asked))
            .ok()?;
        let counted = Arc::clone(&pages);
        // It takes the place of SQLite's own, which makes checkpoints within commits.
        let hook = move |_: &mut rusqlite::hooks::Wal, pages: std::ffi::c_int| {
            counted.store(u64::try_from(pages).unwrap_or_default(), Ordering::Relaxed);
            Ok(())
        };
        writer.wal_hook(Some(hook)).ok()?;
        Some(Self {
            pages,
            asked: AtomicU64::new(0),
            ask: Some(ask),
            thread: Some(thread),
        })
    }

    /// After a commit of the writer's.
    pub(super) fn look(&self, writer: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        let asked = self.asked.load(Ordering::Relaxed);
        if pages < asked {
            // The log has begun anew.
            self.asked.store(0, Ordering::Relaxed);
        } else if pages >= limits::LOG_PAGES {
            make(writer);
        } else if pages >= asked + limits::CHECKPOINT_PAGES {
            self.asked.store(pages, Ordering::Relaxed);
            // If one is being made, the next commits ask again.
            if let Some(ask) = &self.ask {
                let _ = ask.try_send(());
            }
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        drop(self.ask.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn make_all(connection: &Connection, asked: &Receiver<()>) {
    while asked.recv().is_ok() {
        make(connection);
    }
}

/// As far as nobody else is in the way. What does not get done is done by a later one: the log keeps all of it.
fn make(connection: &Connection) {
    if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
        tracing::warn!(%error, "the ledger's log could not be brought into its file; it grows until that succeeds");
    }
}
