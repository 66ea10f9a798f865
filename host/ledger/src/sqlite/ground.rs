//! The ground that the writer stands on: the file under its name. A file that was removed or exchanged takes whatever is written, and
//! nobody finds it again: what would be acknowledged then is not stored (I1).

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::LedgerError;

/// A file as it was when it was opened.
pub(super) struct Ground {
    path: PathBuf,
    log: PathBuf,
    file: (u64, u64),
}

impl Ground {
    /// Of this connection; none if it is in memory.
    pub(super) fn of(connection: &Connection) -> Option<Self> {
        let path = PathBuf::from(connection.path().filter(|path| !path.is_empty())?);
        let mut log = path.clone().into_os_string();
        log.push("-wal");
        Some(Self {
            file: identity(&path)?,
            log: log.into(),
            path,
        })
    }

    /// Whether it still is there, once something was written.
    pub(super) fn holds(&self) -> Result<(), LedgerError> {
        if identity(&self.path) == Some(self.file) && self.log.exists() {
            return Ok(());
        }
        Err(LedgerError::Store {
            what: "write".into(),
            cause: format!(
                "{} or its -wal was removed or exchanged while the host runs: nothing is accepted. Put back the very files, or stop the host, restore a backup, and start it",
                self.path.display()
            ),
        })
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    let found = std::fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}
