//! The table: single calls, each bounded in time and tries.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnValue, Select};
use ledger::LedgerError;
use ledger::chain::LedgerKey;

use super::failure::{corrupt, store, trouble};
use super::item::{Attributes, FIGURE, Item, Key, PARTITION, SORT, Stored, index};
use super::records::Parts;
use crate::limits;

/// One table, and what this host knows of it.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) client: Client,
    pub(super) table: String,
    /// By which this host knows its own sends in flight again.
    pub(super) host: String,
    pub(super) key: LedgerKey,
    /// With which of the ledger's keys consent is chained.
    pub(super) era: u64,
    /// What is registered once for all: tenants and numbers that this host has seen there.
    registered: Mutex<BTreeSet<Key>>,
    /// The last place that this host gave in an order of time.
    last_ordinal: AtomicU64,
    pub(super) backlog: super::reading::Backlog,
}

/// Which part of a partition is read.
#[derive(Debug, Clone)]
pub(super) struct Range {
    /// From there on, itself included.
    pub(super) from: String,
    /// Up to there, itself included.
    pub(super) to: String,
    pub(super) backwards: bool,
    pub(super) most: usize,
}

impl Range {
    /// All whose sort key begins like this.
    pub(super) fn beginning(prefix: &str) -> Self {
        Self {
            from: prefix.to_owned(),
            to: format!("{prefix}{END}"),
            backwards: false,
            most: usize::MAX,
        }
    }

    pub(super) fn all() -> Self {
        Self::beginning("")
    }

    pub(super) fn between(from: impl Into<String>, to: impl Into<String>) -> Self {
        Self {
            from: from.into(),
            to: to.into(),
            ..Self::all()
        }
    }

    pub(super) fn backwards(self) -> Self {
        Self {
            backwards: true,
            ..self
        }
    }

    pub(super) fn most(self, most: usize) -> Self {
        Self { most, ..self }
    }

    pub(super) fn holds(&self, sort: &str) -> bool {
        (self.from.as_str()..=self.to.as_str()).contains(&sort)
    }
}

/// Behind whatever a key may hold.
pub(super) const END: char = '\u{10ffff}';

/// Whom one page of an index names.
pub(super) struct Listed {
    pub(super) key: Key,
    /// Its place in the list.
    pub(super) place: String,
    pub(super) figure: i64,
}

impl Store {
    pub(super) fn new(client: Client, table: String, host: String, key: LedgerKey) -> Self {
        Self {
            client,
            table,
            host,
            key,
            era: 0,
            registered: Mutex::default(),
            last_ordinal: AtomicU64::new(0),
            backlog: super::reading::Backlog::default(),
        }
    }

    /// A place in an order of time: later than every one that this host gave, and about as late as those of others. Microseconds
    /// since 1970 stay below 2^53.
    pub(super) fn ordinal(&self) -> u64 {
        let now = wall_ms().saturating_mul(1000);
        let give = |last: u64| Some(now.max(last + 1));
        self.last_ordinal
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, give)
            .map_or(now, |last| now.max(last + 1))
    }

    pub(super) fn is_registered(&self, key: &Key) -> bool {
        let registered = self
            .registered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        registered.contains(key)
    }

    pub(super) fn note_registered(&self, keys: impl IntoIterator<Item = Key>) {
        let mut registered = self
            .registered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            if registered.len() >= limits::DYNAMO_REGISTERED {
                registered.clear();
            }
            registered.insert(key);
        }
    }

    /// One item, as it stands now.
    pub(super) async fn fetch(&self, key: &Key) -> Result<Option<Stored>, LedgerError> {
        for _ in 0..limits::DYNAMO_TRIES {
            let found = self
                .client
                .get_item()
                .table_name(&self.table)
                .set_key(Some(key.attributes()))
                .consistent_read(true)
                .send()
                .await
                .map_err(|error| trouble("read a record", &error))?;
            let Some(attributes) = found.item else {
                return Ok(None);
            };
            if let Some(whole) = self.whole(key, Item::read(&attributes)).await? {
                return Ok(Some(whole));
            }
        }
        Err(corrupt("record", "its parts do not belong together"))
    }

    /// With the further parts of its record. None if somebody has written it anew meanwhile.
    async fn whole(&self, key: &Key, mut stored: Stored) -> Result<Option<Stored>, LedgerError> {
        if stored.parts <= 1 {
            return Ok(Some(stored));
        }
        let keys: Vec<Key> = (1..stored.parts)
            .map(|which| key.part(&stored.stamp, which))
            .collect();
        let parts = self.fetch_raw(&keys).await?;
        for key in &keys {
            match parts.get(key) {
                Some(part) => stored.item.data.extend_from_slice(&part.item.data),
                None => return Ok(None),
            }
        }
        Ok(Some(stored))
    }

    /// Many items, each as it stands now. What is not there is left out.
    pub(super) async fn fetch_many(
        &self,
        keys: &[Key],
    ) -> Result<BTreeMap<Key, Stored>, LedgerError> {
        let mut found = self.fetch_raw(keys).await?;
        let parted: Vec<Key> = found
            .iter()
            .filter(|(_, stored)| stored.parts > 1)
            .map(|(key, _)| key.clone())
            .collect();
        for key in parted {
            match self.fetch(&key).await? {
                Some(stored) => found.insert(key, stored),
                None => found.remove(&key),
            };
        }
        Ok(found)
    }

    async fn fetch_raw(&self, keys: &[Key]) -> Result<BTreeMap<Key, Stored>, LedgerError> {
        let keys: BTreeSet<&Key> = keys.iter().collect();
        let keys: Vec<&Key> = keys.into_iter().collect();
        let mut found = BTreeMap::new();
        for batch in keys.chunks(limits::DYNAMO_BATCH) {
            let mut ahead: Vec<Attributes> = batch.iter().map(|key| key.attributes()).collect();
            let mut tries = Tries::new("read records");
            while !ahead.is_empty() {
                let request = KeysAndAttributes::builder()
                    .set_keys(Some(ahead))
                    .consistent_read(true)
                    .build()
                    .map_err(|error| store("read records", error.to_string()))?;
                let answer = self
                    .client
                    .batch_get_item()
                    .request_items(&self.table, request)
                    .send()
                    .await
                    .map_err(|error| trouble("read records", &error))?;
                for attributes in answer
                    .responses
                    .into_iter()
                    .flatten()
                    .flat_map(|(_, all)| all)
                {
                    found.insert(Key::of(&attributes)?, Item::read(&attributes));
                }
                // What it left out for its size, or because it is throttled.
                let left = answer.unprocessed_keys.into_iter().flatten();
                ahead = left.flat_map(|(_, left)| left.keys).collect();
                if !ahead.is_empty() {
                    tries.again().await?;
                }
            }
        }
        Ok(found)
    }

    /// A part of a partition, as it stands now, in the order of its sort keys.
    pub(super) async fn query(
        &self,
        partition: &str,
        range: &Range,
    ) -> Result<Vec<(Key, Stored)>, LedgerError> {
        let mut found = Vec::new();
        let mut from = None;
        while found.len() < range.most {
            let left = range.most - found.len();
            let answer = self
                .part(partition, range)
                .scan_index_forward(!range.backwards)
                .set_limit(i32::try_from(left).ok())
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(|error| trouble("read a part of the ledger", &error))?;
            for attributes in answer.items.unwrap_or_default() {
                let key = Key::of(&attributes)?;
                let stored = Item::read(&attributes);
                match stored.parts {
                    ..=1 => found.push((key, stored)),
                    _ => {
                        if let Some(stored) = self.fetch(&key).await? {
                            found.push((key, stored));
                        }
                    }
                }
            }
            from = answer.last_evaluated_key;
            if from.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// Asks for a part of a partition, as it stands now.
    fn part(&self, partition: &str, range: &Range) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("#p = :p AND #s BETWEEN :f AND :t")
            .expression_attribute_names("#p", PARTITION)
            .expression_attribute_names("#s", SORT)
            .expression_attribute_values(":p", AttributeValue::S(partition.to_owned()))
            .expression_attribute_values(":f", AttributeValue::S(lower(&range.from)))
            .expression_attribute_values(":t", AttributeValue::S(range.to.clone()))
    }

    /// How many stand in a part of a partition.
    pub(super) async fn count(&self, partition: &str, range: &Range) -> Result<u64, LedgerError> {
        let mut count = 0;
        let mut from = None;
        loop {
            let answer = self
                .part(partition, range)
                .select(Select::Count)
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(|error| trouble("count records", &error))?;
            count += u64::from(answer.count.unsigned_abs());
            from = answer.last_evaluated_key;
            if from.is_none() {
                return Ok(count);
            }
        }
    }

    /// Whom an index lists, in its order. What was written a moment ago may be missing, and what is listed may have moved on: whoever
    /// acts on it reads the record.
    pub(super) async fn listed(
        &self,
        which: usize,
        list: &str,
        range: &Range,
    ) -> Result<Vec<Listed>, LedgerError> {
        let mut found = Vec::new();
        let mut from = None;
        let [name, of, sort] = index(which);
        while found.len() < range.most {
            let left = range.most - found.len();
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(&name)
                .key_condition_expression("#p = :p AND #s BETWEEN :f AND :t")
                .expression_attribute_names("#p", &of)
                .expression_attribute_names("#s", &sort)
                .expression_attribute_values(":p", AttributeValue::S(list.to_owned()))
                .expression_attribute_values(":f", AttributeValue::S(lower(&range.from)))
                .expression_attribute_values(":t", AttributeValue::S(range.to.clone()))
                .scan_index_forward(!range.backwards)
                .set_limit(i32::try_from(left).ok())
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(|error| trouble("read an index of the ledger", &error))?;
            for attributes in answer.items.unwrap_or_default() {
                let figure = attributes
                    .get(FIGURE)
                    .and_then(|value| value.as_n().ok())
                    .and_then(|text| text.parse().ok());
                let place = attributes.get(&sort).and_then(|value| value.as_s().ok());
                found.push(Listed {
                    key: Key::of(&attributes)?,
                    place: place.cloned().unwrap_or_default(),
                    figure: figure.unwrap_or_default(),
                });
            }
            from = answer.last_evaluated_key;
            if from.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// The same of a list in parts, at once.
    pub(super) async fn listed_each(
        &self,
        which: usize,
        parts: &Parts,
        ranges: &[Range; 4],
    ) -> Result<[Vec<Listed>; 4], LedgerError> {
        let ([a, b, c, d], [in_a, in_b, in_c, in_d]) = (parts, ranges);
        let (a, b, c, d) = tokio::try_join!(
            self.listed(which, a, in_a),
            self.listed(which, b, in_b),
            self.listed(which, c, in_c),
            self.listed(which, d, in_d),
        )?;
        Ok([a, b, c, d])
    }

    /// The parts of a list that stands in the table itself, at once.
    pub(super) async fn query_each(
        &self,
        parts: &Parts,
        range: &Range,
    ) -> Result<[Vec<(Key, Stored)>; 4], LedgerError> {
        let [a, b, c, d] = parts;
        let (a, b, c, d) = tokio::try_join!(
            self.query(a, range),
            self.query(b, range),
            self.query(c, range),
            self.query(d, range),
        )?;
        Ok([a, b, c, d])
    }

    /// How many an index lists in all parts of a list.
    pub(super) async fn count_each(&self, which: usize, parts: &Parts) -> Result<u64, LedgerError> {
        let [a, b, c, d] = parts;
        let (a, b, c, d) = tokio::try_join!(
            self.count_listed(which, a),
            self.count_listed(which, b),
            self.count_listed(which, c),
            self.count_listed(which, d),
        )?;
        Ok(a + b + c + d)
    }

    /// How many an index lists.
    pub(super) async fn count_listed(&self, which: usize, list: &str) -> Result<u64, LedgerError> {
        let mut count = 0;
        let mut from = None;
        let [name, of, _] = index(which);
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(&name)
                .key_condition_expression("#p = :p")
                .expression_attribute_names("#p", &of)
                .expression_attribute_values(":p", AttributeValue::S(list.to_owned()))
                .select(Select::Count)
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(|error| trouble("count records", &error))?;
            count += u64::from(answer.count.unsigned_abs());
            from = answer.last_evaluated_key;
            if from.is_none() {
                return Ok(count);
            }
        }
    }

    /// The next places of an order that counts one by one; the last of them is returned. They are never given again, whatever becomes of
    /// them. A single item, by a plain update: it conflicts with nobody.
    pub(super) async fn next_places(&self, key: &Key, by: u64) -> Result<u64, LedgerError> {
        let answer = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .update_expression("ADD #n :by")
            .expression_attribute_names("#n", FIGURE)
            .expression_attribute_values(":by", AttributeValue::N(by.to_string()))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await
            .map_err(|error| trouble("give a place in an order", &error))?;
        answer
            .attributes
            .and_then(|found| found.get(FIGURE)?.as_n().ok()?.parse().ok())
            .ok_or_else(|| corrupt("order", "it counts nothing"))
    }

    /// Writes a part of a record that nobody knows of yet.
    pub(super) async fn put_part(&self, attributes: Attributes) -> Result<(), LedgerError> {
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(attributes))
            .send()
            .await
            .map(drop)
            .map_err(|error| trouble("write a part of a record", &error))
    }

    /// A page of all there is.
    pub(super) async fn scan(
        &self,
        from: Option<Attributes>,
    ) -> Result<(Vec<(Key, Stored)>, Option<Attributes>), LedgerError> {
        let answer = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .set_exclusive_start_key(from)
            .send()
            .await
            .map_err(|error| trouble("read the ledger", &error))?;
        let mut found = Vec::new();
        for attributes in answer.items.unwrap_or_default() {
            let key = Key::of(&attributes)?;
            let stored = Item::read(&attributes);
            match stored.parts {
                ..=1 => found.push((key, stored)),
                _ => {
                    if let Some(stored) = self.fetch(&key).await? {
                        found.push((key, stored));
                    }
                }
            }
        }
        Ok((found, answer.last_evaluated_key))
    }
}

/// A bound may not be empty.
fn lower(from: &str) -> String {
    match from {
        "" => " ".to_owned(),
        _ => from.to_owned(),
    }
}

/// What all hosts' clocks say, about.
pub(super) fn wall_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or_default()
    })
}

/// Repetitions, each after a longer while by chance, so that those who met do not meet again.
pub(super) struct Tries {
    what: &'static str,
    so_far: u32,
}

impl Tries {
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, so_far: 0 }
    }

    /// Waits, or gives up.
    pub(super) async fn again(&mut self) -> Result<(), LedgerError> {
        self.so_far += 1;
        if self.so_far >= limits::DYNAMO_CONFLICTS {
            return Err(store(
                self.what,
                format!(
                    "others wrote at the same time, or DynamoDB was throttled, {} times in a row",
                    self.so_far
                ),
            ));
        }
        let most = limits::DYNAMO_BACKOFF
            .saturating_mul(1 << self.so_far.min(16))
            .min(limits::DYNAMO_BACKOFF_MOST);
        let share = chance()? % 1000;
        tokio::time::sleep(most * u32::try_from(share).unwrap_or(500) / 1000).await;
        Ok(())
    }
}

/// A number by chance.
pub(super) fn chance() -> Result<u64, LedgerError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| store("draw by chance", error.to_string()))?;
    Ok(u64::from_le_bytes(bytes))
}
