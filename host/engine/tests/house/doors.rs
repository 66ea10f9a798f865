//! A ledger with a door in front of every operation: a test says what becomes of the next calls there, by their count and not by time.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use gate::{Admitted, Reach};
use ledger::sqlite::rival::Rival;
use ledger::*;
use model::{
    ConsentChange, Contact, ContactId, ContactKey, DecisionId, Entry, Moment, NumberId, Phone,
    PluginName, ReplyDraftId, RuleCount, SendState, SendToken, Span, StopSwitch, StopTarget,
    TenantId,
};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::operations::operations;

/// What becomes of one call.
pub enum Hindrance {
    /// It fails, and nothing is done.
    Fails,
    /// Another program holds the file from before it until it has ended: it fails as it does then.
    Seized(PathBuf),
    /// It is done, and whoever called is told when there is a permit.
    ToldLater(Arc<Semaphore>),
    /// It is not even looked at until there is a permit.
    Waits(Arc<Semaphore>),
}

/// The real ledger behind its doors.
pub struct Doors {
    inner: Arc<dyn Ledger>,
    hindrances: Mutex<BTreeMap<&'static str, VecDeque<Hindrance>>>,
    calls: Mutex<Vec<(&'static str, Instant)>>,
}

impl Doors {
    pub fn before(inner: Arc<dyn Ledger>) -> Arc<Self> {
        Arc::new(Self {
            inner,
            hindrances: Mutex::default(),
            calls: Mutex::default(),
        })
    }

    /// One further call of this operation is hindered; those after it go through.
    pub fn hinder(&self, operation: &'static str, hindrance: Hindrance) {
        let mut hindrances = self.hindrances.lock().unwrap();
        hindrances
            .entry(operation)
            .or_default()
            .push_back(hindrance);
    }

    /// So many further calls of this operation fail.
    pub fn fail(&self, operation: &'static str, times: usize) {
        for _ in 0..times {
            self.hinder(operation, Hindrance::Fails);
        }
    }

    /// Nothing is hindered any more.
    pub fn mend(&self) {
        self.hindrances.lock().unwrap().clear();
    }

    /// When this operation was called.
    pub fn calls(&self, operation: &str) -> Vec<Instant> {
        let calls = self.calls.lock().unwrap();
        let of = calls.iter().filter(|(called, _)| *called == operation);
        of.map(|(_, at)| *at).collect()
    }

    async fn pass<T>(
        &self,
        operation: &'static str,
        does: impl Future<Output = Result<T, LedgerError>>,
    ) -> Result<T, LedgerError> {
        self.calls.lock().unwrap().push((operation, Instant::now()));
        let hindrance = {
            let mut hindrances = self.hindrances.lock().unwrap();
            hindrances.get_mut(operation).and_then(VecDeque::pop_front)
        };
        match hindrance {
            None => does.await,
            Some(Hindrance::Fails) => Err(LedgerError::Store {
                what: operation.to_owned(),
                cause: "there is no room left".to_owned(),
            }),
            Some(Hindrance::Seized(file)) => {
                let rival = Rival::take(&file).unwrap();
                let done = does.await;
                drop(rival);
                done
            }
            Some(Hindrance::ToldLater(permits)) => {
                let done = does.await;
                permits.acquire().await.unwrap().forget();
                done
            }
            Some(Hindrance::Waits(permits)) => {
                permits.acquire().await.unwrap().forget();
                does.await
            }
        }
    }
}

macro_rules! ledger {
    (
        reads { $(fn $read:ident($($ra:ident: $rt:ty),*) -> $ro:ty;)* }
        writes { $(fn $write:ident($($wa:ident: $wt:ty),*) -> $wo:ty;)* }
        decides { $(fn $decide:ident($($da:ident: $dt:ty),*) -> $do:ty;)* }
    ) => {
        #[async_trait]
        impl Ledger for Doors {
            $(async fn $read(&self, $($ra: $rt),*) -> Result<$ro, LedgerError> {
                self.pass(stringify!($read), self.inner.$read($($ra),*)).await
            })*
            $(async fn $write(&self, $($wa: $wt),*) -> Result<$wo, LedgerError> {
                self.pass(stringify!($write), self.inner.$write($($wa),*)).await
            })*
            $(async fn $decide(&self, $($da: $dt),*) -> Result<$do, LedgerError> {
                self.pass(stringify!($decide), self.inner.$decide($($da),*)).await
            })*
        }
    };
}

operations! { ledger {} }
