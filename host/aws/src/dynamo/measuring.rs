//! Figures: how many records of what there are, how large they are, and how old. It reads the whole table: for a person who asks.

use std::collections::BTreeMap;

use ledger::{ClassStats, LedgerError, Stats};
use model::Moment;
use serde_json::Value;

use super::item::Key;
use super::store::Store;

/// The classes, in order, each with the field that tells its time.
const CLASSES: [(&str, Option<&str>); 18] = [
    ("contacts", Some("first_seen")),
    ("aliases", None),
    ("messages", Some("accepted_at")),
    ("decisions", Some("settled_at")),
    ("sends", Some("changed_at")),
    ("hand_offs", Some("at")),
    ("drafts", Some("at")),
    ("notes", Some("at")),
    ("memory", Some("written_at")),
    ("consent", None),
    ("dead_letters", Some("at")),
    ("notices", Some("at")),
    ("keys_seen", Some("at")),
    ("joins", None),
    ("reached", None),
    ("rule_counts", None),
    ("suppressed", None),
    ("switches", None),
];

/// Of which class an item is; none, if it only finds others.
pub(super) fn class_of(key: &Key) -> Option<&'static str> {
    let mut parts = key.partition.split('#').skip(1);
    let (kind, rest) = (parts.next()?, key.partition.ends_with("#parts"));
    if rest {
        return None;
    }
    Some(match (kind, key.sort.split('#').next()?) {
        ("c", "contact") => "contacts",
        ("c", "m") => "messages",
        ("c", "k") | ("shared", "k") => "memory",
        ("c", "n") => "notes",
        ("c", "l") => "consent",
        ("alias", _) => "aliases",
        ("m", "decision") => "decisions",
        ("m", "dead") => "dead_letters",
        ("s", _) => "sends",
        ("hand_off", _) => "hand_offs",
        ("draft", _) => "drafts",
        ("kept", _) => "notices",
        ("seen", _) => "keys_seen",
        ("reached", _) => "reached",
        ("count", _) => "rule_counts",
        ("suppressed", _) => "suppressed",
        ("switches", _) => "switches",
        _ => return None,
    })
}

#[derive(Default)]
struct Figures {
    records: u64,
    bytes: u64,
    oldest: Option<Moment>,
}

pub(super) async fn stats(store: &Store) -> Result<Stats, LedgerError> {
    let mut by_class: BTreeMap<&'static str, Figures> = BTreeMap::new();
    let mut stats = Stats::default();
    let mut from = None;
    loop {
        let (page, next) = store.scan(from).await?;
        for (key, stored) in page {
            let bytes = (key.partition.len() + key.sort.len() + stored.item.data.len()) as u64;
            stats.bytes += bytes;
            let Some(class) = class_of(&key) else {
                continue;
            };
            let record: Value = serde_json::from_slice(&stored.item.data).unwrap_or_default();
            let figures = by_class.entry(class).or_default();
            figures.records += 1;
            figures.bytes += bytes;
            let field = CLASSES.iter().find(|(name, _)| *name == class);
            let field = field.and_then(|(_, field)| *field);
            let at = field.and_then(|field| record.get(field)?.as_i64());
            figures.oldest = match (figures.oldest, at.map(Moment)) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
            let number = |field: &str| {
                record
                    .get(field)
                    .and_then(Value::as_u64)
                    .unwrap_or_default()
            };
            if class == "contacts" {
                let ties = record.get("into").into_iter().chain(
                    record
                        .get("from")
                        .and_then(Value::as_array)
                        .into_iter()
                        .flatten(),
                );
                let is_open = |tie: &&Value| tie.get("is_done") == Some(&Value::Bool(false));
                let joins = ties.clone().filter(is_open).count() as u64;
                let (done, accepted) = (number("done"), number("accepted"));
                stats.undone += accepted.saturating_sub(done).saturating_sub(joins);
                by_class.entry("joins").or_default().records +=
                    u64::from(record.get("into").is_some());
                if done < accepted {
                    let lane = Key::new(key.partition, format!("m#{:016}", done + 1));
                    let first = store.fetch(&lane).await?;
                    let first: Value = first
                        .and_then(|first| serde_json::from_slice(&first.item.data).ok())
                        .unwrap_or_default();
                    let since = first.get("accepted_at").and_then(Value::as_i64).map(Moment);
                    stats.undone_since = match (stats.undone_since, since) {
                        (Some(one), Some(other)) => Some(one.min(other)),
                        (one, other) => one.or(other),
                    };
                }
            }
        }
        from = next;
        if from.is_none() {
            break;
        }
    }
    for (class, _) in CLASSES {
        let figures = by_class.remove(class).unwrap_or_default();
        stats.classes.push(ClassStats {
            class,
            records: figures.records,
            bytes: Some(figures.bytes),
            oldest: figures.oldest,
        });
    }
    Ok(stats)
}
