//! The transaction that makes a write true at once, or none of it.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update,
};
use ledger::LedgerError;

use super::failure::{is_open, store, trouble};
use super::item::{Attributes, EXPIRES, FIGURE, Item, Key, PARTITION, STAMP};
use super::store::{Tries, chance};
use super::work::{Raise, Seen, Work, Write};
use crate::limits;

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Committed {
    /// All of it is durable.
    Done,
    /// Others wrote at the same time: nothing was written, begin anew.
    Lost,
}

impl Work<'_> {
    /// Makes all of it true at once, or none of it.
    pub(super) async fn commit(self) -> Result<Committed, LedgerError> {
        if self.is_stale {
            return Ok(Committed::Lost);
        }
        let raises: BTreeMap<_, _> = self
            .raises
            .iter()
            .filter(|(_, raise)| raise.by != 0)
            .collect();
        if self.writes.is_empty() && raises.is_empty() {
            self.store.note_registered(self.registers);
            return Ok(Committed::Done);
        }
        let (high, low) = (chance()?, chance()?);
        let stamp = format!("{high:016x}{low:016x}");
        let mut items = Vec::new();
        for (key, write) in &self.writes {
            self.write_of(key, write, &stamp, &mut items).await?;
        }
        for (key, raise) in raises {
            items.push(self.raise_of(key, *raise)?);
        }
        for (key, seen) in &self.seen {
            if seen.is_guarded && !self.writes.contains_key(key) {
                items.push(self.check_of(key, seen)?);
            }
        }
        if items.len() > limits::DYNAMO_TRANSACTION {
            return Err(store(
                "write",
                format!(
                    "it takes {} items, and a transaction of DynamoDB's has {}",
                    items.len(),
                    limits::DYNAMO_TRANSACTION
                ),
            ));
        }
        let committed = self.transact(&stamp, items).await?;
        if committed == Committed::Done {
            self.store.note_registered(self.registers);
        }
        Ok(committed)
    }

    async fn transact(
        &self,
        stamp: &str,
        items: Vec<TransactWriteItem>,
    ) -> Result<Committed, LedgerError> {
        let mut tries = Tries::new("write");
        loop {
            let sent = self
                .store
                .client
                .transact_write_items()
                .client_request_token(stamp)
                .set_transact_items(Some(items.clone()))
                .send()
                .await;
            let Err(error) = sent else {
                return Ok(Committed::Done);
            };
            match outcome(&error) {
                Refused::Lost => {
                    // The first try may have won although its answer was lost, and this be the answer to a later one.
                    return Ok(match self.is_ours(stamp).await? {
                        true => Committed::Done,
                        false => Committed::Lost,
                    });
                }
                Refused::Busy => tries.again().await?,
                Refused::Wrong if is_open(&error) => {
                    return match self.is_ours(stamp).await {
                        Ok(true) => Ok(Committed::Done),
                        _ => Err(trouble("write", &error)),
                    };
                }
                Refused::Wrong => return Err(trouble("write", &error)),
            }
        }
    }

    /// Whether what stands there was written by this very write.
    async fn is_ours(&self, stamp: &str) -> Result<bool, LedgerError> {
        let is_put = |(_, write): &(&Key, &Write)| matches!(write, Write::Put(_));
        let Some((key, _)) = self.writes.iter().find(is_put) else {
            return Ok(false);
        };
        let stands = self.store.fetch(key).await?;
        Ok(stands.is_some_and(|stored| stored.stamp == stamp))
    }

    async fn write_of(
        &self,
        key: &Key,
        write: &Write,
        stamp: &str,
        items: &mut Vec<TransactWriteItem>,
    ) -> Result<(), LedgerError> {
        let before = self.seen.get(key);
        let stood = before.and_then(|seen| seen.stored.as_ref());
        let expected = before.map(Expected::of);
        match write {
            Write::Put(item) => {
                let mut portions = item.data.chunks(limits::DYNAMO_PART_BYTES);
                let first = portions.next().unwrap_or_default();
                let parts = 1 + portions.len();
                let put = Put::builder()
                    .table_name(&self.store.table)
                    .set_item(Some(item.attributes(key, stamp, first, parts)));
                let put = match &expected {
                    Some(expected) => expected.names().into_iter().fold(
                        put.condition_expression(expected.condition())
                            .set_expression_attribute_values(expected.values()),
                        |put, (name, attribute)| put.expression_attribute_names(name, attribute),
                    ),
                    None => put,
                };
                items.push(built(TransactWriteItem::builder().put(build(put.build())?)));
                for (which, portion) in portions.enumerate() {
                    let key = key.part(stamp, which + 1);
                    let part = Item {
                        expires: item.expires,
                        ..Item::default()
                    };
                    let part = part.attributes(&key, stamp, portion, 1);
                    // What expires may be larger than a transaction. Its parts are written before, under a name that nobody knows if the
                    // write is not done, and go at their time.
                    if item.expires.is_some() {
                        self.store.put_part(part).await?;
                        continue;
                    }
                    let put = Put::builder()
                        .table_name(&self.store.table)
                        .set_item(Some(part));
                    items.push(built(TransactWriteItem::builder().put(build(put.build())?)));
                }
            }
            Write::Delete => {
                let delete = Delete::builder()
                    .table_name(&self.store.table)
                    .set_key(Some(key.attributes()));
                let delete = match &expected {
                    Some(expected) => expected.names().into_iter().fold(
                        delete
                            .condition_expression(expected.condition())
                            .set_expression_attribute_values(expected.values()),
                        |delete, (name, attribute)| {
                            delete.expression_attribute_names(name, attribute)
                        },
                    ),
                    None => delete,
                };
                items.push(built(
                    TransactWriteItem::builder().delete(build(delete.build())?),
                ));
            }
        }
        for (stamp, which) in stood
            .into_iter()
            .flat_map(|stood| (1..stood.parts).map(move |which| (&stood.stamp, which)))
        {
            let delete = Delete::builder()
                .table_name(&self.store.table)
                .set_key(Some(key.part(stamp, which).attributes()));
            items.push(built(
                TransactWriteItem::builder().delete(build(delete.build())?),
            ));
        }
        Ok(())
    }

    fn raise_of(&self, key: &Key, raise: Raise) -> Result<TransactWriteItem, LedgerError> {
        let number = |value: i64| AttributeValue::N(value.to_string());
        let mut update = Update::builder()
            .table_name(&self.store.table)
            .set_key(Some(key.attributes()))
            .expression_attribute_names("#n", FIGURE)
            .expression_attribute_values(":by", number(raise.by));
        update = match raise.expires {
            Some(expires) => update
                .update_expression("ADD #n :by SET #x = :x")
                .expression_attribute_names("#x", EXPIRES)
                .expression_attribute_values(":x", number(expires)),
            None => update.update_expression("ADD #n :by"),
        };
        if let Some(most) = raise.most {
            update = update
                .condition_expression("attribute_not_exists(#n) OR #n <= :room")
                .expression_attribute_values(":room", number(most - raise.by));
        }
        Ok(built(
            TransactWriteItem::builder().update(build(update.build())?),
        ))
    }

    fn check_of(&self, key: &Key, seen: &Seen) -> Result<TransactWriteItem, LedgerError> {
        let expected = Expected::of(seen);
        let check = ConditionCheck::builder()
            .table_name(&self.store.table)
            .set_key(Some(key.attributes()))
            .condition_expression(expected.condition())
            .set_expression_attribute_values(expected.values());
        let check = expected
            .names()
            .into_iter()
            .fold(check, |check, (name, attribute)| {
                check.expression_attribute_names(name, attribute)
            });
        Ok(built(
            TransactWriteItem::builder().condition_check(build(check.build())?),
        ))
    }
}

/// What must stand there when a write is done.
enum Expected<'a> {
    Nothing,
    Stamp(&'a str),
}

impl<'a> Expected<'a> {
    fn of(seen: &'a Seen) -> Self {
        match &seen.stored {
            Some(stored) => Self::Stamp(&stored.stamp),
            None => Self::Nothing,
        }
    }

    fn condition(&self) -> &'static str {
        match self {
            Self::Nothing => "attribute_not_exists(#p)",
            Self::Stamp(_) => "#w = :w",
        }
    }

    fn names(&self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Nothing => vec![("#p", PARTITION)],
            Self::Stamp(_) => vec![("#w", STAMP)],
        }
    }

    fn values(&self) -> Option<Attributes> {
        match self {
            Self::Nothing => None,
            Self::Stamp(stamp) => {
                Some([(":w".to_owned(), AttributeValue::S((*stamp).to_owned()))].into())
            }
        }
    }
}

fn build<T>(built: Result<T, aws_sdk_dynamodb::error::BuildError>) -> Result<T, LedgerError> {
    built.map_err(|error| store("write", error.to_string()))
}

fn built(item: aws_sdk_dynamodb::types::builders::TransactWriteItemBuilder) -> TransactWriteItem {
    item.build()
}

/// Why a transaction was not done.
enum Refused {
    /// A condition does not hold.
    Lost,
    /// Others write the same items at this very moment, or the table is throttled: the same once more.
    Busy,
    /// It cannot be done.
    Wrong,
}

fn outcome(error: &SdkError<TransactWriteItemsError>) -> Refused {
    let SdkError::ServiceError(answer) = error else {
        return Refused::Wrong;
    };
    match answer.err() {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => {
            let codes: Vec<&str> = cancelled
                .cancellation_reasons()
                .iter()
                .filter_map(|reason| reason.code())
                .filter(|code| *code != "None")
                .collect();
            let busy = [
                "TransactionConflict",
                "ThrottlingError",
                "ProvisionedThroughputExceeded",
            ];
            match () {
                () if codes.contains(&"ConditionalCheckFailed") => Refused::Lost,
                () if !codes.is_empty() && codes.iter().all(|code| busy.contains(code)) => {
                    Refused::Busy
                }
                () => Refused::Wrong,
            }
        }
        TransactWriteItemsError::TransactionInProgressException(_)
        | TransactWriteItemsError::ProvisionedThroughputExceededException(_)
        | TransactWriteItemsError::RequestLimitExceeded(_)
        | TransactWriteItemsError::ThrottlingException(_) => Refused::Busy,
        _ => Refused::Wrong,
    }
}

/// Runs a write until it is done or will not be: `transact!(store, "what", |work| { … })`. What the braces give is a result; they may
/// run several times, and whatever they read is read anew. Where they fail and what they read has changed since, that may be why: then
/// they run again, too.
macro_rules! transact {
    ($store:expr, $what:literal, |$work:ident| $body:expr) => {
        async {
            let mut tries = $crate::dynamo::store::Tries::new($what);
            loop {
                let mut $work = $crate::dynamo::work::Work::new($store);
                let outcome: Result<_, ledger::LedgerError> = async { $body }.await;
                match outcome {
                    Ok(outcome) => {
                        if $work.commit().await? == $crate::dynamo::commit::Committed::Done {
                            break Ok::<_, ledger::LedgerError>(outcome);
                        }
                    }
                    Err(error) if $work.still_stands().await? => break Err(error),
                    Err(_) => {}
                }
                tries.again().await?;
            }
        }
        .await
    };
}
pub(super) use transact;

/// Reads what must fit together: `look!(store, "what", |work| …)`. Nearly always one contact's record is read, which is one moment; of those
/// that are being joined several are, and then they are looked at again.
macro_rules! look {
    ($store:expr, $what:literal, |$work:ident| $body:expr) => {
        async {
            let mut tries = $crate::dynamo::store::Tries::new($what);
            loop {
                let mut $work = $crate::dynamo::work::Work::new($store);
                let outcome: Result<_, ledger::LedgerError> = async { $body }.await;
                if !$work.is_torn().await? {
                    break outcome;
                }
                tries.again().await?;
            }
        }
        .await
    };
}
pub(super) use look;
