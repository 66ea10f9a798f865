//! Dead letters are taken up again.

use model::{ContactId, DecisionId, Moment};
use rusqlite::{OptionalExtension, Row, params};

use super::writer::Work;
use super::{failed, joins};
use crate::{Lane, LedgerError, limits};

/// The message takes a new place, and its old decision goes with it until the new one takes its row: a message is found by its
/// place, and has one decision.
pub(super) fn redrive(
    work: &mut Work<'_>,
    id: &DecisionId,
    _now: Moment,
) -> Result<Option<Lane>, LedgerError> {
    let Some(buried) = buried(work, id)? else {
        return Ok(None);
    };
    if work.kept.undone >= limits::UNDONE {
        return Err(LedgerError::Full {
            undone: work.kept.undone,
        });
    }
    // Whatever led to a contact that joins another leads to the other by now.
    let contact = joins::root(work.connection, &id.tenant, buried.contact)?;
    let (tenant, number, message) = (id.tenant.as_str(), id.number.as_str(), id.message.as_str());
    let attempt = || -> rusqlite::Result<()> {
        // I6: a stop that waits again counts from now on.
        let sequence: u64 = work
            .connection
            .prepare_cached(
                "UPDATE contacts SET accepted = accepted + 1, stop_pending = stop_pending OR ?3 WHERE tenant = ?1 AND id = ?2 RETURNING accepted",
            )?
            .query_row(params![tenant, contact.0, buried.is_stop], |row| row.get(0))?;
        work.connection
            .prepare_cached(
                "UPDATE messages SET contact = ?4, sequence = ?5, undone = 1 WHERE tenant = ?1 AND contact = ?2 AND sequence = ?3",
            )?
            .execute(params![tenant, buried.contact.0, buried.sequence, contact.0, sequence])?;
        work.connection
            .prepare_cached(
                "UPDATE decisions SET contact = ?4, sequence = ?5 WHERE tenant = ?1 AND number = ?2 AND message = ?3",
            )?
            .execute(params![tenant, number, message, contact.0, sequence])?;
        work.connection
            .prepare_cached(
                "DELETE FROM dead_letters WHERE tenant = ?1 AND number = ?2 AND message = ?3",
            )?
            .execute(params![tenant, number, message])?;
        Ok(())
    };
    attempt().map_err(failed("take up a dead letter"))?;
    work.kept.undone += 1;
    Ok(Some(Lane {
        tenant: id.tenant.clone(),
        contact,
    }))
}

/// The place of a dead letter's message.
struct Buried {
    contact: ContactId,
    sequence: u64,
    is_stop: bool,
}

fn buried(work: &Work<'_>, id: &DecisionId) -> Result<Option<Buried>, LedgerError> {
    work.connection
        .prepare_cached(
            "SELECT messages.contact, messages.sequence, messages.is_stop
             FROM dead_letters JOIN decisions USING (tenant, number, message)
                  JOIN messages ON messages.tenant = decisions.tenant AND messages.contact = decisions.contact
                      AND messages.sequence = decisions.sequence
             WHERE dead_letters.tenant = ?1 AND dead_letters.number = ?2 AND dead_letters.message = ?3 AND messages.undone = 0",
        )
        .and_then(|mut statement| {
            let read = |row: &Row<'_>| {
                Ok(Buried {
                    contact: ContactId(row.get(0)?),
                    sequence: row.get(1)?,
                    is_stop: row.get(2)?,
                })
            };
            let parameters = params![id.tenant.as_str(), id.number.as_str(), id.message.as_str()];
            statement.query_row(parameters, read).optional()
        })
        .map_err(failed("look for a dead letter"))
}
