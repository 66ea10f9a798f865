//! Notes: what plugins leave with a contact for the people who have or take the conversation.
//!
//! All that one message left is one item. The oldest notes make room where there are too many.

use ledger::{LedgerError, Note, Settlement, limits as bounds};
use model::{ContactId, TenantId};

use super::contacts::the_person;
use super::records::{Noted, contact_partition};
use super::store::Range;
use super::work::Work;

/// All of a contact's, in the order of time.
async fn all(
    work: &mut Work<'_>,
    tenant: &TenantId,
    contact: ContactId,
) -> Result<Vec<Noted>, LedgerError> {
    let partition = contact_partition(tenant, contact);
    let mut notes: Vec<Noted> = work.query(&partition, &Range::beginning("n#")).await?;
    notes.sort_by_key(|note| (note.at, note.seq));
    Ok(notes)
}

pub(super) async fn newest(
    work: &mut Work<'_>,
    tenant: &TenantId,
    contact: ContactId,
    most: usize,
) -> Result<Vec<Note>, LedgerError> {
    let mut notes = Vec::new();
    for noted in all(work, tenant, contact).await? {
        notes.extend(noted.texts.into_iter().map(|text| Note {
            text,
            message: noted.message.clone(),
            at: noted.at,
        }));
    }
    let skipped = notes.len().saturating_sub(most);
    Ok(notes.split_off(skipped))
}

/// Leaves a settlement's notes.
pub(super) async fn leave(work: &mut Work<'_>, settlement: &Settlement) -> Result<(), LedgerError> {
    if settlement.notes.is_empty() {
        return Ok(());
    }
    let id = &settlement.decision.id;
    let noted = Noted {
        tenant: id.tenant.clone(),
        contact: settlement.decision.contact,
        seq: 0,
        texts: settlement.notes.clone(),
        message: id.message.clone(),
        at: settlement.now,
    };
    put(work, noted).await?;
    make_room(work, &id.tenant, settlement.decision.contact).await
}

/// Gives what was noted the next place with its contact.
async fn put(work: &mut Work<'_>, noted: Noted) -> Result<(), LedgerError> {
    let mut person = the_person(work, &noted.tenant, noted.contact).await?;
    person.notes += 1;
    let seq = person.notes;
    work.save(&person)?;
    work.save(&Noted { seq, ..noted })
}

/// Removes the oldest where there are too many.
async fn make_room(
    work: &mut Work<'_>,
    tenant: &TenantId,
    contact: ContactId,
) -> Result<(), LedgerError> {
    let standing = all(work, tenant, contact).await?;
    let count: usize = standing.iter().map(|noted| noted.texts.len()).sum();
    let mut over = count.saturating_sub(bounds::NOTES_PER_CONTACT);
    for mut noted in standing {
        match over {
            0 => break,
            _ if over >= noted.texts.len() => {
                over -= noted.texts.len();
                work.remove(&noted)?;
            }
            _ => {
                noted.texts.drain(..over);
                over = 0;
                work.save(&noted)?;
            }
        }
    }
    Ok(())
}

/// Some of what was noted about one contact becomes another's. Of both together the newest stay.
pub(super) async fn move_some(
    work: &mut Work<'_>,
    tenant: &TenantId,
    joiner: ContactId,
    survivor: ContactId,
    most: usize,
) -> Result<usize, LedgerError> {
    let notes = all(work, tenant, joiner).await?;
    let mut moved = 0;
    for noted in notes.into_iter().take(most) {
        work.remove(&noted)?;
        let noted = Noted {
            contact: survivor,
            ..noted
        };
        put(work, noted).await?;
        moved += 1;
    }
    if moved > 0 {
        make_room(work, tenant, survivor).await?;
    }
    Ok(moved)
}
