//! The folder of compiled code: what was compiled once need not be compiled again.
//!
//! Promises: what it gives back is what this host or another of the same user put there, to the bit ([`crate::code`]).
//! Anything else it finds, it does not use, counts, says once and has replaced. A folder that cannot be used, a full or
//! a read-only disk cost time and nothing else. Several hosts may share a folder: files appear whole or not at all.
//! Bounds: [`limits::CACHE_FILES`], [`limits::CACHE_BYTES`]; what was not used for longest goes first.

mod tidy;

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::SystemTime;

use nix::fcntl::OFlag;

use crate::code::{Code, Entry, Key};
use crate::limits;
use crate::meter::wide;

/// What became of looking for compiled code, since the sandbox was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheCounts {
    /// Found and used.
    pub found: u64,
    /// Not there.
    pub missing: u64,
    /// There, and not used: not ours, changed, or of no use to this host.
    pub refused: u64,
    /// Compiled and not kept, because the folder could not be written.
    pub unkept: u64,
}

/// An open folder.
pub(crate) struct Cache {
    folder: PathBuf,
    key: Key,
    found: AtomicU64,
    missing: AtomicU64,
    refused: AtomicU64,
    unkept: AtomicU64,
    /// Whether it was said that nothing can be kept: once is enough.
    said_unkept: AtomicBool,
}

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
enum Unfit {
    #[error(transparent)]
    Unreadable(#[from] io::Error),
    #[error("it is no {0}")]
    Kind(&'static str),
    #[error("it belongs to another user")]
    Foreign,
    #[error("others than its owner may {0} it: its permissions are {1:o}")]
    Open(&'static str, u32),
    #[error("it has {0} bytes")]
    Size(u64),
    #[error("it was not written by this host, or was changed since")]
    Seal,
    #[error("the engine does not take it: {0}")]
    Engine(String),
}

const KEY_FILE: &str = "key";
const UNFINISHED: &str = ".new-";

impl Cache {
    /// Opens a folder, which is made if need be; nothing if it cannot be used.
    pub(crate) fn open(folder: &Path) -> Option<Self> {
        match prepare(folder) {
            Ok(key) => Some(Self {
                folder: folder.to_owned(),
                key,
                found: AtomicU64::new(0),
                missing: AtomicU64::new(0),
                refused: AtomicU64::new(0),
                unkept: AtomicU64::new(0),
                said_unkept: AtomicBool::new(false),
            }),
            Err(error) => {
                tracing::warn!(
                    folder = %folder.display(),
                    %error,
                    "compiled plugins are not kept: mend the folder, and starting will take less time"
                );
                None
            }
        }
    }

    /// The code that was kept, if it is there and is ours.
    pub(crate) fn code(&self, entry: &Entry) -> Option<Code> {
        match self.read(entry) {
            Ok(code) => Some(code),
            Err(Unfit::Unreadable(error)) if error.kind() == io::ErrorKind::NotFound => {
                self.missing.fetch_add(1, Ordering::Relaxed);
                None
            }
            Err(unfit) => {
                self.refuse(entry, &unfit);
                None
            }
        }
    }

    /// The code that was found served.
    pub(crate) fn served(&self) {
        self.found.fetch_add(1, Ordering::Relaxed);
    }

    /// The engine did not take what was found.
    pub(crate) fn failed(&self, entry: &Entry, error: &wasmtime::Error) {
        self.refuse(entry, &Unfit::Engine(format!("{error:#}")));
    }

    /// Keeps code for next time.
    pub(crate) fn keep(&self, entry: &Entry, code: &Code) {
        if let Err(error) = self.write(entry, code) {
            self.unkept.fetch_add(1, Ordering::Relaxed);
            if !self.said_unkept.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    folder = %self.folder.display(),
                    %error,
                    "a compiled plugin could not be kept: the next start compiles it again"
                );
            }
            return;
        }
        tidy::tidy(&self.folder, &entry.file_name());
    }

    pub(crate) fn counts(&self) -> CacheCounts {
        CacheCounts {
            found: self.found.load(Ordering::Relaxed),
            missing: self.missing.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            unkept: self.unkept.load(Ordering::Relaxed),
        }
    }

    fn read(&self, entry: &Entry) -> Result<Code, Unfit> {
        let file = open(&self.folder.join(entry.file_name()))?;
        ours(&file, Kind::Code)?;
        let bytes = read_at_most(&file, limits::MOST_CODE_BYTES)?;
        let code = Code::unseal(bytes, &self.key, entry).ok_or(Unfit::Seal)?;
        // What is used is young. If it cannot be noted, it merely goes earlier than it might.
        drop(file.set_modified(SystemTime::now()));
        Ok(code)
    }

    /// Said each time: the file is replaced next, so that it is said of each file once.
    fn refuse(&self, entry: &Entry, unfit: &Unfit) {
        self.refused.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(
            file = %self.folder.join(entry.file_name()).display(),
            reason = %unfit,
            "a file of compiled code is not used: the plugin is compiled again"
        );
    }

    fn write(&self, entry: &Entry, code: &Code) -> io::Result<()> {
        let (seal, code) = code
            .seal(&self.key, entry)
            .ok_or(io::ErrorKind::InvalidInput)?;
        let mut file = unfinished(&self.folder)?;
        file.write_all(&seal)?;
        file.write_all(code)?;
        // Not synced: what a power cut tears does not bear its seal and is compiled again.
        file.persist(self.folder.join(entry.file_name()))?;
        Ok(())
    }
}

/// Makes the folder and its key, if need be, and makes sure that nobody else has a hand in them.
fn prepare(folder: &Path) -> Result<Key, Unfit> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    ours(&File::open(folder)?, Kind::Folder)?;
    match read_key(folder) {
        Ok(key) => return Ok(key),
        Err(Unfit::Unreadable(error)) if error.kind() == io::ErrorKind::NotFound => {}
        Err(unfit) => {
            // Whoever wrote it or knows it could seal: with it, all that was kept goes.
            tracing::warn!(
                file = %folder.join(KEY_FILE).display(),
                reason = %unfit,
                "the key of compiled code is not used: it is made anew, and all plugins are compiled again"
            );
            std::fs::remove_file(folder.join(KEY_FILE))?;
        }
    }
    let mut file = unfinished(folder)?;
    file.write_all(&from_the_system()?)?;
    // The first of several hosts wins: all of them use its key.
    if let Err(lost) = file.persist_noclobber(folder.join(KEY_FILE))
        && lost.error.kind() != io::ErrorKind::AlreadyExists
    {
        return Err(lost.error.into());
    }
    read_key(folder)
}

fn read_key(folder: &Path) -> Result<Key, Unfit> {
    let file = open(&folder.join(KEY_FILE))?;
    ours(&file, Kind::Key)?;
    let bytes = read_at_most(&file, 32)?;
    let length = wide(bytes.len());
    bytes.try_into().map(Key).map_err(|_| Unfit::Size(length))
}

/// Thirty-two random bytes.
fn from_the_system() -> io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// A file that nobody looks at until it is whole.
fn unfinished(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new()
        .prefix(UNFINISHED)
        .permissions(Permissions::from_mode(0o600))
        .tempfile_in(folder)
}

/// Opens a file to look at what was opened, so that it cannot be exchanged in between; neither a link nor a pipe.
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits())
        .open(path)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Folder,
    Key,
    Code,
}

/// Whether an open file is of this user's making and in nobody else's hands.
fn ours(file: &File, kind: Kind) -> Result<(), Unfit> {
    let found = file.metadata()?;
    let (is_it, name, forbidden, verb) = match kind {
        Kind::Folder => (found.is_dir(), "folder", 0o022, "write to"),
        Kind::Key => (found.is_file(), "file", 0o077, "read or write"),
        Kind::Code => (found.is_file(), "file", 0o022, "write"),
    };
    if !is_it {
        return Err(Unfit::Kind(name));
    }
    if found.uid() != nix::unistd::geteuid().as_raw() {
        return Err(Unfit::Foreign);
    }
    let mode = found.mode() & 0o7777;
    if mode & forbidden != 0 {
        return Err(Unfit::Open(verb, mode));
    }
    Ok(())
}

fn read_at_most(file: &File, most: usize) -> Result<Vec<u8>, Unfit> {
    let length = file.metadata()?.len();
    if length > wide(most) {
        return Err(Unfit::Size(length));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    // One more than there should be: a file that grows meanwhile is read no further, and does not bear its seal.
    file.take(length.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
