//! The tables, as numbered migrations that run by themselves. A released one never changes.

use rusqlite::Connection;

use super::failed;
use crate::LedgerError;

/// Each brings the schema one version on; the first makes it.
const MIGRATIONS: &[&str] = &[include_str!("schema/001.sql")];

/// Brings the file up to date, one version at a time, each in a transaction of its own.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), LedgerError> {
    let version: usize = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(failed("read the ledger's version"))?;
    if version > MIGRATIONS.len() {
        return Err(LedgerError::Store {
            what: "open the ledger".into(),
            cause: format!(
                "it is of version {version}, and this host knows versions up to {}; start the newer host that wrote it",
                MIGRATIONS.len()
            ),
        });
    }
    for (number, migration) in MIGRATIONS.iter().enumerate().skip(version) {
        let step = |connection: &mut Connection| -> rusqlite::Result<()> {
            let transaction = connection.transaction()?;
            transaction.execute_batch(migration)?;
            transaction.pragma_update(None, "user_version", number + 1)?;
            transaction.commit()
        };
        step(connection).map_err(failed("bring the ledger up to date"))?;
    }
    Ok(())
}
