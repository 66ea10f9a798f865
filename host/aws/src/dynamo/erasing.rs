//! Erasure: everything of a person goes. What remains: the contact's bare record, so that its id is never given again; the links of
//! its consent chain, which prove order and say nothing; and if they had opted out, a keyed hash of each alias.
//!
//! A person may have left behind more than one transaction holds. The first one ends the person: nobody is found any more, nothing is
//! sent or answered, and what remains is decided. Then the records go, in portions. A host that ends in between leaves records that
//! lead to nobody; erasing once more removes them, and a check finds them.

use ledger::state::State;
use ledger::{ByClass, Erased, LedgerError};
use model::{ConsentChange, ConsentScope, ContactId, Evidence, Moment, Permission, TenantId};

use super::commit::transact;
use super::contacts::{person, root, the_person};
use super::item::Record;
use super::reading::InOrder;
use super::records::{
    Alias, Bearer, Dead, Decided, Draft, HandedOver, KeptNotice, LogEntry, Memory, Named, Noted,
    Person, Place, Send, Suppressed, alias_key, contact_partition, dead_key, decision_key,
    of_contact, suppressed_key, tally_key, wamid_key,
};
use super::store::{Range, Store};
use super::work::Work;
use super::{consent, reached};
use crate::limits;

/// A person: the contact that remains, and all who have joined it or are to.
struct Whole {
    root: ContactId,
    all: Vec<ContactId>,
    /// Of them, those whose join has not run.
    joining: i64,
    was_erased: bool,
}

async fn whole(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Option<Whole>, LedgerError> {
    let root = root(work, tenant, id).await?;
    let Some(found) = person(work, tenant, root).await? else {
        return Ok(None);
    };
    let mut whole = Whole {
        root,
        all: Vec::new(),
        joining: 0,
        was_erased: found.erased_at.is_some(),
    };
    let mut ahead = vec![root];
    while let Some(one) = ahead.pop() {
        // Each once, whatever somebody wrote into them.
        if whole.all.contains(&one) {
            continue;
        }
        whole.all.push(one);
        if let Some(person) = person(work, tenant, one).await? {
            whole.joining += i64::from(person.into.is_some_and(|tie| !tie.is_done));
            ahead.extend(person.from.iter().map(|tie| tie.contact));
        }
    }
    Ok(Some(whole))
}

/// All contacts of a person.
pub(super) async fn person_ids(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Vec<ContactId>, LedgerError> {
    let found = whole(work, tenant, id).await?;
    Ok(found.map(|found| found.all).unwrap_or_default())
}

/// What one contact left behind, class by class.
#[derive(Default)]
pub(super) struct Left {
    pub(super) aliases: Vec<Alias>,
    pub(super) dead: Vec<Dead>,
    pub(super) decisions: Vec<Decided>,
    pub(super) places: Vec<Place>,
    pub(super) sends: Vec<Send>,
    pub(super) hand_offs: Vec<HandedOver>,
    pub(super) drafts: Vec<Draft>,
    pub(super) notes: Vec<Noted>,
    pub(super) memory: Vec<Memory>,
    pub(super) reached: Option<Moment>,
    pub(super) said: Vec<LogEntry>,
}

pub(super) async fn left_by(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Left, LedgerError> {
    let partition = contact_partition(tenant, id);
    let person = person(work, tenant, id).await?;
    let mut left = Left {
        reached: person.as_ref().and_then(|person| person.reached),
        aliases: person
            .map(|person| person.aliases.into_iter().collect())
            .unwrap_or_default(),
        places: work.query(&partition, &Range::beginning("m#")).await?,
        memory: work.query(&partition, &Range::beginning("k#")).await?,
        notes: work.query(&partition, &Range::beginning("n#")).await?,
        said: consent::entries(work, tenant, id).await?,
        ..Left::default()
    };
    left.said.retain(|entry| {
        let content = entry.content.as_deref();
        content.is_some_and(|content| !content.starts_with(JOINED))
    });
    let ids: Vec<_> = left.places.iter().filter_map(Place::decision).collect();
    let keys: Vec<_> = ids
        .iter()
        .flat_map(|id| [decision_key(id), dead_key(id)])
        .collect();
    work.look_at(&keys).await?;
    for id in &ids {
        left.decisions
            .extend(work.peek::<Decided>(&decision_key(id)).await?);
        left.dead.extend(work.peek::<Dead>(&dead_key(id)).await?);
    }
    let all = Range::all();
    left.sends = work
        .listed(1, &of_contact(tenant, id, "sends"), &all)
        .await?;
    left.hand_offs = work
        .listed(1, &of_contact(tenant, id, "hand_offs"), &all)
        .await?;
    left.drafts = work
        .listed(1, &of_contact(tenant, id, "drafts"), &all)
        .await?;
    Ok(left)
}

impl Left {
    fn count(&self, counted: &mut ByClass) {
        let classes: [(&'static str, usize); 11] = [
            ("aliases", self.aliases.len()),
            ("dead_letters", self.dead.len()),
            ("decisions", self.decisions.len()),
            ("messages", self.places.len()),
            ("sends", self.sends.len()),
            ("hand_offs", self.hand_offs.len()),
            ("drafts", self.drafts.len()),
            (
                "notes",
                self.notes.iter().map(|noted| noted.texts.len()).sum(),
            ),
            ("memory", self.memory.len()),
            ("reached", usize::from(self.reached.is_some())),
            ("consent", self.said.len()),
        ];
        for (class, count) in classes {
            count_in(counted, class, count);
        }
    }
}

fn count_in(counted: &mut ByClass, class: &'static str, count: usize) {
    if count > 0 {
        *counted.entry(class).or_default() += count as u64;
    }
}

/// How the content of an entry begins that says of no consent, but of a join.
const JOINED: &str = r#"{"joined":"#;

/// Notices that were kept raw and in which one of the contact's phones or user ids stands. It looks through all that a tenant has.
pub(super) async fn kept_of(
    store: &Store,
    tenant: &TenantId,
    aliases: &[Alias],
) -> Result<Vec<KeptNotice>, LedgerError> {
    let mut found = Vec::new();
    if aliases.is_empty() {
        return Ok(found);
    }
    let mut range = Range::all().most(limits::DYNAMO_BATCH);
    loop {
        let page = store.listed(1, &format!("{tenant}#kept"), &range).await?;
        for listed in &page {
            let mut work = Work::new(store);
            let Some(kept) = work.peek::<KeptNotice>(&listed.key).await? else {
                continue;
            };
            let raw = kept.raw.to_string();
            if aliases.iter().any(|alias| raw.contains(&alias.value)) {
                found.push(kept);
            }
        }
        match page.last() {
            Some(last) if page.len() == range.most => range.from = format!("{}\u{1}", last.place),
            _ => return Ok(found),
        }
    }
}

pub(super) async fn aliases_of(
    work: &mut Work<'_>,
    tenant: &TenantId,
    all: &[ContactId],
) -> Result<Vec<Alias>, LedgerError> {
    let mut aliases = Vec::new();
    for id in all {
        let person = person(work, tenant, *id).await?;
        aliases.extend(person.into_iter().flat_map(|person| person.aliases));
    }
    Ok(aliases)
}

/// Since when they are opted out of everything, and of marketing.
async fn refusals(
    work: &mut Work<'_>,
    tenant: &TenantId,
    all: &[ContactId],
    now: Moment,
) -> Result<[Option<Moment>; 2], LedgerError> {
    let mut state = State::default();
    let mut stop_pending = false;
    for id in all {
        if let Some(person) = person(work, tenant, *id).await? {
            state.restrict(&person.state);
            stop_pending |= person.stop_pending;
        }
    }
    let since = |permission: Permission| match permission {
        Permission::Out(since) => Some(since),
        _ => None,
    };
    // A stop that was accepted and not settled is one all the same.
    let everything = since(state.consent.everything).or(stop_pending.then_some(now));
    Ok([everything, since(state.consent.marketing)])
}

/// What `erase` would remove.
pub(super) async fn erasure(
    store: &Store,
    tenant: &TenantId,
    id: ContactId,
    now: Moment,
) -> Result<Option<Erased>, LedgerError> {
    let mut work = Work::new(store);
    let Some(person) = whole(&mut work, tenant, id).await? else {
        return Ok(None);
    };
    let mut removed = ByClass::new();
    for member in &person.all {
        left_by(&mut work, tenant, *member)
            .await?
            .count(&mut removed);
    }
    let aliases = aliases_of(&mut work, tenant, &person.all).await?;
    let kept = kept_of(store, tenant, &aliases).await?;
    count_in(&mut removed, "notices", kept.len());
    let refusals = refusals(&mut work, tenant, &person.all, now).await?;
    let suppressed = match refusals.iter().any(Option::is_some) {
        true => aliases.len() as u64,
        false => 0,
    };
    Ok(Some(Erased {
        contact: person.root,
        removed,
        suppressed,
        again: person.was_erased,
    }))
}

pub(super) async fn erase(
    store: &Store,
    tenant: &TenantId,
    id: ContactId,
    now: Moment,
) -> Result<Option<Erased>, LedgerError> {
    let Some(erased) = erasure(store, tenant, id, now).await? else {
        return Ok(None);
    };
    let mut work = Work::new(store);
    let all = person_ids(&mut work, tenant, id).await?;
    let aliases = aliases_of(&mut work, tenant, &all).await?;
    // While the aliases are known: whoever ends in between finds them no more.
    for kept in kept_of(store, tenant, &aliases).await? {
        transact!(store, "erase a notice", |work| {
            remove_as_stored(&mut work, &kept).await
        })?;
    }
    transact!(store, "end a person", |work| {
        end(&mut work, tenant, id, now).await
    })?;
    // Twice: what was written a moment before may be missing in a list that was read a moment after.
    for _ in 0..2 {
        for member in &all {
            remove_all(store, tenant, *member).await?;
        }
    }
    Ok(Some(erased))
}

/// Nobody is behind it any more.
async fn end(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    now: Moment,
) -> Result<(), LedgerError> {
    let Some(found) = whole(work, tenant, id).await? else {
        return Ok(());
    };
    suppress(work, tenant, &found.all, now).await?;
    for member in &found.all {
        let mut person = the_person(work, tenant, *member).await?;
        for alias in std::mem::take(&mut person.aliases) {
            if let Some(bearer) = work.peek::<Bearer>(&alias_key(tenant, &alias)).await? {
                work.remove(&bearer)?;
            }
        }
        if person.into.is_some_and(|tie| !tie.is_done) {
            work.raise(tally_key(tenant, *member), -1, None, None);
        }
        reached::set(work, &mut person, None);
        clear(&mut person);
        if *member == found.root && !found.was_erased {
            work.raise(tally_key(tenant, *member), -1, None, None);
            person.erased_at = Some(now);
        }
        work.save(&person)?;
    }
    Ok(())
}

/// The bare record. Its lane is at its end, and an attempt in course is out of turn.
fn clear(person: &mut Person) {
    let bare = Person::new(person.tenant.clone(), person.id, person.first_seen);
    let done = |tie: &super::records::Tie| super::records::Tie {
        is_done: true,
        ..*tie
    };
    *person = Person {
        accepted: person.accepted,
        done: person.accepted,
        version: person.version + 1,
        into: person.into.as_ref().map(done),
        from: person.from.iter().map(done).collect(),
        chain: person.chain.clone(),
        last_send: person.last_send,
        notes: person.notes,
        erased_at: person.erased_at,
        ..bare
    };
}

/// Removes what a contact left behind, in portions, each a transaction.
async fn remove_all(store: &Store, tenant: &TenantId, id: ContactId) -> Result<(), LedgerError> {
    let left = left_by(&mut Work::new(store), tenant, id).await?;
    // What is found by messages goes before them.
    remove_each(store, &left.dead).await?;
    remove_each_in_order(store, &left.decisions).await?;
    remove_each(store, &left.places).await?;
    for portion in left.sends.chunks(limits::DYNAMO_MOVED) {
        transact!(store, "erase sends", |work| {
            for send in portion {
                remove_send(&mut work, send).await?;
            }
            Ok(())
        })?;
    }
    remove_each_in_order(store, &left.hand_offs).await?;
    remove_each_in_order(store, &left.drafts).await?;
    remove_each(store, &left.notes).await?;
    remove_each(store, &left.memory).await?;
    for portion in left.said.chunks(limits::DYNAMO_MOVED) {
        transact!(store, "erase consent", |work| {
            for entry in portion {
                // What was said goes, and the key without which nobody can guess what it was. Joins stay: they name no person.
                let stands: Option<LogEntry> = work.peek(&entry.key()).await?;
                if let Some(stands) = stands {
                    work.save(&LogEntry {
                        content: None,
                        salt: None,
                        ..stands
                    })?;
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// A send, with what finds it by WhatsApp's id.
pub(super) async fn remove_send(work: &mut Work<'_>, send: &Send) -> Result<(), LedgerError> {
    remove_as_stored(work, send).await?;
    if let Some(wamid) = &send.wamid {
        let body = &send.body;
        let key = wamid_key(&body.tenant, &body.number, wamid);
        if let Some(named) = work.peek::<Named>(&key).await?
            && named.token == body.token
        {
            work.remove(&named)?;
        }
    }
    Ok(())
}

/// Removes a record, if it is still there.
pub(super) async fn remove_as_stored<R: Record>(
    work: &mut Work<'_>,
    record: &R,
) -> Result<(), LedgerError> {
    match work.peek::<R>(&record.key()).await? {
        Some(stands) => work.remove(&stands),
        None => Ok(()),
    }
}

async fn remove_each<R: Record + Sync>(store: &Store, records: &[R]) -> Result<(), LedgerError> {
    for portion in records.chunks(limits::DYNAMO_MOVED) {
        transact!(store, "erase records", |work| {
            for record in portion {
                remove_as_stored(&mut work, record).await?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

async fn remove_each_in_order<R: Record + InOrder + Sync>(
    store: &Store,
    records: &[R],
) -> Result<(), LedgerError> {
    for portion in records.chunks(limits::DYNAMO_MOVED) {
        transact!(store, "erase records", |work| {
            for record in portion {
                remove_in_order(&mut work, record).await?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Whoever follows the order does not wait for what is gone.
pub(super) async fn remove_in_order<R: Record + InOrder>(
    work: &mut Work<'_>,
    record: &R,
) -> Result<(), LedgerError> {
    if let Some(gone) = record.gone() {
        let _: Option<super::records::Gone> = work.peek(&gone.key()).await?;
        work.save(&gone)?;
    }
    remove_as_stored(work, record).await
}

/// Remembers each alias of somebody who opted out, as a hash that only this ledger's key makes again.
async fn suppress(
    work: &mut Work<'_>,
    tenant: &TenantId,
    all: &[ContactId],
    now: Moment,
) -> Result<(), LedgerError> {
    let [everything, marketing] = refusals(work, tenant, all, now).await?;
    if everything.is_none() && marketing.is_none() {
        return Ok(());
    }
    for Alias { kind, value } in aliases_of(work, tenant, all).await? {
        let hash = work.store.key.suppression(tenant, kind.word(), &value);
        let _: Option<Suppressed> = work.peek(&suppressed_key(tenant, &hash)).await?;
        work.save(&Suppressed {
            tenant: tenant.clone(),
            hash: hex::encode(hash),
            everything,
            marketing,
        })?;
    }
    Ok(())
}

/// An alias that came to be a contact's: if whoever bore it had opted out before they were erased, this contact is opted out from
/// its first moment, and from then on that is the contact's own to say.
pub(super) async fn recall(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    alias: &Alias,
) -> Result<(), LedgerError> {
    let hash = work
        .store
        .key
        .suppression(tenant, alias.kind.word(), &alias.value);
    let Some(found) = work
        .peek::<Suppressed>(&suppressed_key(tenant, &hash))
        .await?
    else {
        return Ok(());
    };
    let scopes = [
        (ConsentScope::Everything, found.everything),
        (ConsentScope::Marketing, found.marketing),
    ];
    for (scope, since) in scopes {
        let Some(since) = since else { continue };
        let change = ConsentChange {
            scope,
            opted_in: false,
            evidence: Evidence {
                source: "suppression".into(),
                message: None,
                text: Some("opted out before an erasure".into()),
            },
            at: since,
        };
        consent::say(work, tenant, id, &change).await?;
    }
    work.remove(&found)
}
