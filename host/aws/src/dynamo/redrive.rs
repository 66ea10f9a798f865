//! Dead letters are taken up again.

use ledger::{Lane, LedgerError};
use model::DecisionId;

use super::contacts::{person, root, the_person};
use super::records::{Dead, Decided, Place, dead_key, decision_key, place_key};
use super::work::Work;

/// The message takes a new place, and its old decision goes with it until the new one takes its record: a message is found by its
/// place, and has one decision.
pub(super) async fn redrive(
    work: &mut Work<'_>,
    id: &DecisionId,
) -> Result<Option<Lane>, LedgerError> {
    let tenant = &id.tenant;
    let dead: Option<Dead> = work.load(&dead_key(id)).await?;
    let decided: Option<Decided> = work.load(&decision_key(id)).await?;
    let (Some(dead), Some(decided)) = (dead, decided) else {
        return Ok(None);
    };
    let key = place_key(tenant, decided.contact, decided.sequence);
    let Some(place) = work.load::<Place>(&key).await? else {
        return Ok(None);
    };
    let lane = person(work, tenant, decided.contact).await?;
    if lane.is_none_or(|lane| lane.done < place.sequence) {
        return Ok(None);
    }
    // Whatever led to a contact that joins another leads to the other by now.
    let contact = root(work, tenant, decided.contact).await?;
    let mut lane = the_person(work, tenant, contact).await?;
    lane.accepted += 1;
    let sequence = lane.accepted;
    if place.is_stop {
        // I6: a stop that waits again counts from now on.
        lane.stop_pending = true;
        lane.stops.insert(sequence);
    }
    work.save(&lane)?;
    work.remove(&place)?;
    work.save(&Place {
        contact,
        sequence,
        ..place
    })?;
    work.save(&Decided {
        contact,
        sequence,
        ..decided
    })?;
    work.remove(&dead)?;
    Ok(Some(Lane {
        tenant: tenant.clone(),
        contact,
    }))
}
