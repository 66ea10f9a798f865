//! One write: what it reads, what it changes, and the transaction that makes all of it true at once or none of it.
//!
//! Nothing is locked. Each item bears the stamp of the write that it is of; the transaction demands that everything that was read to
//! decide on it still bears the stamp that it had. Where that fails, somebody else was faster, and the caller begins anew. A
//! stamp is the token of its transaction as well: a transaction whose answer was lost is sent again under the same token, and DynamoDB
//! does it once; and where even that leaves it open, what stands there tells by its stamp whether it was ours.

use std::collections::BTreeMap;

use ledger::LedgerError;

use super::item::{Item, Key, Record, Stored, decode, encode};
use super::store::{Range, Store};
use crate::limits;

/// Reads, and gathers what is to be written.
pub(super) struct Work<'a> {
    pub(super) store: &'a Store,
    pub(super) seen: BTreeMap<Key, Seen>,
    pub(super) writes: BTreeMap<Key, Write>,
    pub(super) raises: BTreeMap<Key, Raise>,
    /// What was read contradicts itself: somebody else was writing.
    pub(super) is_stale: bool,
    pub(super) registers: Vec<Key>,
}

/// What stood there.
pub(super) struct Seen {
    pub(super) stored: Option<Stored>,
    /// It must still stand there when this is written.
    pub(super) is_guarded: bool,
}

pub(super) enum Write {
    Put(Box<Item>),
    Delete,
}

/// A number that goes up or down, whatever others make of it meanwhile.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Raise {
    pub(super) by: i64,
    /// It may not go past this.
    pub(super) most: Option<i64>,
    pub(super) expires: Option<i64>,
}

impl<'a> Work<'a> {
    pub(super) fn new(store: &'a Store) -> Self {
        Self {
            store,
            seen: BTreeMap::new(),
            writes: BTreeMap::new(),
            raises: BTreeMap::new(),
            is_stale: false,
            registers: Vec::new(),
        }
    }

    /// A record that this write rests on: if it changes before the write is done, the write begins anew.
    pub(super) async fn load<R: Record>(&mut self, key: &Key) -> Result<Option<R>, LedgerError> {
        let found = self.peek(key).await?;
        if let Some(seen) = self.seen.get_mut(key) {
            seen.is_guarded = true;
        }
        Ok(found)
    }

    /// A record that may change meanwhile.
    pub(super) async fn peek<R: Record>(&mut self, key: &Key) -> Result<Option<R>, LedgerError> {
        if let Some(write) = self.writes.get(key) {
            return match write {
                Write::Put(item) => decode(item).map(Some),
                Write::Delete => Ok(None),
            };
        }
        if !self.seen.contains_key(key) {
            let stored = self.store.fetch(key).await?;
            self.see(key.clone(), stored);
        }
        let seen = self.seen.get(key).and_then(|seen| seen.stored.as_ref());
        seen.map(|stored| decode(&stored.item)).transpose()
    }

    /// Reads these at once, so that they need not be read one by one. What does not come back is not there.
    pub(super) async fn look_at(&mut self, keys: &[Key]) -> Result<(), LedgerError> {
        let is_new = |key: &&Key| !self.seen.contains_key(*key) && !self.writes.contains_key(*key);
        let ahead: Vec<Key> = keys.iter().filter(is_new).cloned().collect();
        if ahead.is_empty() {
            return Ok(());
        }
        let mut found = self.store.fetch_many(&ahead).await?;
        for key in ahead {
            let stored = found.remove(&key);
            self.see(key, stored);
        }
        Ok(())
    }

    fn see(&mut self, key: Key, stored: Option<Stored>) {
        self.seen.entry(key).or_insert(Seen {
            stored,
            is_guarded: false,
        });
    }

    /// Records of one partition, in the order of their sort keys, with what this write has changed of them.
    pub(super) async fn query<R: Record>(
        &mut self,
        partition: &str,
        range: &Range,
    ) -> Result<Vec<R>, LedgerError> {
        let is_ours = |key: &&Key| key.partition == partition && range.holds(&key.sort);
        let ours: Vec<Key> = self.writes.keys().filter(is_ours).cloned().collect();
        let asked = Range {
            most: range.most.saturating_add(ours.len()),
            ..range.clone()
        };
        let mut keys = ours;
        for (key, stored) in self.store.query(partition, &asked).await? {
            self.see(key.clone(), Some(stored));
            keys.push(key);
        }
        keys.sort();
        keys.dedup();
        if range.backwards {
            keys.reverse();
        }
        let mut found = Vec::new();
        for key in keys {
            if found.len() >= range.most {
                break;
            }
            found.extend(self.peek::<R>(&key).await?);
        }
        Ok(found)
    }

    /// The records that an index lists, each as it stands now; without those that have moved on since.
    pub(super) async fn listed<R: Record>(
        &mut self,
        which: usize,
        list: &str,
        range: &Range,
    ) -> Result<Vec<R>, LedgerError> {
        let listed = self.store.listed(which, list, range).await?;
        let keys: Vec<Key> = listed.into_iter().map(|listed| listed.key).collect();
        self.look_at(&keys).await?;
        let mut found = Vec::new();
        for key in &keys {
            let Some(record) = self.peek::<R>(key).await? else {
                continue;
            };
            let places = record.places();
            let place = places.get(which - 1).and_then(Option::as_ref);
            if place.is_some_and(|(in_list, place)| in_list == list && range.holds(place)) {
                found.push(record);
            }
        }
        Ok(found)
    }

    /// Writes a record, with what follows from it. If it was not read, there must be none.
    pub(super) fn save<R: Record>(&mut self, record: &R) -> Result<(), LedgerError> {
        let key = record.key();
        let is = record.beside();
        for (mark, _) in self.beside::<R>(&key)? {
            if !is.iter().any(|(key, _)| *key == mark) {
                self.writes.insert(mark, Write::Delete);
            }
        }
        for (mark, item) in is {
            let stands = self.seen.get(&key).is_some_and(|seen| {
                seen.stored.as_ref().is_some_and(|stored| {
                    decode::<R>(&stored.item)
                        .is_ok_and(|record| record.beside().contains(&(mark.clone(), item.clone())))
                })
            });
            match stands {
                // It stands there as it is to be, whatever this write meant to do with it.
                true => drop(self.writes.remove(&mark)),
                false => drop(self.writes.insert(mark, Write::Put(Box::new(item)))),
            }
        }
        let item = encode(record)?;
        self.put(key, item);
        Ok(())
    }

    /// Removes a record, with what follows from it.
    pub(super) fn remove<R: Record>(&mut self, record: &R) -> Result<(), LedgerError> {
        let key = record.key();
        for (mark, _) in self.beside::<R>(&key)? {
            self.writes.insert(mark, Write::Delete);
        }
        self.seen.entry(key.clone()).or_insert(Seen {
            stored: None,
            is_guarded: false,
        });
        self.writes.insert(key, Write::Delete);
        Ok(())
    }

    /// What followed from the record, as it stood before this write or as this write has it so far.
    fn beside<R: Record>(&self, key: &Key) -> Result<Vec<(Key, Item)>, LedgerError> {
        let mut marks = Vec::new();
        if let Some(stored) = self.seen.get(key).and_then(|seen| seen.stored.as_ref()) {
            marks.extend(decode::<R>(&stored.item)?.beside());
        }
        if let Some(Write::Put(item)) = self.writes.get(key) {
            marks.extend(decode::<R>(item)?.beside());
        }
        Ok(marks)
    }

    fn put(&mut self, key: Key, item: Item) {
        // Never read: there must be none.
        self.seen.entry(key.clone()).or_insert(Seen {
            stored: None,
            is_guarded: false,
        });
        self.writes.insert(key, Write::Put(Box::new(item)));
    }

    /// Counts up or down, within a bound if there is one.
    pub(super) fn raise(&mut self, key: Key, by: i64, most: Option<i64>, expires: Option<i64>) {
        let raise = self.raises.entry(key).or_default();
        raise.by += by;
        raise.most = most;
        raise.expires = expires;
    }

    /// What a number stands at.
    pub(super) async fn figure(&mut self, key: &Key) -> Result<i64, LedgerError> {
        let stored = self.store.fetch(key).await?;
        Ok(stored
            .and_then(|stored| stored.item.figure)
            .unwrap_or_default())
    }

    /// Sees to it that this stands somewhere: a name on a list of few.
    pub(super) async fn register(&mut self, key: Key) -> Result<(), LedgerError> {
        if self.store.is_registered(&key) || self.writes.contains_key(&key) {
            return Ok(());
        }
        if self.store.fetch(&key).await?.is_none() {
            self.writes
                .insert(key.clone(), Write::Put(Box::new(Item::mark())));
        }
        self.registers.push(key);
        Ok(())
    }

    /// What was read contradicts itself: somebody is writing. Nothing of this is written, the caller begins anew.
    pub(super) fn stale(&mut self) {
        self.is_stale = true;
    }

    /// Writes nothing of what it has gathered.
    pub(super) fn let_go(&mut self) {
        self.writes.clear();
        self.raises.clear();
    }

    /// Whether what it rests on is still as it was read: what does not fit together may have been read while somebody wrote.
    pub(super) async fn still_stands(&self) -> Result<bool, LedgerError> {
        let read = self.seen.iter().filter(|(_, seen)| seen.is_guarded);
        let keys: Vec<Key> = read.clone().map(|(key, _)| key.clone()).collect();
        let now = self.store.fetch_many(&keys).await?;
        let mut read = read.map(|(key, seen)| (key, seen.stored.as_ref()));
        let stamp = |stored: &Stored| stored.stamp.clone();
        let is_same =
            |(key, was): (&Key, Option<&Stored>)| now.get(key).map(stamp) == was.map(stamp);
        Ok(!self.is_stale && read.all(is_same))
    }

    /// Whether what was read of several records may not fit together: somebody wrote in between.
    pub(super) async fn is_torn(&self) -> Result<bool, LedgerError> {
        let several = self.seen.values().filter(|seen| seen.is_guarded).count() > 1;
        Ok(self.is_stale || several && !self.still_stands().await?)
    }

    /// How many items the transaction would hold.
    pub(super) fn len(&self) -> usize {
        let parts = |write: &Write| match write {
            Write::Put(item) => item.data.len() / limits::DYNAMO_PART_BYTES,
            Write::Delete => 0,
        };
        let written: usize = self.writes.values().map(|write| 1 + parts(write)).sum();
        let guarded = self.seen.iter().filter(|(key, seen)| {
            seen.is_guarded && !self.writes.contains_key(*key) && !self.raises.contains_key(*key)
        });
        written + self.raises.len() + guarded.count()
    }
}
