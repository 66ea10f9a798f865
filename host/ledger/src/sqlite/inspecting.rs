//! Looking into a ledger's file beside whoever writes it: a connection that can only read.

use std::path::Path;

use model::{Contact, ContactId, Moment, Phone, TenantId};
use rusqlite::{Connection, OpenFlags};

use super::{checking, erasing, exporting, failed, measuring, reading, retaining, schema};
use crate::chain::LedgerKey;
use crate::{Checked, Erased, ExportPage, LedgerError, Retained, Retention, Stats, limits};

/// A ledger's file, opened for reading alone. A host may run beside it, or none.
pub struct Inspection {
    connection: Connection,
    key: Option<LedgerKey>,
}

impl Inspection {
    /// Opens the file. Without the ledger's key no chain is verified.
    pub fn open(path: &Path, key: Option<LedgerKey>) -> Result<Self, LedgerError> {
        let opened = || -> rusqlite::Result<Connection> {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(limits::BUSY)?;
            connection.set_prepared_statement_cache_capacity(limits::STATEMENTS);
            Ok(connection)
        };
        let connection = opened().map_err(super::not_opened(path))?;
        schema::is_current(&connection)?;
        Ok(Self { connection, key })
    }

    /// Whether the ledger's key is at hand and the ledger knows it.
    #[must_use]
    pub fn verifies_chains(&self) -> bool {
        self.key.is_some()
    }

    /// As [`crate::Ledger::check`].
    pub fn check(&self) -> Result<Checked, LedgerError> {
        checking::check(&*reading::snapshot(&self.connection)?, self.key.as_ref())
    }

    /// As [`crate::Ledger::stats`].
    pub fn stats(&self) -> Result<Stats, LedgerError> {
        measuring::stats(&*reading::snapshot(&self.connection)?)
    }

    /// As [`crate::Ledger::export`].
    pub fn export(
        &self,
        tenant: &TenantId,
        id: ContactId,
        after: Option<&str>,
        most: usize,
    ) -> Result<Option<ExportPage>, LedgerError> {
        exporting::page(&self.connection, tenant, id, after, most)
    }

    /// As [`crate::Ledger::erasure`].
    pub fn erasure(
        &self,
        tenant: &TenantId,
        id: ContactId,
        now: Moment,
    ) -> Result<Option<Erased>, LedgerError> {
        erasing::erasure(&self.connection, tenant, id, now)
    }

    /// As [`crate::Ledger::expired`].
    pub fn expired(
        &self,
        tenant: &TenantId,
        retention: &Retention,
        now: Moment,
    ) -> Result<Retained, LedgerError> {
        retaining::expired(&self.connection, tenant, retention, now)
    }

    /// As [`crate::Ledger::contact_of`].
    pub fn contact_of(
        &self,
        tenant: &TenantId,
        phone: &Phone,
    ) -> Result<Option<Contact>, LedgerError> {
        reading::contact_of(&self.connection, tenant, phone)
    }

    /// All tenants that have contacts.
    pub fn tenants(&self) -> Result<Vec<TenantId>, LedgerError> {
        // One look at the index for each tenant, however many contacts each has.
        let query = "WITH RECURSIVE tenants (known) AS (
                         SELECT min(tenant) FROM contacts UNION ALL
                         SELECT (SELECT min(tenant) FROM contacts WHERE tenant > tenants.known) FROM tenants WHERE known IS NOT NULL)
                     SELECT known FROM tenants WHERE known IS NOT NULL";
        super::rows::rows(&self.connection, query, [], |row| {
            super::rows::typed(0, TenantId::new(row.get::<_, String>(0)?))
        })
        .map_err(failed("list tenants"))
    }
}
