//! The embedded ledger: one SQLite file, one writer thread, readers beside it.
//!
//! WAL with `synchronous=FULL`: what was committed is on disk (I1). The writer commits everything that is queued in one
//! transaction, each job within a savepoint of its own, and answers after the commit. `sqlite3` opens the file.

mod accept;
mod addressing;
mod aliases;
mod changing;
mod consent;
mod contacts;
mod counting;
mod departures;
mod finding;
mod joining;
mod joins;
mod kept;
mod memory;
mod notes;
mod reading;
mod reply_drafts;
pub mod rival;
mod rows;
mod schema;
mod settle;
mod state;
mod uniting;
mod writer;

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use gate::Admitted;
use model::{
    ConsentChange, Contact, ContactId, DecisionId, Entry, Moment, NumberId, Phone, PluginName,
    ReplyDraftId, ReplyDraftState, RuleCount, SendState, SendToken, Span, TenantId,
};
use rusqlite::Connection;

use crate::{
    Acceptance, Arrival, Arrived, Counts, DeadLetter, DecisionRecord, Departed, Departure, Due,
    HandOff, Joined, Judge, Kept, Lane, Ledger, LedgerError, Next, Note, ReplyDraft,
    ReplyDraftFilter, Resolution, SendRecord, Settled, Settlement, SharedMemory, Unsure, limits,
};
use reading::Readers;
use writer::Writer;

/// The ledger in one file.
pub struct SqliteLedger {
    writer: Writer,
    readers: Readers,
    /// Held for as long as the ledger: one host writes, and no second one. In memory there can be no second one.
    _lock: Option<File>,
}

impl SqliteLedger {
    /// Opens the file, or makes it; brings an older one up to date.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let lock = lock(path)?;
        let mut connection = connect(path)?;
        schema::migrate(&mut connection)?;
        prepare_to_write(&connection).map_err(failed("give the writer its memory"))?;
        let writer = Writer::start(connection)?;
        Ok(Self {
            writer,
            readers: Readers::new(path.to_owned()),
            _lock: Some(lock),
        })
    }

    /// A ledger that nothing of remains: for rehearsals. The same code on the same engine, on no disk.
    pub fn in_memory() -> Result<Self, LedgerError> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        // A name of its own, so that the writer and the readers share it and nobody else does.
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = PathBuf::from(format!("file:tollgate-{number}?mode=memory&cache=shared"));
        let mut connection = connect(&name)?;
        schema::copy(&mut connection)?;
        let writer = Writer::start(connection)?;
        Ok(Self {
            writer,
            readers: Readers::new(name),
            _lock: None,
        })
    }
}

/// One host process at a time: the lock goes with the process, however it ends.
fn lock(path: &Path) -> Result<File, LedgerError> {
    let lock: PathBuf = path.with_extension("lock");
    let failed = |cause: String| LedgerError::Store {
        what: format!("lock {}", lock.display()),
        cause,
    };
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&lock)
        .map_err(|error| {
            failed(format!(
                "{error}; the folder must be there, and writable for this user"
            ))
        })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(failed("another host uses this ledger; end it, or give this one a folder of its own with --data".into()))
        }
        Err(TryLockError::Error(error)) => Err(failed(error.to_string())),
    }
}

/// A connection with the settings that every one of ours has.
fn connect(path: &Path) -> Result<Connection, LedgerError> {
    let prepare = || -> rusqlite::Result<Connection> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(limits::BUSY)?;
        connection.set_prepared_statement_cache_capacity(limits::STATEMENTS);
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "wal_autocheckpoint", limits::CHECKPOINT_PAGES)?;
        Ok(connection)
    };
    prepare().map_err(|error| {
        let fix = match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => {
                "; it is damaged, or no ledger at all: restore it from a backup, or start with another folder"
            }
            Some(rusqlite::ErrorCode::CannotOpen | rusqlite::ErrorCode::ReadOnly) => "; the folder must be there, and writable for this user",
            _ => "",
        };
        LedgerError::Store { what: format!("open {}", path.display()), cause: format!("{error}{fix}") }
    })
}

/// What the writer has beyond the others.
fn prepare_to_write(connection: &Connection) -> rusqlite::Result<()> {
    // Negative: in KiB. Without a spill no page is written before its transaction ends, and none twice.
    connection.pragma_update(None, "cache_size", -limits::WRITER_CACHE_KIB)?;
    connection.pragma_update(None, "cache_spill", false)?;
    // Each job has a savepoint. What undoes one is small, and gone at the next: nothing for a disk.
    connection.pragma_update(None, "temp_store", "memory")
}

/// What went wrong in SQLite, with what was tried.
pub(crate) fn failed(what: &str) -> impl Fn(rusqlite::Error) -> LedgerError {
    move |error| match error {
        rusqlite::Error::FromSqlConversionFailure(_, _, cause) => LedgerError::Corrupt {
            what: what.to_owned(),
            cause: cause.to_string(),
        },
        other => LedgerError::Store {
            what: what.to_owned(),
            cause: other.to_string(),
        },
    }
}

#[async_trait]
impl Ledger for SqliteLedger {
    async fn accept(
        &self,
        arrivals: Vec<Arrival>,
        now: Moment,
    ) -> Result<Vec<Acceptance>, LedgerError> {
        let operations = arrivals.len();
        self.writer
            .write(operations, move |work| accept::accept(work, &arrivals, now))
            .await
    }

    async fn lanes(&self, after: Option<Lane>, most: usize) -> Result<Vec<Lane>, LedgerError> {
        self.readers
            .read(move |connection| reading::lanes(connection, after.as_ref(), most))
            .await
    }

    async fn next(&self, lane: &Lane) -> Result<Option<Next>, LedgerError> {
        let lane = lane.clone();
        self.readers
            .read(move |connection| reading::next(connection, &lane))
            .await
    }

    async fn join(&self, lane: &Lane, now: Moment) -> Result<Joined, LedgerError> {
        let lane = lane.clone();
        self.writer
            .write(limits::JOIN_OPERATIONS, move |work| {
                joining::join(work, &lane, now)
            })
            .await
    }

    async fn memory(
        &self,
        tenant: &TenantId,
        plugin: &PluginName,
        contact: ContactId,
        now: Moment,
    ) -> Result<BTreeMap<String, Entry>, LedgerError> {
        let (tenant, plugin) = (tenant.clone(), plugin.clone());
        self.readers
            .read(move |connection| memory::of_contact(connection, &tenant, &plugin, contact, now))
            .await
    }

    async fn shared_memory(
        &self,
        tenant: &TenantId,
        plugin: &PluginName,
        key: &str,
        now: Moment,
    ) -> Result<SharedMemory, LedgerError> {
        let (tenant, plugin, key) = (tenant.clone(), plugin.clone(), key.to_owned());
        self.readers
            .read(move |connection| memory::shared(connection, &tenant, &plugin, &key, now))
            .await
    }

    async fn rule_counts(
        &self,
        tenant: &TenantId,
        counts: &[RuleCount],
    ) -> Result<Vec<RuleCount>, LedgerError> {
        let (tenant, counts) = (tenant.clone(), counts.to_vec());
        self.readers
            .read(move |connection| counting::stand(connection, &tenant, counts))
            .await
    }

    async fn settle(&self, settlement: Settlement) -> Result<Settled, LedgerError> {
        let Settlement {
            sends,
            drafts,
            hand_offs,
            notes,
            memory,
            counts,
            ..
        } = &settlement;
        let operations = 4
            + sends.len()
            + drafts.len()
            + hand_offs.len()
            + notes.len()
            + memory.len()
            + counts.len();
        self.writer
            .write(operations, move |work| settle::settle(work, &settlement))
            .await
    }

    async fn due(
        &self,
        now: Moment,
        holds_back: Span,
        most: usize,
    ) -> Result<Vec<Due>, LedgerError> {
        self.readers
            .read(move |connection| departures::due(connection, now.minus(holds_back), now, most))
            .await
    }

    async fn depart(
        &self,
        tenant: &TenantId,
        token: &SendToken,
        now: Moment,
        holds_back: Span,
        judge: Judge,
    ) -> Result<Departure, LedgerError> {
        let (tenant, token) = (tenant.clone(), token.clone());
        self.writer
            .write(1, move |work| {
                departures::depart(work, &tenant, &token, now.minus(holds_back), now, judge)
            })
            .await
    }

    async fn arrive(
        &self,
        tenant: &TenantId,
        token: &SendToken,
        arrival: Arrived,
        now: Moment,
    ) -> Result<(), LedgerError> {
        let (tenant, token) = (tenant.clone(), token.clone());
        self.writer
            .write(1, move |work| {
                departures::arrive(work, &tenant, &token, &arrival, now)
            })
            .await
    }

    async fn recover(&self, now: Moment) -> Result<usize, LedgerError> {
        self.writer
            .write(1, move |work| departures::recover(work, now))
            .await
    }

    async fn unsure(&self, most: usize) -> Result<Vec<Unsure>, LedgerError> {
        self.readers
            .read(move |connection| departures::unsure(connection, most))
            .await
    }

    async fn resolve(
        &self,
        tenant: &TenantId,
        token: &SendToken,
        resolution: Resolution,
        now: Moment,
    ) -> Result<bool, LedgerError> {
        let (tenant, token) = (tenant.clone(), token.clone());
        self.writer
            .write(1, move |work| {
                departures::resolve(work, &tenant, &token, resolution, now)
            })
            .await
    }

    async fn next_due(&self, now: Moment) -> Result<Option<Moment>, LedgerError> {
        self.readers
            .read(move |connection| departures::next_due(connection, now))
            .await
    }

    async fn departures(&self, since: Moment) -> Result<Vec<Departed>, LedgerError> {
        self.readers
            .read(move |connection| departures::since(connection, since))
            .await
    }

    async fn contact(
        &self,
        tenant: &TenantId,
        id: ContactId,
    ) -> Result<Option<Contact>, LedgerError> {
        let tenant = tenant.clone();
        self.readers
            .read(move |connection| reading::contact(connection, &tenant, id))
            .await
    }

    async fn contact_of(
        &self,
        tenant: &TenantId,
        phone: &Phone,
    ) -> Result<Option<Contact>, LedgerError> {
        let (tenant, phone) = (tenant.clone(), phone.clone());
        self.readers
            .read(move |connection| reading::contact_of(connection, &tenant, &phone))
            .await
    }

    async fn release(
        &self,
        tenant: &TenantId,
        id: ContactId,
        _now: Moment,
    ) -> Result<bool, LedgerError> {
        let tenant = tenant.clone();
        self.writer
            .write(1, move |work| changing::release(work, &tenant, id))
            .await
    }

    async fn decision(&self, id: &DecisionId) -> Result<Option<DecisionRecord>, LedgerError> {
        let id = id.clone();
        self.readers
            .read(move |connection| reading::decision(connection, &id))
            .await
    }

    async fn decision_of(
        &self,
        tenant: &TenantId,
        contact: ContactId,
        before: Option<u64>,
        number: Option<&NumberId>,
    ) -> Result<Option<DecisionRecord>, LedgerError> {
        let (tenant, number) = (tenant.clone(), number.cloned());
        self.readers
            .read(move |connection| {
                reading::decision_of(connection, &tenant, contact, before, number.as_ref())
            })
            .await
    }

    async fn decisions(
        &self,
        tenant: &TenantId,
        after: Option<u64>,
        most: usize,
    ) -> Result<Vec<DecisionRecord>, LedgerError> {
        let tenant = tenant.clone();
        self.readers
            .read(move |connection| reading::decisions(connection, &tenant, after, most))
            .await
    }

    async fn sends(&self, id: &DecisionId) -> Result<Vec<SendRecord>, LedgerError> {
        let id = id.clone();
        self.readers
            .read(move |connection| departures::of_message(connection, &id))
            .await
    }

    async fn outbox(
        &self,
        tenant: &TenantId,
        state: Option<SendState>,
        most: usize,
    ) -> Result<Vec<SendRecord>, LedgerError> {
        let tenant = tenant.clone();
        self.readers
            .read(move |connection| departures::newest(connection, &tenant, state, most))
            .await
    }

    async fn hand_offs(
        &self,
        tenant: &TenantId,
        after: Option<u64>,
        most: usize,
    ) -> Result<Vec<HandOff>, LedgerError> {
        let tenant = tenant.clone();
        self.readers
            .read(move |connection| reading::hand_offs(connection, &tenant, after, most))
            .await
    }

    async fn reply_drafts(
        &self,
        tenant: &TenantId,
        filter: ReplyDraftFilter,
        after: Option<u64>,
        most: usize,
    ) -> Result<Vec<ReplyDraft>, LedgerError> {
        let tenant = tenant.clone();
        self.readers
            .read(move |connection| reply_drafts::listed(connection, &tenant, &filter, after, most))
            .await
    }

    async fn reply_draft(
        &self,
        tenant: &TenantId,
        id: ReplyDraftId,
    ) -> Result<Option<ReplyDraft>, LedgerError> {
        let tenant = tenant.clone();
        self.readers
            .read(move |connection| reply_drafts::one(connection, &tenant, id))
            .await
    }

    async fn send_reply_draft(
        &self,
        tenant: &TenantId,
        id: ReplyDraftId,
        send: Admitted,
        by: Option<&str>,
        now: Moment,
    ) -> Result<bool, LedgerError> {
        let (tenant, by) = (tenant.clone(), by.map(str::to_owned));
        self.writer
            .write(2, move |work| {
                reply_drafts::send(work, &tenant, id, &send, by.as_deref(), now)
            })
            .await
    }

    async fn drop_reply_draft(
        &self,
        tenant: &TenantId,
        id: ReplyDraftId,
        by: Option<&str>,
        now: Moment,
    ) -> Result<bool, LedgerError> {
        let (tenant, by) = (tenant.clone(), by.map(str::to_owned));
        self.writer
            .write(1, move |work| {
                let dropped = ReplyDraftState::Dropped;
                reply_drafts::decide(work, &tenant, id, dropped, by.as_deref(), now)
            })
            .await
    }

    async fn dead_letters(
        &self,
        tenant: &TenantId,
        most: usize,
    ) -> Result<Vec<DeadLetter>, LedgerError> {
        let tenant = tenant.clone();
        self.readers
            .read(move |connection| reading::dead_letters(connection, &tenant, most))
            .await
    }

    async fn notes(
        &self,
        tenant: &TenantId,
        id: ContactId,
        most: usize,
    ) -> Result<Vec<Note>, LedgerError> {
        let tenant = tenant.clone();
        self.readers
            .read(move |connection| reading::notes(connection, &tenant, id, most))
            .await
    }

    async fn consent_log(
        &self,
        tenant: &TenantId,
        id: ContactId,
    ) -> Result<Vec<ConsentChange>, LedgerError> {
        let tenant = tenant.clone();
        self.readers
            .read(move |connection| reading::consent_log(connection, &tenant, id))
            .await
    }

    async fn kept(
        &self,
        tenant: &TenantId,
        name: Option<&str>,
        most: usize,
    ) -> Result<Vec<Kept>, LedgerError> {
        let (tenant, name) = (tenant.clone(), name.map(str::to_owned));
        self.readers
            .read(move |connection| kept::newest(connection, &tenant, name.as_deref(), most))
            .await
    }

    async fn probe(&self, now: Moment) -> Result<(), LedgerError> {
        self.writer
            .write(1, move |work| accept::probe(work, now))
            .await
    }

    async fn counts(&self) -> Result<Counts, LedgerError> {
        let kept = self.writer.kept();
        self.readers
            .read(move |connection| reading::counts(connection, kept))
            .await
    }
}
