//! Another program at the same file, for tests: a backup or a curious person holds it, and nothing can be written meanwhile.

use std::path::Path;

use rusqlite::Connection;

use super::{connect, failed};
use crate::LedgerError;

/// Holds the file for writing until it is dropped.
pub struct Rival(Connection);

impl Rival {
    /// Takes the file.
    pub fn take(path: &Path) -> Result<Self, LedgerError> {
        let rival = Self::beside(path)?;
        rival.seize()?;
        Ok(rival)
    }

    /// Stands beside the file, for a test whose moment is short.
    pub fn beside(path: &Path) -> Result<Self, LedgerError> {
        connect(path).map(Self)
    }

    /// Takes the file that it stands beside.
    pub fn seize(&self) -> Result<(), LedgerError> {
        self.0
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(failed("take the file"))
    }
}

impl Drop for Rival {
    fn drop(&mut self) {
        // Closing would do the same; this says so.
        drop(self.0.execute_batch("ROLLBACK"));
    }
}
