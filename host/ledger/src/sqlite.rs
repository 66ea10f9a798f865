//! The embedded ledger: one SQLite file, one writer thread, readers beside it.
//!
//! WAL with `synchronous=FULL`: what was committed is on disk (I1). The writer commits everything that is queued in one
//! transaction, and answers after the commit; what of it fails takes nothing of the others with it. `sqlite3` opens the file.

mod accept;
mod addressing;
mod aliases;
mod changing;
mod checking;
mod checkpoints;
mod classes;
mod commits;
mod consent;
mod contacts;
mod counting;
mod departures;
mod erasing;
mod exporting;
mod finding;
mod ground;
mod heads;
mod inspecting;
mod joining;
mod joins;
mod kept;
mod measuring;
mod memory;
mod notes;
mod people;
mod reached;
mod reading;
mod redrive;
mod reply_drafts;
mod retaining;
pub mod rival;
mod rows;
mod schema;
mod settle;
mod state;
mod switches;
mod timers;
mod uniting;
mod writer;

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use gate::{Admitted, Reach};
use model::{
    ConsentChange, Contact, ContactId, ContactKey, DecisionId, Entry, Moment, NumberId, Phone,
    PluginName, ReplyDraftId, ReplyDraftState, RuleCount, SendState, SendToken, Span, StopSwitch,
    StopTarget, TenantId,
};
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::chain::LedgerKey;
use crate::{
    Acceptance, Arrival, Arrived, Checked, Consented, ContactFilter, Counts, DeadLetter,
    DecisionRecord, Departed, Departure, Due, Erased, ExportPage, HandOff, Joined, Judge, Kept,
    Lane, Ledger, LedgerError, Next, Note, ReplyDraft, ReplyDraftFilter, Resolution, Retained,
    Retention, SendRecord, Settled, Settlement, SharedMemory, Stats, Timer, Unsure, UnsurePlace,
    Wanted, limits,
};
use consent::Chains;
pub use inspecting::Inspection;
use reading::Readers;
use writer::Writer;

/// The ledger in one file.
pub struct SqliteLedger {
    writer: Writer,
    readers: Readers,
    key: LedgerKey,
    /// Held for as long as the ledger: one host writes, and no second one. In memory there can be no second one.
    _lock: Option<File>,
}

impl SqliteLedger {
    /// Opens the file, or makes it; brings an older one up to date. Its consent chains prove nothing: a host opens its ledger with
    /// its key.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        Self::open_with(path, LedgerKey::of_nobody())
    }

    /// The same, with the key that chains of consent and suppressions are made with.
    pub fn open_with(path: &Path, key: LedgerKey) -> Result<Self, LedgerError> {
        let lock = lock(path)?;
        let mut connection = connect(path)?;
        schema::migrate(&mut connection)?;
        prepare_to_write(&connection).map_err(failed("give the writer its memory"))?;
        let chains = Chains::open(&mut connection, key.clone())?;
        let writer = Writer::start(connection, chains)?;
        Ok(Self {
            writer,
            readers: Readers::new(path.to_owned()),
            key,
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
        let chains = Chains::open(&mut connection, LedgerKey::of_nobody())?;
        let writer = Writer::start(connection, chains)?;
        Ok(Self {
            writer,
            readers: Readers::new(name),
            key: LedgerKey::of_nobody(),
            _lock: None,
        })
    }

    /// A ledger that nothing remains of and that has no thread: it reads and writes where it is asked, on one connection, so that
    /// nothing is left to the system's scheduler. For simulations, which go the same way each time.
    pub fn in_one_thread() -> Result<Self, LedgerError> {
        let mut connection =
            Connection::open_in_memory().map_err(failed("open a ledger in memory"))?;
        prepare_statements(&connection).map_err(failed("prepare a ledger in memory"))?;
        connection
            .pragma_update(None, "foreign_keys", true)
            .map_err(failed("prepare a ledger in memory"))?;
        schema::copy(&mut connection)?;
        let chains = Chains::open(&mut connection, LedgerKey::of_nobody())?;
        let connection = Arc::new(Mutex::new(connection));
        Ok(Self {
            writer: Writer::in_place(Arc::clone(&connection), chains)?,
            readers: Readers::in_place(connection),
            key: LedgerKey::of_nobody(),
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

/// Whether a host has this ledger open now.
#[must_use]
pub fn is_in_use(path: &Path) -> bool {
    let lock = OpenOptions::new()
        .write(true)
        .open(path.with_extension("lock"));
    lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
}

/// A statement is prepared once, and so is its plan. Otherwise each new value of a parameter that a partial index might have to do with
/// makes the plan anew, which costs more than the statement.
fn prepare_statements(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(limits::STATEMENTS);
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map(drop)
}

/// A connection with the settings that every one of ours has.
fn connect(path: &Path) -> Result<Connection, LedgerError> {
    let prepare = || -> rusqlite::Result<Connection> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(limits::BUSY)?;
        prepare_statements(&connection)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "wal_autocheckpoint", limits::CHECKPOINT_PAGES)?;
        Ok(connection)
    };
    prepare().map_err(not_opened(path))
}

/// Why the file could not be opened, and what helps.
fn not_opened(path: &Path) -> impl Fn(rusqlite::Error) -> LedgerError {
    move |error| {
        let fix = match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => {
                "; it is damaged, or no ledger at all: restore it from a backup, or start with another folder"
            }
            Some(rusqlite::ErrorCode::CannotOpen | rusqlite::ErrorCode::ReadOnly) => {
                "; the folder must be there, and writable for this user"
            }
            _ => "",
        };
        LedgerError::Store {
            what: format!("open {}", path.display()),
            cause: format!("{error}{fix}"),
        }
    }
}

/// What the writer has beyond the others.
fn prepare_to_write(connection: &Connection) -> rusqlite::Result<()> {
    // Negative: in KiB. Without a spill no page is written before its transaction ends, and none twice.
    connection.pragma_update(None, "cache_size", -limits::WRITER_CACHE_KIB)?;
    connection.pragma_update(None, "cache_spill", false)?;
    // What undoes a statement or a job is small, and gone at the next: nothing for a disk.
    connection.pragma_update(None, "temp_store", "memory")
}

/// The file itself is not what SQLite wrote.
fn is_damaged(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase)
    )
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
            cause: format!("{other}{}", what_helps(&other)),
        },
    }
}

/// An error of SQLite's as the ledger tells it: for tests that meet one by themselves.
#[doc(hidden)]
#[must_use]
pub fn explained(what: &str, error: rusqlite::Error) -> LedgerError {
    failed(what)(error)
}

/// What a person can do about it. All but damage passes by itself once its cause is gone.
fn what_helps(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode;
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            "; there is no room left where the ledger lies: make some, and the host goes on by itself"
        }
        Some(ErrorCode::SystemIoFailure) => {
            "; the disk or a limit refused it: look for room and at the system's log, and the host goes on by itself"
        }
        Some(ErrorCode::ReadOnly) => {
            "; the ledger's file or folder cannot be written: give this user the right to, or mount the disk for writing"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "; another program holds the ledger's file: end it, or wait for it"
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "; the ledger's file is damaged: stop the host, keep a copy of its folder, and restore the newest backup that `tollgate ledger check` finds sound"
        }
        Some(ErrorCode::CannotOpen) => {
            "; the ledger's file cannot be opened: it or its folder is gone, or this user may not"
        }
        _ => "",
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
        let arrivals = accept::written(arrivals)?;
        self.writer
            .accept(operations, move |work| accept::accept(work, &arrivals, now))
            .await
    }

    async fn lanes(&self, after: Option<Lane>, most: usize) -> Result<Vec<Lane>, LedgerError> {
        self.readers
            .read(move |connection| reading::lanes(connection, after.as_ref(), most))
            .await
    }

    async fn next(&self, lane: &Lane) -> Result<Option<Next>, LedgerError> {
        if let Some(head) = self.writer.heads().take(lane) {
            return Ok(Some(Next::Message(head)));
        }
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

    async fn plugin_sends(
        &self,
        tenant: &TenantId,
        plugin: &PluginName,
        since: Moment,
    ) -> Result<u32, LedgerError> {
        let (tenant, plugin) = (tenant.clone(), plugin.clone());
        self.readers
            .read(move |connection| counting::sends(connection, &tenant, plugin, since))
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
        let lane = Lane {
            tenant: settlement.decision.id.tenant.clone(),
            contact: settlement.decision.contact,
        };
        let written = settle::Written::of(settlement)?;
        let settling = self
            .writer
            .write_beside_heads(operations, move |work| settle::settle(work, &written));
        let settled = settling.await;
        // Whoever asks for this lane again is told what is there now.
        drop(self.writer.heads().take(&lane));
        settled
    }

    async fn due(
        &self,
        now: Moment,
        holds_back: Span,
        wanted: Wanted,
    ) -> Result<Vec<Due>, LedgerError> {
        self.readers
            .read(move |connection| {
                departures::due(connection, now.minus(holds_back), now, &wanted)
            })
            .await
    }

    async fn depart(
        &self,
        tenant: &TenantId,
        token: &SendToken,
        now: Moment,
        holds_back: Span,
        mut judge: Judge,
    ) -> Result<Departure, LedgerError> {
        let (tenant, token) = (tenant.clone(), token.clone());
        self.writer
            .write_beside_heads(1, move |work| {
                departures::depart(
                    work,
                    &tenant,
                    &token,
                    now.minus(holds_back),
                    now,
                    &mut judge,
                )
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
            .write_beside_heads(1, move |work| {
                departures::arrive(work, &tenant, &token, &arrival, now)
            })
            .await
    }

    async fn recover(&self, now: Moment) -> Result<usize, LedgerError> {
        self.writer
            .write(1, move |work| departures::recover(work, now))
            .await
    }

    async fn unsure(
        &self,
        after: Option<UnsurePlace>,
        most: usize,
    ) -> Result<Vec<Unsure>, LedgerError> {
        self.readers
            .read(move |connection| departures::unsure(connection, after.as_ref(), most))
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

    async fn throw_switch(
        &self,
        tenant: &TenantId,
        switch: StopSwitch,
    ) -> Result<bool, LedgerError> {
        let tenant = tenant.clone();
        self.writer
            .write(1, move |work| switches::throw(work, &tenant, &switch))
            .await
    }

    async fn lift_switch(
        &self,
        tenant: &TenantId,
        target: &StopTarget,
        now: Moment,
    ) -> Result<bool, LedgerError> {
        let (tenant, target) = (tenant.clone(), target.clone());
        self.writer
            .write(1, move |work| switches::lift(work, &tenant, &target, now))
            .await
    }

    async fn switches(&self) -> Result<Vec<(TenantId, StopSwitch)>, LedgerError> {
        self.readers.read(switches::all).await
    }

    async fn reach(
        &self,
        tenant: &TenantId,
        contact: ContactId,
        now: Moment,
    ) -> Result<Reach, LedgerError> {
        let tenant = tenant.clone();
        self.readers
            .read(move |connection| reached::reach(connection, &tenant, contact, now))
            .await
    }

    async fn meet(
        &self,
        tenant: &TenantId,
        key: &ContactKey,
        now: Moment,
    ) -> Result<ContactId, LedgerError> {
        let (tenant, key) = (tenant.clone(), key.clone());
        self.writer
            .write(2, move |work| people::meet(work, &tenant, &key, now))
            .await
    }

    async fn contacts(
        &self,
        tenant: &TenantId,
        filter: ContactFilter,
        after: Option<ContactId>,
        most: usize,
    ) -> Result<Vec<Contact>, LedgerError> {
        let (mut found, mut after) = (Vec::new(), after);
        let most = most.min(limits::ROWS_PER_READ);
        loop {
            let (tenant, filter, room) = (tenant.clone(), filter.clone(), most - found.len());
            let look =
                move |connection: &_| people::portion(connection, &tenant, &filter, after, room);
            let portion = self.readers.read(look).await?;
            found.extend(portion.contacts);
            if found.len() >= most || portion.after.is_none() {
                return Ok(found);
            }
            after = portion.after;
        }
    }

    async fn pause(
        &self,
        tenant: &TenantId,
        id: ContactId,
        until: Moment,
        now: Moment,
    ) -> Result<bool, LedgerError> {
        let tenant = tenant.clone();
        self.writer
            .write(1, move |work| people::pause(work, &tenant, id, until, now))
            .await
    }

    async fn consent(
        &self,
        tenant: &TenantId,
        id: ContactId,
        change: ConsentChange,
    ) -> Result<Consented, LedgerError> {
        let tenant = tenant.clone();
        self.writer
            .write(2, move |work| people::consent(work, &tenant, id, &change))
            .await
    }

    async fn send(&self, send: Admitted, now: Moment) -> Result<bool, LedgerError> {
        self.writer
            .write(2, move |work| people::send(work, send.outbound(), now))
            .await
    }

    async fn unsure_of(
        &self,
        tenant: &TenantId,
        token: &SendToken,
    ) -> Result<Option<Unsure>, LedgerError> {
        let (tenant, token) = (tenant.clone(), token.clone());
        self.readers
            .read(move |connection| departures::unsure_of(connection, &tenant, &token))
            .await
    }

    async fn redrive(&self, id: &DecisionId, now: Moment) -> Result<Option<Lane>, LedgerError> {
        let id = id.clone();
        self.writer
            .write(4, move |work| redrive::redrive(work, &id, now))
            .await
    }

    async fn timers(&self, now: Moment, most: usize) -> Result<Vec<Timer>, LedgerError> {
        self.readers
            .read(move |connection| timers::due(connection, now, most))
            .await
    }

    async fn next_timer(&self) -> Result<Option<Moment>, LedgerError> {
        self.readers.read(timers::next).await
    }

    async fn end_pause(
        &self,
        tenant: &TenantId,
        id: ContactId,
        now: Moment,
    ) -> Result<bool, LedgerError> {
        let tenant = tenant.clone();
        self.writer
            .write(1, move |work| timers::end_pause(work, &tenant, id, now))
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

    async fn send_record(
        &self,
        tenant: &TenantId,
        token: &SendToken,
    ) -> Result<Option<SendRecord>, LedgerError> {
        let (tenant, token) = (tenant.clone(), token.clone());
        self.readers
            .read(move |connection| departures::one(connection, &tenant, &token))
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

    async fn erase(
        &self,
        tenant: &TenantId,
        id: ContactId,
        now: Moment,
    ) -> Result<Option<Erased>, LedgerError> {
        // What was kept raw is looked through beside the writer: it may be much.
        let whose = tenant.clone();
        let kept = self
            .readers
            .read(move |connection| erasing::kept_of(connection, &whose, id))
            .await?;
        let tenant = tenant.clone();
        self.writer
            .write(limits::ERASE_OPERATIONS, move |work| {
                erasing::erase(work, &tenant, id, &kept, now)
            })
            .await
    }

    async fn erasure(
        &self,
        tenant: &TenantId,
        id: ContactId,
        now: Moment,
    ) -> Result<Option<Erased>, LedgerError> {
        let tenant = tenant.clone();
        self.readers
            .read(move |connection| erasing::erasure(connection, &tenant, id, now))
            .await
    }

    async fn retain(
        &self,
        tenant: &TenantId,
        retention: &Retention,
        now: Moment,
        most: usize,
    ) -> Result<Retained, LedgerError> {
        let (tenant, retention) = (tenant.clone(), *retention);
        self.writer
            .write(most.min(limits::OPERATIONS_PER_COMMIT), move |work| {
                retaining::retain(work, &tenant, &retention, now, most)
            })
            .await
    }

    async fn expired(
        &self,
        tenant: &TenantId,
        retention: &Retention,
        now: Moment,
    ) -> Result<Retained, LedgerError> {
        let (tenant, retention) = (tenant.clone(), *retention);
        self.readers
            .read(move |connection| retaining::expired(connection, &tenant, &retention, now))
            .await
    }

    async fn check(&self) -> Result<Checked, LedgerError> {
        let key = self.key.clone();
        self.readers
            .read(move |connection| checking::check(&*reading::snapshot(connection)?, Some(&key)))
            .await
    }

    async fn stats(&self) -> Result<Stats, LedgerError> {
        self.readers
            .read(|connection| measuring::stats(&*reading::snapshot(connection)?))
            .await
    }

    async fn export(
        &self,
        tenant: &TenantId,
        id: ContactId,
        after: Option<&str>,
        most: usize,
    ) -> Result<Option<ExportPage>, LedgerError> {
        let (tenant, after) = (tenant.clone(), after.map(str::to_owned));
        self.readers
            .read(move |connection| {
                exporting::page(connection, &tenant, id, after.as_deref(), most)
            })
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
