//! Notes: what plugins leave with a contact for the people who have or take the conversation.

use model::{ContactId, Moment, TenantId, Wamid};
use rusqlite::{Connection, params};

use super::failed;
use super::rows::{bounded, rows, typed};
use super::writer::Work;
use crate::{LedgerError, Note, Settlement, limits};

pub(super) fn newest(
    connection: &Connection,
    tenant: &TenantId,
    contact: ContactId,
    most: usize,
) -> Result<Vec<Note>, LedgerError> {
    let query = "SELECT text, message, at FROM notes WHERE tenant = ?1 AND contact = ?2 ORDER BY seq DESC LIMIT ?3";
    let found = rows(
        connection,
        query,
        params![tenant.as_str(), contact.0, bounded(most)],
        |row| {
            Ok(Note {
                text: row.get(0)?,
                message: typed(1, Wamid::new(row.get::<_, String>(1)?))?,
                at: Moment(row.get(2)?),
            })
        },
    );
    let mut notes = found.map_err(failed("read notes"))?;
    notes.reverse();
    Ok(notes)
}

/// Leaves a settlement's notes; the oldest go where there are too many.
pub(super) fn leave(work: &Work<'_>, settlement: &Settlement) -> Result<(), LedgerError> {
    if settlement.notes.is_empty() {
        return Ok(());
    }
    let id = &settlement.decision.id;
    let (tenant, contact) = (id.tenant.as_str(), settlement.decision.contact.0);
    let attempt = || -> rusqlite::Result<()> {
        let mut leave = work.connection.prepare_cached(
            "INSERT INTO notes (tenant, contact, seq, text, message, at)
             VALUES (?1, ?2, 1 + coalesce((SELECT max(seq) FROM notes WHERE tenant = ?1 AND contact = ?2), 0), ?3, ?4, ?5)",
        )?;
        for text in &settlement.notes {
            leave.execute(params![
                tenant,
                contact,
                text,
                id.message.as_str(),
                settlement.now.0
            ])?;
        }
        let mut trim = work.connection.prepare_cached(
            "DELETE FROM notes WHERE tenant = ?1 AND contact = ?2
             AND seq <= (SELECT max(seq) FROM notes WHERE tenant = ?1 AND contact = ?2) - ?3",
        )?;
        trim.execute(params![tenant, contact, limits::NOTES_PER_CONTACT])?;
        Ok(())
    };
    attempt().map_err(failed("leave a note"))
}

/// The notes on both become the notes on one, in the order of time.
pub(super) fn unite(
    connection: &Connection,
    tenant: &TenantId,
    joiner: ContactId,
    survivor: ContactId,
) -> Result<(), LedgerError> {
    let attempt = || -> rusqlite::Result<()> {
        let tenant = tenant.as_str();
        let query = "SELECT text, message, at FROM notes WHERE tenant = ?1 AND contact IN (?2, ?3) ORDER BY at, contact, seq";
        let both: Vec<(String, String, i64)> = rows(
            connection,
            query,
            params![tenant, joiner.0, survivor.0],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        connection
            .prepare_cached("DELETE FROM notes WHERE tenant = ?1 AND contact IN (?2, ?3)")?
            .execute(params![tenant, joiner.0, survivor.0])?;
        let mut leave = connection.prepare_cached(
            "INSERT INTO notes (tenant, contact, seq, text, message, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let oldest = both.len().saturating_sub(limits::NOTES_PER_CONTACT);
        for (place, (text, message, at)) in both.iter().skip(oldest).enumerate() {
            leave.execute(params![tenant, survivor.0, place + 1, text, message, at])?;
        }
        Ok(())
    };
    attempt().map_err(failed("join the notes on two contacts"))
}
