//! Retention: what has come to its end and is past its time goes, the oldest first, in bounded portions. Each record with what goes with
//! it is a transaction of its own, or shares one with others.
//!
//! What expires by itself is none of this: keys of notices, memory, counts and whom a send reached bear the time at which DynamoDB
//! removes them.

use ledger::{LedgerError, Retained, Retention, limits as bounds};
use model::{Moment, ReplyDraftState, Span, TenantId};

use super::commit::transact;
use super::contacts::person;
use super::due::merged;
use super::erasing::{remove_as_stored, remove_in_order, remove_send};
use super::item::{Key, Record};
use super::records::{
    Dead, Decided, Draft, HandedOver, KeptNotice, Noted, Place, Send, caused_by, dead_key,
    of_contact, place_key, sharded,
};
use super::store::{Range, Store};
use super::work::Work;
use crate::limits;

/// The classes, in the order in which they go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Dull,
    Decisions,
    Sends,
    HandOffs,
    Drafts,
    Notes,
    DeadLetters,
    Notices,
}

use Class::{DeadLetters, Decisions, Drafts, Dull, HandOffs, Notes, Notices, Sends};

const CLASSES: [Class; 8] = [
    Dull,
    Decisions,
    Sends,
    HandOffs,
    Drafts,
    Notes,
    DeadLetters,
    Notices,
];

impl Class {
    fn name(self) -> &'static str {
        match self {
            Dull => "dull_decisions",
            Decisions => "decisions",
            Sends => "sends",
            HandOffs => "hand_offs",
            Drafts => "drafts",
            Notes => "notes",
            DeadLetters => "dead_letters",
            Notices => "notices",
        }
    }

    fn life(self, retention: &Retention) -> Span {
        match self {
            Dull => retention.dull,
            Decisions => retention.decisions,
            Sends => retention.sends,
            HandOffs => retention.hand_offs,
            Drafts => retention.drafts,
            Notes => retention.notes,
            DeadLetters => retention.dead_letters,
            Notices => retention.notices,
        }
    }

    /// The index that lists it, oldest first, and its lists there.
    fn lists(self, tenant: &TenantId) -> (usize, Vec<String>) {
        let one = |what: &str| vec![format!("{tenant}#{what}")];
        match self {
            Dull => (2, one("dull")),
            Decisions => (1, sharded(tenant, "decisions").into()),
            Sends => (2, sharded(tenant, "sends").into()),
            HandOffs => (2, one("hand_offs")),
            Drafts => (4, one("drafts#decided")),
            Notes => (1, one("notes")),
            DeadLetters => (1, one("dead")),
            Notices => (1, one("kept")),
        }
    }

    /// Whether this record is past its time, and may go.
    async fn judge(
        self,
        work: &mut Work<'_>,
        key: &Key,
        before: Moment,
    ) -> Result<Judged, LedgerError> {
        match self {
            Dull | Decisions => judge_decision(work, key, before, self == Dull).await,
            Sends => {
                let send: Option<Send> = work.load(key).await?;
                Ok(Judged::of(
                    send.as_ref(),
                    |send| (send.changed_at, send.is_open()),
                    before,
                ))
            }
            HandOffs => {
                let record: Option<HandedOver> = work.load(key).await?;
                Ok(Judged::of(
                    record.as_ref(),
                    |record| (record.at, false),
                    before,
                ))
            }
            Drafts => {
                let draft: Option<Draft> = work.load(key).await?;
                let waits = |draft: &Draft| draft.state == ReplyDraftState::Pending;
                Ok(Judged::of(
                    draft.as_ref(),
                    |draft| (draft.changed_at, waits(draft)),
                    before,
                ))
            }
            Notes => {
                let note: Option<Noted> = work.load(key).await?;
                let count = note.as_ref().map_or(0, |noted| noted.texts.len());
                let judged = Judged::of(note.as_ref(), |note| (note.at, false), before);
                Ok(match judged {
                    Judged::Goes(_) => Judged::Goes(count as u64),
                    other => other,
                })
            }
            DeadLetters => {
                let dead: Option<Dead> = work.load(key).await?;
                Ok(Judged::of(dead.as_ref(), |dead| (dead.at, false), before))
            }
            Notices => {
                let kept: Option<KeptNotice> = work.load(key).await?;
                Ok(Judged::of(kept.as_ref(), |kept| (kept.at, false), before))
            }
        }
    }

    /// Removes it, with what goes with it.
    async fn remove(self, work: &mut Work<'_>, key: &Key) -> Result<(), LedgerError> {
        match self {
            Dull | Decisions => {
                let Some(decided) = work.peek::<Decided>(key).await? else {
                    return Ok(());
                };
                let id = &decided.decision.id;
                if let Some(dead) = work.peek::<Dead>(&dead_key(id)).await? {
                    work.remove(&dead)?;
                }
                let place = place_key(&id.tenant, decided.contact, decided.sequence);
                if let Some(place) = work.peek::<Place>(&place).await? {
                    work.remove(&place)?;
                }
                remove_in_order(work, &decided).await
            }
            Sends => match work.peek::<Send>(key).await? {
                Some(send) => remove_send(work, &send).await,
                None => Ok(()),
            },
            HandOffs => match work.peek::<HandedOver>(key).await? {
                Some(record) => remove_in_order(work, &record).await,
                None => Ok(()),
            },
            Drafts => match work.peek::<Draft>(key).await? {
                Some(draft) => remove_in_order(work, &draft).await,
                None => Ok(()),
            },
            Notes => remove::<Noted>(work, key).await,
            DeadLetters => remove::<Dead>(work, key).await,
            Notices => remove::<KeptNotice>(work, key).await,
        }
    }
}

async fn remove<R: Record>(work: &mut Work<'_>, key: &Key) -> Result<(), LedgerError> {
    match work.peek::<R>(key).await? {
        Some(record) => remove_as_stored(work, &record).await,
        None => Ok(()),
    }
}

/// What retention makes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judged {
    /// So many records go.
    Goes(u64),
    /// It is past its time, and something of it waits.
    Waits,
    Young,
    /// Somebody removed it.
    Gone,
}

impl Judged {
    fn of<R>(record: Option<&R>, state: impl Fn(&R) -> (Moment, bool), before: Moment) -> Self {
        match record.map(state) {
            None => Self::Gone,
            Some((at, _)) if at >= before => Self::Young,
            Some((_, true)) => Self::Waits,
            Some((_, false)) => Self::Goes(1),
        }
    }

    fn count(self) -> u64 {
        match self {
            Self::Goes(count) => count,
            _ => 0,
        }
    }
}

/// A decision goes with its message and its dead letter, unless something of it is still on its way or waits for a person.
async fn judge_decision(
    work: &mut Work<'_>,
    key: &Key,
    before: Moment,
    only_dull: bool,
) -> Result<Judged, LedgerError> {
    let Some(decided) = work.load::<Decided>(key).await? else {
        return Ok(Judged::Gone);
    };
    if only_dull && !decided.is_dull {
        return Ok(Judged::Gone);
    }
    if decided.settled_at >= before {
        return Ok(Judged::Young);
    }
    let id = &decided.decision.id;
    // Taken up again: its message is undone.
    let lane = person(work, &id.tenant, decided.contact).await?;
    if lane.is_some_and(|lane| lane.done < decided.sequence) {
        return Ok(Judged::Waits);
    }
    if decided.is_dull {
        // Nothing came of it.
        return Ok(Judged::Goes(1));
    }
    let list = caused_by(&id.tenant, &id.number, &id.message);
    let sends: Vec<Send> = work.listed(3, &list, &Range::all()).await?;
    if sends.iter().any(Send::is_open) {
        return Ok(Judged::Waits);
    }
    let list = of_contact(&id.tenant, decided.contact, "drafts");
    let drafts: Vec<Draft> = work.listed(1, &list, &Range::all()).await?;
    let waits = drafts
        .iter()
        .any(|draft| draft.state == ReplyDraftState::Pending && draft.body.cause == id.message);
    Ok(if waits {
        Judged::Waits
    } else {
        Judged::Goes(1)
    })
}

pub(super) async fn retain(
    store: &Store,
    tenant: &TenantId,
    retention: &Retention,
    now: Moment,
    most: usize,
) -> Result<Retained, LedgerError> {
    let most = most.min(bounds::ROWS_PER_READ) as u64;
    let mut retained = Retained::default();
    for class in CLASSES {
        let left = most.saturating_sub(retained.total());
        if left == 0 {
            retained.more = true;
            break;
        }
        let before = now.minus(class.life(retention));
        let mut gone = 0;
        let mut walk = Walk::new(class, tenant);
        while gone < left {
            let Some(key) = walk.next(store).await? else {
                break;
            };
            let judged = transact!(store, "remove what is past its time", |work| {
                let judged = class.judge(&mut work, &key, before).await?;
                if judged.count() > 0 {
                    class.remove(&mut work, &key).await?;
                }
                Ok(judged)
            })?;
            gone += judged.count();
            if walk.is_over(judged) {
                break;
            }
        }
        if gone > 0 {
            retained.removed.insert(class.name(), gone);
        }
        retained.more |= gone >= left;
    }
    Ok(retained)
}

/// What is past its time now, all of it.
pub(super) async fn expired(
    store: &Store,
    tenant: &TenantId,
    retention: &Retention,
    now: Moment,
) -> Result<Retained, LedgerError> {
    let mut retained = Retained::default();
    for class in CLASSES {
        let before = now.minus(class.life(retention));
        let mut count = 0;
        let mut walk = Walk::new(class, tenant);
        while let Some(key) = walk.next(store).await? {
            let judged = class.judge(&mut Work::new(store), &key, before).await?;
            count += judged.count();
        }
        if count > 0 {
            retained.removed.insert(class.name(), count);
        }
    }
    Ok(retained)
}

/// A way through a class, oldest first.
struct Walk {
    which: usize,
    lists: Vec<String>,
    range: Option<Range>,
    page: std::collections::VecDeque<Key>,
    waiting: u64,
    young: u64,
    is_in_order_of_time: bool,
}

impl Walk {
    fn new(class: Class, tenant: &TenantId) -> Self {
        let (which, lists) = class.lists(tenant);
        Self {
            which,
            lists,
            range: Some(Range::all().most(limits::DYNAMO_BATCH)),
            page: std::collections::VecDeque::new(),
            waiting: 0,
            young: 0,
            is_in_order_of_time: matches!(class, Dull | Drafts | Notes | DeadLetters),
        }
    }

    async fn next(&mut self, store: &Store) -> Result<Option<Key>, LedgerError> {
        while self.page.is_empty() {
            let Some(range) = self.range.take() else {
                return Ok(None);
            };
            let (keys, known_to) = merged(store, self.which, &self.lists, &range).await?;
            self.page = keys.into();
            self.range = known_to.map(|known_to| Range {
                from: format!("{known_to}\u{1}"),
                ..range
            });
        }
        Ok(self.page.pop_front())
    }

    /// Those that must stay are passed over, up to a bound. What stands in another order than that of time is nearly in it: a few that
    /// are young are passed over, too.
    fn is_over(&mut self, judged: Judged) -> bool {
        match judged {
            Judged::Waits => self.waiting += 1,
            Judged::Young => self.young += 1,
            Judged::Goes(_) | Judged::Gone => {}
        }
        let young = match self.is_in_order_of_time {
            true => 1,
            false => limits::DYNAMO_YOUNG_PASSED_OVER,
        };
        self.waiting > bounds::WAITING_PASSED_OVER || self.young >= young
    }
}
