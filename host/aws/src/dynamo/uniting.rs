//! What becomes of two contacts' records when they are joined: all of both, and of what they allowed the stricter.

use std::collections::BTreeMap;

use ledger::LedgerError;
use ledger::state::{State, later};
use model::{ContactId, Moment, TenantId};

use super::contacts::the_person;
use super::records::{
    Draft, HandedOver, Memory, Person, Send, contact_partition, memory_key, of_contact, send_key,
    tally_key,
};
use super::store::Range;
use super::work::Work;
use super::{consent, notes, reached};
use crate::limits;

/// Moves some of what is the joiner's to the one who remains, and says how much: as much as it may be if there is more.
pub(super) async fn move_some(
    work: &mut Work<'_>,
    tenant: &TenantId,
    joiner: ContactId,
    survivor: ContactId,
    now: Moment,
) -> Result<usize, LedgerError> {
    let most = limits::DYNAMO_MOVED;
    let mut moved = move_sends(work, tenant, joiner, survivor, most).await?;
    let hand_offs = of_contact(tenant, joiner, "hand_offs");
    let range = Range::all().most(most - moved);
    for mut record in work.listed::<HandedOver>(1, &hand_offs, &range).await? {
        record.contact = survivor;
        work.save(&record)?;
        moved += 1;
    }
    let range = Range::all().most(most - moved);
    let drafts = of_contact(tenant, joiner, "drafts");
    for mut record in work.listed::<Draft>(1, &drafts, &range).await? {
        record.contact = survivor;
        record.body.contact = survivor;
        work.save(&record)?;
        moved += 1;
    }
    moved += move_memory(work, tenant, joiner, survivor, now, most - moved).await?;
    moved += notes::move_some(work, tenant, joiner, survivor, most - moved).await?;
    Ok(moved)
}

/// Sends keep their order: it is one of time. Those that wait are known for certain, those that have ended by an index.
async fn move_sends(
    work: &mut Work<'_>,
    tenant: &TenantId,
    joiner: ContactId,
    survivor: ContactId,
    most: usize,
) -> Result<usize, LedgerError> {
    let mut from = the_person(work, tenant, joiner).await?;
    let mut to = the_person(work, tenant, survivor).await?;
    let waiting = from.waiting.iter().take(most);
    let tokens: Vec<_> = waiting.map(|waiting| waiting.token.clone()).collect();
    let mut moved = 0;
    for token in tokens {
        from.waiting.retain(|waiting| waiting.token != token);
        if let Some(mut send) = work.load::<Send>(&send_key(tenant, &token)).await? {
            send.body.contact = survivor;
            to.note_send(&send);
            work.save(&send)?;
        }
        moved += 1;
    }
    to.last_send = to.last_send.max(from.last_send);
    work.save(&from)?;
    work.save(&to)?;
    let list = of_contact(tenant, joiner, "sends");
    let range = Range::all().most(most - moved);
    for mut send in work.listed::<Send>(1, &list, &range).await? {
        send.body.contact = survivor;
        work.save(&send)?;
        moved += 1;
    }
    Ok(moved)
}

/// What is kept of both is kept of one; of a key that both hold, the newer write. Together they may be more than one contact's
/// bound, which then holds for whatever is written after: nothing that a contact was told is forgotten for a join.
async fn move_memory(
    work: &mut Work<'_>,
    tenant: &TenantId,
    joiner: ContactId,
    survivor: ContactId,
    now: Moment,
    most: usize,
) -> Result<usize, LedgerError> {
    let range = Range::beginning("k#").most(most);
    let partition = contact_partition(tenant, joiner);
    let mut moved = 0;
    for theirs in work.query::<Memory>(&partition, &range).await? {
        let key = memory_key(tenant, &theirs.plugin, Some(survivor), &theirs.key);
        let ours: Option<Memory> = work.load(&key).await?;
        let is_newer = ours.is_none_or(|ours| {
            let stands =
                ours.until > now && (theirs.until <= now || ours.written_at >= theirs.written_at);
            !stands
        });
        work.remove(&theirs)?;
        if is_newer {
            work.save(&Memory {
                contact: Some(survivor),
                ..theirs
            })?;
        }
        moved += 1;
    }
    Ok(moved)
}

/// Makes `survivor` both of them, and lets both lanes go on behind the join. What stands under the joiner's id stays readable there:
/// messages and decisions.
pub(super) async fn unite(
    work: &mut Work<'_>,
    tenant: &TenantId,
    joiner: ContactId,
    survivor: ContactId,
) -> Result<(), LedgerError> {
    consent::unite(work, tenant, joiner, survivor).await?;
    let mut joins = the_person(work, tenant, joiner).await?;
    let mut remains = the_person(work, tenant, survivor).await?;
    let reached = remains.reached.max(joins.reached);
    reached::set(work, &mut joins, None);
    reached::set(work, &mut remains, reached);
    take_in(&mut remains, &mut joins);
    // I4: the place is done in both, and each lane goes on behind it.
    for person in [&mut joins, &mut remains] {
        person.done += 1;
        person.version += 1;
    }
    if let Some(tie) = &mut joins.into {
        tie.is_done = true;
    }
    for tie in &mut remains.from {
        tie.is_done |= tie.contact == joiner;
    }
    work.raise(tally_key(tenant, joiner), -1, None, None);
    work.save(&joins)?;
    work.save(&remains)
}

/// The joiner's record remains, so that its id is never given again; what was personal in it is the other's now.
fn take_in(remains: &mut Person, joins: &mut Person) {
    remains.state.unite(std::mem::take(&mut joins.state));
    let wrote = |windows: &BTreeMap<_, Moment>| windows.values().max().copied();
    let wrote_later = wrote(&joins.last_inbound) > wrote(&remains.last_inbound);
    later(wrote_later, &mut remains.name, joins.name.take());
    for (number, at) in std::mem::take(&mut joins.last_inbound) {
        let window = remains.last_inbound.entry(number).or_insert(at);
        *window = (*window).max(at);
    }
    remains.first_seen = remains.first_seen.min(joins.first_seen);
    // A stop that the joiner's lane held is settled: the lane has come to the join.
    let was_pending = remains.stop_pending || joins.stop_pending;
    remains.stop_pending = was_pending && !remains.stops.is_empty();
    joins.state = State::default();
    joins.stop_pending = false;
}
