//! Export: everything about a person, page by page.

use ledger::{ExportPage, ExportRecord, LedgerError};
use model::{ContactId, TenantId};
use serde::Serialize;
use serde_json::{Value, json};

use super::consent;
use super::contacts::{followed, load};
use super::erasing::{Left, aliases_of, kept_of, left_by, person_ids};
use super::failure::corrupt;
use super::records::{Noted, What, place, time};
use super::store::Store;
use super::work::Work;

/// The classes of what a contact left behind, in order.
const CLASSES: [&str; 10] = [
    "aliases",
    "dead_letters",
    "decisions",
    "messages",
    "sends",
    "hand_offs",
    "drafts",
    "notes",
    "memory",
    "reached",
];

/// One page, from where the last one ended. Whoever was erased has nothing.
pub(super) async fn page(
    store: &Store,
    tenant: &TenantId,
    id: ContactId,
    after: Option<&str>,
    most: usize,
) -> Result<Option<ExportPage>, LedgerError> {
    let mut work = Work::new(store);
    let Some(contact) = load(&mut work, tenant, id).await? else {
        return Ok(None);
    };
    let mut at = Place::read(after);
    let mut page = ExportPage::default();
    let members = person_ids(&mut work, tenant, id).await?;
    if !at.is_under_way {
        page.records.push(record("contact", &contact)?);
        let remains = followed(&mut work, tenant, id).await?;
        for change in consent::log(&mut work, tenant, remains).await? {
            page.records.push(record("consent", &change)?);
        }
        let aliases = aliases_of(&mut work, tenant, &members).await?;
        for kept in kept_of(store, tenant, &aliases).await? {
            let shown = json!({
                "number": kept.number, "notice": kept.notice, "kind": kept.name, "at": kept.at, "raw": kept.raw,
            });
            page.records.push(record("notices", &shown)?);
        }
        at.is_under_way = true;
    }
    let mut read: Option<(ContactId, Left)> = None;
    while let Some(class) = CLASSES.get(at.class) {
        let Some(member) = members.get(at.member) else {
            at = Place {
                is_under_way: true,
                class: at.class + 1,
                ..Place::default()
            };
            continue;
        };
        if page.records.len() >= most {
            page.next = Some(at.written());
            break;
        }
        if read.as_ref().is_none_or(|(whose, _)| whose != member) {
            read = Some((*member, left_by(&mut work, tenant, *member).await?));
        }
        let Some((_, left)) = &read else { break };
        let mut records = records(left, class)?;
        records.sort_by(|(one, _), (other, _)| one.cmp(other));
        records.retain(|(key, _)| *key > at.key);
        let room = most - page.records.len();
        let is_last = records.len() < room;
        records.truncate(room);
        if let Some((last, _)) = records.last() {
            at.key.clone_from(last);
        }
        for (_, shown) in records {
            page.records.push(ExportRecord {
                class,
                record: shown,
            });
        }
        if is_last {
            at.member += 1;
            at.key = String::new();
        }
    }
    Ok(Some(page))
}

fn record<T: Serialize>(class: &'static str, shown: &T) -> Result<ExportRecord, LedgerError> {
    let record = serde_json::to_value(shown).map_err(|error| corrupt(class, &error.to_string()))?;
    Ok(ExportRecord { class, record })
}

/// The records of a class, each with its place among them.
fn records(left: &Left, class: &str) -> Result<Vec<(String, Value)>, LedgerError> {
    let all = match class {
        "aliases" => each(&left.aliases, |alias| {
            let key = format!("{}:{}", alias.kind.word(), alias.value);
            (key, json!({ "kind": alias.kind, "value": alias.value }))
        }),
        "dead_letters" => each(&left.dead, |dead| {
            let id = &dead.id;
            let key = format!("{} {} {}", time(dead.at), id.number, id.message);
            let shown = json!({ "number": id.number, "message": id.message, "cause": dead.cause, "at": dead.at });
            (key, shown)
        }),
        "decisions" => each(&left.decisions, |decided| {
            let shown = json!({
                "seq": decided.seq, "settled_at": decided.settled_at, "decision": decided.decision,
            });
            (place(decided.seq), shown)
        }),
        "messages" => each(&left.places, |at| {
            let (number, message) = match &at.what {
                What::Message { number, message } => (Some(number), Some(message)),
                What::JoinWith(_) => (None, None),
            };
            let shown = json!({
                "sequence": at.sequence, "number": number, "accepted_at": at.accepted_at, "message": message,
            });
            (place(at.sequence), shown)
        }),
        "sends" => each(&left.sends, |send| {
            let shown = json!({
                "send": send.body, "state": send.state, "wamid": send.wamid, "attempts": send.attempts,
                "remark": send.remark, "changed_at": send.changed_at,
            });
            (
                format!("{} {}", place(send.ordinal), send.body.token),
                shown,
            )
        }),
        "hand_offs" => each(&left.hand_offs, |record| {
            let shown = json!({
                "seq": record.seq, "desk": record.desk, "note": record.note, "message": record.message, "at": record.at,
            });
            (place(record.seq), shown)
        }),
        "drafts" => each(&left.drafts, |draft| {
            let shown = json!({
                "id": draft.id, "desk": draft.desk, "rule": draft.rule, "send": draft.body, "state": draft.state,
                "decided_by": draft.decided_by, "at": draft.at,
            });
            (place(draft.id), shown)
        }),
        "notes" => {
            let one = |noted: &Noted| -> Vec<(String, Value)> {
                let texts = noted.texts.iter().enumerate();
                let shown = texts.map(|(which, text)| {
                    let key = format!("{} {} {which:03}", time(noted.at), place(noted.seq));
                    let shown = json!({ "text": text, "message": noted.message, "at": noted.at });
                    (key, shown)
                });
                shown.collect()
            };
            left.notes.iter().flat_map(one).collect()
        }
        "memory" => each(&left.memory, |memory| {
            let shown = json!({
                "plugin": memory.plugin, "key": memory.key, "value": memory.value, "until": memory.until,
            });
            (format!("{}:{}", memory.plugin, memory.key), shown)
        }),
        "reached" => each(left.reached.as_slice(), |at| {
            (time(*at), json!({ "at": at }))
        }),
        _ => return Err(corrupt("class", class)),
    };
    Ok(all)
}

fn each<R>(records: &[R], show: impl Fn(&R) -> (String, Value)) -> Vec<(String, Value)> {
    records.iter().map(show).collect()
}

/// How far an export has come: the class, which of the person's contacts, and behind which record.
#[derive(Debug, Default)]
struct Place {
    /// The contact itself was told.
    is_under_way: bool,
    class: usize,
    member: usize,
    key: String,
}

impl Place {
    /// What cannot be read begins anew: nothing is left out then.
    fn read(text: Option<&str>) -> Self {
        let read = |text: &str| -> Option<Self> {
            let mut parts = text.splitn(3, '.');
            Some(Self {
                is_under_way: true,
                class: parts.next()?.parse().ok()?,
                member: parts.next()?.parse().ok()?,
                key: parts.next()?.to_owned(),
            })
        };
        text.and_then(read).unwrap_or_default()
    }

    fn written(&self) -> String {
        format!("{}.{}.{}", self.class, self.member, self.key)
    }
}
