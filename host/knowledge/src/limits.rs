//! How much a folder of documents may hold and a question may cost, each with its reason.

use std::time::Duration;

/// Documents of one folder. A shop has dozens, a large handbook some thousands.
pub const FILES: usize = 5_000;
/// Entries looked at while the folder is walked, documents or not: somebody may point at their home folder.
pub const ENTRIES: usize = 50_000;
/// Folders within folders.
pub const DEPTH: usize = 16;
/// One document: a book of three hundred pages has about this.
pub const FILE_BYTES: u64 = 1024 * 1024;
/// All documents of a folder: they are kept in memory, and the index takes as much again.
pub const FOLDER_BYTES: u64 = 32 * 1024 * 1024;
/// Passages of one folder: what the bytes above come to, with room for short ones.
pub const PASSAGES: usize = 100_000;
/// A passage: three of them fit one message of WhatsApp's, and a paragraph fits one of them.
pub const PASSAGE_CHARS: usize = 700;
/// A heading or title; what follows is text that somebody marked by mistake.
pub const HEADING_CHARS: usize = 200;
/// How far from its beginning the end of a link or of emphasis is looked for, in bytes: they are phrases, and marks that nobody
/// closes must not cost the square of a document.
pub const MARK_REACH_BYTES: usize = 2_000;
/// Lines of front matter: a document says what it is about in a few.
pub const FRONT_MATTER_LINES: usize = 64;
/// Problems that are kept; the rest is counted.
pub const PROBLEMS: usize = 100;

/// Characters of a question that count; the contract allows as many.
pub const QUESTION_CHARS: usize = 1_000;
/// Different words of a question that count, the first ones.
pub const QUESTION_WORDS: usize = 48;
/// Relatives of a word that no document has, which are looked for in its place: most have one or two.
pub const KIN: usize = 8;
/// Passages that are looked at closely, the best by BM25.
pub const CANDIDATES: usize = 64;
/// The most passages an answer may rest on; the contract says ten.
pub const ANSWER_PASSAGES: usize = 10;
/// Marks that a question may ask of a document; the contract says eight.
pub const FILTERS: usize = 8;

/// Memory while an index is built; what it does not hold is written out to the index, which is in memory too.
pub const BUILD_BYTES: usize = 32 * 1024 * 1024;

/// Questions of one folder that are worked on at once: each keeps a core busy, even when nobody waits for it any more. How many
/// wait for that, whoever asks bounds: the engine.
pub const QUESTIONS_AT_ONCE: usize = 4;
/// How long a question may take, waiting included. A contact is waiting too, and a question takes about a millisecond.
pub const QUESTION_WAIT: Duration = Duration::from_secs(5);
/// How long a question waits for a folder that is being read again, before it is answered from what was there before.
pub const REFRESH_WAIT: Duration = Duration::from_millis(500);
/// How often a folder is looked at for changes, when there are questions.
pub const LOOK_EVERY: Duration = Duration::from_secs(2);
