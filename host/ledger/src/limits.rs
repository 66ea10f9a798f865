//! What bounds the ledger, each with its reason.

use std::time::Duration;

use model::Span;

/// Undone messages on disk; past that nothing is accepted and the network keeps it (503).
pub const UNDONE: u64 = 1_000_000;
/// I2: a notice's key lives so long; Meta sends again for days, not weeks.
pub const KEY_LIFE: Span = Span::from_hours(14 * 24);
/// Notices without an effect are kept raw so long: time enough to notice that something is not understood.
pub const KEPT_LIFE: Span = Span::from_hours(90 * 24);

/// Writes waiting for the writer thread; a further one waits in its caller, which is how the webhook feels it.
pub const WRITES_WAITING: usize = 4096;
/// Heads of lanes kept as they were accepted, of some KB each, until a lane asks: as many as are accepted in a busy tenth of a second.
pub const HEADS_KEPT: usize = 2048;
/// Operations in one transaction: one fsync serves them all, and none waits for many more than these.
pub const OPERATIONS_PER_COMMIT: usize = 2000;
/// What a join counts for among them: it writes two contacts and moves what is theirs, and is rare.
pub const JOIN_OPERATIONS: usize = 100;
/// Reading connections beside the writer.
pub const READERS: usize = 4;
/// A write that finds no place in that queue waits so long for one, and then fails: whoever brought the notice brings it again.
pub const WRITE_WAIT: Duration = Duration::from_secs(2);
/// Pages in the write-ahead log before a checkpoint: fewer and larger ones cost a third less.
pub const CHECKPOINT_PAGES: u64 = 8000;
/// Pages in the log before the writer itself brings the rest of it into the file, so that the log begins anew: some 100 MB on disk.
pub const LOG_PAGES: u64 = 24_000;
/// What the writer keeps of the file in memory: the pages that a busy second touches. With less, a transaction writes the same pages
/// again and again, and reads them back.
pub const WRITER_CACHE_KIB: i64 = 24 * 1024;
/// Another process (`sqlite3`, a backup) may hold the file this long. Then writes fail: a sender that keeps its message serves
/// better than one that is kept waiting.
pub const BUSY: Duration = Duration::from_secs(1);
/// Prepared statements kept by each connection: all there are.
pub const STATEMENTS: usize = 128;
/// Rows that one read returns at most, whatever was asked for.
pub const ROWS_PER_READ: usize = 1000;

/// Expired keys removed for each notice that comes in, and once more: as many as one decision may write, so that they never pile up.
pub const KEYS_SWEPT: usize = model::limits::EFFECTS_PER_DECISION;
/// A count over all contacts is kept this long after its period: an attempt that began within it may settle later, and must find it.
/// With twenty steps of a few runs of 20 s each no attempt takes longer.
pub const COUNT_OUTLIVES: Span = Span::from_hours(1);
/// Counts that are over and removed for each that is raised: more than can come up, so that they never pile up.
pub const COUNTS_SWEPT: usize = 8;
/// Contacts reached outside of windows that count no more, removed for each that is reached: more than come up.
pub const REACHED_SWEPT: usize = 8;
/// Contacts that one look of a listing goes over: some milliseconds, then another read has its turn. A listing looks until it has
/// found what was asked for, or there are no more.
pub const CONTACTS_PER_LOOK: usize = 10_000;
/// Notes kept of one contact; a further one takes the oldest's place.
pub const NOTES_PER_CONTACT: usize = 100;
/// Notes shown with a hand-off: what a person reads before they answer.
pub const NOTES_SHOWN: usize = 10;
/// Findings that a check names one by one; of more it tells how many. Somebody has to read them.
pub const FINDINGS: usize = 1000;
/// What an erasure counts for among the operations of a commit: all that one person left behind, and rare.
pub const ERASE_OPERATIONS: usize = 500;
/// Records that one call of retention removes: well within what a busy writer has between two webhooks.
pub const RETAINED_PER_CALL: usize = 500;
/// Sends and drafts that wait, however old, and that retention passes over to reach what is behind them. With more of them it waits,
/// too, until a person has seen to them.
pub const WAITING_PASSED_OVER: u64 = 2000;
/// Notices that were kept raw may each be a body of 3 MB; a page of them is one answer, in memory.
pub const KEPT_BYTES_PER_READ: usize = 8 * 1024 * 1024;

/// A send that waits for longer loses its place among its contact's: an answer is not held back for a day by what WhatsApp takes
/// tomorrow. All other waits are shorter.
pub const KEEPS_ORDER: Span = Span::from_hours(1);
