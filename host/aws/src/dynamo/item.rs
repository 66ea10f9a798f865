//! Items: how a record becomes one, and where it is found.

use std::fmt;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use ledger::LedgerError;
use model::Moment;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::failure::corrupt;

/// Attributes of the service's own kind, by their names.
pub(super) type Attributes = std::collections::HashMap<String, AttributeValue>;

/// The attributes of an item. Short: they count as bytes.
pub(super) const PARTITION: &str = "pk";
pub(super) const SORT: &str = "sk";
/// Of which write the item is.
pub(super) const STAMP: &str = "w";
/// The record, as JSON.
pub(super) const DATA: &str = "d";
/// In how many parts the record is stored, if there are several.
pub(super) const PARTS: &str = "p";
/// From then on DynamoDB may remove it, in seconds since 1970.
pub(super) const EXPIRES: &str = "x";
/// A number that is counted up, or shown in an index.
pub(super) const FIGURE: &str = "n";

/// Secondary indexes. What each of them lists depends on the record: see [`super::records`].
pub(super) const INDEXES: usize = 5;

/// The names of an index and of its two attributes.
pub(super) fn index(which: usize) -> [String; 3] {
    [
        format!("by{which}"),
        format!("g{which}"),
        format!("s{which}"),
    ]
}

/// Where an item stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub(super) partition: String,
    pub(super) sort: String,
}

impl Key {
    pub(super) fn new(partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self {
            partition: fitting(partition.into(), 2048),
            sort: fitting(sort.into(), 1024),
        }
    }

    /// Where a further part of its record stands, as a write has it: in a partition of its own, where nobody looks for records.
    pub(super) fn part(&self, stamp: &str, which: usize) -> Self {
        let Self { partition, sort } = self;
        Self::new(
            format!("{partition}#parts"),
            format!("{stamp} {which:02} {sort}"),
        )
    }

    pub(super) fn attributes(&self) -> Attributes {
        [(PARTITION, &self.partition), (SORT, &self.sort)]
            .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.clone())))
            .into()
    }

    pub(super) fn of(attributes: &Attributes) -> Result<Self, LedgerError> {
        let text = |name: &str| attributes.get(name).and_then(|value| value.as_s().ok());
        match (text(PARTITION), text(SORT)) {
            (Some(partition), Some(sort)) => Ok(Self {
                partition: partition.clone(),
                sort: sort.clone(),
            }),
            _ => Err(corrupt("key", "it has no text")),
        }
    }
}

impl fmt::Display for Key {
    // I12: a key may hold a phone or an id that holds one.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.partition.split('#').nth(1).unwrap_or_default();
        write!(formatter, "{kind}")
    }
}

/// DynamoDB's bound on a key: whatever is longer keeps its beginning, and what tells it from others.
pub(super) fn fitting(text: String, most: usize) -> String {
    if text.len() <= most {
        return text;
    }
    let digest = hex::encode(Sha256::digest(text.as_bytes()));
    let mut kept = most.saturating_sub(digest.len() + 1);
    while !text.is_char_boundary(kept) {
        kept -= 1;
    }
    format!("{}~{digest}", text.get(..kept).unwrap_or_default())
}

/// Where a record is listed, by index: the list, and its place there.
pub(super) type Places = [Option<(String, String)>; INDEXES];

/// A record's item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) data: Vec<u8>,
    pub(super) places: Places,
    pub(super) expires: Option<i64>,
    pub(super) figure: Option<i64>,
}

/// An item as it was read.
#[derive(Debug, Clone, Default)]
pub(super) struct Stored {
    pub(super) item: Item,
    /// Of which write it is.
    pub(super) stamp: String,
    pub(super) parts: usize,
}

/// Something that is stored.
pub(super) trait Record: Serialize + DeserializeOwned + Send {
    /// What it is called when it cannot be read.
    const WHAT: &'static str;

    fn key(&self) -> Key;

    /// Where it is listed: sparse, with what is there for a while alone.
    fn places(&self) -> Places {
        Places::default()
    }

    /// Items that follow from it, and are written and removed with it.
    fn beside(&self) -> Vec<(Key, Item)> {
        Vec::new()
    }

    fn expires(&self) -> Option<Moment> {
        None
    }

    fn figure(&self) -> Option<i64> {
        None
    }
}

pub(super) fn encode<R: Record>(record: &R) -> Result<Item, LedgerError> {
    let data = serde_json::to_vec(record).map_err(|error| corrupt(R::WHAT, &error.to_string()))?;
    Ok(Item {
        data,
        places: record.places(),
        expires: record.expires().map(|at| at.0.div_euclid(1000) + 1),
        figure: record.figure(),
    })
}

pub(super) fn decode<R: Record>(item: &Item) -> Result<R, LedgerError> {
    serde_json::from_slice(&item.data).map_err(|error| corrupt(R::WHAT, &error.to_string()))
}

impl Item {
    /// An item without a record: its key says it all.
    pub(super) fn mark() -> Self {
        Self::default()
    }

    /// As it is written; `data` may be the first part of the record.
    pub(super) fn attributes(
        &self,
        key: &Key,
        stamp: &str,
        data: &[u8],
        parts: usize,
    ) -> Attributes {
        let mut attributes = key.attributes();
        let mut put = |name: &str, value| attributes.insert(name.to_owned(), value);
        put(STAMP, AttributeValue::S(stamp.to_owned()));
        if !data.is_empty() {
            put(DATA, AttributeValue::B(Blob::new(data)));
        }
        if parts > 1 {
            put(PARTS, AttributeValue::N(parts.to_string()));
        }
        if let Some(expires) = self.expires {
            put(EXPIRES, AttributeValue::N(expires.to_string()));
        }
        if let Some(figure) = self.figure {
            put(FIGURE, AttributeValue::N(figure.to_string()));
        }
        for (which, place) in self.places.iter().enumerate() {
            if let Some((list, place)) = place {
                let [_, of, sort] = index(which + 1);
                put(&of, AttributeValue::S(fitting(list.clone(), 2048)));
                put(&sort, AttributeValue::S(fitting(place.clone(), 1024)));
            }
        }
        attributes
    }

    pub(super) fn read(attributes: &Attributes) -> Stored {
        let number = |name: &str| {
            let found = attributes.get(name).and_then(|value| value.as_n().ok());
            found.and_then(|text| text.parse::<i64>().ok())
        };
        let text = |name: &str| {
            let found = attributes.get(name).and_then(|value| value.as_s().ok());
            found.cloned()
        };
        let mut places = Places::default();
        for (which, place) in places.iter_mut().enumerate() {
            let [_, of, sort] = index(which + 1);
            *place = text(&of).zip(text(&sort));
        }
        let data = attributes.get(DATA).and_then(|value| value.as_b().ok());
        Stored {
            item: Item {
                data: data.map(|blob| blob.as_ref().to_vec()).unwrap_or_default(),
                places,
                expires: number(EXPIRES),
                figure: number(FIGURE),
            },
            stamp: text(STAMP).unwrap_or_default(),
            parts: number(PARTS)
                .and_then(|parts| usize::try_from(parts).ok())
                .unwrap_or(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_too_long_stays_one_of_its_own() {
        let long = |end: char| Key::new("ç".repeat(2000) + &end.to_string(), "a");
        let (one, other) = (long('1'), long('2'));
        assert!(one.partition.len() <= 2048 && one.partition.starts_with('ç'));
        assert_ne!(one, other);
        assert_eq!(Key::new("short", "a").partition, "short");
    }

    #[test]
    fn i12_a_key_shows_what_it_is_of_and_not_whose() {
        let key = Key::new("shop#alias#phone 5511900000001", "alias");
        assert_eq!(key.to_string(), "alias");
    }
}
